#!/usr/bin/python3
"""`check` where nothing can be looked at: wrong usage, a broken configuration, a resolver that refuses."""
from __future__ import annotations

import json
import re
import shutil
import subprocess
import unittest

from cli import Cli, Result

URL = "smtp://mx.example.com:25@127.0.0.1"


class Misuse(Cli):
    """A monitoring system takes 1 for WARNING and 2 for CRITICAL: what was not checked is 3, UNKNOWN."""

    def test_wrong_usage_is_unknown(self) -> None:
        for words, trouble in (
                (["--no-such-option"], "the following argument was not expected: --no-such-option\n  danectl check --help\n"),
                (["--format", "xml"], "--format: 'xml' is not a format of check\n  text, json, nagios or prometheus\n"),
                (["--json", "--format", "text"], "--json and --format text exclude each other\n"),
                (["-v", "-q"], "-v and -q exclude each other\n"),
                ([], "nothing to check: no lineage is enrolled\n"
                     "  name a server or a mail domain: danectl check smtp://mx.example.com:25, or "
                     "--domain example.com\n")):
            with self.subTest(words):
                self.assertEqual(self.configured("check", *words), Result(3, "", "danectl: " + trouble))

    def test_a_value_that_is_missing_and_global_options_first_are_unknown_too(self) -> None:
        for words in (["check", "--output"], ["--no-such-option", "check"], ["check", "--format", "json", "--config"]):
            with self.subTest(words):
                result = self.danectl(*words)
                self.assertEqual((result.code, result.out), (3, ""))
                self.assertRegex(result.err, r"\Adanectl: [^\n]+\n  danectl check --help\n\Z")

    def test_a_plugin_says_so_in_one_line_on_standard_output(self) -> None:
        (self.dir / "bad.toml").write_text("certbot = 3\n")
        for words, line in (
                (["--config", "danectl.toml", "mx.example.com"], r"[^\n]*mx\.example\.com[^\n]*enrol[^\n]*"),
                (["--config", "bad.toml"], r'bad\.toml:1: key "certbot": a string is wanted, not [^\n]+ \([^\n]+\)'),
                (["--config", "none.toml"], r"[^\n]*none\.toml[^\n]*"),
                (["--no-such-option"], r"the following argument[^\n]*--no-such-option \(danectl check --help\)"),
                (["--output"], r"[^\n]+ \(danectl check --help\)"),
                (["--config", "danectl.toml", "gopher://mx.example.com:70"], r"[^\n]*gopher[^\n]*")):
            with self.subTest(words):
                result = self.danectl("check", "--format", "nagios", *words)
                self.assertEqual((result.code, result.err), (3, ""))
                self.assertRegex(result.out, rf"\ADANE UNKNOWN: {line}\n\Z")

    def test_another_verb_with_that_word_is_wrong_usage_as_ever(self) -> None:
        self.assertEqual(self.danectl("status", "--no-such-option", "check").code, 2)

    def test_a_file_that_cannot_be_written_is_unknown(self) -> None:
        result = self.configured("check", URL, "--format", "prometheus", "--output", f"{self.dir}/none/danectl.prom")
        self.assertEqual((result.code, result.out), (3, ""))
        self.assertIn(f"{self.dir}/none", result.err)

    def test_standard_output_that_cannot_be_written_is_never_ok(self) -> None:
        with open("/dev/full", "wb") as full:
            done = subprocess.run([self.program, "--config", "danectl.toml", "check", URL], cwd=self.dir, stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertIn(done.returncode, (2, 3))
        self.assertIn(b"cannot write to standard output", done.stderr)

    def test_the_help_names_the_codes(self) -> None:
        self.assertIn("of check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN", self.danectl("--help").out)
        result = self.danectl("check", "--help")
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertIn("--format", result.out)


class WithoutDns(Cli):
    """The resolver refuses, so the look-up is UNKNOWN; what else is found depends on this machine's port 25."""

    def test_each_format_tells_the_same(self) -> None:
        text = self.configured("check", URL)
        self.assertIn(text.code, (2, 3))
        self.assertRegex(text.out, r"(?m)^UNKNOWN +_25\._tcp\.mx\.example\.com: .+ \[resolver-unusable\]\n {10}\S")
        self.assertRegex(text.out, r"\n\d critical, \d warning, [1-9] unknown; 0 endpoints verified of 1\n\Z")
        document = json.loads(self.configured("check", URL, "--json").out)
        self.assertEqual(list(document), ["version", "status", "findings", "endpoints", "owners", "domains"])
        self.assertEqual(document["version"], 1)
        self.assertIn("resolver-unusable", [finding["id"] for finding in document["findings"]])
        nagios = self.configured("check", URL, "--format", "nagios")
        self.assertEqual((nagios.code, nagios.err), (text.code, ""))
        self.assertRegex(nagios.out, rf"\ADANE {document['status']}: [^|\n]+ \| critical=\d+;;0;0 warning=\d+;0;;0 "
                                     r"unknown=\d+;;;0 endpoints=1;;;0 verified=0;;;0;1\n\Z")

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_takes_the_metrics_which_are_written_to_a_file_alone(self) -> None:
        result = self.configured("check", URL, URL, "--format", "prometheus", "--output", "danectl.prom")
        self.assertEqual((result.out, result.err), ("", ""))
        written = self.dir / "danectl.prom"
        self.assertEqual(written.stat().st_mode & 0o777, 0o644)
        self.assertEqual(re.findall(r'(?m)^danectl_finding\{id="resolver-unusable",severity="unknown",lineage=""\} 1$',
                                    written.read_text()),
                         ['danectl_finding{id="resolver-unusable",severity="unknown",lineage=""} 1'])
        done = subprocess.run(["promtool", "check", "metrics"], input=written.read_bytes(), capture_output=True,
                              timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))


if __name__ == "__main__":
    unittest.main()
