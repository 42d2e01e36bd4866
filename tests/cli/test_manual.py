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

    def test_the_help_of_each_verb_has_an_example_and_says_what_a_value_is(self) -> None:
        for verb in self.verbs():
            with self.subTest(verb):
                said = self.danectl(verb, "--help").out
                (example,) = re.findall(r"(?m)^Example:\n  (.+)$", said)
                self.assertIn(f"danectl {verb}", example)
                self.assertNotRegex(said, r"\b(VALUE|TEXT)\b")
                given = set(re.findall(r"--[a-z][a-z0-9-]+", example.split("|")[0]))
                self.assertLessEqual(given, self.options(verb))

    def test_the_manual_has_the_options_of_each_verb_and_no_others(self) -> None:
        page = (ROOT / "man" / "danectl.1").read_text()
        synopsis = page.split(".Sh SYNOPSIS", 1)[1].split(".Sh ", 1)[0]
        verbs = page.split(".Sh VERBS", 1)[1].split(".Sh ", 1)[0]
        for verb in self.verbs():
            entry = re.search(rf"(?ms)^\.It (?:Xo )?Cm {verb}\b.*?(?=^\.It (?:Xo )?Cm |\Z)", verbs)
            (line,) = re.findall(rf"(?ms)^\.Nm danectl Cm {verb}$(.*?)(?=^\.Nm |\Z)", synopsis)
            assert entry is not None, verb
            options = self.options(verb) - {"--help"}
            with self.subTest(verb, where="synopsis"):
                self.assertEqual(self.named_in(line), options)
            with self.subTest(verb, where="entry"):
                self.assertLessEqual(options, self.named_in(entry[0]))

    def named_in(self, text: str) -> set[str]:
        return {f"--{name}" for name in re.findall(r"Fl Fl ([a-z][a-z0-9-]+)", text)}

    def verbs(self) -> list[str]:
        return re.findall(r"(?m)^  ([a-z][a-z-]*) {2,}\S", self.danectl("--help").out)

    def options(self, verb: str) -> set[str]:
        """Its own; those of all verbs stand in the help of danectl itself."""
        return set(re.findall(r"(?m)^  (?:-\w,)?(--[a-z][a-z0-9-]+)", self.danectl(verb, "--help").out))


if __name__ == "__main__":
    unittest.main()
