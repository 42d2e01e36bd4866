"""Mail under load: a Postfix that sends, and only where DANE verifies, and one that receives and throws away.

    receiver = MailServer(lab, chain_files=[...], settings=receives("one.example.lab"), services=DELIVERY)
    sender = sending_server(lab)
    with receiver, sender, Stream(lab, sender, ["one.example.lab"]) as stream:
        ...
    arrived = MailLog(receiver).read()
"""
from __future__ import annotations

import contextlib
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from types import TracebackType

from lab import Lab, run
from lab_mail import DELIVERY, MailServer

RATE = 200  # deliveries a second
RECIPIENTS = 4  # of each message
# None of Postfix's limits for strangers and for many at once, and nothing that takes time and does not matter here.
LEAN = {"smtpd_client_connection_count_limit": "0", "smtpd_client_connection_rate_limit": "0",
        "in_flow_delay": "0", "max_use": "2000", "smtpd_peername_lookup": "no", "inet_protocols": "ipv4",
        "tls_ssl_options": "NO_TICKET"}
# Every other delivery, at least, has a connection and a handshake of its own.
TOGETHER = 2
SENDER = {**LEAN, "smtp_tls_security_level": "dane-only", "smtp_dns_support_level": "dnssec", "smtp_tls_loglevel": "1",
          "smtp_destination_recipient_limit": str(TOGETHER),
          "smtpd_recipient_restrictions": "permit_mynetworks, reject"}


def receives(*domains: str) -> dict[str, str]:
    """The settings of a Postfix that takes all mail for these, and throws it away."""
    return {**LEAN, "mydestination": ", ".join(domains), "local_recipient_maps": "", "local_transport": "discard:",
            "smtpd_recipient_restrictions": "reject_unauth_destination"}


def sending_server(lab: Lab) -> MailServer:
    return MailServer(lab, address="127.0.0.26", hostname="sender.example.lab", settings=SENDER, services=DELIVERY,
                      name="sender")


class MailLog:
    """What the log of a Postfix says of deliveries. `undelivered`: its lines of mail that was deferred, bounced or has
    expired, and of what stopped a part of Postfix; of a reload it may warn: it tries again then. `connections`: how
    often it calls a TLS connection "Verified", and whatever else; `unverified`: the lines of those."""

    def __init__(self, server: MailServer) -> None:
        self.sent = 0
        self.undelivered: list[str] = []
        self.connections: Counter[str] = Counter()
        self.unverified: list[str] = []
        self._server, self._at, self._lock = server, 0, threading.Lock()

    def read(self) -> MailLog:
        """Goes on where it ended: the log of some minutes is long."""
        with self._lock, self._server.log_file.open("rb") as log:
            log.seek(self._at)
            for line in log:
                if not line.endswith(b"\n"):  # it is being written
                    break
                self._at += len(line)
                self._count(line.decode(errors="replace"))
        return self

    def _count(self, line: str) -> None:
        if "status=sent" in line:
            self.sent += 1
        elif re.search(r"status=(?!sent)|: (error|fatal|panic): ", line):
            self.undelivered.append(line.rstrip())
        elif found := re.search(r": (\w+) TLS connection established to ", line):
            self.connections[found[1]] += 1
            if found[1] != "Verified":
                self.unverified.append(line.rstrip())


class Stream:
    """Gives the sending server a batch of messages at a steady pace, as long as the `with` lasts, to the domains by
    turns. On a machine that is too slow for the pace it waits for the deliveries: the queue stays short, so that each
    switch meets the stream. `given`: deliveries; `seconds`: without those of pauses; `log`: the sender's."""

    def __init__(self, lab: Lab, sender: MailServer, domains: Sequence[str], rate: int = RATE) -> None:
        self.given, self.seconds = 0, 0.0
        self.log = MailLog(sender)
        messages = max(1, rate // 10)
        self._command = ["smtp-source", "-d", "-m", str(messages), "-r", str(RECIPIENTS), "-M", "client.example.lab",
                         "-f", "someone@sender.lab"]
        self._to = f"{sender.address}:25"
        self._batch, self._rate = messages * RECIPIENTS, rate
        self._lab, self._domains, self._end, self._gate = lab, domains, threading.Event(), threading.Lock()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._flow, daemon=True)

    def __enter__(self) -> Stream:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None,
                 _trace: TracebackType | None) -> None:
        self._end.set()
        self._thread.join()
        if kind is None:
            self.raise_its_error()

    def raise_its_error(self) -> None:
        if self._error is not None:
            raise self._error

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Within it nothing is on its way, and nothing is given."""
        with self._gate:
            self.wait_until_sent()
            yield

    def wait_until_sent(self) -> None:
        self._lab.wait_until("all is sent", lambda: self.log.read().sent >= self.given)

    def _flow(self) -> None:
        due, turn = time.monotonic(), 0
        try:
            while not self._end.is_set():
                with self._gate:
                    began = time.monotonic()
                    domain = self._domains[turn % len(self._domains)]
                    run([*self._command, "-t", f"someone@{domain}", self._to], env=self._lab.env)
                    self.given += self._batch
                    turn += 1
                due = max(due + self._batch / self._rate, time.monotonic() - 1)
                self._end.wait(max(0.0, due - time.monotonic()))
                while self.given - self.log.read().sent > self._rate and not self._end.is_set():
                    time.sleep(0.1)
                self.seconds += time.monotonic() - began
        except BaseException as error:  # raised again where the test sees it
            self._error = error
