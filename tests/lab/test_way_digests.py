"""The ways `3 1 2` alone, and `3 1 1` beside `3 1 2`: a key is served when its record of every digest is relied on."""
from __future__ import annotations

import unittest

from host import records_at
from rolling import Lineage, assert_waits_for, begin, roll
from rollover import RolloverTest, owner_of

STRONG = Lineage("strong.example.lab", (owner_of("strong.example.lab"),), ("3 1 2",))
BOTH = Lineage("both.example.lab", (owner_of("both.example.lab"),), ("3 1 1", "3 1 2"))


class Digests(RolloverTest):
    """Two lineages of one host, each with an owner of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for lineage in (STRONG, BOTH):
            lineage.enroll(cls.lab)
        begin(cls.lab, [STRONG, BOTH])

    def test_a_key_with_one_of_its_digests_waits_for_the_other(self) -> None:
        assert_waits_for(self, self.lab, BOTH, *BOTH.owners, "3 1 2")

    def test_each_rolls_twice_with_its_digests(self) -> None:
        roll(self, self.lab, [STRONG, BOTH])
        for lineage, digests in ((STRONG, ["3 1 2"] * 2), (BOTH, ["3 1 1"] * 2 + ["3 1 2"] * 2)):
            for records in records_at(self.lab, *lineage.owners):
                self.assertEqual(sorted(record.rpartition(" ")[0] for record in records), digests)


if __name__ == "__main__":
    unittest.main()
