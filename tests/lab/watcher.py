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
import re
import secrets
import socket
import struct
import subprocess
import threading
import time
import unittest
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from lab import Lab
from lab_dns import TTL
from rollover import owner_of

INTERVAL = 0.1
NAME_SERVERS = ("127.0.0.31", "127.0.0.32")
TLSA, OPT, INTERNET = 52, 41, 1
NO_ERROR, NX_DOMAIN, TRUNCATED = 0, 3, 0x200
USUAL = ("3 1 1",)
DIGEST = {"1": hashlib.sha256, "2": hashlib.sha512}
ISSUER, ROOT = 1, -1  # which certificate of the chain is the anchor of usage 2
CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)


class Watcher:
    """Of one lineage at one owner, or the canonical name of one, and the servers of that name. `findings`: every breach
    once, with its time; `served`: the SHA-256 of each key in its order, `relied_on`: the records of each chain in
    theirs. Senders go by the strongest digest, and may know one usage only, so a chain needs its record of every kind
    in `profile`; those of usage 2 name its `anchor`."""

    def __init__(self, lab: Lab, name: str, owner: str | None = None, profile: Sequence[str] = USUAL, *,
                 servers: Sequence[str] = NAME_SERVERS, anchor: int = ISSUER) -> None:
        self.owner, self.servers = owner or owner_of(name), servers
        self._profile, self._anchor = profile, anchor
        self.findings: list[str] = []
        self.served: list[str] = []
        self.relied_on: list[set[str]] = []
        self.answers: Counter[str] = Counter()
        self.samples = 0
        self._live, self._next = lab.state_dir / "live" / name, lab.state_dir / "next" / name / "privkey.pem"
        self._history: dict[str, list[tuple[float, frozenset[str]]]] = {server: [] for server in servers}
        self._given: defaultdict[str, set[str]] = defaultdict(set)
        self._der_of: dict[str, bytes] = {}
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
        key = hashlib.sha256(served).hexdigest()
        if not self.served or self.served[-1] != key:
            self.served.append(key)
        needed = self._needed_by(folder)
        if not self.relied_on or self.relied_on[-1] != needed:
            self.relied_on.append(needed)
        for server, records in answers:
            for record in sorted(needed - records):
                self._found(f"{server} has no record of {record}, which is served")
            for record in sorted(wanted & self._given[server] - records):
                self._found(f"{server} has lost the record of {record}, which is wanted")
            self._given[server] |= records
        self._look_back(needed, seen_at)
        self.samples += 1
        return True

    def _look_back(self, served: set[str], seen_at: float) -> None:
        """A cache may still hold whatever RRset a server gave within the last two TTLs (RFC 7671 section 8.1)."""
        for server, history in self._history.items():
            history[:] = [entry for entry in history if entry[0] >= seen_at - 2 * TTL]
            for asked_at, records in history:
                for record in sorted(served - records if asked_at <= seen_at else ()):
                    self._found(f"{record} is served, and {server} gave an RRset without it within the last two TTLs")

    def _found(self, what: str) -> None:
        if not any(what in finding for finding in self.findings):
            self.findings.append(f"at {time.monotonic() - self._began:.1f} s: {what}")

    def _ask_all(self) -> list[tuple[str, frozenset[str]]]:
        """Only what was answered; the records of each server."""
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

    def _served_from(self, folder: Path) -> tuple[bytes, list[str]]:
        """The public key, and what does not fit together in this folder."""
        trouble, text = [], {}
        for name in ("privkey", "cert", "fullchain", "combined"):
            try:
                text[name] = (folder / f"{name}.pem").read_text()
            except FileNotFoundError:
                trouble.append(f"{name}.pem is missing")
                text[name] = ""
        served = self._public_key(text["privkey"])
        for name in ("cert", "fullchain"):
            if self._public_key(text[name]) != served:
                trouble.append(f"the key does not fit {name}.pem")
        if text["combined"] != text["privkey"] + text["fullchain"]:
            trouble.append("combined.pem is another pair")
        return served, trouble

    def _wanted(self) -> set[str]:
        """The records of what is served and of the next key."""
        wanted = self._needed_by(self._folder())
        try:
            wanted |= records_of(self._public_key(self._next.read_text()), self._of_usage("3"))
        except FileNotFoundError:
            pass
        return wanted

    def _needed_by(self, folder: Path) -> set[str]:
        records = records_of(self._public_key((folder / "privkey.pem").read_text()), self._of_usage("3"))
        if kinds := self._of_usage("2"):
            chain = CERTIFICATE.findall((folder / "fullchain.pem").read_text())
            records |= records_of(self._public_key(chain[self._anchor]), kinds)
        return records

    def _of_usage(self, usage: str) -> list[str]:
        return [kind for kind in self._profile if kind.startswith(usage)]

    def _public_key(self, pem: str) -> bytes:
        """Of the first block, by openssl; asked once for each text."""
        if pem not in self._der_of:
            self._der_of[pem] = public_key(pem)
        return self._der_of[pem]


def records_of(key: bytes, profile: Sequence[str] = USUAL) -> set[str]:
    return {f"{kind} {DIGEST[kind[-1]](key).hexdigest()}" for kind in profile}


def public_key(pem: str) -> bytes:
    """The DER of the public key in a key or certificate; "unreadable" when openssl finds none."""
    command = ["openssl", "x509", "-noout", "-pubkey"] if "CERTIFICATE" in pem[:40] else ["openssl", "pkey", "-pubout"]
    public = subprocess.run(command, input=pem.encode(), capture_output=True, check=False).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public, capture_output=True,
                         check=False).stdout
    return der if len(der) > 40 else b"unreadable"


def ask(server: str, owner: str) -> frozenset[str] | None:
    """The owner's TLSA records at one server, as "3 1 1 hex"; None when it gave no answer that counts."""
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
    return frozenset(tlsa_in(answer, 12 + len(question), count))


def tlsa_in(answer: bytes, at: int, count: int) -> list[str]:
    found = []
    for _record in range(count):
        while answer[at] not in (0, *range(0xC0, 0x100)):
            at += 1 + answer[at]
        at += 1 if answer[at] == 0 else 2
        kind, _class, _ttl, length = struct.unpack_from("!HHIH", answer, at)
        at += 10
        if kind == TLSA:
            usage, selector, mtype = answer[at:at + 3]
            found.append(f"{usage} {selector} {mtype} {answer[at + 3:at + length].hex()}")
        at += length
    return found
