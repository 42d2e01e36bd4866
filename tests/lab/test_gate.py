"""Promise 1, never serve early: every way in which a next key is not ready is exit 75, and nothing is touched."""
from __future__ import annotations

import fcntl
import os
import time
import unittest

from rollover import (RolloverTest, certbot_live, enroll, look, next_key, owner_of, seconds, set_key, status,
                      wait_ready)

NAME = "mx.example.lab"
OWNER = owner_of(NAME)
PRIMARY, SECONDARY, SECONDARY_V6 = "127.0.0.31", "127.0.0.32", "fd00:da::32"
LONGEST_LOOK = 2 * 2 + 10  # twice the lab's [dns] timeout, and what a busy machine takes


class Gate(RolloverTest):
    """One lineage whose next key never gets through."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        enroll(cls.lab, NAME)
        cls.lab.danectl("stage", NAME)
        cls.current = cls.lab.openssl_spki(certbot_live(cls.lab, NAME) / "privkey.pem")
        cls.next = cls.lab.openssl_spki(next_key(cls.lab, NAME))

    def setUp(self) -> None:
        self.point_at(OWNER)
        set_key(self.lab, NAME, "min_hold", "0s")
        self.lab.delete(OWNER)
        look(self.lab, NAME)

    def point_at(self, *owners: str) -> None:
        set_key(self.lab, NAME, "tlsa", list(owners))

    def publish(self, owner: str = OWNER, ttl: int = 2, **options: bool) -> None:
        self.lab.add(owner, ttl, f"TLSA 3 1 1 {self.current}", **options)
        self.lab.add(owner, ttl, f"TLSA 3 1 1 {self.next}", **options)

    def publish_and_wait(self, owner: str = OWNER) -> None:
        self.publish(owner)
        wait_ready(self.lab, NAME)

    def visible_since(self) -> str | None:
        staged = status(self.lab, NAME)["next"]
        self.assertEqual(staged["state"] == "staged", staged["visible_since"] is None, staged)
        return staged["visible_since"]

    def hold_down(self) -> float:
        staged = status(self.lab, NAME)["next"]
        return seconds(staged["ready_at"]) - seconds(staged["visible_since"])

    def test_before_publication_it_names_every_server_and_the_record(self) -> None:
        message = self.refused(NAME).err
        for part in (PRIMARY, SECONDARY, SECONDARY_V6, OWNER, f"danectl records {NAME}"):
            self.assertIn(part, message)
        self.assertIsNone(self.visible_since())

    def test_a_record_on_the_primary_alone_does_not_begin_the_hold_down(self) -> None:
        with self.lab.secondary_frozen():
            self.publish()
            message = self.refused(NAME).err
            self.assertIn(SECONDARY, message)
            self.assertIn(SECONDARY_V6, message)
            self.assertNotIn(PRIMARY, message)
            self.assertIsNone(self.visible_since())

    def test_a_silent_secondary_refuses_in_time_and_keeps_the_clock(self) -> None:
        self.publish_and_wait()
        since = self.visible_since()
        with self.lab.silence("ns2"):
            result = self.refused(NAME)
            self.assertIn("ns2.example.lab", result.err)
            self.assertNotIn(PRIMARY, result.err)
            self.assertLess(result.seconds, LONGEST_LOOK)
        self.assertEqual(self.visible_since(), since)

    def test_within_the_hold_down_it_shows_a_bar_and_the_time_left(self) -> None:
        self.publish()
        message = self.refused(NAME).err
        self.assertRegex(message, r"hold-down 4 s: \[.{30}\] [34] s left")
        self.assertRegex(message, r"come back at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

    def test_an_unsigned_zone_is_named_as_the_reason(self) -> None:
        self.point_at(owner_of("mx.plain.lab"))
        self.publish(owner_of("mx.plain.lab"))
        self.assertIn("is not in a signed zone", self.refused(NAME, "--no-hold").err)
        self.assertIsNone(self.visible_since())

    def test_a_bogus_zone_is_said_to_be_bogus(self) -> None:
        self.point_at(owner_of("mx.bogus.lab"))
        self.publish(owner_of("mx.bogus.lab"))
        self.assertIn("bogus", self.refused(NAME, "--no-hold").err)
        self.assertIsNone(self.visible_since())

    def test_another_selector_with_the_right_hash_is_another_record(self) -> None:
        self.lab.add(OWNER, 2, f"TLSA 3 0 1 {self.next}")
        self.refused(NAME, "--no-hold")
        self.assertIsNone(self.visible_since())

    def test_one_wrong_digit_is_another_record(self) -> None:
        wrong = ("0" if self.next[0] != "0" else "1") + self.next[1:]
        self.lab.add(OWNER, 2, f"TLSA 3 1 1 {self.current}")
        self.lab.add(OWNER, 2, f"TLSA 3 1 1 {wrong}")
        self.refused(NAME, "--no-hold")
        self.assertIsNone(self.visible_since())

    def test_of_two_owners_the_one_without_the_record_is_named(self) -> None:
        second = owner_of("second.example.lab")
        self.point_at(OWNER, second)
        self.publish()
        message = self.refused(NAME, "--no-hold").err
        self.assertIn(second, message)
        self.assertIsNone(self.visible_since())

    def test_the_resolver_is_down(self) -> None:
        self.publish_and_wait()
        self.lab.kill("unbound")
        try:
            result = self.refused(NAME)
        finally:
            self.lab.start("unbound")
        self.assertLess(result.seconds, LONGEST_LOOK)

    def test_certbot_is_running(self) -> None:
        self.publish_and_wait()
        path = self.lab.certbot_dir / ".certbot.lock"
        with open(path, "w") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            message = self.refused(NAME).err
            os.unlink(path)
        self.assertIn("certbot", message)

    def test_no_hold_does_not_skip_visibility(self) -> None:
        self.assertIn(PRIMARY, self.refused(NAME, "--no-hold").err)

    def test_no_hold_wants_a_name(self) -> None:
        self.publish()
        with self.untouched():
            self.assertIn("NAME", self.lab.danectl("promote", "--no-hold", expect=2).err)

    def test_an_unknown_name_spoils_the_whole_call(self) -> None:
        with self.untouched():
            self.assertIn("nobody.lab", self.lab.danectl("promote", NAME, "nobody.lab", expect=2).err)

    # When the clock starts, when it starts again, and how long it runs.

    def test_a_record_that_disappears_and_returns_starts_it_again(self) -> None:
        self.publish_and_wait()
        since = self.visible_since()
        self.lab.delete(OWNER, f"TLSA 3 1 1 {self.next}")
        look(self.lab, NAME)
        self.assertIsNone(self.visible_since())
        self.publish()
        self.assertRegex(self.refused(NAME).err, "visible since .* left")
        self.assertGreater(self.visible_since(), since)

    def test_a_ttl_lowered_just_before_publication_still_counts(self) -> None:
        owner = owner_of("lowered.example.lab")
        self.point_at(owner)
        self.lab.add(owner, 10, f"TLSA 3 1 1 {self.current}")
        look(self.lab, NAME)
        self.publish(owner, ttl=1)
        look(self.lab, NAME)
        self.assertGreaterEqual(self.hold_down(), 20)

    def test_min_hold_counts_when_it_is_longer(self) -> None:
        set_key(self.lab, NAME, "min_hold", "30s")
        self.publish()
        self.assertIn("hold-down 30 s", self.refused(NAME).err)
        self.assertEqual(self.hold_down(), 30)

    def test_a_changed_alias_starts_it_again(self) -> None:
        alias, first, second = owner_of("alias.example.lab"), owner_of("mx2.example.lab"), owner_of("mx.alias.lab")
        for target in (first, second):
            self.publish(target)
        self.lab.add(alias, 2, f"CNAME {first}.")
        self.point_at(alias)
        self.publish_and_wait()
        self.assertEqual(status(self.lab, NAME)["owners"][0]["canonical"], first)
        since = self.visible_since()
        self.lab.delete(alias)
        self.lab.add(alias, 2, f"CNAME {second}.")
        self.refused(NAME)  # the resolver may still give the old alias, and then the servers contradict it
        time.sleep(2)
        self.assertRegex(self.refused(NAME).err, "visible since .* left")
        self.assertGreater(self.visible_since(), since)
        self.assertEqual(status(self.lab, NAME)["owners"][0]["canonical"], second)

    def test_an_alias_that_only_one_server_has_is_not_visible(self) -> None:
        alias, target = owner_of("half.example.lab"), owner_of("mx.alias.lab")
        self.publish(target)
        self.point_at(alias)
        with self.lab.secondary_frozen():
            self.lab.add(alias, 2, f"CNAME {target}.")
            self.assertIn(SECONDARY, self.refused(NAME, "--no-hold").err)

    def test_a_new_name_server_without_the_record_is_seen(self) -> None:
        with self.lab.secondary_frozen():
            for zone in ("lab", "example.lab"):
                self.lab.delete("example.lab", "NS ns2.example.lab.", zone=zone, wait=False)
            try:
                self.publish(wait=False)
                self.publish_and_wait()
            finally:
                for zone in ("lab", "example.lab"):
                    self.lab.add("example.lab", 2, "NS ns2.example.lab.", zone=zone, wait=False)
            message = self.refused(NAME, "--no-hold").err
            self.assertIn(SECONDARY, message)
            self.assertIsNone(self.visible_since())
        # The record is there now, but the set of servers is another one: the clock runs from here.
        self.assertIn("the hold-down is running", self.refused(NAME).err)


if __name__ == "__main__":
    unittest.main()
