"""Many mail domains with one MX host, and many MX hosts, each with a lineage and an owner of its own."""
from __future__ import annotations

import unittest

from host import served_key
from lab_mail import MailServer, delivers_to, presented
from rolling import Lineage, begin, roll
from rollover import RolloverTest, live, owner_of
from watching import findings

MX, MX2 = (Lineage(host, (owner_of(host),)) for host in ("mx.example.lab", "mx2.example.lab"))
ADDRESSES = {MX: "127.0.0.25", MX2: "127.0.0.26"}
# The zone of a domain needs DNSSEC (a sender must trust its MX record), and no TLSA record.
DOMAINS = {"one.example.lab": MX, "two.example.lab": MX, "three.alias.lab": MX, "four.alias.lab": MX2}


class Many(RolloverTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        servers = []
        for lineage, address in ADDRESSES.items():
            servers.append(MailServer(cls.lab, chain_files=[live(cls.lab, lineage.name) / "combined.pem"],
                                      address=address, hostname=lineage.name, name=f"postfix-{lineage.name}"))
            lineage.enroll(cls.lab, reload=[servers[-1].reload_command], probe=[f"smtp://{lineage.name}:25"])
        for server in servers:
            cls.enterClassContext(server)
        for domain, lineage in DOMAINS.items():
            cls.lab.add(domain, 2, f"MX 10 {lineage.name}.")
        begin(cls.lab, [MX, MX2])

    def assert_all_is_well(self) -> None:
        """Of `check` and of a sender; the TTL of the lab is what it is."""
        self.assertEqual([finding for finding in findings(self.lab) if finding["id"] != "ttl-short"], [])
        for domain, lineage in DOMAINS.items():
            self.assertEqual(delivers_to(self.lab, domain), lineage.name)

    def test_a_mail_domain_needs_nothing_but_its_mx_record(self) -> None:
        self.assert_all_is_well()
        for domain in DOMAINS:
            self.assertEqual(self.lab.dig(owner_of(domain), "TLSA").records, [])

    def test_each_mx_rolls_twice_in_the_same_runs(self) -> None:
        def assert_a_sender_verifies_all() -> None:
            for domain, lineage in DOMAINS.items():
                self.assertEqual(delivers_to(self.lab, domain), lineage.name)

        roll(self, self.lab, [MX, MX2], after_each_run=assert_a_sender_verifies_all)
        for lineage in ADDRESSES:
            self.assertEqual(presented(self.lab, lineage.name, 25, "smtp"), served_key(self.lab, lineage.name))
        self.assert_all_is_well()


if __name__ == "__main__":
    unittest.main()
