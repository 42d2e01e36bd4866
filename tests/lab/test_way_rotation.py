"""The way `rotation = "certbot"`: certbot makes a new key at each renewal, and danectl serves it when DNS is ready."""
from __future__ import annotations

import unittest

from host import certbots_key, records_at, run_until, served_key, wait_for_caches
from lab import Lab
from rollover import RolloverTest, install_hook, live, of_key, owner_of, renewal_conf, set_key, status
from watcher import Watcher

NAME = "mx.example.lab"
OWNER = owner_of(NAME)


def renew(lab: Lab, name: str = NAME) -> str:
    """What certbot does at each renewal; the key it has now."""
    lab.certbot("renew", "--cert-name", name, "--force-renewal")
    return certbots_key(lab, name)


class ByCertbot(RolloverTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.lab.issue(NAME)
        said = cls.lab.danectl("enroll", NAME, "--tlsa", OWNER, "--rotation", "certbot").out
        assert "reuse_key is left as it was" in said, said
        install_hook(cls.lab, "deploy", f"exec {cls.lab.program} --config {cls.lab.config} deploy-hook")
        set_key(cls.lab, NAME, "reload", [["true"]])
        set_key(cls.lab, NAME, "retire_after", "1s")
        run_until(cls.lab, "the current record is published", lambda _result: has_only(cls.lab, cls.current()))
        wait_for_caches()

    @classmethod
    def current(cls) -> str:
        return of_key(cls.lab, live(cls.lab, NAME) / "privkey.pem")

    def test_it_rolls_with_each_renewal_and_not_before_its_record_is_ready(self) -> None:
        lab = self.lab
        self.assertNotEqual(renewal_conf(lab, NAME).get("reuse_key"), "True")
        with Watcher(lab, NAME) as watcher:
            for _renewal in range(2):
                before = served_key(lab, NAME)
                fresh = renew(lab)
                self.assertNotEqual(fresh, before)
                self.assertEqual(served_key(lab, NAME), before)
                (candidate,) = status(lab, NAME)["candidates"]
                self.assertEqual((candidate["spki"], candidate["from"]), (fresh, "certbot"))
                results = run_until(lab, "the new key is served",
                                    lambda _result, fresh=fresh: served_key(lab, NAME) == fresh)
                self.assertEqual([str(result) for result in results if result.err], [])
                run_until(lab, "the record of the key before is gone", lambda _result: has_only(lab, self.current()))
        watcher.assert_found_nothing(self)
        self.assertEqual(len(watcher.served), 3)
        self.assertNotEqual(renewal_conf(lab, NAME).get("reuse_key"), "True")
        self.assertFalse((lab.state_dir / "next" / NAME).exists())

    def test_several_candidates_wait_and_the_newest_ready_one_is_served(self) -> None:
        lab = self.lab
        with Watcher(lab, NAME) as watcher:
            older, newer = renew(lab), renew(lab)
            self.assertEqual([candidate["spki"] for candidate in status(lab, NAME)["candidates"]], [older, newer])
            run_until(lab, "the newest is served", lambda _result: served_key(lab, NAME) == newer)
            run_until(lab, "only its record is left", lambda _result: has_only(lab, self.current()))
        watcher.assert_found_nothing(self)
        self.assertEqual(status(lab, NAME)["candidates"], [])

    def test_a_person_may_promote_stage_and_roll_back(self) -> None:
        lab = self.lab
        self.assertIn("no key is staged", lab.danectl("stage", NAME).out)
        self.assertEqual(lab.danectl("promote", NAME).out, "")  # none there
        before, fresh = served_key(lab, NAME), renew(lab)
        refused = lab.danectl("promote", NAME, expect=75).err
        self.assertIn("the records of the candidate", refused)
        set_key(lab, NAME, "retire_after", "1h")
        lab.danectl("publish", NAME)
        lab.danectl("promote", NAME, "--wait")
        self.assertEqual(served_key(lab, NAME), fresh)
        lab.danectl("rollback", NAME)
        self.assertEqual(served_key(lab, NAME), before)
        self.assertEqual(certbots_key(lab, NAME), before)
        lab.danectl("run")
        self.assertEqual(served_key(lab, NAME), before)
        self.assertFalse((lab.state_dir / "next" / NAME).exists())
        set_key(lab, NAME, "retire_after", "1s")
        run_until(lab, "only the record of the key is left", lambda _result: has_only(lab, self.current()))


def has_only(lab: Lab, record: str) -> bool:
    return all(records == {record} for records in records_at(lab, OWNER))


if __name__ == "__main__":
    unittest.main()
