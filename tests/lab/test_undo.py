"""What a person undoes: `rollback`, `discard`, `release`; and `promote --wait`, which a person leaves alone."""
from __future__ import annotations

import random
import signal
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from host import Host, certbots_key, hosts_for, publish_by_run, run_until, run_until_ready, served_key, untouched
from rollover import (RolloverTest, install_hook, is_ready, live, next_key, of_key, owner_of, records_at,
                      renewal_conf, set_key, status)

ROLLED, GONE, KILLED = "rolled.example.lab", "gone.example.lab", "killed.example.lab"  # promoted once
DISCARDED, RELEASED, REPLACED = "discarded.example.lab", "released.example.lab", "replaced.example.lab"
WAITED = "waited.example.lab"
PROMOTED = (ROLLED, GONE, KILLED)


class Undo(RolloverTest):
    """Each lineage on a host of its own; `self.lab` is the host within a case."""
    hosts: dict[str, Host]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        names = [*PROMOTED, DISCARDED, RELEASED, REPLACED, WAITED]
        cls.hosts = hosts_for(cls.lab, names, "--reload", "true")
        cls.start_waiting(cls.hosts[WAITED])
        publish_by_run({name: host for name, host in cls.hosts.items() if name != WAITED})
        cls.first = {name: served_key(host, name) for name, host in cls.hosts.items()}
        with ThreadPoolExecutor() as pool:
            list(pool.map(cls.promote_first, PROMOTED))
        cls.second = {name: served_key(cls.hosts[name], name) for name in PROMOTED}

    @classmethod
    def promote_first(cls, name: str) -> None:
        host = cls.hosts[name]
        run_until_ready(host, name)
        host.danectl("promote", name)
        host.danectl("run")

    @classmethod
    def start_waiting(cls, host: Host) -> None:
        """`promote --wait` on no terminal, with nothing published; then it is published."""
        host.danectl("stage", WAITED)
        cls.waiting_for = host.openssl_spki(next_key(host, WAITED))
        cls.said = host.dir / "said"
        with cls.said.open("w") as out:
            cls.waiting = subprocess.Popen([host.program, "--config", host.config, "promote", WAITED, "--wait"],
                                           env=host.env, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        cls.addClassCleanup(cls.waiting.kill)
        host.wait_until("it says that it waits", lambda: "waiting until" in cls.said.read_text())
        host.danectl("publish", WAITED)

    def on(self, name: str) -> Host:
        self.lab = self.hosts[name]
        return self.hosts[name]

    # --- rollback

    def test_rollback_brings_the_key_before_back_at_once_and_only_a_person_promotes_the_other_again(self) -> None:
        host, old, left = self.on(ROLLED), self.first[ROLLED], self.second[ROLLED]
        with untouched(host, host.state_dir):
            self.assertIn(old, host.danectl("rollback", ROLLED, "--dry-run").out)
        host.danectl("rollback", ROLLED)
        self.assert_all_have(old, ROLLED)
        self.assertEqual(host.openssl_spki(next_key(host, ROLLED)), left)
        host.danectl("run")
        self.assert_all_have(old, ROLLED)
        host.certbot("renew", "--cert-name", ROLLED, "--force-renewal")
        host.danectl("run")
        self.assert_all_have(old, ROLLED)
        set_key(host, ROLLED, "rollover", "1s")
        host.wait_until("the other key is ready", lambda: is_ready(host, ROLLED))
        for _run in range(3):
            time.sleep(0.7)
            host.danectl("run")
            self.assert_all_have(old, ROLLED)
        self.assertIn("only a person promotes it", host.danectl("status", ROLLED).out)
        self.assertEqual(records_at(host, owner_of(ROLLED)), sorted([f"3 1 1 {old}", f"3 1 1 {left}"]))
        host.danectl("promote", ROLLED)
        self.assert_all_have(left, ROLLED)

    def test_rollback_is_refused_when_the_record_is_gone(self) -> None:
        host, old = self.on(GONE), self.first[GONE]
        host.delete(owner_of(GONE), f"TLSA 3 1 1 {old}")
        with untouched(host, host.state_dir / "next"):
            for args in (["rollback", GONE], ["rollback", GONE, "--dry-run"]):
                refused = host.danectl(*args, expect=75)
                self.assertEqual(refused.out, "")
                self.assertIn(old, refused.err)
        host.danectl("run")
        self.assert_all_have(self.second[GONE], GONE)

    def test_rollback_is_refused_when_its_record_came_back_only_just_now(self) -> None:
        host, old = self.on(GONE), self.first[GONE]
        host.delete(owner_of(GONE), f"TLSA 3 1 1 {old}")
        host.danectl("rollback", GONE, expect=75)
        host.add(owner_of(GONE), 2, f"TLSA 3 1 1 {old}")
        with untouched(host):
            self.assertIn("hold-down", host.danectl("rollback", GONE, expect=75).err)

    def test_there_must_be_something_to_go_back_to(self) -> None:
        host = self.on(DISCARDED)
        with untouched(host, host.state_dir / "next"):
            self.assertIn("no generation with another key", host.danectl("rollback", DISCARDED, expect=1).err)
            host.danectl("rollback", expect=2)
            host.danectl("rollback", "nobody.example.lab", expect=2)

    def test_a_rollback_that_is_killed_is_finished_or_undone_by_the_next_run(self) -> None:
        host, keys = self.on(KILLED), {self.first[KILLED], self.second[KILLED]}
        delays = [random.uniform(0, 0.5) for _ in range(8)]
        with self.subTest(killed_after=delays):
            for delay in delays:
                child = subprocess.Popen([host.program, "--config", host.config, "rollback", KILLED], env=host.env,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(delay)
                child.kill()
                self.assertIn(child.wait(), (0, -signal.SIGKILL))
                self.assertIn(self.assert_key_fits_certificate(KILLED), keys)
                host.danectl("run")
                served = self.assert_key_fits_certificate(KILLED)
                self.assertIn(served, keys)
                self.assert_all_have(served, KILLED)
                self.assertNotEqual(host.openssl_spki(next_key(host, KILLED)), served)
                # Servers may present either of them: neither was "never deployed".
                self.assertLessEqual({f"3 1 1 {key}" for key in keys}, set(records_at(host, owner_of(KILLED))))
            (other,) = keys - {served}
            host.danectl("rollback", KILLED)
            self.assert_all_have(other, KILLED)

    # --- discard

    def test_discard_makes_the_record_retiring_and_run_deletes_it(self) -> None:
        host, owner = self.on(DISCARDED), owner_of(DISCARDED)
        current, dropped = of_key(host, live(host, DISCARDED) / "cert.pem"), of_key(host, next_key(host, DISCARDED))
        self.assertIn(dropped, records_at(host, owner))
        with untouched(host, host.state_dir):
            host.danectl("discard", DISCARDED, "--dry-run")
        with untouched(host):
            host.danectl("discard", DISCARDED)
            self.assertFalse(next_key(host, DISCARDED).exists())
            self.assertEqual([one["record"] for one in status(host, DISCARDED)["retiring"]], [dropped])
            self.assertIn(dropped, records_at(host, owner))
            self.assertIn("no next key", host.danectl("discard", DISCARDED, expect=1).err)
            run_until(host, "its record is deleted", lambda _result: dropped not in records_at(host, owner))
        self.assertEqual(records_at(host, owner), sorted([current, of_key(host, next_key(host, DISCARDED))]))

    # --- release

    def test_after_release_plain_certbot_keeps_the_key_and_danectl_keeps_still(self) -> None:
        host, key = self.on(RELEASED), self.first[RELEASED]
        install_hook(host, "deploy", "exec danectl deploy-hook")
        published = records_at(host, owner_of(RELEASED))
        linked = host.snapshot(host.state_dir / "live", host.state_dir / "generations")
        said = host.danectl("release", RELEASED).out
        self.assertLess(said.index("delete the whole TLSA RRset"), said.index("wait twice its TTL"))
        host.danectl("release", RELEASED, expect=2)
        host.certbot("renew", "--cert-name", RELEASED, "--force-renewal")
        self.assertEqual(certbots_key(host, RELEASED), key)
        self.assertEqual(renewal_conf(host, RELEASED)["reuse_key"], "True")
        hook = host.danectl("deploy-hook", env={"RENEWED_LINEAGE": str(host.certbot_dir / "live" / RELEASED)})
        self.assertEqual((hook.out, hook.err), ("", ""))
        host.danectl("run")
        self.assertEqual(host.snapshot(host.state_dir / "live", host.state_dir / "generations"), linked)
        self.assertEqual(records_at(host, owner_of(RELEASED)), published)
        host.danectl("enroll", RELEASED, "--tlsa", owner_of(RELEASED))
        self.assert_all_have(key, RELEASED)
        self.assertEqual((live(host, RELEASED) / "cert.pem").read_text(), self.certbots_certificate(RELEASED))

    def test_a_key_that_certbot_made_after_release_is_a_candidate_when_it_is_enrolled_again(self) -> None:
        host, key = self.on(REPLACED), self.first[REPLACED]
        host.danectl("release", REPLACED)
        host.certbot("renew", "--cert-name", REPLACED, "--force-renewal", "--new-key")
        made = certbots_key(host, REPLACED)
        self.assertNotEqual(made, key)
        host.danectl("enroll", REPLACED, "--tlsa", owner_of(REPLACED))
        self.assertEqual(self.assert_key_fits_certificate(REPLACED), key)
        self.assertEqual([one["spki"] for one in status(host, REPLACED)["candidates"]], [made])
        run_until(host, "the candidate is deployed", lambda _result: served_key(host, REPLACED) == made)
        self.assertIn(f"3 1 1 {made}", records_at(host, owner_of(REPLACED)))

    def certbots_certificate(self, name: str) -> str:
        return Path(self.lab.certbot_dir / "live" / name / "cert.pem").read_text()

    # --- promote --wait

    def test_when_promote_waits_it_sees_the_records_come_and_says_little_on_a_pipe(self) -> None:
        self.on(WAITED)
        code = self.waiting.wait(60)
        said = self.said.read_text()
        self.assertEqual(code, 0, said)
        self.assertEqual(said.count("waiting until") + said.count("hold-down"), 1, said)  # one line a minute
        self.assertNotIn("\r", said)
        self.assertNotIn("\x1b", said)
        self.assert_all_have(self.waiting_for, WAITED)


if __name__ == "__main__":
    unittest.main()
