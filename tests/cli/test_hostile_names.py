#!/usr/bin/python3
"""Names that nobody should give: whatever is done with them, no control character is shown, nothing is written outside
danectl's own folders, and the exit code is one of the manual's.
"""
from __future__ import annotations

import unittest
from pathlib import Path

from cli import Cli

PIECES = ["\x1b[31mred", "\x07", "\r", "\n", "\t", "\x7f", "\u009b31m", "\u202e", "\u200b", "\ufeff", "\U000e0041", " ",
          "'", '"', "`id`", "$(id)", ";id", "|id", "&", "\\", "\\000", "\\255", "%n%s", "{}", "{0}", "../",
          "/../../etc", "//", "-", "--", "*", "@", "#", ":", "[::1]", "=", "..", ".", "\udcff", "ä",
          "xn--", "xn--a", "ß", "a" * 64, "a." * 130, "x" * 70000, "0", "1e9", "null", "true"]
FORMS = ["{}", "{}mx.example.com", "mx{}example.com", "mx.example.com{}", "_25._tcp.{}", "_25._tcp.mx.example.com{}",
         "smtp://{}", "smtp://mx.example.com{}", "smtp://mx.example.com:25@{}"]
CALLS = [["enroll", "NAME"], ["enroll", "mx.example.com", "--tlsa", "NAME"],
         ["enroll", "mx.example.com", "--probe", "NAME"],
         ["stage", "NAME"], ["status", "--no-dns", "NAME"], ["records", "--owner", "NAME"], ["retire", "NAME"],
         ["check", "--domain", "NAME"], ["spki", "NAME"], ["verify", "NAME"], ["NAME"], ["--config", "NAME", "status"]]
CODES = {0, 1, 2, 3, 75}


class HostileNames(Cli):
    def written(self) -> set[Path]:
        ours = {self.dir / "state", self.dir / "lineages"}
        return {path for path in self.dir.rglob("*") if not ours & {path, *path.parents}}

    def test_each_is_answered_in_plain_text(self) -> None:
        names = [form.replace("{}", piece) for piece in PIECES for form in FORMS]
        before = self.written()
        for number, name in enumerate(names):
            call = CALLS[number % len(CALLS)]
            with self.subTest(call=call, name=name[:60]):
                result = self.configured(*(name if word == "NAME" else word for word in call))
                self.assertIn(result.code, CODES, result)
                self.assertNotIn("a fault of danectl itself", result.err)
                said = result.out + result.err
                self.assertTrue(all(sign.isprintable() or sign in "\n" for sign in said), ascii(said)[:2000])
                self.assertEqual(self.written(), before)


if __name__ == "__main__":
    unittest.main()
