"""What a probe finds of real servers: Postfix, Dovecot and OpenSSL's; and of servers that do not behave."""
from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lab import Lab, run
from lab_mail import Chains, MailboxServer, MailServer
from lab_process import Daemon

HOST = "mx.example.lab"
KINDS = [("rsa", True), ("ecdsa", True), ("rsa", False), ("ecdsa", False)]


class ProbeTest(unittest.TestCase):
    lab: Lab

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        cls.lab.write_config(dns={"probe_timeout": "2s"})
        cls.chains = Chains(cls.lab.dir / "tls")
        cls.rsa, cls.ec = cls.chains.make(HOST, "rsa"), cls.chains.make(HOST, "ec")

    def probe(self, *urls: str) -> list[dict[str, Any]]:
        return json.loads(run([os.environ["DANECTL_PROBE"], self.lab.config, *urls], env=self.lab.env).out)

    def only(self, url: str) -> dict[str, Any]:
        """The one address of the one url."""
        (result,) = self.probe(url)
        (address,) = result["addresses"]
        return address

    def handshakes(self, url: str) -> dict[tuple[str, bool], dict[str, Any]]:
        address = self.only(url)
        self.assertEqual(address["kind"], "probed", address)
        found = {(h["keys"], h["sni"]): h for h in address["handshakes"]}
        self.assertEqual(list(found), KINDS)
        return found

    def spki(self, chain: Path) -> str:
        return self.lab.openssl_spki(chain)

    def assert_presented(self, handshake: dict[str, Any], chain: Path) -> None:
        self.assertEqual(handshake["kind"], "presented", handshake)
        self.assertEqual(handshake["chain"][0]["spki"], self.spki(chain))
        self.assertEqual((handshake["why"], handshake["reached"]), ("", "tls"))

    def assert_fails(self, url: str, why: str, reached: str) -> None:
        for handshake in self.handshakes(url).values():
            self.assertEqual((handshake["kind"], handshake["why"], handshake["chain"]), ("failed", why, []))
            self.assertEqual(handshake["reached"], reached, handshake)

    def assert_both_kinds(self, *urls: str) -> None:
        for url in urls:
            for (keys, _sni), handshake in self.handshakes(url).items():
                self.assert_presented(handshake, self.rsa if keys == "rsa" else self.ec)


class Postfix(ProbeTest):
    def test_rsa_and_ecdsa_are_both_seen_by_starttls_and_plain_tls(self) -> None:
        with MailServer(self.lab, chain_files=[self.rsa, self.ec]) as mail:
            self.assert_both_kinds(f"smtp://{HOST}", f"submission://{HOST}", f"smtps://{HOST}")
            self.lab.wait_until("all twelve clients were seen to QUIT",
                                lambda: sum("quit=1" in line for line in mail.log().splitlines()) == 12)

    def test_a_server_without_ecdsa_says_so_with_an_alert(self) -> None:
        for settings in ({}, {"smtpd_tls_mandatory_protocols": "<=TLSv1.2", "smtpd_tls_protocols": "<=TLSv1.2"}):
            with MailServer(self.lab, chain_files=[self.rsa], settings=settings):
                for (keys, _sni), handshake in self.handshakes(f"smtp://{HOST}").items():
                    if keys == "rsa":
                        self.assert_presented(handshake, self.rsa)
                        self.assertEqual(handshake["protocol"], "TLSv1.2" if settings else "TLSv1.3")
                    else:
                        self.assertEqual((handshake["kind"], handshake["why"], handshake["reached"]),
                                         ("none", "alert: handshake failure", "tls"))

    def test_the_chain_of_the_server_name_is_told_from_that_without(self) -> None:
        other = self.chains.make("other.example.lab", "ec")
        with MailServer(self.lab, chain_files=[other], sni={HOST: self.ec}):
            found = self.handshakes(f"smtp://{HOST}")
            self.assert_presented(found["ecdsa", True], self.ec)
            self.assert_presented(found["ecdsa", False], other)

    def test_a_reload_is_seen_by_the_next_probe(self) -> None:
        chain = self.chains.make(HOST, "ec", file="reloaded.pem")
        with MailServer(self.lab, chain_files=[chain]) as mail:
            before = self.spki(chain)
            self.chains.make(HOST, "ec", file="reloaded.pem")
            self.assertNotEqual(self.spki(chain), before)
            mail.reload()
            self.lab.wait_until("the new chain is presented", lambda: self.handshakes(
                f"smtp://{HOST}")["ecdsa", True]["chain"][0]["spki"] == self.spki(chain))

    def test_starttls_that_is_not_offered_is_a_failure(self) -> None:
        with MailServer(self.lab, chain_files=[self.rsa], settings={"smtpd_tls_security_level": "none"}):
            self.assert_fails(f"smtp://{HOST}", "STARTTLS is not offered", "greeted")

    def test_a_strict_server_with_postscreen_lets_the_probe_pass(self) -> None:
        settings = {"postscreen_greet_action": "enforce", "postscreen_greet_wait": "1s", "postscreen_dnsbl_sites": "",
                    "postscreen_access_list": "", "postscreen_cache_map": "btree:$data_directory/seen",
                    "postscreen_tls_security_level": "may"}
        services = ["127.0.0.25:2525 inet n - n - 1 postscreen", "smtpd pass - - n - - smtpd",
                    "tlsproxy unix - - n - 0 tlsproxy", "dnsblog unix - - n - 0 dnsblog"]
        with MailServer(self.lab, chain_files=[self.ec], settings=settings, services=services) as mail:
            handshake = self.handshakes(f"smtp://{HOST}:2525")["ecdsa", True]
            self.assert_presented(handshake, self.ec)
            self.assertNotIn("PREGREET", mail.log())


