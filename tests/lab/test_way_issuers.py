"""The ways that name the CA: `2 1 1` of the issuer, with further issuers kept ahead, of the root, and beside `3 1 1`."""
from __future__ import annotations

import unittest
from collections.abc import Callable

from host import certbots_key, current_and_next, records_at, run_until, served_key, wait_for_caches
from lab import Lab, Result, run
from rollover import RolloverTest, install_hook, lineage_toml, live, owner_of, set_key, status
from watcher import CERTIFICATE, ROOT, Watcher

NAME = "mx.example.lab"
OWNER = owner_of(NAME)


def issuer_record(lab: Lab, certificate: str) -> str:
    """The record of a CA's certificate, by openssl's count."""
    path = lab.dir / "a-ca.pem"
    path.write_text(certificate)
    return f"2 1 1 {lab.openssl_spki(path)}"


def served_chain(lab: Lab) -> list[str]:
    return CERTIFICATE.findall((live(lab, NAME) / "fullchain.pem").read_text())


def renew(lab: Lab) -> None:
    lab.certbot("renew", "--cert-name", NAME, "--force-renewal")


def tidy_until(lab: Lab, what: str, wanted: Callable[[], set[str]]) -> None:
    """The record of an issuer may be another host's, too: without a probe only a person lets it go."""
    def tidy(_result: Result) -> bool:
        lab.danectl("retire", NAME, expect=None)
        return has_only(lab, wanted)
    run_until(lab, what, tidy)


def has_only(lab: Lab, wanted: Callable[[], set[str]]) -> bool:
    return all(records == wanted() for records in records_at(lab, OWNER))


class Issuers(RolloverTest):
    """A lineage enrolled with a profile; `run` publishes what it wants."""
    profile: tuple[str, ...]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.lab.issue(NAME)
        cls.lab.danectl("enroll", NAME, "--tlsa", OWNER, *(w for line in cls.profile for w in ("--profile", line)))
        install_hook(cls.lab, "deploy", f"exec {cls.lab.program} --config {cls.lab.config} deploy-hook")
        set_key(cls.lab, NAME, "reload", [["true"]])
        set_key(cls.lab, NAME, "retire_after", "1s")

    @classmethod
    def begin(cls, wanted: Callable[[], set[str]]) -> None:
        run_until(cls.lab, "all is published", lambda _result: has_only(cls.lab, wanted))
        wait_for_caches()

    def anchor(self, number: int = 1) -> str:
        return issuer_record(self.lab, served_chain(self.lab)[number])

    def run_until_served(self, what: str, served: Callable[[], bool]) -> None:
        results = run_until(self.lab, what, lambda _result: served())
        self.assertEqual([str(result) for result in results if result.err], [])


