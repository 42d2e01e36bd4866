"""`danectl check` as people, monitoring plugins and Prometheus see it, and without any configuration."""
from __future__ import annotations

import json
import os
import re
import unittest

from lab import run
from watching import NAME, OWNER, SMTP, CheckTest, configure


class Output(CheckTest):
    def assert_prometheus_takes(self, text: str) -> None:
        checked = run(["promtool", "check", "metrics"], input=text, expect=None)
        self.assertEqual((checked.code, checked.out + checked.err), (0, ""))

    def metric(self, text: str, name: str) -> float:
        (value,) = re.findall(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(value)

    def test_healthy_in_all_four_formats(self) -> None:
        said = self.lab.danectl("check").out
        self.assertIn("OK", said.splitlines()[0])
        self.assertIn(SMTP, said)
        self.assertEqual(json.loads(self.lab.danectl("check", "--json").out)["status"], "OK")
        plugin = self.lab.danectl("check", "--format", "nagios")
        self.assertRegex(plugin.out, r"^DANE OK: [^|\n]+\| .*critical=0\S* warning=0\S* .*cert_days=\d+\S*[^\n]*\n$")
        self.assertEqual(plugin.err, "")
        metrics = self.lab.danectl("check", "--format", "prometheus").out
        self.assert_prometheus_takes(metrics)
        labels = f'owner="{OWNER}",endpoint="{SMTP}",address="127.0.0.25"'
        self.assertEqual(self.metric(metrics, f'danectl_tlsa_match{{{labels},group="3 1 1"}}'), 1)
        self.assertGreater(self.metric(metrics, f'danectl_cert_not_after_timestamp_seconds{{lineage="{NAME}"}}'), 1.7e9)

    def test_critical_in_all_four_formats(self) -> None:
        self.mail._end()
        try:
            said = self.lab.danectl("check", expect=2).out
            self.assertIn("[connect-failed]", said)
            self.assertLess(said.index("connect-failed"), said.index("1 critical"))
            plugin = self.lab.danectl("check", "--format", "nagios", expect=2)
            self.assertRegex(plugin.out, r"^DANE CRITICAL: [^|\n]*refused[^|\n]*\| .*critical=1[^\n]*\n$")
            metrics = self.lab.danectl("check", "--format", "prometheus", expect=2).out
            self.assert_prometheus_takes(metrics)
            self.assertEqual(self.metric(
                metrics, f'danectl_finding{{id="connect-failed",severity="critical",lineage="{NAME}"}}'), 1)
        finally:
            self.mail.__enter__()

    def test_a_file_for_the_node_exporter_is_written_whole_and_readable(self) -> None:
        path = self.lab.dir / "danectl.prom"
        path.write_text("old")
        said = self.lab.danectl("check", "--format", "prometheus", "--output", str(path))
        self.assertEqual(said.out, "")
        self.assert_prometheus_takes(path.read_text())
        self.assertEqual(path.stat().st_mode & 0o777, 0o644)
        before = self.lab.snapshot(self.lab.dir / "etc")
        self.lab.danectl("check", "--output", str(self.lab.dir / "nowhere" / "x"), expect=3)
        self.assertEqual(self.lab.snapshot(self.lab.dir / "etc"), before)

    def test_a_device_or_a_pipe_is_not_replaced_by_a_file(self) -> None:
        pipe = self.lab.dir / "pipe"
        os.mkfifo(pipe)
        self.assertIn("not a regular file", self.lab.danectl("check", "--output", str(pipe), expect=3).err)
        self.assertTrue(pipe.is_fifo())
        link, file = self.lab.dir / "link", self.lab.dir / "file"
        file.write_text("")
        link.symlink_to(file)
        self.lab.danectl("check", "--output", str(link))
        self.assertTrue(link.is_symlink() and file.read_text().startswith("OK"))

    def test_it_changes_nothing(self) -> None:
        before = self.lab.snapshot(self.lab.state_dir, self.lab.certbot_dir, self.lab.config.parent)
        self.lab.danectl("check")
        self.assertEqual(self.lab.snapshot(self.lab.state_dir, self.lab.certbot_dir, self.lab.config.parent), before)

    def test_any_host_without_any_configuration(self) -> None:
        # The file that is not there, but for what makes the lab's Internet the real one.
        lone = self.lab.dir / "lone" / "danectl.toml"
        lone.parent.mkdir()
        lone.write_text(f'[dns]\ntrust_anchor = "{self.lab.trust_anchor}"\nunbound_conf = "{self.lab.unbound_conf}"\n')
        result = run([self.lab.program, "--config", lone, "check", SMTP, "--json"], env=self.lab.env)
        self.assertEqual(json.loads(result.out)["findings"], [])
        result = run([self.lab.program, "--config", lone, "check"], env=self.lab.env, expect=3)
        self.assertIn("danectl check smtp://", result.err)

    def test_what_cannot_be_checked_is_unknown(self) -> None:
        self.lab.danectl("check", "nobody.example.lab", expect=3)
        self.lab.danectl("check", "smtp://", expect=3)
        said = self.lab.danectl("check", "nobody.example.lab", "--format", "nagios", expect=3)
        self.assertRegex(said.out, r"^DANE UNKNOWN: .*nobody.example.lab.*\n$")
        self.assertEqual(said.err, "")
        configure(self.lab, dns={"resolver": "recursive", "trust_anchor": "/nowhere"})
        try:
            found = self.found()
            self.assertEqual(found["resolver-unusable"][0]["severity"], "UNKNOWN", found)
        finally:
            configure(self.lab)


if __name__ == "__main__":
    unittest.main()
