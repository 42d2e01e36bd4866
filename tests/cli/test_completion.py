#!/usr/bin/python3
"""hooks/completion in the real shells: keys are typed, and what the command would have got is looked at. For
DANECTL=/usr/bin/danectl the files that are installed are tested."""
from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest
from pathlib import Path

from cli import Cli, Result

COMPLETION = Path(__file__).resolve().parents[2] / "hooks" / "completion"
BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")
PROMPT = "ready> "
# What is typed, and the words that danectl gets.
TYPED = (
    ("rel\tmx\t", ["release", "mx.example.com"]),
    ("promote m\tw\t", ["promote", "mx.example.com", "web.example.com"]),
    ("enroll n\t--tl\tx", ["enroll", "new.example.com", "--tlsa", "x"]),
    ("retire --for\tx --dr\t", ["retire", "--foreign", "x", "--dry-run"]),
    ("records --format rfc\t", ["records", "--format", "rfc3597"]),
    ("records --format=rfc\t", ["records", "--format=rfc3597"]),
    ("check --output met\t", ["check", "--output", "metrics.prom"]),
    ("spki met\t", ["spki", "metrics.prom"]),
    ("--verb\tdisc\t", ["--verbose", "discard"]),
)


class Enrolled(Cli):
    """Two lineages that are enrolled, and a third of certbot's."""

    def setUp(self) -> None:
        super().setUp()
        (self.dir / "lineages").mkdir()
        (self.dir / "letsencrypt" / "renewal").mkdir()
        for name in ("mx", "web"):
            (self.dir / "lineages" / f"{name}.example.com.toml").touch()
        for name in ("mx", "web", "new"):
            (self.dir / "letsencrypt" / "renewal" / f"{name}.example.com.conf").touch()
        (self.dir / "metrics.prom").touch()


class Choices(Enrolled):
    def choices(self, *words: str) -> list[str]:
        result = self.danectl("__complete", *words, env={"DANECTL_CONFIG": "danectl.toml"})
        self.assertEqual((result.code, result.err), (0, ""))
        return [line.split("\t")[0] for line in result.out.splitlines()]

    def test_each_verb_and_each_option_of_the_help_is_offered(self) -> None:
        verbs = self.choices("")
        self.assertEqual(verbs, self.words_of(self.danectl("--help").out, "  ", "[a-z]"))
        for verb in verbs:
            with self.subTest(verb):
                offered = self.choices(verb, "-")
                for option in self.words_of(self.danectl(verb, "--help").out, "  (?:-h,)?", "--"):
                    self.assertIn(option, offered)
                self.assertLessEqual({"--config", "--verbose", "--quiet"}, set(offered))
        self.assertNotIn("__complete", self.danectl("--help").out)

    def words_of(self, help_text: str, before: str, begin: str) -> list[str]:
        self.assertRegex(help_text, rf"(?m)^{before}{begin}")
        return re.findall(rf"(?m)^{before}({begin}[a-z0-9-]+)", help_text)

    def test_names_are_offered_once_and_as_many_as_the_verb_takes(self) -> None:
        self.assertEqual(self.choices("stage", "mx.example.com", ""), ["web.example.com"])
        self.assertEqual(self.choices("release", "mx.example.com", ""), [])
        self.assertEqual(self.choices("run", ""), [])
        self.assertEqual(self.choices("check", "--", "--"), [])
        self.assertEqual(self.choices("no-such-verb", ""), [])

    def test_the_configuration_is_that_of_the_command_line_and_may_be_broken(self) -> None:
        (self.dir / "other" / "lineages").mkdir(parents=True)
        (self.dir / "other" / "danectl.toml").write_text("certbot = 3\n")
        (self.dir / "other" / "lineages" / "other.example.com.toml").touch()
        for words in (["--config", "other/danectl.toml", "stage"], ["stage", "--config=other/danectl.toml"]):
            self.assertEqual(self.choices(*words, ""), ["other.example.com"])
        self.assertEqual(self.choices("--config", "nowhere.toml", "stage", ""), ["mx.example.com", "web.example.com"])
        self.assertEqual(self.choices("--config", "/nowhere/danectl.toml", "stage", ""), [])


