"""A wildcard of TLSA records above an owner, for the tests of what hides it."""
from __future__ import annotations

from collections.abc import Sequence

from host import Host, records_at, run_until
from rollover import RolloverTest, certbot_live, next_key, owner_of
from senders import Senders, record_of
from watcher import CERTIFICATE, USUAL, public_key, records_of

FOREIGN, FOREIGN_ISSUER = "3 1 1 " + "ee" * 32, "2 1 1 " + "cc" * 32


class Wildcard(RolloverTest):
    """A lineage and an owner for each case, `WORD.example.lab`, with a host of its own."""

    def host(self, word: str) -> str:
        """A certificate, which a mail server presents; its name."""
        self.host_of = Host(self.lab, word)
        name = f"{word}.example.lab"
        self.host_of.issue(name)
        self.chain = CERTIFICATE.findall((certbot_live(self.host_of, name) / "fullchain.pem").read_text())
        return name

    def record(self, kind: str) -> str:
        """Of the certificate of now, or of its issuer."""
        return record_of(kind, self.chain[0 if kind.startswith("3") else 1])

    def publish_wildcard(self, wildcard: str, *records: str) -> None:
        for record in records:
            self.lab.add(wildcard, 2, f"TLSA {record}")

    def enrolled(self, name: str, profile: Sequence[str] = USUAL) -> None:
        lines = [word for line in profile for word in ("--profile", line)]
        self.host_of.danectl("enroll", name, "--tlsa", owner_of(name), *lines)

    def senders(self, name: str, profile: Sequence[str] = USUAL, others: Sequence[str] = ()) -> Senders:
        return Senders(self.lab, owner_of(name), {"mx": certbot_live(self.host_of, name) / "fullchain.pem"}, profile,
                       others=others)

    def wanted(self, name: str, profile: Sequence[str] = USUAL) -> set[str]:
        """Current, next and issuer, by openssl's count."""
        staged = public_key(next_key(self.host_of, name).read_text())
        return {self.record(line) for line in profile} | records_of(staged, [li for li in profile if li[0] == "3"])

    def assert_given(self, name: str, records: set[str]) -> None:
        """By each name server, just these."""
        self.assertEqual(records_at(self.lab, owner_of(name)), [records] * 2)

    def run_until_hidden(self, name: str, gives: set[str], senders: Senders) -> None:
        """Plays the timer until an RRset at the exact name hides the wildcard, and the witness has seen it."""
        run_until(self.host_of, "there is an RRset at the exact name", lambda _result: all(
            given != gives for given in records_at(self.lab, owner_of(name))), timeout=30)
        senders.wait_for_a_look()

    def hides_nothing(self, word: str, kinds: Sequence[str], *, profile: Sequence[str] = USUAL,
                      others: Sequence[str] = (), wildcard: str = "*._tcp.{}") -> str:
        """A wildcard gives these kinds of records of ours, and those of others; the first RRset at the exact name has
        them, and the next key's. The lineage."""
        name = self.host(word)
        gives = {self.record(kind) for kind in kinds} | set(others)
        self.publish_wildcard(wildcard.format(name), *gives)
        self.enrolled(name, profile)
        with self.senders(name, profile, others) as senders:
            senders.wait_for_a_look()
            self.run_until_hidden(name, gives, senders)
        senders.assert_no_mail_held(self)
        senders.assert_hides_nothing(self, gives)
        self.assert_given(name, self.wanted(name, profile) | gives)
        return name
