"""The ways `3 1 2` alone, and `3 1 1` beside `3 1 2`: a key is served when its record of every digest is relied on."""
from __future__ import annotations

import unittest

from host import current_and_next, records_at, run_until, served_key, wait_for_caches
from rolling import Lineage, assert_waits_for, begin, roll
from rollover import RolloverTest, owner_of, set_key

STRONG = Lineage("strong.example.lab", (owner_of("strong.example.lab"),), ("3 1 2",))
BOTH = Lineage("both.example.lab", (owner_of("both.example.lab"),), ("3 1 1", "3 1 2"))
ISSUER = "2 1 1 " + "cc" * 32


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

    def test_beside_sha512_alone_an_issuers_record_holds_a_promotion_until_it_is_deleted(self) -> None:
        name = "alone.example.lab"
        lineage = Lineage(name, (owner_of(name),), ("3 1 2",))
        self.lab.add(owner_of(name), 2, f"TLSA {ISSUER}")
        self.assertIn("a sender that does not know SHA-512 uses only this record", lineage.enroll(self.lab).err)
        run_until(self.lab, "all is published", lambda _result: all(
            set(published) == {*current_and_next(self.lab, name, lineage.profile), ISSUER}
            for published in records_at(self.lab, owner_of(name))))
        self.lab.danectl("run")  # sees it on the secondary, too, however slow that is
        wait_for_caches()
        before = served_key(self.lab, name)
        refused = self.lab.danectl("promote", name, "--no-hold", expect=75).err
        self.assertRegex(refused, "gave .*2 1 1 c.* for a sender that does not know SHA-512")
        self.assertIn(f'danectl retire {name} --foreign "U S M HEX" deletes a record', refused)
        self.assertEqual(served_key(self.lab, name), before)
        self.assertIn("deleted", self.lab.danectl("retire", name, "--foreign", ISSUER).out)
        self.assertIn("not promoted", self.lab.danectl("promote", name, expect=75).err)
        set_key(self.lab, name, "rollover", "1s")
        run_until(self.lab, "it is promoted", lambda _result: served_key(self.lab, name) != before)
        set_key(self.lab, name, "rollover", "90d")


if __name__ == "__main__":
    unittest.main()
