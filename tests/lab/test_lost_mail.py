"""Ways in which others have lost mail, and which end well here: an old backup, and certificates issued ahead."""
from __future__ import annotations

import json
import shutil
import time
import unittest

from host import Host, hosts_for, publish_by_run, run_until, run_until_ready, served_key, untouched
from lab import run
from rollover import HOLD_DOWN, RolloverTest, live, next_key, owner_of, records_at, set_key, status

RESTORED, ROLLING = "restored.example.lab", "rolling.example.lab"
AHEAD, EXPIRED = "ahead.example.lab", "expired.example.lab"


class LostMail(RolloverTest):
    """Each lineage on a host of its own; `self.lab` is the host within a case."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.hosts = hosts_for(cls.lab, [RESTORED, ROLLING, AHEAD, EXPIRED], "--reload", "true")
        publish_by_run(cls.hosts)
        for name, host in cls.hosts.items():
            run_until_ready(host, name)

    def on(self, name: str) -> Host:
        host = self.hosts[name]
        self.lab = host
        host.new_ca()  # a CA that was started again in another case has forgotten this host's account
        return host

    # --- a backup of last week

    def promoted_twice_since_the_backup(self, name: str) -> tuple[Host, str]:
        """The key that is served then; the backup is back in its place."""
        host = self.on(name)
        backup = host.dir / "backup"
        shutil.copytree(host.state_dir, backup, symlinks=True)
        first = served_key(host, name)
        set_key(host, name, "retire_after", "1s")
        for _promotion in range(2):
            run_until_ready(host, name)
            host.danectl("promote", name)
            host.danectl("run")
        run_until(host, "the records of old keys are gone", lambda _result: len(records_at(host, owner_of(name))) == 2)
        served = served_key(host, name)
        self.assertNotIn(f"3 1 1 {first}", records_at(host, owner_of(name)))
        shutil.rmtree(host.state_dir)
        shutil.copytree(backup, host.state_dir, symlinks=True)
        self.assertEqual(served_key(host, name), first)
        return host, served

    def assert_ends_well(self, host: Host, name: str, *serves: str) -> None:
        """Runs until one of `serves` is served. No key is deployed whose record was not in DNS for the hold-down, and
        nothing that was published when the backup came is gone."""
        owner, last = owner_of(name), served_key(host, name)
        (before,) = {tuple(records_at(host, owner))}
        seen = {record: 0.0 for record in before}
        end = time.monotonic() + 40
        while last not in serves:
            self.assertLess(time.monotonic(), end, host.danectl("status", name).out)
            time.sleep(0.5)
            host.danectl("run")
            published, now = records_at(host, owner), time.monotonic()
            self.assertLessEqual(set(before), set(published))
            served = self.assert_key_fits_certificate(name)
            if served != last:
                self.assertGreater(now - seen.get(f"3 1 1 {served}", now), HOLD_DOWN - 1)
                last = served
            for record in published:
                seen.setdefault(record, now)
        host.danectl("run")
        last = served_key(host, name)  # one that rolls by itself may have gone on
        self.assert_all_have(last, name)
        (found,) = json.loads(host.danectl("records", name, "--format", "json").out)["owners"]
        wanted = {record["record"] for record in found["records"]}
        self.assertIn(f"3 1 1 {last}", wanted)
        self.assertLessEqual(wanted, set(records_at(host, owner)))
        self.assertNotEqual(status(host, name)["state"], "broken")

    def test_after_a_backup_of_last_week_is_restored_it_comes_back_to_the_key_in_dns(self) -> None:
        host, served = self.promoted_twice_since_the_backup(RESTORED)
        (unknown,) = set(records_at(host, owner_of(RESTORED))) - {f"3 1 1 {served}"}
        self.assertEqual(status(host, RESTORED)["state"], "broken")
        self.assert_ends_well(host, RESTORED, served)
        self.assertIn(unknown, json.dumps(status(host, RESTORED)["owners"]))
        self.assertIn(unknown.split()[-1][:12], host.danectl("status", RESTORED).out)

    def test_a_lineage_that_rolls_by_itself_comes_back_too(self) -> None:
        host, served = self.promoted_twice_since_the_backup(ROLLING)
        staged = host.openssl_spki(next_key(host, ROLLING))
        set_key(host, ROLLING, "rollover", "1s")
        self.assert_ends_well(host, ROLLING, served, staged)

    # --- a certificate issued ahead

    def test_a_certificate_issued_ahead_needs_no_ca_at_the_promotion(self) -> None:
        host = self.on(AHEAD)
        staged = host.openssl_spki(next_key(host, AHEAD))
        with untouched(host):
            said = host.danectl("stage", AHEAD, "--issue").out
            self.assertIn(f"{owner_of(AHEAD)}. 2 IN TLSA 3 1 1 {staged}", said)
            chain = next_key(host, AHEAD).parent / "fullchain.pem"
            self.assertEqual(host.openssl_spki(chain), staged)
            issued = chain.read_text()
            host.danectl("stage", AHEAD, "--issue")
            self.assertEqual(chain.read_text(), issued)  # and not asked for again
        self.lab.kill("pebble")
        try:
            host.danectl("promote", AHEAD)
        finally:
            self.lab.start("pebble")
        self.assert_all_have(staged, AHEAD)
        self.assertEqual((live(host, AHEAD) / "fullchain.pem").read_text(), issued)

    def test_a_certificate_issued_ahead_that_has_expired_is_not_deployed_but_issued_anew(self) -> None:
        host = self.on(EXPIRED)
        staged = host.openssl_spki(next_key(host, EXPIRED))
        self.new_ca_with_validity(6)
        host.danectl("stage", EXPIRED, "--issue")
        chain = next_key(host, EXPIRED).parent / "fullchain.pem"
        host.wait_until("it has expired", lambda: run(["openssl", "x509", "-in", chain, "-noout", "-checkend", "0"],
                                                      expect=None).code == 1, 15)
        self.lab.kill("pebble")
        with untouched(host):
            host.danectl("promote", EXPIRED, expect=75)
        self.lab.start("pebble")
        self.new_ca_with_validity(90 * 86400)
        self.assertIn("got a certificate", host.danectl("promote", EXPIRED).out)
        self.assert_all_have(staged, EXPIRED)
        run(["openssl", "x509", "-in", live(host, EXPIRED) / "cert.pem", "-noout", "-checkend", "86400"])

    def new_ca_with_validity(self, seconds: int) -> None:
        config = self.__class__.lab.dir / "pebble" / "config.json"
        settings = json.loads(config.read_text())
        settings["pebble"]["certificateValidityPeriod"] = seconds
        config.write_text(json.dumps(settings))
        self.lab.new_ca()


if __name__ == "__main__":
    unittest.main()
