#!/usr/bin/python3
"""debian/, as far as no package has to be built for it (that: tests/package)."""
from __future__ import annotations

import re
import unittest

from test_manual import ROOT


def packages(*sections: str) -> set[str]:
    found: dict[str, set[str]] = {}
    for line in (ROOT / "tests" / "packages.txt").read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            found[line.strip("[]")] = here = set()
        elif line:
            here.add(line)
    return set().union(*(found[section] for section in sections))


class Debian(unittest.TestCase):
    def build_depends(self) -> tuple[set[str], set[str]]:
        """Those that are always needed, and those for the tests alone."""
        field = re.search(r"(?m)^Build-Depends:\n((?: .*\n)+)", (ROOT / "debian" / "control").read_text())
        assert field is not None
        always, nocheck = set(), set()
        for line in field[1].splitlines():
            (nocheck if "<!nocheck>" in line else always).add(re.split(r"[ ,]", line.strip())[0])
        return always, nocheck

    def test_the_package_is_built_and_tested_with_what_the_tests_are(self) -> None:
        always, nocheck = self.build_depends()
        # g++ is build-essential.
        self.assertEqual(always - {"debhelper-compat"}, packages("build") - {"g++"})
        self.assertLessEqual(packages("unit"), nocheck)
        self.assertLessEqual(nocheck, packages("unit", "demo", "tests"))

    def test_the_version_is_one(self) -> None:
        project = re.search(r"(?m)^project\(danectl VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
        newest = re.search(r"(?m)^## \[(\d\S*)\]", (ROOT / "CHANGELOG.md").read_text())
        package = re.match(r"danectl \((\S+)\) ", (ROOT / "debian" / "changelog").read_text())
        assert project and newest and package
        self.assertEqual((newest[1], package[1]), (project[1], project[1]))

    def test_the_licence_is_that_of_the_project(self) -> None:
        told = (ROOT / "debian" / "copyright").read_text().rpartition("License: BSD-2-Clause\n")[2]
        licence = (ROOT / "LICENSE").read_text().split("\n", 4)[4]
        self.assertEqual(told.replace("\n .\n", "\n\n").replace("\n ", "\n").strip(), licence.strip())


if __name__ == "__main__":
    unittest.main()
