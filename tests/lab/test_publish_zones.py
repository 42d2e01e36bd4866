"""Zones with sections of their own, [[publish.zone]]: what each publishes goes its own way."""
from __future__ import annotations

import unittest

from host import Host
from lab import run
from rollover import RolloverTest, enroll, live, next_key, of_key, owner_of, status

MIXED, TARGET = "mixed.example.lab", "mixed._dane.alias.lab"


class Zones(RolloverTest):

    def test_a_key_of_the_other_zone_is_refused_and_the_section_is_named(self) -> None:
        host = Host(self.lab, "swapped")
        host.write_config(publish={"key_file": str(self.lab.alias_tsig)})
        name = "swapped.example.lab"
        enroll(host, name)
        refused = host.danectl("publish", name, expect=1).err
        self.assertIn("the server does not know the TSIG key", refused)
        self.assertIn("[publish] key_file", refused)
        host.write_config(zones=[{"name": name, "key_file": str(self.lab.alias_tsig)}])
        self.assertIn(f"[[publish.zone]] {name} key_file", host.danectl("publish", name, expect=1).err)
        host.write_config()
        host.danectl("publish", name)

    def test_what_one_zone_publishes_by_itself_and_another_by_hand(self) -> None:
        host = Host(self.lab, "mixed")
        host.write_config(zones=[{"name": "alias.lab", "method": "print", "ttl": "9s"}])
        self.lab.add(owner_of(f"also.{MIXED}"), 2, f"CNAME {TARGET}.")
        owners = [owner_of(MIXED), owner_of(f"also.{MIXED}")]
        enroll(host, MIXED, owners=owners)
        host.danectl("stage", MIXED)
        records = [of_key(self.lab, path) for path in (live(host, MIXED) / "cert.pem", next_key(host, MIXED))]
        would = host.danectl("publish", "--dry-run").out
        result = host.danectl("publish").out
        said = f"; {MIXED}: at {TARGET} method = \"print\", so nothing was published there; add:\n"
        self.assertIn(said, result)
        for record in records:
            self.assertIn(f"would add: {owners[0]}. 2 IN TLSA {record}\n", would)
            self.assertIn(f"by hand: add {TARGET}. 9 IN TLSA {record}\n", would)
            self.assertIn(f"\n{TARGET}. 9 IN TLSA {record}\n", result)
            self.lab.wait_published(owners[0], f"TLSA {record}")
        self.assertEqual(self.lab.dig(TARGET, server="127.0.0.41").records, [])
        # And `run` leaves it to a person, silently; `status` says so.
        self.assertEqual(host.danectl("run").err, "")
        self.assertEqual(self.lab.dig(TARGET, server="127.0.0.41").records, [])
        self.assertEqual(status(host, MIXED)["state"], "attention")
        by_hand = "".join(f"update add {line}\n" for line in result.splitlines() if line.startswith(TARGET))
        run(["nsupdate", "-k", self.lab.alias_tsig], input=f"server 127.0.0.41\n{by_hand}send\n", env=self.lab.env)
        self.lab.wait_until("nothing is missing", lambda: "no record is missing" in host.danectl("publish").out)
        self.assertNotEqual(status(host, MIXED)["state"], "attention")
        # What is deleted, too, goes each its way.
        host.danectl("discard", MIXED)
        said: list[str] = []

        def may_go() -> bool:
            said.append(host.danectl("retire", MIXED, expect=None).out)
            return f"by hand: delete {TARGET}" in said[-1]
        self.lab.wait_until("the record of the discarded key may go", may_go)
        self.assertIn(f"deleted at {owners[0]}", "".join(said))
        self.lab.wait_published(owners[0], f"TLSA {records[1]}", present=False)
        self.assertEqual(len(self.lab.dig(TARGET, server="127.0.0.41").records), 2)
        self.assertIn(f"; delete: {TARGET}. IN TLSA {records[1]}", host.danectl("publish", MIXED).out)


if __name__ == "__main__":
    unittest.main()
