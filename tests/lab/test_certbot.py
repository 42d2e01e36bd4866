"""The real certbot beside danectl: settings that fight it, its authenticators, its locks, its layouts."""
from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
import unittest
from pathlib import Path

from lab_acme import REGISTER
from rollover import (RolloverTest, certbot_live, enroll, install_hook, next_key, owner_of, publish, set_key)
from watching import findings

KINDS = ("cert", "privkey", "chain", "fullchain")


class Certbot(RolloverTest):

    def stage(self, name: str, key: str = "same") -> str:
        """The SPKI of the next key of an enrolled lineage, published and visible everywhere."""
        set_key(self.lab, name, "key", key)
        self.lab.danectl("stage", name)
        publish(self.lab, name)
        time.sleep(2)  # the resolver may remember for one TTL that a record was not there
        return self.lab.openssl_spki(next_key(self.lab, name))

    def conf(self, name: str) -> Path:
        return self.lab.certbot_dir / "renewal" / f"{name}.conf"

    def promote(self, name: str) -> None:
        self.lab.danectl("promote", name, "--no-hold")

    def fails(self, name: str, code: int) -> str:
        """`danectl promote` cannot get its certificate and leaves all as it is; what it said on stderr."""
        with self.untouched():
            return self.lab.danectl("promote", name, "--no-hold", expect=code).err

    def promote_and_renew(self, name: str, staged: str) -> None:
        self.promote(name)
        cert = Path(next(line.split(" = ")[1] for line in self.conf(name).read_text().splitlines()
                         if line.startswith("cert = ")))
        self.assertEqual(self.lab.openssl_spki(cert), staged)
        self.assertNotIn(f"/work/{name}/", self.conf(name).read_text())
        self.lab.certbot("renew", "--cert-name", name, "--force-renewal")
        self.assertEqual(self.lab.openssl_spki(cert), staged)

    # --- settings of the user

    def test_settings_in_cli_ini_are_overridden(self) -> None:
        name = "ini.example.lab"
        enroll(self.lab, name)
        staged = self.stage(name)
        self.lab.cli_ini.write_text("renew-hook = /bin/false\nkey-type = rsa\nreuse-key = false\n")
        self.addCleanup(self.lab.cli_ini.write_text, "")
        self.promote(name)
        self.assert_all_have(staged, name)

    def test_a_new_key_forced_by_cli_ini_is_noticed(self) -> None:
        name = "newkey.example.lab"
        enroll(self.lab, name)
        self.stage(name)
        self.lab.cli_ini.write_text("new-key = true\n")
        self.addCleanup(self.lab.cli_ini.write_text, "")
        self.assertRegex(self.fails(name, 1), r"(?s)another key than the next one.*cli\.ini.*new-key")

    def settings_found(self, name: str) -> list[str]:
        """What `check` says of settings that keep certbot from going on with the key."""
        return [finding["message"] for finding in findings(self.lab, name) if finding["id"] == "certbot-settings"]

    def renew(self, name: str, expect: int = 0) -> str:
        return self.lab.certbot("renew", "--cert-name", name, "--force-renewal", expect=expect).err

    def test_a_kind_of_key_in_cli_ini_that_certbot_will_refuse_is_seen_before(self) -> None:
        lab, name = self.lab, "kind.example.lab"
        self.addCleanup(lab.cli_ini.write_text, "")
        lab.issue(name)
        lab.cli_ini.write_text("rsa-key-size = 4096\nkey-type = rsa\n")
        refused = f'"key-type = rsa" in {lab.cli_ini} line 2 differs from the key of the lineage'
        self.assertIn(refused, lab.danectl("enroll", name, "--tlsa", owner_of(name)).err)
        self.assertIn("Unable to change the --key-type", self.renew(name, expect=1))
        self.assertIn(refused, "".join(self.settings_found(name)))
        self.assertRegex(lab.danectl("status", name).out, f"certbot +{refused}.*\n +take that line out of {lab.cli_ini}: ")
        lab.cli_ini.write_text("rsa-key-size = 4096\nkey-type = ecdsa\nelliptic-curve = secp256r1\n")
        self.assertEqual(self.settings_found(name), [])
        self.renew(name)

    def test_the_kind_of_key_is_set_in_the_conf_with_reuse_key(self) -> None:
        lab, name = self.lab, "unsaid.example.lab"
        lab.issue(name, extra=["--elliptic-curve", "secp384r1"])
        text = self.conf(name).read_text()  # certbot before 1.25 wrote no key_type
        self.conf(name).write_text(re.sub("(?m)^(key_type|elliptic_curve) = .*\n", "", text))
        enrolled = lab.danectl("enroll", name, "--tlsa", owner_of(name))
        self.assertNotIn("certbot", enrolled.err)
        key = lab.openssl_spki(certbot_live(lab, name) / "privkey.pem")
        self.renew(name)
        text = self.conf(name).read_text()
        self.conf(name).write_text(text.replace("secp384r1", "secp256r1"))  # by a person, later
        self.assertIn("another type", "".join(self.settings_found(name)))
        self.assertIn("set key_type in certbot's renewal configuration", lab.danectl("promote", name, expect=1).out)
        self.assertEqual(self.settings_found(name), [])
        self.renew(name)
        self.assertEqual(lab.openssl_spki(certbot_live(lab, name) / "privkey.pem"), key)

    def test_pre_and_post_hooks_run_with_the_private_certbot_and_deploy_hooks_after_it(self) -> None:
        name, log = "hooks.example.lab", self.lab.dir / "hooks.log"
        enroll(self.lab, name)
        self.stage(name)
        for kind in ("pre", "post", "deploy"):
            self.addCleanup(install_hook(self.lab, kind, f"echo {kind} $DANECTL_ACTIVE >> {log}", "log").unlink)
        self.promote(name)
        # The deploy hook once, by danectl itself after the install: the private certbot's run would come before "post".
        self.assertEqual(log.read_text(), "pre 1\npost 1\ndeploy 1\n")

    # --- authenticators

    def enroll_by(self, name: str, *authenticator: str | Path) -> None:
        self.lab.certbot("certonly", *map(str, authenticator), *REGISTER, "-d", name)
        self.lab.danectl("enroll", name, "--tlsa", owner_of(name))

    def test_a_webroot_map_carries_over_and_stays(self) -> None:
        name, root = "webroot.example.lab", self.lab.dir / "www"
        root.mkdir()
        self.enroll_by(name, "--webroot", "-w", root)
        self.promote_and_renew(name, self.stage(name, "rsa-2048"))
        params, _, webroot = self.conf(name).read_text().partition("[[webroot_map]]")
        self.assertIn("key_type = rsa\n", params)
        self.assertIn("reuse_key = True\n", params)
        self.assertIn(str(root), webroot)

    def test_a_manual_hook_carries_over(self) -> None:
        name = "manual.example.lab"
        self.enroll_by(name, "--manual", "--preferred-challenges", "dns", "--manual-auth-hook", "true")
        self.promote_and_renew(name, self.stage(name, "ecdsa-p384"))

    # --- temporary failures

    def test_while_certbot_renews_danectl_waits_and_while_danectl_issues_certbot_does(self) -> None:
        lab, name = self.lab, "locks.example.lab"
        enroll(lab, name)
        self.stage(name)
        seen = lab.dir / "slow"
        slow = install_hook(lab, "pre", f"touch {seen}\nsleep 3", "slow")
        self.addCleanup(slow.unlink)
        renewal = subprocess.Popen(
            [lab.certbot_program, "renew", "-n", "--no-random-sleep-on-renew", "--config-dir", lab.certbot_dir,
             "--work-dir", lab.dir / "certbot-work", "--logs-dir", lab.dir / "log" / "certbot", "--cert-name", name,
             "--force-renewal"], env=lab.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.wait_until("certbot is at work", seen.exists)
        self.assertIn("another certbot is running", lab.danectl("promote", name, "--no-hold", expect=75).err)
        self.assertEqual(renewal.wait(), 0)

        seen.unlink()
        issuing = subprocess.Popen([lab.program, "--config", lab.config, "promote", name, "--no-hold"], env=lab.env,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.wait_until("danectl's certbot is at work", seen.exists)
        self.assertIn("Another instance of Certbot", lab.certbot("renew", expect=1).err)
        self.assertEqual(issuing.wait(), 0)
        self.assertFalse((lab.certbot_dir / ".certbot.lock").exists())

    def test_a_port_in_use_is_temporary_and_told_in_certbots_words(self) -> None:
        name = "port.example.lab"
        enroll(self.lab, name)
        self.stage(name)
        self.lab.new_ca()  # which has no authorization of this name to reuse
        with socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True):
            self.assertIn("Could not bind TCP port 80", self.fails(name, 75))
        self.promote(name)

    def test_a_certbot_left_behind_by_a_killed_danectl_is_waited_for_and_its_certificate_taken(self) -> None:
        lab, name = self.lab, "left.example.lab"
        enroll(lab, name)
        staged = self.stage(name)
        calls, seen = lab.dir / "left-calls", lab.dir / "left-slow"
        slow = install_hook(lab, "pre", f"echo >> {calls}\ntouch {seen}\nsleep 3", "left")
        self.addCleanup(slow.unlink)
        killed = subprocess.Popen([lab.program, "--config", lab.config, "promote", name, "--no-hold"], env=lab.env,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.wait_until("certbot is at work", seen.exists)
        killed.kill()
        killed.wait()
        begun = time.monotonic()
        self.promote(name)
        self.assertGreater(time.monotonic() - begun, 1)
        self.assert_all_have(staged, name)
        self.assertEqual(calls.read_text(), "\n")

    # --- layouts

    def test_a_moved_live_folder_with_absolute_links_stays_as_it_is(self) -> None:
        lab, name = self.lab, "moved.example.lab"
        lab.issue(name)
        old, new = certbot_live(lab, name), lab.dir / "srv" / name
        new.parent.mkdir()
        shutil.move(old, new)
        self.conf(name).write_text(self.conf(name).read_text().replace(str(old), str(new)))
        for kind in KINDS:
            (new / f"{kind}.pem").unlink()
            (new / f"{kind}.pem").symlink_to(lab.certbot_dir / "archive" / name / f"{kind}1.pem")
        lab.danectl("enroll", name, "--tlsa", owner_of(name))
        self.promote_and_renew(name, self.stage(name))
        for kind in KINDS:
            self.assertTrue(os.readlink(new / f"{kind}.pem").startswith("/"))

    def test_an_archive_elsewhere_is_used_and_delete_leaves_nothing(self) -> None:
        lab, name = self.lab, "elsewhere.example.lab"
        lab.issue(name)
        old, new = lab.certbot_dir / "archive" / name, lab.dir / "disk" / name
        new.parent.mkdir()
        shutil.move(old, new)
        self.conf(name).write_text(self.conf(name).read_text().replace(str(old), str(new)))
        told = lab.danectl("enroll", name, "--tlsa", owner_of(name), expect=2).err
        self.assertIn("which is not there", told)
        self.assertIn(f"ln -sfn {new}/${{kind}}1.pem {certbot_live(lab, name)}/$kind.pem", told)
        for kind in KINDS:
            link = certbot_live(lab, name) / f"{kind}.pem"
            link.unlink()
            link.symlink_to(os.path.relpath(new / f"{kind}1.pem", link.parent))
        lab.danectl("enroll", name, "--tlsa", owner_of(name))
        self.promote_and_renew(name, self.stage(name))
        self.assertEqual(list(new.glob(".*")), [])
        lab.certbot("delete", "--cert-name", name)
        for gone in (new, certbot_live(lab, name), self.conf(name)):
            self.assertFalse(gone.exists(), gone)


if __name__ == "__main__":
    unittest.main()
