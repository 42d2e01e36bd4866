#!/usr/bin/python3
"""What danectl and other checkers say of the same mail hosts, as a table for README.md:

    tests/lab/enter tests/lab/other_tools.py

Besides the lab's packages it needs gnutls-bin, ldnsutils and monitoring-plugins-contrib; what is not there is left out.
"""
from __future__ import annotations

import base64
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from lab import Lab, run
from lab_mail import Chains, MailServer

ADDRESS = "127.0.0.27"
PLUGINS = "/usr/lib/nagios/plugins"
ROOT_KEY = "/usr/share/dns/root.key"  # where the other tools look for it


@dataclass(frozen=True)
class Situation:
    """A mail domain of its own, with one host at ADDRESS. `records` are without the owner; {key}, {ca} and the like are
    put in."""
    title: str
    host: str
    records: Sequence[str] = ()
    at: str = ""                      # below which name the records are; empty: the host
    chains: Sequence[str] = ("key",)  # what the server has
    sni: str = ""                     # what it has for who asks by name
    alias: str = ""                   # the host is an alias of this name
    settings: dict[str, str] = field(default_factory=dict)


SITUATIONS = [
    Situation("3 1 1 of the key", "right.example.lab", ["3 1 1 {key}"]),
    Situation("current and next key", "both.example.lab", ["3 1 1 {key}", "3 1 1 {other}"]),
    Situation("3 1 1 of another key", "wrong.example.lab", ["3 1 1 {other}"]),
    Situation("3 1 1, the certificate has expired", "old.example.lab", ["3 1 1 {expired}"], chains=["expired"]),
    Situation("3 1 1, the certificate is for another name", "else.example.lab", ["3 1 1 {self_elsewhere}"],
              chains=["self_elsewhere"]),
    Situation("2 1 1, the CA is sent", "anchor.example.lab", ["2 1 1 {ca}"], chains=["issued"]),
    Situation("2 1 1, the CA is not sent", "unsent.example.lab", ["2 1 1 {ca}"], chains=["unsent"]),
    Situation("2 0 0, the CA is not sent", "full.example.lab", ["2 0 0 {ca_full}"], chains=["unsent"]),
    Situation("2 1 1, the certificate is for another name", "name.example.lab", ["2 1 1 {ca}"], chains=["elsewhere"]),
    Situation("1 1 1 alone, which no mail server uses", "pkix.example.lab", ["1 1 1 {key}"]),
    Situation("3 1 1 right, 3 1 2 wrong", "agile.example.lab", ["3 1 1 {key}", "3 1 2 {other_512}"]),
    Situation("RSA and ECDSA served, RSA published", "two.example.lab", ["3 1 1 {rsa}"], chains=["rsa", "key"]),
    Situation("right by SNI alone", "sni.example.lab", ["3 1 1 {key}"], chains=["other"], sni="key"),
    Situation("STARTTLS missing", "clear.example.lab", ["3 1 1 {key}"], chains=[]),
    Situation("no records", "none.example.lab"),
    Situation("host in a zone that is not signed", "host.plain.lab", ["3 1 1 {key}"]),
    Situation("host in a zone whose DS is wrong", "host.bogus.lab", ["3 1 1 {key}"]),
    Situation("alias, records below its target", "first.example.lab", ["3 1 1 {key}"], at="target.alias.lab",
              alias="target.alias.lab"),
    Situation("alias, records below the alias alone", "second.example.lab", ["3 1 1 {key}"],
              alias="target2.alias.lab"),
    Situation("one name server lacks the records", "half.example.lab", ["3 1 1 {key}"]),
]
LACKING = SITUATIONS[-1]
OF_EVERY_HOST = {"ttl-short", "no-next-record"}  # here