class TheIssuer(Issuers):
    profile = ("2 1 1",)

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.begin(lambda: {issuer_record(cls.lab, served_chain(cls.lab)[1])})

    def test_same_issuer_at_once_new_issuer_when_its_record_is_ready(self) -> None:
        lab = self.lab
        with Watcher(lab, NAME, profile=self.profile) as watcher:
            for _ca in range(2):
                before = served_key(lab, NAME)
                renew(lab)
                self.assertNotEqual(served_key(lab, NAME), before, "certbot's new key is served at once")
                self.assertEqual(served_key(lab, NAME), certbots_key(lab, NAME))

                lab.new_ca()
                old, kept = self.anchor(), served_key(lab, NAME)
                renew(lab)
                self.assertEqual(served_key(lab, NAME), kept)
                self.assertEqual(len(status(lab, NAME)["candidates"]), 1)
                self.run_until_served("the chain of the new issuer is served", lambda: self.anchor() != old)
                tidy_until(lab, "only the record of the new issuer is left", lambda: {self.anchor()})
        watcher.assert_found_nothing(self)
        self.assertEqual(len(watcher.relied_on), 3)
        self.assertIn("no key is staged", lab.danectl("stage", NAME).out)
        self.assertFalse((lab.state_dir / "next" / NAME).exists())

    def test_the_record_of_a_further_issuer_is_there_ahead_of_use(self) -> None:
        lab = self.lab
        coming = lab.dir / "coming"
        coming.mkdir()
        lab.new_ca()
        (coming / "backup.pem").write_text(lab.ca_certificate("intermediates"))
        set_key(lab, NAME, "issuers", [str(coming)])
        ahead = issuer_record(lab, (coming / "backup.pem").read_text())
        said = lab.danectl("issuers", NAME).out
        self.assertIn(f"    {ahead}\n      {OWNER}: missing\n", said)
        self.assertIn(f"    {self.anchor()}\n      {OWNER}: published\n", said)
        with Watcher(lab, NAME, profile=self.profile) as watcher:
            run_until(lab, "both are published", lambda _result: has_only(lab, lambda: {self.anchor(), ahead}))
            lab.wait_until("it is ready", lambda: f"{OWNER}: published" in lab.danectl("issuers", NAME).out)
            wait_for_caches()
            lab.danectl("run")
            renew(lab)
            self.run_until_served("the chain of the further issuer is served", lambda: self.anchor() == ahead)
        watcher.assert_found_nothing(self)
        set_key(lab, NAME, "issuers", [])
        tidy_until(lab, "one is left", lambda: {self.anchor()})

    def test_a_bad_file_in_a_folder_of_issuers_costs_that_file_alone(self) -> None:
        lab = self.lab
        folder = lab.dir / "filled-by-others"
        folder.mkdir()
        backup = folder / "backup.pem"
        good = lab.ca_certificate("roots")
        backup.write_text(good)
        set_key(lab, NAME, "issuers", [str(folder)])
        ahead = issuer_record(lab, good)
        run_until(lab, "both are published", lambda _result: has_only(lab, lambda: {self.anchor(), ahead}))
        backup.write_text("<html>503 Service Unavailable</html>\n")
        self.assertEqual(str(lab.danectl("run").err), "")
        self.assertIn(f'key "issuers": {backup}: ', lab.danectl("run", "-v").err)
        self.assertIn(f"`issuers`: {backup}: ", lab.danectl("check", NAME, expect=None).out)
        self.assertTrue(has_only(lab, lambda: {self.anchor(), ahead}), "what was known of it stays")
        backup.unlink()
        (folder / "other.pem").write_text(lab.ca_certificate("intermediates"))
        wanted = issuer_record(lab, lab.ca_certificate("intermediates"))
        tidy_until(lab, "the record that nobody wants any more has gone", lambda: {self.anchor(), wanted})
        set_key(lab, NAME, "issuers", [])
        tidy_until(lab, "one is left", lambda: {self.anchor()})

    def test_a_path_that_is_not_there_is_a_fault_of_the_configuration(self) -> None:
        lab = self.lab
        set_key(lab, NAME, "issuers", [str(lab.dir / "nowhere.pem")])
        self.assertRegex(lab.danectl("run", expect=2).err,
                         f'{lineage_toml(lab, NAME)}: key "issuers": .*nowhere.pem is not there')
        set_key(lab, NAME, "issuers", [])

    def test_the_first_record_at_an_owner_whose_host_the_certificate_does_not_name_is_held_back(self) -> None:
        lab = self.lab
        other = owner_of("mx2.example.lab")
        set_key(lab, NAME, "tlsa", [OWNER, other])
        try:
            refused = lab.danectl("publish", NAME, expect=75).err
            self.assertIn(f"not published at {other}", refused)
            self.assertIn("renew the certificate with mx2.example.lab in it", refused)
            lab.danectl("run")
            self.assertEqual([records for records in records_at(lab, other) if records], [])
        finally:
            set_key(lab, NAME, "tlsa", [OWNER])


