#!/usr/bin/python3
"""`danectl verify` against records of the command line; its verdicts are compared with those of `openssl s_client`."""
from __future__ import annotations

import functools
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from cli import Cli, Result

NAME = "mx.example.com"
CA_CONF = """[ca]
default_ca = test
[test]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[host]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:mx.example.com
"""


def openssl(folder: Path, *args: str, input: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True, timeout=60,
                          input=input).stdout


class Authority:
    """A root, an intermediate, and certificates for one key: good, expired and signed by itself."""

    def __init__(self, folder: Path) -> None:
        self.dir = folder
        (folder / "conf").write_text(CA_CONF)
        (folder / "index").write_text("")
        (folder / "serial").write_text("01\n")
        for name in ("root", "intermediate", "leaf", "other"):
            openssl(folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")
            openssl(folder, "req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        self.sign("root", None, "authority", "20200101000000Z", "20490101000000Z")
        self.sign("intermediate", "root", "authority", "20200101000000Z", "20490101000000Z")
        self.sign("leaf", "intermediate", "host", "20200101000000Z", "20490101000000Z")
        self.sign("leaf", "intermediate", "host", "20200101000000Z", "20200201000000Z", out="expired")
        self.sign("leaf", None, "host", "20200101000000Z", "20490101000000Z", out="own")
        for name, parts in {"full": ("leaf", "intermediate"), "rooted": ("leaf", "intermediate", "root"),
                            "bare": ("leaf",), "late": ("expired", "intermediate"), "alone": ("own",)}.items():
            (folder / f"{name}.pem").write_bytes(b"".join((folder / f"{part}.crt").read_bytes() for part in parts))

    def sign(self, subject: str, issuer: str | None, extensions: str, begin: str, end: str, out: str = "") -> None:
        by = ["-cert", f"{issuer}.crt"] if issuer else ["-selfsign"]
        openssl(self.dir, "ca", "-batch", "-notext", "-config", "conf", "-in", f"{subject}.csr", "-keyfile",
                f"{issuer or subject}.key", *by, "-extensions", extensions, "-startdate", begin, "-enddate", end,
                "-out", f"{out or subject}.crt")

    @functools.cache
    def record(self, group: str, certificate: str) -> str:
        _usage, selector, mtype = group.split()
        der = openssl(self.dir, "x509", "-in", f"{certificate}.crt", "-outform", "DER")
        if selector == "1":
            public = openssl(self.dir, "x509", "-in", f"{certificate}.crt", "-noout", "-pubkey")
            der = openssl(self.dir, "pkey", "-pubin", "-outform", "DER", input=public)
        data = {"0": bytes.hex, "1": lambda octets: hashlib.sha256(octets).hexdigest(),
                "2": lambda octets: hashlib.sha512(octets).hexdigest()}[mtype](der)
        return f"{group} {data}"


class WithChains(Cli):
    @classmethod
    def setUpClass(cls) -> None:
        cls.ca = Authority(Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="danectl-ca-"))))
        cls.leaf, cls.issuer = cls.ca.record("3 1 1", "leaf"), cls.ca.record("2 1 1", "intermediate")
        cls.fitting = (f"records that the chain matches:\n  {cls.leaf} (the end entity)\n"
                       f"  {cls.issuer} (certificate 2 of the chain)\n")

    def setUp(self) -> None:
        super().setUp()
        for file in self.ca.dir.glob("*.pem"):
            shutil.copy(file, self.dir)
        shutil.copy(self.ca.dir / "root.crt", self.dir)

    def verify(self, *args: str, input: bytes = b"") -> Result:
        return self.danectl("verify", *args, input=input)


