#!/usr/bin/python3
"""rooms.py [SRC]: the rooms of the house (CONTRIBUTING.md), by the include lines below src. A fault a line, and 1."""
from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

MAY_INCLUDE = {
    "core": {"core"},
    "ports": {"ports", "core"},
    "system": {"system", "ports", "core"},
    "app": {"app", "ports", "core"},
    "main.cpp": {"app", "system", "ports", "core"},
}
WITHOUT_HEADER = {
    "main.cpp": "nobody calls it",
    "wiped_memory.cpp": "it replaces new and delete",
    "app/roll/roll_back.cpp": "steps of the class Roll, which roll.hpp declares",
    "app/roll/roll_promote.cpp": "likewise",
    "app/roll/roll_dns.cpp": "likewise",
}
# The world is for system, the command line for app.
NOT_IN_CORE = re.compile(r"(unbound|boost/|CLI/)")


class Include(NamedTuple):
    file: Path  # relative to src
    line: int
    quoted: bool
    path: str

    @property
    def place(self) -> str:
        return f"src/{self.file}:{self.line}"


def includes_of(src: Path, file: Path) -> Iterator[Include]:
    for number, line in enumerate((src / file).read_text().splitlines(), 1):
        if found := re.match(r'\s*#\s*include\s*(["<])([^">]+)', line):
            yield Include(file, number, found[1] == '"', found[2])


def fault_of(include: Include) -> str:
    layer = include.file.parts[0]
    if include.quoted and include.path.split("/")[0] not in MAY_INCLUDE.get(layer, set()):
        return f'{layer} may not include "{include.path}"'
    if layer == "core" and NOT_IN_CORE.match(include.path):
        return f"the core may not include {include.path}"
    return ""


def circle_in(doors: dict[Path, dict[Path, Include]]) -> list[Include]:
    """The include lines that lead from a folder back to it, the fewest; empty: there is no circle."""
    circles = []
    for start in doors:
        ways: list[list[Include]] = [[door] for door in doors[start].values()]
        seen: set[Path] = set()
        for way in ways:  # it grows: the shorter ways come first
            folder = Path(way[-1].path).parent
            if folder == start:
                circles.append(way)
                break
            if folder not in seen:
                seen.add(folder)
                ways += [[*way, door] for door in doors.get(folder, {}).values()]
    return min(circles, key=len, default=[])


def main() -> int:
    src = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "src")
    files = sorted(file.relative_to(src) for file in src.rglob("*.[ch]pp"))
    includes = [include for file in files for include in includes_of(src, file)]
    faults = [f"{include.place}: {fault}" for include in includes if (fault := fault_of(include))]
    if not files:
        faults.append(f"{src}: no source below it")
    for file in files:
        if file.suffix == ".cpp" and file.with_suffix(".hpp") not in files and str(file) not in WITHOUT_HEADER:
            faults.append(f"src/{file}:1: there is no {file.with_suffix('.hpp').name} beside it")
    doors: dict[Path, dict[Path, Include]] = {}
    for include in includes:
        here, there = include.file.parent, Path(include.path).parent
        if include.quoted and here != there:
            doors.setdefault(here, {}).setdefault(there, include)
    if circle := circle_in(doors):
        faults.append("folders include each other in a circle:")
        faults += [f'  {include.place}: "{include.path}"' for include in circle]
    print(*faults or [f"{len(files)} files, {len(doors)} folders: no fault"], sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