class Dovecot(ProbeTest):
    def test_rsa_and_ecdsa_are_both_seen_by_all_four_protocols(self) -> None:
        with MailboxServer(self.lab, chain_files=[self.ec, self.rsa]):
            self.assert_both_kinds(*(f"{scheme}://{HOST}" for scheme in ("imap", "imaps", "pop3", "pop3s")))

    def test_a_server_without_rsa_says_so_by_an_alert_or_by_closing_the_connection(self) -> None:
        # It is asked up to six times, and Dovecot starts a process for each.
        self.lab.write_config(dns={"probe_timeout": "20s"})
        self.addCleanup(self.lab.write_config, dns={"probe_timeout": "2s"})
        mailboxes = MailboxServer(self.lab, chain_files=[self.ec])
        with mailboxes:
            for url in (f"imap://{HOST}", f"imaps://{HOST}"):
                for (keys, _sni), handshake in self.handshakes(url).items():
                    if keys == "ecdsa":
                        self.assert_presented(handshake, self.ec)
                    else:
                        self.assertEqual((handshake["kind"], handshake["reached"]), ("none", "tls"), handshake)
                        self.assertIn(mailboxes.refusal, handshake["why"])

    def test_starttls_that_is_not_offered_is_a_failure(self) -> None:
        with MailboxServer(self.lab, chain_files=[self.ec], settings={"ssl": "no"}):
            self.assert_fails(f"imap://{HOST}", "STARTTLS is not offered", "greeted")
            self.assert_fails(f"pop3://{HOST}", "STLS is not offered", "greeted")


