"""README.md, "What it looks like": what stands there is what happens."""
from __future__ import annotations

import re
import shlex
import unittest
from pathlib import Path

from fresh_server import OTHER, FreshServer
from host import run_until
from lab import run
from rollover import install_hook, set_key
from watching import NAME

README = Path(__file__).resolve().parents[2] / "README.md"

# What differs from call to call.
CHANGING = ((r"\b[0-9a-f]{12}\.\.\.[0-9a-f]{8}\b|\b[0-9a-f]{64}\b", "DIGEST"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
            (r"hold-down \[[#-]+\] +\d+ %, .+ left", "HOLD-DOWN"),
            (r"\b\d+ (d|h|min|s)( \d+ (h|min|s))?\b", "SPAN"))


def session() -> list[tuple[str, str]]:
    """The commands of the section's first two blocks, which are one session, and what each prints."""
    section = re.search(r"(?s)^## What it looks like\n(.*?)^## ", README.read_text(), re.MULTILINE)
    assert section
    blocks = re.findall(r"(?s)^```\n(.*?)^```\n", section[1], re.MULTILINE)
    calls: list[tuple[str, str]] = []
    for line in "".join(blocks[:2]).splitlines(keepends=True):
        if line.startswith("# "):
            calls.append((line[2:].split("   #")[0].strip(), ""))
        elif line.strip():
            calls[-1] = (calls[-1][0], calls[-1][1] + line)
    return calls


class Readme(FreshServer):
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        install_hook(cls.lab, "deploy", f"exec {cls.lab.program} --config {cls.lab.config} deploy-hook", "00-danectl")
        # The timer has called once.
        cls.lab.danectl("enroll", OTHER, "--tlsa", f"_25._tcp.{OTHER}")
        cls.lab.danectl("run")
        cls.lab.danectl("release", OTHER)

    def masked(self, text: str) -> str:
        for ours, usual in ((self.lab.cli_ini, "/etc/letsencrypt/cli.ini"), (self.lab.certbot_dir, "/etc/letsencrypt"),
                            (self.lab.state_dir, "/var/lib/danectl"), (self.lab.config.parent, "/etc/danectl")):
            text = text.replace(str(ours), usual)
        for pattern, name in CHANGING:
            text = re.sub(pattern, name, text)
        return text

    def assert_told(self, call: tuple[str, str], said: str) -> None:
        self.assertEqual(self.masked(said), self.masked(call[1]), call[0])

    def test_the_session(self) -> None:
        enrolled, first, silent, shown, promoted, deleted = session()
        self.assertEqual([call[0] for call in (first, silent, promoted, deleted)], ["danectl run"] * 4)
        self.assertEqual(shown[0], "danectl status")

        words = shlex.split(enrolled[0])
        # The lab has no systemd.
        reload = self.lab.dir / "reload-postfix"
        reload.write_text(f"#!/bin/sh\nexec postfix -c {self.mail.folder} reload\n")
        reload.chmod(0o755)
        words[words.index("--reload") + 1] = str(reload)
        self.assert_told(enrolled, self.lab.danectl(*words[1:], env=self.env).out)
        for command in re.findall(r"(?m)^     (.+)$", enrolled[1])[:2]:
            run(["sh", "-c", self.here(command)], env=self.env)
        self.mail.reload()
        for key, value in (("rollover", "12s"), ("retire_after", "5s"), ("min_hold", "1m")):
            set_key(self.lab, NAME, key, value)

        self.assert_told(first, self.lab.danectl("run", env=self.env).out)
        self.lab.wait_until("only the hold-down is waited for", self.waits)
        self.assert_told(silent, self.lab.danectl("run", env=self.env).out)
        self.assert_told(shown, self.lab.danectl("status", env=self.env).out)
        set_key(self.lab, NAME, "min_hold", "0s")
        for call, word in ((promoted, "deployed"), (deleted, "deleted")):
            *before, last = run_until(self.lab, call[0], lambda result, word=word: word in result.out)
            self.assertEqual([result.out for result in before], [""] * len(before))
            self.assert_told(call, last.out)

    def here(self, command: str) -> str:
        for usual, ours in (("/etc/letsencrypt/cli.ini", self.lab.cli_ini), ("/var/lib/danectl", self.lab.state_dir)):
            command = command.replace(usual, str(ours))
        return command.replace(" && postfix reload", "")

    def waits(self) -> bool:
        self.assertEqual(self.lab.danectl("run").out, "")
        return "hold-down [" in self.lab.danectl("status").out


if __name__ == "__main__":
    unittest.main()
