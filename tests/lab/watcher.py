"""An independent witness: what senders and servers see every 100 ms while danectl works.

    with Watcher(lab, "mx.example.lab") as watcher:
        lab.danectl("run")
    watcher.assert_found_nothing(self)

It shares no code with danectl: it asks each name server by a DNS question of its own and reads keys with openssl.
Begin it when the records of the current key have been everywhere for two TTLs: before, there is nothing to keep.
"""
from __future__ import annotations

import hashlib
import os
import secrets
import socket
import struct
import subprocess
import threading
import time
import unittest
from collections import Counter, defaultdict
from pathlib import Path
from types import TracebackType

from lab import Lab
from lab_dns import TTL
from rollover import owner_of

INTERVAL = 0.1
NAME_SERVERS = ("127.0.0.31", "127.0.0.32")
TLSA, OPT, INTERNET = 52, 41, 1
NO_ERROR, NX_DOMAIN, TRUNCATED = 0, 3, 0x200


class Watcher:
    """Of one lineage at one owner, or the canonical name of one, and the servers of that name. `findings`: every breach
    once, with its time; `served`: each key in its order."""

    def __init__(self, lab: Lab, name: str, owner: str | None = None,
                 servers: tuple[str, ...] = NAME_SERVERS) -> None:
        self.servers = servers
        self.owner = owner or owner_of(name)
        self.findings: list[str] = []
        self.served: list[str] = []
        self.answers: Counter[str] = Counter()
        self.samples = 0
        self._live, self._next = lab.state_dir / "live" / name, lab.state_dir / "next" / name / "privkey.pem"
        self._history: dict[str, list[tuple[float, frozenset[str]]]] = {server: [] for server in servers}
        self._given: defaultdict[str, set[str]] = defaultdict(set)
        self._spki_of: dict[str, str] = {}
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        if self._error is not None and kind is None:
            raise self._error

    def wait_for_a_look(self, timeout: float = 30) -> None:
        """Returns after a sample that both began and ended within this call."""
        end, enough = time.monotonic() + timeout, self.samples + 2
        while self.samples < enough:
            if self._error is not None or time.monotonic() > end:
                raise self._error or AssertionError("the watcher sees nothing")
            time.sleep(0.02)

    def assert_found_nothing(self, test: unittest.TestCase) -> None:
        test.assertEqual(self.findings, [])
        for server in self.servers:
            test.assertGreater(self.answers[server], 10, f"the watcher saw too little of {server}")

    def _watch(self) -> None:
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                if self._sample():
                    self._stop.wait(max(0.0, began + INTERVAL - time.monotonic()))
        except Exception as error:  # raised again where the test sees it
            self._error = error

    def _sample(self) -> bool:
        """False when the key was switched meanwhile: then nothing is certain, and it looks again at once.

        What was linked both before and after all questions was served during each of them.
        """
        folder, wanted = self._folder(), self._wanted()
        seen_at = time.monotonic()
        answers = self._ask_all()
        served, trouble = self._served_from(folder)
        answers += self._ask_all()
        wanted &= self._wanted()
        if self._folder() != folder:
            return False
        for what in trouble:
            self._found(f"{folder.name}: {what}")
        if not self.served or self.served[-1] != served:
            self.served.append(served)
        for server, records in answers:
            if served not in records:
                self._found(f"{server} has no record of {served}, which is served")
            for key in sorted(wanted & self._given[server] - records):
                self._found(f"{server} has lost the record of {key}, which is wanted")
            self._given[server] |= records
        self._look_back(served, seen_at)
        self.samples += 1
        return True

    def _look_back(self, served: str, seen_at: float) -> None:
        """A cache may still hold whatever RRset a server gave within the last two TTLs (RFC 7671 section 8.1)."""
        for server, history in self._history.items():
            history[:] = [entry for entry in history if entry[0] >= seen_at - 2 * TTL]
            for asked_at, records in history:
                if asked_at <= seen_at and served not in records:
                    self._found(f"{served} is served, and {server} gave an RRset without it within the last two TTLs")

    def _found(self, what: str) -> None:
        if not any(what in finding for finding in self.findings):
            self.findings.append(f"at {time.monotonic() - self._began:.1f} s: {what}")

    def _ask_all(self) -> list[tuple[str, frozenset[str]]]:
        """Only what was answered; the digests of the 3 1 1 records of each server."""
        answers = []
        for server in self.servers:
            asked_at = time.monotonic()
            records = ask(server, self.owner)
            if records is None:
                continue
            self.answers[server] += 1
            self._history[server].append((asked_at, records))
            answers.append((server, records))
        return answers

    # --- files

    def _folder(self) -> Path:
        return Path(os.path.normpath(self._live.parent / os.readlink(self._live)))

    def _served_from(self, folder: Path) -> tuple[str, list[str]]:
        """The key's SPKI digest, and what does not fit together in this folder."""
        trouble, text = [], {}
        for name in ("privkey", "cert", "fullchain", "combined"):
            try:
                text[name] = (folder / f"{name}.pem").read_text()
            except FileNotFoundError:
                trouble.append(f"{name}.pem is missing")
                text[name] = ""
        served = self._spki(text["privkey"])
        for name in ("cert", "fullchain"):
            if self._spki(text[name]) != served:
                trouble.append(f"the key does not fit {name}.pem")
        if text["combined"] != text["privkey"] + text["fullchain"]:
            trouble.append("combined.pem is another pair")
        return served, trouble

    def _wanted(self) -> set[str]:
        """The key that is served and the next one."""
        keys = {self._served_from(self._folder())[0]}
        try:
            keys.add(self._spki(self._next.read_text()))
        except FileNotFoundError:
            pass
        return keys

    def _spki(self, pem: str) -> str:
        """Of the first block, by openssl; asked once for each text."""
        if pem not in self._spki_of:
            self._spki_of[pem] = spki_of(pem)
        return self._spki_of[pem]


