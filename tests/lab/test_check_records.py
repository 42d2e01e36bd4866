"""What `danectl check` finds in the TLSA records of a lineage, and of a stranger's server."""
from __future__ import annotations

import contextlib
import datetime
import json
import shutil
import unittest
from collections.abc import Iterator
from typing import Any

from lab import Lab, run
from lab_mail import Chains, MailServer
from rollover import install_hook, live, next_key, owner_of, set_key
from watching import NAME, OWNER, SMTP, CheckTest, configure, findings

OTHER = f"3 1 1 {'ab' * 32}"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class OfTheLineage(CheckTest):
    @contextlib.contextmanager
    def changed(self, *, add: tuple[str, ...] = (), delete: tuple[str, ...] = ()) -> Iterator[None]:
        """The RRset with other records, for a while."""
        for record in add:
            self.lab.add(OWNER, 3600, f"TLSA {record}")
        for record in delete:
            self.lab.delete(OWNER, f"TLSA {record}")
        try:
            yield
        finally:
            for record in delete:
                self.lab.add(OWNER, 3600, f"TLSA {record}")
            for record in add:
                self.lab.delete(OWNER, f"TLSA {record}")

    @contextlib.contextmanager
    def state(self, change: Any) -> Iterator[None]:
        """The state file as a long time would have left it."""
        path = self.lab.state_dir / "lineages" / f"{NAME}.json"
        before = path.read_text()
        document = json.loads(before)
        change(document)
        path.write_text(json.dumps(document))
        try:
            yield
        finally:
            path.write_text(before)

    def test_current_and_next_raise_no_alarm(self) -> None:
        self.assert_healthy()

    def test_the_current_record_is_gone(self) -> None:
        with self.changed(delete=(self.current,)):
            self.assert_found("current-not-published", "CRITICAL", says=self.current.split()[-1])
        with self.changed(delete=(self.current, self.next)):
            self.assert_found("current-not-published", "WARNING")

    def test_the_next_record_is_gone(self) -> None:
        with self.changed(delete=(self.next,)):
            self.assert_found("next-not-published", "WARNING", says=self.next)

    def test_a_next_key_that_does_not_become_ready(self) -> None:
        def long_ago(document: dict[str, Any]) -> None:
            document["next"]["staged_at"] = shifted(document["next"]["staged_at"], days=-3)
        with self.state(long_ago):
            self.assert_found("next-not-ready", "WARNING")

    def test_a_record_that_nobody_knows(self) -> None:
        with self.changed(add=(OTHER,)):
            self.assert_found("foreign-record", "WARNING", says=OTHER)

    def test_a_retiring_record_that_does_not_go(self) -> None:
        def long_ago(document: dict[str, Any]) -> None:
            when = shifted(document["current"]["since"], days=-9)
            key = {"sha256": OTHER.split()[3], "sha512": "00" * 64, "type": "ecdsa-p256"}
            document["known"].append({"key": key, "names": "server", "deployed": True, "unwanted_since": when})
        with self.changed(add=(OTHER,)):
            with self.state(long_ago):
                self.assert_found("retiring-overdue", "WARNING", says=OTHER)

    def test_a_group_that_does_not_match_what_is_served(self) -> None:
        with self.changed(add=(f"2 1 1 {'cd' * 32}",)):
            self.assert_found("group-mismatch", "WARNING", says="2 1 1")

    def test_records_that_help_nobody(self) -> None:
        cases = {"pkix-usage": (f"1 1 1 {'ab' * 32}", "WARNING"), "empty-digest": (f"3 1 1 {EMPTY}", "WARNING"),
                 "wrong-length": (f"3 1 1 {'ab' * 20}", "WARNING")}
        for id, (record, severity) in cases.items():
            with self.subTest(id), self.changed(add=(record,)):
                self.assert_found(id, severity)

    def test_the_digest_of_nothing_alone_is_critical(self) -> None:
        with self.changed(add=(f"3 1 1 {EMPTY}",), delete=(self.current, self.next)):
            self.assert_found("empty-digest", "CRITICAL")

    def test_the_digest_of_the_certificate(self) -> None:
        der = self.lab.dir / "leaf.der"
        run(["openssl", "x509", "-in", live(self.lab, NAME) / "cert.pem", "-outform", "DER", "-out", der])
        digest = run(["openssl", "dgst", "-sha256", "-r", der]).out.split()[0]
        with self.changed(add=(f"3 0 1 {digest}",)):
            self.assert_found("cert-selector", "WARNING", says="renewal")

    def test_the_whole_key(self) -> None:
        der = self.lab.dir / "key.der"
        run(["openssl", "pkey", "-in", live(self.lab, NAME) / "privkey.pem", "-pubout", "-outform", "DER", "-out", der])
        with self.changed(add=(f"3 1 0 {der.read_bytes().hex()}",)):
            self.assert_found("full-data", "WARNING")

    def test_the_same_data_twice(self) -> None:
        with self.changed(add=(f"2 1 1 {self.current.split()[-1]}",)):
            self.assert_found("duplicate-record", "WARNING")

    def test_no_next_key(self) -> None:
        hidden = next_key(self.lab, NAME).parent.rename(self.lab.dir / "hidden")
        try:
            self.assert_found("no-next-record", "WARNING")
        finally:
            hidden.rename(next_key(self.lab, NAME).parent)

    def test_an_owner_that_no_probe_asks(self) -> None:
        set_key(self.lab, NAME, "probe", [])
        try:
            self.assert_found("owner-not-probed", "WARNING")
        finally:
            set_key(self.lab, NAME, "probe", [SMTP])

    def test_a_lone_record_of_a_stranger(self) -> None:
        self.lab.add(owner_of("mx2.example.lab"), 3600, f"TLSA {self.current}")
        self.assert_found("no-next-record", "WARNING", "smtp://mx2.example.lab:25@127.0.0.25")
        self.lab.delete(owner_of("mx2.example.lab"))

    def test_more_records_than_some_senders_read(self) -> None:
        many = [f"3 1 1 {n:064x}" for n in range(1, 13)]
        with self.changed(add=many[:10]):  # with the lineage's own two there are twelve
            self.assertNotIn("too-many-records", self.found())
            self.lab.add(OWNER, 3600, f"TLSA {many[10]}")
            try:
                self.assert_found("too-many-records", "WARNING", says="13")
            finally:
                self.lab.delete(OWNER, f"TLSA {many[10]}")

    def test_owners_of_one_lineage_that_disagree(self) -> None:
        second = owner_of("mx2.example.lab")
        self.lab.add(second, 3600, f"TLSA {self.current}")
        set_key(self.lab, NAME, "tlsa", [OWNER, second])
        try:
            self.assert_found("owners-disagree", "WARNING", says=second)
        finally:
            set_key(self.lab, NAME, "tlsa", [OWNER])
            self.lab.delete(second)