class PlainTls(ProbeTest):
    @contextlib.contextmanager
    def server(self, *chains: Path, address: str = "127.0.0.25", options: tuple[str, ...] = ()) -> Iterator[None]:
        """openssl s_server on port 4433; with two chains the second is for a client that asks for HOST."""
        words = ["openssl", "s_server", "-quiet", "-accept", f"{address}:4433", "-cert", chains[0], "-key", chains[0],
                 *options]
        for chain in chains[1:]:
            words += ["-servername", HOST, "-cert2", chain, "-key2", chain]

        def listens() -> bool:
            with socket.socket(socket.AF_INET6 if "[" in address else socket.AF_INET) as client:
                return client.connect_ex((address.strip("[]"), 4433)) == 0

        daemon = Daemon("s_server", words, self.lab.dir / "log" / "s_server.log", listens)
        daemon.spawn()
        try:
            self.lab.wait_until("s_server listens", listens)
            yield
        finally:
            daemon.kill()

    def test_an_expired_certificate_is_presented_like_any_other(self) -> None:
        expired = self.chains.make("expired.example.lab", "ec", days=0)
        with self.server(expired):
            for (keys, _sni), handshake in self.handshakes(f"tls://{HOST}:4433").items():
                if keys == "ecdsa":
                    self.assert_presented(handshake, expired)
                else:
                    self.assertEqual(handshake["kind"], "none")

    def test_the_server_name_chooses_the_certificate(self) -> None:
        other = self.chains.make("other.example.lab", "rsa")
        with self.server(other, self.rsa):
            found = self.handshakes(f"tls://{HOST}:4433")
            self.assert_presented(found["rsa", True], self.rsa)
            self.assert_presented(found["rsa", False], other)

    def test_an_ecdsa_certificate_by_an_rsa_ca_is_seen_by_a_server_that_looks_at_the_chain(self) -> None:
        ca = self.chains.make("ca.example.lab", "rsa")
        leaf = self.chains.make(HOST, "ec", issuer=ca, file="cross.pem")
        with self.server(leaf, options=("-strict", "-tls1_2", "-cert_chain", str(ca))):
            found = self.handshakes(f"tls://{HOST}:4433")
            self.assert_presented(found["ecdsa", True], leaf)
            self.assertEqual(found["ecdsa", True]["chain"][1]["spki"], self.spki(ca))
            self.assertEqual(found["rsa", True]["kind"], "none")

    def test_ed25519_counts_as_not_rsa(self) -> None:
        chain = self.chains.make("ed.example.lab", "ed25519")
        with self.server(chain):
            found = self.handshakes(f"tls://{HOST}:4433")
            self.assert_presented(found["ecdsa", True], chain)
            self.assertEqual(found["rsa", True]["kind"], "none")

    def test_tls_1_0_is_spoken_to_a_server_that_has_nothing_newer(self) -> None:
        with self.server(self.rsa, options=("-tls1", "-cipher", "ALL:@SECLEVEL=0")):
            handshake = self.handshakes(f"tls://{HOST}:4433")["rsa", True]
            self.assert_presented(handshake, self.rsa)
            self.assertEqual(handshake["protocol"], "TLSv1")

    def test_both_addresses_of_a_host_are_probed_ipv6_too(self) -> None:
        with self.server(self.ec, address="[fd00:da::27]"):
            (result,) = self.probe("tls://mx6.example.lab:4433")
        v4, v6 = result["addresses"]
        self.assertEqual((v4["address"], v6["address"]), ("127.0.0.27", "fd00:da::27"))
        self.assertEqual({h["why"] for h in v4["handshakes"]}, {"connection refused"})
        self.assert_presented(v6["handshakes"][1], self.ec)


