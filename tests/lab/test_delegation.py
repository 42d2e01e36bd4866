"""Servers that only the parent names: resolvers ask them as well, so danectl does. The parent's side of a delegation is
not signed, and never takes a server away."""
from __future__ import annotations

import contextlib
import time
import unittest
from collections.abc import Iterator

from dns_filter import REFUSED, TLSA, DnsFilter, question_of, refuse_type
from lab import run
from lab_dns import TTL, in_no_file_outside
from lab_process import Daemon
from rollover import HOLD_DOWN, RolloverTest, enroll, live, next_key, of_key, owner_of, set_key, status, wait_ready
from senders import Senders
from watching import findings

ZONE, PARENT, ROOT, NS2 = "example.lab", "lab", ".", "ns2.example.lab"
SECONDARY, GLUE, FIRST_PARENT, SECOND_PARENT = "127.0.0.32", "127.0.0.61", "127.0.0.11", "127.0.0.62"
NS = 2


class RefusesReferrals(DnsFilter):
    """To plain questions alone: a resolver, which sets DO, gets them."""

    def _answer(self, message: bytes) -> bytes | None:
        _name, kind, end = question_of(message)
        if kind == NS and not message[-4] & 0x80:
            return message[:2] + (0x8400 | REFUSED).to_bytes(2, "big") + bytes([0, 1]) + bytes(6) + message[12:end]
        return super()._answer(message)