class SeveralLineages(CheckTest):
    """RSA and ECDSA on one owner, each with its next key."""
    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        configure(cls.lab)
        for name, kind in (("rsa.example.lab", "rsa"), ("ec.example.lab", "ecdsa")):
            cls.lab.issue(name, NAME, extra=["--key-type", kind])
        install_hook(cls.lab, "deploy", f"exec {cls.lab.program} --config {cls.lab.config} deploy-hook")
        for name in ("rsa.example.lab", "ec.example.lab"):
            cls.lab.danectl("enroll", name, "--probe", f"smtp://{NAME}:25")
        chains = [live(cls.lab, name) / "combined.pem" for name in ("rsa.example.lab", "ec.example.lab")]
        cls.mail = cls.enterClassContext(MailServer(cls.lab, chain_files=chains))
        cls.lab.danectl("run")
        (published,) = json.loads(cls.lab.danectl("records", "--format", "json").out)["owners"]
        assert len(published["records"]) == 4
        for record in published["records"]:
            cls.lab.wait_published(OWNER, f"TLSA {record['record']}")

    def test_both_side_by_side_and_each_by_itself_raise_no_alarm(self) -> None:
        self.assert_healthy()
        self.assert_healthy("rsa.example.lab")
        self.assert_healthy(f"smtp://{NAME}:25")

    def test_a_shared_key_where_the_user_wants_none(self) -> None:
        configure(self.lab, check={"shared_keys": False})
        self.assert_healthy()
        generations = self.lab.state_dir / "generations"
        own, same = generations / "ec.example.lab" / "0001", generations / "rsa.example.lab" / "0001"
        kept = own.rename(self.lab.dir / "kept")
        shutil.copytree(same, own)
        try:
            self.assertIn("shared-key", {finding["id"] for finding in findings(self.lab)})
            configure(self.lab)
            self.assertNotIn("shared-key", {finding["id"] for finding in findings(self.lab)})
        finally:
            shutil.rmtree(own)
            kept.rename(own)
            configure(self.lab)
            self.mail.reload()  # an smtpd that started meanwhile has found two keys of one kind, and offers no TLS


class WithAnIssuersRecord(CheckTest):
    def test_3_1_1_and_2_1_1_raise_no_alarm(self) -> None:
        chains = Chains(self.lab.dir / "tls")
        ca = chains.make("ca.lab", "ec")
        server = chains.make("mx2.example.lab", "ec", issuer=ca)
        records = [f"3 1 1 {self.lab.openssl_spki(server)}", f"2 1 1 {self.lab.openssl_spki(ca)}", OTHER]
        owner = "_26._tcp.mx2.example.lab"
        for record in records:
            self.lab.add(owner, 3600, f"TLSA {record}")
        self.mail._end()
        try:
            with MailServer(self.lab, chain_files=[server], services=["26 inet n - n - - smtpd"]):
                self.assert_healthy("smtp://mx2.example.lab:26@127.0.0.25")
        finally:
            self.mail.__enter__()


def shifted(instant: Any, *, days: int) -> Any:
    """An instant of the state file, moved."""
    when = datetime.datetime.fromisoformat(instant["wall"]) + datetime.timedelta(days=days)
    # Of an earlier boot, so that the wall clock alone tells how long ago it was.
    moved = {**instant, "wall": when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z", "boot": "an earlier one"}
    return moved


if __name__ == "__main__":
    unittest.main()