class Checkers:
    """Each says, of a situation, one of: verified, refused (mail would be held), no DANE, or its trouble."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        known: list[tuple[str, str, Callable[[Situation], str]]] = [
            ("danectl", lab.program, self.danectl), ("posttls-finger", "posttls-finger", self.posttls_finger),
            ("danetool", "danetool", self.danetool), ("gnutls-cli", "gnutls-cli", self.gnutls_cli),
            ("ldns-dane", "ldns-dane", self.ldns_dane), ("check_ssl_cert", "check_ssl_cert", self.check_ssl_cert)]
        path = f"{os.environ.get('PATH', os.defpath)}:{PLUGINS}"
        self.all = [(name, ask) for name, program, ask in known if shutil.which(program, path=path)]

    def output(self, *command: str) -> tuple[int, str]:
        # danetool leaves files behind where it is started.
        result = run(["env", "-C", self.lab.dir, "timeout", "30", *command], env=self.lab.env, expect=None, input="",
                     timeout=60)
        if os.environ.get("VERBOSE"):
            print(result, file=sys.stderr)
        return result.code, result.out + result.err

    def danectl(self, situation: Situation) -> str:
        document = json.loads(self.lab.danectl("check", "--domain", domain_of(situation), "--json", expect=None).out)
        (domain,) = document["domains"]
        words = {"dane": "verified", "held": "refused", "without": "no DANE"}
        ids = {finding["id"] for finding in document["findings"]} - OF_EVERY_HOST
        said = words.get(domain["way"], domain["exchanges"][0]["way"])
        return said if not ids else f"{said}: {', '.join(sorted(ids))}"

    def posttls_finger(self, situation: Situation) -> str:
        _, text = self.output("posttls-finger", "-c", "-l", "dane", "-L", "summary", domain_of(situation))
        if "Verified TLS connection established" in text:
            return "verified"
        failed = "num=65:no matching DANE TLSA records" in text or "num=62:" in text  # 62: the name
        return "no DANE" if "TLS connection established" in text and not failed else "refused"

    def danetool(self, situation: Situation) -> str:
        return gnutls_verdict(self.output("danetool", "--check", situation.host, "--proto", "tcp", "--port", "25",
                                          "--starttls-proto", "smtp", "--local-dns")[1])

    def gnutls_cli(self, situation: Situation) -> str:
        return gnutls_verdict(self.output("gnutls-cli", "--dane", "--local-dns", "--no-ca-verification", "--port", "25",
                                          "--starttls-proto", "smtp", situation.host)[1])

    def ldns_dane(self, situation: Situation) -> str:
        _, text = self.output("ldns-dane", "-T", "verify", situation.host, "465")
        if "dane-validated successfully" in text:
            return "verified"
        if "PKIX validation without DANE" in text:
            return "no DANE"
        reason = re.search("did not dane-validate, because: (.*)", text)
        return f"refused: {reason[1]}" if reason else "error"

    def check_ssl_cert(self, situation: Situation) -> str:
        code, text = self.output(f"{PLUGINS}/check_ssl_cert", "-H", situation.host, "-P", "smtp", "-p", "25", "--dane",
                                 "--selfsigned", "--ignore-exp", "--ignore-sct", "--ignore-maximum-validity")
        if code == 0:
            return "verified"
        return "no DANE" if "No matching TLSA records found" in text else "refused"


def gnutls_verdict(text: str) -> str:
    if "Certificate matches" in text:
        return "verified"
    if re.search("No DANE data were found|No DNSSEC signature was found", text):
        return "no DANE"
    return "refused" if re.search("certificate differs|requested data are not available", text) else "error"


def domain_of(situation: Situation) -> str:
    return f"mail-{situation.host.removesuffix('.lab').replace('.', '-')}.alias.lab"


def pem_blocks(path: Path) -> list[str]:
    return re.findall(r"-----BEGIN.*?-----END [A-Z ]+-----\n", path.read_text(), re.DOTALL)


def chain_files(lab: Lab, host: str) -> dict[str, Path]:
    """For this host, but for `elsewhere`."""
    chains = Chains(lab.dir / "tls")
    ca = chains.make("ca.lab", "ec")
    made = {"key": chains.make(host, "ec"), "other": chains.make(host, "ec", file="other.pem"),
            "rsa": chains.make(host, "rsa"), "expired": chains.make(host, "ec", file="expired.pem", days=0), "ca": ca,
            "issued": chains.make(host, "ec", issuer=ca, file="issued.pem"),
            "unsent": chains.make(host, "ec", issuer=ca, file="unsent.pem"),
            "elsewhere": chains.make("elsewhere.lab", "ec", issuer=ca), "self_elsewhere": chains.make("other.lab", "ec")}
    made["unsent"].write_text("".join(pem_blocks(made["unsent"])[:2]))
    return made


def digests(lab: Lab, files: dict[str, Path]) -> dict[str, str]:
    found = {name: lab.openssl_spki(file) for name, file in files.items()}
    found["ca_full"] = base64.b64decode("".join(pem_blocks(files["ca"])[1].splitlines()[1:-1])).hex()
    found["other_512"] = "5" * 128
    return found


def publish_host(lab: Lab, situation: Situation) -> None:
    if situation.alias:
        lab.add(situation.host, 2, f"CNAME {situation.alias}.")
        lab.add(situation.alias, 2, f"A {ADDRESS}")
    else:
        lab.add(situation.host, 2, f"A {ADDRESS}")
    lab.add(domain_of(situation), 2, f"MX 10 {situation.host}.")


def publish_records(lab: Lab, situation: Situation, values: dict[str, str]) -> None:
    for port in (25, 465):  # ldns-dane knows no STARTTLS
        for record in situation.records:
            lab.add(f"_{port}._tcp.{situation.at or situation.host}", 2, f"TLSA {record.format(**values)}",
                    wait=situation is not LACKING)


def main() -> int:
    with Lab() as lab:
        lab.write_config(dns={"resolver": "recursive"})
        if os.path.exists(ROOT_KEY):
            run(["mount", "--bind", lab.trust_anchor, ROOT_KEY])
        checkers = Checkers(lab)
        names = [name for name, _ in checkers.all]
        print("| situation |", " | ".join(names), "|")
        print("|---" * (len(names) + 1) + "|")
        for situation in SITUATIONS:
            files = chain_files(lab, situation.host)
            with ExitStack() as stack:
                publish_host(lab, situation)
                if situation is LACKING:
                    stack.enter_context(lab.secondary_frozen())
                publish_records(lab, situation, digests(lab, files))
                sni = {situation.host: files[situation.sni]} if situation.sni else None
                stack.enter_context(MailServer(lab, chain_files=[files[one] for one in situation.chains],
                                               address=ADDRESS, hostname=situation.host, sni=sni))
                print(f"| {situation.title} |", " | ".join(ask(situation) for _, ask in checkers.all), "|", flush=True)
        run(["umount", ROOT_KEY], expect=None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