class Shell(Enrolled):
    """A folder of programs with danectl in it, which only says what it got; and a data folder for the shell."""

    def setUp(self) -> None:
        super().setUp()
        self.said = ""
        bin_folder = self.dir / "bin"
        bin_folder.mkdir()
        (bin_folder / "danectl").write_text(
            f'#!/bin/sh\n[ "$1" != __complete ] || exec {self.program} "$@"\n'
            "printf 'got:'; printf '[%s]' \"$@\"; echo :end\n")
        (bin_folder / "danectl").chmod(0o755)
        self.share = Path("/usr/share")
        if self.program != "/usr/bin/danectl":
            self.share = self.dir / "share"
            for source, target in (("bash", "bash-completion/completions/danectl"),
                                   ("zsh", "zsh/vendor-completions/_danectl"),
                                   ("fish", "fish/vendor_completions.d/danectl.fish")):
                (self.share / target).parent.mkdir(parents=True)
                shutil.copy(COMPLETION / f"danectl.{source}", self.share / target)
        self.env = {"PATH": f"{bin_folder}:{os.environ.get('PATH', os.defpath)}", "HOME": str(self.dir),
                    "LC_ALL": "C.UTF-8", "TERM": "vt100", "PS1": PROMPT, "DANECTL_CONFIG": "danectl.toml",
                    "XDG_DATA_DIRS": f"{self.share}:/usr/share", "INPUTRC": "/dev/null"}

    def until(self, text: str, terminal: int) -> str:
        """What the terminal says up to this text."""
        deadline = time.monotonic() + 20
        while text not in self.said:
            if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError(f"{text!r} did not come; this did: {self.said!r}")
            self.said += os.read(terminal, 4096).decode(errors="replace")
        before, _, self.said = self.said.partition(text)
        return before

    def type_into(self, argv: list[str], prepare: str) -> None:
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.dir)
            os.execvpe(argv[0], argv, self.env)
        try:
            self.until(PROMPT, terminal)
            os.write(terminal, f"{prepare}; echo prep''ared\n".encode())
            self.until("prepared", terminal)
            for keys, words in TYPED:
                with self.subTest(keys):
                    self.until(PROMPT, terminal)
                    os.write(terminal, f"danectl {keys}\n".encode())
                    self.until("got:", terminal)
                    self.assertEqual(self.until(":end", terminal), "".join(f"[{word}]" for word in words))
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.close(terminal)

    @unittest.skipUnless(shutil.which("bash") and BASH_COMPLETION.exists(), "bash-completion is not installed")
    def test_bash(self) -> None:
        self.type_into(["bash", "--noprofile", "--norc", "-i"], f"bind 'set bell-style none'; . {BASH_COMPLETION}")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self) -> None:
        self.type_into(["zsh", "-f", "-i"], f"unsetopt beep; fpath=({self.share}/zsh/vendor-completions $fpath); "
                                           "autoload -U compinit; compinit -u -D")

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish(self) -> None:
        def complete(line: str) -> Result:
            done = subprocess.run(["fish", "-c", f"complete -C 'danectl {line}'"], cwd=self.dir, env=self.env,
                                  capture_output=True, text=True, timeout=60, check=False)
            return Result(done.returncode, done.stdout, done.stderr)

        for keys, words in TYPED:
            line = ""
            for part in keys.split("\t")[:-1]:
                line += part
                with self.subTest(line):
                    offered = complete(line)
                    self.assertEqual((offered.code, offered.err), (0, ""))
                    (word,) = [one.split("\t")[0] for one in offered.out.splitlines()]
                    self.assertIn(word, words)
                    line = f"{line.rpartition(' ')[0]} {word} ".lstrip()


if __name__ == "__main__":
    unittest.main()
