"""Promise 3, never begin blind: the first record on an owner waits until every server shows a chain that it matches."""
from __future__ import annotations

import re
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from host import Host
from lab import Result, run
from lab_mail import Chains, MailServer
from rollover import RolloverTest, live, next_key, of_key, owner_of, records_at

HOST = "mx.example.lab"
OTHER, NONE, UNUSABLE, BEGUN, LIMITED, BOTH, ALIASED, NOBODY_LISTENS = 2501, 2502, 2503, 2504, 2505, 2510, 2520, 2599


class Begin(RolloverTest):
    """One Postfix, with a port for each lineage: `tls/PORT.pem` links to the chain file that it presents there. Each
    lineage has a danectl of its own, which `self.lab` is within a case."""
    lineages = {"other": OTHER, "none": NONE, "unusable": UNUSABLE, "begun": BEGUN, "down": NOBODY_LISTENS,
                "both": BOTH, "aliased": ALIASED, "limited": LIMITED, "unprobed": 25}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.hosts = {name: Host(cls.lab, name) for name in cls.lineages}
        with ThreadPoolExecutor() as pool:
            list(pool.map(cls.enroll, cls.hosts))
        cls.tls = cls.lab.dir / "tls"
        cls.chains = Chains(cls.tls)
        cls.old = cls.chains.make(HOST, "ec", file="old.pem")
        cls.old_rsa = cls.chains.make(HOST, "rsa", file="old-rsa.pem")
        for port in (OTHER, NONE, UNUSABLE, BEGUN, LIMITED, BOTH, ALIASED, ALIASED + 1):
            cls.point(port, cls.old)
        cls.point(BOTH + 1, cls.old_rsa)
        services = [f"{port} inet n - n - - smtpd -o smtpd_tls_chain_files={cls.tls}/{port}.pem"
                    for port in (OTHER, NONE, UNUSABLE, BEGUN, LIMITED, ALIASED, ALIASED + 1)]
        services.append(f"{BOTH} inet n - n - - smtpd -o "
                        f"smtpd_tls_chain_files={cls.tls}/{BOTH}.pem,{cls.tls}/{BOTH + 1}.pem")
        cls.mail = cls.enterClassContext(MailServer(cls.lab, chain_files=[cls.old], services=services))

    @classmethod
    def point(cls, port: int, chain: Path) -> None:
        link = cls.tls / f"{port}.pem"
        link.unlink(missing_ok=True)
        link.symlink_to(chain)

    def load(self, port: int, chain: Path) -> None:
        self.point(port, chain)
        self.mail.reload()

    @classmethod
    def enroll(cls, label: str) -> None:
        """A lineage for the host, with a next key; or one with an RSA and one with an ECDSA key."""
        host, port = cls.hosts[label], cls.lineages[label]
        if label == "aliased":
            for number, name in enumerate(("one", "two")):
                host.issue(name, HOST)
                host.danectl("enroll", name, "--probe", f"smtp://{HOST}:{port + number}")
            return
        kinds = {"both-rsa": ["--key-type", "rsa", "--rsa-key-size", "2048"], "both-ecdsa": ["--key-type", "ecdsa"]}
        for name, options in kinds.items() if label == "both" else [(label, [])]:
            host.issue(name, HOST, extra=options)
            where = ["--tlsa", owner(port)] if label == "unprobed" else ["--probe", f"smtp://{HOST}:{port}"]
            host.danectl("enroll", name, *where)
        host.danectl("stage")

    def on(self, label: str) -> tuple[int, Path]:
        """The port of a lineage, and what the server should present there."""
        self.lab = self.hosts[label]
        return self.lineages[label], live(self.lab, label) / "combined.pem"

    def held(self, port: int, *names: str) -> Result:
        """Neither `publish` nor `run` publishes; what `publish` said."""
        result = self.lab.danectl("publish", *names, expect=75)
        self.assertEqual(result.out, "")
        self.assertIn(f"not published at {owner(port)}", result.err)
        self.assertIn(f"smtp://{HOST}:{port} (127.0.0.25)", result.err)
        self.assertNotIn("published", self.lab.danectl("run", expect=None).out)
        self.assertNotIn("3 1 1", "".join(records_at(self.lab, owner(port))))
        return result

    def published(self, port: int, *names: str) -> None:
        self.lab.danectl("publish", *names)
        wanted = [of_key(self.lab, pem) for name in names
                  for pem in (live(self.lab, name) / "cert.pem", next_key(self.lab, name))]
        self.lab.wait_until(f"{wanted} are published",
                            lambda: set(wanted) <= set(records_at(self.lab, owner(port))))

    def test_a_server_with_another_key_keeps_the_first_record_back_until_it_has_loaded_ours(self) -> None:
        port, combined = self.on("other")
        message = self.held(port, "other").err
        self.assertIn(self.lab.openssl_spki(self.tls / "old.crt"), message)
        self.assertIn(str(self.lab.state_dir / "live"), message)
        for publish in ({}, {"method": "print"}):
            self.lab.write_config(publish=publish)
            would = self.lab.danectl("publish", "other", "--dry-run")
            self.assertEqual(would.out, "", would)
            self.assertIn(f"not published at {owner(port)}", would.err)
        records = self.lab.danectl("records", "other", expect=75)
        self.assertEqual(records.out, "")
        self.assertIn(f"not published at {owner(port)}", records.err)
        again = self.lab.danectl("stage", "other")
        self.assertNotIn("3 1 1", again.out)
        self.assertIn(f"not published at {owner(port)}", again.err)
        self.assertIn("begin DANE there once every server", " ".join(self.lab.danectl("status", "other").out.split()))
        self.lab.write_config()
        self.assertEqual(records_at(self.lab, owner(port)), [], would)
        self.point(port, combined)
        self.mail.reload()
        self.assertIn("3 1 1", self.lab.danectl("records", "other").out)
        self.published(port, "other")

    def test_run_publishes_by_itself_once_the_server_is_right(self) -> None:
        port, combined = self.on("none")
        self.held(port, "none")
        self.load(port, combined)
        self.assertIn("published", self.lab.danectl("run").out)
        self.assertEqual(len(records_at(self.lab, owner(port))), 2)

    def test_two_lineages_on_one_owner_wait_for_each_other(self) -> None:
        self.on("both")
        rsa, ecdsa = (live(self.lab, name) / "combined.pem" for name in ("both-rsa", "both-ecdsa"))
        self.held(BOTH, "both-rsa", "both-ecdsa")
        self.load(BOTH, ecdsa)
        for name in ("both-rsa", "both-ecdsa"):
            message = self.held(BOTH, name).err
            self.assertIn(self.lab.openssl_spki(self.tls / "old-rsa.crt"), message)
        self.load(BOTH + 1, rsa)
        self.published(BOTH, "both-rsa", "both-ecdsa")

    def test_two_lineages_whose_owners_are_aliases_of_one_name_wait_for_each_other(self) -> None:
        self.on("aliased")
        for port in (ALIASED, ALIASED + 1):
            self.lab.add(owner(port), 2, "CNAME tlsa._dane.example.lab.")
            # The resolver may have learnt just before that there is nothing, and for neighbours as well.
            self.lab.wait_until("the resolver knows it", lambda port=port: bool(
                self.lab.dig(owner(port), "CNAME").records))
        combined = {name: live(self.lab, name) / "combined.pem" for name in ("one", "two")}
        self.load(ALIASED, combined["one"])
        for call in (["publish", "one"], ["publish"]):
            self.assertIn(f"smtp://{HOST}:{ALIASED + 1} (127.0.0.25)", self.lab.danectl(*call, expect=75).err)
        self.assertEqual(self.lab.dig("tlsa._dane.example.lab").records, [])
        self.load(ALIASED + 1, combined["two"])
        self.lab.danectl("publish")
        records = {name: of_key(self.lab, live(self.lab, name) / "cert.pem") for name in combined}
        for record in records.values():
            self.lab.wait_published("tlsa._dane.example.lab", f"TLSA {record}")
        # And neither is unknown to the other.
        self.assertNotIn("unknown", self.lab.danectl("status", "one").out)
        refused = self.lab.danectl("retire", "one", "--foreign", records["two"], expect=75).err
        self.assertIn("it is a record of two, and wanted", refused)

    def test_an_rrset_with_nothing_usable_is_as_good_as_none(self) -> None:
        port, combined = self.on("unusable")
        self.lab.add(owner(port), 2, f"TLSA 1 1 1 {'ab' * 32}")  # RFC 7672 section 3.1.3
        self.held(port, "unusable")
        self.load(port, combined)
        self.published(port, "unusable")

    def test_a_server_that_is_down_keeps_the_first_record_back(self) -> None:
        self.on("down")
        self.assertIn("refused", self.held(NOBODY_LISTENS, "down").err.lower())

    def test_a_limit_on_clients_keeps_the_first_record_back_and_its_way_out_is_said(self) -> None:
        port, combined = self.on("limited")
        self.point(port, combined)
        try:
            self.limit("smtpd_client_event_limit_exceptions =", "smtpd_client_connection_rate_limit = 1")
            held = self.held(port, "limited").err
            self.assertIn("421", held)
            (own,) = set(re.findall(r"from (?:\S+\[)?([\d.]+\d)", held))
            for said in (held, self.lab.danectl("records", "limited", expect=75).err,
                         self.lab.danectl("stage", "limited").err, self.lab.danectl("run", "-v", expect=None).err):
                self.assertIn(f"let it not count for {own},", said)
                self.assertIn("smtpd_client_event_limit_exceptions", said)
                self.assertNotIn("point the server at", said)
        finally:
            self.limit("smtpd_client_event_limit_exceptions = $mynetworks", "smtpd_client_connection_rate_limit = 0")
        self.published(port, "limited")

    def limit(self, *settings: str) -> None:
        run(["postconf", "-c", self.mail.folder, "-e", *settings])
        self.mail.reload()

    def test_an_owner_with_a_usable_record_has_begun(self) -> None:
        port, _combined = self.on("begun")
        self.lab.add(owner(port), 2, f"TLSA {of_key(self.lab, self.tls / 'old.crt')}")
        self.published(port, "begun")

    def test_a_lineage_without_probe_is_published(self) -> None:
        self.on("unprobed")
        self.published(25, "unprobed")


def owner(port: int) -> str:
    return owner_of(HOST).replace("25", str(port))


if __name__ == "__main__":
    unittest.main()
