"""`danectl verify --owner`: a chain against what the lab's DNS has."""
from __future__ import annotations

import json
import time
import unittest

from lab import Result
from lab_dns import RESOLVER
from rollover import RolloverTest, owner_of

NAME, PLAIN, BOGUS = "mx.example.lab", "mx.plain.lab", "mx.bogus.lab"
ALIAS, TARGET = "_25._tcp.alias.example.lab", "_25._tcp.mx.alias.lab"
STALE = f"3 1 1 {'a' * 64}"


class Verify(RolloverTest):
    """One chain of certbot's, and no configuration but [dns]."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.chain = str(cls.lab.issue(NAME, NAME, "alias.example.lab") / "fullchain.pem")
        cls.record = f"3 1 1 {cls.lab.openssl_spki(cls.chain)}"

    def setUp(self) -> None:
        # One for each test: no cache has anything of it.
        self.owner = owner_of(f"{self.id().rpartition('.test_')[2].replace('_', '-')[:50].strip('-')}.example.lab")

    def publish(self, record: str, owner: str | None = None) -> None:
        """Returns when the resolver has it, too: it may conclude absence from an NSEC record of another name."""
        name = owner or self.owner
        self.lab.add(name, 2, f"TLSA {record}")
        self.lab.wait_published(name, f"TLSA {record}", servers=[RESOLVER])

    def verify(self, *options: str, owner: str | None = None, expect: int | None = 0) -> Result:
        return self.lab.danectl("verify", self.chain, "--owner", owner or self.owner, *options, expect=expect)

    def test_a_match_in_dns(self) -> None:
        self.publish(self.record)
        result = self.verify()
        self.assertEqual((result.out, result.err), (
            f"matches: {self.record} at depth 0 (the end entity)\n3 1 1: matches\n", ""))

    def test_the_host_of_the_owner_is_a_name_that_the_certificate_must_have_for_usage_2(self) -> None:
        issuer = self.lab.dir / "issuer.pem"
        issuer.write_text((self.lab.certbot_dir / "live" / NAME / "chain.pem").read_text())
        record = f"2 1 1 {self.lab.openssl_spki(issuer)}"
        own, other = owner_of(NAME), owner_of("mx2.example.lab")
        self.publish(record, own)
        self.publish(record, other)
        self.assertIn("at depth 1", self.verify(owner=own).out)
        self.assertIn("does not match: the certificate is not for mx2.example.lab\n",
                      self.verify(owner=other, expect=1).out)
        self.assertIn("at depth 1", self.verify("--name", NAME, owner=other).out)

    def test_a_mismatch_tells_what_would_match(self) -> None:
        self.publish(STALE)
        result = self.verify(expect=1)
        self.assertIn("does not match: no usable TLSA record matches the chain\n", result.out)
        self.assertIn(f"records that the chain matches:\n  {self.record} (the end entity)\n", result.out)
        document = json.loads(self.verify("--json", expect=1).out)
        self.assertEqual((document["match"], document["depth"], document["record"]), (False, None, None))

    def test_an_alias_is_followed(self) -> None:
        self.publish(self.record, TARGET)
        self.lab.add(ALIAS, 2, f"CNAME {TARGET}.")
        self.lab.wait_published(ALIAS, f"CNAME {TARGET}.", servers=[RESOLVER])
        self.assertIn(f"matches: {self.record}", self.verify(owner=ALIAS).out)

    def test_servers_that_disagree_are_no_match_and_the_one_without_is_named(self) -> None:
        self.publish(STALE)
        with self.lab.secondary_frozen():
            self.lab.delete(self.owner, f"TLSA {STALE}", wait=False)
            self.lab.add(self.owner, 2, f"TLSA {self.record}", wait=False)
            self.lab.wait_published(self.owner, f"TLSA {self.record}", servers=["127.0.0.31"])
            result = self.verify(expect=1)
            self.assertIn("does not match: at ns2.example.lab (127.0.0.32), ns2.example.lab (fd00:da::32)", result.out)
            self.assertNotIn("127.0.0.31", result.out)
            (group,) = json.loads(self.verify("--json", expect=1).out)["groups"]
            self.assertFalse(group["match"])
            self.assertIn("ns2.example.lab", group["why"])

    def test_a_silent_server_is_a_warning(self) -> None:
        self.publish(self.record)
        with self.lab.silence("ns2"):
            results = []  # the resolver, too, has to learn first that one of the two is silent
            self.lab.wait_until("all but the silent one have answered", lambda: results.append(
                self.verify(expect=None)) or "warning: ns2.example.lab (127.0.0.32): " in results[-1].err, 30)
        result = results[-1]
        self.assertEqual(result.code, 0)
        self.assertIn("matches: ", result.out)
        self.assertNotIn("127.0.0.31", result.err)

    def test_no_records_is_no_match(self) -> None:
        result = self.verify(expect=1)
        self.assertIn("does not match: there is no TLSA record\n", result.out)
        self.assertEqual(result.err, "")

    def test_an_unsigned_zone_is_no_match(self) -> None:
        self.lab.add(owner_of(PLAIN), 2, f"TLSA {self.record}")
        self.assertRegex(self.verify(owner=owner_of(PLAIN), expect=1).out,
                         r"\Adoes not match: .*not in a signed zone\n  without DNSSEC there is no DANE")

    def test_bogus_records_are_no_match(self) -> None:
        self.lab.add(owner_of(BOGUS), 2, f"TLSA {self.record}")
        result = self.verify(owner=owner_of(BOGUS), expect=1)
        self.assertRegex(result.out, r"\Adoes not match: .*bogus")
        document = json.loads(self.verify("--json", owner=owner_of(BOGUS), expect=1).out)
        self.assertEqual((document["match"], document["groups"]), (False, []))

    def test_a_look_up_that_fails_is_no_verdict(self) -> None:
        self.publish(self.record)
        for how in ("ns1 and ns2", "unbound"):
            with self.subTest(how):
                servers = ["ns1", "ns2"] if " " in how else ["unbound"]
                time.sleep(3)  # the resolver has forgotten all of the zone
                for server in servers:
                    self.lab.kill(server)
                try:
                    result = self.verify("--json", expect=75)
                finally:
                    for server in servers:
                        self.lab.start(server)
                self.assertEqual(result.out, "")
                self.assertIn("try later", result.err)

    def test_nothing_is_written(self) -> None:
        self.publish(self.record)
        before = self.lab.snapshot(self.lab.dir / "etc", self.lab.state_dir, self.lab.certbot_dir)
        self.verify()
        self.assertEqual(before, self.lab.snapshot(self.lab.dir / "etc", self.lab.state_dir, self.lab.certbot_dir))


if __name__ == "__main__":
    unittest.main()
