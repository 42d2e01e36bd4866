"""What danectl prints, given to the programs it is meant for; and that `status` only reads."""
from __future__ import annotations

import json
import os
import unittest
from pathlib import Path

from lab import run
from rollover import RolloverTest, certbot_live, enroll, look, next_key, publish, status

RSA, ECDSA = "rsa.example.lab", "ecdsa.example.lab"
SHARED = "_25._tcp.mx.example.lab"
ALIAS, TARGET = "_25._tcp.alias.example.lab", "_25._tcp.mx.alias.lab"
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"


class Formats(RolloverTest):
    """An RSA and an ECDSA lineage share one owner; the second also has one that is an alias into another zone."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.lab.add(ALIAS, 2, f"CNAME {TARGET}.")
        enroll(cls.lab, RSA, owners=[SHARED], issue=["--key-type", "rsa", "--rsa-key-size", "2048"])
        enroll(cls.lab, ECDSA, owners=[SHARED, ALIAS])
        cls.lab.danectl("stage")
        cls.spki = {(name, role): cls.lab.openssl_spki(path) for name in (RSA, ECDSA) for role, path in (
            ("current", certbot_live(cls.lab, name) / "privkey.pem"), ("next", next_key(cls.lab, name)))}

    def setUp(self) -> None:
        self.lab.delete(SHARED)
        self.lab.delete(TARGET)

    def wanted(self, *names: str) -> list[str]:
        return sorted(f"TLSA 3 1 1 {spki}" for (name, _role), spki in self.spki.items() if name in names or not names)

    def loaded(self, records: str, zone: str) -> str:
        """A minimal zone with these lines, as named-checkzone understood it; kzonecheck must take it, too."""
        path = self.lab.dir / "minimal.zone"
        path.write_text(f"$TTL 60\n{zone}. SOA ns1 hostmaster 1 2 3 4 5\n{zone}. NS ns1.example.lab.\n"
                        + ("ns1.example.lab. A 127.0.0.31\n" if zone == "example.lab" else "") + records)
        run(["kzonecheck", "-o", zone, path])
        return run(["named-checkzone", "-D", "-o", "-", zone, path]).out

    def tlsa_in(self, text: str, owner: str) -> list[str]:
        lines = (line.split() for line in text.splitlines() if line.startswith(f"{owner}."))
        return sorted(f"TLSA {' '.join(line[4:7])} {''.join(line[7:]).lower()}" for line in lines if line[3] == "TLSA")

    def test_zone_and_rfc3597_are_zone_file_lines(self) -> None:
        for form in ("zone", "rfc3597"):
            lines = self.lab.danectl("records", RSA, "--format", form).out
            self.assertEqual(self.tlsa_in(self.loaded(lines, "example.lab"), SHARED), self.wanted(), lines)

    def test_lineages_that_share_an_owner_have_one_rrset_with_every_record_once(self) -> None:
        for names in ((), (RSA,), (ECDSA,)):
            lines = [line for line in self.lab.danectl("records", *names, "--format", "rfc3597").out.splitlines()
                     if line.startswith(SHARED)]
            self.assertEqual(len(lines), 4, lines)
            self.assertEqual(len(set(lines)), 4, lines)
        both = "\n".join(line for line in self.lab.danectl("records").out.splitlines() if line.startswith(SHARED))
        self.assertEqual(self.tlsa_in(self.loaded(both + "\n", "example.lab"), SHARED), self.wanted())

    def test_nsupdate_takes_the_script_for_two_zones_also_twice(self) -> None:
        script = self.lab.danectl("records", "--format", "nsupdate").out
        self.assertNotIn("delete", script)
        for _time in range(2):
            self.assertEqual(self.lab.nsupdate(script), "")
        self.assertEqual(sorted(self.lab.dig(SHARED, "TLSA", "127.0.0.31").records), self.wanted())
        self.assertEqual(sorted(self.lab.dig(TARGET, "TLSA", "127.0.0.41").records), self.wanted(ECDSA))

    def test_nsupdate_adds_to_what_others_have_published(self) -> None:
        foreign = f"TLSA 3 1 1 {'ab' * 32}"
        self.lab.add(SHARED, 2, foreign)
        self.lab.nsupdate(self.lab.danectl("records", "--format", "nsupdate").out)
        self.assertEqual(sorted(self.lab.dig(SHARED, "TLSA", "127.0.0.31").records), sorted([foreign, *self.wanted()]))

    def test_only_restricts_to_one_role(self) -> None:
        for role in ("current", "next"):
            owners = json.loads(self.lab.danectl("records", "--only", role, "--format", "json").out)["owners"]
            records = {record["record"] for owner in owners for record in owner["records"]}
            self.assertEqual(records, {f"3 1 1 {self.spki[name, role]}" for name in (RSA, ECDSA)})
        for role in ("candidate", "retiring"):
            self.assertEqual(self.lab.danectl("records", "--only", role, "--format", "nsupdate").out, "")

    def test_records_keep_the_ttl_that_an_rrset_has(self) -> None:
        self.lab.write_config(publish={"ttl": "1h"})
        self.addCleanup(self.lab.write_config)
        self.assertIn(f"{SHARED}. 3600 IN", self.lab.danectl("records", RSA).out)
        self.lab.add(SHARED, 7, f"TLSA 3 1 1 {self.spki[RSA, 'current']}")
        lines = self.lab.danectl("records", RSA).out
        self.assertIn(f"{SHARED}. 7 IN", lines)
        self.assertNotIn("3600", lines)

    def test_json_of_records_says_who_wants_what(self) -> None:
        document = json.loads(self.lab.danectl("records", "--format", "json").out)
        self.assertEqual(document["version"], 1)
        owners = {owner["name"]: owner for owner in document["owners"]}
        self.assertEqual({name: owner["canonical"] for name, owner in owners.items()}, {SHARED: SHARED, ALIAS: TARGET})
        found = {(r["lineage"], r["role"]): r["record"] for r in owners[SHARED]["records"]}
        self.assertEqual(found, {who: f"3 1 1 {spki}" for who, spki in self.spki.items()})

    def test_json_of_status_has_every_key_of_the_contract(self) -> None:
        publish(self.lab)
        look(self.lab)
        lineage = status(self.lab, ECDSA)
        self.assertEqual(list(lineage), ["name", "state", "current", "next", "candidates", "retiring", "owners",
                                         "reload_pending_since", "next_attempt_at", "hook_error", "action"])
        self.assertEqual((lineage["state"], lineage["next"]["state"]), ("waiting", "visible"))
        for text in (lineage["current"]["not_after"], lineage["current"]["since"], lineage["action"]["when"],
                     *(lineage["next"][key] for key in ("staged_at", "visible_since", "ready_at"))):
            self.assertRegex(text, TIME)
        self.assertEqual([o["owner"] for o in lineage["current"]["associations"]], [SHARED, ALIAS])
        self.assertEqual({a["record"] for a in lineage["next"]["associations"]}, {f"3 1 1 {self.spki[ECDSA, 'next']}"})
        shared, alias = lineage["owners"]
        self.assertEqual((shared["dnssec"], shared["ttl"], len(shared["records"])), ("secure", 2, 4))
        self.assertEqual([s["address"] for s in shared["servers"]], ["127.0.0.31", "127.0.0.32", "fd00:da::32"])
        # An alias depends on the servers of both zones.
        self.assertLess({"127.0.0.31", "127.0.0.41"}, {s["address"] for s in alias["servers"]})
        self.assertEqual({s["ok"] for owner in lineage["owners"] for s in owner["servers"]}, {True})

    def test_status_without_dns_has_null_where_it_would_have_to_ask(self) -> None:
        with self.lab.silence("unbound"):
            result = self.lab.danectl("status", ECDSA, "--json", "--no-dns")
        self.assertLess(result.seconds, 2)
        (lineage,) = json.loads(result.out)["lineages"]
        for owner in lineage["owners"]:
            self.assertEqual({owner[key] for key in ("canonical", "dnssec", "ttl")} | {owner["records"] is None,
                             owner["servers"] is None}, {None, True})
        self.assertEqual((lineage["next"]["ready_at"], lineage["next"]["visible_since"]), (None, None))
        self.assertTrue(lineage["current"]["associations"])

    def test_status_changes_nothing_whoever_asks(self) -> None:
        publish(self.lab)
        before = self.lab.snapshot(self.lab.dir / "etc", self.lab.state_dir, self.lab.certbot_dir)
        self.lab.danectl("status")
        for options in ([], ["--json"], ["--no-dns"]):
            output = self.as_nobody("status", *options)
            self.assertIn(RSA, output)
        self.assertEqual(before, self.lab.snapshot(self.lab.dir / "etc", self.lab.state_dir, self.lab.certbot_dir))

    def as_nobody(self, *args: str) -> str:
        # The binary may lie where nobody may not go.
        program = self.lab.dir / "danectl"
        if not program.exists():
            program.write_bytes(Path(self.lab.program).read_bytes())
            program.chmod(0o755)
        who = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        result = run([*who, program, "--config", self.lab.config, *args], env=self.lab.env)
        self.assertEqual(result.err, "", result)
        return result.out

    def test_an_unprivileged_status_shows_the_same_records(self) -> None:
        publish(self.lab)
        theirs = json.loads(self.as_nobody("status", "--json"))["lineages"]
        ours = json.loads(self.lab.danectl("status", "--json").out)["lineages"]
        for key in ("state", "current", "owners", "retiring"):
            self.assertEqual([one[key] for one in theirs], [one[key] for one in ours])
        self.assertEqual([one["next"]["associations"] for one in theirs], [one["next"]["associations"] for one in ours])


if __name__ == "__main__":
    unittest.main()
