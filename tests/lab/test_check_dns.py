"""What `danectl check` finds in DNS: at BIND's servers, and at some that do not behave."""
from __future__ import annotations

import contextlib
import json
import unittest
from collections.abc import Iterator

import lab_dns
from dns_filter import TLSA, DnsFilter, Rule, cut_type, deny_name, drop_type, refuse_type
from lab import run
from rollover import owner_of
from watching import NAME, OWNER, CheckTest, configure, resolver_has

NS2 = ["127.0.0.32", "fd00:da::32"]
# Of a resolver of this host; they are not signed, and no sender sees them.
COPY_OF_THE_ZONE = f"""    local-zone: "example.lab." static
    local-data: "example.lab. 60 SOA ns.example.lab. hostmaster.example.lab. 1 60 60 60 60"
    local-data: "example.lab. 60 MX 10 {NAME}."
    local-data: "{NAME}. 60 A 127.0.0.25"
"""
ADDRESS_ALONE = f"""    local-zone: "{NAME}." redirect
    local-data: "{NAME}. 60 A 127.0.0.26"
"""


class Servers(CheckTest):
    """At the records of a healthy lineage."""

    @contextlib.contextmanager
    def by_the_resolver(self) -> Iterator[None]:
        """It knows the records, and does without a server that is silent: for what it does not know it needs time."""
        self.lab.wait_until("the resolver knows the records", lambda: self.lab.dig(OWNER).status == "NOERROR")
        self.lab.write_config(publish={"ttl": "1h"}, dns={"timeout": "5s", "probe_timeout": "3s"})
        try:
            yield
        finally:
            configure(self.lab)

    @contextlib.contextmanager
    def ns2_behaves(self, rule: Rule) -> Iterator[None]:
        with self.lab._without("ns2"):
            self.lab.kill("ns2")
            try:
                with DnsFilter(NS2, to="127.0.0.31", rule=rule):
                    yield
            finally:
                self.lab.start("ns2")

    def test_with_a_split_horizon_what_senders_see_is_what_counts(self) -> None:
        for data in (COPY_OF_THE_ZONE, ADDRESS_ALONE):
            with self.subTest(data), resolver_has(self.lab, data):
                found = self.found()
                self.assertEqual(set(found), {"resolver-differs"}, found)
                (finding,) = found["resolver-differs"]
                self.assertEqual((finding["severity"], finding["owner"]), ("WARNING", OWNER))
                self.assertIn('resolver = "recursive"', finding["remedy"])
        with resolver_has(self.lab, COPY_OF_THE_ZONE):  # one resolver is behind all owners
            found = self.found(*(f"smtp://{NAME}:{port}@127.0.0.25" for port in (25, 587)))
            (finding,) = found["resolver-differs"]
            self.assertIn(f"the same is true of _587._tcp.{NAME}", finding["message"])
        with resolver_has(self.lab, COPY_OF_THE_ZONE):  # of a zone that is bogus everywhere
            (bogus,) = self.assert_found("bogus", "CRITICAL", "smtp://mx.bogus.lab:25@127.0.0.25")
            self.assertNotIn("root", bogus["message"])

    def test_with_one_and_without_a_look_from_the_root_it_stays_critical_and_says_so(self) -> None:
        hints = self.lab.dir / "nowhere.hints"
        hints.write_text(f". 3600 NS a.root.\na.root. 3600 A {lab_dns.NOWHERE}\n")
        conf = self.lab.dir / "nowhere.conf"
        conf.write_text(self.lab.unbound_conf.read_text().replace("root.hints", "nowhere.hints"))
        with resolver_has(self.lab, COPY_OF_THE_ZONE, unbound_conf=str(conf)):
            found = self.found()
            self.assertEqual(found["bogus"][0]["severity"], "CRITICAL")
            self.assertIn("a look from the root, without it, could not be made", found["bogus"][0]["message"])
            self.assertNotIn("resolver-differs", found)

    def test_healthy(self) -> None:
        self.assert_healthy()

    def test_one_that_drops_tlsa_and_answers_all_else(self) -> None:
        with self.by_the_resolver(), self.ns2_behaves(drop_type(TLSA)):
            found = self.assert_found("server-without-tlsa", "WARNING", says="ns2.example.lab")
            self.assertEqual({finding["address"] for finding in found}, set(NS2))
            self.assertNotIn("server-silent", self.found())

    def test_one_that_cuts_its_answer_and_has_no_tcp(self) -> None:
        with self.by_the_resolver(), self.ns2_behaves(cut_type(TLSA)):
            found = self.assert_found("answer-without-tcp", "WARNING", says="ns2.example.lab")
            self.assertEqual({finding["address"] for finding in found}, set(NS2))
            self.assertIn("TCP", found[0]["remedy"])
            self.assertNotIn("large", found[0]["message"])
            for other in ("server-without-tlsa", "answer-too-large"):
                self.assertNotIn(other, self.found())

    def test_one_that_refuses_tlsa(self) -> None:
        with self.ns2_behaves(refuse_type(TLSA)):
            self.assert_found("server-without-tlsa", "WARNING", says="REFUSED")

    def test_one_that_denies_the_name_above(self) -> None:
        with self.ns2_behaves(deny_name(f"_tcp.{NAME}")):
            self.assert_found("nxdomain-above", "WARNING", says=f"_tcp.{NAME}")

    def test_one_that_is_silent(self) -> None:
        with self.by_the_resolver(), self.lab.silence("ns2"):
            found = self.assert_found("server-silent", "WARNING", says="ns2.example.lab")
            self.assertEqual({finding["address"] for finding in found}, set(NS2))

    def test_one_whose_answer_is_not_signed(self) -> None:
        with self.ns2_behaves(lambda _name, kind: 0 if kind == TLSA else None):
            self.assert_found("server-invalid", "WARNING", says="ns2.example.lab")

    def test_one_that_is_left_out_is_no_finding(self) -> None:
        # Of the three addresses it finds by chance which answer, and two do not.
        configure(self.lab, dns={"resolver": "recursive", "timeout": "8s", "probe_timeout": "3s", "ignore": NS2})
        try:
            with self.lab.silence("ns2"):
                self.assert_healthy()
        finally:
            configure(self.lab)

    def test_a_stale_secondary_has_other_records_or_another_serial(self) -> None:
        with self.lab.secondary_frozen():
            self.lab.add("later.example.lab", 3600, "A 127.0.0.25", wait=False)
            self.assert_found("serials-differ", "WARNING", says="ns2.example.lab")
            self.lab.add(OWNER, 3600, f"TLSA 3 1 1 {'ab' * 32}", wait=False)
            self.assert_found("servers-disagree", "WARNING", says="abababab")
            self.assertNotIn("serials-differ", self.found())
            self.lab.delete(OWNER, f"TLSA 3 1 1 {'ab' * 32}", wait=False)
        self.lab.delete("later.example.lab")
        self.assert_healthy()

    def test_the_resolver_of_this_host_is_down(self) -> None:
        with self.by_the_resolver(), self.lab.silence("unbound"):
            self.assert_found("resolver-unusable", "UNKNOWN")

    def test_all_servers_of_the_zone_are_silent(self) -> None:
        with self.lab.silence("ns1"), self.lab.silence("ns2"):
            self.assert_found("lookup-timeout", "CRITICAL")

    def test_all_servers_of_the_zone_refuse_tlsa(self) -> None:
        with self.ns2_behaves(refuse_type(TLSA)), self.lab._without("ns1"):
            self.lab.kill("ns1")
            try:
                with DnsFilter(["127.0.0.31"], to="127.0.0.32", rule=lambda _name, _kind: 5):
                    self.assert_found("lookup-failed", "CRITICAL")
            finally:
                self.lab.start("ns1")


