"""Postfix with one file, under load: 200 deliveries a second of a sender that insists on DANE, and three switches."""
from __future__ import annotations

import re
import threading
import time
import unittest
from types import TracebackType

from lab import Lab, run
from lab_mail import DELIVERY, MailServer, presented
from rolling import Lineage, begin, roll
from rollover import RolloverTest, live, owner_of

HOST = "mx.example.lab"
LINEAGE = Lineage(HOST, (owner_of(HOST),))
PROMOTIONS = 3
DOMAIN = "one.example.lab"
RATE, MESSAGES, RECIPIENTS = 200, 20, 4  # deliveries a second; messages of one smtp-source, each for so many
BATCH = MESSAGES * RECIPIENTS
# None of Postfix's limits for strangers and for many at once, and nothing that takes time and does not matter here.
LEAN = {"smtpd_client_connection_count_limit": "0", "smtpd_client_connection_rate_limit": "0",
        "in_flow_delay": "0", "max_use": "2000", "smtpd_peername_lookup": "no", "inet_protocols": "ipv4",
        "tls_ssl_options": "NO_TICKET"}
RECEIVER = {**LEAN, "mydestination": DOMAIN, "local_recipient_maps": "", "local_transport": "discard:",
            "smtpd_recipient_restrictions": "reject_unauth_destination"}
# Every other delivery, at least, has a connection and a handshake of its own.
TOGETHER = 2
SENDER = {**LEAN, "smtp_tls_security_level": "dane-only", "smtp_dns_support_level": "dnssec", "smtp_tls_loglevel": "1",
          "smtp_destination_recipient_limit": str(TOGETHER),
          "smtpd_recipient_restrictions": "permit_mynetworks, reject"}


class Stream:
    """Gives the sending server a batch of messages at a steady pace, as long as the `with` lasts. On a machine that is
    too slow for the pace it waits for the deliveries: the queue stays short, so that each switch meets the stream."""

    def __init__(self, lab: Lab, sender: MailServer) -> None:
        self.given, self.seconds = 0, 0.0
        self._command = ["smtp-source", "-d", "-m", str(MESSAGES), "-r", str(RECIPIENTS), "-M", "client.example.lab",
                         "-f", "someone@sender.lab", "-t", f"someone@{DOMAIN}", f"{sender.address}:25"]
        self._lab, self._sender, self._end = lab, sender, threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._flow, daemon=True)

    def __enter__(self) -> Stream:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None,
                 _trace: TracebackType | None) -> None:
        self._end.set()
        self._thread.join()
        if self._error is not None and kind is None:
            raise self._error

    def _flow(self) -> None:
        began = due = time.monotonic()
        try:
            while not self._end.is_set():
                run(self._command, env=self._lab.env)
                self.given += BATCH
                due = max(due + BATCH / RATE, time.monotonic() - 1)
                self._end.wait(max(0.0, due - time.monotonic()))
                while self.given - len(sent(self._sender)) > RATE:
                    time.sleep(0.1)
                self.seconds = time.monotonic() - began
        except BaseException as error:  # raised again where the test sees it
            self._error = error


class PostfixUnderLoad(RolloverTest):
    def test_three_switches_defer_no_message_of_a_sender_that_insists_on_dane(self) -> None:
        combined = live(self.lab, HOST) / "combined.pem"
        receiver = MailServer(self.lab, chain_files=[combined], settings=RECEIVER, services=DELIVERY)
        sender = MailServer(self.lab, address="127.0.0.26", hostname="sender.example.lab", settings=SENDER,
                            services=DELIVERY, name="sender")
        LINEAGE.enroll(self.lab, reload=[receiver.reload_command], probe=[f"smtp://{HOST}:25"])
        with receiver, sender:
            self.lab.add(DOMAIN, 2, f"MX 10 {HOST}.")
            begin(self.lab, [LINEAGE])
            with Stream(self.lab, sender) as stream:
                (watcher,) = roll(self, self.lab, [LINEAGE], promotions=PROMOTIONS)
            for server in (sender, receiver):
                self.lab.wait_until("all is delivered", lambda server=server: len(sent(server)) >= stream.given, 60)
            self.assertEqual(presented(self.lab, HOST, 25, "smtp"), watcher.served[-1])
        print(f"{stream.given} deliveries in {stream.seconds:.0f} s: {stream.given / stream.seconds:.0f} a second, "
              f"{len(watcher.served) - 1} promotions")
        self.assertGreaterEqual(len(watcher.served) - 1, PROMOTIONS)
        self.assertEqual(undelivered(sender), [])
        self.assertEqual(undelivered(receiver), [])
        self.assertEqual(len(sent(sender)), stream.given)
        self.assertEqual(len(sent(receiver)), stream.given)
        self.assertEqual({*connections(sender)}, {"Verified"})
        self.assertGreaterEqual(len(connections(sender)), stream.given / TOGETHER)


def sent(server: MailServer) -> list[str]:
    return [line for line in server.log().splitlines() if "status=sent" in line]


def undelivered(server: MailServer) -> list[str]:
    """Deferred, bounced, expired; and what stopped a part of Postfix. Of a reload it may warn: it tries again then."""
    return [line for line in server.log().splitlines() if re.search(r"status=(?!sent)|: (error|fatal|panic): ", line)]


def connections(sender: MailServer) -> list[str]:
    """What Postfix calls each of its TLS connections."""
    return re.findall(r": (\w+) TLS connection established to ", sender.log())


if __name__ == "__main__":
    unittest.main()
