"""What `danectl check` finds at live servers: Postfix, OpenSSL's s_server, and some that do not behave."""
from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path

from lab import run
from lab_mail import Chains, MailServer
from lab_process import Daemon
from rollover import live, owner_of
from watching import NAME, OWNER, SMTP, CheckTest, findings

PORT = 4433
TLS = f"tls://{NAME}:{PORT}"
TLS_OWNER = f"_{PORT}._tcp.{NAME}"
SPARE = f"3 1 1 {'ab' * 32}"


def connections(mail: MailServer) -> int:
    """How many its log has, once it grows no more."""
    seen = -1
    while (now := mail.log().count(": connect from")) != seen:
        seen = now
        time.sleep(0.4)
    return seen


class AtPostfix(CheckTest):
    def test_a_healthy_server_has_no_finding_as_lineage_and_as_anybodys(self) -> None:
        self.assert_healthy()
        self.assert_healthy(SMTP)

    def test_nobody_listens(self) -> None:
        self.mail._end()
        try:
            self.assert_found("connect-failed", "CRITICAL", says="refused")
        finally:
            self.mail.__enter__()

    def test_a_reload_was_missed(self) -> None:
        served = self.lab.dir / "served.pem"
        served.write_text(self.combined().read_text())
        self.serve(served)
        self.lab.danectl("promote", NAME, "--no-hold")
        found = self.found()
        self.assertEqual({f["severity"] for f in found["other-key-served"]}, {"WARNING"})
        self.assertNotIn("tlsa-mismatch", found)  # its record is still published
        self.serve(self.combined())
        self.lab.danectl("run")
        self.assertNotIn("other-key-served", self.found())

    def test_a_server_that_wants_certificates_of_its_clients(self) -> None:
        self.restart("smtpd_tls_security_level = encrypt", "smtpd_tls_req_ccert = yes")
        self.assert_found("greeting-failed", "CRITICAL", says="after the TLS handshake")
        self.restart("smtpd_tls_security_level = may", "smtpd_tls_req_ccert = no")
        self.assertNotIn("greeting-failed", self.found())

    def test_a_renewal_with_the_same_key_was_not_loaded(self) -> None:
        served = self.lab.dir / "served.pem"
        served.write_text(self.combined().read_text())
        self.serve(served)
        self.lab.certbot("renew", "--cert-name", NAME, "--force-renewal")
        self.lab.danectl("run")
        try:
            (finding,) = self.assert_found("older-certificate-served", "WARNING", says="its reload was missed")
            self.assertIn("reload", finding["remedy"])
            self.assertNotIn("other-key-served", self.found())
        finally:
            self.serve(self.combined())
        self.assert_healthy()

    def test_where_only_a_record_is_missing_no_reload_helps(self) -> None:
        current = f"3 1 1 {self.lab.openssl_spki(self.combined())}"  # another test may have promoted
        self.lab.delete(OWNER, f"TLSA {current}")
        try:
            (finding,) = self.assert_found("tlsa-mismatch", "CRITICAL")
            self.assertIn("danectl publish", finding["remedy"])
            self.assertNotIn("reload", finding["remedy"])
        finally:
            self.lab.add(OWNER, 3600, f"TLSA {current}")

    def test_a_limit_on_clients_is_no_fault_of_the_server(self) -> None:
        unlimited = ["smtpd_client_new_tls_session_rate_limit = 0", "smtpd_client_connection_rate_limit = 0"]
        try:
            for limit, says in (("smtpd_client_new_tls_session_rate_limit = 1", "454"),
                                ("smtpd_client_connection_rate_limit = 1", "421")):
                self.restart("smtpd_client_event_limit_exceptions =", *unlimited, limit)
                for call in ("first", "second"):
                    with self.subTest(limit, call=call):
                        found = self.found()
                        self.assertEqual(set(found), {"refused-for-now"}, found)
                        (finding,) = found["refused-for-now"]
                        self.assertEqual(finding["severity"], "UNKNOWN")
                        self.assertIn(says, finding["message"])
                        # Postfix may say it twice: its name for the client is not always found.
                        (own,) = set(re.findall(r"from (?:\S+\[)?([\d.]+\d)", finding["message"]))
                        self.assertIn("smtpd_client_event_limit_exceptions", finding["remedy"])
                        self.assertIn(f" {own},", finding["remedy"])
        finally:
            self.restart("smtpd_client_event_limit_exceptions = $mynetworks", *unlimited)
        self.assert_healthy()

    def test_two_names_of_one_server_are_asked_once_for_what_has_no_name(self) -> None:
        urls = [f"smtp://{name}:25@127.0.0.25" for name in (NAME, "mx2.example.lab")]
        alone, both = self.calls(urls[0]), self.calls(*urls)
        self.assertEqual(both, alone + alone // 2)

    def calls(self, *urls: str) -> int:
        """How often `check` connects."""
        before = connections(self.mail)
        self.found(*urls)
        return connections(self.mail) - before

    def serve(self, chain: Path) -> None:
        self.restart(f"smtpd_tls_chain_files = {chain}")

    def restart(self, *settings: str) -> None:
        run(["postconf", "-c", self.mail.folder, "-e", *settings])
        self.mail._end()
        self.mail.__enter__()


class Served(CheckTest):
    """Servers of all kinds on a port of their own, checked as those of a stranger."""
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.chains = Chains(cls.lab.dir / "tls")

    @contextlib.contextmanager
    def published(self, *records: str) -> Iterator[None]:
        for record in records:
            self.lab.add(TLS_OWNER, 3600, f"TLSA {record}")
        try:
            yield
        finally:
            self.lab.delete(TLS_OWNER)

    @contextlib.contextmanager
    def serving(self, chain: Path, *options: str, address: str = "127.0.0.25") -> Iterator[None]:
        words = ["openssl", "s_server", "-quiet", "-accept", f"{address}:{PORT}", "-cert", chain, "-key", chain,
                 *options]
        issuers = chain.read_text().split("-----END CERTIFICATE-----\n", 1)[1]
        if issuers:
            file = chain.with_suffix(".issuers")
            file.write_text(issuers)
            words += ["-cert_chain", file]

        def listens() -> bool:
            with socket.socket(socket.AF_INET6 if "[" in address else socket.AF_INET) as client:
                return client.connect_ex((address.strip("[]"), PORT)) == 0

        server = Daemon("s_server", [str(word) for word in words], self.lab.dir / "log" / "s_server.log", listens)
        server.spawn()
        try:
            self.lab.wait_until("s_server listens", listens)
            yield
        finally:
            server.kill()

    def spki(self, chain: Path) -> str:
        return f"3 1 1 {self.lab.openssl_spki(chain)}"

    def test_a_matching_server_and_two_records_are_healthy(self) -> None:
        chain = self.chains.make(NAME, "ec", file="good.pem")
        with self.serving(chain), self.published(self.spki(chain), f"3 1 1 {'ab' * 32}"):
            self.assert_healthy(TLS)

    def test_no_record_matches(self) -> None:
        chain = self.chains.make(NAME, "ec", file="other.pem")
        with self.serving(chain), self.published(f"3 1 1 {'ab' * 32}", f"3 1 1 {'cd' * 32}"):
            (finding,) = self.assert_found("tlsa-mismatch", "CRITICAL", TLS)
            where = (finding["endpoint"], finding["address"], finding["owner"])
            self.assertEqual(where, (TLS, "127.0.0.25", TLS_OWNER))
            self.assertIn(self.lab.openssl_spki(chain), finding["message"])

    def test_only_the_certificate_without_the_name_is_another(self) -> None:
        good, other = self.chains.make(NAME, "ec", file="named.pem"), self.chains.make("other.lab", "ec")
        options = ["-servername", NAME, "-cert2", str(good), "-key2", str(good)]
        with self.serving(other, *options), self.published(self.spki(good), f"3 1 1 {'ab' * 32}"):
            self.assert_found("tlsa-mismatch-without-sni", "WARNING", TLS)
            self.assertNotIn("tlsa-mismatch", self.found(TLS))

    def test_an_ended_certificate_is_no_matter_of_dane_ee_and_said_all_the_same(self) -> None:
        chain = self.chains.make(NAME, "ec", days=0, file="ended.pem")
        with self.serving(chain), self.published(self.spki(chain), f"3 1 1 {'ab' * 32}"):
            self.assert_found("served-certificate-ended", "WARNING", TLS)
            self.assertNotIn("tlsa-mismatch", self.found(TLS))

    def test_what_is_served_ends_soon(self) -> None:
        ca = self.chains.make("ends.lab", "ec", days=900)
        cases = (("3", 85, "WARNING"), ("3", 10, None), ("2", 85, "CRITICAL"), ("2", 75, "WARNING"), ("2", 10, None))
        for usage, age, severity in cases:
            with self.subTest(usage=usage, age=age):
                chain = self.chains.make(NAME, "ec", issuer=ca, file="ends.pem", age=age)
                records = [f"2 1 1 {self.lab.openssl_spki(ca)}"] if usage == "2" else [self.spki(chain), SPARE]
                with self.serving(chain), self.published(*records):
                    found = self.found(TLS)
                    self.assertEqual({f["id"]: f["severity"] for f in sum(found.values(), [])},
                                     {"served-certificate-ends": severity} if severity else {})

    def test_a_chain_without_its_intermediate(self) -> None:
        ca = self.chains.make("ca.lab", "ec")
        chain = self.chains.make(NAME, "ec", issuer=ca, file="signed.pem")
        alone = chain.with_suffix(".alone")
        alone.write_text(chain.read_text().split("-----END CERTIFICATE-----\n")[0] + "-----END CERTIFICATE-----\n")
        with self.published(self.spki(chain), f"3 1 1 {'ab' * 32}"):
            with self.serving(alone):
                self.assert_found("served-chain-incomplete", "WARNING", TLS)
            with self.serving(chain):
                self.assert_healthy(TLS)

    def test_a_trust_anchor_that_is_not_sent(self) -> None:
        ca = self.chains.make("anchor.lab", "ec")
        chain = self.chains.make(NAME, "ec", issuer=ca, file="anchored.pem")
        alone = chain.with_suffix(".alone")
        alone.write_text(chain.read_text().split("-----END CERTIFICATE-----\n")[0] + "-----END CERTIFICATE-----\n")
        with self.published(f"2 1 1 {self.lab.openssl_spki(ca)}"):
            with self.serving(alone):
                self.assert_found("ta-not-sent", "CRITICAL", TLS)
            with self.serving(chain):
                self.assert_healthy(TLS)

    def test_with_usage_2_the_name_counts(self) -> None:
        ca = self.chains.make("anchor2.lab", "ec")
        other = self.chains.make("www.example.lab", "ec", issuer=ca)
        with self.serving(other), self.published(f"2 1 1 {self.lab.openssl_spki(ca)}"):
            self.assert_found("name-mismatch", "CRITICAL", TLS, says=NAME)
        with self.serving(other), self.published(self.spki(other), f"3 1 1 {'ab' * 32}"):
            self.assert_healthy(TLS)

    def test_tls_1_1_is_old(self) -> None:
        chain = self.chains.make(NAME, "rsa", file="old.pem")
        with self.published(self.spki(chain), f"3 1 1 {'ab' * 32}"):
            with self.serving(chain, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"):
                self.assert_found("old-protocol", "WARNING", TLS, says="TLSv1.1")
            with self.serving(chain):
                self.assertNotIn("old-protocol", self.found(TLS))

    def test_both_kinds_of_key_are_verified_each_by_its_record(self) -> None:
        rsa, ec = self.chains.make(NAME, "rsa", file="both-rsa.pem"), self.chains.make(NAME, "ec", file="both-ec.pem")
        options = ["-dcert", str(ec), "-dkey", str(ec)]
        with self.serving(rsa, *options):
            with self.published(self.spki(rsa), self.spki(ec), SPARE):
                self.assert_healthy(TLS)
            with self.published(self.spki(rsa), self.spki(ec)):
                self.assert_found("no-next-record", "WARNING", TLS)
            with self.published(self.spki(rsa), f"3 1 1 {'ab' * 32}"):
                self.assert_found("tlsa-mismatch", "CRITICAL", TLS, says="ECDSA")

    def test_of_two_addresses_the_one_with_another_key_is_named(self) -> None:
        url, owner = f"tls://mx6.example.lab:{PORT}", f"_{PORT}._tcp.mx6.example.lab"
        good = self.chains.make("mx6.example.lab", "ec", file="good6.pem")
        other = self.chains.make("mx6.example.lab", "ec", file="other6.pem")
        self.lab.add(owner, 3600, f"TLSA {self.spki(good)}")
        self.lab.add(owner, 3600, f"TLSA 3 1 1 {'ab' * 32}")
        with self.serving(good, address="127.0.0.27"):
            with self.serving(good, address="[fd00:da::27]"):
                self.assert_healthy(url)
            with self.serving(other, address="[fd00:da::27]"):
                (finding,) = self.assert_found("tlsa-mismatch", "CRITICAL", url)
                self.assertEqual(finding["address"], "fd00:da::27")

    def test_a_server_that_hangs_up_or_refuses_behind_the_handshake(self) -> None:
        chain, url = self.chains.make(NAME, "ec", file="behind.pem"), f"smtp://{NAME}:2525"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)

        def talk(answer: bytes) -> Callable[[socket.socket], None]:
            def with_tls(client: socket.socket) -> None:
                for reply in (b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 go\r\n"):
                    client.sendall(reply)
                    if reply != b"220 go\r\n":
                        client.recv(1000)
                with context.wrap_socket(client, server_side=True) as tls:
                    tls.recv(1000)
                    if answer:
                        tls.sendall(answer)
                        tls.recv(1000)
            return with_tls

        for record in (self.spki(chain), f"3 1 1 {'ab' * 32}"):
            self.lab.add(f"_2525._tcp.{NAME}", 3600, f"TLSA {record}")
        try:
            for answer, says in ((b"", "connection closed"), (b"421 go away\r\n", "421 go away")):
                with self.talking(talk(answer), 2525):
                    self.assert_found("greeting-failed", "CRITICAL", url, says=says)
            with self.talking(talk(b"250 mx\r\n"), 2525):
                self.assert_healthy(url)
        finally:
            self.lab.delete(f"_2525._tcp.{NAME}")

    def test_a_server_that_greets_late_is_healthy(self) -> None:
        chain = self.chains.make(NAME, "ec", file="late.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)

        def late(client: socket.socket) -> None:
            time.sleep(0.8)  # three times within the three seconds of the configuration
            with context.wrap_socket(client, server_side=True) as tls:
                tls.recv(1000)

        with self.talking(late), self.published(self.spki(chain), f"3 1 1 {'ab' * 32}"):
            self.assert_healthy(TLS)

    def test_a_port_that_speaks_no_tls(self) -> None:
        with self.talking(lambda client: client.sendall(b"hello\r\n")), self.published(f"3 1 1 {'ab' * 32}"):
            self.assert_found("handshake-failed", "CRITICAL", TLS)

    def test_a_host_without_an_address(self) -> None:
        self.assert_found("host-without-address", "CRITICAL", "smtp://nowhere.example.lab:25")

    def test_an_address_without_a_route_is_unknown(self) -> None:
        self.assert_found("endpoint-not-asked", "UNKNOWN", f"smtp://{NAME}:25@2001:db8::1")

    @contextlib.contextmanager
    def talking(self, talk: Callable[[socket.socket], None], port: int = PORT) -> Iterator[None]:
        """A server that says what `talk` does to each client, and hangs up."""
        with socket.create_server(("127.0.0.25", port), backlog=50) as listener:
            def serve() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        client = listener.accept()[0]
                        threading.Thread(target=answer, args=(client,), daemon=True).start()

            def answer(client: socket.socket) -> None:
                with client, contextlib.suppress(OSError):
                    talk(client)

            threading.Thread(target=serve, daemon=True).start()
            yield
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)

    def smtp(self, *replies: bytes) -> Callable[[socket.socket], None]:
        def talk(client: socket.socket) -> None:
            for reply in replies:
                client.sendall(reply)
                if not client.recv(1000):
                    return
        return talk

    def test_a_record_of_the_whole_certificate_stands_in_for_a_trust_anchor_that_is_not_sent(self) -> None:
        host = "mx2.example.lab"
        ca = self.chains.make("whole.lab", "ec")
        alone = self.chains.make(host, "ec", issuer=ca).with_suffix(".alone")
        alone.write_text(alone.with_suffix(".pem").read_text().split("-----END CERTIFICATE-----\n")[0]
                         + "-----END CERTIFICATE-----\n")
        alone.chmod(0o600)
        leaf, whole, key = (self.lab.dir / name for name in ("leaf.pem", "ca.der", "ca-key.der"))
        leaf.write_text("-----BEGIN CERTIFICATE-----" + alone.read_text().split("-----BEGIN CERTIFICATE-----")[1])
        run(["openssl", "x509", "-in", ca, "-outform", "DER", "-out", whole])
        run(["openssl", "pkey", "-in", ca, "-pubout", "-outform", "DER", "-out", key])
        digest = run(["openssl", "dgst", "-sha256", "-r", whole]).out.split()[0]
        in_dns = f"2 0 0 {whole.read_bytes().hex()}"
        cases = (([in_dns], True), ([in_dns, f"2 0 1 {digest}"], True), ([in_dns, f"2 1 1 {'5' * 64}"], True),
                 ([f"2 1 0 {key.read_bytes().hex()}"], False), ([f"2 0 1 {digest}"], False))
        with MailServer(self.lab, chain_files=[alone], address="127.0.0.26", hostname=host, name="postfix2"):
            for records, passes in cases:
                with self.subTest([record[:5] for record in records]):
                    for record in records:
                        self.lab.add(owner_of(host), 3600, f"TLSA {record}")
                    try:
                        found = self.found(f"smtp://{host}:25")
                        self.assertEqual("tlsa-mismatch" in found, not passes, found)
                        self.assertEqual([one["severity"] for one in found.get("ta-not-sent", [])],
                                         [] if records == [in_dns] else ["WARNING" if passes else "CRITICAL"])
                        words = ("verify", str(leaf), *(word for record in records for word in ("--tlsa", record)))
                        self.lab.danectl(*words, "--name", host, expect=0 if passes else 1)
                        if passes:
                            said = run(["posttls-finger", "-c", "-l", "dane-only", "-L", "summary", f"[{host}]"],
                                       env=self.lab.env, expect=None)
                            self.assertIn("Verified TLS connection", said.out + said.err)
                    finally:
                        self.lab.delete(owner_of(host))

    def test_a_run_asks_each_server_once_however_many_owners_wait_for_it(self) -> None:
        host = "mx2.example.lab"
        urls = [f"{scheme}://{host}" for scheme in ("smtp", "submission", "smtps")]
        self.lab.issue(host)
        self.lab.danectl("enroll", host, *(word for url in urls for word in ("--probe", url)))
        chain = live(self.lab, host) / "combined.pem"
        try:
            with MailServer(self.lab, chain_files=[chain], address="127.0.0.26", hostname=host, name="other") as mail:
                self.lab.danectl("run")
                self.assertLess(connections(mail), 3 * 9)  # a probe of one port connects six times
            for port in (25, 587, 465):
                self.lab.wait_published(f"_{port}._tcp.{host}", "TLSA")
        finally:
            self.lab.danectl("release", host)
            for port in (25, 587, 465):
                self.lab.delete(f"_{port}._tcp.{host}")

    def test_a_greeting_that_refuses(self) -> None:
        with self.talking(self.smtp(b"554 not you\r\n"), 2525):
            self.assert_found("greeting-failed", "CRITICAL", f"smtp://{NAME}:2525", says="554")
        with self.talking(self.smtp(b"450 greylisted, come back\r\n"), 2525):
            self.assert_found("refused-for-now", "UNKNOWN", f"smtp://{NAME}:2525", says="450")
            self.assertNotIn("greeting-failed", self.found(f"smtp://{NAME}:2525"))

    def test_a_server_that_does_not_greet_costs_the_time_limit_and_is_found(self) -> None:
        with self.talking(lambda client: time.sleep(5), 2525):
            self.assert_found("greeting-failed", "CRITICAL", f"smtp://{NAME}:2525", says="no answer within")

    def test_starttls_that_is_not_offered_is_worse_where_there_are_records(self) -> None:
        with self.talking(self.smtp(b"220 mx ESMTP\r\n", b"250-mx\r\n250 SIZE 1000\r\n", b"221 bye\r\n"), 2525):
            self.assert_found("starttls-missing", "WARNING", f"smtp://{NAME}:2525")
            self.lab.add(f"_2525._tcp.{NAME}", 3600, f"TLSA 3 1 1 {'ab' * 32}")
            self.assert_found("starttls-missing", "CRITICAL", f"smtp://{NAME}:2525")
            self.lab.delete(f"_2525._tcp.{NAME}")


class Many(CheckTest):
    def test_a_hundred_endpoints_of_which_five_are_silent(self) -> None:
        silent = [socket.create_server(("127.0.0.26", 3000 + n)) for n in range(5)]
        try:
            urls = [f"tls://mx.example.lab:{4500 + n}" for n in range(95)]
            urls += [f"tls://mx2.example.lab:{3000 + n}" for n in range(5)]
            started = time.monotonic()
            found = findings(self.lab, *urls)
            took = time.monotonic() - started
        finally:
            for one in silent:
                one.close()
        self.assertLess(took, 3 + 2, f"{took:.1f} s")
        self.assertEqual(sum("no answer within" in f["message"] for f in found), 5)


if __name__ == "__main__":
    unittest.main()
