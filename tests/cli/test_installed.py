#!/usr/bin/python3
"""What is installed: the example of a configuration, and the paths that texts name."""
from __future__ import annotations

import re
import subprocess
import unittest
from pathlib import Path

from cli import Cli, Result
from test_manual import ROOT

EXAMPLE = ROOT / "hooks" / "danectl.toml"


class Example(Cli):
    """/etc/danectl/danectl.toml: every key, with its default, in a comment."""

    def setUp(self) -> None:
        super().setUp()
        self.lines = EXAMPLE.read_text().splitlines()
        self.keys = [line[1:] for line in self.lines if re.match(r"#[a-z0-9_]+ = |#\[", line)]

    def with_file(self, text: str) -> Result:
        (self.dir / "example.toml").write_text(text)
        return self.danectl("--config", "example.toml", "status", "--no-dns")

    def test_it_sets_nothing(self) -> None:
        self.assertEqual([line for line in self.lines if line and not line.startswith("#")], [])

    def test_all_its_lines_together_are_a_configuration(self) -> None:
        result = self.with_file("\n".join(self.keys))
        self.assertEqual((result.code, result.err), (0, ""))

    def test_it_has_every_key_that_danectl_knows(self) -> None:
        text = "\n".join(self.keys)
        for table in ("", "[dns]\n", "[check]\n", "[publish]\n"):
            with self.subTest(table):
                result = self.with_file(f"{table}no_such_key = 1\n")
                known = re.search(r"(?m)^  known (?:here|in \S+): (.*)$", result.err)
                assert known is not None, result
                words = [word if word.startswith("[") else f"{word} =" for word in known[1].split(", ")]
                keys = [word for word in words if not word.startswith("[")]
                part = re.split(r"(?m)^(?=\[)", text[text.index(table) + len(table):])[0]
                self.assertEqual([f"{line.partition('=')[0]}=" for line in part.splitlines()], keys)
                for word in set(words) - set(keys):
                    self.assertIn(f"\n{word}\n", text)

    def test_its_defaults_are_those_of_the_manual(self) -> None:
        page = (ROOT / "man" / "danectl.toml.5").read_text().split(".Sh THE HOST")[1].split("\n.Sh ")[0]
        told = [f"{key} = {value}".replace("\\(dq", '"')
                for key, value in re.findall(r"(?m)^\.It Ic (\S+) Li = (.*)$", page)]
        self.assertEqual([line for line in self.keys if not line.startswith("[")], told)

    def test_each_key_is_explained_by_the_lines_before_it(self) -> None:
        for before, line in zip(self.lines, self.lines[1:]):
            if re.match(r"#[a-z0-9_]+ = ", line):
                self.assertRegex(before, r"^# .*\.$", line)


class Installed(Cli):
    """`cmake --install` of the build that the binary is from."""

    def setUp(self) -> None:
        super().setUp()
        build = Path(self.program).parent
        if not (build / "CMakeCache.txt").exists():
            self.skipTest("this binary lies in no build")
        self.prefix = self.dir / "prefix"
        done = subprocess.run(["cmake", "--install", str(build), "--prefix", str(self.prefix)], capture_output=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_every_path_that_its_texts_name_is_there(self) -> None:
        texts = [path for path in self.prefix.rglob("*") if path.is_file() and path.parent.name != "bin"]
        named = set()
        for path in texts:
            text = path.read_text()
            self.assertNotRegex(text, "/usr/(bin|share)/danectl", path)
            named |= set(re.findall(rf"{re.escape(str(self.prefix))}[\w./-]*\w", text))
        self.assertGreater(len(named), 10)
        self.assertEqual([path for path in named if not Path(path).exists()], [])

    def test_the_unit_starts_what_was_installed(self) -> None:
        unit = (self.prefix / "lib" / "systemd" / "system" / "danectl.service").read_text()
        self.assertIn(f"\nExecStart={self.prefix}/bin/danectl run\n", unit)

    def test_nothing_is_installed_in_etc(self) -> None:
        self.assertEqual({path.name for path in self.prefix.iterdir()}, {"bin", "lib", "share"})


if __name__ == "__main__":
    unittest.main()
