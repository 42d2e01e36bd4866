"""Mail domains of every kind below example.lab, and a server that counts who knocks."""
from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from types import TracebackType

from lab import Lab

RETIRED = "2 1 1 " + "0b9fa5a59eed715c26c1020c711b4f6e" + "c42d58b0015e14337a39dad301c5afc3"
OWN = "3 1 1 " + "ab" * 32
NEXT = "3 1 1 " + "cd" * 32
HOSTS_OF_RETIRED = 12

# Below example.lab: what DNS has at each name.
RECORDS = [
    f"_25._tcp.mx TLSA {OWN}", f"_25._tcp.mx TLSA {NEXT}",
    "dane MX 10 mx.example.lab.", "partly MX 10 mx.example.lab.", "partly MX 20 mx2.example.lab.",
    "without MX 10 mx2.example.lab.",
    "mxu A 127.0.0.26", "_25._tcp.mxu TLSA 1 1 1 " + "11" * 32, "unusable MX 10 mxu.example.lab.",
    "mxd A 127.0.0.26", f"_25._tcp.mxd TLSA {OWN}", "_25._tcp.mxd TLSA 3 1 2 " + "22" * 64,
    "digests MX 10 mxd.example.lab.",
    "null MX 0 .",
    "implicit A 127.0.0.26", f"_25._tcp.implicit TLSA {OWN}",
    # BIND takes no MX record of an alias or of a name without address in its own zone.
    "alias MX 10 cn.alias.lab.", "nowhere MX 10 nohost.alias.lab.",
    "foreign MX 10 mx.alias.lab.",
    *(line for i in range(HOSTS_OF_RETIRED) for line in (
        f"mxr{i} A 127.0.0.26", f"_25._tcp.mxr{i} TLSA {RETIRED}", f"retired{i} MX 10 mxr{i}.example.lab.")),
]


def add_mail_domains(lab: Lab, records: list[str] | None = None) -> None:
    if records is None:
        lab.add("cn.alias.lab", 60, "CNAME mx.example.lab.")
    lines = [line.split(" ", 1) for line in records or RECORDS]
    lab.nsupdate("server 127.0.0.31\nzone example.lab.\n" + "".join(
        f"update add {name}.example.lab. 60 IN {data}\n" for name, data in lines) + "send\n")
    lab.wait_until("both servers have it", lambda: lab._in_step(lab.zone_of("example.lab")))


class CountingMailServer:
    """A mail server with STARTTLS that notes each connection: its address, and the name that it was sent."""

    def __init__(self, addresses: list[str], chain: Path) -> None:
        self.connections: list[tuple[str, str | None]] = []
        self._chain = chain
        self._listeners = [socket.create_server((address, 25), backlog=200) for address in addresses]

    def __enter__(self) -> CountingMailServer:
        for listener in self._listeners:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client, listener.getsockname()[0]), daemon=True).start()

    def _serve(self, client: socket.socket, address: str) -> None:
        seen: list[str | None] = [None]
        index = len(self.connections)
        self.connections.append((address, None))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # its own, for the name that is sent
        context.load_cert_chain(self._chain)
        context.sni_callback = lambda _socket, name, _context: seen.__setitem__(0, name)
        with client, contextlib.suppress(OSError):
            client.settimeout(5)
            client.sendall(b"220 counting\r\n")
            client.recv(1000)
            client.sendall(b"250-counting\r\n250 STARTTLS\r\n")
            client.recv(1000)
            client.sendall(b"220 go ahead\r\n")
            with context.wrap_socket(client, server_side=True) as tls:
                self.connections[index] = (address, seen[0])
                while word := tls.recv(1000):
                    if word.upper().startswith(b"QUIT"):
                        tls.sendall(b"221 bye\r\n")
                        return
                    tls.sendall(b"250 counting\r\n")
