#!/usr/bin/python3
"""As root danectl does not start what others may have written."""
from __future__ import annotations

import os
import unittest

from cli import Cli, Result


@unittest.skipUnless(os.geteuid() == 0, "only root starts other users' programs with more rights than theirs")
class Trusted(Cli):
    def setUp(self) -> None:
        super().setUp()
        (self.dir / "lineages").mkdir()
        self.toml = self.dir / "danectl.toml"
        self.lineage = self.dir / "lineages" / "mx.example.com.toml"
        self.lineage.write_text('tlsa = ["_25._tcp.mx.example.com"]\nreload = [["true"]]\n')

    def by_root(self, *args: str) -> Result:
        return self.danectl("--config", str(self.toml), *args)

    def assert_refused(self, what: str, hint: str) -> None:
        for verb in ("run", "promote", "stage", "publish"):
            self.assertEqual(self.by_root(verb), Result(
                2, "", f"danectl: {what}: it names programs that danectl starts as root\n  {hint}\n"))
        self.assertEqual(self.by_root("status", "--no-dns").code, 0, "what only shows things starts nothing")
        self.assertFalse((self.dir / "state").exists())

    def test_what_everybody_may_change(self) -> None:
        for path in (self.toml, self.lineage, self.dir / "lineages"):
            before = path.stat().st_mode
            path.chmod(before | 0o002)
            self.assert_refused(f"everybody may change {path}", f"chmod o-w {path}")
            path.chmod(before)

    def test_what_belongs_to_another_user(self) -> None:
        for path in (self.toml, self.lineage):
            os.chown(path, 1, -1)
            self.assert_refused(f"{path} belongs to the user 1, who is not root", f"chown root {path}")
            os.chown(path, 0, -1)

    def test_what_a_group_may_change_is_for_check_to_say(self) -> None:
        self.toml.chmod(0o664)
        self.assertNotEqual(self.by_root("run").code, 2)


if __name__ == "__main__":
    unittest.main()
