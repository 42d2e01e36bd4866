"""A whole promotion: what is where afterwards, what certbot makes of it, and what a failure in the middle leaves."""
from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
import unittest
from collections.abc import Callable

from lab import run
from rollover import (RolloverTest, certbot_live, enroll, install_hook, live, next_key, owner_of,
                      publish, renewal_conf, set_key, status, wait_ready)

WHOLE, NO_HOLD, TO_RSA = "whole.example.lab", "nohold.example.lab", "rsa.example.lab"
NO_CA, TWO_LOOKS = "noca.example.lab", "twolooks.example.lab"
KILLED, SHOT, HALF = "killed.example.lab", "shot.example.lab", "half.example.lab"
Moment = Callable[[], bool]
ALIASES = [owner_of("alias1.example.lab"), owner_of("alias2.example.lab")]


class Promote(RolloverTest):
    """Every lineage below has its next key published; the hold-down of all is over before the first case."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        lab = cls.lab
        lab.add(ALIASES[0], 2, f"CNAME {owner_of('mx2.example.lab')}.")
        lab.add(ALIASES[1], 2, f"CNAME {owner_of('mx.alias.lab')}.")
        enroll(lab, WHOLE, owners=[owner_of(WHOLE), *ALIASES])
        for name in (TO_RSA, NO_CA, TWO_LOOKS, KILLED, SHOT, HALF):
            enroll(lab, name)
        lab.danectl("stage", TO_RSA, "--key", "rsa-2048")
        lab.danectl("stage")
        publish(lab)
        wait_ready(lab, WHOLE, TO_RSA, NO_CA, TWO_LOOKS, KILLED, SHOT, HALF)
        enroll(lab, NO_HOLD)
        lab.danectl("stage", NO_HOLD)
        install_hook(lab, "deploy", "exec danectl deploy-hook")

    def renew(self, name: str) -> None:
        """As certbot's timer does, but now."""
        generation = status(self.lab, name)["current"]["generation"]
        self.lab.certbot("renew", "--cert-name", name, "--force-renewal")
        self.assertGreater(status(self.lab, name)["current"]["generation"], generation)

    def test_the_staged_key_is_everywhere_and_stays_over_three_plain_renewals(self) -> None:
        staged = self.lab.openssl_spki(next_key(self.lab, WHOLE))
        self.lab.danectl("promote", WHOLE)
        self.assert_all_have(staged, WHOLE)
        self.assertNotEqual(self.lab.openssl_spki(next_key(self.lab, WHOLE)), staged)
        self.assertNotIn(str(self.lab.state_dir), (self.lab.certbot_dir / "renewal" / f"{WHOLE}.conf").read_text())
        for _renewal in range(3):
            self.renew(WHOLE)
            self.assert_all_have(staged, WHOLE)
        for file in certbot_live(self.lab, WHOLE).glob("*.pem"):
            self.assertTrue(os.readlink(file).startswith("../../archive/"), file)
        self.assertEqual(sorted(file.name for file in certbot_live(self.lab, WHOLE).iterdir()),
                         ["README", "cert.pem", "chain.pem", "fullchain.pem", "privkey.pem"])
        self.assertEqual(os.readlink(live(self.lab, WHOLE)).split("/")[:3], ["..", "generations", WHOLE])
        for file in (live(self.lab, WHOLE) / "privkey.pem", live(self.lab, WHOLE) / "combined.pem",
                     certbot_live(self.lab, WHOLE) / "privkey.pem", next_key(self.lab, WHOLE)):
            self.assertEqual(file.stat().st_mode & 0o777, 0o600, file)
        self.assertEqual(renewal_conf(self.lab, WHOLE)["reuse_key"], "True")

    def test_no_hold_goes_at_once_with_a_dead_secondary_that_is_ignored(self) -> None:
        publish(self.lab, NO_HOLD)
        staged = self.lab.openssl_spki(next_key(self.lab, NO_HOLD))
        self.lab.kill("ns2")
        try:
            self.refused(NO_HOLD, "--no-hold")
            # The resolver itself needs its time to find the server that lives, and may fail in that.
            self.lab.write_config(dns={"ignore": ["ns2.example.lab"], "timeout": "5s"})
            self.refused(NO_HOLD)
            self.lab.wait_until("it is promoted", lambda: self.lab.danectl(
                "promote", NO_HOLD, "--no-hold", expect=None).code == 0)
            self.assertRegex(self.lab.danectl("status", NO_HOLD).out, r"ns2\.example\.lab.*: left out")
            for server in status(self.lab, NO_HOLD)["owners"][0]["servers"]:
                if server["name"] == "ns2.example.lab":
                    self.assertIsNone(server["ok"])
                    self.assertTrue(server["why"])
        finally:
            self.lab.write_config()
            self.lab.start("ns2")
        self.assert_all_have(staged, NO_HOLD)

    def test_the_key_type_changes_to_rsa_and_back(self) -> None:
        set_key(self.lab, TO_RSA, "key", "ecdsa-p256")
        for kind in ("rsa", "ecdsa"):
            staged = self.lab.openssl_spki(next_key(self.lab, TO_RSA))
            self.lab.danectl("promote", TO_RSA)
            self.assertEqual(renewal_conf(self.lab, TO_RSA)["key_type"], kind)
            self.renew(TO_RSA)
            self.assert_all_have(staged, TO_RSA)
            if kind == "rsa":
                publish(self.lab, TO_RSA)
                wait_ready(self.lab, TO_RSA)

    def test_without_the_ca_it_waits_and_with_it_goes_on(self) -> None:
        staged = self.lab.openssl_spki(next_key(self.lab, NO_CA))
        self.lab.kill("pebble")
        try:
            message = self.refused(NO_CA).err
        finally:
            self.lab.start("pebble")
        self.assertIn("certbot", message)
        self.lab.new_ca()  # pebble forgets its accounts, so a mere start is not enough
        self.lab.danectl("promote", NO_CA)
        self.assert_all_have(staged, NO_CA)

    def test_a_ca_that_takes_few_nonces_is_tried_again(self) -> None:
        pebble = self.lab._daemons["pebble"]
        usual = pebble._env
        self.lab.kill("pebble")
        pebble._env = {**(usual or {}), "PEBBLE_WFE_NONCEREJECT": "80"}
        try:
            self.lab.start("pebble")
            # Each try has one chance in three, and an order of six requests one in five hundred.
            self.lab.wait_until("an account is taken, at last", self.has_account, timeout=240)
            self.assertIn("badNonce", self.refused(NO_CA).err)
        finally:
            self.lab.kill("pebble")
            pebble._env = usual
            self.lab.start("pebble")
            self.lab.new_account()

    def has_account(self) -> bool:
        try:
            self.lab.new_account()
        except AssertionError:
            return False
        return True

    def test_a_certificate_that_came_too_late_is_kept_and_not_asked_for_again(self) -> None:
        calls = self.lab.dir / "certbot-calls"
        counting = self.lab.dir / "counting-certbot"
        counting.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexec {self.lab.certbot_program} "$@"\n')
        counting.chmod(0o755)
        self.lab.write_config(certbot=str(counting))
        staged = self.lab.openssl_spki(next_key(self.lab, TWO_LOOKS))
        vanish = install_hook(self.lab, "pre", f"""test -n "$DANECTL_ACTIVE" || exit 0
printf 'update delete {owner_of(TWO_LOOKS)} TLSA 3 1 1 {staged}\\nsend\\n' | nsupdate -k {self.lab.tsig}
sleep 1""", "vanish")
        try:
            with self.untouched():
                result = self.lab.danectl("promote", TWO_LOOKS, expect=75)
            self.assertIn("not promoted", result.err)
            vanish.unlink()
            self.assertEqual(len(calls.read_text().splitlines()), 1)
            publish(self.lab, TWO_LOOKS)
            wait_ready(self.lab, TWO_LOOKS)
            self.lab.danectl("promote", TWO_LOOKS)
            self.assertEqual(len(calls.read_text().splitlines()), 1, calls.read_text())
        finally:
            vanish.unlink(missing_ok=True)
            self.lab.write_config()
        self.assert_all_have(staged, TWO_LOOKS)

    # --- killed in the middle

    def promote_killed(self, name: str, moment: Moment) -> int:
        """SIGKILL to danectl alone when `moment` comes; its exit code, or -SIGKILL."""
        child = subprocess.Popen([self.lab.program, "--config", self.lab.config, "promote", name], env=self.lab.env,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while child.poll() is None and not moment():
            time.sleep(0)  # the steps from a generation to certbot's links take milliseconds
        child.kill()
        return child.wait()

    def promote_to_the_end(self, name: str) -> None:
        """Again until 0: a certbot that the killed one left behind may still be at work."""
        end = time.monotonic() + 60
        while (result := self.lab.danectl("promote", name, expect=None)).code != 0:
            self.assertEqual(result.code, 75, result)
            self.assertLess(time.monotonic(), end, result)
            self.assert_key_fits_certificate(name)

    def test_killed_after_each_step_it_ends_on_the_same_key(self) -> None:
        lab, old = self.lab, self.lab.openssl_spki(live(self.lab, KILLED) / "privkey.pem")
        staged = lab.openssl_spki(next_key(lab, KILLED))
        archive, generations = lab.certbot_dir / "archive" / KILLED, lab.state_dir / "generations" / KILLED
        linked = os.readlink(live(lab, KILLED))

        def is_deployed() -> bool:
            return os.readlink(live(lab, KILLED)) != linked

        def has_link_to(number: int, kind: str) -> bool:
            return os.readlink(certbot_live(lab, KILLED) / f"{kind}.pem").endswith(f"/{kind}{number}.pem")

        moments: list[tuple[str, Moment]] = [
            ("the private copy is there", (lab.state_dir / "work" / KILLED / "config").exists),
            ("the certificate is kept", (next_key(lab, KILLED).parent / "fullchain.pem").exists),
            ("a generation begins", lambda: len(list(generations.iterdir())) > 1),
            ("it is deployed", is_deployed),
            ("its key is in the archive", (archive / "privkey2.pem").exists),
            ("one link of certbot's has moved", lambda: any(
                has_link_to(2, kind) for kind in ("privkey", "cert", "chain", "fullchain"))),
        ]
        done = False
        for what, moment in moments:
            with self.subTest(killed_when=what):
                done = done or self.promote_killed(KILLED, moment) == 0
                self.assertIn(self.assert_key_fits_certificate(KILLED), (old, staged))
        if not done:
            self.promote_to_the_end(KILLED)
        self.assert_all_have(staged, KILLED)
        self.renew(KILLED)
        self.assert_all_have(staged, KILLED)
        self.assert_following_key_is_staged(KILLED)

    def test_killed_at_random_it_ends_on_the_same_key(self) -> None:
        staged = self.lab.openssl_spki(next_key(self.lab, SHOT))
        delays = [random.uniform(0.1, 4) for _ in range(4)]
        with self.subTest(killed_after=delays):
            code = -signal.SIGKILL
            for delay in delays:
                end = time.monotonic() + delay
                code = self.promote_killed(SHOT, lambda end=end: time.monotonic() > end)
                self.assert_key_fits_certificate(SHOT)
                if code == 0:
                    break
            if code != 0:
                self.promote_to_the_end(SHOT)
            self.assert_all_have(staged, SHOT)
            self.assert_following_key_is_staged(SHOT)

    def test_links_of_certbot_that_a_cut_left_mixed_are_completed(self) -> None:
        staged = self.lab.openssl_spki(next_key(self.lab, HALF))
        self.lab.danectl("promote", HALF)
        for left_behind in (["cert"], ["cert", "fullchain"], ["cert", "fullchain", "chain"], ["privkey"]):
            with self.subTest(left_behind=left_behind):
                for kind in ("privkey", "cert", "fullchain", "chain"):
                    link = certbot_live(self.lab, HALF) / f"{kind}.pem"
                    link.unlink()
                    link.symlink_to(f"../../archive/{HALF}/{kind}{1 if kind in left_behind else 2}.pem")
                self.lab.danectl("promote", HALF, expect=75)
                self.assert_all_have(staged, HALF)
        # Into another folder certbot itself would follow no renewal. What is said mends it, with any certbot.
        archive = self.lab.certbot_dir / "archive"
        shutil.copytree(archive / HALF, archive / "moved")
        for kind in ("privkey", "cert", "fullchain", "chain"):
            link = certbot_live(self.lab, HALF) / f"{kind}.pem"
            link.unlink()
            link.symlink_to(f"../../archive/moved/{kind}1.pem")
        said = self.lab.danectl("check", HALF, expect=None).out
        self.assertNotIn("update_symlinks", said)
        (command,) = re.findall("archive_dir: `([^`]*)`", said)
        run(["sh", "-c", command])
        self.lab.danectl("promote", HALF, expect=75)
        self.assert_all_have(staged, HALF)
        self.assertIn(HALF, self.lab.certbot("certificates", "--cert-name", HALF).out)

    def assert_following_key_is_staged(self, name: str) -> None:
        following = self.lab.openssl_spki(next_key(self.lab, name))
        self.assertNotEqual(following, self.assert_key_fits_certificate(name))
        self.assertIn(f"3 1 1 {following}", self.lab.danectl("records", name, "--only", "next").out)


if __name__ == "__main__":
    unittest.main()
