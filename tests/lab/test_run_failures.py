"""`danectl run` while something is down, stale or full: it says what, touches nothing, and later finishes."""
from __future__ import annotations

import contextlib
import socket
import unittest
from collections.abc import Iterator

from full_disk import Disk
from host import (Host, certbots_key, current_and_next, has_current_and_next_only, hosts_for, records_at, run_until,
                  run_until_it_fails, run_until_ready, served_key, untouched, wait_for_caches)
from lab import run
from rollover import RolloverTest, certbot_live, enroll, live, next_key, owner_of, set_key, status

DOWN, HUNG, STALE, READY, KEPT, FULL = (f"{word}.example.lab" for word in (
    "down", "hung", "stale", "ready", "kept", "full"))
NOBODY, SILENT = "127.0.0.99", "127.0.0.98"  # as primaries that take updates


@contextlib.contextmanager
def silent_server(address: str) -> Iterator[None]:
    """Takes what comes to port 53 and never answers."""
    with contextlib.ExitStack() as stack:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            server = stack.enter_context(socket.socket(socket.AF_INET, kind))
            server.bind((address, 53))
            if kind == socket.SOCK_STREAM:
                server.listen()
        yield


class Failures(RolloverTest):
    """A host for each case, enrolled, with no records yet, but for the two whose next key is ready."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.hosts = hosts_for(cls.lab, [DOWN, HUNG, STALE, READY, KEPT], "--reload", "true", rollover="1s",
                              retire_after="1s")
        for name in (READY, KEPT):
            set_key(cls.hosts[name], name, "rollover", "90d")
            run_until_ready(cls.hosts[name], name)
        set_key(cls.hosts[READY], READY, "rollover", "1s")

    def assert_rolls_on(self, name: str) -> None:
        """Nothing is left of the trouble: a promotion comes about, and the records of before go."""
        host = self.hosts[name]
        before = served_key(host, name)
        run_until(host, "a promotion", lambda _result: served_key(host, name) != before)
        set_key(host, name, "rollover", "90d")
        run_until(host, "current and next only", lambda _result: has_current_and_next_only(host, name))
        self.assertEqual(certbots_key(host, name), served_key(host, name))

    def test_a_primary_that_takes_no_updates_is_named(self) -> None:
        host = self.hosts[DOWN]
        host.write_config(publish={"server": NOBODY})
        with untouched(host):
            said = run_until_it_fails(host).err
        self.assertRegex(said, f"not published at {owner_of(DOWN)}: nothing listens on the server's port(?s:.*)"
                               "is the primary up")
        staged = next_key(host, DOWN).read_text()
        with untouched(host):
            run_until_it_fails(host)
        self.assertEqual(next_key(host, DOWN).read_text(), staged)
        host.write_config()
        self.assert_rolls_on(DOWN)

    def test_a_name_server_that_is_down_holds_every_change_and_is_named(self) -> None:
        host = self.hosts[READY]
        self.lab.kill("ns1")
        try:
            with untouched(host):
                self.assertEqual(host.danectl("run").out, "")
                self.assertRegex(host.danectl("-v", "run").err, "wait for DNS|ns1.example.lab|the resolver")
            fresh = self.hosts[STALE]
            with untouched(fresh):
                result = fresh.danectl("run")
                self.assertEqual(result.err, "")
                self.assertNotIn("published", result.out)
                said = fresh.danectl("publish", STALE, expect=75).err
                # The resolver may give what it has without signatures while one of its two servers is gone.
                self.assertRegex(said, r"ns1\.example\.lab|the resolver|no signatures from 127\.0\.0\.53")
        finally:
            self.lab.start("ns1")
        self.assert_rolls_on(READY)

    def test_a_primary_that_hangs_is_named(self) -> None:
        host = self.hosts[HUNG]
        host.write_config(publish={"server": SILENT})
        with silent_server(SILENT), untouched(host):
            said = run_until_it_fails(host).err
            self.assertRegex(said, f"not published at {owner_of(HUNG)}: the server does not answer")
        host.write_config()
        run_until(host, "published", lambda _result: has_current_and_next_only(host, HUNG))

    def test_a_stale_secondary_holds_the_promotion_and_is_named(self) -> None:
        host = self.hosts[STALE]
        with self.lab.secondary_frozen():
            self.assertIn(f"published at {owner_of(STALE)}", host.danectl("run").out)
            with untouched(host):
                wait_for_caches()
                result = host.danectl("run")
                self.assertEqual((result.out, result.err), ("", ""))
            self.assertEqual(status(host, STALE)["next"]["state"], "staged")
            self.assertEqual(records_at(self.lab, owner_of(STALE)), [current_and_next(host, STALE), set()])
            told = host.danectl("-v", "run")
            self.assertRegex(told.err, f"{STALE}: .*not every authoritative server has")
            self.assertIn("ns2.example.lab", host.danectl("status", STALE).out)
        self.assert_rolls_on(STALE)

    def test_a_stale_secondary_holds_a_deletion_and_that_is_no_failure(self) -> None:
        host = self.hosts[KEPT]
        discarded = f"3 1 1 {host.openssl_spki(next_key(host, KEPT))}"
        with self.lab.secondary_frozen():
            host.danectl("discard", KEPT)
            for _run in range(2):
                self.assertEqual(host.danectl("run").err, "")
        self.assertNotIn(discarded, current_and_next(host, KEPT))
        run_until(host, "current and next only", lambda _result: has_current_and_next_only(host, KEPT))


class FullDisk(RolloverTest):

    def test_a_full_disk_is_named_and_leaves_nothing_by_halves(self) -> None:
        host = Host(self.lab, "full")
        disk = Disk(host.state_dir)
        self.addCleanup(run, ["umount", host.state_dir])
        enroll(host, FULL, "--reload", "true")
        set_key(host, FULL, "retire_after", "1s")
        with disk.full_but_for(0), untouched(host):
            before = self.files_of(host)
            self.assertIn("No space left", host.danectl("run", expect=1).err)
            self.assertEqual(self.files_of(host), before)
        self.assertEqual(host.dig(owner_of(FULL), "TLSA", "127.0.0.31").records, [])
        run_until_ready(host, FULL)

        old, staged = served_key(host, FULL), host.openssl_spki(next_key(host, FULL))
        host.danectl("stage", FULL, "--issue")  # certbot is not started on a disk without room
        set_key(host, FULL, "rollover", "1s")
        for pages in (0, 1, 3, 6, 9, 12, 15, 18, 22, 28):
            with self.subTest(free_pages=pages), disk.full_but_for(pages):
                result = host.danectl("run", expect=None)
                if result.code == 0:
                    break
                self.assertEqual(result.code, 1, result)
                self.assertIn("No space left", result.err)
                self.assertIn(self.assert_is_whole(host), (old, staged))
                self.assertTrue(all({f"3 1 1 {old}", f"3 1 1 {staged}"} <= has for has in
                                    records_at(self.lab, owner_of(FULL))))
        run_until(host, f"{staged} is served", lambda _result: served_key(host, FULL) == staged)
        set_key(host, FULL, "rollover", "90d")
        run_until(host, "current and next only", lambda _result: has_current_and_next_only(host, FULL))
        self.assertEqual(certbots_key(host, FULL), served_key(host, FULL))
        self.assertEqual(self.assert_is_whole(host), served_key(host, FULL))

    def files_of(self, host: Host) -> dict[str, tuple[str, str]]:
        """A folder needs no room on this disk."""
        found = host.snapshot(host.state_dir)
        return {path: entry for path, entry in found.items() if not entry[0].startswith("d")}

    def assert_is_whole(self, host: Host) -> str:
        """In both folders the key fits its certificate; the key that is served."""
        for folder in (live(host, FULL), certbot_live(host, FULL)):
            keys = {host.openssl_spki(folder / f"{kind}.pem") for kind in ("privkey", "cert", "fullchain")}
            self.assertEqual(len(keys), 1, folder)
        combined = (live(host, FULL) / "combined.pem").read_text()
        self.assertTrue(combined.endswith((live(host, FULL) / "fullchain.pem").read_text()))
        return served_key(host, FULL)


class CaDown(RolloverTest):

    def test_a_ca_that_is_down_is_named_and_asked_again_by_the_next_run(self) -> None:
        lab, name = self.lab, "ca.example.lab"
        enroll(lab, name)
        lab.danectl("run")
        staged = lab.openssl_spki(next_key(lab, name))
        set_key(lab, name, "rollover", "1s")
        lab.kill("pebble")
        with self.untouched():
            for _run in range(2):
                self.assertRegex(run_until_it_fails(lab).err, f"{name}: .*(?i:connection|establish|refused)")
            self.assertIsNone(status(lab, name)["next_attempt_at"])
            self.assertEqual(lab.openssl_spki(next_key(lab, name)), staged)
        lab.new_ca()
        lab.danectl("run")
        self.assert_all_have(staged, name)


if __name__ == "__main__":
    unittest.main()
