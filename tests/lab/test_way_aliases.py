"""Owners that are aliases into a zone of others, with a server and a TSIG key of its own: [[publish.zone]]."""
from __future__ import annotations

import contextlib
import json
import time
import unittest

from host import Host, current_and_next, records_at, run_until, wait_for_caches
from lab import run
from rollover import RolloverTest, enroll, next_key, of_key, owner_of, set_key
from watcher import Watcher

MX1, MX2 = "mx1.example.lab", "mx2.example.lab"
TARGET, ALIAS_SERVERS = "tlsa._dane.alias.lab", ("127.0.0.41",)


class Aliases(RolloverTest):
    """[publish] is for example.lab; alias.lab has a section."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        # Before danectl asks: the resolver would remember for a while that there is nothing.
        for name in (MX1, MX2):
            cls.lab.add(owner_of(name), 2, f"CNAME {TARGET}.")

    def updates(self, key: str) -> list[str]:
        """What this key has changed in alias.lab, by the server's log."""
        log = (self.lab.dir / "log" / "alias.log").read_text()
        return [line for line in log.splitlines() if f"/key {key}: updating zone 'alias.lab/IN'" in line]

    def test_two_hosts_that_are_aliases_of_one_rrset_in_a_zone_of_others_roll_by_themselves(self) -> None:
        host = Host(self.lab, "aliases")
        host.write_config(publish={"server": "127.0.0.31"}, zones=[
            {"name": "alias.lab", "server": "127.0.0.41", "key_file": str(self.lab.alias_tsig)}])
        for name in (MX1, MX2):
            enroll(host, name, "--reload", "true")
            set_key(host, name, "rollover", "1s")
            set_key(host, name, "retire_after", "1s")
        host.danectl("run")
        for name in (MX1, MX2):
            for record in current_and_next(host, name):
                self.lab.wait_published(TARGET, f"TLSA {record}")
        wait_for_caches()
        watchers = {name: Watcher(host, name, TARGET, servers=ALIAS_SERVERS) for name in (MX1, MX2)}
        with contextlib.ExitStack() as stack:
            for watcher in watchers.values():
                stack.enter_context(watcher)
            results = run_until(host, "two promotions of each", lambda _result: all(
                len(watcher.served) > 2 for watcher in watchers.values()), every=1, timeout=150)
            for name in (MX1, MX2):
                set_key(host, name, "rollover", "90d")
            results += run_until(host, "current and next of both only",
                                 lambda _result: self.at_target() == self.wanted(host), every=1)
        for watcher in watchers.values():
            watcher.assert_found_nothing(self)
            self.assertEqual(len(set(watcher.served)), len(watcher.served))
        self.assertEqual([str(result) for result in results if result.err], [])
        self.assertGreater(len(self.updates("alias")), 8)
        self.assertEqual(self.updates("lab"), [])
        self.the_shared_rrset_is_printed(host)

    def at_target(self) -> set[str]:
        (records,) = records_at(self.lab, TARGET, ALIAS_SERVERS)
        return records

    def wanted(self, host: Host) -> set[str]:
        return current_and_next(host, MX1) | current_and_next(host, MX2)

    def the_shared_rrset_is_printed(self, host: Host) -> None:
        """Whichever name on the way is asked for, also twice: once each record, at the canonical name."""
        for asked in ([TARGET], [owner_of(MX1)], [TARGET.upper() + ".", owner_of(MX2)]):
            options = [word for name in asked for word in ("--owner", name)]
            lines = host.danectl("records", *options).out.splitlines()
            records = {line.split(" ; ")[0] for line in lines if not line.startswith(";")}
            self.assertEqual(records, {f"{TARGET}. 2 IN TLSA {record}" for record in self.wanted(host)}, asked)
            self.assertEqual(len(lines), 4 + 2, "and a comment for each alias")
        script = host.danectl("records", "--owner", TARGET, "--format", "nsupdate").out
        self.assertRegex(script, "\\Aserver 127.0.0.41\n(; .*\n)*zone alias.lab.\n")
        run(["nsupdate", "-k", self.lab.alias_tsig], input=script, env=self.lab.env)
        self.assertEqual(self.at_target(), self.wanted(host))
        document = json.loads(host.danectl("records", "--owner", TARGET, "--only", "next", "--format", "json").out)
        self.assertEqual({owner["canonical"] for owner in document["owners"]}, {TARGET})
        self.assertEqual({record["record"] for owner in document["owners"] for record in owner["records"]},
                         {of_key(self.lab, next_key(host, name)) for name in (MX1, MX2)})
        missing = host.danectl("records", "--owner", "other._dane.alias.lab", expect=1)
        self.assertEqual(missing.out, "")
        self.assertIn("no lineage leads to other._dane.alias.lab", missing.err)
        # A lineage whose zone gives no answer may lead there as well.
        set_key(host, MX2, "tlsa", [owner_of(MX2), owner_of("mx.nowhere.lab")])
        self.lab.add("nowhere.lab", 2, "NS ns1.example.lab.", zone="lab", wait=False)
        self.addCleanup(self.lab.delete, "nowhere.lab", zone="lab", wait=False)
        time.sleep(2.1)  # until nothing is remembered of that zone
        unknown = host.danectl("records", "--owner", TARGET, expect=75)
        self.assertEqual(len(unknown.out.splitlines()), 6)
        self.assertIn(f"it is not known where {owner_of('mx.nowhere.lab')} leads", unknown.err)


if __name__ == "__main__":
    unittest.main()
