"""`danectl run`, the timer's verb: it rolls keys alone, is silent otherwise, and one trouble does not become two."""
from __future__ import annotations

import fcntl
import os
import subprocess
import time
import unittest
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from host import (Host, has_current_and_next_only, hosts_for, publish_by_run, records_at, run_until, run_until_it_fails,
                  run_until_ready, served_key, wait_for_caches)
from lab import Lab, Result
from rollover import (RolloverTest, certbot_live, enroll, install_hook, live, next_key, owner_of, renewal_conf, script,
                      seconds, served_folders, set_key, status)
from watcher import Watcher

ROLLS, RELOAD, HOOKS, SILENT, SECOND, DURING, FIRST = (f"{word}.example.lab" for word in (
    "rolls", "reload", "hooks", "silent", "second", "during", "first"))


class Run(RolloverTest):
    """Each case has a host of its own."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.hosts = hosts_for(cls.lab, [SILENT, SECOND, DURING, FIRST])
        cls.hosts |= hosts_for(cls.lab, [ROLLS, RELOAD], "--reload", "true", rollover="1s", retire_after="1s")

    def assert_silent(self, result: Result) -> None:
        self.assertEqual((result.code, result.out, result.err), (0, "", ""), result)

    def hold_certbots_lock(self, host: Host) -> Any:
        file = open(host.certbot_dir / ".certbot.lock", "w")
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file

    def test_a_timer_alone_rolls_the_key_five_times(self) -> None:
        host = self.hosts[ROLLS]
        publish_by_run({ROLLS: host})
        with Watcher(host, ROLLS) as watcher:
            results = run_until(host, "five promotions", lambda _result: len(watcher.served) > 5, every=1, timeout=180)
            set_key(host, ROLLS, "rollover", "90d")
            results += run_until(host, "current and next only",
                                 lambda _result: has_current_and_next_only(host, ROLLS), every=1)
        watcher.assert_found_nothing(self)
        self.assertEqual([str(result) for result in results if result.err], [])
        self.assertEqual(len(set(watcher.served)), len(watcher.served))
        self.assert_silent(host.danectl("run"))
        self.assertEqual(status(host, ROLLS)["retiring"], [])

    def test_it_is_silent_when_nothing_is_due_and_says_why_when_asked(self) -> None:
        host, name = self.hosts[SILENT], SILENT
        self.assertRegex(host.danectl("run").out, f"staged(?s:.*)published at {owner_of(name)}")
        before = host.snapshot(*served_folders(host))
        run_until_ready(host, name)
        (host.state_dir / "last-run").unlink()
        self.assert_silent(host.danectl("run"))
        self.assertTrue((host.state_dir / "last-run").exists())
        told = host.danectl("-v", "run")
        self.assertRegex(told.out + told.err, f"{name}: .*promote the next key when you like")
        set_key(host, name, "min_hold", "1h")
        told = host.danectl("-v", "run")
        self.assertRegex(told.out + told.err, f"{name}: .*wait for the hold-down")
        self.assertEqual(host.snapshot(*served_folders(host)), before)

    # --- locks

    def test_a_second_run_waits_a_little_and_then_gives_75(self) -> None:
        host, name = self.hosts[SECOND], SECOND
        host.danectl("run")
        begun, done = self.lab.dir / "reload-begun", self.lab.dir / "reload-done"
        wait = script(self.lab.dir / "wait", f"touch {begun}; until test -e {done}; do sleep 0.1; done")
        for longer, reload in ((False, ["sleep", "1"]), (True, [wait])):
            with self.subTest(longer_than_it_waits=longer):
                set_key(host, name, "reload", [reload])
                host.certbot("renew", "--force-renewal")
                first = subprocess.Popen([host.program, "--config", host.config, "run"], env=host.env,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                if longer:
                    self.lab.wait_until("the first run reloads", begun.exists, 60)
                second = host.danectl("run", expect=75 if longer else 0)
                if longer:
                    done.touch()
                self.assertEqual((first.communicate()[1], first.returncode), ("", 0))
                self.assertIn("another danectl is at work" if longer else "", second.err)
                self.assertEqual((live(host, name) / "cert.pem").read_text(),
                                 (certbot_live(host, name) / "cert.pem").read_text())

    def test_during_certbot_it_changes_nothing(self) -> None:
        host = self.hosts[DURING]
        everything = (*served_folders(host), host.state_dir, host.config.parent)
        with self.hold_certbots_lock(host):
            before = host.snapshot(*everything)
            result = host.danectl("run", expect=75)
            self.assertEqual(host.snapshot(*everything), before)
            self.assertEqual(result.out, "")
            self.assertIn("certbot", result.err)
            os.unlink(host.certbot_dir / ".certbot.lock")
        self.assertIn("staged", host.danectl("run").out)

    # --- trouble

    def test_a_lineage_that_fails_does_not_stop_the_others(self) -> None:
        host, first, other = self.hosts[FIRST], FIRST, "other.example.lab"
        enroll(host, other)
        host.danectl("stage", first)
        next_key(host, first).write_text("garbage\n")
        result = host.danectl("run", expect=1)
        self.assertIn(str(next_key(host, first)), result.err)
        self.assertRegex(result.out, f"{other}: staged(?s:.*){other}: published at {owner_of(other)}")
        self.assertNotIn(other, result.err)
        self.assertEqual(next_key(host, first).read_text(), "garbage\n")

    def test_while_a_reload_is_pending_the_old_record_stays_though_its_time_is_over(self) -> None:
        works = self.lab.dir / "reload-works"
        reload = script(self.lab.dir / "reload", f'test -e {works} || {{ echo "no such service" >&2; exit 3; }}')
        host = self.hosts[RELOAD]
        set_key(host, RELOAD, "reload", [[reload]])
        old = f"3 1 1 {served_key(host, RELOAD)}"
        result = run_until_it_fails(host)
        self.assertIn("no such service", result.err)
        self.assertNotEqual(f"3 1 1 {served_key(host, RELOAD)}", old)
        set_key(host, RELOAD, "rollover", "90d")
        for _run in range(4):
            time.sleep(1)
            self.assertIn(reload, host.danectl("run", expect=1).err)
        self.assertTrue(all(old in records for records in records_at(self.lab, owner_of(RELOAD))))
        shown = status(host, RELOAD)
        self.assertEqual(shown["state"], "attention")
        self.assertIsNotNone(shown["reload_pending_since"])
        self.assertIn("reload", host.danectl("status", RELOAD).out)
        works.touch()
        self.assertIn("reloaded the servers", host.danectl("run").out)
        self.assertIsNone(status(host, RELOAD)["reload_pending_since"])
        run_until(host, "the old record is gone", lambda _result: has_current_and_next_only(host, RELOAD))

    def test_certbots_deploy_hooks_run_once_with_the_real_lineage(self) -> None:
        log = self.lab.dir / "hooks.log"
        line = f'"$RENEWED_LINEAGE|$RENEWED_DOMAINS" >> {log}'
        recorded = script(self.lab.dir / "recorded", f"echo recorded {line}")
        host = Host(self.lab, "hooks")
        host.issue(HOOKS, HOOKS, f"www.{HOOKS}", extra=["--deploy-hook", recorded])
        self.assertEqual(renewal_conf(host, HOOKS)["renew_hook"], recorded)
        host.danectl("enroll", HOOKS, "--tlsa", owner_of(HOOKS))
        set_key(host, HOOKS, "rollover", "1s")
        own = install_hook(host, "deploy", f"echo own {line}\nexec danectl deploy-hook")
        install_hook(host, "deploy", f"echo other {line}", "other")
        self.assertLess(own.name, "other")
        log.unlink(missing_ok=True)
        old = served_key(host, HOOKS)
        run_until(host, "a promotion", lambda _result: served_key(host, HOOKS) != old)
        lines = [line.split("|") for line in log.read_text().splitlines()]
        folder = certbot_live(host, HOOKS)
        self.assertEqual([line[0] for line in lines], [f"{who} {folder}" for who in ("own", "other", "recorded")])
        for _who, domains in lines:
            self.assertEqual(set(domains.split()), {HOOKS, f"www.{HOOKS}"})


class Refused(RolloverTest):
    """The CA looks whether a name leads here."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab(pebble_env={"PEBBLE_VA_ALWAYS_VALID": "0"}))

    def test_a_ca_that_refuses_is_left_alone_for_an_hour_but_not_by_a_person(self) -> None:
        lab, name, calls = self.lab, "refused.example.lab", self.lab.dir / "calls"
        lab.add(name, 2, "A 127.0.0.1")
        enroll(lab, name)
        set_key(lab, name, "rollover", "1s")
        lab.write_config(certbot=script(lab.dir / "certbot", f'echo >> {calls}; exec {lab.certbot_program} "$@"'))
        before = served_key(lab, name)
        lab.danectl("run")
        lab.delete(name, "A")
        lab.new_ca()  # which has no authorization of this name to reuse
        result = run_until_it_fails(lab)
        self.assertIn("challenges have failed", result.err)
        self.assertEqual(self.asked(calls), 1)
        self.assertAlmostEqual(self.hours_to_wait(name), 1, delta=0.1)
        for _run in range(2):
            result = lab.danectl("run")
            self.assertEqual((result.out, result.err), ("", ""))
        self.assertEqual(self.asked(calls), 1)
        self.assertRegex(lab.danectl("-v", "run").err, "ask the CA again")
        self.assertEqual(lab.danectl("promote", name, expect=1).out, "")
        self.assertEqual(self.asked(calls), 2)
        self.assertAlmostEqual(self.hours_to_wait(name), 2, delta=0.1)
        self.assertEqual(served_key(lab, name), before)
        lab.add(name, 2, "A 127.0.0.1")
        wait_for_caches()
        lab.danectl("promote", name)
        self.assertNotEqual(served_key(lab, name), before)
        self.assertIsNone(status(lab, name)["next_attempt_at"])

    def asked(self, calls: Path) -> int:
        return len(calls.read_text().splitlines())

    def hours_to_wait(self, name: str) -> float:
        return (seconds(status(self.lab, name)["next_attempt_at"]) - datetime.now(UTC).timestamp()) / 3600


if __name__ == "__main__":
    unittest.main()