def spki_of(pem: str) -> str:
    """SHA-256 of the public key in a key or certificate; "unreadable" when openssl finds none."""
    command = ["openssl", "x509", "-noout", "-pubkey"] if "CERTIFICATE" in pem[:40] else ["openssl", "pkey", "-pubout"]
    public = subprocess.run(command, input=pem.encode(), capture_output=True, check=False).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, capture_output=True,
                         check=False).stdout
    return hashlib.sha256(der).hexdigest() if len(der) > 40 else "unreadable"


def ask(server: str, owner: str) -> frozenset[str] | None:
    """The digests of the owner's 3 1 1 records at one server; None when it gave no answer that counts."""
    labels = [label.encode() for label in owner.rstrip(".").split(".")]
    question = b"".join(bytes([len(label)]) + label for label in labels) + struct.pack("!xHH", TLSA, INTERNET)
    number = secrets.token_bytes(2)
    query = number + struct.pack("!5H", 0, 1, 0, 0, 1) + question + struct.pack("!xHHIH", OPT, 4096, 0, 0)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(1)
            line.connect((server, 53))
            line.send(query)
            while (answer := line.recv(4096))[:2] != number:
                pass
    except OSError:
        return None
    flags, _questions, count = struct.unpack_from("!3H", answer, 2)
    if flags & 15 not in (NO_ERROR, NX_DOMAIN) or flags & TRUNCATED:
        return None
    return frozenset(digests(answer, 12 + len(question), count))


def digests(answer: bytes, at: int, count: int) -> list[str]:
    found = []
    for _record in range(count):
        while answer[at] not in (0, *range(0xC0, 0x100)):
            at += 1 + answer[at]
        at += 1 if answer[at] == 0 else 2
        kind, _class, _ttl, length = struct.unpack_from("!HHIH", answer, at)
        at += 10
        if kind == TLSA and answer[at:at + 3] == bytes([3, 1, 1]):
            found.append(answer[at + 3:at + length].hex())
        at += length
    return found
