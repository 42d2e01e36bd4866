"""What `danectl check` sees coming: expiry, renewals, hooks, the timer; and that a whole rollover is never critical."""
from __future__ import annotations

import datetime
import json
import os
import re
import time
import unittest

from lab import Lab, run
from lab_mail import MailServer
from rollover import live, set_key
from watching import NAME, OWNER, SMTP, CheckTest, configure, findings, healthy_lineage


class Ahead(CheckTest):
    def test_healthy(self) -> None:
        self.assert_healthy()

    def test_the_end_of_the_certificate_comes_near(self) -> None:
        for days, expected in ((60, None), (65, "renewal-overdue"), (72, "certificate-ends"), (85, "certificate-ends")):
            found = {f["id"]: f["severity"] for f in self.findings_at(f"+{days}d")}
            for id in ("renewal-overdue", "certificate-ends"):
                self.assertEqual(id in found, id == expected, (days, found))
            if expected == "certificate-ends":
                self.assertEqual(found[expected], "CRITICAL" if days > 80 else "WARNING")

    def test_when_and_whether_certbot_renews_by_itself_is_what_its_conf_says(self) -> None:
        conf = self.lab.certbot_dir / "renewal" / f"{NAME}.conf"
        before = conf.read_text()
        older = re.sub("(?m)^version = .*$", "version = 2.1.0", before)
        self.addCleanup(conf.write_text, before)
        conf.write_text("renew_before_expiry = 5 days\n" + older)
        self.assertNotIn("renewal-overdue", self.remedies_at("+65d"))
        self.assertIn("renew_before_expiry", self.remedies_at("+72d")["certificate-ends"])
        conf.write_text("renew_before_expiry = 60 days\n" + older)
        self.assertIn("is certbot's timer on?", self.remedies_at("+40d")["renewal-overdue"])
        conf.write_text(older.replace("[renewalparams]\n", "[renewalparams]\nautorenew = False\n"))
        self.assertNotIn("renewal-overdue", self.remedies_at("+40d"))
        for days, id in ((65, "renewal-overdue"), (72, "certificate-ends")):
            self.assertIn(f"certbot renew --force-renewal --cert-name {NAME}; or take autorenew = False",
                          self.remedies_at(f"+{days}d")[id])

    def remedies_at(self, offset: str) -> dict[str, str]:
        return {finding["id"]: finding["remedy"] for finding in self.findings_at(offset)}

    def findings_at(self, offset: str) -> list[dict[str, str]]:
        result = run(["faketime", "-m", "-f", offset, self.lab.program, "--config", self.lab.config, "check", "--json"],
                     env={**self.lab.env, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}, expect=None)
        return list(json.loads(result.out)["findings"])

    def test_reuse_key_is_lost(self) -> None:
        conf = self.lab.certbot_dir / "renewal" / f"{NAME}.conf"
        before = conf.read_text()
        conf.write_text(before.replace("reuse_key = True\n", ""))
        try:
            self.assert_found("reuse-key-lost", "WARNING")
        finally:
            conf.write_text(before)

    def test_the_deploy_hook_is_missing(self) -> None:
        hook = self.lab.certbot_dir / "renewal-hooks" / "deploy" / "danectl"
        hidden = hook.rename(self.lab.dir / "hook")
        try:
            self.assert_found("deploy-hook-missing", "WARNING")
        finally:
            hidden.rename(hook)

    def test_the_timer_has_died_or_never_was(self) -> None:
        path = self.lab.state_dir / "last-run"
        before = path.read_text()
        path.write_text((datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)).strftime("%FT%TZ\n"))
        self.assert_found("state-old", "WARNING", says="3 d")
        path.unlink()
        self.assert_found("state-old", "WARNING", says="never")
        path.write_text(before)

    def test_files_of_the_deployed_generation_are_damaged(self) -> None:
        path = live(self.lab, NAME) / "cert.pem"
        before = path.read_text()
        path.unlink()
        try:
            self.assert_found("deployed-files-damaged", "WARNING", says="cert.pem")
        finally:
            path.write_text(before)

    def test_nothing_is_deployed(self) -> None:
        link = self.lab.state_dir / "live" / NAME
        target = os.readlink(link)
        link.unlink()
        try:
            self.assert_found("not-deployed", "CRITICAL")
        finally:
            link.symlink_to(target)

    def test_certbots_lineage_is_damaged(self) -> None:
        conf = self.lab.certbot_dir / "renewal" / f"{NAME}.conf"
        hidden = conf.rename(self.lab.dir / "conf")
        try:
            self.assert_found("certbot-lineage-damaged", "WARNING")
        finally:
            hidden.rename(conf)

    def test_the_state_cannot_be_read(self) -> None:
        path = self.lab.state_dir / "lineages" / f"{NAME}.json"
        before = path.read_text()
        path.write_text("{")
        try:
            self.assert_found("not-readable", "UNKNOWN", says=path.name)
        finally:
            path.write_text(before)

    def test_a_new_issuer_that_the_2_1_1_records_do_not_cover(self) -> None:
        issuer = self.lab.dir / "issuer.pem"
        issuer.write_text((live(self.lab, NAME) / "chain.pem").read_text())
        record = f"2 1 1 {self.lab.openssl_spki(issuer)}"
        self.lab.add(OWNER, 3600, f"TLSA {record}")
        try:
            self.assertNotIn("new-issuer-not-published", self.found())
            self.lab.new_ca()
            self.lab.certbot("renew", "--force-renewal", "--cert-name", NAME, "--no-directory-hooks")
            self.assert_found("new-issuer-not-published", "WARNING")
        finally:
            self.lab.delete(OWNER, f"TLSA {record}")

    def test_what_is_pending_or_failed(self) -> None:
        path = self.lab.state_dir / "lineages" / f"{NAME}.json"
        before = path.read_text()
        document = json.loads(before)
        document["hook_error"] = "the state was locked for 60 s"
        path.write_text(json.dumps(document))
        try:
            self.assert_found("hook-failed", "WARNING", says="locked")
        finally:
            path.write_text(before)

    def test_an_unprivileged_user_has_no_finding_of_what_he_may_not_read(self) -> None:
        for folder in (self.lab.dir, self.lab.dir.parent, self.lab.state_dir, self.lab.config.parent):
            folder.chmod(0o755)
        result = run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", self.lab.program, "--config",
                      self.lab.config, "check", "--json"], env=self.lab.env, expect=None)
        self.assertEqual([f["id"] for f in json.loads(result.out)["findings"]], [], result)