class Verify(WithChains):
    def refused(self, what: str, *args: str, input: bytes = b"") -> None:
        self.assertEqual(self.verify(*args, input=input), Result(2, "", f"danectl: {what}\n"))

    def test_a_match_is_shown_with_record_and_depth(self) -> None:
        self.assertEqual(self.verify("full.pem", "--tlsa", self.leaf),
                         Result(0, f"matches: {self.leaf} at depth 0 (the end entity)\n3 1 1: matches\n", ""))
        self.assertEqual(self.verify("full.pem", "--tlsa", self.issuer, "--name", NAME), Result(
            0, f"matches: {self.issuer} at depth 1 (certificate 2 of the chain)\n2 1 1: matches\n", ""))

    def test_each_group_is_verified_by_itself(self) -> None:
        result = self.verify("full.pem", "--name", NAME, "--tlsa", self.leaf, "--tlsa", "2 1 1 " + "a" * 64,
                             "--tlsa", "1 1 1 " + "b" * 64)
        self.assertEqual(result, Result(
            0, f"matches: {self.leaf} at depth 0 (the end entity)\n"
            "2 1 1: does not match: no usable TLSA record matches the chain\n3 1 1: matches\n"
            f"unusable: 1 1 1 {'b' * 64}: usage 1 is not for SMTP (RFC 7672 section 3.1.3)\n", ""))

    def test_without_a_match_it_tells_what_would_match(self) -> None:
        self.assertEqual(self.verify("full.pem", "--tlsa", "3 1 1 " + "a" * 64), Result(
            1, "does not match: no usable TLSA record matches the chain\n"
            f"3 1 1: does not match: no usable TLSA record matches the chain\n{self.fitting}", ""))

    def test_an_issuer_of_an_expired_certificate_would_not_match(self) -> None:
        why = "certificate 1 of the chain: certificate has expired"
        self.assertEqual(self.verify("late.pem", "--name", NAME, "--tlsa", self.issuer), Result(
            1, f"does not match: {why}\n2 1 1: does not match: {why}\n"
            f"records that the chain matches:\n  {self.leaf} (the end entity)\n", ""))

    def test_records_that_are_unusable_are_no_match_and_it_says_why(self) -> None:
        record = self.ca.record("1 1 1", "leaf")
        self.assertEqual(self.verify("full.pem", "--name", NAME, "--tlsa", record), Result(
            1, "does not match: no TLSA record is usable: none of usage 2 or 3 with a digest of the right length\n"
            f"unusable: {record}: usage 1 is not for SMTP (RFC 7672 section 3.1.3)\n{self.fitting}", ""))

    def test_pkix_uses_them_with_a_path_to_a_ca(self) -> None:
        record = self.ca.record("1 1 1", "leaf")
        args = ("full.pem", "--name", NAME, "--tlsa", record, "--pkix", "--ca-file")
        self.assertEqual(self.verify(*args, "root.crt"), Result(
            0, f"matches: {record} at depth 0 (the end entity)\n1 1 1: matches\n", ""))
        result = self.verify(*args, "alone.pem")
        self.assertEqual(result.code, 1)
        self.assertIn("certificate 2 of the chain: unable to get", result.out)
        root = self.ca.record("0 0 1", "root")
        self.assertEqual(self.verify("full.pem", "--name", NAME, "--tlsa", root, "--pkix", "--ca-file", "root.crt").out,
                         f"matches: {root} at depth 2 (a trusted CA that the chain leaves out)\n0 0 1: matches\n")

    def test_pkix_does_not_know_a_ca_that_the_system_does_not_know(self) -> None:
        result = self.verify("full.pem", "--name", NAME, "--tlsa", self.ca.record("1 1 1", "leaf"), "--pkix")
        self.assertIn(result.code, (1, 2), "2: no CA is installed here")
        self.assertFalse(result.out.startswith("matches:"))

    def test_json_is_the_whole_of_standard_output(self) -> None:
        result = self.verify("full.pem", "--json", "--tlsa", self.leaf, "--tlsa", "0 0 1 " + "c" * 64)
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(json.loads(result.out), {
            "version": 1, "match": True, "depth": 0, "record": self.leaf, "groups": [
                {"group": "3 1 1", "match": True, "why": None},
                {"group": "0 0 1", "match": False,
                 "why": "unusable: usage 0 is not for SMTP (RFC 7672 section 3.1.3)"}]})
        result = self.verify("full.pem", "--json", "--tlsa", "3 1 1 " + "a" * 64)
        why = "no usable TLSA record matches the chain"
        self.assertEqual((result.code, result.err), (1, f"danectl: does not match: {why}\n"))
        self.assertEqual(json.loads(result.out), {"version": 1, "match": False, "depth": None, "record": None,
                                                  "groups": [{"group": "3 1 1", "match": False, "why": why}]})

    def test_the_chain_may_come_by_standard_input_or_as_der(self) -> None:
        matches = Result(0, f"matches: {self.leaf} at depth 0 (the end entity)\n3 1 1: matches\n", "")
        pem = (self.dir / "full.pem").read_bytes()
        der = openssl(self.dir, "x509", "-in", "full.pem", "-outform", "DER")
        (self.dir / "leaf.der").write_bytes(der)
        for args, input in ((("-",), pem), (("-",), der), (("leaf.der",), b""), (("/dev/stdin",), pem)):
            self.assertEqual(self.verify(*args, "--tlsa", self.leaf, input=input), matches)

    def test_no_configuration_is_read(self) -> None:
        (self.dir / "danectl.toml").write_text("this is no TOML")
        for args in (("verify",), ("--config", "danectl.toml", "verify"), ("--config", "missing", "verify")):
            result = self.danectl(*args, "full.pem", "--tlsa", self.leaf, env={"DANECTL_CONFIG": "danectl.toml"})
            self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(self.danectl("--config", "missing", "verify", "full.pem", "--owner", f"_25._tcp.{NAME}"),
                         Result(2, "", "danectl: there is no configuration file missing\n"
                                       "  write it as danectl.toml(5) shows, or name another one with --config\n"))

    def test_a_resolver_that_does_not_answer_is_no_verdict(self) -> None:
        result = self.configured("verify", "full.pem", "--owner", f"_25._tcp.{NAME}", "--json")
        self.assertEqual((result.code, result.out), (75, ""))
        self.assertTrue(result.err.startswith("danectl: "))

    def test_unusable_input_is_named(self) -> None:
        record = ("--tlsa", self.leaf)
        (self.dir / "key.pem").write_bytes((self.ca.dir / "leaf.key").read_bytes())
        (self.dir / "cut.pem").write_bytes((self.dir / "full.pem").read_bytes()[:300])
        (self.dir / "garbage").write_bytes(b"\x30\x82\x01")
        (self.dir / "folder").mkdir()
        self.refused("missing.pem: there is no such file", "missing.pem", *record)
        self.refused("folder: it is a directory\n  name the files in it", "folder", *record)
        self.refused("key.pem: it holds no certificate in PEM", "key.pem", *record)
        self.refused("garbage: it holds no certificate in PEM or DER", "garbage", *record)
        self.refused("-: it is empty", "-", *record)
        self.assertRegex(self.verify("cut.pem", *record).err, r"\Adanectl: cut\.pem: PEM block 1 is cut or garbled: ")
        pkix = ("full.pem", *record, "--pkix", "--ca-file")
        self.refused("--ca-file: missing: there is no such file", *pkix, "missing")
        self.refused("--ca-file: key.pem: it holds no certificate in PEM", *pkix, "key.pem")
        self.assertRegex(self.verify(*pkix, "cut.pem").err,
                         r"\Adanectl: --ca-file: cut\.pem: CA certificate 1 cannot be read: ")

    def test_wrong_options_are_named(self) -> None:
        owner = ("--owner", f"_25._tcp.{NAME}")
        for what, args in (
                ("--tlsa or --owner is required", ()),
                ("--tlsa and --owner exclude each other", ("--tlsa", self.leaf, *owner)),
                ("--ca-file goes with --pkix", ("--tlsa", self.leaf, "--ca-file", "root.crt")),
                ("--tlsa: '3 1 1 abcd' has 4 hexadecimal digits", ("--tlsa", "3 1 1 abcd")),
                ("--tlsa: 'x' does not begin with three numbers", ("--tlsa", "x")),
                ("--owner: 'mx.example.com' is not the owner of a TLSA record", ("--owner", NAME)),
                ("--owner: '' is not a domain name: it is empty", ("--owner", "")),
                ("--name: 'a..b' is not a domain name", ("--tlsa", self.leaf, "--name", "a..b")),
                ("usage 2 needs a name to check the certificate for", ("--tlsa", self.issuer))):
            with self.subTest(what):
                result = self.verify("full.pem", *args)
                self.assertEqual((result.code, result.out), (2, ""), result)
                self.assertIn(f"danectl: {what}", result.err)
        self.assertEqual(self.danectl("verify").code, 2)

    def test_an_unknown_verb_is_named(self) -> None:
        for args in (("frobnicate",), ("frobnicate", "--json"), ("-v", "frobnicate", "mx.example.com")):
            self.assert_usage(self.danectl(*args), 'unknown verb "frobnicate"', "danectl --help")
        self.assert_usage(self.danectl(), "a verb is required", "danectl --help")


