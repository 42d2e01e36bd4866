"""Keys that certbot makes on its own while only `danectl run` is at work: never a key without its record."""
from __future__ import annotations

import json
import re
import unittest

from host import (Host, certbots_key, has_current_and_next_only, hosts_for, publish_by_run, run_until, run_until_ready,
                  served_key, wait_for_caches)
from lab import Lab, run
from rollover import RolloverTest, live, next_key, owner_of, renewal_conf, set_key, status
from watcher import Watcher

EXPANDED, PASSED, NEWER = "expanded.example.lab", "passed.example.lab", "newer.example.lab"
FEWER, PROMOTED, NAMED = "fewer.example.lab", "promoted.example.lab", "named.example.lab"


def candidates(lab: Lab, name: str) -> list[str]:
    return [candidate["spki"] for candidate in status(lab, name)["candidates"]]


class Candidates(RolloverTest):
    """Each lineage on a host of its own, its records published and in every cache, its next key only for a person."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.hosts = hosts_for(cls.lab, [EXPANDED, PASSED, NEWER], "--reload", "true", retire_after="1s")
        cls.hosts |= hosts_for(cls.lab, [FEWER, PROMOTED], "--reload", "true",
                               issue=["-d", "old.example.lab"])
        cls.hosts |= hosts_for(cls.lab, [NAMED], "--reload", "true", "--profile", "3 1 1", "--profile", "2 1 1",
                               issue=["-d", "old.example.lab"])
        publish_by_run(cls.hosts)

    def new_key(self, host: Host, name: str) -> str:
        """Of a renewal that does not reuse the key; it becomes a candidate in the next run."""
        host.certbot("renew", "--cert-name", name, "--force-renewal", "--new-key")
        key = certbots_key(host, name)
        self.assertIn(f"certbot has made another key, {key}", host.danectl("run").err)
        return key

    def finish(self, host: Host, name: str, key: str) -> None:
        """Runs until `key` is served and the owner has nothing but it and the next key."""
        run_until(host, f"{key} is served", lambda _result: served_key(host, name) == key)
        run_until(host, "current and next only", lambda _result: has_current_and_next_only(host, name))
        shown = status(host, name)
        self.assertEqual((shown["candidates"], shown["retiring"]), ([], []))
        self.assertEqual([*(host.state_dir / "candidates").glob("*/*")], [])
        self.assertEqual(renewal_conf(host, name)["reuse_key"], "True")
        self.assertEqual(certbots_key(host, name), key)

    def test_a_name_added_without_reuse_key_makes_a_candidate_and_reuse_key_comes_back(self) -> None:
        host, more = self.hosts[EXPANDED], f"www.{EXPANDED}"
        with Watcher(host, EXPANDED) as watcher:
            host.issue(EXPANDED, EXPANDED, more, extra=["--expand"])
            self.assertNotIn("reuse_key", renewal_conf(host, EXPANDED))
            key = certbots_key(host, EXPANDED)
            told = host.danectl("run").err
            self.assertRegex(told, "had lost reuse_key = True; it is set again\n.*reuse-key = true.*cli.ini")
            self.assertIn(f"certbot has made another key, {key}", told)
            self.assertEqual(renewal_conf(host, EXPANDED)["reuse_key"], "True")
            self.finish(host, EXPANDED, key)
        watcher.assert_found_nothing(self)
        self.assertEqual(watcher.served[1:], [key])

    def test_of_several_ready_candidates_the_newest_is_deployed_and_the_others_vanish(self) -> None:
        host = self.hosts[PASSED]
        set_key(host, PASSED, "min_hold", "1h")  # until all are there
        with Watcher(host, PASSED) as watcher:
            keys = [self.new_key(host, PASSED) for _renewal in range(3)]
            self.assertEqual(candidates(host, PASSED), keys)
            owner = json.loads(host.danectl("records", PASSED, "--format", "json").out)["owners"][0]
            self.assertEqual([record["role"] for record in owner["records"]], ["current", "next", *["candidate"] * 3])
            for key in keys:
                self.lab.wait_published(owner_of(PASSED), f"TLSA 3 1 1 {key}")
            host.danectl("run")
            wait_for_caches()
            set_key(host, PASSED, "min_hold", "0s")
            self.finish(host, PASSED, keys[-1])
        watcher.assert_found_nothing(self)
        self.assertEqual(watcher.served[1:], keys[-1:])

    def test_a_ready_candidate_does_not_wait_for_a_newer_one(self) -> None:
        host = self.hosts[NEWER]
        with Watcher(host, NEWER) as watcher:
            ready = self.new_key(host, NEWER)
            self.assertEqual(candidates(host, NEWER), [ready])
            self.lab.wait_published(owner_of(NEWER), f"TLSA 3 1 1 {ready}")
            host.danectl("run")
            with self.lab.secondary_frozen():
                newer = self.new_key(host, NEWER)
                run_until(host, f"{ready} is served",
                          lambda _result: served_key(host, NEWER) == ready)
                self.assertEqual(candidates(host, NEWER), [newer])
                self.assertEqual(certbots_key(host, NEWER), newer)
            self.finish(host, NEWER, newer)
        watcher.assert_found_nothing(self)
        self.assertEqual(watcher.served[1:], [ready, newer])
        host.certbot("renew", "--cert-name", NEWER, "--force-renewal")
        self.assertEqual(certbots_key(host, NEWER), newer)

    # --- names that a person took out

    def tell_certbot(self, host: Host, name: str, *domains: str) -> str:
        """The key of the certificate for these alone; the next run has it as a candidate."""
        host.issue(name, *domains, extra=["--renew-with-new-domains"])
        return certbots_key(host, name)

    def test_a_name_taken_out_is_said_once_and_goes_and_a_rollback_from_more_names_goes_too(self) -> None:
        host = self.hosts[FEWER]
        set_key(host, FEWER, "retire_after", "1d")
        with Watcher(host, FEWER) as watcher:
            key = self.tell_certbot(host, FEWER, FEWER)
            told = host.danectl("run").err
            self.assertIn("certbot's newer certificate is not for old.example.lab, but the deployed certificate is", told)
            self.assertIn(f"certbot certonly --cert-name {FEWER} --reuse-key -d {FEWER} -d old.example.lab", told)
            results = run_until(host, f"{key} is served", lambda _result: served_key(host, FEWER) == key)
            self.assertEqual([str(result) for result in results if result.err], [])
            more = self.tell_certbot(host, FEWER, FEWER, "new.example.lab")
            run_until(host, f"{more} is served", lambda _result: served_key(host, FEWER) == more)
            told = host.danectl("rollback", FEWER).err
            self.assertIn("the certificate of the key before is not for new.example.lab", told)
            self.assert_names(host, FEWER, [FEWER])
            host.danectl("promote", FEWER)
            self.assert_names(host, FEWER, ["new.example.lab", FEWER])
        watcher.assert_found_nothing(self)

    def test_a_promotion_before_the_candidate_is_ready_has_the_names_that_certbot_was_told(self) -> None:
        host = self.hosts[PROMOTED]
        host.danectl("stage", PROMOTED, "--issue")  # with the name that goes
        run_until_ready(host, PROMOTED)
        host.write_config(publish={"method": "print"})
        self.tell_certbot(host, PROMOTED, PROMOTED)
        host.danectl("run")
        staged = host.openssl_spki(next_key(host, PROMOTED))
        told = host.danectl("promote", PROMOTED).err
        self.assertIn("the certificate of the next key is not for old.example.lab", told)
        self.assertEqual(served_key(host, PROMOTED), staged)
        self.assert_names(host, PROMOTED, [PROMOTED])

    def test_where_records_name_the_issuer_the_name_of_the_host_never_goes(self) -> None:
        host, before = self.hosts[NAMED], served_key(self.hosts[NAMED], NAMED)
        key = self.tell_certbot(host, NAMED, "old.example.lab")
        host.danectl("run")
        host.wait_published(owner_of(NAMED), f"TLSA 3 1 1 {key}")
        wait_for_caches()
        for _run in range(2):
            host.danectl("run")
        self.assertEqual((served_key(host, NAMED), candidates(host, NAMED)), (before, [key]))
        status = host.danectl("status", NAMED).out
        self.assertIn(f"the new certificate is not for {NAMED}", status)
        self.assertIn(f"{NAMED}: attention", status)
        # It is told before the CA is asked, which would get these names.
        orders = self.orders()
        self.assertGreater(orders, 0)
        refused = host.danectl("promote", NAMED, expect=1)
        self.assertIn(f"the new certificate is not for {NAMED}", refused.err)
        refused = host.danectl("stage", "--issue", NAMED, expect=1)
        self.assertIn(f"the new certificate is not for {NAMED}", refused.err)
        self.assertEqual(self.orders(), orders)

    def orders(self) -> int:
        return (self.lab.dir / "log" / "pebble.log").read_text().count("POST /order-plz")

    def assert_names(self, host: Host, name: str, names: list[str]) -> None:
        """What is served, and what certbot goes on with."""
        for file in (live(host, name) / "cert.pem", host.certbot_dir / "live" / name / "cert.pem"):
            text = run(["openssl", "x509", "-in", file, "-noout", "-ext", "subjectAltName"]).out
            self.assertEqual(sorted(re.findall(r"DNS:([^,\s]+)", text)), sorted(names), file)


if __name__ == "__main__":
    unittest.main()