class Rolling(unittest.TestCase):
    """A whole rollover with TTL 2: warnings there may be, critical is none of it."""

    def test_a_candidate_a_reload_and_a_publication_that_fail_and_a_rollover(self) -> None:
        with Lab() as lab:
            healthy_lineage(lab, NAME, "--probe", SMTP)
            lab.write_config(publish={"ttl": "2s"}, dns={"resolver": "recursive", "probe_timeout": "3s"})
            with MailServer(lab, chain_files=[live(lab, NAME) / "combined.pem"]) as mail:
                set_key(lab, NAME, "reload", [mail.reload_command])
                set_key(lab, NAME, "retire_after", "1s")
                set_key(lab, NAME, "rollover", "1s")
                self.seen: set[str] = set()
                lab.danectl("run")
                self.rolls_without_a_critical_finding(lab, promotions=2)

                # A key of certbot's own, which waits.
                set_key(lab, NAME, "rollover", "manual")
                configure(lab, publish={"method": "print"})
                lab.certbot("renew", "--force-renewal", "--new-key", "--cert-name", NAME)
                self.assertIn("candidate-waiting", self.uncritical(lab))

                # Publishing and reloading fail.
                lab.write_config(publish={"ttl": "2s", "key_file": str(lab.dir / "nowhere.key")},
                                 dns={"resolver": "recursive", "probe_timeout": "3s"})
                lab.danectl("run", expect=None)
                self.assertIn("publish-failed", self.uncritical(lab))
                lab.write_config(publish={"ttl": "2s"}, dns={"resolver": "recursive", "probe_timeout": "3s"})
                broken = lab.dir / "reload"
                broken.write_text("#!/bin/sh\nexit 1\n")
                broken.chmod(0o755)
                set_key(lab, NAME, "reload", [[str(broken)]])
                end = time.monotonic() + 40
                while "reload-pending" not in self.uncritical(lab):
                    self.assertLess(time.monotonic(), end)
                    lab.danectl("run", expect=None)
                set_key(lab, NAME, "reload", [mail.reload_command])
                lab.danectl("run", expect=None)
                self.assertNotIn("reload-pending", self.uncritical(lab))

    def rolls_without_a_critical_finding(self, lab: Lab, *, promotions: int) -> None:
        keys = {lab.openssl_spki(live(lab, NAME) / "cert.pem")}
        end = time.monotonic() + 90
        while len(keys) <= promotions:
            self.assertLess(time.monotonic(), end)
            lab.danectl("run", expect=None)
            self.uncritical(lab)
            keys.add(lab.openssl_spki(live(lab, NAME) / "cert.pem"))

    def uncritical(self, lab: Lab) -> set[str]:
        found = findings(lab)
        self.assertEqual([f for f in found if f["severity"] == "CRITICAL"], [])
        return {f["id"] for f in found}


if __name__ == "__main__":
    unittest.main()
