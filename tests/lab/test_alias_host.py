"""A mail host that is an alias: senders use the records below the name where it leads, and those below the alias only
where there are none (RFC 7672 section 2.2.3). So does danectl. Postfix tells what senders think of it."""
from __future__ import annotations

import json
import re
import unittest
from typing import Any

from host import Host
from lab import Result
from lab_mail import Chains, MailServer, delivers_to
from rollover import RolloverTest, lineage_toml, live, next_key, of_key, owner_of, records_at, wait_ready

EXPANDED, ALIAS, DOMAIN = "mx.example.lab", "mail.alias.lab", "box.example.lab"
OWNER, ALIAS_OWNER, SMTP = owner_of(EXPANDED), owner_of(ALIAS), f"smtp://{ALIAS}:25"


class AliasHost(RolloverTest):
    """Each case has a danectl of its own, `host`, with one lineage, and Postfix presents what that deploys, to who asks
    for the expanded name: that is the one that senders ask for."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.lab.add(ALIAS, 2, f"CNAME {EXPANDED}.")
        cls.lab.add(DOMAIN, 2, f"MX 10 {ALIAS}.")
        cls.other = Chains(cls.lab.dir / "tls").make("other.example.lab", "ec")

    def begin(self, label: str, *options: str, domains: tuple[str, ...] = (ALIAS,)) -> Result:
        self.host = Host(self.lab, label)
        self.addCleanup(self.lab.delete, OWNER, "TLSA", wait=False)
        self.addCleanup(self.lab.delete, ALIAS_OWNER, "TLSA", wait=False)
        self.host.issue(label, *domains)
        enrolled = self.host.danectl("enroll", label, *options)
        self.host.danectl("stage", label)
        self.name = label
        return enrolled

    def serve(self) -> MailServer:
        combined = live(self.host, self.name) / "combined.pem"
        return self.enterContext(MailServer(self.lab, chain_files=[combined]))

    def settings(self) -> str:
        return lineage_toml(self.host, self.name).read_text()

    def findings(self, *subjects: str) -> list[dict[str, Any]]:
        return list(json.loads(self.host.danectl("check", *subjects, "--json", expect=None).out)["findings"])

    def of_current(self) -> str:
        return of_key(self.host, live(self.host, self.name) / "cert.pem")

    def of_next(self) -> str:
        return of_key(self.host, next_key(self.host, self.name))

    def assert_postfix_verifies(self) -> None:
        self.lab.wait_until("Postfix verifies the server", self.is_verified)

    def is_verified(self) -> bool:
        try:
            return bool(delivers_to(self.lab, DOMAIN))
        except AssertionError:
            return False

    def test_enrolled_by_probe_it_rolls_below_the_expanded_name_and_mail_goes_on(self) -> None:
        enrolled = self.begin("probe", "--probe", SMTP)
        self.assertIn(f"{ALIAS} is an alias of {EXPANDED}", enrolled.out + enrolled.err)
        self.assertIn(f'"{OWNER}"', self.settings())
        self.assertNotIn(ALIAS_OWNER, self.settings())
        mail = self.serve()
        self.host.danectl("publish")
        for record in (self.of_current(), self.of_next()):
            self.lab.wait_published(OWNER, f"TLSA {record}")
        self.assertEqual(records_at(self.lab, ALIAS_OWNER, "127.0.0.41"), [])
        self.assert_postfix_verifies()
        wait_ready(self.host, self.name)
        before = self.of_current()
        self.host.danectl("promote")
        mail.reload()
        self.assertNotEqual(self.of_current(), before)
        self.assert_postfix_verifies()
        self.assertEqual([finding for finding in self.findings() if finding["severity"] == "CRITICAL"], [])

    def test_the_first_record_below_the_expanded_name_waits_for_the_server(self) -> None:
        self.begin("blind", "--probe", SMTP)
        with MailServer(self.lab, chain_files=[self.other]):
            refused = self.host.danectl("publish", expect=75)
        self.assertIn(f"not published at {OWNER}", refused.err)
        self.assertEqual(records_at(self.lab, OWNER), [])

    def test_a_person_who_names_the_alias_is_told_and_obeyed(self) -> None:
        for options in (["--tlsa", ALIAS_OWNER], ["--tlsa", ALIAS_OWNER, "--probe", SMTP]):
            enrolled = self.begin(f"named{len(options)}", *options)
            self.assertIn(ALIAS_OWNER, self.settings())
            self.assertNotIn(OWNER, self.settings())
            self.assertRegex(enrolled.err, f"{re.escape(ALIAS)} is an alias of {re.escape(EXPANDED)}")
            self.assertIn(f'put "{OWNER}" in place of "{ALIAS_OWNER}" into `tlsa`', enrolled.err)

    def test_a_host_that_is_no_alias_is_enrolled_as_it_was_named(self) -> None:
        enrolled = self.begin("plain", "--probe", f"smtp://{EXPANDED}:25", domains=(EXPANDED,))
        self.assertIn(f'"{OWNER}"', self.settings())
        self.assertNotIn("alias", enrolled.out + enrolled.err)

    def test_whether_it_is_an_alias_is_not_guessed(self) -> None:
        self.host = Host(self.lab, "guess")
        self.host.issue("guess", ALIAS)
        with self.lab.silence("alias"), self.lab.silence("unbound"):
            refused = self.host.danectl("enroll", "guess", "--probe", SMTP, expect=75)
            self.assertIn(ALIAS, refused.err)
            self.assertIn("--tlsa", refused.err)
            self.assertFalse(lineage_toml(self.host, "guess").exists())
            self.host.danectl("enroll", "guess", "--tlsa", OWNER)

    def test_check_goes_by_what_senders_use(self) -> None:
        """The owner is the expanded one, and the probe has the alias in it, as a person may write it."""
        self.begin("check", "--tlsa", OWNER)
        path = lineage_toml(self.host, self.name)
        path.write_text(path.read_text() + f'probe = ["{SMTP}"]\n')
        combined = live(self.host, self.name) / "combined.pem"
        with MailServer(self.lab, chain_files=[combined]):
            self.host.danectl("publish")
        for record in (self.of_current(), self.of_next()):
            self.lab.wait_published(OWNER, f"TLSA {record}")
        # Who asks for the alias gets another chain; senders ask for the name that the records are of.
        with MailServer(self.lab, chain_files=[self.other], sni={EXPANDED: combined}):
            self.assert_postfix_verifies()
            for subjects in ((), (SMTP,)):
                with self.subTest(subjects):
                    found = self.findings(*subjects)
                    self.assertEqual([one for one in found if one["severity"] == "CRITICAL"], [])
                    self.assertNotIn("owner-not-probed", {one["id"] for one in found})
                    for one in found:
                        self.assertNotIn(f"publish at {OWNER}", one["remedy"])
                        self.assertNotIn(ALIAS_OWNER, one["remedy"])

    def test_check_tells_a_lineage_below_the_alias_that_senders_use_other_records(self) -> None:
        """The expanded name has the record of the current key, and the next key's stands below the alias alone."""
        self.begin("below", "--tlsa", ALIAS_OWNER, "--probe", SMTP)
        self.serve()
        self.lab.add(OWNER, 2, f"TLSA {self.of_current()}")
        for record in (self.of_current(), self.of_next()):
            self.lab.add(ALIAS_OWNER, 2, f"TLSA {record}")
        self.assert_postfix_verifies()
        found = {finding["id"]: finding for finding in self.findings()}
        self.assertEqual([one for one in found.values() if one["severity"] == "CRITICAL"], [])
        self.assertEqual(found["next-not-published"]["owner"], OWNER)
        for one in ("next-not-published", "host-is-alias"):
            self.assertIn(f'"{OWNER}"', found[one]["remedy"])
            self.assertIn("`tlsa` of below", found[one]["remedy"])
        # With other keys there mail is held, whatever stands below the alias.
        self.lab.delete(OWNER, "TLSA")
        self.lab.add(OWNER, 2, f"TLSA {of_key(self.lab, self.other.with_suffix('.crt'))}")
        self.lab.wait_until("Postfix defers", lambda: not self.is_verified())
        critical = {one["id"]: one for one in self.findings() if one["severity"] == "CRITICAL"}
        self.assertEqual(critical["tlsa-mismatch"]["owner"], OWNER)
        # Without any there those below the alias count.
        self.lab.delete(OWNER, "TLSA")
        self.assert_postfix_verifies()
        found = {finding["id"]: finding for finding in self.findings()}
        self.assertEqual([one for one in found.values() if one["severity"] == "CRITICAL"], [])
        self.assertNotIn("next-not-published", found)
        self.assertIn(OWNER, found["host-is-alias"]["message"])

    def test_a_key_that_is_published_below_the_alias_alone_is_not_deployed(self) -> None:
        self.begin("early", "--tlsa", ALIAS_OWNER, "--probe", SMTP, "--reload", "true")
        mail = self.serve()
        self.lab.add(OWNER, 2, f"TLSA {self.of_current()}")
        for record in (self.of_current(), self.of_next()):
            self.lab.add(ALIAS_OWNER, 2, f"TLSA {record}")
        self.refuses_for_the_alias()
        mail.reload()
        self.assert_postfix_verifies()
        # In two steps, as the hint says; with the records where senders look first it goes through.
        self.lab.add(OWNER, 2, f"TLSA {self.of_next()}")
        wait_ready(self.host, self.name)
        self.host.danectl("promote")
        mail.reload()
        self.assert_postfix_verifies()

    def test_a_host_that_becomes_an_alias_does_not_go_on_by_its_own_records(self) -> None:
        late = "late.example.lab"
        self.lab.add(late, 2, "A 127.0.0.25")
        self.addCleanup(self.lab.delete, late, "CNAME", wait=False)
        self.begin("late", "--tlsa", owner_of(late), "--reload", "true", domains=(late,))
        self.addCleanup(self.lab.delete, owner_of(late), "TLSA", wait=False)
        for record in (self.of_current(), self.of_next()):
            self.lab.add(owner_of(late), 2, f"TLSA {record}")
        wait_ready(self.host, self.name)
        self.lab.add(OWNER, 2, f"TLSA {self.of_current()}")
        self.lab.delete(late, "A")
        self.lab.add(late, 2, f"CNAME {EXPANDED}.")
        self.refuses_for_the_alias()
        # A name again: as soon as caches have let go of the alias its own records count alone.
        self.lab.delete(late, "CNAME")
        self.lab.add(late, 2, "A 127.0.0.25")
        self.lab.wait_until("it is promoted", lambda: self.host.danectl("promote", expect=None).code == 0)

    def refuses_for_the_alias(self) -> None:
        before = self.of_current()
        self.lab.wait_until("the alias is seen", lambda: "is an alias" in self.host.danectl("status", expect=None).out)
        for verb in ("promote", "run"):
            refused = self.host.danectl(verb, expect=None)
            self.assertEqual(self.of_current(), before, refused)
        refused = self.host.danectl("promote", expect=75)
        self.assertIn(OWNER, refused.err)
        self.assertIn(f"`tlsa` of {self.name}", refused.err)
        self.assertEqual(json.loads(self.host.danectl("status", "--json").out)["lineages"][0]["state"], "attention")

    def test_where_nothing_stands_at_the_expanded_name_the_alias_is_no_hindrance(self) -> None:
        self.begin("calm", "--tlsa", ALIAS_OWNER, "--reload", "true")
        for record in (self.of_current(), self.of_next()):
            self.lab.add(ALIAS_OWNER, 2, f"TLSA {record}")
        wait_ready(self.host, self.name)
        self.host.danectl("promote")


if __name__ == "__main__":
    unittest.main()
