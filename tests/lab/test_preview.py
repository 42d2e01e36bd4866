"""What `publish --dry-run` of one lineage shows is what `publish` of it does, also where another has the same owner."""
from __future__ import annotations

import re
import unittest

from host import Host, current_and_next, records_at, wait_for_caches
from rollover import RolloverTest, enroll, hook_section, live, of_key, owner_of


class Preview(RolloverTest):
    """Two lineages on one owner: `publish A --dry-run` shows what `publish A` does."""

    def two_on_one(self, word: str, *owners: str) -> None:
        self.host, self.names = Host(self.lab, word), [f"{word}-a.example.lab", f"{word}-b.example.lab"]
        for name, owner in zip(self.names, owners):
            enroll(self.host, name, "--reload", "true", owners=[owner])
        self.host.danectl("stage")

    def shown(self, does: str) -> set[str]:
        """The records of `publish A --dry-run`, which changes nothing: `does` is add or delete."""
        before = self.host.snapshot(self.host.state_dir), records_at(self.lab, self.owner)
        would = self.host.danectl("publish", self.names[0], "--dry-run").out
        self.assertEqual(before, (self.host.snapshot(self.host.state_dir), records_at(self.lab, self.owner)))
        return self.in_lines([line for line in would.splitlines() if does in line.partition("IN TLSA")[0]])

    @staticmethod
    def in_lines(lines: list[str]) -> set[str]:
        return {match[1] for line in lines for match in re.finditer(r"IN TLSA (\d \d \d [0-9a-f]+)", line)}

    def publishes_as_shown(self) -> None:
        there = records_at(self.lab, self.owner)[0]
        shown = self.shown("add")
        self.assertTrue(shown)
        self.host.danectl("publish", self.names[0])
        for record in shown:
            self.lab.wait_published(self.owner, f"TLSA {record}")
        for published in records_at(self.lab, self.owner):
            self.assertEqual(published, there | shown)
        self.assertEqual(self.shown("add"), set())

    def test_what_it_adds(self) -> None:
        self.owner = owner_of("shared.example.lab")
        self.two_on_one("shared", self.owner, self.owner)
        self.publishes_as_shown()

    def test_what_it_adds_one_at_a_time(self) -> None:
        self.owner = owner_of("hooked.example.lab")
        self.two_on_one("hooked", self.owner, self.owner)
        self.host.write_config(publish=hook_section(self.lab))
        # One at a time neither of two keys could begin: the other one's server would fail in between.
        self.host.danectl("publish", self.names[0], expect=1)
        for name in self.names:
            self.lab.add(self.owner, 2, f"TLSA {of_key(self.lab, live(self.host, name) / 'cert.pem')}")
        self.publishes_as_shown()

    def test_what_it_prints(self) -> None:
        self.owner = owner_of("printed.example.lab")
        self.two_on_one("printed", self.owner, self.owner)
        self.host.write_config(publish={"method": "print"})
        shown = self.shown("add")
        self.assertTrue(shown)
        printed = self.host.danectl("publish", self.names[0]).out.splitlines()
        self.assertEqual(self.in_lines([line for line in printed if line.startswith(f"{self.owner}. ")]), shown)

    def test_what_it_adds_where_an_alias_of_the_other_leads_to_the_owner(self) -> None:
        self.owner, alias = owner_of("canonical.example.lab"), owner_of("alias.example.lab")
        self.lab.add(alias, 2, f"CNAME {self.owner}.")
        self.two_on_one("aliased", self.owner, alias)
        self.publishes_as_shown()

    def test_what_it_deletes(self) -> None:
        self.owner = owner_of("deletes.example.lab")
        self.two_on_one("deletes", self.owner, self.owner)
        self.host.danectl("publish")
        before = current_and_next(self.host, self.names[0]) | current_and_next(self.host, self.names[1])
        for record in before:
            self.lab.wait_published(self.owner, f"TLSA {record}")
        self.host.danectl("run")
        wait_for_caches()
        for name in self.names:
            self.host.danectl("discard", name)
        shown = self.shown("delete")
        self.assertTrue(shown)
        self.host.danectl("publish", self.names[0])
        for record in shown:
            self.lab.wait_published(self.owner, f"TLSA {record}", present=False)
        for published in records_at(self.lab, self.owner):
            self.assertEqual(before - published, shown)


if __name__ == "__main__":
    unittest.main()
