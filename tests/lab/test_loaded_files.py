"""`danectl check` reads what Postfix and Dovecot load, by their own tools, and the remedy mends it."""
from __future__ import annotations

import re
import unittest

from lab import run
from lab_mail import MailboxServer
from rollover import certbot_live, live, set_key
from watching import NAME, CheckTest, Finding

FULLCHAIN, PRIVKEY = "fullchain.pem", "privkey.pem"


class Loaded(CheckTest):
    """The tools find the lab's configurations as they find any other: by the environment."""

    def setUp(self) -> None:
        self.env = {**self.lab.env, "MAIL_CONFIG": str(self.mail.folder)}
        self.mends = run(["postconf", "-h", "smtpd_tls_chain_files"], env=self.env).out.strip()

    def tearDown(self) -> None:
        self.set(f"smtpd_tls_chain_files = {self.combined()}")
        self.mail.reload()  # smtpd reads main.cf when it starts

    def set(self, *settings: str) -> None:
        run(["postconf", "-e", *settings], env=self.env)

    def loaded(self, env: dict[str, str] | None = None) -> list[Finding]:
        return self.found(env=env or self.env).get("other-folder-loaded", [])

    def mend(self, finding: Finding, env: dict[str, str] | None = None) -> None:
        """Pastes the command; the reload is the lab's."""
        command = re.sub(r" && (postfix|doveadm) reload$", "", finding["remedy"])
        self.assertNotEqual(command, finding["remedy"])
        run(["sh", "-c", command], env=env or self.env)

    def test_danectls_live_folder_is_no_finding(self) -> None:
        self.assertEqual(self.found(env=self.env), {})

    def test_certbots_folder_is_told_before_a_foreign_key_comes_and_the_remedy_mends_it(self) -> None:
        theirs = certbot_live(self.lab, NAME)
        self.set(f"smtpd_tls_chain_files = {theirs / PRIVKEY}, {theirs / FULLCHAIN}")
        (finding,) = self.loaded()
        self.assertEqual((finding["severity"], finding["lineage"]), ("WARNING", NAME))
        self.assertIn("Postfix (smtpd_tls_chain_files)", finding["message"])
        self.mend(finding)
        self.assertEqual(run(["postconf", "-xh", "smtpd_tls_chain_files"], env=self.env).out.strip(),
                         str(self.combined()))
        self.assertEqual(self.loaded(), [])

    def test_one_service_alone(self) -> None:
        theirs = certbot_live(self.lab, NAME)
        run(["postconf", "-P", f"25/inet/smtpd_tls_chain_files={theirs / PRIVKEY},{theirs / FULLCHAIN}"], env=self.env)
        (finding,) = self.loaded()
        self.assertIn("25/inet", finding["message"])
        self.mend(finding)
        self.assertEqual(self.loaded(), [])
        run(["postconf", "-PX", "25/inet/smtpd_tls_chain_files"], env=self.env)

    def test_a_link_of_somebodys_own_and_a_fixed_generation(self) -> None:
        link = self.lab.dir / "server.pem"
        link.symlink_to(certbot_live(self.lab, NAME) / FULLCHAIN)
        self.set(f"smtpd_tls_chain_files = {link}")
        (finding,) = self.loaded()
        self.mend(finding)
        link.unlink()
        self.set(f"smtpd_tls_chain_files = {self.combined().resolve()}")
        (finding,) = self.loaded()
        self.assertIn("no promotion replaces", finding["message"])
        self.mend(finding)
        self.mail.reload()  # it may have looked for the link that is gone
        self.assertEqual(self.found(env=self.env), {})

    def test_a_table_for_sni(self) -> None:
        theirs = certbot_live(self.lab, NAME)
        table = self.mail.folder / "sni"
        table.write_text(f"{NAME} {theirs / PRIVKEY} {theirs / FULLCHAIN}\n")
        self.set(f"tls_server_sni_maps = hash:{table}")
        (finding,) = self.loaded()
        self.mend(finding)
        self.assertEqual(table.read_text(), f"{NAME} {self.combined()}\n")
        self.assertEqual(self.loaded(), [])
        self.set("tls_server_sni_maps =")

    def test_dovecot_counts_where_its_ports_are_the_lineages(self) -> None:
        theirs = certbot_live(self.lab, NAME)
        with MailboxServer(self.lab, chain_files=[self.combined()]) as mailbox:
            conf = mailbox.folder / "dovecot.conf"
            env = {**self.env, "CONFIG_FILE": str(conf)}
            ours = conf.read_text()
            conf.write_text(re.sub(r"(?m)(ssl_\S*cert\S* = <?).*$", rf"\g<1>{theirs / FULLCHAIN}",
                                   re.sub(r"(?m)(ssl_\S*key\S* = <?).*$", rf"\g<1>{theirs / PRIVKEY}", ours)))
            self.assertEqual(self.loaded(env), [], "nobody asks for TLSA records there")
            set_key(self.lab, NAME, "probe", [f"smtp://{NAME}:25", f"imap://{NAME}:143"])
            (finding,) = self.loaded(env)
            self.assertIn("Dovecot", finding["message"])
            self.mend(finding, env)
            self.assertIn(str(live(self.lab, NAME) / FULLCHAIN), conf.read_text())
            self.assertEqual(self.loaded(env), [])
            set_key(self.lab, NAME, "probe", [f"smtp://{NAME}:25"])

    def test_a_certificate_of_certbots_that_is_not_deployed_yet_is_seen_by_the_probe(self) -> None:
        """Also where no tool can be asked, as in a container."""
        hook = self.lab.certbot_dir / "renewal-hooks" / "deploy" / "danectl"
        aside = hook.rename(self.lab.dir / "hook")
        served = self.lab.dir / "served.pem"
        self.lab.certbot("renew", "--cert-name", NAME, "--force-renewal")
        theirs = certbot_live(self.lab, NAME)
        served.write_text((theirs / PRIVKEY).read_text() + (theirs / FULLCHAIN).read_text())
        self.set(f"smtpd_tls_chain_files = {served}")
        self.mail.reload()
        found = self.found()
        (finding,) = found["other-folder-loaded"]
        self.assertIn("certbot's certificate of the deployed key", finding["message"])
        self.assertNotIn("older-certificate-served", found)
        aside.rename(hook)
        self.lab.danectl("run")
        self.set(f"smtpd_tls_chain_files = {self.combined()}")
        self.mail.reload()
        self.assert_healthy()


if __name__ == "__main__":
    unittest.main()
