"""The watcher of the other tests sees what it is there for: here it is shown each kind of breach, without danectl."""
from __future__ import annotations

import os
import time
import unittest
from pathlib import Path

from lab import Lab, run
from rollover import owner_of
from watcher import NAME_SERVERS, Watcher

QUIET, GONE, EARLY, UNKNOWN, MIXED, TAKEN, HALF = (f"{word}.example.lab" for word in (
    "quiet", "gone", "early", "unknown", "mixed", "taken", "half"))


class Breaches(unittest.TestCase):
    """Each lineage has generation 1 live, a next key, and the records of both published two TTLs ago."""
    lab: Lab

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        cls.spki: dict[str, str] = {}
        for name in (QUIET, GONE, EARLY, UNKNOWN, MIXED, TAKEN, HALF):
            for number in (1, 2):
                cls.make_generation(name, number)
            cls.switch(name, 1)
            staged = cls.lab.state_dir / "next" / name / "privkey.pem"
            staged.parent.mkdir(parents=True)
            staged.write_text((cls.folder(name, 2) / "privkey.pem").read_text())
            cls.publish(name, 1)
            if name not in (EARLY, UNKNOWN):
                cls.publish(name, 2)
        time.sleep(5)

    @classmethod
    def folder(cls, name: str, number: int) -> Path:
        return cls.lab.state_dir / "generations" / name / f"{number:04}"

    @classmethod
    def make_generation(cls, name: str, number: int) -> None:
        folder = cls.folder(name, number)
        folder.mkdir(parents=True)
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             f"/CN={name}", "-keyout", folder / "privkey.pem", "-out", folder / "cert.pem"])
        key, chain = (folder / "privkey.pem").read_text(), (folder / "cert.pem").read_text()
        (folder / "fullchain.pem").write_text(chain)
        (folder / "combined.pem").write_text(key + chain)

    @classmethod
    def switch(cls, name: str, number: int) -> None:
        link = cls.lab.state_dir / "live" / name
        link.parent.mkdir(exist_ok=True)
        new = link.with_suffix(".new")
        new.symlink_to(f"../generations/{name}/{number:04}")
        os.rename(new, link)

    @classmethod
    def record(cls, name: str, number: int) -> str:
        return f"TLSA 3 1 1 {cls.lab.openssl_spki(cls.folder(name, number) / 'cert.pem')}"

    @classmethod
    def publish(cls, name: str, number: int) -> None:
        cls.lab.add(owner_of(name), 2, cls.record(name, number))

    def assert_found(self, watcher: Watcher, *expected: str) -> None:
        """On each server these, and nothing else."""
        self.assertEqual(len(watcher.findings), len(expected) * len(NAME_SERVERS), watcher.findings)
        for what in expected:
            for server in NAME_SERVERS:
                self.assertTrue(any(what in finding and server in finding for finding in watcher.findings),
                                watcher.findings)

    def test_a_key_that_was_published_long_ago_may_be_switched_to(self) -> None:
        with Watcher(self.lab, QUIET) as watcher:
            watcher.wait_for_a_look()
            self.switch(QUIET, 2)
            watcher.wait_for_a_look()
            self.lab.delete(owner_of(QUIET), self.record(QUIET, 1))
            while min(watcher.answers.values()) <= 10:
                watcher.wait_for_a_look()
        watcher.assert_found_nothing(self)
        self.assertEqual([f"TLSA 3 1 1 {key}" for key in watcher.served],
                         [self.record(QUIET, 1), self.record(QUIET, 2)])

    def test_a_record_that_is_gone_for_a_moment_is_found(self) -> None:
        with Watcher(self.lab, GONE) as watcher:
            watcher.wait_for_a_look()
            self.lab.delete(owner_of(GONE), self.record(GONE, 1))
            watcher.wait_for_a_look()
            self.publish(GONE, 1)
            watcher.wait_for_a_look()
        self.assert_found(watcher, "has no record of", "has lost the record of", "within the last two TTLs")

    def test_a_key_that_was_published_just_now_is_found(self) -> None:
        with Watcher(self.lab, EARLY) as watcher:
            watcher.wait_for_a_look()
            self.publish(EARLY, 2)
            self.switch(EARLY, 2)
            watcher.wait_for_a_look()
        self.assert_found(watcher, "within the last two TTLs")

    def test_a_key_that_was_never_published_is_found(self) -> None:
        with Watcher(self.lab, UNKNOWN) as watcher:
            watcher.wait_for_a_look()
            self.switch(UNKNOWN, 2)
            watcher.wait_for_a_look()
        self.assert_found(watcher, "has no record of", "within the last two TTLs")

    def test_files_that_do_not_belong_together_are_found(self) -> None:
        (self.folder(MIXED, 2) / "cert.pem").write_text((self.folder(MIXED, 1) / "cert.pem").read_text())
        (self.folder(MIXED, 2) / "combined.pem").unlink()
        with Watcher(self.lab, MIXED) as watcher:
            self.switch(MIXED, 2)
            watcher.wait_for_a_look()
        self.assertEqual([finding.partition(": ")[2] for finding in watcher.findings], [
            "0002: combined.pem is missing", "0002: the key does not fit cert.pem",
            "0002: combined.pem is another pair"])

    def test_a_next_keys_record_that_is_taken_away_is_found(self) -> None:
        with Watcher(self.lab, TAKEN) as watcher:
            watcher.wait_for_a_look()
            self.lab.delete(owner_of(TAKEN), self.record(TAKEN, 2))
            watcher.wait_for_a_look()
        self.assert_found(watcher, "has lost the record of")

    def test_a_digest_of_the_profile_that_is_missing_is_found(self) -> None:
        with Watcher(self.lab, HALF, profile=("3 1 1", "3 1 2")) as watcher:
            watcher.wait_for_a_look()
        self.assert_found(watcher, "has no record of 3 1 2", "within the last two TTLs")


if __name__ == "__main__":
    unittest.main()
