"""Promise 2, never remove early: what holds the deletion of the record of the key before, with a real Postfix."""
from __future__ import annotations

import shutil
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from host import Host, run_until
from lab import Result
from lab_mail import MailServer
from rollover import (RolloverTest, enroll, live, next_key, of_key, owner_of, records_at, retires_nothing,
                      set_key, status, wait_ready)

HOST = "mx.example.lab"
PORTS = {"presented": 2501, "down": 2502, "now": 2503, "stolen": 2504}  # a lineage each, and a port of Postfix
QUIET = "quiet.example.lab"      # neither reload nor probe
RELOADED = "reload.example.lab"  # a reload, no probe
NOBODY_LISTENS = 2599
FOREIGN = "3 1 1 " + "ee" * 32


class Retire(RolloverTest):
    """All lineages were promoted once, and every `reload` seemed to succeed; but Postfix has what it had. Each has
    a host of its own, which `self.lab` is within a case."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.hosts = {name: Host(cls.lab, name) for name in [*PORTS, QUIET, RELOADED]}
        with ThreadPoolExecutor() as pool:
            list(pool.map(cls.enroll, cls.hosts))
            # Copies, since a new process of Postfix's would read live/NAME without any reload.
            services = [f"{port} inet n - n - - smtpd -o smtpd_tls_chain_files={cls.copy(name)}"
                        for name, port in PORTS.items()]
            cls.mail = cls.enterClassContext(MailServer(cls.lab, chain_files=[cls.copy("now")], services=services))
            list(pool.map(cls.promote, cls.hosts))

    @classmethod
    def enroll(cls, name: str) -> None:
        host = cls.hosts[name]
        if name in PORTS:
            host.issue(name, HOST)
            host.danectl("enroll", name, "--probe", f"smtp://{HOST}:{PORTS[name]}", "--reload", "true")
        else:
            enroll(host, name, *(["--reload", "true"] if name == RELOADED else []))
        host.danectl("stage", name)

    @classmethod
    def promote(cls, name: str) -> None:
        host = cls.hosts[name]
        set_key(host, name, "retire_after", "1d" if name in ("now", "stolen", RELOADED) else "0s")
        host.danectl("publish", name)
        wait_ready(host, name)
        host.danectl("promote", name)
        host.danectl("publish", name)

    def on(self, name: str) -> str:
        self.lab = self.hosts[name]
        return name

    @classmethod
    def copy(cls, name: str) -> Path:
        return Path(shutil.copy(live(cls.hosts[name], name) / "combined.pem", cls.lab.dir / f"{name}.pem"))

    def load(self, name: str) -> None:
        """The reload that should have been."""
        self.copy(name)
        self.mail.reload()

    def owner(self, name: str) -> str:
        return owner_of(HOST).replace("25", str(PORTS[name])) if name in PORTS else owner_of(name)

    def before(self, name: str) -> str:
        """The record of the key before, which is that of generation 1."""
        return of_key(self.lab, self.lab.state_dir / "generations" / name / "0001" / "cert.pem")

    def has_before(self, name: str) -> bool:
        return self.before(name) in records_at(self.lab, self.owner(name))

    def kept(self, *args: str, expect: int) -> Result:
        """The record of the key before is still there afterwards; danectl's call is `args`, with the name second."""
        result = self.lab.danectl(*args, expect=expect)
        self.assertTrue(self.has_before(args[1]), result)
        self.assertNotIn("deleted", result.out)
        return result

    def deleted(self, *args: str) -> None:
        result = self.lab.danectl(*args)
        self.assertIn(f"deleted at {self.owner(args[1])}", result.out)
        self.lab.wait_until("it is deleted", lambda: not self.has_before(args[1]))
        self.lab.wait_until("nothing retires", lambda: retires_nothing(self.lab, args[1]))
        self.assertIn(of_key(self.lab, live(self.lab, args[1]) / "cert.pem"), records_at(self.lab, self.owner(args[1])))

    def test_a_server_that_still_presents_the_old_key_holds_its_record_until_it_is_reloaded(self) -> None:
        name = self.on("presented")
        message = self.kept("retire", name, expect=75).err
        self.assertIn("still presents", message)
        self.assertIn(self.owner(name), message)
        self.lab.danectl("run")
        self.lab.danectl("publish", name)
        self.assertTrue(self.has_before(name))
        self.kept("retire", name, "--dry-run", expect=0)
        self.load(name)
        self.deleted("retire", name)
        self.assertEqual(self.lab.danectl("retire", name).out, "")

    def test_a_server_that_is_down_holds_the_record(self) -> None:
        name = self.on("down")
        self.load(name)
        set_key(self.lab, name, "probe", [f"smtp://{HOST}:{NOBODY_LISTENS}"])
        message = self.kept("retire", name, expect=75).err
        self.assertIn("not known", message)
        self.assertIn(f"smtp://{HOST}:{NOBODY_LISTENS} (127.0.0.25)", message)
        self.lab.danectl("run")
        self.assertTrue(self.has_before(name))
        set_key(self.lab, name, "probe", [f"smtp://{HOST}:{PORTS[name]}"])
        run_until(self.lab, "it deletes", lambda result: "deleted" in result.out)
        self.lab.wait_until("it is deleted", lambda: not self.has_before(name))

    def test_now_skips_retire_after_and_nothing_else(self) -> None:
        name = self.on("now")
        self.assertIn("retire_after", self.kept("retire", name, expect=0).out)
        self.lab.danectl("run")
        self.kept("retire", name, "--dry-run", expect=0)
        self.assertIn("still presents", self.kept("retire", name, "--now", expect=75).err)
        self.load(name)
        would = self.kept("retire", name, "--now", "--dry-run", expect=0)
        self.assertIn(f"would delete {self.owner(name)}", would.out)
        self.deleted("retire", name, "--now")

    def test_what_now_deleted_does_not_come_back_when_a_slow_secondary_has_followed(self) -> None:
        name = self.on("stolen")
        self.load(name)
        with type(self).lab.secondary_frozen():
            self.assertIn("deleted", self.lab.danectl("retire", name, "--now").out)
            self.assertFalse(self.has_before(name))
            self.assertEqual(self.lab.danectl("run").out, "")
        for _run in range(3):
            self.assertEqual(self.lab.danectl("run").out, "")
            self.assertFalse(self.has_before(name))
        self.assertEqual(status(self.lab, name)["retiring"], [])

    def test_without_reload_and_probe_only_a_person_deletes(self) -> None:
        self.on(QUIET)
        for args in (["run"], ["retire"], ["publish"]):
            self.lab.danectl(*args)
            self.assertTrue(self.has_before(QUIET), args)
        self.assertIn(f"danectl retire {QUIET}", self.lab.danectl("status", QUIET).out)
        before = self.lab.snapshot(self.lab.state_dir)
        self.assertIn(f"would delete {self.owner(QUIET)}", self.kept("retire", QUIET, "--dry-run", expect=0).out)
        self.assertEqual(before, self.lab.snapshot(self.lab.state_dir))
        self.deleted("retire", QUIET)

    def test_with_a_reload_run_deletes_and_foreign_deletes_just_that_record(self) -> None:
        name, owner = self.on(RELOADED), owner_of(RELOADED)
        self.lab.add(owner, 2, f"TLSA {FOREIGN}")
        self.assertIn("it is retiring", self.kept("retire", name, "--foreign", self.before(name), expect=75).err)
        set_key(self.lab, name, "retire_after", "0s")
        self.assertIn(f"deleted at {owner}", self.lab.danectl("run").out)
        self.lab.wait_until("it is deleted", lambda: not self.has_before(name))
        current = of_key(self.lab, live(self.lab, name) / "cert.pem")
        staged = of_key(self.lab, next_key(self.lab, name))
        set_key(self.lab, name, "retire_after", "1d")
        self.lab.wait_until("foreign is left alone",
                            lambda: set(records_at(self.lab, owner)) == {current, staged, FOREIGN})
        for record in (current, staged):
            refused = self.lab.danectl("retire", name, "--foreign", record, expect=75)
            self.assertIn("wanted", refused.err)
        self.lab.danectl("retire", "--foreign", FOREIGN, expect=2)
        self.lab.danectl("retire", name, "--foreign", "3 1 1 abc", expect=2)
        would = self.lab.danectl("retire", name, "--foreign", FOREIGN, "--dry-run")
        self.assertIn("would delete", would.out)
        self.assertEqual(set(records_at(self.lab, owner)), {current, staged, FOREIGN})
        self.lab.danectl("retire", name, "--foreign", FOREIGN.replace("ee", "EE"))
        self.lab.wait_until("just that one is deleted", lambda: set(records_at(self.lab, owner)) == {current, staged})


if __name__ == "__main__":
    unittest.main()
