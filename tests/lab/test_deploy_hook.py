"""danectl as certbot's deploy hook: what it takes over at once, what it keeps waiting, and when it is silent."""
from __future__ import annotations

import contextlib
import json
import re
import shlex
import unittest
from collections.abc import Iterator

from lab import Result, run
from rollover import (RolloverTest, certbot_live, enroll, install_hook, live, lineage_toml, publish,
                      renewal_conf, set_key, status, wait_ready)

SAME, FOREIGN, DROPPED = "same.example.lab", "foreign.example.lab", "dropped.example.lab"
MISSED, RELOADS, STRANGER = "missed.example.lab", "reloads.example.lab", "stranger.example.lab"
LOST = "lost.example.lab"


class DeployHook(RolloverTest):
    """Enrolled lineages without records in DNS, and a stranger; danectl is a deploy hook of certbot's."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for name in (SAME, FOREIGN, DROPPED, MISSED, RELOADS, LOST):
            enroll(cls.lab, name)
        cls.lab.issue(STRANGER)
        cls.hook = install_hook(cls.lab, "deploy", "exec danectl deploy-hook")

    def renew(self, name: str, *options: str) -> Result:
        return self.lab.certbot("renew", "--cert-name", name, "--force-renewal", *options)

    @contextlib.contextmanager
    def hook_missing(self) -> Iterator[None]:
        self.hook.chmod(0o644)  # certbot runs only what is executable
        try:
            yield
        finally:
            self.hook.chmod(0o755)

    def served(self, name: str) -> str:
        return self.assert_key_fits_certificate(name)

    def by_hand(self, name: str, expect: int = 0, **env: str) -> Result:
        return self.lab.danectl("deploy-hook", env={"RENEWED_LINEAGE": str(certbot_live(self.lab, name)), **env},
                                expect=expect)

    def assert_is_candidate(self, name: str, said: str) -> str:
        """The foreign key is not served, but kept, said and wanted in DNS; its SPKI."""
        foreign = self.lab.openssl_spki(certbot_live(self.lab, name) / "privkey.pem")
        self.assertNotEqual(self.served(name), foreign)
        self.assertIn(foreign, said)
        self.assertEqual(renewal_conf(self.lab, name)["reuse_key"], "True")
        owners = json.loads(self.lab.danectl("records", name, "--format", "json").out)["owners"]
        roles = {record["record"]: record["role"] for owner in owners for record in owner["records"]}
        self.assertEqual(roles.get(f"3 1 1 {foreign}"), "candidate")
        self.assertEqual([candidate["spki"] for candidate in status(self.lab, name)["candidates"]], [foreign])
        copy = self.lab.state_dir / "candidates" / name / foreign / "privkey.pem"
        self.assertEqual(copy.stat().st_mode & 0o777, 0o600)
        return foreign

    def test_the_same_key_goes_out_at_once_also_without_any_dns(self) -> None:
        served = self.served(SAME)
        for server in ("unbound", "ns1", "ns2", "alias", "upper"):
            self.lab.kill(server)
        try:
            self.renew(SAME)
        finally:
            for server in ("upper", "ns1", "ns2", "alias", "unbound"):
                self.lab.start(server)
        self.assert_all_have(served, SAME)
        self.assertEqual((live(self.lab, SAME) / "cert.pem").read_text(),
                         (certbot_live(self.lab, SAME) / "cert.pem").read_text())
        self.assertEqual(status(self.lab, SAME)["current"]["generation"], 2)

    def test_a_new_key_of_certbot_waits_as_a_candidate_until_its_records_are_ready(self) -> None:
        served = self.served(FOREIGN)
        result = self.renew(FOREIGN, "--new-key")
        foreign = self.assert_is_candidate(FOREIGN, result.err)
        self.renew(FOREIGN)
        self.assertEqual(self.served(FOREIGN), served)
        self.assert_is_candidate(FOREIGN, foreign)
        self.lab.danectl("stage", FOREIGN)
        publish(self.lab, FOREIGN)
        wait_ready(self.lab, FOREIGN)
        self.lab.danectl("promote", FOREIGN)
        self.assert_all_have(foreign, FOREIGN)

    def test_a_lineage_that_lost_reuse_key_gets_it_back(self) -> None:
        with self.hook_missing():
            self.lab.issue(DROPPED, extra=["--force-renewal"])
        self.assertNotIn("reuse_key", renewal_conf(self.lab, DROPPED))
        self.assert_is_candidate(DROPPED, self.by_hand(DROPPED).err)

    def test_a_missed_hook_is_made_good_by_the_next_promote(self) -> None:
        self.lab.danectl("stage", MISSED)
        served = self.served(MISSED)
        with self.hook_missing():
            self.renew(MISSED)
        theirs = (certbot_live(self.lab, MISSED) / "cert.pem").read_text()
        self.assertNotEqual((live(self.lab, MISSED) / "cert.pem").read_text(), theirs)
        self.lab.danectl("promote", MISSED, expect=75)
        self.assertEqual((live(self.lab, MISSED) / "cert.pem").read_text(), theirs)
        self.assert_all_have(served, MISSED)

    def test_a_reload_that_fails_is_pending_until_it_works(self) -> None:
        done, works = self.lab.dir / "reloaded", self.lab.dir / "works"
        reload = self.lab.dir / "reload"
        reload.write_text(f'#!/bin/sh\ntest -e {works} || {{ echo "no such service" >&2; exit 3; }}\n'
                          f'echo "$DANECTL_LINEAGE $DANECTL_LIVE" >> {done}\n')
        reload.chmod(0o755)
        set_key(self.lab, RELOADS, "reload", [[str(reload)]])
        self.assertIn("no such service", self.renew(RELOADS).err)
        self.assertFalse(done.exists())
        broken = status(self.lab, RELOADS)
        self.assertEqual(broken["state"], "attention")
        self.assertTrue(broken["reload_pending_since"])
        self.assertIn(str(reload), broken["hook_error"])
        self.assertIn("reload", self.lab.danectl("status", RELOADS, "--no-dns").out)
        works.touch()
        self.by_hand(RELOADS)
        self.assertEqual(done.read_text(), f"{RELOADS} {live(self.lab, RELOADS)}\n")
        mended = status(self.lab, RELOADS)
        self.assertEqual((mended["reload_pending_since"], mended["hook_error"]), (None, None))
        self.by_hand(RELOADS)
        self.assertEqual(len(done.read_text().splitlines()), 1, "nothing was deployed, so nothing is to be reloaded")

    def test_a_link_that_is_gone_is_said_with_the_command_that_puts_it_back(self) -> None:
        link = live(self.lab, LOST)
        link.unlink()
        said = self.renew(LOST).err
        self.assertIn(f"{link} is not there", said)
        self.assertIn(f"{link} is not there", self.by_hand(LOST, expect=1).err)
        command = re.search(r"ln -sfn \S+ \S+", said)
        self.assertTrue(command, said)
        run(shlex.split(command[0]))
        self.by_hand(LOST)
        self.assertEqual((link / "cert.pem").read_text(), (certbot_live(self.lab, LOST) / "cert.pem").read_text())

    def test_it_is_silent_about_what_is_not_its_business(self) -> None:
        for name, env in ((STRANGER, {}), (SAME, {"DANECTL_ACTIVE": "1"})):
            everything = (self.lab.state_dir, self.lab.certbot_dir, self.lab.config.parent)
            before = self.lab.snapshot(*everything)
            result = self.by_hand(name, **env)
            self.assertEqual((result.out, result.err), ("", ""))
            self.assertEqual(self.lab.snapshot(*everything), before)
        self.assertFalse(lineage_toml(self.lab, STRANGER).exists())

    def test_another_lineage_s_broken_file_is_not_its_business(self) -> None:
        broken = lineage_toml(self.lab, "broken.example.lab")
        broken.write_text("tlsa = 1\n")
        try:
            result = self.by_hand(STRANGER)
            self.assertEqual((result.out, result.err), ("", ""))
            self.assertIn(str(broken), self.by_hand(SAME, expect=2).err)
        finally:
            broken.unlink()

    def test_it_is_for_certbot_to_start(self) -> None:
        self.assertIn("RENEWED_LINEAGE", self.lab.danectl("deploy-hook", expect=2).err)


if __name__ == "__main__":
    unittest.main()
