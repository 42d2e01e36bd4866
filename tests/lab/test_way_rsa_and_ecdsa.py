"""RSA and ECDSA side by side: two lineages with one owner, one RRset and one Postfix, each of which rolls by itself."""
from __future__ import annotations

import unittest

from host import records_at, served_key, untouched
from lab_mail import MailServer, presented
from rolling import Lineage, assert_nothing_critical, begin, roll
from rollover import RolloverTest, live, owner_of, set_key

HOST = "mx.example.lab"
RSA, ECDSA = (Lineage(f"{kind}.example.lab", (owner_of(HOST),), domains=(HOST,), key=("--key-type", kind))
              for kind in ("rsa", "ecdsa"))
BOTH = {"RSA": RSA, "ECDSA": ECDSA}


class RsaAndEcdsa(RolloverTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        mail = MailServer(cls.lab, chain_files=[live(cls.lab, lineage.name) / "combined.pem"
                                                for lineage in BOTH.values()])
        for lineage in BOTH.values():
            lineage.enroll(cls.lab, reload=[mail.reload_command], probe=[f"smtp://{HOST}:25"])
        cls.enterClassContext(mail)
        begin(cls.lab, [*BOTH.values()])

    def test_each_rolls_twice_and_both_handshakes_are_fine_at_any_time(self) -> None:
        watchers = roll(self, self.lab, [*BOTH.values()],
                        after_each_run=lambda: assert_nothing_critical(self, self.lab))
        for (kind, lineage), watcher in zip(BOTH.items(), watchers, strict=True):
            self.assertEqual(presented(self.lab, HOST, 25, "smtp", kind), served_key(self.lab, lineage.name))
            self.assertEqual(watcher.served[-1], served_key(self.lab, lineage.name))
        assert_nothing_critical(self, self.lab)

    def test_profiles_by_which_one_would_hide_the_other_are_refused(self) -> None:
        lab, owner = self.lab, owner_of(HOST)
        published = records_at(lab, owner)
        for hidden, other in ((RSA, ECDSA), (ECDSA, RSA)):
            set_key(lab, hidden.name, "profile", ["3 1 2"])
            with self.subTest(hidden=hidden.name), untouched(lab, lab.state_dir):
                for words in (["run"], ["status"], ["publish", other.name], ["promote", hidden.name, "--no-hold"]):
                    message = lab.danectl(*words, expect=2).err
                    for part in (owner, hidden.name, other.name):
                        self.assertIn(part, message)
            set_key(lab, hidden.name, "profile", ["3 1 1"])
        self.assertEqual(records_at(lab, owner), published)

    def test_a_third_lineage_that_would_hide_them_is_not_enrolled(self) -> None:
        name = "third.example.lab"
        self.lab.issue(name, HOST)
        with untouched(self.lab, self.lab.state_dir, self.lab.config.parent):
            message = self.lab.danectl("enroll", name, "--tlsa", owner_of(HOST), "--profile", "3 1 2", expect=2).err
        self.assertIn(owner_of(HOST), message)


if __name__ == "__main__":
    unittest.main()
