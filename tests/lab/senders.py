"""An independent witness of mail: whether a sender that checks DANE would defer to what servers present.

    with Senders(lab, owner, {"mx": live(lab, name) / "fullchain.pem"}) as senders:
        lab.danectl("run")
    senders.assert_no_mail_held(self)

It asks what section 3 of the design asks (does every chain presented pass every RRset held, for every sender?), and
shares no code with danectl: records by DNS questions of its own, certificates by openssl, the rules of RFC 7671 written
down once more here. The other watcher wants certain records to be there; this one any RRset that a chain passes.
"""
from __future__ import annotations

import base64
import hashlib
import re
import time
import unittest
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from lab import Lab
from lab_dns import TTL
from watcher import CERTIFICATE, DIGEST, NAME_SERVERS, USUAL, Watcher, public_key

RRset = frozenset[str]
# What a kind of sender can use: a pattern for "3 1 1". PKIX-TA(0) and PKIX-EE(1) are for no sender (RFC 7672, 3.1.3).
EVERY_DIGEST, NO_SHA512 = "[23] [01] [12]", "[23] [01] 1"


@cache
def record_of(kind: str, certificate: str) -> str:
    """The record, such as "3 0 1 HEX", that names a certificate (PEM)."""
    lines = certificate.split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0]
    data = public_key(certificate) if kind.split()[1] == "1" else base64.b64decode(lines)
    return f"{kind} {DIGEST[kind[-1]](data).hexdigest()}"


def goes_by(rrset: RRset, sender: str) -> RRset:
    """Digest agility (RFC 7671 section 9): of each usage and selector the strongest digest that the sender knows."""
    usable = {record for record in rrset if re.match(sender, record)}
    strong = {record[:3] for record in usable if record[4] == "2"}
    return frozenset(record for record in usable if record[4] == "2" or record[:3] not in strong)


def matches(chain: Sequence[str], record: str) -> bool:
    """Usage 3 names the server's certificate, usage 2 an issuer in the chain that is sent (RFC 6698 section 2.1.1)."""
    candidates = chain[:1] if record.startswith("3") else chain[1:]
    return record in {record_of(record[:5], certificate) for certificate in candidates}


def passes(chain: Sequence[str], rrset: RRset, sender: str) -> bool:
    """A sender that can use nothing does not check (RFC 7671 section 10.1.2)."""
    used = goes_by(rrset, sender)
    return not used or any(matches(chain, record) for record in used)


class Senders(Watcher):
    """Of one owner, or the canonical name of one. `presented`: files with the chain that a server presents now, by what
    to call them; `others`: records whose servers, of which nothing else is known, match nothing else; `given`: the
    RRsets that each name server gave, in their order."""

    def __init__(self, lab: Lab, owner: str, presented: Mapping[str, Path], profile: Sequence[str] = USUAL, *,
                 servers: Sequence[str] = NAME_SERVERS, others: Sequence[str] = ()) -> None:
        super().__init__(lab, "", owner, profile, servers=servers)
        self._presented, self._others = presented, others
        self._kinds = [EVERY_DIGEST, NO_SHA512, *profile]
        self.given: dict[str, list[RRset]] = {server: [] for server in servers}

    def assert_no_mail_held(self, test: unittest.TestCase) -> None:
        if self.findings:
            test.fail("\n".join(self.findings))
        for server in self.servers:
            test.assertGreater(self.answers[server], 2, f"the witness saw too little of {server}")

    def assert_hides_nothing(self, test: unittest.TestCase, records: set[str]) -> None:
        """Whatever was given had these in it: from the first RRset at a name below a wildcard on."""
        for server, rrsets in self.given.items():
            test.assertEqual([sorted(rrset) for rrset in rrsets if not records <= rrset], [], server)

    def _sample(self) -> bool:
        """False when a chain was switched meanwhile: then nothing is certain, and it looks again at once."""
        chains = self._read()
        seen_at = time.monotonic()
        answers = self._ask_all()
        if self._read() != chains:
            return False
        for server, rrset in answers:
            if self.given[server][-1:] != [rrset]:
                self.given[server].append(rrset)
            for record in self._others:
                self._judge_other(server, record, rrset)
        for server, history in self._history.items():
            # A cache may still hold what a server gave within the last two TTLs (RFC 7671 section 8.1).
            history[:] = [entry for entry in history if entry[0] >= seen_at - 2 * TTL]
            for rrset in {rrset for _asked_at, rrset in history}:
                self._judge(server, chains, rrset)
        self.samples += 1
        return True

    def _read(self) -> dict[str, list[str]]:
        return {what: CERTIFICATE.findall(path.read_text()) for what, path in self._presented.items()}

    def _judge(self, server: str, chains: Mapping[str, list[str]], rrset: RRset) -> None:
        for what, chain in chains.items():
            for sender in self._kinds:
                if not passes(chain, rrset, sender):
                    key = hashlib.sha256(public_key(chain[0])).hexdigest()[:8]
                    self._found(f"mail is held: {what} presents the key {key}, which fails for who knows "
                                f"{called(sender)}: {server} gave {short(rrset)} now or within the last two TTLs")

    def _judge_other(self, server: str, record: str, rrset: RRset) -> None:
        for sender in (EVERY_DIGEST, NO_SHA512):
            if re.match(sender, record) and goes_by(rrset, sender) and record not in goes_by(rrset, sender):
                self._found(f"mail is held: the server of {short({record})} fails for who knows {called(sender)}: "
                            f"{server} gave {short(rrset)}")


def called(sender: str) -> str:
    return {EVERY_DIGEST: "every digest", NO_SHA512: "no SHA-512"}.get(sender, f"{sender} alone")


def short(rrset: set[str] | RRset) -> list[str]:
    return sorted(record[:14] for record in rrset)
