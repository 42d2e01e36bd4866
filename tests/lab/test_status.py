"""`danectl status` as a person sees it: several lineages, the timeline, and a terminal."""
from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
import unittest
import xml.dom.minidom

from lab import Lab
from rollover import owner_of

NAMES = ["mx.example.lab", "mx2.example.lab"]
COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")


class Status(unittest.TestCase):
    lab: Lab

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        for name in NAMES:
            cls.lab.issue(name)
            cls.lab.danectl("enroll", name, "--tlsa", owner_of(name))
        cls.lab.danectl("stage")
        cls.lab.danectl("run")

    def on_terminal(self, *words: str, columns: int = 80, env: dict[str, str] | None = None) -> str:
        """What a terminal of this width shows."""
        program = shutil.which(self.lab.program)
        assert program
        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with subprocess.Popen([program, "--config", self.lab.config, *words], stdin=its, stdout=its, stderr=its,
                              env={**self.lab.env, **(env or {})}) as child:
            os.close(its)
            shown = b""
            while True:
                try:
                    part = os.read(ours, 65536)
                except OSError:  # the terminal has no other side any more
                    break
                shown += part
            child.wait()
        os.close(ours)
        return shown.decode().replace("\r\n", "\n")

    def test_several_lineages_take_a_line_each(self) -> None:
        lines = self.lab.danectl("status").out.splitlines()
        self.assertEqual(len(lines), 3)
        # Those that wait stand before those that are well, and either may be so by now.
        for name, line in zip(sorted(NAMES), sorted(lines[:2], key=lambda line: line.split()[1])):
            self.assertRegex(line, rf"^(ok|waiting) +{name} +\S")
        self.assertRegex(lines[-1], "^2 lineages: ")

    def test_one_lineage_or_a_wish_for_more_words_shows_all(self) -> None:
        self.assertIn("\n  served ", self.lab.danectl("status", NAMES[0]).out)
        verbose = self.lab.danectl("status", "-v").out
        self.assertEqual(verbose.count("\n  served "), 2)

    def test_no_reason_is_told_twice(self) -> None:
        for name in NAMES:
            lines = [line.strip() for line in self.lab.danectl("status", name).out.splitlines()]
            said = [line for line in lines if len(line) > 30]
            self.assertEqual(len(said), len(set(said)), lines)

    def test_a_terminal_of_80_columns_is_never_too_narrow(self) -> None:
        for words in (["status"], ["status", NAMES[0]], ["status", "-v"], ["status", "--timeline"], ["check"],
                      ["rollback", NAMES[0]]):
            with self.subTest(words):
                lines = COLOUR.sub("", self.on_terminal(*words)).splitlines()
                self.assertTrue(lines)
                # A path or a command stands whole. The table of endpoints is not wrapped either; here is no probe.
                shown = [line.split("\r")[-1].strip() for line in lines if len(line.split("\r")[-1]) > 80]
                self.assertEqual([line for line in shown if " " in line], [])

    def test_a_wide_terminal_is_made_use_of(self) -> None:
        narrow, wide = (COLOUR.sub("", self.on_terminal("check", columns=columns)) for columns in (80, 200))
        self.assertGreater(len(narrow.splitlines()), len(wide.splitlines()))
        self.assertEqual(narrow.split(), wide.split())

    def test_records_are_short_on_a_terminal_and_whole_for_a_program(self) -> None:
        digest = re.compile(r"3 1 1 [0-9a-f]{64}$", re.MULTILINE)
        self.assertRegex(self.lab.danectl("status", NAMES[0]).out, digest)
        self.assertNotRegex(self.on_terminal("status", NAMES[0], columns=200), digest)
        self.assertRegex(self.on_terminal("records", NAMES[0], columns=40), re.compile("TLSA 3 1 1 [0-9a-f]{64}"))

    def test_without_colour_and_without_utf8_nothing_is_lost(self) -> None:
        plain = self.on_terminal("status", NAMES[0], env={"NO_COLOR": "1", "LC_ALL": "C"})
        self.assertNotIn("\x1b", plain)
        self.assertTrue(plain.isascii(), plain)
        coloured = self.on_terminal("status", NAMES[0])
        self.assertIn("\x1b[3", coloured)

    def test_the_timeline_has_what_was_and_what_comes(self) -> None:
        text = self.lab.danectl("status", "--timeline", NAMES[0]).out
        for event in ("current key deployed", "next key staged", "its records visible everywhere", "next key ready",
                      "certificate ends", "now"):
            self.assertIn(event, text)
        times = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", text)
        self.assertEqual(times, sorted(times))

    def test_the_picture_is_drawn_into_a_file(self) -> None:
        path = self.lab.dir / "timeline.svg"
        self.lab.danectl("status", "--svg", str(path))
        texts = xml.dom.minidom.parseString(path.read_text()).getElementsByTagName("text")
        titles = [text.firstChild.data for text in texts if text.getAttribute("class") == "title"]
        self.assertEqual(titles, NAMES)
        self.lab.danectl("status", "--svg", str(self.lab.dir / "no" / "folder.svg"), expect=1)
        self.lab.danectl("status", "--svg", str(path), "--json", expect=2)
        self.lab.danectl("status", "--timeline", "--json", expect=2)


if __name__ == "__main__":
    unittest.main()
