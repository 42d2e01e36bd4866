"""Lineages that roll by themselves: enrolled once, then only the timer works, and each owner has its watcher.

    for lineage in lineages:
        lineage.enroll(lab)
    begin(lab, lineages)                    # published, and old enough for caches
    roll(self, lab, lineages)               # two rollovers of each, and no broken promise
"""
from __future__ import annotations

import contextlib
import time
import unittest
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from host import current_and_next, records_at, run_until, served_key, wait_for_caches
from lab import Lab, Result
from rollover import HOLD_DOWN, install_hook, live, next_key, set_key
from watcher import USUAL, Watcher, public_key, records_of
from watching import findings


@dataclass(frozen=True)
class Lineage:
    """`domains`: of its certificate, without them its own name; `key`: certbot's options for the kind of its key."""
    name: str
    owners: tuple[str, ...]
    profile: tuple[str, ...] = USUAL
    domains: tuple[str, ...] = ()
    key: tuple[str, ...] = ()

    def enroll(self, lab: Lab, *, reload: Sequence[Sequence[str]] = (("true",),), probe: Sequence[str] = ()) -> Result:
        lab.issue(self.name, *self.domains, extra=list(self.key))
        words = [word for option, values in (("--tlsa", self.owners), ("--profile", self.profile), ("--probe", probe))
                 for value in values for word in (option, value)]
        result = lab.danectl("enroll", self.name, *words)
        install_hook(lab, "deploy", f"exec {lab.program} --config {lab.config} deploy-hook")
        for key, value in (("reload", reload), ("retire_after", "1s")):
            set_key(lab, self.name, key, value)
        return result


def wanted(lab: Lab, lineages: Sequence[Lineage]) -> dict[str, set[str]]:
    """Current and next of every lineage, by owner."""
    found: dict[str, set[str]] = {}
    for lineage in lineages:
        for owner in lineage.owners:
            found.setdefault(owner, set()).update(current_and_next(lab, lineage.name, lineage.profile))
    return found


def has_the_wanted_only(lab: Lab, lineages: Sequence[Lineage]) -> bool:
    return all(published == records for owner, records in wanted(lab, lineages).items()
               for published in records_at(lab, owner))


def begin(lab: Lab, lineages: Sequence[Lineage]) -> None:
    """Runs until all is published; returns when caches have forgotten that there were no records."""
    run_until(lab, "all is published", lambda _result: has_the_wanted_only(lab, lineages))
    wait_for_caches()


def assert_nothing_critical(test: unittest.TestCase, lab: Lab) -> None:
    """`danectl check` looks at DNS and at every probe."""
    test.assertEqual([finding for finding in findings(lab) if finding["severity"] == "CRITICAL"], [])


def roll(test: unittest.TestCase, lab: Lab, lineages: Sequence[Lineage], *, promotions: int = 2,
         after_each_run: Callable[[], None] = lambda: None) -> list[Watcher]:
    """Plays the timer until each lineage was promoted that often, then until its owners have nothing but current and
    next. Asserts that no run complained and that no watcher found a broken promise. All watchers, by lineage and owner.
    """
    def every_lineage(rollover: str) -> None:
        for lineage in lineages:
            set_key(lab, lineage.name, "rollover", rollover)

    def all_promoted(_result: Result) -> bool:
        after_each_run()
        return all(len(watcher.served) > promotions for watcher in watchers)

    def all_tidy(_result: Result) -> bool:
        after_each_run()
        return has_the_wanted_only(lab, lineages)

    with contextlib.ExitStack() as stack:
        watchers = [stack.enter_context(Watcher(lab, lineage.name, owner, lineage.profile))
                    for lineage in lineages for owner in lineage.owners]
        every_lineage("1s")
        results = run_until(lab, f"{promotions} promotions of each", all_promoted, every=1, timeout=180)
        every_lineage("90d")
        results += run_until(lab, "every owner has current and next only", all_tidy)
    for watcher in watchers:
        watcher.assert_found_nothing(test)
        test.assertEqual(len(set(watcher.served)), len(watcher.served), "no key is served twice")
    test.assertEqual([result.err for result in results if result.err], [])
    return watchers


def assert_waits_for(test: unittest.TestCase, lab: Lab, lineage: Lineage, owner: str, kind: str) -> None:
    """Without the next key's record of this kind at this owner it is not promoted, with it it is, in its time.

    As where somebody else publishes: danectl itself would put the record back at once.
    """
    lab.write_config(publish={"method": "print"})
    (record,) = records_of(public_key(next_key(lab, lineage.name).read_text()), [kind])
    before = served_key(lab, lineage.name)
    lab.delete(owner, f"TLSA {record}")
    set_key(lab, lineage.name, "rollover", "1s")
    end = time.monotonic() + HOLD_DOWN + 2
    while time.monotonic() < end:
        lab.danectl("run")
        test.assertEqual(served_key(lab, lineage.name), before)
        time.sleep(0.5)
    lab.add(owner, 2, f"TLSA {record}")
    run_until(lab, f"{lineage.name} is promoted", lambda _result: served_key(lab, lineage.name) != before)
    test.assertIn(record, records_of(public_key((live(lab, lineage.name) / "cert.pem").read_text()), [kind]))
    set_key(lab, lineage.name, "rollover", "90d")
    lab.write_config()