class Owners(CheckTest):
    """At owners of a stranger, with a server that presents the right key."""
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.record = cls.current

    @contextlib.contextmanager
    def published(self, owner: str, *records: str, ttl: int = 3600) -> Iterator[None]:
        for record in records:
            self.lab.add(owner, ttl, f"TLSA {record}")
        try:
            yield
        finally:
            self.lab.delete(owner)

    def smtp(self, host: str) -> str:
        return f"smtp://{host}:25@127.0.0.25"

    def test_an_unsigned_zone(self) -> None:
        with self.published(owner_of("mx.plain.lab"), self.current):
            self.assert_found("not-signed", "WARNING", self.smtp("mx.plain.lab"))
            self.assert_found("host-not-secure", "WARNING", self.smtp("mx.plain.lab"))
            self.assert_found("mx-not-secure", "WARNING", self.smtp("mx.plain.lab"), says="plain.lab")

    def test_a_bogus_zone_with_the_reason(self) -> None:
        (finding,) = self.assert_found("bogus", "CRITICAL", self.smtp("mx.bogus.lab"))
        self.assertIn("DS hash mismatches key", finding["message"])

    def test_no_record_and_none_that_is_usable(self) -> None:
        self.assert_found("no-records", "WARNING", self.smtp("mx2.example.lab"))
        with self.published(owner_of("mx2.example.lab"), "1 1 1 " + "ab" * 32):
            self.assert_found("no-usable-records", "WARNING", self.smtp("mx2.example.lab"))

    def test_a_ttl_too_short_or_too_long(self) -> None:
        owner, host = owner_of("mx2.example.lab"), self.smtp("mx2.example.lab")
        with self.published(owner, self.current, self.next, ttl=2):
            self.assert_found("ttl-short", "WARNING", host)
        with self.published(owner, self.current, self.next, ttl=200000):
            self.assert_found("ttl-long", "WARNING", host)
        with self.published(owner, self.current, self.next, ttl=86400):
            self.assert_healthy(host)

    def test_ttls_that_differ_between_servers(self) -> None:
        owner, host = owner_of("mx2.example.lab"), self.smtp("mx2.example.lab")
        with self.published(owner, self.current, self.next):
            with self.lab.secondary_frozen():
                self.lab.nsupdate(f"server 127.0.0.31\nzone example.lab.\nupdate delete {owner}. TLSA\n"
                                  f"update add {owner}. 7200 TLSA {self.current}\n"
                                  f"update add {owner}. 7200 TLSA {self.next}\nsend\n")
                self.assert_found("ttls-differ", "WARNING", host, says="7200 s")

    def test_an_answer_too_large(self) -> None:
        owner, host = owner_of("mx2.example.lab"), self.smtp("mx2.example.lab")
        many = [f"3 1 1 {n:064x}" for n in range(1, 30)]
        with self.published(owner, self.current, *many):
            self.assert_found("answer-too-large", "WARNING", host)

    def test_a_host_that_is_an_alias(self) -> None:
        self.lab.add("imap.example.lab", 3600, "CNAME mx.example.lab.")
        try:
            with self.published(owner_of("imap.example.lab"), self.current, self.next):
                self.assert_found("host-is-alias", "WARNING", self.smtp("imap.example.lab"), says=OWNER)
            # Senders take the records of the expanded name, if there are any, whatever is at the alias.
            self.assertEqual(set(self.found(self.smtp("imap.example.lab"))), {"host-is-alias"})
            self.lab.add("pop.example.lab", 3600, "CNAME mx2.example.lab.")
            with self.published(owner_of("mx2.example.lab"), f"3 1 1 {'ab' * 32}", f"3 1 1 {'cd' * 32}"), \
                    self.published(owner_of("pop.example.lab"), self.current, self.next):
                self.assert_found("tlsa-mismatch", "CRITICAL", self.smtp("pop.example.lab"))
        finally:
            self.lab.delete("imap.example.lab")
            self.lab.delete("pop.example.lab")

    def test_an_owner_that_is_an_alias_is_no_finding_unless_the_chain_is_long(self) -> None:
        names = [owner_of("mx2.example.lab"), *(f"a{n}._dane.example.lab" for n in range(9)), OWNER]
        self.lab.add(names[0], 3600, f"CNAME {OWNER}.")
        self.assert_healthy(self.smtp("mx2.example.lab"))
        self.lab.delete(names[0])
        for name, target in zip(names, names[1:]):
            self.lab.add(name, 3600, f"CNAME {target}.")
        try:
            self.assert_found("long-alias-chain", "WARNING", self.smtp("mx2.example.lab"))
        finally:
            for name in names[:-1]:
                self.lab.delete(name)


class Signatures(CheckTest):
    def test_signatures_near_their_end_and_a_clock_that_is_off(self) -> None:
        self.assert_healthy()
        # Of BIND's default they last two weeks.
        self.assertIn(("signature-ends", "WARNING"), self.found_at("+12d"))
        for off in ("+400d", "-400d"):
            self.assertIn(("clock-off", "CRITICAL"), self.found_at(off))

    def found_at(self, offset: str) -> set[tuple[str, str]]:
        """With another time than the servers have."""
        result = run(["faketime", "-m", "-f", offset, self.lab.program, "--config", self.lab.config, "check", "--json"],
                     env={**self.lab.env, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}, expect=None)
        return {(finding["id"], finding["severity"]) for finding in json.loads(result.out)["findings"]}


if __name__ == "__main__":
    unittest.main()