class BesideOpenssl(WithChains):
    """The same questions to `openssl s_client`, which asks a server over TLS."""

    def serve(self, chain: str) -> str:
        server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", f"{chain}.pem",
                                   "-cert_chain", f"{chain}.pem", "-key", "leaf.key", "-no_ticket"],
                                  cwd=self.ca.dir, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        for line in server.stdout:
            if line.startswith("ACCEPT"):
                return line.split()[1]
        raise AssertionError("openssl s_server did not start")

    def of_openssl(self, address: str, record: str, name: str, pkix: bool) -> tuple[str, str] | None:
        trusted = ["-CAfile", "root.crt"] if pkix else ["-no-CAfile"]
        done = subprocess.run(
            ["openssl", "s_client", "-connect", address, "-dane_tlsa_domain", name, "-dane_tlsa_rrdata", record,
             "-dane_ee_no_namechecks", "-verify_return_error", *trusted, "-no-CApath", "-no-CAstore"],
            cwd=self.ca.dir, input="Q\n", capture_output=True, text=True, timeout=60)
        found = re.search(r"^DANE TLSA (\d \d \d) .* at depth (\d+)$", done.stdout, re.M)
        self.assertEqual(done.returncode == 0, found is not None, done)
        return (found[1], found[2]) if found else None

    def of_danectl(self, chain: str, record: str, name: str, pkix: bool) -> tuple[str, str] | None:
        options = ["--pkix", "--ca-file", "root.crt"] if pkix else []
        result = self.verify(f"{chain}.pem", "--tlsa", record, "--name", name, *options)
        found = re.match(r"matches: (\d \d \d) \S+ at depth (\d+) ", result.out)
        self.assertEqual((result.code, result.err), (0 if found else 1, ""), result)
        return (found[1], found[2]) if found else None

    def test_the_verdicts_agree(self) -> None:
        groups = {usage: [f"{usage} {selector} {mtype}" for selector in "01" for mtype in "12"] for usage in "0123"}
        cases = [("full", group, "leaf", NAME) for group in groups["3"] + groups["1"] + ["3 0 0", "3 1 0"]]
        cases += [("full", group, "intermediate", NAME) for group in groups["2"] + groups["0"]]
        cases += [("rooted", group, "root", NAME) for group in ("2 0 1", "2 1 2", "2 0 0", "2 1 0", "0 0 1")]
        cases += [("full", "2 0 0", "root", NAME), ("full", "2 0 0", "root", "other.example.com")]  # not sent: in DNS
        cases += [("full", "0 1 1", "root", NAME), ("full", "2 1 1", "root", NAME), ("full", "2 1 1", "leaf", NAME)]
        for group, certificate in (("3 1 1", "leaf"), ("1 1 1", "leaf"), ("2 1 1", "intermediate"),
                                   ("0 1 1", "intermediate")):
            cases += [("full", group, certificate, "other.example.com"), ("bare", group, certificate, NAME),
                      ("alone", group, certificate, NAME), ("late", group, certificate, NAME),
                      ("full", group, "other", NAME)]
        self.ca.sign("other", "root", "host", "20200101000000Z", "20490101000000Z")
        servers = {chain: self.serve(chain) for chain in ("full", "rooted", "bare", "alone", "late")}
        matches = 0
        for chain, group, certificate, name in cases:
            with self.subTest(chain=chain, group=group, certificate=certificate, name=name):
                record, pkix = self.ca.record(group, certificate), group[0] in "01"
                theirs = self.of_openssl(servers[chain], record, name, pkix)
                self.assertEqual(self.of_danectl(chain, record, name, pkix), theirs)
                matches += theirs is not None
        self.assertGreater(matches, 20)
        self.assertGreater(len(cases) - matches, 10)

    def test_only_danectl_wants_a_trust_anchor_sent_whose_key_alone_is_in_dns(self) -> None:
        server = self.serve("full")
        record = self.ca.record("2 1 0", "root")  # RFC 7671 section 5.2.3
        self.assertIsNotNone(self.of_openssl(server, record, NAME, False))
        result = self.verify("full.pem", "--tlsa", record, "--name", NAME)
        self.assertEqual(result.code, 1)
        self.assertIn("the chain is without the trust anchor of the record", result.out)


if __name__ == "__main__":
    unittest.main()
