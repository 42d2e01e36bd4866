"""A profile that changes, from each kind of record to another, by `run` alone: what comes and what goes holds no mail,
whether a method changes all at once or a record at a time, and the next key can be promoted after it."""
from __future__ import annotations

import contextlib
import time
import unittest
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from host import Host, records_at, served_key, wait_for_caches
from rollover import RolloverTest, enroll, hook_section, live, next_key, owner_of, set_key
from senders import Senders, record_of
from watcher import CERTIFICATE, public_key, records_of

CHANGES = {
    "stronger": (["3 1 1"], ["3 1 2"]),
    "weaker": (["3 1 2"], ["3 1 1"]),
    "begins": (["3 1 1"], ["3 1 1", "3 1 2"]),
    "ends": (["3 1 1", "3 1 2"], ["3 1 1"]),
    "only": (["3 1 1", "3 1 2"], ["3 1 2"]),
    "issuer": (["3 1 1"], ["3 1 1", "2 1 1"]),
    "key": (["2 1 1"], ["3 1 1"]),
    "strongca": (["2 1 1"], ["2 1 2"]),
}


class Change:
    """One lineage on a host of its own."""

    def __init__(self, test: Profiles, word: str) -> None:
        self.test, self.before, self.after = test, *CHANGES[word]
        self.host, self.name = Host(test.lab, word), f"{word}.example.lab"
        self.owner = owner_of(self.name)
        self.host.write_config(publish=test.publish)
        enroll(self.host, self.name, *(word for line in self.before for word in ("--profile", line)))
        set_key(self.host, self.name, "reload", [["true"]])
        set_key(self.host, self.name, "retire_after", "1s")

    def wanted(self, profile: Sequence[str]) -> set[str]:
        """Of what is deployed, of its issuer and of the next key."""
        chain = CERTIFICATE.findall((live(self.host, self.name) / "fullchain.pem").read_text())
        records = {record_of(line, chain[0 if line[0] == "3" else 1]) for line in profile}
        if next_key(self.host, self.name).exists():
            staged = public_key(next_key(self.host, self.name).read_text())
            records |= records_of(staged, [line for line in profile if line[0] == "3"])
        return records

    def has_only(self, profile: Sequence[str]) -> bool:
        """But for an issuer's record that is not wanted any more: it may be another host's, too."""
        wanted = self.wanted(profile)
        return all(wanted <= published and all(record.startswith("2") for record in published - wanted)
                   for published in records_at(self.host, self.owner))

    def senders(self) -> Senders:
        return Senders(self.host, self.owner, {"mx": live(self.host, self.name) / "fullchain.pem"},
                       sorted({*self.before, *self.after}))


class Profiles(RolloverTest):
    publish: dict[str, object]

    def run_until(self, what: str, done: Callable[[Change], bool], timeout: float = 60) -> None:
        """Plays the timer on each host that is not done yet."""
        end, todo = time.monotonic() + timeout, list(self.changes)
        while todo:
            self.assertLess(time.monotonic(), end, f"{what}: not {[change.name for change in todo]}: "
                            f"{todo[0].host.danectl('status').out}{records_at(self.lab, todo[0].owner)}")
            for change in todo:
                change.host.danectl("run")
            todo = [change for change in todo if not done(change)]
            time.sleep(0.5)

    def test_every_change_holds_no_mail(self) -> None:
        with ThreadPoolExecutor() as pool:
            self.changes = list(pool.map(lambda word: Change(self, word), CHANGES))
        self.run_until("all is published", lambda change: change.has_only(change.before))
        wait_for_caches()
        with contextlib.ExitStack() as stack:
            senders = {change.name: stack.enter_context(change.senders()) for change in self.changes}
            for each in senders.values():
                each.wait_for_a_look()
            for change in self.changes:
                set_key(change.host, change.name, "profile", change.after)
            self.run_until("only what is wanted is published", lambda change: change.has_only(change.after))
            self.changes = [change for change in self.changes if change.after[0][0] == "3"]
            served = {change.name: served_key(change.host, change.name) for change in self.changes}
            for change in self.changes:
                set_key(change.host, change.name, "rollover", "1s")
            self.run_until("the next key is served",
                           lambda change: served_key(change.host, change.name) != served[change.name])
            for change in self.changes:
                set_key(change.host, change.name, "rollover", "90d")
            self.run_until("only what is wanted is published", lambda change: change.has_only(change.after))
        for name, each in senders.items():
            with self.subTest(name):
                each.assert_no_mail_held(self)


class AllAtOnce(Profiles):
    publish = {"method": "nsupdate"}


class OneAtATime(Profiles):

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.publish = hook_section(cls.lab)


del Profiles  # unittest takes every class of the module for one with tests


if __name__ == "__main__":
    unittest.main()
