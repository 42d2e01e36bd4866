"""NSEC3 opt-out: in such a zone nothing proves that a name is absent, and what is there is as secure as elsewhere."""
from __future__ import annotations

import unittest
from pathlib import Path

from lab_dns import TTL, in_no_file_outside
from own_server import OwnServer
from rollover import enroll, live, next_key, of_key, owner_of, records_at, status
from watching import findings


class OptOut(OwnServer):
    """BIND with `optout yes`, and below it a zone that is not signed."""
    zone, address = "optout.lab", "127.0.0.43"

    @classmethod
    def configure(cls) -> list[str | Path]:
        child = cls.dir / "child.zone"
        child.write_text(cls.zone_file.read_text().replace(cls.zone, f"child.{cls.zone}"))
        cls.zone_file.write_text(cls.zone_file.read_text() + f"mx2 A 127.0.0.26\nwild A 127.0.0.26\n"
                                 f"*.wild TLSA 3 1 1 {'07' * 32}\nchild NS ns1.child\nns1.child A {cls.address}\n")
        conf = cls.dir / "named.conf"
        policy = (cls.lab.dir / "policy.conf").read_text().replace('"lab" {', '"optout" {\n    nsec3param iterations 0 '
                                                                   "optout yes salt-length 0;")
        conf.write_text(f"""include "{cls.lab.tsig}";
{policy}options {{
    directory "{cls.dir}"; {in_no_file_outside()}
    listen-on {{ {cls.address}; }}; listen-on-v6 {{ none; }}; recursion no; notify no;
}};
zone "{cls.zone}" {{ type primary; file "{cls.zone_file}"; dnssec-policy optout; inline-signing no;
    allow-update {{ key "lab"; }}; }};
zone "child.{cls.zone}" {{ type primary; file "{child}"; }};
""")
        return ["named", "-g", "-n", "1", "-c", conf]

    def assert_unproven(self, owner: str, alias: list[str]) -> None:
        """Once the resolver has forgotten what was there before."""
        self.lab.wait_until("the resolver has the alias", lambda: self.lab.dig(owner).records == alias)
        self.assertNotIn("ad", self.lab.dig(owner).flags)

    def finding_ids(self, name: str) -> set[str]:
        return {finding["id"] for finding in findings(self.lab, name)}

    def test_the_first_record_is_published_and_keys_roll(self) -> None:
        name = f"mx.{self.zone}"
        enroll(self.lab, name, "--reload", "true")
        self.assert_unproven(owner_of(name), [])
        (owner,) = status(self.lab, name)["owners"]
        self.assertEqual((owner["dnssec"], owner["records"]), ("secure", []), owner)
        self.assertIn("no-records", self.finding_ids(name))
        self.assertNotIn("not-signed", self.finding_ids(name))
        self.roll_over(name)

    def test_what_a_wildcard_gives_there_is_no_record_and_the_first_one_is_published_beside_it(self) -> None:
        name = f"wild.{self.zone}"
        enroll(self.lab, name)
        self.assert_unproven(owner_of(name), [f"TLSA 3 1 1 {'07' * 32}"])
        (owner,) = status(self.lab, name)["owners"]
        self.assertEqual((owner["dnssec"], owner["records"]), ("secure", []), owner)
        self.assertNotIn("not-signed", self.finding_ids(name))
        self.lab.danectl("run")
        own = of_key(self.lab, live(self.lab, name) / "cert.pem")
        self.assertEqual(self.records(name), sorted([own, of_key(self.lab, next_key(self.lab, name))]))
        self.lab.wait_until("senders use it", lambda: "ad" in self.lab.dig(owner_of(name)).flags)

    def test_an_alias_may_lead_there(self) -> None:
        name, target = "to-optout.example.lab", f"tlsa.{self.zone}"
        enroll(self.lab, name)
        self.lab.add(owner_of(name), TTL, f"CNAME {target}.")
        self.assert_unproven(owner_of(name), [f"CNAME {target}."])
        self.lab.danectl("run")
        published = records_at(self.lab, target, self.address)
        self.assertIn(of_key(self.lab, live(self.lab, name) / "cert.pem"), published)

    def test_a_zone_below_that_is_not_signed_stays_one(self) -> None:
        name = f"mx.child.{self.zone}"
        enroll(self.lab, name)
        self.lab.danectl("stage", name)
        (owner,) = status(self.lab, name)["owners"]
        self.assertEqual(owner["dnssec"], "insecure", owner)
        self.assertIn("not-signed", self.finding_ids(name))
        self.assertIn("is not in a signed zone", self.lab.danectl("promote", name, expect=75).err)


if __name__ == "__main__":
    unittest.main()
