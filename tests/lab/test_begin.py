"""Promise 3, never begin blind: the first record on an owner waits until every server shows a chain that it matches."""
from __future__ import annotations

import unittest
from pathlib import Path

from lab import Result
from lab_mail import Chains, MailServer
from rollover import RolloverTest, enroll, live, next_key, of_key, owner_of, records_at

HOST = "mx.example.lab"
NOBODY_LISTENS = 2599


class Begin(RolloverTest):
    """One Postfix, with a port for each lineage: `tls/PORT.pem` links to the chain file that it presents there."""
    ports = {"other": 2501, "none": 2502, "unusable": 2503, "down": 2504}
    both = 2510

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.tls = cls.lab.dir / "tls"
        cls.chains = Chains(cls.tls)
        cls.old = cls.chains.make(HOST, "ec", file="old.pem")
        cls.old_rsa = cls.chains.make(HOST, "rsa", file="old-rsa.pem")
        for port in cls.ports.values():
            cls.point(port, cls.old)
        cls.point(cls.both, cls.old)
        cls.point(cls.both + 1, cls.old_rsa)
        services = [f"{port} inet n - n - - smtpd -o smtpd_tls_chain_files={cls.tls}/{port}.pem"
                    for port in cls.ports.values()]
        services.append(f"{cls.both} inet n - n - - smtpd -o "
                        f"smtpd_tls_chain_files={cls.tls}/{cls.both}.pem,{cls.tls}/{cls.both + 1}.pem")
        cls.mail = cls.enterClassContext(MailServer(cls.lab, chain_files=[cls.old], services=services))

    @classmethod
    def point(cls, port: int, chain: Path) -> None:
        link = cls.tls / f"{port}.pem"
        link.unlink(missing_ok=True)
        link.symlink_to(chain)

    def load(self, port: int, chain: Path) -> None:
        self.point(port, chain)
        self.mail.reload()

    def enrolled(self, name: str, port: int, *issue: str, probe: bool = True) -> Path:
        """A lineage for the host, with a next key; its combined.pem."""
        self.lab.issue(name, HOST, extra=list(issue))
        where = ["--probe", f"smtp://{HOST}:{port}"] if probe else ["--tlsa", owner(port)]
        self.lab.danectl("enroll", name, *where)
        self.lab.danectl("stage", name)
        return live(self.lab, name) / "combined.pem"

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

    def tearDown(self) -> None:
        # What one case leaves waiting, `run` in another should not find.
        for path in (self.lab.config.parent / "lineages").glob("*.toml"):
            path.unlink()

    def test_a_server_with_another_key_keeps_the_first_record_back_until_it_has_loaded_ours(self) -> None:
        port = self.ports["other"]
        combined = self.enrolled("other", port)
        message = self.held(port, "other").err
        self.assertIn(self.lab.openssl_spki(self.tls / "old.crt"), message)
        self.assertIn(str(self.lab.state_dir / "live"), message)
        would = self.lab.danectl("publish", "other", "--dry-run", expect=None)
        self.assertEqual(records_at(self.lab, owner(port)), [], would)
        self.point(port, combined)
        self.mail.reload()
        self.published(port, "other")

    def test_run_publishes_by_itself_once_the_server_is_right(self) -> None:
        port = self.ports["none"]
        combined = self.enrolled("none", port)
        self.held(port, "none")
        self.load(port, combined)
        self.assertIn("published", self.lab.danectl("run").out)
        self.assertEqual(len(records_at(self.lab, owner(port))), 2)

    def test_two_lineages_on_one_owner_wait_for_each_other(self) -> None:
        rsa = self.enrolled("both-rsa", self.both, "--key-type", "rsa", "--rsa-key-size", "2048")
        ecdsa = self.enrolled("both-ecdsa", self.both)
        self.held(self.both, "both-rsa", "both-ecdsa")
        self.load(self.both, ecdsa)
        for name in ("both-rsa", "both-ecdsa"):
            message = self.held(self.both, name).err
            self.assertIn(self.lab.openssl_spki(self.tls / "old-rsa.crt"), message)
        self.load(self.both + 1, rsa)
        self.published(self.both, "both-rsa", "both-ecdsa")

    def test_an_rrset_with_nothing_usable_is_as_good_as_none(self) -> None:
        port = self.ports["unusable"]
        combined = self.enrolled("unusable", port)
        self.lab.add(owner(port), 2, f"TLSA 1 1 1 {'ab' * 32}")  # RFC 7672 section 3.1.3
        self.held(port, "unusable")
        self.load(port, combined)
        self.published(port, "unusable")

    def test_a_server_that_is_down_keeps_the_first_record_back(self) -> None:
        self.enrolled("down", NOBODY_LISTENS)
        self.assertIn("refused", self.held(NOBODY_LISTENS, "down").err.lower())

    def test_an_owner_with_a_usable_record_has_begun(self) -> None:
        port = self.ports["down"]
        self.enrolled("begun", port)
        self.lab.add(owner(port), 2, f"TLSA {of_key(self.lab, self.tls / 'old.crt')}")
        self.published(port, "begun")

    def test_a_lineage_without_probe_is_published(self) -> None:
        self.enrolled("unprobed", 25, probe=False)
        self.published(25, "unprobed")


def owner(port: int) -> str:
    return owner_of(HOST).replace("25", str(port))


if __name__ == "__main__":
    unittest.main()
