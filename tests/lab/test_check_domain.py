"""`danectl check --domain`: a mail domain as senders that check DANE see it. Postfix says what it does with the mail."""
from __future__ import annotations

import json
import shutil
import ssl
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lab import Lab, Result, run
from lab_mail import Chains, MailServer, delivers_to
from rollover import owner_of
from watching import configure, resolver_has

RIGHT, WRONG, NONE = "right.alias.lab", "wrong.alias.lab", "none.alias.lab"
ROOT_KEY = "/usr/share/dns/root.key"


class PolicyServer:
    """https at 127.0.0.27 with what `policy` says, while the `with` lasts."""

    def __init__(self, chain: Any, policy: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = policy.encode()
                self.send_response(200 if self.path == "/.well-known/mta-sts.txt" else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.27", 443), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self) -> PolicyServer:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class CheckDomain(unittest.TestCase):
    lab: Lab

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = lab = cls.enterClassContext(Lab())
        configure(lab)
        cls.chains = Chains(lab.dir / "tls")
        right, wrong = cls.chains.make(RIGHT), cls.chains.make(WRONG)
        record = f"TLSA 3 1 1 {lab.openssl_spki(right)}"
        for host, address in ((RIGHT, "127.0.0.25"), (WRONG, "127.0.0.26"), (NONE, "127.0.0.25")):
            lab.add(host, 2, f"A {address}")
            if host != NONE:
                lab.add(owner_of(host), 2, record)
        lab.add("as.alias.lab", 2, f"CNAME {RIGHT}.")
        cls.enterClassContext(MailServer(lab, chain_files=[right]))
        cls.enterClassContext(MailServer(lab, chain_files=[wrong], address="127.0.0.26", name="wrong"))

    def domain(self, label: str, *records: str) -> str:
        """A mail domain of this test's own."""
        name = f"{label}.alias.lab"
        for record in records:
            self.lab.add(name, 2, record)
        return name

    def check(self, *domains: str, expect: int | None = None, env: dict[str, str] | None = None) -> dict[str, Any]:
        words = [word for domain in domains for word in ("--domain", domain)]
        return dict(json.loads(self.lab.danectl("check", *words, "--json", expect=expect, env=env).out))

    def way(self, domain: str, document: dict[str, Any] | None = None) -> str:
        (found,) = (document or self.check(domain))["domains"]
        self.assertEqual(found["domain"], domain)
        return str(found["way"])

    def ids(self, document: dict[str, Any], severity: str) -> set[str]:
        return {finding["id"] for finding in document["findings"] if finding["severity"] == severity}

    def postfix_verifies(self, domain: str) -> bool:
        try:
            return bool(delivers_to(self.lab, domain))
        except AssertionError:
            return False

    def test_a_domain_whose_host_proves_its_record(self) -> None:
        domain = self.domain("well", f"MX 10 {RIGHT}.")
        document = self.check(domain)
        self.assertEqual(self.way(domain, document), "dane")
        self.assertEqual(self.ids(document, "CRITICAL"), set())
        self.lab.wait_until("Postfix verifies the server", lambda: self.postfix_verifies(domain))
        text = self.lab.danectl("check", "--domain", domain, expect=None).out
        self.assertIn(f"{domain}: DANE: no mail goes without it\n", text)
        self.assertRegex(text, f"  MX 10  {RIGHT}  DANE by 3 1 1; 1 address verified\n")

    def test_the_mail_of_a_domain_whose_only_host_has_another_key_is_held(self) -> None:
        domain = self.domain("held", f"MX 10 {WRONG}.")
        document = self.check(domain, expect=2)
        self.assertEqual(self.way(domain, document), "held")
        self.assertIn("tlsa-mismatch", self.ids(document, "CRITICAL"))
        self.assertFalse(self.postfix_verifies(domain))
        self.assertIn("hold the mail", self.lab.danectl("check", "--domain", domain, expect=2).out)

    def test_a_host_that_fails_is_passed_by_where_another_one_proves_its_record(self) -> None:
        domain = self.domain("round", f"MX 10 {WRONG}.", f"MX 20 {RIGHT}.")
        document = self.check(domain, expect=2)
        self.assertEqual(self.way(domain, document), "dane")
        self.assertEqual([host["way"] for host in document["domains"][0]["exchanges"]], ["held", "dane"])
        self.assertIn(f"pass {WRONG} by", self.lab.danectl("check", "--domain", domain, expect=2).out)

    def test_one_host_without_records_is_a_way_round_dane(self) -> None:
        domain = self.domain("partly", f"MX 10 {RIGHT}.", f"MX 20 {NONE}.", "MX 30 mx.plain.lab.")
        document = self.check(domain, expect=1)
        self.assertEqual(self.way(domain, document), "partly")
        self.assertEqual([host["way"] for host in document["domains"][0]["exchanges"]], ["dane", "without", "without"])

    def test_mx_records_that_are_not_signed_lead_to_no_dane(self) -> None:
        document = self.check("plain.lab", expect=1)
        self.assertEqual(self.way("plain.lab", document), "without")
        (finding,) = [one for one in document["findings"] if one["id"] == "mx-not-secure"]
        self.assertEqual((finding["domain"], finding["severity"]), ("plain.lab", "WARNING"))

    def test_bogus_mx_records_hold_the_mail(self) -> None:
        document = self.check("bogus.lab", expect=2)
        self.assertEqual(self.way("bogus.lab", document), "held")
        self.assertEqual(self.ids(document, "CRITICAL"), {"mx-not-secure"})

    def test_a_host_whose_zone_is_bogus_is_found(self) -> None:
        domain = self.domain("boguses", "MX 10 mx.bogus.lab.")
        document = self.check(domain, expect=2)
        self.assertEqual(self.way(domain, document), "held")
        self.assertEqual(self.ids(document, "CRITICAL"), {"host-not-secure"})

    def test_without_mx_records_the_host_of_that_name_takes_the_mail(self) -> None:
        document = self.check(RIGHT)
        self.assertEqual((self.way(RIGHT, document), document["domains"][0]["mx"]), ("dane", "implicit"))

    def test_a_domain_that_takes_no_mail_is_all_right(self) -> None:
        domain = self.domain("null", "MX 0 .")
        document = self.check(domain, expect=0)
        self.assertEqual((self.way(domain, document), document["domains"][0]["mx"]), ("no-mail", "null-mx"))
        self.assertEqual(document["domains"][0]["notes"], [])

    def test_a_domain_or_a_host_that_is_not_there(self) -> None:
        self.assertEqual(self.ids(self.check("nobody.alias.lab", expect=2), "CRITICAL"), {"no-such-domain"})
        domain = self.domain("gone", "MX 10 gone.example.lab.")
        self.assertEqual(self.ids(self.check(domain, expect=2), "CRITICAL"), {"host-without-address"})
        other = self.domain("half", "MX 10 gone.example.lab.", f"MX 20 {RIGHT}.")
        self.assertEqual(self.ids(self.check(other, expect=1), "CRITICAL"), set())

    def test_the_records_below_the_expanded_name_count(self) -> None:
        domain = "aliased.example.lab"  # a zone takes no MX record that names an alias of its own
        self.lab.add(domain, 2, "MX 10 as.alias.lab.")
        document = self.check(domain)
        (host,) = document["domains"][0]["exchanges"]
        self.assertEqual((host["way"], host["owner"]), ("dane", owner_of(RIGHT)))
        self.assertEqual(host["aliases"], ["as.alias.lab", RIGHT])

    def test_an_alias_that_leads_out_of_signed_zones_has_records_of_its_own(self) -> None:
        domain, host = "outward.example.lab", "out.alias.lab"
        self.lab.add(host, 2, "CNAME mx.plain.lab.")
        self.lab.add(owner_of(host), 2, f"TLSA 3 1 1 {self.lab.openssl_spki(self.chains.folder / f'{RIGHT}-ec.pem')}")
        self.lab.add(domain, 2, f"MX 10 {host}.")
        document = self.check(domain)
        self.assertEqual(self.way(domain, document), "dane")
        (finding,) = [one for one in document["findings"] if one["id"] == "host-not-secure"]
        self.assertIn(f"below {host} alone", finding["message"])
        self.assertIn("mx.plain.lab", finding["remedy"])
        self.lab.wait_until("Postfix verifies the server", lambda: self.postfix_verifies(domain))

    def test_several_domains_and_a_host_that_they_share(self) -> None:
        one, other = self.domain("one", f"MX 10 {RIGHT}."), self.domain("other", f"MX 10 {RIGHT}.")
        document = self.check(one, other, one.upper())
        self.assertEqual([domain["domain"] for domain in document["domains"]], [one, other])
        self.assertEqual([endpoint["endpoint"] for endpoint in document["endpoints"]], [f"smtp://{RIGHT}:25"])

    def test_all_formats_have_the_domain(self) -> None:
        domain = self.domain("formats", f"MX 10 {WRONG}.")
        self.assertIn(f'danectl_domain_way{{domain="{domain}",way="held"}} 1',
                      self.lab.danectl("check", "--domain", domain, "--format", "prometheus", expect=2).out)
        self.assertTrue(self.lab.danectl("check", "--domain", domain, "--format", "nagios", expect=2).out
                        .startswith("DANE CRITICAL: smtp://wrong.alias.lab:25"))

    def test_no_configuration_is_needed(self) -> None:
        domain = self.domain("bare", f"MX 10 {RIGHT}.")
        run(["mount", "--bind", self.lab.trust_anchor, ROOT_KEY])
        self.addCleanup(run, ["umount", ROOT_KEY])
        program = shutil.which(self.lab.program)
        assert program
        env = {key: value for key, value in self.lab.env.items() if key != "DANECTL_CONFIG"}
        result: Result = run([program, "check", "--domain", domain], env=env, expect=1)
        self.assertIn(f"{domain}: DANE: no mail goes without it\n", result.out)

    def test_names_that_are_no_domains(self) -> None:
        for name, hint in (("müller.example", "xn--mller-kva.example"), (".", "behind the @"), ("a..b", "empty label")):
            self.assertIn(hint, self.lab.danectl("check", "--domain", name, expect=3).err)

    def test_what_is_missing_beside_dane_is_said_and_no_finding(self) -> None:
        domain = self.domain("notes", f"MX 10 {RIGHT}.")
        notes = self.check(domain)["domains"][0]["notes"]
        self.assertTrue(any(f"_smtp._tls.{domain}" in note for note in notes), notes)
        self.assertTrue(any("MTA-STS" in note for note in notes), notes)
        self.lab.add(f"_smtp._tls.{domain}", 2, f'TXT "v=TLSRPTv1; rua=mailto:postmaster@{domain}"')
        self.assertEqual([note for note in self.check(domain)["domains"][0]["notes"] if "TLSRPT" in note], [])

    def test_an_mta_sts_policy_that_is_at_odds_with_dane(self) -> None:
        domain = self.domain("sts", f"MX 10 {RIGHT}.", f"MX 20 {NONE}.")
        self.lab.add(f"_mta-sts.{domain}", 2, 'TXT "v=STSv1; id=20260101"')
        self.lab.add(f"mta-sts.{domain}", 2, "A 127.0.0.27")
        web = self.chains.make(f"mta-sts.{domain}")
        trusted = {"SSL_CERT_FILE": str(web.with_suffix(".crt"))}
        policy = f"version: STSv1\r\nmode: enforce\r\nmx: {RIGHT}\r\nmax_age: 86400\r\n"
        with PolicyServer(web, policy):
            (finding,) = self.differing(domain, trusted)
            self.assertIn(f"does not name the host {NONE}", finding["message"])
            self.assertIn(f"mx: {NONE}", finding["remedy"])
            # A web server whose certificate no CA vouches for gives no policy.
            (finding,) = self.differing(domain, {})
            self.assertIn("certificate", finding["message"])
        with PolicyServer(web, policy.replace(RIGHT, "*.alias.lab")):
            self.assertEqual(self.differing(domain, trusted), [])
        (finding,) = self.differing(domain, trusted)
        self.assertIn("refused", finding["message"])

    def differing(self, domain: str, env: dict[str, str]) -> list[dict[str, Any]]:
        return [one for one in self.check(domain, env=env)["findings"] if one["id"] == "mta-sts-differs"]

    def test_a_resolver_with_a_copy_of_its_own_is_told_from_what_senders_see(self) -> None:
        """The copy is not signed, so that its answers are bogus here; the name servers' are not."""
        domain = self.domain("split", f"MX 10 {RIGHT}.")
        self.assertEqual(self.way(domain), "dane")
        with resolver_has(self.lab, f'    local-zone: "{domain}." static\n    local-data: "{domain}. MX 10 {NONE}."\n'):
            document = self.check(domain)
            self.assertEqual(self.way(domain, document), "dane")
            self.assertIn("resolver-differs", self.ids(document, "WARNING"))
            self.assertEqual(self.ids(document, "CRITICAL"), set())


if __name__ == "__main__":
    unittest.main()
