"""A name server that does not behave: it passes questions on to a good one, but for those that a rule picks out.

    with DnsFilter(["127.0.0.32"], to="127.0.0.31", rule=drop_type(TLSA)):
"""
from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

TLSA = 52
NXDOMAIN, REFUSED = 3, 5

# From the name asked for, in lower case without the dot at the end, and the type: None passes the question on, "drop"
# keeps silent, a number is answered as an empty answer with that rcode. "cut" is truncated by UDP, and by TCP nothing.
Rule = Callable[[str, int], "int | str | None"]


def drop_type(kind: int) -> Rule:
    return lambda _name, asked: "drop" if asked == kind else None


def refuse_type(kind: int) -> Rule:
    return lambda _name, asked: REFUSED if asked == kind else None


def deny_name(denied: str) -> Rule:
    return lambda name, _asked: NXDOMAIN if name == denied else None


def cut_type(kind: int) -> Rule:
    return lambda _name, asked: "cut" if asked == kind else None


def question_of(message: bytes) -> tuple[str, int, int]:
    """Name, type, and where the question ends."""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode("latin-1").lower())
        at += 1 + message[at]
    return ".".join(labels), struct.unpack_from("!H", message, at + 1)[0], at + 5


class DnsFilter:
    def __init__(self, addresses: Sequence[str], *, to: str, rule: Rule) -> None:
        self.addresses, self.to, self.rule = addresses, to, rule
        self._sockets: list[socket.socket] = []
        self._udp_threads: list[threading.Thread] = []  # an address is free again once none of them uses its socket

    def __enter__(self) -> DnsFilter:
        for address in self.addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            udp = socket.socket(family, socket.SOCK_DGRAM)
            udp.bind((address, 53))
            tcp = socket.create_server((address, 53), family=family, backlog=50)
            self._sockets += [udp, tcp]
            self._start(self._serve_udp, udp)
            threading.Thread(target=self._serve_tcp, args=(tcp,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        while self._udp_threads:
            self._udp_threads.pop().join()

    def _start(self, serve: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=serve, args=args, daemon=True)
        thread.start()
        self._udp_threads.append(thread)

    def _serve_udp(self, udp: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                message, client = udp.recvfrom(65535)
                if not message:  # the socket was shut down
                    return
                self._start(self._answer_udp, udp, message, client)

    def _answer_udp(self, udp: socket.socket, message: bytes, client: tuple[str, int]) -> None:
        with contextlib.suppress(OSError):
            if answer := self._answer(message):
                udp.sendto(answer, client)

    def _serve_tcp(self, tcp: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = tcp.accept()[0]
                threading.Thread(target=self._answer_tcp, args=(client,), daemon=True).start()

    def _answer_tcp(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, struct.error):
            while True:
                (length,) = struct.unpack("!H", client.recv(2, socket.MSG_WAITALL))
                if answer := self._answer(client.recv(length, socket.MSG_WAITALL), by_tcp=True):
                    client.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, message: bytes, by_tcp: bool = False) -> bytes | None:
        name, kind, end = question_of(message)
        verdict = self.rule(name, kind)
        if verdict == "drop" or (verdict == "cut" and by_tcp):
            return None
        if verdict == "cut":
            return message[:2] + struct.pack("!HHHHH", 0x8600, 1, 0, 0, 0) + message[12:end]
        if isinstance(verdict, int):
            flags = 0x8400 | verdict
            return message[:2] + struct.pack("!HHHHH", flags, 1, 0, 0, 0) + message[12:end]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
            upstream.settimeout(2)
            upstream.sendto(message, (self.to, 53))
            return upstream.recv(65535)
