"""`danectl doctor`: what a host lacks, from a bare one to one that is all right, and each remedy mends it."""
from __future__ import annotations

import json
import re
import socket
import unittest
from pathlib import Path
from typing import Any

from dns_filter import DnsFilter
from lab import Lab, run
from lab_mail import MailServer
from rollover import certbot_live, install_hook, live, owner_of, set_key
from watching import NAME, SMTP, configure

Item = dict[str, Any]


class Doctor(unittest.TestCase):
    """One host, that is made all right; then each test breaks one thing, and mends it as the remedy says."""
    lab: Lab
    mail: MailServer
    env: dict[str, str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        configure(cls.lab)
        # The user's cli.ini: that of /etc is this machine's.
        cls.cli_ini = Path(cls.lab.env["XDG_CONFIG_HOME"]) / "letsencrypt" / "cli.ini"
        cls.env = dict(cls.lab.env)
        cls.bare = cls.items()
        cls.lab.issue(NAME)
        cls.before = cls.items(SMTP)
        theirs = certbot_live(cls.lab, NAME)
        cls.mail = cls.enterClassContext(
            MailServer(cls.lab, chain_files=[theirs / "privkey.pem", theirs / "fullchain.pem"]))
        cls.env |= {"MAIL_CONFIG": str(cls.mail.folder)}
        cls.lab.danectl("enroll", NAME, "--probe", SMTP)
        cls.enrolled = cls.items()
        command = cls.enrolled["server-files"]["remedy"]
        run(["sh", "-c", command.removesuffix(" && postfix reload")], env=cls.env)
        cls.mail.reload()
        cls.cli_ini.write_text("reuse-key = true\n")
        install_hook(cls.lab, "deploy", f"exec {cls.lab.program} --config {cls.lab.config} deploy-hook", "00-danectl")
        set_key(cls.lab, NAME, "reload", [cls.mail.reload_command])
        cls.lab.danectl("run")
        for record in cls.lab.danectl("records", "--format", "zone").out.splitlines():
            if match := re.search(r"TLSA \d \d \d \w+", record):
                cls.lab.wait_published(owner_of(NAME), match[0])

    @classmethod
    def items(cls, *words: str) -> dict[str, Item]:
        """By id, of several the first; exit code and `ok` are those of the items."""
        result = cls.lab.danectl("doctor", *words, "--json", expect=None, env=cls.env)
        document = json.loads(result.out)
        assert document["version"] == 1 and result.err == "", result
        lacks = any(item["state"] == "trouble" for item in document["items"])
        assert (document["ok"], result.code) == (not lacks, int(lacks)), result
        found: dict[str, Item] = {}
        for item in document["items"]:
            assert item["message"] and (item["state"] == "ok") == (item["remedy"] is None), item
            found.setdefault(item["id"], item)
        return found

    def assert_lacks(self, id: str, says: str, remedy: str) -> Item:
        """This, and nothing else."""
        found = self.items()
        self.assertEqual([i for i, item in found.items() if item["state"] != "ok"], [id], found)
        self.assertIn(says, found[id]["message"])
        self.assertIn(remedy, found[id]["remedy"])
        return found[id]

    def assert_all_right(self) -> None:
        found = self.items()
        self.assertEqual({item["state"] for item in found.values()}, {"ok"}, found)

    def states(self, items: dict[str, Item], state: str) -> set[str]:
        return {id for id, item in items.items() if item["state"] == state}

    def test_a_bare_host_needs_no_configuration_and_hears_what_comes_first(self) -> None:
        self.assertEqual(self.states(self.bare, "trouble"), {"certbot-settings", "timer", "lineages"})
        self.assertEqual(self.states(self.bare, "ok"),
                         {"trust-anchor", "resolver", "publishing", "certbot", "permissions"})

    def test_before_enroll_a_url_shows_zone_name_servers_and_port(self) -> None:
        self.assertEqual(self.before["zone"]["message"], "signed and valid: example.lab")
        self.assertEqual(self.before["name-servers"]["message"], "all 3 addresses answer by UDP and TCP")
        self.assertIn("connection refused", self.before["probes"]["message"])
        self.assertEqual(self.before["publishing"]["message"], "the primary of example.lab takes updates of TLSA records")
        self.assertEqual(f"danectl enroll {NAME} --probe {SMTP}", self.before["lineages"]["remedy"])
        self.assertIn("renewal-hooks/deploy/00-danectl", self.before["certbot-hook"]["remedy"])
        self.assertNotIn("findings", self.before)

    def test_after_enroll_the_server_is_to_be_pointed_at_danectl(self) -> None:
        self.assertEqual(self.enrolled["server-files"]["finding"], "other-folder-loaded")
        self.assertLessEqual({"server-files", "certbot-hook", "certbot-settings", "timer"},
                             self.states(self.enrolled, "trouble"))

    def test_a_host_that_is_all_right_shows_ticks_alone(self) -> None:
        self.assert_all_right()
        said = self.lab.danectl("doctor", env=self.env).out
        for line in said.splitlines():
            self.assertRegex(line, r"^(ok |  )\S")
            self.assertLessEqual(len(line), max(80, *(len(word) + 5 for word in line.split())))
        self.assertEqual(len(re.findall("(?m)^ok", said)), 16)

    def test_nothing_is_changed(self) -> None:
        before = self.lab.snapshot(self.lab.state_dir, self.lab.config.parent, self.lab.certbot_dir)
        serial = self.lab.dig("example.lab", "SOA", "127.0.0.31").records
        self.items()
        self.assertEqual(self.lab.snapshot(self.lab.state_dir, self.lab.config.parent, self.lab.certbot_dir), before)
        self.assertEqual(self.lab.dig("example.lab", "SOA", "127.0.0.31").records, serial)

    def test_an_anchor_of_another_root(self) -> None:
        wrong = self.lab.dir / "wrong.key"
        wrong.write_text(". 3600 IN DS 20326 8 2 "
                         "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n")
        configure(self.lab, dns={"resolver": "recursive", "probe_timeout": "3s", "trust_anchor": str(wrong)})
        try:
            found = self.items()["trust-anchor"]
            self.assertEqual(found["state"], "trouble")
            self.assertIn(str(wrong), found["message"])
        finally:
            configure(self.lab)

    def test_a_resolver_that_is_not_there_is_told_from_a_wrong_anchor(self) -> None:
        configure(self.lab, dns={"resolver": ["127.0.0.1:1"], "probe_timeout": "3s"})
        try:
            found = self.items()
            self.assertEqual(found["trust-anchor"]["state"], "ok")
            self.assertEqual(found["resolver"]["state"], "trouble")
            self.assertIn('resolver = "recursive"', found["resolver"]["remedy"])
        finally:
            configure(self.lab)

    def test_publishing_is_tried_by_an_update_that_changes_nothing(self) -> None:
        for section, says, remedy in (
                ({"key_file": str(self.lab.alias_tsig)}, "does not know the TSIG key", "key_file must hold a key"),
                ({"key_file": ""}, "refuses the update", "allow-update or update-policy"),
                ({"key_file": "/nonexistent"}, "TSIG key /nonexistent is not there", "key_file"),
                ({"method": "hook", "command": ["/nonexistent"]}, "cannot start /nonexistent", "`command`"),
                ({"method": "include", "include_file": "/nonexistent/tlsa", "command": ["true"]},
                 "folder of include_file", "mkdir -p /nonexistent")):
            with self.subTest(section):
                configure(self.lab, publish={"ttl": "1h", **section})
                try:
                    item = self.assert_lacks("publishing", says, remedy)
                    self.assertEqual(item["finding"], "publishing-impossible")
                finally:
                    configure(self.lab)

    def test_before_enroll_publishing_is_tried_at_the_owner_of_the_url(self) -> None:
        configure(self.lab, publish={"ttl": "1h", "key_file": str(self.lab.alias_tsig)})
        try:
            item = self.items("smtp://mx2.example.lab:25")["publishing"]
            self.assertEqual(item["state"], "trouble")
            self.assertIn("not changeable at _25._tcp.mx2.example.lab: the server does not know", item["message"])
        finally:
            configure(self.lab)

    def test_permissions_and_their_remedies(self) -> None:
        for path, mode in ((self.lab.tsig, 0o644), (self.lab.config, 0o666), (self.lab.config.parent, 0o777),
                           (self.lab.state_dir / "next", 0o755), (live(self.lab, NAME) / "privkey.pem", 0o644)):
            with self.subTest(path.name):
                before = path.stat().st_mode & 0o777
                path.chmod(mode)
                try:
                    item = self.assert_lacks("permissions", str(path), "chmod ")
                    run(["sh", "-c", item["remedy"]])
                    self.assert_all_right()
                finally:
                    path.chmod(before)

    def test_a_reload_command_that_is_not_there(self) -> None:
        set_key(self.lab, NAME, "reload", [["/nonexistent/reload", "postfix"]])
        try:
            item = self.assert_lacks("reload", "/nonexistent/reload", f"lineages/{NAME}.toml")
            self.assertEqual(item["finding"], "reload-program-missing")
        finally:
            set_key(self.lab, NAME, "reload", [self.mail.reload_command])

    def test_certbot_its_hook_and_its_settings(self) -> None:
        self.cli_ini.write_text("reuse-key = true\nno-reuse-key = true\n")
        self.assert_lacks("certbot-settings", "line 2", "take that line out")
        self.cli_ini.write_text("reuse-key = true\n")
        hook = self.lab.certbot_dir / "renewal-hooks" / "deploy" / "00-danectl"
        hook.chmod(0o644)
        self.assert_lacks("certbot-hook", "no deploy hook", "install -D -m 0755")
        hook.chmod(0o755)
        configure(self.lab, certbot="/nonexistent/certbot")
        try:
            self.assert_lacks("certbot", "/nonexistent/certbot", "set `certbot` in danectl.toml")
        finally:
            configure(self.lab)

    def test_a_name_server_that_takes_no_tcp(self) -> None:
        with self.lab._without("ns2"):
            self.lab.kill("ns2")
            try:
                with DnsFilter(["127.0.0.32", "fd00:da::32"], to="127.0.0.31", rule=lambda _name, _kind: None) as ns2:
                    for tcp in ns2._sockets[1::2]:
                        tcp.shutdown(socket.SHUT_RDWR)  # accept() in its thread would hold it open
                        tcp.close()
                    item = self.assert_lacks("name-servers", "takes no connection by TCP: connection refused",
                                             "TCP port 53")
                    self.assertIn("ns2.example.lab", item["message"])
            finally:
                self.lab.start("ns2")

    def test_a_user_without_rights_hears_what_could_not_be_read(self) -> None:
        # The lab's folder is open to all; what is root's is not.
        found = json.loads(run(["setpriv", "--reuid", "65534", "--clear-groups", self.lab.program, "--config",
                                self.lab.config, "doctor", "--json"], env=self.env, expect=None).out)
        unknown = [item for item in found["items"] if item["state"] == "unknown"]
        self.assertIn(str(self.lab.tsig), " ".join(item["message"] for item in unknown))


if __name__ == "__main__":
    unittest.main()
