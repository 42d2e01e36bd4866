#!/usr/bin/python3
"""hooks/monitoring: what Prometheus and systemd say to the examples."""
from __future__ import annotations

import shutil
import subprocess
import unittest

from cli import Cli
from test_manual import ROOT

MONITORING = ROOT / "hooks" / "monitoring"

# A value a minute: `1x300` stays for 300 more, `0+60x1600` is the clock.
TESTS = f"""
rule_files: [{MONITORING}/danectl.rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: danectl_finding{{id="tlsa-mismatch",severity="critical",lineage="mx.example.com",instance="mx"}}
        values: 1x300
      - series: danectl_finding{{id="ttl-short",severity="warning",lineage="",instance="mx"}}
        values: 1x300
      - series: danectl_check_timestamp_seconds{{instance="mx"}}
        values: 0x300
      - series: danectl_last_run_timestamp_seconds{{instance="mx"}}
        values: 0x300
      # 90 days, of which 15 are left after an hour
      - series: danectl_cert_not_before_timestamp_seconds{{lineage="mx.example.com",instance="mx"}}
        values: -6476400x300
      - series: danectl_cert_not_after_timestamp_seconds{{lineage="mx.example.com",instance="mx"}}
        values: 1299600x300
    promql_expr_test:
      - {{expr: 'ALERTS{{alertstate="firing"}}', eval_time: 19m}}
      - expr: count by (alertname, severity) (ALERTS{{alertstate="firing"}})
        eval_time: 21m
        exp_samples: [{{labels: '{{alertname="DanectlCritical",severity="critical"}}', value: 1}}]
      - expr: count by (alertname, severity) (ALERTS{{alertstate="firing"}})
        eval_time: 200m
        exp_samples:
          - {{labels: '{{alertname="DanectlCritical",severity="critical"}}', value: 1}}
          - {{labels: '{{alertname="DanectlWarning",severity="warning"}}', value: 1}}
          - {{labels: '{{alertname="DanectlCheckStale",severity="warning"}}', value: 1}}
          - {{labels: '{{alertname="DanectlCertificateEnds",severity="critical"}}', value: 1}}
  - interval: 1m
    input_series:
      - series: danectl_check_timestamp_seconds{{instance="mx"}}
        values: 0+60x1600
      - series: danectl_last_run_timestamp_seconds{{instance="mx"}}
        values: 0x1600
      - series: danectl_findings{{severity="critical",instance="mx"}}
        values: 0x1600
      - series: danectl_cert_not_before_timestamp_seconds{{lineage="mx.example.com",instance="mx"}}
        values: -6400000x1600
      - series: danectl_cert_not_after_timestamp_seconds{{lineage="mx.example.com",instance="mx"}}
        values: 2592000x1600
    promql_expr_test:
      - {{expr: 'ALERTS{{alertstate="firing"}}', eval_time: 1400m}}
      - expr: count by (alertname) (ALERTS{{alertstate="firing"}})
        eval_time: 1500m
        exp_samples: [{{labels: '{{alertname="DanectlRunStale"}}', value: 1}}]
"""


class Prometheus(Cli):
    def promtool(self, *words: str) -> None:
        done = subprocess.run(["promtool", *words], capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_the_alerts_are_good_and_speak_when_they_should(self) -> None:
        self.promtool("check", "rules", str(MONITORING / "danectl.rules.yml"))
        (self.dir / "tests.yml").write_text(TESTS)
        self.promtool("test", "rules", str(self.dir / "tests.yml"))


class Units(Cli):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_the_units_are_good_and_their_exposure_is_below_2_5(self) -> None:
        service = self.dir / "danectl-check.service"
        # The fixed folders that systemd looks in need not have a danectl.
        service.write_text((MONITORING / "danectl-check.service").read_text()
                           .replace("ExecStart=/usr/bin/danectl ", f"ExecStart={self.program} "))
        timer = shutil.copy(MONITORING / "danectl-check.timer", self.dir)
        for words in (["verify", "--man=no", str(service), timer],
                      ["security", "--offline=true", "--threshold=25", "--no-pager", str(service)]):
            done = subprocess.run(["systemd-analyze", *words], capture_output=True, timeout=60, check=False)
            said = done.stdout.decode() + done.stderr.decode()
            self.assertEqual(done.returncode, 0, said)
            if words[0] == "verify":
                self.assertEqual(said, "")


if __name__ == "__main__":
    unittest.main()
