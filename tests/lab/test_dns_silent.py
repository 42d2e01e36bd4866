"""Where DNS tells a host nothing: `run` says so once, `status` wants a person, `check` is UNKNOWN."""
from __future__ import annotations

import json
import unittest
from typing import Any

from rollover import status
from watching import NAME, CheckTest, configure


class Silent(CheckTest):
    def tearDown(self) -> None:
        configure(self.lab)
        self.lab.danectl("run")

    def blind(self, **dns: Any) -> None:
        configure(self.lab, dns={"resolver": "recursive", "probe_timeout": "3s", **dns})

    def without_resolver(self) -> None:
        self.blind(resolver=["127.0.0.1:1"])

    def without_anchor(self) -> None:
        self.blind(trust_anchor="/nonexistent/root.key")

    def run_says(self, *options: str) -> str:
        result = self.lab.danectl(*options, "run")  # waiting is the normal state: 0
        self.assertEqual(result.out, "")
        return result.err

    def test_run_says_each_cause_once(self) -> None:
        self.without_anchor()
        self.assertIn("cannot read the trust anchor /nonexistent/root.key", first := self.run_says())
        self.assertEqual(len(first.splitlines()), 2, first)
        self.assertEqual(self.run_says(), "")
        self.assertIn("/nonexistent/root.key", self.run_says("-v"))
        self.without_resolver()
        self.assertIn("the root could not be looked up", self.run_says())
        self.assertEqual(self.run_says(), "")
        configure(self.lab)
        self.assertEqual(self.run_says(), "")
        self.without_resolver()
        self.assertIn("the root could not be looked up", self.run_says(), "it is news again")

    def test_status_wants_a_person(self) -> None:
        self.assertEqual(status(self.lab, NAME)["state"], "waiting")  # for the hold-down
        for cause in (self.without_anchor, self.without_resolver):
            with self.subTest(cause.__name__):
                cause()
                lineage = status(self.lab, NAME)
                self.assertEqual(lineage["state"], "attention")
                self.assertIn("danectl doctor", lineage["action"]["what"])

    def test_check_is_unknown_also_where_files_lack_something(self) -> None:
        (self.lab.certbot_dir / "renewal-hooks" / "deploy" / "danectl").chmod(0o644)
        try:
            self.assertEqual(self.lab.danectl("check", expect=1).code, 1)
            for cause in (self.without_anchor, self.without_resolver):
                with self.subTest(cause.__name__):
                    cause()
                    result = self.lab.danectl("check", "--json", expect=3)
                    document = json.loads(result.out)
                    self.assertEqual(document["status"], "UNKNOWN")
                    self.assertIn("WARNING", {finding["severity"] for finding in document["findings"]})
                    self.assertRegex(self.lab.danectl("check", "--format", "nagios", expect=3).out, "^DANE UNKNOWN:")
        finally:
            (self.lab.certbot_dir / "renewal-hooks" / "deploy" / "danectl").chmod(0o755)


if __name__ == "__main__":
    unittest.main()
