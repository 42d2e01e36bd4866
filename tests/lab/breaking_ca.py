"""A CA that breaks off: every request goes through a proxy to pebble, and some get no answer, as they do after a crash.

    ca = BreakingCa(lab)                    # before the first certificate: pebble starts anew behind it
    with ca.breaking(FINALIZE, hang_up):
        lab.danectl("run", expect=1)
    ca.orders                               # so many were placed; ca.orders_for[NAME]: for this name
"""
from __future__ import annotations

import base64
import contextlib
import http.client
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lab import Lab
from lab_acme import CA_ADDRESS

# Paths of pebble, for `breaking`.
DIRECTORY, ORDER, FINALIZE, DOWNLOAD = "/dir", "/order-plz", "/finalize-order/", "/certZ/"
BEHIND = 14001  # pebble's port behind the proxy


def hang_up(_request: BaseHTTPRequestHandler, _answer: bytes) -> None:
    """The connection ends without an answer, after the CA has done what it was asked."""


def send_half(request: BaseHTTPRequestHandler, answer: bytes) -> None:
    request.wfile.write(answer[:len(answer) // 2])


def names_ordered(body: bytes) -> list[str]:
    """From a newOrder (RFC 8555 section 7.4), whose signature is the CA's business."""
    payload = json.loads(body)["payload"]
    order = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return [identifier["value"] for identifier in order["identifiers"]]


class BreakingCa:
    """In front of the CA of `lab`, at its address and with its TLS certificate; certbot sees no difference."""

    def __init__(self, lab: Lab) -> None:
        self.orders_for: Counter[str] = Counter()
        self._path = ""  # the requests that get no answer: those below it
        self._break: Callable[[BaseHTTPRequestHandler, bytes], None] = hang_up
        self._end_of_hanging = threading.Event()
        folder = lab.dir / "pebble"
        config = json.loads((folder / "config.json").read_text())
        config["pebble"]["listenAddress"] = f"{CA_ADDRESS}:{BEHIND}"
        (folder / "config.json").write_text(json.dumps(config))
        lab.kill("pebble")
        self._trust = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self._server = ThreadingHTTPServer((CA_ADDRESS, 14000), self._handler())
        self._server.daemon_threads = True
        self._server.socket = own.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        lab.start("pebble")

    @property
    def orders(self) -> int:
        """For one name each."""
        return self.orders_for.total()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @contextlib.contextmanager
    def breaking(self, path: str, how: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[None]:
        """Within it, `how` stands for the answer to each request below `path`."""
        self._path, self._break = path, how
        try:
            yield
        finally:
            self._path = ""
            self._end_of_hanging.set()
            self._end_of_hanging.clear()

    def hang(self, _request: BaseHTTPRequestHandler, _answer: bytes) -> None:
        """Nothing comes, and the connection stays: certbot gives up after 45 seconds."""
        self._end_of_hanging.wait()

    def _answer_of(self, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
        """pebble's, which takes its own address from the Host that it is asked for."""
        behind = http.client.HTTPSConnection(CA_ADDRESS, BEHIND, context=self._trust, timeout=30)
        with contextlib.closing(behind):
            behind.request(request.command, request.path, body, dict(request.headers))
            answer = behind.getresponse()
            content = answer.read()
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in answer.getheaders()
                  if name.lower() not in ("content-length", "transfer-encoding", "connection")]
        return "\r\n".join([*lines, "", ""]).encode() + content

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ca = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path == ORDER:
                    ca.orders_for.update(names_ordered(body))
                try:
                    answer = ca._answer_of(self, body)
                except ConnectionRefusedError:  # pebble is not up yet
                    self.send_error(502)
                    return
                if ca._path and self.path.startswith(ca._path):
                    self.close_connection = True
                    ca._break(self, answer)
                else:
                    self.wfile.write(answer)

            do_GET = do_HEAD = do_POST = pass_on

            def log_message(self, *_args: object) -> None:
                pass

        return Handler
