"""A reboot, after which the clock is two days ahead: nothing is served, nothing deleted before its time has surely
passed. The clock is faketime's, and so is nothing else: the boot id is a file of the lab's over the kernel's."""
from __future__ import annotations

import datetime
import itertools
import json
import time
import unittest
from typing import Any

from lab import Result
from lab_process import run
from rollover import (RolloverTest, certbot_live, enroll, look, of_key, owner_of, publish, records_at, seconds, set_key,
                      status)

AHEAD = "+2d"
HOUR = datetime.timedelta(hours=1)


class Reboot(RolloverTest):
    numbers = itertools.count(1)

    def setUp(self) -> None:
        self.name = f"reboot{next(self.numbers)}.example.lab"
        enroll(self.lab, self.name)
        self.owner = owner_of(self.name)

    def stage_and_publish(self, min_hold: str = "1h") -> None:
        set_key(self.lab, self.name, "min_hold", min_hold)
        self.lab.danectl("stage", self.name)
        publish(self.lab, self.name)
        self.lab.wait_until("only the hold-down is waited for", self.waits_for_time)

    def waits_for_time(self) -> bool:
        message = look(self.lab, self.name)
        return "hold-down is running" in message and "the resolver of this host" not in message

    def promote_when_ready(self) -> None:
        self.lab.wait_until("it is ready", lambda: self.lab.danectl("promote", self.name, expect=None).code == 0)

    def danectl_ahead(self, *args: str, expect: int | None) -> Result:
        # libfaketime then leaves the clock since boot alone, too.
        return run(["faketime", "-m", "-f", AHEAD, self.lab.program, "--config", self.lab.config, *args],
                   env={**self.lab.env, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}, expect=expect)

    def off_since(self, ago: datetime.timedelta) -> None:
        """What the ledger knows is from before the host was off for so long."""
        path = self.lab.state_dir / "owners" / f"{self.owner}.json"
        ledger = json.loads(path.read_text())
        for ended in ledger["ended"]:
            ended["until"] = earlier(ended["until"], ago)
            ended["until"]["counted_at"] = earlier(ended["until"]["counted_at"], ago)
        path.write_text(json.dumps(ledger))
        self.lab.reboot()

    def test_no_key_is_served_early(self) -> None:
        self.stage_and_publish()
        self.lab.reboot()
        for _ in range(2):
            with self.untouched():
                message = self.danectl_ahead("promote", self.name, expect=75).err
            self.assertRegex(message, r"hold-down 1 h: \S+ (1 h|59 min \d+ s) left")
        # It goes on in the new boot, and ends there, also when the clock is set right.
        set_key(self.lab, self.name, "min_hold", "0s")
        self.promote_when_ready()
        self.assert_all_have(self.lab.openssl_spki(certbot_live(self.lab, self.name) / "privkey.pem"), self.name)

    def test_no_record_is_deleted_early(self) -> None:
        set_key(self.lab, self.name, "reload", [["true"]])
        self.stage_and_publish()
        before = of_key(self.lab, certbot_live(self.lab, self.name) / "privkey.pem")
        set_key(self.lab, self.name, "min_hold", "0s")
        self.promote_when_ready()
        set_key(self.lab, self.name, "retire_after", "1h")
        self.lab.danectl("run")
        self.lab.reboot()
        for _ in range(2):
            self.danectl_ahead("run", expect=0)
            self.assertIn(before, records_at(self.lab, self.owner))
        set_key(self.lab, self.name, "retire_after", "1s")
        self.lab.wait_until("it is deleted", lambda: self.is_deleted(before))

    def is_deleted(self, record: str) -> bool:
        self.lab.danectl("run")
        return record not in records_at(self.lab, self.owner)

    def test_a_signature_proves_what_has_passed(self) -> None:
        # named signs as of an hour ago: nearly two of the three hours are proven.
        self.stage_and_publish("90m")
        self.off_since(3 * HOUR)
        self.lab.danectl("promote", self.name)

    def test_where_a_signature_proves_too_little_status_says_until_when_it_waits(self) -> None:
        self.stage_and_publish("90m")
        self.off_since(2 * HOUR)
        look(self.lab, self.name)
        ready = status(self.lab, self.name)["next"]["ready_at"]
        left = seconds(ready) - time.time()
        self.assertAlmostEqual(left / 60, 30, delta=3)


def earlier(instant: Any, ago: datetime.timedelta) -> Any:
    when = datetime.datetime.fromisoformat(instant["wall"]) - ago
    return {**instant, "wall": when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z", "boot": "an earlier one"}


if __name__ == "__main__":
    unittest.main()
