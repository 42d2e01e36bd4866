"""Two hosts, each with a danectl of its own, roll the keys of one owner and never take a record from each other."""
from __future__ import annotations

import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from host import Host, current_and_next, records_at, wait_for_caches
from lab import Result
from rollover import RolloverTest, enroll, owner_of, set_key
from watcher import Watcher

OWNER = owner_of("mx.example.lab")
LINEAGES = {"one": "one.example.lab", "two": "two.example.lab"}
MINUTE = 60


class TwoHosts(RolloverTest):

    def setUp(self) -> None:
        self.hosts = {label: Host(self.lab, label) for label in LINEAGES}
        for label, host in self.hosts.items():
            enroll(host, LINEAGES[label], "--reload", "true", owners=[OWNER])
            set_key(host, LINEAGES[label], "rollover", "1s")
            set_key(host, LINEAGES[label], "retire_after", "1s")

    def timer(self, label: str) -> list[Result]:
        """Runs every second for a minute."""
        end, results = time.monotonic() + MINUTE, []
        while time.monotonic() < end:
            results.append(self.hosts[label].danectl("run", expect=None))
            time.sleep(max(0.0, 1 - results[-1].seconds))
        return results

    def wanted(self) -> set[str]:
        return set().union(*(current_and_next(host, LINEAGES[label]) for label, host in self.hosts.items()))

    def is_tidy(self) -> bool:
        for host in self.hosts.values():
            host.danectl("run")
        return all(records == self.wanted() for records in records_at(self.lab, OWNER))

    def test_a_minute_of_runs_at_the_same_time_loses_no_record_of_either(self) -> None:
        for host in self.hosts.values():
            host.danectl("run")
        for record in self.wanted():
            self.lab.wait_published(OWNER, f"TLSA {record}")
        wait_for_caches()
        watchers = {label: Watcher(host, LINEAGES[label], OWNER) for label, host in self.hosts.items()}
        with watchers["one"], watchers["two"], ThreadPoolExecutor() as pool:
            results = dict(zip(LINEAGES, pool.map(self.timer, LINEAGES)))
            for label, host in self.hosts.items():
                set_key(host, LINEAGES[label], "rollover", "90d")
            self.lab.wait_until("the owner has current and next of both only", self.is_tidy, 60)
        for label, watcher in watchers.items():
            with self.subTest(host=label):
                self.assertEqual([str(result) for result in results[label] if result.code or result.err], [])
                watcher.assert_found_nothing(self)
                self.assertGreaterEqual(len(watcher.served) - 1, 3, "promotions")
                self.assertEqual(len(set(watcher.served)), len(watcher.served))
        self.assertEqual(records_at(self.lab, OWNER), [self.wanted()] * 2)


if __name__ == "__main__":
    unittest.main()
