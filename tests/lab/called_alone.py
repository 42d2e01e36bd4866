"""What the scripts have in common that a person calls by themselves, also on a fresh machine."""
from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent


def few_and_many(about: str, usual: tuple[int, int]) -> tuple[int, int]:
    """The two numbers on the command line of a benchmark."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in zip(("few", "many"), usual):
        parser.add_argument(name, type=int, nargs="?", default=number, metavar=name.upper())
    given = parser.parse_args()
    return given.few, given.many


def build_unless_named(*targets: str) -> None:
    """Installs what is missing, builds danectl and these targets, and names it as DANECTL in the environment. Where the
    environment names one, or only help is asked for, nothing is built."""
    if "DANECTL" in os.environ or {"-h", "--help"} & set(sys.argv):
        return
    for command in (["tests/install"], ["cmake", "--preset", "release", "-DBUILD_TESTING=ON"],
                    ["cmake", "--build", "--preset", "release", "--target", "danectl", *targets]):
        subprocess.run(command, cwd=TOP, check=True)
    os.environ["DANECTL"] = str(TOP / "build/release/danectl")
