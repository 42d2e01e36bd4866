"""Several services on one key: one lineage with the owners of 25, 465, 587 and 993, served by Postfix and Dovecot."""
from __future__ import annotations

import unittest

from host import served_key
from lab_mail import MailboxServer, MailServer, presented
from rolling import Lineage, assert_nothing_critical, assert_waits_for, begin, roll
from rollover import RolloverTest, live

HOST = "mx.example.lab"
PROBES = [f"{kind}://{HOST}:{port}" for kind, port in (
    ("smtp", 25), ("smtps", 465), ("submission", 587), ("imaps", 993))]
STARTTLS = {25: "smtp", 465: None, 587: "smtp", 993: None}
LINEAGE = Lineage(HOST, tuple(f"_{port}._tcp.{HOST}" for port in STARTTLS))


class Services(RolloverTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        chain = [live(cls.lab, HOST) / "combined.pem"]
        servers = [MailServer(cls.lab, chain_files=chain), MailboxServer(cls.lab, chain_files=chain)]
        LINEAGE.enroll(cls.lab, reload=[server.reload_command for server in servers], probe=PROBES)
        for server in servers:
            cls.enterClassContext(server)
        begin(cls.lab, [LINEAGE])

    def test_a_next_key_that_one_owner_lacks_waits(self) -> None:
        assert_waits_for(self, self.lab, LINEAGE, LINEAGE.owners[-1], "3 1 1")

    def test_all_services_roll_together_twice(self) -> None:
        roll(self, self.lab, [LINEAGE])
        for port, starttls in STARTTLS.items():
            self.assertEqual(presented(self.lab, HOST, port, starttls), served_key(self.lab, HOST), port)
        assert_nothing_critical(self, self.lab)


if __name__ == "__main__":
    unittest.main()
