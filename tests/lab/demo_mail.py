#!/usr/bin/python3
"""A mail server and a sender that checks DANE, for the demo.

Run as a program, `demo_mail.py CHAIN ADDRESS PID_FILE`, it is the server: SMTP as far as STARTTLS, with the key and
chain of one file. Like most servers it reads the file at its start and when it is told to (SIGHUP), never in between.
"""
from __future__ import annotations

import os
import re
import signal
import socketserver
import ssl
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from lab import Lab, run
from lab_dns import RESOLVER

BETWEEN_DELIVERIES = 0.2


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, chain: str, address: str) -> None:
        super().__init__((address, 25), Session)
        self.chain = chain
        self.load()

    def load(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        self.tls = context


class Session(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        try:
            self.talk()
        except OSError:  # the client went away
            pass

    def talk(self) -> None:
        self.wfile.write(b"220 mx.example.lab ESMTP\r\n")
        while line := self.rfile.readline(1000):
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"STARTTLS":
                self.wfile.write(b"220 go ahead\r\n")
                with self.server.tls.wrap_socket(self.connection, server_side=True) as secure:
                    secure.recv(1000)
                return
            self.wfile.write({b"EHLO": b"250-mx.example.lab\r\n250 STARTTLS\r\n", b"QUIT": b"221 bye\r\n"}.get(
                verb, b"502 not in this demo\r\n"))
            if verb == b"QUIT":
                return


@dataclass
class Sender:
    """Knocks at the server all the time, as the mail servers of the world do: asks the validating resolver for the
    TLSA records, and if there are any, goes on only when OpenSSL verifies the server by them (RFC 7672)."""
    lab: Lab
    host: str
    verified: list[str] = field(default_factory=list)  # the end of the digest that matched, each time
    without_dane: int = 0
    refused: list[str] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Sender:
        self._thread = threading.Thread(target=self._send_all_the_time, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()

    def _send_all_the_time(self) -> None:
        while not self._end.is_set():
            try:
                self.send()
            except Exception as error:  # a thread that ends unseen would look like a sender without complaints
                self.refused.append(str(error))
            self._end.wait(BETWEEN_DELIVERIES)

    def send(self) -> None:
        # Patient, as a busy machine is no fault of the rollover.
        answer = self.lab.dig(f"_25._tcp.{self.host}", "TLSA", RESOLVER, "+time=5", "+tries=3")
        records = [record.removeprefix("TLSA ") for record in answer.records if record.startswith("TLSA ")]
        if answer.status not in ("NOERROR", "NXDOMAIN") or "ad" not in answer.flags:
            self.refused.append(f"no validated answer for the TLSA records: {answer.status}\n{answer.text}")
            return
        if not records:
            self.without_dane += 1
            return
        dane = [word for record in records for word in ("-dane_tlsa_rrdata", record)]
        result = run(["openssl", "s_client", "-starttls", "smtp", "-connect", f"{self.host}:25", "-brief",
                      "-verify_return_error", "-dane_tlsa_domain", self.host, "-dane_ee_no_namechecks", *dane],
                     env=self.lab.env, expect=None)
        matched = re.search(r"DANE TLSA \d \d \d \.\.\.([0-9a-f]+) matched", result.out + result.err)
        if result.code == 0 and matched:
            self.verified.append(matched[1])
        else:
            self.refused.append(f"not verified by {records}\n{result}")

    def await_verified(self, digest: str) -> None:
        """Returns when a connection made from now on was verified by this record."""
        known = len(self.verified)
        self.lab.wait_until(f"the sender verifies the server by {digest}",
                            lambda: any(digest.endswith(end) for end in self.verified[known:]))


def main() -> None:
    chain, address, pid_file = sys.argv[1:]
    with Server(chain, address) as server:
        signal.signal(signal.SIGHUP, lambda _number, _frame: server.load())
        Path(pid_file).write_text(f"{os.getpid()}\n")
        server.serve_forever()


if __name__ == "__main__":
    main()
