"""A certificate that the CA has issued and nobody has: it counts against the CA's limits, so `run` does not ask again
at once. And what certbot had written before it was killed is used."""
from __future__ import annotations

import contextlib
import time
import unittest
from collections.abc import Iterator

from breaking_ca import DIRECTORY, DOWNLOAD, FINALIZE, BreakingCa, hang_up, send_half
from host import Host, certbots_key, hosts_for, publish_by_run, run_until_ready, served_key, untouched
from rollover import RolloverTest, next_key, script, seconds, set_key, status

FINALIZED, DOWNLOADED, HALF, HUNG, REFUSED, KILLED, ALL_KILLED = (f"{word}.example.lab" for word in (
    "finalized", "downloaded", "half", "hung", "refused", "killed", "all-killed"))
RUNS = 4


class LostCertificate(RolloverTest):
    """A host for each case, whose next key is ready and due."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.ca = BreakingCa(cls.lab)
        cls.addClassCleanup(cls.ca.close)
        cls.hosts = hosts_for(cls.lab, [FINALIZED, DOWNLOADED, HALF, HUNG, REFUSED, KILLED, ALL_KILLED],
                              "--reload", "true", retire_after="1s")
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
            self.assertRegex(told, f"danectl: {name}: certbot got no certificate for the next key of {name}: .*{reason}")
            self.assertIn(f"/work/{name}/logs/letsencrypt.log", told)
            self.assertIn("`danectl run` asks again in 1 h", told)
            for _run in range(RUNS - 1):
                result = host.danectl("run")
                self.assertEqual((result.out, result.err), ("", ""))
        self.assertAlmostEqual(seconds(status(host, name)["next_attempt_at"]) - time.time(), 3600, delta=300)
        self.assertIn("ask the CA again", host.danectl("-v", "run").err)

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
        host = self.hosts[REFUSED]
        with untouched(host), self.orders(0), self.ca.breaking(DIRECTORY, hang_up):
            for _run in range(RUNS):
                told = host.danectl("run", expect=1).err
                self.assertRegex(told, f"{REFUSED}: certbot got no certificate .*Remote end closed connection")
                self.assertNotIn("asks again", told)
                self.assertIsNone(status(host, REFUSED)["next_attempt_at"])
        staged = host.openssl_spki(next_key(host, REFUSED))
        with self.orders(1):
            host.danectl("run")
        self.assertEqual(served_key(host, REFUSED), staged)

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

    def with_certbot(self, host: Host, name: str, command: str) -> str:
        """danectl's certbot on this host is this shell command; the key that is next."""
        host.write_config(certbot=script(host.dir / "certbot", command))
        return host.openssl_spki(next_key(host, name))


if __name__ == "__main__":
    unittest.main()
