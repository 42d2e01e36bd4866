"""State files that say something else than danectl wrote: a slip of an editor, a bad disk, another program.

Each value of each file is replaced in turn, and each entry taken away. danectl may refuse the file or go on; it does
not break, shows no control characters, and the served key keeps its record. A sample, others on each day; all, in some
minutes: DANECTL_FORGED=all tests/lab/run-one tests/lab/test_forged_state.py
"""
from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import time
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from host import served_key
from lab import Result
from rollover import RolloverTest, enroll, look, owner_of, publish, records_at

NAME = "forged.example.lab"
GONE = object()
VALUES = [GONE, None, "", "\x1b[31mred\x07\u202e", "../../../../etc/cron.d/x", "a" * 70000, 0, -1, 2**63, 1e308, True,
          [], {}, "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "0" * 64]
SAMPLE = 60
CODES = {0, 1, 2, 3, 75}


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all values below this one."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield (*way, key)
        yield from places(entry, (*way, key))


def forged(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    """A copy with `new` in this place."""
    result = copy.deepcopy(value)
    inner = result
    for key in way[:-1]:
        inner = inner[key]
    if new is GONE:
        del inner[way[-1]]
    else:
        inner[way[-1]] = new
    return result


class ForgedState(RolloverTest):
    def setUp(self) -> None:
        enroll(self.lab, NAME)
        self.lab.danectl("stage", NAME)
        publish(self.lab, NAME)
        look(self.lab, NAME)
        self.lab.danectl("run")
        self.served = served_key(self.lab, NAME)
        self.kept = self.lab.dir / "kept"
        self.copy(self.lab.state_dir, self.kept / "state")
        self.copy(self.lab.certbot_dir, self.kept / "certbot")

    @staticmethod
    def copy(source: Path, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{source}/.", target], check=True)

    def restore(self) -> None:
        for kept, place in ((self.kept / "state", self.lab.state_dir), (self.kept / "certbot", self.lab.certbot_dir)):
            subprocess.run(["find", place, "-mindepth", "1", "-delete"], check=True)
            self.copy(kept, place)

    def judge(self, result: Result) -> None:
        self.assertIn(result.code, CODES, result)
        self.assertNotIn("a fault of danectl itself", result.err, result)
        said = result.out + result.err
        self.assertTrue(all(sign.isprintable() or sign in "\n\t" for sign in said), result)

    def test_each_value_is_refused_or_does_no_harm(self) -> None:
        files = [self.lab.state_dir / "lineages" / f"{NAME}.json",
                 self.lab.state_dir / "owners" / f"{owner_of(NAME)}.json"]
        tries = [(file, way, new) for file in files for way in places(json.loads(file.read_text())) for new in VALUES]
        if os.environ.get("DANECTL_FORGED") != "all":
            tries = random.Random(int(time.time()) // 86400).sample(tries, SAMPLE)
        print(f"{len(tries)} forged values", flush=True)
        for file, way, new in tries:
            with self.subTest(file=file.name, way=way, new="gone" if new is GONE else str(new)[:40]):
                file.write_text(json.dumps(forged(json.loads(file.read_text()), way, new)))
                for words in (["status"], ["status", "--json"], ["check"], ["run"]):
                    self.judge(self.lab.danectl(*words, expect=None))
                self.assertIn(f"3 1 1 {self.served}", records_at(self.lab, owner_of(NAME)), "its record is gone")
                self.assertEqual(served_key(self.lab, NAME), self.served)
            self.restore()


if __name__ == "__main__":
    unittest.main()
