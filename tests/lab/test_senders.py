"""The witness of mail sees what it is there for: here it is shown RRsets by which a chain passes, and others."""
from __future__ import annotations

import time
import unittest
from pathlib import Path

from lab import Lab
from lab_mail import Chains
from rollover import owner_of
from senders import EVERY_DIGEST, NO_SHA512, Senders, goes_by, passes, record_of
from watcher import CERTIFICATE, NAME_SERVERS

NAME = "mx.example.lab"
OTHER = "ee" * 32


class Breaches(unittest.TestCase):

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        chains = Chains(cls.lab.dir / "tls")
        issuer = chains.make("issuer", file="issuer.pem")
        cls.file: Path = chains.make(NAME, issuer=issuer)
        cls.chain = CERTIFICATE.findall(cls.file.read_text())

    def record(self, kind: str) -> str:
        return record_of(kind, self.chain[0 if kind.startswith("3") else 1])

    def passes(self, *records: str, sender: str = EVERY_DIGEST) -> bool:
        return passes(self.chain, frozenset(records), sender)

    def test_records_are_those_that_openssl_counts(self) -> None:
        self.assertEqual(self.record("3 1 1"), f"3 1 1 {self.lab.openssl_spki(self.file)}")

    def test_a_chain_passes_by_each_kind_of_record_of_its_own(self) -> None:
        for kind in ("3 1 1", "3 1 2", "3 0 1", "3 0 2", "2 1 1", "2 0 1", "2 1 2"):
            self.assertTrue(self.passes(self.record(kind)), kind)
            self.assertFalse(self.passes(f"{kind} {OTHER}"), kind)

    def test_an_issuer_is_no_server_and_a_server_no_issuer(self) -> None:
        self.assertFalse(self.passes(record_of("3 1 1", self.chain[1])))
        self.assertFalse(self.passes(record_of("2 1 1", self.chain[0])))

    def test_the_strongest_digest_that_a_sender_knows_hides_the_others(self) -> None:
        hidden = (self.record("3 1 1"), f"3 1 2 {OTHER}")
        self.assertFalse(self.passes(*hidden))
        self.assertTrue(self.passes(*hidden, sender=NO_SHA512))
        self.assertTrue(self.passes(*hidden, self.record("2 1 1")))
        self.assertEqual(goes_by(frozenset(hidden), EVERY_DIGEST), {hidden[1]})

    def test_who_can_use_nothing_does_not_check(self) -> None:
        self.assertTrue(self.passes())
        self.assertTrue(self.passes(f"1 1 1 {OTHER}", f"3 1 0 {OTHER}"))
        self.assertTrue(self.passes(f"3 1 2 {OTHER}", sender=NO_SHA512))
        self.assertTrue(self.passes(f"3 1 1 {OTHER}", sender="2 1 1"))

    def test_an_rrset_that_a_cache_may_hold_is_found_and_so_is_a_neighbour_that_is_hidden(self) -> None:
        owner, own, other = owner_of(NAME), self.record("3 1 1"), f"3 1 1 {OTHER}"
        self.lab.add(owner, 2, f"TLSA {other}")
        self.lab.add(owner, 2, f"TLSA {own}")
        time.sleep(5)  # caches have forgotten the first of them alone
        with Senders(self.lab, owner, {"mx": self.file}, others=[other]) as senders:
            while min(senders.answers.values(), default=0) <= 10:
                senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        with Senders(self.lab, owner, {"mx": self.file}, others=[other]) as senders:
            senders.wait_for_a_look()
            self.lab.delete(owner, f"TLSA {other}")
            senders.wait_for_a_look()
        self.assertEqual(len(senders.findings), len(NAME_SERVERS) * 2, senders.findings)
        with Senders(self.lab, owner, {"mx": self.file}) as senders:
            self.lab.delete(owner, f"TLSA {own}")
            self.lab.add(owner, 2, f"TLSA {other}")
            senders.wait_for_a_look()
            self.lab.add(owner, 2, f"TLSA {own}")
            senders.wait_for_a_look()
        self.assertEqual({finding.split(": ")[1] for finding in senders.findings}, {"mail is held"})
        self.assertTrue(all("the key" in finding for finding in senders.findings), senders.findings)


if __name__ == "__main__":
    unittest.main()
