"""Does every chain that is presented pass every RRset that is held? Cases in which a rule for each step has once held
mail: a digest that left the profile while a reload is pending, a renewal against records of somebody else's."""
from __future__ import annotations

import time
import unittest
from pathlib import Path

from host import Host, current_and_next, records_at, run_until, run_until_ready, served_key, wait_for_caches
from lab import Result
from rollover import (HOLD_DOWN, RolloverTest, certbot_live, enroll, install_hook, live, of_key, owner_of, set_key,
                      status)
from senders import Senders, record_of, short
from watcher import CERTIFICATE

BOTH, ONE = ("3 1 1", "3 1 2"), ("3 1 1",)


class FailingReload(RolloverTest):
    """A digest leaves the profile while the server still presents the key before: its records are known, and stay."""

    def promoted_without_reload(self, word: str) -> None:
        """With both digests the key K was published; the profile has one now, the next key is deployed, and K is what
        the server goes on presenting."""
        self.host, self.name = Host(self.lab, word), f"{word}.example.lab"
        host, name = self.host, self.name
        self.owner, self.loaded, self.broken = owner_of(name), host.dir / "loaded.pem", host.dir / "reload-is-broken"
        reload = host.dir / "reload"
        reload.write_text(f"#!/bin/sh\ntest ! -e {self.broken} || {{ echo 'no reload today' >&2; exit 3; }}\n"
                          f'cp "$DANECTL_LIVE/combined.pem" {self.loaded}\n')
        reload.chmod(0o755)
        enroll(host, name, *(word for line in BOTH for word in ("--profile", line)))
        self.loaded.write_text((live(host, name) / "combined.pem").read_text())
        set_key(host, name, "reload", [[str(reload)]])
        set_key(host, name, "retire_after", "1s")
        run_until(host, "all is published", lambda _result: self.has_only(current_and_next(host, name, BOTH)))
        wait_for_caches()
        run_until_ready(host, name)
        (certificate,) = CERTIFICATE.findall(self.loaded.read_text())[:1]
        self.before = {line: record_of(line, certificate) for line in BOTH}

        self.broken.touch()
        set_key(host, name, "profile", list(ONE))
        self.assertIn("no reload today", host.danectl("promote", name, expect=1).err)
        self.assertNotIn(served_key(host, name), self.before["3 1 1"])

    def has_only(self, records: set[str]) -> bool:
        return all(published == records for published in records_at(self.lab, self.owner))

    def senders(self) -> Senders:
        """The server may load what is live at any time, and has loaded what it presents."""
        presented = {"the server": self.loaded, "a server started now": live(self.host, self.name) / "fullchain.pem"}
        return Senders(self.lab, self.owner, presented, BOTH)

    def assert_still_there(self, result: Result | None = None) -> None:
        for published in records_at(self.lab, self.owner):
            self.assertLessEqual(set(self.before.values()), published, result)

    def assert_goes_by_itself_once_the_reload_works(self) -> None:
        self.broken.unlink()
        self.assertIn("reloaded", self.host.danectl("run").out)
        run_until(self.host, "current and next are left, by one digest",
                  lambda _result: self.has_only(current_and_next(self.host, self.name)))
        self.assertEqual(status(self.host, self.name)["retiring"], [])

    def test_the_record_is_known_as_that_of_the_key_before(self) -> None:
        self.promoted_without_reload("known")
        shown = status(self.host, self.name)
        self.assertEqual({entry["record"] for entry in shown["retiring"]} & set(self.before.values()),
                         set(self.before.values()), shown)
        self.assertIsNotNone(shown["reload_pending_since"])
        self.assertNotIn("no lineage here knows", self.host.danectl("status", self.name).out)
        self.assertEqual([line for line in self.host.danectl("records", self.name).out.splitlines()
                          if self.before["3 1 2"] in line and line.startswith(";")], [], "it is no comment")

    def test_foreign_does_not_delete_it(self) -> None:
        self.promoted_without_reload("foreign")
        with self.senders() as senders:
            senders.wait_for_a_look()
            for args in (["--foreign", self.before["3 1 2"]], ["--foreign", self.before["3 1 2"], "--now"]):
                refused = self.host.danectl("retire", self.name, *args, expect=75)
                self.assertIn(self.name, refused.err)
                self.assert_still_there(refused)
            senders.wait_for_a_look()
            self.assert_goes_by_itself_once_the_reload_works()
        senders.assert_no_mail_held(self)

    def test_neither_run_nor_retire_deletes_it_while_the_reload_is_pending(self) -> None:
        self.promoted_without_reload("pending")
        with self.senders() as senders:
            senders.wait_for_a_look()
            end = time.monotonic() + HOLD_DOWN + 2  # longer than retire_after
            while time.monotonic() < end:
                self.assert_still_there(self.host.danectl("run", expect=1))
            self.assert_still_there(self.host.danectl("retire", self.name, expect=75))
            self.assert_still_there(self.host.danectl("retire", self.name, "--now", expect=75))
            self.assert_goes_by_itself_once_the_reload_works()
        senders.assert_no_mail_held(self)