class Delegation(RolloverTest):
    @contextlib.contextmanager
    def without(self, owner: str, record: str, zone: str) -> Iterator[None]:
        apex = owner == zone  # a delegation is in no answer that could be waited for
        self.lab.delete(owner, record, zone=zone, wait=apex)
        try:
            yield
        finally:
            self.lab.add(owner, TTL, record, zone=zone, wait=apex)

    @contextlib.contextmanager
    def with_(self, owner: str, record: str, zone: str) -> Iterator[None]:
        self.lab.add(owner, TTL, record, zone=zone, wait=False)
        try:
            yield
        finally:
            self.lab.delete(owner, record, zone=zone, wait=False)

    @contextlib.contextmanager
    def address(self, address: str) -> Iterator[None]:
        run(["ip", "addr", "add", f"{address}/8", "dev", "lo"])
        try:
            yield
        finally:
            run(["ip", "addr", "del", f"{address}/8", "dev", "lo"])

    def enrolled(self, word: str) -> str:
        """Its current key is published everywhere."""
        name = f"{word}.example.lab"
        enroll(self.lab, name)
        set_key(self.lab, name, "retire_after", "1s")
        self.lab.add(owner_of(name), TTL, f"TLSA {of_key(self.lab, live(self.lab, name) / 'cert.pem')}")
        return name

    def stage(self, name: str) -> str:
        """The next key, its record published at the servers that are not stale."""
        self.lab.danectl("stage", name)
        spki = self.lab.openssl_spki(next_key(self.lab, name))
        self.lab.add(owner_of(name), TTL, f"TLSA 3 1 1 {spki}")
        return spki

    def ready(self, word: str) -> tuple[str, str]:
        name = self.enrolled(word)
        spki = self.stage(name)
        wait_ready(self.lab, name)
        return name, spki

    def promoted(self, name: str, spki: str) -> None:
        self.lab.danectl("promote", name)
        self.assert_all_have(spki, name)

    def differences(self, name: str) -> list[str]:
        return [finding["message"] for finding in findings(self.lab, name) if finding["id"] == "delegation-differs"]

    def addresses(self, name: str) -> set[str | None]:
        return {server["address"] for owner in status(self.lab, name)["owners"] for server in owner["servers"]}

    def test_an_ordinary_delegation_is_no_finding(self) -> None:
        name = self.enrolled("ordinary")
        self.assertEqual(self.differences(name), [])
        self.assertNotIn("parent", self.lab.danectl("status", name).out)

    def test_a_stale_server_that_only_the_parent_names(self) -> None:
        name = self.enrolled("stale")
        presented = {"mx": live(self.lab, name) / "fullchain.pem"}
        with self.without(ZONE, f"NS {NS2}.", ZONE), Senders(self.lab, owner_of(name), presented) as senders:
            time.sleep(TTL + 1)  # the resolver knows no other name servers
            with self.lab.secondary_frozen():
                spki = self.stage(name)
                self.assertIn(SECONDARY, self.refused(name, "--no-hold").err)
                end = time.monotonic() + HOLD_DOWN + 6
                while time.monotonic() < end:  # the resolver asks now one, now the other
                    self.refused(name)
                self.assertIn(SECONDARY, self.refused(name).err)
                shown = self.lab.danectl("status", name).out
                self.assertIn(f"{NS2} {SECONDARY} (only the parent names it): does not have", shown)
                (difference,) = self.differences(name)
                self.assertIn(f"only {PARENT} names {NS2}", difference)
            wait_ready(self.lab, name)
            self.promoted(name, spki)
            senders.wait_for_a_look()
        senders.assert_no_mail_held(self)

    def test_one_that_is_ignored_is_left_out_and_shown(self) -> None:
        name = self.enrolled("ignored")
        with self.without(ZONE, f"NS {NS2}.", ZONE):
            time.sleep(TTL + 1)
            self.lab.write_config(dns={"ignore": [NS2]})
            try:
                self.assertIn(f"{NS2} (only the parent names it): left out, in [dns] ignore",
                              self.lab.danectl("status", name).out)
                self.assertNotIn(SECONDARY, self.addresses(name))
            finally:
                self.lab.write_config()

    def test_glue_with_another_address(self) -> None:
        name, spki = self.ready("glue")
        with self.address(GLUE), self.with_("ns1.example.lab", f"A {GLUE}", PARENT):
            with DnsFilter([GLUE], to="127.0.0.31", rule=refuse_type(TLSA)):
                self.assertIn(GLUE, self.refused(name, "--no-hold").err)
                (difference,) = self.differences(name)
                self.assertIn(f"the glue of ns1.example.lab has {GLUE}", difference)
            with DnsFilter([GLUE], to="127.0.0.31", rule=lambda _name, _kind: None):
                self.promoted(name, spki)

    def test_the_zone_names_more_servers_than_the_parent(self) -> None:
        name = self.enrolled("more")
        with self.without(ZONE, f"NS {NS2}.", PARENT):
            time.sleep(TTL + 1)
            self.assertIn(SECONDARY, self.addresses(name))
            (difference,) = self.differences(name)
            self.assertIn(f"only the zone names {NS2}", difference)
            self.assertNotIn("only the parent", self.lab.danectl("status", name).out)

    def test_the_zone_of_an_aliass_target_counts_as_well(self) -> None:
        name, target = "alias-d.example.lab", "tlsa-d.alias.lab"
        enroll(self.lab, name)
        self.lab.danectl("stage", name)
        self.lab.add(target, TTL, f"TLSA {of_key(self.lab, live(self.lab, name) / 'cert.pem')}")
        self.lab.add(owner_of(name), TTL, f"CNAME {target}.")
        self.lab.wait_until("the resolver has the alias",
                            lambda: f"CNAME {target}." in self.lab.dig(owner_of(name)).records)
        with self.with_("alias.lab", f"NS {NS2}.", PARENT):  # which does not serve it
            refused = self.refused(name, "--no-hold").err
            self.assertIn(NS2, refused)
            self.assertIn("REFUSED", refused)
            (difference,) = self.differences(name)
            self.assertIn(f"only {PARENT} names {NS2}", difference)

    def test_one_name_server_of_the_parent_is_enough(self) -> None:
        name, spki = self.ready("enough")
        with (self.address(SECOND_PARENT), RefusesReferrals([SECOND_PARENT], to="127.0.0.11", rule=lambda _n, _k: None),
              self.with_("b.nic.lab", f"A {SECOND_PARENT}", PARENT), self.with_(PARENT, "NS b.nic.lab.", PARENT)):
            time.sleep(TTL + 1)
            self.promoted(name, spki)

    def second_parent_as_of_now(self) -> None:
        """Another name server of lab., which goes on giving what lab. has now."""
        folder = self.lab.dir / "bnic"
        folder.mkdir(exist_ok=True)
        transfer = run(["dig", f"@{FIRST_PARENT}", PARENT, "AXFR", "+onesoa", "+noall", "+answer"]).out
        (folder / "zone").write_text(transfer)
        conf = folder / "named.conf"
        conf.write_text(f"""options {{
    directory "{folder}"; {in_no_file_outside()}
    listen-on {{ {SECOND_PARENT}; }}; listen-on-v6 {{ none; }}; recursion no; notify no; dnssec-validation no;
}};
controls {{}};
zone "{PARENT}" {{ type primary; file "{folder}/zone"; }};
""")
        daemon = Daemon("bnic", ["named", "-g", "-n", "1", "-c", conf], self.lab.dir / "log" / "bnic.log",
                        lambda: bool(self.lab.dig(PARENT, "SOA", SECOND_PARENT).records))
        self.lab._daemons["bnic"] = daemon
        daemon.spawn()
        self.lab._await_ready(["bnic"])

    def test_what_a_silent_server_of_the_parent_named_is_not_forgotten(self) -> None:
        name = self.enrolled("parted")
        with (self.without(ZONE, f"NS {NS2}.", ZONE), self.address(SECOND_PARENT),
              self.with_("b.nic.lab", f"A {SECOND_PARENT}", PARENT), self.with_(PARENT, "NS b.nic.lab.", PARENT)):
            self.lab.wait_until("lab. names it",
                                lambda: "NS b.nic.lab." in self.lab.dig(PARENT, "NS", FIRST_PARENT).records)
            self.second_parent_as_of_now()
            with self.without(ZONE, f"NS {NS2}.", PARENT):
                time.sleep(TTL + 1)
                with self.lab.secondary_frozen():
                    spki = self.stage(name)
                    self.assertIn(SECONDARY, self.refused(name).err)
                    with self.lab.silence("bnic"):
                        end = time.monotonic() + HOLD_DOWN + 8  # longer than caches know the delegation
                        while time.monotonic() < end:
                            self.assertIn(SECONDARY, self.refused(name).err)
                    self.assertIn(SECONDARY, self.refused(name, "--no-hold").err)
                wait_ready(self.lab, name)
                self.promoted(name, spki)
            self.lab.kill("bnic")

    def test_a_server_of_the_parent_that_only_the_root_names(self) -> None:
        """It gives an older delegation, to a stale server that neither the zone nor the rest of the parent names."""
        name = self.enrolled("forgotten")
        presented = {"mx": live(self.lab, name) / "fullchain.pem"}
        with (self.without(ZONE, f"NS {NS2}.", ZONE), self.address(SECOND_PARENT),
              self.with_("b.nic.lab", f"A {SECOND_PARENT}", ROOT), self.with_(PARENT, "NS b.nic.lab.", ROOT)):
            self.second_parent_as_of_now()
            with self.without(ZONE, f"NS {NS2}.", PARENT), Senders(self.lab, owner_of(name), presented) as senders:
                time.sleep(TTL + 1)
                with self.lab.secondary_frozen():
                    spki = self.stage(name)
                    end = time.monotonic() + HOLD_DOWN + 6
                    while time.monotonic() < end:  # the resolver asks now one, now the other
                        self.assertIn(SECONDARY, self.refused(name).err)
                    self.assertIn(SECONDARY, self.refused(name, "--no-hold").err)
                wait_ready(self.lab, name)
                self.promoted(name, spki)
                senders.wait_for_a_look()
            senders.assert_no_mail_held(self)
            self.lab.kill("bnic")

    def test_a_parent_that_does_not_tell_holds_everything(self) -> None:
        name, spki = self.ready("mute")
        with (self.address(SECOND_PARENT), RefusesReferrals([SECOND_PARENT], to="127.0.0.11", rule=lambda _n, _k: None),
              self.with_("b.nic.lab", f"A {SECOND_PARENT}", PARENT), self.with_(PARENT, "NS b.nic.lab.", PARENT),
              self.without(PARENT, "NS a.nic.lab.", PARENT), self.with_("b.nic.lab", f"A {SECOND_PARENT}", ROOT),
              self.with_(PARENT, "NS b.nic.lab.", ROOT), self.without(PARENT, "NS a.nic.lab.", ROOT)):
            time.sleep(TTL + 1)
            for part in (f"no name server of {PARENT} says to which servers it delegates {ZONE}", SECOND_PARENT,
                         "REFUSED", "ignore"):
                self.assertIn(part, self.refused(name, "--no-hold").err)
            self.lab.write_config(dns={"ignore": [SECOND_PARENT]})
            try:
                self.assertIn("left out, it is not known to which name servers lab delegates it",
                              self.lab.danectl("status", name).out)
                self.promoted(name, spki)
            finally:
                self.lab.write_config()


if __name__ == "__main__":
    unittest.main()
