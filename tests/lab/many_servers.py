"""TLS servers of many lineages: one port, and the certificate of the host that the client names (RFC 6066 section 3)."""
from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import threading
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from many_lineages import HOST, ManyLineages

PORT = 4443


class ManyServers:
    """Of the first lineages of many, with their TLSA records; they serve as long as the `with` lasts."""

    def __init__(self, many: ManyLineages, count: int) -> None:
        self.names = many.names[:count]
        self._lab = many.lab
        self._folder = folder = many.lab.certbot_dir / "live"
        self._contexts: dict[str, ssl.SSLContext] = {}
        updates: list[str] = []
        for name in self.names:
            context = self._contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / name / "fullchain.pem", folder / name / "privkey.pem")
            updates.append(f"update add _{PORT}._tcp.{name}. 2 TLSA {self._record(folder / name / 'cert.pem')}\n")
        many.lab.nsupdate("server 127.0.0.31\nzone example.lab.\n" + "".join(updates) + "send\n")

    @staticmethod
    def _record(path: Path) -> str:
        key = x509.load_pem_x509_certificate(path.read_bytes()).public_key()
        spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"3 1 1 {hashlib.sha256(spki).hexdigest()}"

    def are_known(self) -> bool:
        """Whether the resolver has the records of the last of them."""
        return bool(self._lab.dig(f"_{PORT}._tcp.{self.names[-1]}", "TLSA").records)

    def urls(self) -> list[str]:
        return [f"tls://{name}:{PORT}" for name in self.names]

    def for_s_client(self) -> str:
        """The arguments of `openssl s_client`, a line for each, for `xargs -L 1`."""
        return "".join(f"-connect {HOST}:{PORT} -servername {name} -dane_tlsa_domain {name} "
                       f"-dane_tlsa_rrdata \"{self._record(self._folder / name / 'cert.pem')}\"\n" for name in self.names)

    def __enter__(self) -> ManyServers:
        self._socket = socket.create_server((HOST, PORT), backlog=256)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None,
                 _trace: TracebackType | None) -> None:
        self._socket.close()

    def _accept(self) -> None:
        front = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        front.sni_callback = self._choose
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(front, connection), daemon=True).start()

    def _choose(self, connection: ssl.SSLSocket, name: str | None, _front: ssl.SSLContext) -> int | None:
        if name not in self._contexts:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self._contexts[name]
        return None

    @staticmethod
    def _serve(front: ssl.SSLContext, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, front.wrap_socket(connection, server_side=True) as secure:
            while secure.recv(1000):
                pass
