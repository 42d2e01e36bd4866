"""A certificate that the CA has issued and nobody has: it counts against the CA's limits, so `run` does not ask again
at once. And what certbot had written before it was killed is used."""
from __future__ import annotations

import contextlib
import shutil
import time
import unittest
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

from breaking_ca import DIRECTORY, DOWNLOAD, FINALIZE, BreakingCa, hang_up, send_half
from full_disk import Disk
from host import Host, certbots_key, hosts_for, publish_by_run, run_until_ready, served_key, untouched
from lab import run
from rollover import RolloverTest, next_key, script, seconds, set_key, status

FINALIZED, DOWNLOADED, HALF, HUNG, REFUSED, KILLED, ALL_KILLED, BEGUN, CUT, NO_ROOM, FILLED, ALL_FULL = NAMES = [
    f"{word}.example.lab" for word in ("finalized", "downloaded", "half", "hung", "refused", "killed", "all-killed",
                                       "begun", "cut", "no-room", "filled", "all-full")]
GOT_NONE = "certbot got no certificate for the next key of"
NOT_NOTED = "but how it ended could not be noted"
NO_SPACE = "No space left on device"
RUNS = 4


class LostCertificate(RolloverTest):
    """A host for each case, whose next key is ready and due."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.ca = BreakingCa(cls.lab)
        cls.addClassCleanup(cls.ca.close)
        cls.hosts = hosts_for(cls.lab, NAMES, "--reload", "true", retire_after="1s")
        publish_by_run(cls.hosts)
        for name, host in cls.hosts.items():
            run_until_ready(host, name)
            set_key(host, name, "rollover", "1s")

    @contextlib.contextmanager
    def orders(self, expected: int) -> Iterator[None]:
        before = self.ca.orders
        yield
        self.assertEqual(self.ca.orders - before, expected, "orders")

    def assert_is_asked_once(self, name: str, reason: str) -> None:
        """The first run fails for this reason, the others wait and say nothing."""
        host = self.hosts[name]
        with untouched(host), self.orders(1):
            told = host.danectl("run", expect=1).err
            self.assertRegex(told, f"danectl: {name}: {GOT_NONE} {name}: .*{reason}")
            self.assertIn(f"/work/{name}/logs/letsencrypt.log", told)
            self.assertIn("`danectl run` asks again in 1 h", told)
            for _run in range(RUNS - 1):
                result = host.danectl("run")
                self.assertEqual((result.out, result.err), ("", ""))
        self.assertAlmostEqual(seconds(status(host, name)["next_attempt_at"]) - time.time(), 3600, delta=300)
        self.assertIn("ask the CA again", host.danectl("-v", "run").err)

    def assert_costs_nothing(self, name: str, reason: str) -> None:
        """Every run asks the CA anew, and none places an order."""
        host = self.hosts[name]
        with untouched(host), self.orders(0):
            for _run in range(RUNS):
                told = host.danectl("run", expect=1).err
                self.assertRegex(told, reason)
                self.assertNotIn("asks again", told)
                self.assertIsNone(status(host, name)["next_attempt_at"])

    def assert_next_run_deploys(self, name: str) -> None:
        staged = self.hosts[name].openssl_spki(next_key(self.hosts[name], name))
        with self.orders(1):
            self.hosts[name].danectl("run")
        self.assertEqual(served_key(self.hosts[name], name), staged)

    def assert_goes_on(self, name: str) -> None:
        """certbot renews with the key it has, and a person need not wait for the hour to end."""
        host = self.hosts[name]
        before, staged = served_key(host, name), host.openssl_spki(next_key(host, name))
        host.certbot("renew", "--cert-name", name, "--force-renewal")
        self.assertEqual(certbots_key(host, name), before)
        with self.orders(1):
            host.danectl("promote", name)
        self.assertEqual((served_key(host, name), certbots_key(host, name)), (staged, staged))
        self.assertIsNone(status(host, name)["next_attempt_at"])

    def test_the_answer_to_finalize_is_lost(self) -> None:
        with self.ca.breaking(FINALIZE, hang_up):
            self.assert_is_asked_once(FINALIZED, "Remote end closed connection")
        self.assert_goes_on(FINALIZED)

    def test_the_download_is_lost(self) -> None:
        with self.ca.breaking(DOWNLOAD, hang_up):
            self.assert_is_asked_once(DOWNLOADED, "Remote end closed connection")
        self.assert_goes_on(DOWNLOADED)

    def test_half_of_the_certificate_arrives(self) -> None:
        with self.ca.breaking(DOWNLOAD, send_half):
            self.assert_is_asked_once(HALF, "fullchain|IncompleteRead")
        self.assert_goes_on(HALF)

    def test_the_ca_hangs_when_it_should_issue(self) -> None:
        with self.ca.breaking(FINALIZE, self.ca.hang):
            self.assert_is_asked_once(HUNG, "Read timed out")
        self.assert_goes_on(HUNG)

    def test_a_connection_that_breaks_before_the_order_costs_nothing_so_every_run_asks(self) -> None:
        with self.ca.breaking(DIRECTORY, hang_up):
            self.assert_costs_nothing(REFUSED, f"{GOT_NONE} {REFUSED}: .*Remote end closed connection")
        self.assert_next_run_deploys(REFUSED)

    def test_what_a_certbot_wrote_before_it_was_killed_is_used(self) -> None:
        host = self.hosts[KILLED]
        staged = self.with_certbot(host, KILLED, 'certbot "$@"; kill -KILL $$')
        with self.orders(1):
            host.danectl("run")
        self.assertEqual((served_key(host, KILLED), certbots_key(host, KILLED)), (staged, staged))

    def test_what_a_certbot_wrote_is_used_though_danectl_was_killed_with_it(self) -> None:
        host = self.hosts[ALL_KILLED]
        staged = self.with_certbot(host, ALL_KILLED, 'certbot "$@"; kill -KILL $PPID $$')
        with self.orders(1):
            host.danectl("run", expect=-9)
            self.assertNotEqual(served_key(host, ALL_KILLED), staged)
            host.danectl("run")
        self.assertEqual((served_key(host, ALL_KILLED), certbots_key(host, ALL_KILLED)), (staged, staged))

    def test_a_certbot_that_had_hardly_begun_when_danectl_was_killed_is_waited_for(self) -> None:
        host = self.hosts[BEGUN]
        staged = self.with_certbot(host, BEGUN, 'kill -KILL $PPID; sleep 2; exec certbot "$@"')
        with self.orders(1):
            host.danectl("run", expect=-9)
            self.assertEqual(host.danectl("run").err, "")
        self.assertEqual((served_key(host, BEGUN), certbots_key(host, BEGUN)), (staged, staged))

    def with_disk(self, name: str, folder: str) -> Disk:
        """A small one in place of this folder of danectl's state."""
        path, before = self.hosts[name].state_dir / folder, self.lab.dir / f"before-{name}"
        before.mkdir()
        if path.exists():
            run(["cp", "-a", f"{path}/.", before])
            shutil.rmtree(path)
        disk = Disk(path, "2m")
        self.addCleanup(run, ["umount", path])
        run(["cp", "-a", f"{before}/.", path])
        return disk

    @contextlib.contextmanager
    def filled_under_certbot(self, disk: Disk) -> Iterator[None]:
        """Just before the certificate arrives."""
        def fill_and_send(request: BaseHTTPRequestHandler, answer: bytes) -> None:
            disk.fill_but_for(0)
            request.wfile.write(answer)

        with self.ca.breaking(DOWNLOAD, fill_and_send):
            yield

    def test_without_room_for_certbot_there_is_no_order(self) -> None:
        with self.with_disk(NO_ROOM, "work").full_but_for(32):
            self.assert_costs_nothing(NO_ROOM, f"certbot was not started for the next key of {NO_ROOM}: .*{NO_SPACE}\n"
                                               "  make room on that file system")
        self.assert_next_run_deploys(NO_ROOM)

    def test_certbots_folder_fills_up_while_it_is_at_work(self) -> None:
        disk = self.with_disk(FILLED, "work")
        with self.filled_under_certbot(disk):
            self.assert_is_asked_once(FILLED, NO_SPACE)
        disk.ballast.unlink()
        self.assert_goes_on(FILLED)

    def test_all_of_danectls_state_fills_up_while_certbot_is_at_work(self) -> None:
        """The back-off cannot be noted, but what was noted before certbot was started tells that it is due."""
        host = self.hosts[ALL_FULL]
        disk = self.with_disk(ALL_FULL, "")
        with untouched(host), self.orders(1), self.filled_under_certbot(disk):
            told = host.danectl("run", expect=1).err
            self.assertRegex(told, f"{GOT_NONE} {ALL_FULL}: .*{NO_SPACE}")
            for _run in range(RUNS - 2):
                self.assertIn(NO_SPACE, host.danectl("run", expect=1).err)
            disk.ballast.unlink()
            told = host.danectl("run", expect=1).err
            self.assertIn(f"certbot was started for the next key of {ALL_FULL}, {NOT_NOTED}", told)
            self.assertIn("`danectl run` asks again in 1 h", told)
            host.danectl("run")
        self.assertIsNotNone(status(host, ALL_FULL)["next_attempt_at"])
        self.assert_goes_on(ALL_FULL)

    def test_danectl_and_certbot_killed_in_an_order_cost_one(self) -> None:
        host = self.hosts[CUT]
        self.with_certbot(host, CUT, 'certbot "$@"; kill -KILL $PPID $$')
        with untouched(host), self.orders(1), self.ca.breaking(DOWNLOAD, hang_up):
            host.danectl("run", expect=-9)
            self.assertIn(NOT_NOTED, host.danectl("run", expect=1).err)
            for _run in range(RUNS - 2):
                self.assertEqual(host.danectl("run").err, "")
        self.assertIsNotNone(status(host, CUT)["next_attempt_at"])
        host.write_config()
        self.assert_goes_on(CUT)

    def with_certbot(self, host: Host, name: str, command: str) -> str:
        """danectl's certbot on this host is this shell command; the key that is next."""
        host.write_config(certbot=script(host.dir / "certbot", command))
        return host.openssl_spki(next_key(host, name))


if __name__ == "__main__":
    unittest.main()
