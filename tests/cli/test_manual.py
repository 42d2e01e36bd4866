#!/usr/bin/python3
"""The manual knows what the source knows."""
from __future__ import annotations

import re
import unittest
from pathlib import Path

from cli import Cli

ROOT = Path(__file__).resolve().parents[2]
SEVERITIES = {"CRITICAL", "WARNING", "UNKNOWN"}


class Findings(unittest.TestCase):
    """danectl-check(7) has an entry `.It Ic ID Pq SEVERITIES` for each id."""

    def setUp(self) -> None:
        self.page = (ROOT / "man" / "danectl-check.7").read_text()
        self.entries = re.findall(r"(?m)^\.It Ic (\S+) Pq (.+)$", self.page)

    def test_each_id_is_explained_once_and_in_the_order_of_the_source(self) -> None:
        names = re.search(r"names\{([^}]*)\}", (ROOT / "src" / "core" / "check" / "finding.cpp").read_text())
        assert names is not None
        ids = re.findall(r'"([a-z0-9-]+)"', names.group(1))
        self.assertGreater(len(ids), 60)
        self.assertEqual([entry[0] for entry in self.entries], ids)

    def test_each_id_of_the_source_is_that_of_its_enumerator(self) -> None:
        header = (ROOT / "src" / "core" / "check" / "finding.hpp").read_text()
        enum = re.search(r"enum class FindingId \{([^}]*)\}", header)
        assert enum is not None
        enumerators = re.findall(r"(?m)^\s*(\w+),", enum.group(1))
        self.assertEqual([name.replace("_", "-") for name in enumerators], [entry[0] for entry in self.entries])

    def test_each_has_its_severities_and_more_than_a_word_of_text(self) -> None:
        for name, severities in self.entries:
            with self.subTest(name):
                self.assertLessEqual(set(re.findall(r"\w+", severities)) - {"or"}, SEVERITIES)
                text = self.page.split(f".It Ic {name} Pq", 1)[1].split("\n.It Ic ")[0].split("\n.El")[0]
                self.assertGreater(len(text.split()), 12)

    def test_no_id_is_named_that_is_not_there(self) -> None:
        ids = {entry[0] for entry in self.entries}
        self.assertLessEqual(set(re.findall(r"(?m)^\.Ic (\S+)", self.page)), ids)

    def test_the_alerts_and_the_other_pages_name_no_id_that_is_not_there(self) -> None:
        ids = {entry[0] for entry in self.entries}
        for path in [ROOT / "README.md", *(ROOT / "hooks" / "monitoring").iterdir()]:
            with self.subTest(path.name):
                named = re.findall(r'\[([a-z]+(?:-[a-z]+)+)\]$|id="([a-z-]+)"', path.read_text(), re.MULTILINE)
                self.assertLessEqual({a or b for a, b in named}, ids)


class Verbs(Cli):
    def test_each_verb_of_the_command_line_is_in_the_synopsis(self) -> None:
        verbs = re.findall(r"(?m)^  ([a-z][a-z-]*) {2,}\S", self.danectl("--help").out)
        synopsis = (ROOT / "man" / "danectl.1").read_text().split(".Sh SYNOPSIS", 1)[1].split(".Sh ", 1)[0]
        self.assertIn("check", verbs)
        self.assertEqual(set(verbs) - set(re.findall(r"(?m)^\.Nm danectl Cm ([a-z-]+)$", synopsis)), set())


if __name__ == "__main__":
    unittest.main()