class LaterReload(RolloverTest):
    """Without `reload` and `probe` nothing tells that the server has the new key. A command that is set later tells it
    once it has run."""

    def test_a_reload_that_is_set_later_runs_before_the_record_goes(self) -> None:
        host, name = Host(self.lab, "later"), "later.example.lab"
        loaded, reload = host.dir / "loaded.pem", host.dir / "reload"
        reload.write_text(f'#!/bin/sh\ncp "$DANECTL_LIVE/combined.pem" {loaded}\n')
        reload.chmod(0o755)
        enroll(host, name)
        loaded.write_text((live(host, name) / "combined.pem").read_text())
        set_key(host, name, "retire_after", "1s")
        published = lambda: records_at(self.lab, owner_of(name))
        wanted = lambda _result: all(records == current_and_next(host, name) for records in published())
        run_until(host, "both keys are published", wanted)
        wait_for_caches()
        run_until_ready(host, name)
        before = record_of("3 1 1", CERTIFICATE.findall(loaded.read_text())[0])
        with Senders(self.lab, owner_of(name), {"the server": loaded}) as senders:
            host.danectl("promote", name)
            end = time.monotonic() + HOLD_DOWN + 2  # longer than retire_after
            while time.monotonic() < end:
                kept = host.danectl("run")
                self.assertTrue(all(before in records for records in published()), kept)
            set_key(host, name, "reload", [[str(reload)]])
            self.assertIn("reloaded", host.danectl("run").out)
            run_until(host, "current and next are left", wanted)
            senders.wait_for_a_look()
        senders.assert_no_mail_held(self)


class Renewals(RolloverTest):
    """Somebody has published a record that is not of the profile and that the certificate of now matches. A renewal
    keeps the key and loses the match: to adopt it at once would hold mail."""

    def begin(self, word: str, kind: str, *, hook: bool = True) -> None:
        self.host, self.name = Host(self.lab, word), f"{word}.example.lab"
        self.owner = owner_of(self.name)
        self.host.issue(self.name)
        chain = CERTIFICATE.findall((certbot_live(self.host, self.name) / "fullchain.pem").read_text())
        self.theirs = record_of(kind, chain[0 if kind.startswith("3") else 1])
        self.lab.add(self.owner, 2, f"TLSA {self.theirs}")
        self.host.danectl("enroll", self.name, "--tlsa", self.owner, "--reload", "true")
        if hook:
            install_hook(self.host, "deploy", f"exec {self.host.program} --config {self.host.config} deploy-hook")

    def chain(self, folder: Path) -> str:
        return (folder / "fullchain.pem").read_text()

    def renew(self) -> None:
        self.host.certbot("renew", "--cert-name", self.name, "--force-renewal")

    def renewed_and_waits(self, senders: Senders) -> str:
        """The chain that certbot has now, with the key that is served."""
        before = self.chain(live(self.host, self.name))
        self.renew()
        renewed = self.chain(certbot_live(self.host, self.name))
        self.assertNotEqual(renewed, before)
        self.assertEqual(self.host.openssl_spki(certbot_live(self.host, self.name) / "cert.pem"),
                         served_key(self.host, self.name), "the same key")
        senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        self.assertTrue(self.chain(live(self.host, self.name)) == before, f"{short({self.theirs})} names the old one")
        return renewed

    def waits_for_the_profile(self, word: str, kind: str, *, new_ca: bool = False, hook: bool = True) -> None:
        self.begin(word, kind, hook=hook)
        host, name = self.host, self.name
        if new_ca:
            host.new_ca()
        with Senders(self.lab, self.owner, {"mx": live(host, name) / "fullchain.pem"}) as senders:
            senders.wait_for_a_look()
            renewed = self.renewed_and_waits(senders)
            host.write_config(publish={"method": "print"})
            for _run in range(3):  # nothing is published, so however long it waits
                host.danectl("run")
                time.sleep(1)
                senders.assert_no_mail_held(self)
            self.assertTrue(self.chain(live(host, name)) != renewed, "not before its records have been published")
            (candidate,) = status(host, name)["candidates"]
            self.assertEqual(candidate["from"], "certbot")
            host.write_config()
            results = run_until(host, "the renewed chain is served",
                                lambda _result: self.chain(live(host, name)) == renewed)
            senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        self.assertGreater(len(results), 1, "the record of the profile alone does not do: there is the hold-down")
        for published in records_at(self.lab, self.owner):
            self.assertIn(of_key(self.lab, live(host, name) / "cert.pem"), published)
            self.assertIn(self.theirs, published, "nobody has deleted what is somebody else's, or may be")
        self.assertEqual(status(host, name)["candidates"], [])

    def test_of_the_certificate(self) -> None:
        self.waits_for_the_profile("whole", "3 0 1")

    def test_of_the_certificate_by_the_stronger_digest(self) -> None:
        self.waits_for_the_profile("strong", "3 0 2")

    def test_of_the_certificate_without_the_hook(self) -> None:
        # `run` finds what certbot has renewed.
        self.waits_for_the_profile("nohook", "3 0 1", hook=False)

    def test_of_the_issuers_certificate(self) -> None:
        self.waits_for_the_profile("wholeca", "2 0 1", new_ca=True)

    def test_of_the_issuers_key(self) -> None:
        self.waits_for_the_profile("ca", "2 1 1", new_ca=True)

    def test_of_the_issuers_key_by_the_stronger_digest(self) -> None:
        self.waits_for_the_profile("strongca", "2 1 2", new_ca=True)

    def test_the_same_issuer_is_adopted_at_once(self) -> None:
        # What waits above waits for a reason: here the renewed chain passes as well.
        self.begin("same", "2 1 1")
        with Senders(self.lab, self.owner, {"mx": live(self.host, self.name) / "fullchain.pem"}) as senders:
            senders.wait_for_a_look()
            self.renew()
            self.assertEqual(self.chain(live(self.host, self.name)), self.chain(certbot_live(self.host, self.name)))
            senders.wait_for_a_look()
        senders.assert_no_mail_held(self)


if __name__ == "__main__":
    unittest.main()