class Trouble(ProbeTest):
    @contextlib.contextmanager
    def speaking(self, talk: Callable[[socket.socket], None]) -> Iterator[list[bytes]]:
        """A server on port 4025 that does this with each client; what clients said in the end."""
        said: list[bytes] = []

        def serve(listener: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _peer = listener.accept()
                    threading.Thread(target=answer, args=(client,), daemon=True).start()

        def answer(client: socket.socket) -> None:
            with client, contextlib.suppress(OSError):
                client.settimeout(5)
                talk(client)
                said.append(client.recv(1000))

        with socket.create_server(("127.0.0.25", 4025)) as listener:
            threading.Thread(target=serve, args=(listener,), daemon=True).start()
            yield said
            listener.shutdown(socket.SHUT_RDWR)

    def test_a_server_that_refuses_in_its_greeting_is_told_goodbye_and_asked_once(self) -> None:
        with self.speaking(lambda client: client.sendall(b"554 no service here\r\n")) as said:
            self.assert_fails(f"smtp://{HOST}:4025", "the greeting is 554 no service here", "connected")
            self.assertEqual(said, [b"QUIT\r\n"])

    def test_a_server_that_is_silent_costs_no_more_than_the_time_limit(self) -> None:
        began = time.monotonic()
        with self.speaking(lambda client: None):
            self.assert_fails(f"smtp://{HOST}:4025", "no answer within 2 s while waiting for the greeting", "connected")
        self.assertLess(time.monotonic() - began, 2 * 2)

    def test_a_server_that_is_silent_after_the_banner_too(self) -> None:
        def talk(client: socket.socket) -> None:
            client.sendall(b"220 mx\r\n")
            client.recv(1000)
        with self.speaking(talk):
            why = "no answer within 2 s while waiting for the answer to EHLO"
            self.assert_fails(f"smtp://{HOST}:4025", why, "connected")

    def test_plain_text_behind_the_go_ahead_is_not_taken_for_tls(self) -> None:
        def talk(client: socket.socket) -> None:
            client.sendall(b"220 mx\r\n")
            client.recv(1000)
            client.sendall(b"250-mx\r\n250 STARTTLS\r\n")
            client.recv(1000)
            client.sendall(b"220 go ahead\r\n250 injected\r\n")
        with self.speaking(talk):
            why = "plain text came right behind the go-ahead for TLS: it may have been put there on the way"
            self.assert_fails(f"smtp://{HOST}:4025", why, "greeted")

    def test_a_server_that_hangs_up_is_a_failure(self) -> None:
        with self.speaking(lambda client: client.shutdown(socket.SHUT_RDWR)):
            self.assert_fails(f"smtp://{HOST}:4025", "connection closed while waiting for the greeting", "connected")
            for handshake in self.handshakes(f"tls://{HOST}:4025").values():
                self.assertIn(handshake["why"], ("connection closed during the TLS handshake",
                                                 "connection reset during the TLS handshake"))

    def test_a_port_that_speaks_no_tls_is_a_failure(self) -> None:
        with self.speaking(lambda client: client.sendall(b"220 mx\r\n")):
            self.assert_fails(f"tls://{HOST}:4025", "the TLS handshake failed: wrong version number", "tls")

    def test_a_refused_port_is_a_failure(self) -> None:
        self.assert_fails(f"smtp://{HOST}:4026", "connection refused", "nothing")

    def test_a_handshake_that_is_refused_or_never_ends_has_come_as_far_as_tls(self) -> None:
        with self.speaking(lambda client: client.recv(1000)):
            for handshake in self.handshakes(f"tls://{HOST}:4025").values():
                self.assertEqual(handshake["reached"], "tls", handshake)

    def test_ehlo_and_starttls_that_are_refused_are_told_apart(self) -> None:
        def refuses_ehlo(client: socket.socket) -> None:
            client.sendall(b"220 mx\r\n")
            client.recv(1000)
            client.sendall(b"550 go away\r\n")

        def refuses_starttls(client: socket.socket) -> None:
            client.sendall(b"220 mx\r\n")
            client.recv(1000)
            client.sendall(b"250-mx\r\n250 STARTTLS\r\n")
            client.recv(1000)
            client.sendall(b"454 not now\r\n")
        with self.speaking(refuses_ehlo):
            self.assert_fails(f"smtp://{HOST}:4025", "EHLO is refused: 550 go away", "connected")
        with self.speaking(refuses_starttls):
            self.assert_fails(f"smtp://{HOST}:4025", "STARTTLS is refused: 454 not now", "greeted")

    def test_many_urls_are_probed_side_by_side(self) -> None:
        began = time.monotonic()
        with self.speaking(lambda client: None):
            results = self.probe(*[f"smtp://{HOST}:4025"] * 200)
        self.assertEqual(len(results), 200)
        self.assertLess(time.monotonic() - began, 200 * 2 / 10)

    def test_progress_counts_each_address_that_is_asked(self) -> None:
        urls = [f"smtp://{HOST}:4026", "smtp://mx6.example.lab:4026", "smtp://mx.bogus.lab:4026"]
        err = run([os.environ["DANECTL_PROBE"], self.lab.config, *urls], env=self.lab.env).err
        self.assertEqual(err.split(), ["1/3", "2/3", "3/3"])

    def test_a_host_without_address_or_that_cannot_be_looked_up_has_a_reason(self) -> None:
        address = self.only("smtp://example.lab")
        self.assertEqual((address["kind"], address["address"], address["why"]),
                         ("failed", "", "example.lab has no address"))
        address = self.only("smtp://mx.bogus.lab")
        self.assertEqual((address["kind"], address["address"]), ("failed", ""))
        self.assertRegex(address["why"], "^the address of mx.bogus.lab could not be looked up: ")

    def test_an_address_in_the_url_needs_no_resolver(self) -> None:
        with self.lab.silence("unbound"):
            began = time.monotonic()
            self.assert_fails(f"smtp://{HOST}:4026@127.0.0.26", "connection refused", "nothing")
            self.assertLess(time.monotonic() - began, 2)  # what a look-up would take

    def test_an_address_without_a_route_is_left_out_only_when_another_was_probed(self) -> None:
        run(["ip", "addr", "del", "fd00:da::27/128", "dev", "lo"])
        run(["ip", "addr", "del", "fd00:da::32/128", "dev", "lo"])
        run(["ip", "-6", "addr", "del", "::1/128", "dev", "lo"], expect=None)
        try:
            (result,) = self.probe("smtp://mx6.example.lab")
            v4, v6 = result["addresses"]
            self.assertEqual((v4["kind"], v6["kind"], v6["why"]), ("probed", "left_out", "no IPv6 route on this host"))
            address = self.only(f"smtp://{HOST}@fd00:da::27")
            self.assertEqual((address["kind"], address["why"]), ("failed", "no IPv6 route on this host"))
        finally:
            for added in ("fd00:da::27/128", "fd00:da::32/128", "::1/128"):
                run(["ip", "addr", "replace", added, "dev", "lo", "nodad"])
