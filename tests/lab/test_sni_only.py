"""A host whose chain is shown only to who asks for its name (SNI), beside a neighbour whose chain everybody else gets.
Every DANE sender asks by name (RFC 7671 section 3), so the first record does not wait for the others; they are told."""
from __future__ import annotations

import json
import unittest
from typing import Any

from lab_mail import Chains, MailServer
from rollover import RolloverTest, live, next_key, of_key, owner_of, records_at

OURS, NEIGHBOUR = "ours.example.lab", "neighbour.example.lab"


class SniOnly(RolloverTest):

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for name in (OURS, NEIGHBOUR):
            cls.lab.add(name, 2, "A 127.0.0.25")
            cls.lab.issue(name)
        cls.lab.danectl("enroll", NEIGHBOUR, "--tlsa", owner_of(NEIGHBOUR))
        cls.lab.danectl("enroll", OURS, "--probe", f"smtp://{OURS}:25")
        cls.lab.danectl("stage")
        cls.stranger = Chains(cls.lab.dir / "tls").make("stranger.example.lab", "ec")

    def setUp(self) -> None:
        self.ours, self.neighbours = (live(self.lab, name) / "combined.pem" for name in (OURS, NEIGHBOUR))
        self.key = self.lab.openssl_spki(live(self.lab, NEIGHBOUR) / "cert.pem")
        self.addCleanup(self.lab.delete, owner_of(OURS), "TLSA", wait=False)
        self.lab.wait_until("nothing is published", lambda: not records_at(self.lab, owner_of(OURS)))

    def findings(self) -> list[dict[str, Any]]:
        return list(json.loads(self.lab.danectl("check", OURS, "--json", expect=None).out)["findings"])

    def is_published(self) -> bool:
        wanted = {of_key(self.lab, live(self.lab, OURS) / "cert.pem"), of_key(self.lab, next_key(self.lab, OURS))}
        return set(records_at(self.lab, owner_of(OURS))) == wanted

    def test_the_first_record_is_published_and_what_others_are_shown_is_told(self) -> None:
        for verb in ("publish", "run"):
            with self.subTest(verb), MailServer(self.lab, chain_files=[self.neighbours], sni={OURS: self.ours}):
                if verb == "run":
                    self.lab.delete(owner_of(OURS), "TLSA")
                result = self.lab.danectl(verb, *([OURS] if verb == "publish" else []))
                self.lab.wait_until("it is published", self.is_published)
                self.assertIn("without SNI", result.err)
                self.assertIn(self.key, result.err)
                self.assertIn(NEIGHBOUR, result.err)
                self.assertNotIn("unknown", result.out + result.err)
                again = self.lab.danectl(verb, *([OURS] if verb == "publish" else []))
                self.assertNotIn("without SNI", again.err)
                self.assertNotIn("CRITICAL", {finding["severity"] for finding in self.findings()})

    def test_check_names_the_lineage_whose_key_is_shown_without_sni(self) -> None:
        with MailServer(self.lab, chain_files=[self.neighbours], sni={OURS: self.ours}):
            before = self.findings()
            self.lab.danectl("publish", OURS)
            after = self.findings()
        for found in (before, after):
            text = json.dumps(found)
            self.assertNotIn("no lineage here knows", text)
            self.assertIn(NEIGHBOUR, text)

    def test_another_key_by_its_name_keeps_the_first_record_back(self) -> None:
        with MailServer(self.lab, chain_files=[self.ours], sni={OURS: self.neighbours}):
            refused = self.lab.danectl("publish", OURS, expect=75)
            self.assertIn(self.key, refused.err)
            self.assertIn(NEIGHBOUR, refused.err)
            self.assertNotIn("without SNI", refused.err)
            text = json.dumps(self.findings())
            self.assertNotIn("no lineage here knows", text)
            self.assertIn(NEIGHBOUR, text)
        self.assertEqual(records_at(self.lab, owner_of(OURS)), [])

    def test_a_record_of_the_neighbours_key_is_not_called_unknown(self) -> None:
        self.lab.add(owner_of(OURS), 2, f"TLSA 3 1 1 {self.key}")
        with MailServer(self.lab, chain_files=[self.ours]):
            self.lab.danectl("publish", OURS)
            (foreign,) = [one for one in self.findings() if one["id"] == "foreign-record"]
        self.assertIn(NEIGHBOUR, foreign["message"])
        self.assertNotIn("no lineage here knows", foreign["message"])

    def test_a_stranger_s_chain_without_sni_is_told_too(self) -> None:
        with MailServer(self.lab, chain_files=[self.stranger], sni={OURS: self.ours}):
            result = self.lab.danectl("publish", OURS)
        self.assertIn("without SNI", result.err)
        self.assertIn(self.lab.openssl_spki(self.stranger.with_suffix(".crt")), result.err)
        self.assertNotIn(NEIGHBOUR, result.err)


if __name__ == "__main__":
    unittest.main()
