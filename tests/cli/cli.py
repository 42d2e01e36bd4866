"""The real binary, started by the tests of this folder.

    DANECTL=build/release/danectl python3 -m unittest discover -s tests/cli [OPTION...]
"""
from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

BINARY = Path(__file__).resolve().parents[2] / "build" / "release" / "danectl"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


class Cli(unittest.TestCase):
    """Each test has a folder of its own and is in it; with a configuration, and certbot's folder without a lineage."""
    maxDiff = None

    def setUp(self) -> None:
        self.program = str(Path(os.environ.get("DANECTL", BINARY)).resolve())
        self.dir = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="danectl-cli-")))
        (self.dir / "letsencrypt").mkdir()
        # A resolver that refuses at once, so that nothing depends on the network of this machine.
        (self.dir / "danectl.toml").write_text(
            f'certbot_dir = "{self.dir}/letsencrypt"\nstate_dir = "{self.dir}/state"\n'
            '[dns]\nresolver = ["127.0.0.1:1"]\ntimeout = "1s"\n')

    def danectl(self, *args: str, env: dict[str, str] | None = None, input: bytes = b"") -> Result:
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith(("DANECTL", "RENEWED_"))}
        done = subprocess.run([self.program, *args], cwd=self.dir, env={**kept, "LC_ALL": "C.UTF-8", **(env or {})},
                              input=input, capture_output=True, timeout=60)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def configured(self, *args: str) -> Result:
        return self.danectl("--config", "danectl.toml", *args)

    def assert_usage(self, result: Result, what: str, hint: str) -> None:
        """Exit code 2, this on stderr and nothing on stdout; and nothing was touched."""
        self.assertEqual(result, Result(2, "", f"danectl: {what}\n  {hint}\n"))
        self.assertFalse((self.dir / "state").exists(), "a usage error touches nothing")
        self.assertFalse((self.dir / "lineages").exists(), "a usage error touches nothing")
