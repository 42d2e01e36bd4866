"""The record of an issuer may be another host's as well, and looks the same: a host that gets a new issuer deletes that
of the old one by itself only where its probes cover every address of the owner's host and the owner is no alias."""
from __future__ import annotations

import time
import unittest

from host import Host, records_at, run_until, wait_for_caches
from lab_mail import MailServer
from rollover import HOLD_DOWN, RolloverTest, install_hook, live, owner_of, set_key, status
from senders import Senders, record_of
from watcher import CERTIFICATE

PROFILE = ("2 1 1",)
BOTH, ALIAS_SERVER = ("127.0.0.31", "127.0.0.32"), ("127.0.0.41",)
LATER = HOLD_DOWN + 3  # longer than retire_after


class OneHost:
    """A host with a lineage of its own for `domain`; `2 1 1` of its issuer is published by `run`."""

    def __init__(self, host: Host, name: str, domain: str, *where: str, reload: list[str]) -> None:
        self.host, self.name = host, name
        host.issue(name, domain)
        host.danectl("enroll", name, *where, "--profile", *PROFILE)
        install_hook(host, "deploy", f"exec {host.program} --config {host.config} deploy-hook")
        set_key(host, name, "reload", [reload])
        set_key(host, name, "retire_after", "1s")

    def issuer(self) -> str:
        """Of the chain that is deployed."""
        return record_of(*PROFILE, CERTIFICATE.findall((live(self.host, self.name) / "fullchain.pem").read_text())[1])

    def renew(self) -> None:
        self.host.certbot("renew", "--cert-name", self.name, "--force-renewal")

    def moves_to_the_new_issuer(self, test: unittest.TestCase) -> str:
        """Its chain is renewed, waits as a candidate, and is deployed by `run`; the record of the old issuer."""
        old = self.issuer()
        self.renew()
        test.assertEqual(self.issuer(), old, "the record of the new one is not there yet")
        run_until(self.host, "the chain of the new issuer is served", lambda _result: self.issuer() != old)
        return old

    def keeps(self, test: unittest.TestCase, old: str, owner: str, servers: tuple[str, ...]) -> None:
        """However often the timer starts it."""
        end = time.monotonic() + LATER
        while time.monotonic() < end:
            result = self.host.danectl("run")
            for given in records_at(self.host, owner, servers):
                test.assertIn(old, given, result)
            time.sleep(0.5)
        test.assertIn(old, [entry["record"] for entry in status(self.host, self.name)["retiring"]])

    def retires(self, test: unittest.TestCase, old: str, owner: str, servers: tuple[str, ...]) -> None:
        """By a person."""
        test.assertIn("deleted", self.host.danectl("retire", self.name).out)
        self.host.wait_published(owner, f"TLSA {old}", present=False, servers=servers)
        for given in records_at(self.host, owner, servers):
            test.assertEqual(given, {self.issuer()})


class TwoHosts(RolloverTest):
    """Neither knows of the other."""

    def test_the_record_of_the_issuer_that_the_other_still_has_stays_until_a_person_deletes_it(self) -> None:
        owner = owner_of("mx.example.lab")
        one, two = (OneHost(Host(self.lab, label), f"{label}.example.lab", "mx.example.lab", "--tlsa", owner,
                            reload=["true"]) for label in ("one", "two"))
        for each in (one, two):
            run_until(each.host, "the issuer is published", lambda _result, each=each: all(
                given == {each.issuer()} for given in records_at(self.lab, owner)))
        wait_for_caches()
        presented = {each.name: live(each.host, each.name) / "fullchain.pem" for each in (one, two)}
        with Senders(self.lab, owner, presented, PROFILE) as senders:
            senders.wait_for_a_look()
            one.host.new_ca()
            old = one.moves_to_the_new_issuer(self)
            one.keeps(self, old, owner, BOTH)
            self.assertEqual(two.issuer(), old)
            two.host.danectl("run")
            for given in records_at(self.lab, owner):
                self.assertEqual(given, {old, one.issuer()}, "what the other has published is left alone")
            two.host.new_account()
            self.assertEqual(two.moves_to_the_new_issuer(self), old)
            two.keeps(self, old, owner, BOTH)
            one.retires(self, old, owner, BOTH)
            two.host.danectl("run")
            senders.wait_for_a_look()
        senders.assert_no_mail_held(self)
        for given in records_at(self.lab, owner):
            self.assertEqual(given, {one.issuer()})


class Probed(RolloverTest):
    """One host alone; what its probes cover decides."""

    def begin(self, word: str, domain: str, probe: str, *addresses: str, target: str = "") -> str:
        """From the first record to a chain of a new issuer, with a Postfix at each address; the old issuer's record.
        `target`: where the alias leads that the owner is, in a zone with a server of its own."""
        host, name = Host(self.lab, word), f"{word}.example.lab"
        self.owner, self.servers = target or owner_of(domain), ALIAS_SERVER if target else BOTH
        self.addCleanup(self.lab.delete, self.owner)
        reload = host.dir / "reload"
        reload.write_text("#!/bin/sh\n")
        reload.chmod(0o755)
        self.one = OneHost(host, name, domain, "--tlsa", owner_of(domain), "--probe", probe, reload=[str(reload)])
        for number, address in enumerate(addresses):
            mail = MailServer(self.lab, chain_files=[live(host, name) / "combined.pem"], address=address,
                              hostname=domain, name=f"postfix-{word}-{number}")
            self.enterContext(mail)
            with reload.open("a") as script:
                script.write(" ".join(mail.reload_command) + "\n")
        run_until(host, "the issuer is published", lambda _result: self.has_its_issuer_only())
        wait_for_caches()
        self.senders = self.enterContext(Senders(
            self.lab, self.owner, {"mx": live(host, name) / "fullchain.pem"}, PROFILE, servers=self.servers))
        self.senders.wait_for_a_look()
        host.new_ca()
        return self.one.moves_to_the_new_issuer(self)

    def has_its_issuer_only(self) -> bool:
        return all(given == {self.one.issuer()} for given in records_at(self.lab, self.owner, self.servers))

    def goes_by_itself(self) -> None:
        run_until(self.one.host, "it is gone", lambda _result: self.has_its_issuer_only())
        self.senders.assert_no_mail_held(self)

    def goes_by_a_person(self, old: str) -> None:
        self.one.keeps(self, old, self.owner, self.servers)
        self.one.retires(self, old, self.owner, self.servers)
        self.senders.assert_no_mail_held(self)

    def test_probes_of_the_only_address_let_it_go_by_itself(self) -> None:
        self.begin("covered", "mx2.example.lab", "smtp://mx2.example.lab:25", "127.0.0.26")
        self.goes_by_itself()

    def test_probes_of_every_address_let_it_go_by_itself(self) -> None:
        self.begin("all", "mx6.example.lab", "smtp://mx6.example.lab:25", "127.0.0.27", "fd00:da::27")
        self.goes_by_itself()

    def test_probes_of_one_address_of_two_leave_it_to_a_person(self) -> None:
        one_of_two = "smtp://mx6.example.lab:25@127.0.0.27"
        self.goes_by_a_person(self.begin("half", "mx6.example.lab", one_of_two, "127.0.0.27"))

    def test_an_alias_leaves_it_to_a_person(self) -> None:
        target = owner_of("issuers.alias.lab")
        self.lab.add(owner_of("mx.example.lab"), 2, f"CNAME {target}.")
        self.goes_by_a_person(self.begin("alias", "mx.example.lab", "smtp://mx.example.lab:25", "127.0.0.25",
                                         target=target))


if __name__ == "__main__":
    unittest.main()
