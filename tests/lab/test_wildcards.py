"""A wildcard gives TLSA records, and the first RRset at the exact name hides it whole (RFC 4592 section 2.2.1): all
the wildcard gave is in it. By dynamic update, for each kind of record."""
from __future__ import annotations

import unittest

from host import records_at, run_until, served_key
from rollover import live, owner_of, set_key
from senders import Senders
from wildcard import FOREIGN, FOREIGN_ISSUER, Wildcard


class ByUpdate(Wildcard):

    def test_the_current_keys_record_goes_along_and_the_next_key_can_be_promoted(self) -> None:
        name = self.hides_nothing("current", ["3 1 1"])
        host, before = self.host_of, served_key(self.host_of, name)
        with Senders(host, owner_of(name), {"mx": live(host, name) / "fullchain.pem"}) as senders:
            set_key(host, name, "rollover", "1s")
            run_until(host, "it is promoted", lambda _result: served_key(host, name) != before)
        senders.assert_no_mail_held(self)
        self.assertEqual(self.lab.dig(f"*._tcp.{name}", server="127.0.0.31").records, [f"TLSA 3 1 1 {before}"],
                         "the wildcard is somebody else's to change")

    def test_a_host_that_has_its_address_of_a_wildcard_keeps_it(self) -> None:
        # RFC 4592 section 2.2.2: the first record below it would make it a name without an address.
        name = self.host("mx.wild")
        for wildcard in ("A 127.0.0.25", "AAAA fd00:da::25"):
            with self.subTest(wildcard):
                self.lab.add("*.wild.example.lab", 2, wildcard)
                kind, other = (wildcard.split()[0], "A" if wildcard.startswith("AAAA") else "AAAA")
                self.lab.wait_until("the resolver has it alone", lambda kind=kind, other=other: (
                    len(self.lab.dig(name, kind).records), len(self.lab.dig(name, other).records)) == (1, 0), 30)
                if wildcard.startswith("A "):
                    self.enrolled(name)
                said = self.host_of.danectl("publish", name, expect=None)
                self.assertEqual((said.code, said.out), (75, ""), said)
                self.assertIn(f"{name} has its address of a wildcard", said.err)
                self.assertIn(f"give {name} an A or AAAA record of its own", said.err)
                self.assert_given(name, set())
                self.assertEqual(self.lab.dig(name, kind, server="127.0.0.31").records, [wildcard])
                self.lab.delete("*.wild.example.lab", wildcard)
        self.lab.add("*.wild.example.lab", 2, "A 127.0.0.25")
        self.lab.add(name, 2, "A 127.0.0.25")
        run_until(self.host_of, "it is published", lambda _result: owner_of(name) in _result.out)

    def test_a_wildcard_further_up_is_one_too(self) -> None:
        self.hides_nothing("above", ["3 1 1"], wildcard="*.{}")

    def test_records_of_others_go_along(self) -> None:
        self.hides_nothing("others", ["3 1 1"], others=[FOREIGN, FOREIGN_ISSUER])

    def test_records_of_others_alone_go_along(self) -> None:
        # Ours are added beside them: the deployed chain failed before, and does no longer.
        name = self.host("alone")
        self.publish_wildcard(f"*._tcp.{name}", FOREIGN)
        self.enrolled(name)
        with Senders(self.lab, owner_of(name), {}, others=[FOREIGN]) as senders:
            senders.wait_for_a_look()
            self.run_until_hidden(name, {FOREIGN}, senders)
        senders.assert_no_mail_held(self)
        senders.assert_hides_nothing(self, {FOREIGN})
        self.assert_given(name, self.wanted(name) | {FOREIGN})

    def test_both_digests_go_along(self) -> None:
        self.hides_nothing("digests", ["3 1 1", "3 1 2"], profile=("3 1 1", "3 1 2"))

    def test_the_stronger_digest_alone_goes_along(self) -> None:
        self.hides_nothing("strong", ["3 1 2"], profile=("3 1 2",))

    def test_the_issuers_record_goes_along(self) -> None:
        self.hides_nothing("issuer", ["2 1 1"])

    def test_the_issuers_record_that_the_profile_names_goes_along(self) -> None:
        self.hides_nothing("both", ["2 1 1", "3 1 1"], profile=("3 1 1", "2 1 1"))

    def test_the_record_of_a_whole_certificate_goes_along(self) -> None:
        self.hides_nothing("whole", ["3 0 1"])

    def test_the_record_of_a_whole_issuer_goes_along(self) -> None:
        self.hides_nothing("wholeca", ["2 0 1"])

    def test_a_digest_that_no_profile_names_is_not_missed(self) -> None:
        # It is known and not wanted: it may be gone again, but never so that mail is held.
        name = self.host("unwanted")
        gives = {self.record("3 1 1"), self.record("3 1 2")}
        self.publish_wildcard(f"*._tcp.{name}", *gives)
        self.enrolled(name)
        with self.senders(name) as senders:
            senders.wait_for_a_look()
            self.run_until_hidden(name, gives, senders)
            for _run in range(3):
                self.host_of.danectl("run")
                senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        for given in records_at(self.lab, owner_of(name)):
            self.assertLessEqual(self.wanted(name), given)

    def test_publish_shows_and_does_the_same(self) -> None:
        name = self.host("publish")
        gives = {self.record("3 1 1"), FOREIGN}
        self.publish_wildcard(f"*._tcp.{name}", *gives)
        self.enrolled(name)
        self.host_of.danectl("stage", name)
        with self.senders(name, others=[FOREIGN]) as senders:
            senders.wait_for_a_look()
            would = self.host_of.danectl("publish", name, "--dry-run").out
            for record in self.wanted(name) | gives:
                self.assertIn(f"{owner_of(name)}. 2 IN TLSA {record}\n", would)
            self.host_of.danectl("publish", name)
            self.lab.wait_until("it is there", lambda: all(
                given != gives for given in records_at(self.lab, owner_of(name))))
            senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        self.assert_given(name, self.wanted(name) | gives)


del Wildcard  # unittest takes every class of the module for one with tests


if __name__ == "__main__":
    unittest.main()
