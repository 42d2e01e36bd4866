"""What `danectl check` finds, for its tests."""
from __future__ import annotations

import contextlib
import json
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lab_dns
from lab import Lab, run
from lab_mail import MailServer
from lab_process import Daemon
from rollover import install_hook, live, owner_of

NAME = "mx.example.lab"
OWNER = owner_of(NAME)
SMTP = f"smtp://{NAME}:25"
SPLIT = "127.0.0.54"

Finding = dict[str, Any]


def findings(lab: Lab, *subjects: str, env: dict[str, str] | None = None) -> list[Finding]:
    """All that `check --json` finds; its status and its exit code are those of the worst."""
    result = lab.danectl("check", *subjects, "--json", expect=None, env=env)
    document = json.loads(result.out)
    severities = {finding["severity"] for finding in document["findings"]}
    worst = next((s for s in ("CRITICAL", "WARNING", "UNKNOWN") if s in severities), "OK")
    assert document["status"] == worst, document
    assert result.code == {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}[worst], result
    return list(document["findings"])


def configure(lab: Lab, **changes: Any) -> None:
    """Ordinary TTLs, which no cache may keep from one test to the next: so the servers are asked, not the resolver."""
    lab.write_config(**{"publish": {"ttl": "1h"}, "dns": {"resolver": "recursive", "probe_timeout": "3s"}, **changes})


def healthy_lineage(lab: Lab, name: str = NAME, *options: str, reload: list[str] | None = None) -> None:
    """Enrolled, its hook in place, current and next published with an ordinary TTL. REQUIRES a server at its probe that
    presents what is deployed, where `options` have one."""
    configure(lab)
    lab.issue(name)
    words = ["--reload", " ".join(reload)] if reload else []
    lab.danectl("enroll", name, *options, *words)
    install_hook(lab, "deploy", f"exec {lab.program} --config {lab.config} deploy-hook")


@contextlib.contextmanager
def resolver_has(lab: Lab, data: str, **dns: object) -> Iterator[None]:
    """The configured resolver has these lines of configuration; it is another one than the lab's."""
    conf = lab.dir / "split.conf"
    conf.write_text((lab.dir / "unbound.conf").read_text().replace(lab_dns.RESOLVER, SPLIT) + data)

    def answers() -> bool:
        return lab.dig("lab", "SOA", SPLIT).status == "NOERROR"

    daemon = Daemon("split", ["unbound", "-d", "-p", "-c", str(conf)], lab.dir / "log" / "split.log", answers)
    daemon.spawn()
    try:
        lab.wait_until("the resolver answers", answers)
        configure(lab, dns={"resolver": [SPLIT], "timeout": "2s", "probe_timeout": "3s", **dns})
        yield
    finally:
        daemon.kill()
        configure(lab)


class CheckTest(unittest.TestCase):
    """One healthy lineage with a Postfix that serves it; each test breaks something, and mends it."""
    lab: Lab
    mail: MailServer

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        healthy_lineage(cls.lab, NAME, "--probe", SMTP)
        cls.mail = cls.enterClassContext(MailServer(cls.lab, chain_files=[cls.combined()]))
        cls.lab.danectl("run")
        (published,) = json.loads(cls.lab.danectl("records", "--format", "json").out)["owners"]
        for record in published["records"]:
            cls.lab.wait_published(OWNER, f"TLSA {record['record']}")
        cls.current = f"3 1 1 {cls.lab.openssl_spki(live(cls.lab, NAME) / 'cert.pem')}"
        cls.next = f"3 1 1 {cls.lab.openssl_spki(cls.lab.state_dir / 'next' / NAME / 'privkey.pem')}"

    @classmethod
    def combined(cls) -> Path:
        return live(cls.lab, NAME) / "combined.pem"

    def found(self, *subjects: str, env: dict[str, str] | None = None) -> dict[str, list[Finding]]:
        """By id."""
        by_id: dict[str, list[Finding]] = {}
        for finding in findings(self.lab, *subjects, env=env):
            self.assertTrue(finding["message"] and finding["remedy"], finding)
            by_id.setdefault(finding["id"], []).append(finding)
        return by_id

    def assert_healthy(self, *subjects: str) -> None:
        self.assertEqual(findings(self.lab, *subjects), [], self.mail.log())

    def assert_found(self, id: str, severity: str, *subjects: str, says: str = "") -> list[Finding]:
        """This finding, with nothing worse beside it that the caller does not know of."""
        found = self.found(*subjects)
        self.assertIn(id, found, found)
        self.assertEqual({finding["severity"] for finding in found[id]}, {severity}, found[id])
        self.assertIn(says, " ".join(finding["message"] for finding in found[id]))
        return found[id]


def serial(lab: Lab, server: str) -> int:
    return int(run(["dig", "+short", f"@{server}", "example.lab", "SOA"]).out.split()[2])
