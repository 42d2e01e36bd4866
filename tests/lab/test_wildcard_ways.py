"""What hides a wildcard of TLSA records, by the other ways to publish: print, hook and include."""
from __future__ import annotations

import unittest
from collections.abc import Sequence

from host import records_at
from own_server import IncludingBind
from rollover import certbot_live, hook_section, next_key, of_key, owner_of, status
from senders import Senders, record_of
from watcher import CERTIFICATE, USUAL
from wildcard import FOREIGN, Wildcard


class ByHand(Wildcard):
    """A person does what is printed, in one update."""

    def printed(self, word: str, *args: str) -> None:
        name = self.host(word)
        gives = {self.record("3 1 1"), self.record("3 0 1"), FOREIGN}
        self.publish_wildcard(f"*._tcp.{name}", *gives)
        self.host_of.write_config(publish={"method": "print"})
        self.enrolled(name)
        self.host_of.danectl("stage", name)
        self.host_of.danectl("run")
        result = self.host_of.danectl(args[0], name, *args[1:])
        lines = [f"update add {line.partition(';')[0]}\n" for line in result.out.splitlines()
                 if line.startswith(f"{owner_of(name)}. ")]
        update = result.out if "nsupdate" in args else "".join([*lines, "send\n"])
        with self.senders(name, others=[FOREIGN]) as senders:
            senders.wait_for_a_look()
            self.lab.nsupdate(update)
            self.lab.wait_until("it is there", lambda: all(
                of_key(self.lab, next_key(self.host_of, name)) in given
                for given in records_at(self.lab, owner_of(name))))
            senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        self.assert_given(name, self.wanted(name) | gives)

    def test_publish_prints_what_the_wildcard_gives_too(self) -> None:
        self.printed("printed", "publish")

    def test_records_as_a_zone_has_what_the_wildcard_gives_too(self) -> None:
        self.printed("zone", "records", "--format", "zone")

    def test_records_for_nsupdate_has_what_the_wildcard_gives_too(self) -> None:
        self.printed("script", "records", "--format", "nsupdate")


class ByHook(Wildcard):
    """One record at a time."""

    def enrolled(self, name: str, profile: Sequence[str] = USUAL) -> None:
        self.host_of.write_config(publish=hook_section(self.lab))
        super().enrolled(name, profile)

    def gives_all_in_the_end(self, word: str, kinds: Sequence[str], profile: Sequence[str] = USUAL) -> None:
        """In an order by which the deployed chain passes after each of them."""
        name = self.host(word)
        gives = {self.record(kind) for kind in kinds}
        self.publish_wildcard(f"*._tcp.{name}", *gives)
        self.enrolled(name, profile)
        with self.senders(name, profile) as senders:
            senders.wait_for_a_look()
            self.run_until_hidden(name, gives, senders)
        senders.assert_no_mail_held(self)
        self.assert_given(name, self.wanted(name, profile) | gives)

    def test_the_current_keys_record_is_put_there_first(self) -> None:
        self.gives_all_in_the_end("hooked", ["3 1 1"])

    def test_both_digests_are_put_there(self) -> None:
        self.gives_all_in_the_end("hookedboth", ["3 1 1", "3 1 2"], ("3 1 1", "3 1 2"))

    def test_the_record_of_a_whole_certificate_and_of_its_issuer_are_put_there(self) -> None:
        self.gives_all_in_the_end("hookedwhole", ["3 0 1", "2 1 1"])

    def test_where_no_order_serves_ours_and_a_record_of_others_nothing_is_changed(self) -> None:
        name = self.host("noorder")
        gives = {self.record("3 1 1"), FOREIGN}
        self.publish_wildcard(f"*._tcp.{name}", *gives)
        self.enrolled(name)
        self.host_of.danectl("stage", name)
        with self.senders(name, others=[FOREIGN]) as senders:
            senders.wait_for_a_look()
            refused = self.host_of.danectl("publish", name, expect=1)
            self.assertIn(owner_of(name), refused.err)
            for _run in range(2):
                self.host_of.danectl("run")
                senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        self.assert_given(name, gives)
        self.assertEqual(status(self.host_of, name)["state"], "attention")


class ByInclude(IncludingBind):
    zone, address = "wild.lab", "127.0.0.61"

    def test_what_the_wildcard_in_the_zone_file_gives_is_in_the_included_file(self) -> None:
        name = "mx.wild.lab"
        self.lab.issue(name)
        chain = CERTIFICATE.findall((certbot_live(self.lab, name) / "fullchain.pem").read_text())
        gives = {record_of("3 1 1", chain[0]), record_of("3 0 1", chain[0]), FOREIGN}
        self.zone_file.write_text(self.zone_file.read_text() + "".join(
            f"*._tcp.mx TLSA {record}\n" for record in sorted(gives)))
        self.reload_zone()
        self.lab.wait_until("the wildcard is served", lambda: set(self.records(name)) == gives)
        self.lab.danectl("enroll", name, "--tlsa", owner_of(name))
        presented = {"mx": certbot_live(self.lab, name) / "fullchain.pem"}
        with Senders(self.lab, owner_of(name), presented, servers=[self.address], others=[FOREIGN]) as senders:
            senders.wait_for_a_look()
            self.lab.danectl("run")
            self.lab.wait_until("there is an RRset at the exact name", lambda: set(self.records(name)) != gives)
            senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        senders.assert_hides_nothing(self, gives)
        wanted = gives | {of_key(self.lab, next_key(self.lab, name))}
        self.assertEqual(set(self.records(name)), wanted)
        for record in wanted:
            self.assertIn(f"{owner_of(name)}. 2 IN TLSA {record}\n", self.include_file.read_text())


del IncludingBind, Wildcard  # unittest takes every class of the module for one with tests


if __name__ == "__main__":
    unittest.main()