class TheRoot(Issuers):
    profile = ("2 1 1",)

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.roots = cls.lab.dir / "roots.pem"
        cls.roots.write_text(cls.lab.ca_certificate("roots"))
        set_key(cls.lab, NAME, "append_root", str(cls.roots))

    def test_the_root_is_sent_and_is_what_the_record_names(self) -> None:
        lab = self.lab
        run_until(lab, "the root is sent", lambda _result: len(served_chain(lab)) == 3)
        tidy_until(lab, "only its record is there", lambda: {self.anchor(ROOT)})
        self.assertEqual(len(CERTIFICATE.findall((live(lab, NAME) / "combined.pem").read_text())), 3)
        self.assertEqual(len(CERTIFICATE.findall((lab.certbot_dir / "live" / NAME / "fullchain.pem").read_text())), 2)
        wait_for_caches()
        with Watcher(lab, NAME, profile=self.profile, anchor=ROOT) as watcher:
            for _ca in range(2):
                before = served_key(lab, NAME)
                renew(lab)
                self.assertNotEqual(served_key(lab, NAME), before)
                self.assertEqual(len(served_chain(lab)), 3)

                lab.new_ca()
                old, kept = self.anchor(ROOT), served_key(lab, NAME)
                renew(lab)
                lab.danectl("run", expect=None)
                self.assertEqual(served_key(lab, NAME), kept)
                self.assertIn("no root in append_root", lab.danectl("status", NAME).out)
                self.roots.write_text(self.roots.read_text() + lab.ca_certificate("roots"))
                renew(lab)
                run_until(lab, "the chain that the new root closes is served",
                          lambda _result, old=old: self.anchor(ROOT) != old)
                tidy_until(lab, "only its record is left", lambda: {self.anchor(ROOT)})
        watcher.assert_found_nothing(self)
        self.assertEqual(len(watcher.relied_on), 3)
        self.assert_verifies()

    def assert_verifies(self) -> None:
        """danectl's own `verify`, and openssl with the root alone."""
        lab, chain = self.lab, live(self.lab, NAME) / "fullchain.pem"
        self.assertIn("depth 2", lab.danectl("verify", str(chain), "--owner", OWNER, "--name", NAME).out)
        without = lab.certbot_dir / "live" / NAME / "fullchain.pem"
        self.assertIn("2 1 1", lab.danectl("verify", str(without), "--owner", OWNER, "--name", NAME, expect=1).out)
        run(["openssl", "verify", "-CAfile", self.roots, "-untrusted", chain, chain])

    def test_roots_that_a_user_may_not_read_are_unknown_to_who_only_looks(self) -> None:
        lab = self.lab

        def as_nobody(verb: str) -> Result:
            return run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", lab.program, "--config",
                        lab.config, verb], env=lab.env, expect=None)
        self.roots.chmod(0o600)
        try:
            looked, acted = as_nobody("status"), as_nobody("run")
        finally:
            self.roots.chmod(0o644)
        self.assertEqual((looked.code, acted.code), (0, 2))
        for result in (looked, acted):
            self.assertIn(f'key "append_root": cannot read {self.roots}: Permission denied', result.err)

    def test_what_is_no_root_is_refused(self) -> None:
        lab = self.lab
        no_root = lab.dir / "no-root.pem"
        no_root.write_text(lab.ca_certificate("intermediates"))
        set_key(lab, NAME, "append_root", str(no_root))
        self.assertRegex(lab.danectl("run", expect=2).err, "is not self-signed, so no root")
        set_key(lab, NAME, "append_root", str(self.roots))


class KeyAndIssuer(Issuers):
    profile = ("3 1 1", "2 1 1")

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.begin(lambda: wanted_of_both(cls.lab))

    def test_it_rolls_keys_and_waits_for_both_records_when_the_issuer_changes(self) -> None:
        lab = self.lab
        with Watcher(lab, NAME, profile=self.profile) as watcher:
            watcher.wait_for_a_look()
            for _ca in range(2):
                set_key(lab, NAME, "rollover", "1s")
                promotions = len(watcher.served)
                self.run_until_served("the next key is served", lambda n=promotions: len(watcher.served) > n)
                set_key(lab, NAME, "rollover", "90d")
                lab.new_ca()
                old, kept = self.anchor(), served_key(lab, NAME)
                renew(lab)
                self.assertEqual(self.anchor(), old)
                self.run_until_served("the chain of the new issuer is served", lambda old=old: self.anchor() != old)
                self.assertEqual(served_key(lab, NAME), kept, "the same key from another issuer")
                tidy_until(lab, "nothing retires", lambda: wanted_of_both(lab))
        watcher.assert_found_nothing(self)
        self.assertGreaterEqual(len(watcher.relied_on), 5)

    def test_a_next_key_that_a_new_issuer_signs_waits_for_that_one(self) -> None:
        lab = self.lab
        with Watcher(lab, NAME, profile=self.profile) as watcher:
            lab.new_ca()
            before, old = served_key(lab, NAME), self.anchor()
            run_until(lab, "the next key is ready", lambda _result: status(lab, NAME)["next"]["state"] == "ready")
            lab.danectl("promote", NAME, expect=75)
            self.assertEqual(served_key(lab, NAME), before)
            (candidate,) = status(lab, NAME)["candidates"]
            self.assertEqual(candidate["from"], "issued")
            set_key(lab, NAME, "rollover", "1s")
            run_until(lab, "it is served", lambda _result: served_key(lab, NAME) != before)
            self.assertNotEqual(self.anchor(), old)
            set_key(lab, NAME, "rollover", "90d")
            tidy_until(lab, "nothing retires", lambda: wanted_of_both(lab))
        watcher.assert_found_nothing(self)


def wanted_of_both(lab: Lab) -> set[str]:
    return current_and_next(lab, NAME) | {issuer_record(lab, served_chain(lab)[1])}


if __name__ == "__main__":
    unittest.main()
