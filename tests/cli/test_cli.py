#!/usr/bin/python3
"""Exact output and exit code of what needs neither network nor certbot."""
from __future__ import annotations

import json
import os
import unittest

from cli import Cli, Result

VERBS = ["spki", "enroll", "stage", "records", "promote", "status", "deploy-hook"]
OWNER = "_25._tcp.mx.example.com"


class CommandLine(Cli):
    def test_the_version_names_the_libraries_too(self) -> None:
        result = self.danectl("--version")
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertRegex(result.out, r"\Adanectl \d+\.\d+\.\d+\nOpenSSL 3\.[^\n]+\nlibunbound [^\n]+\nBoost [^\n]+\n\Z")

    def test_the_help_names_every_verb_and_the_exit_codes(self) -> None:
        result = self.danectl("--help")
        self.assertEqual((result.code, result.err), (0, ""))
        for verb in VERBS:
            self.assertRegex(result.out, rf"(?m)^  {verb} +\S")
        self.assertIn("0 done, 1 failed, 2 wrong usage or configuration, 75 not yet", result.out)

    def test_every_verb_has_help(self) -> None:
        for verb in VERBS:
            with self.subTest(verb):
                result = self.danectl(verb, "--help")
                self.assertEqual((result.code, result.err), (0, ""))
                self.assertIn(verb, result.out)
                self.assertIn("--help", result.out)

    def test_what_cannot_be_parsed_is_wrong_usage(self) -> None:
        for words in ([], ["-v"], ["no-such-verb"], ["status", "--no-such-option"], ["spki"], ["enroll", "--tlsa"],
                      ["status", "--json=maybe"], ["--config"]):
            with self.subTest(words):
                result = self.danectl(*words)
                self.assertEqual((result.code, result.out), (2, ""))
                verb = next((word for word in words if word in VERBS), None)
                of_verb = f"danectl {verb} --help" if verb else "danectl --help"
                self.assertRegex(result.err, rf"\Adanectl: [^\n]+\n  {of_verb}\n\Z")

    def test_a_mistyped_verb_or_option_is_asked_about(self) -> None:
        for words, what, hint in (
                (["stauts"], 'unknown verb "stauts"', "did you mean status? danectl --help"),
                (["frobnicate"], 'unknown verb "frobnicate"', "danectl --help"),
                (["enroll", "mx", "--profil", "3 1 1"], None, "did you mean --profile? danectl enroll --help"),
                (["status", "--jsno"], None, "did you mean --json? danectl status --help"),
                (["status", "--confg=x"], None, "did you mean --config? danectl status --help")):
            with self.subTest(words):
                result = self.danectl(*words)
                self.assertEqual((result.code, result.out), (2, ""))
                said, hinted = result.err.splitlines()
                self.assertIn(what or words[-1].split("=")[0].removesuffix("3 1 1"), said)
                self.assertEqual(hinted, "  " + hint)

    def test_a_mistyped_lineage_is_asked_about(self) -> None:
        (self.dir / "lineages").mkdir()
        (self.dir / "lineages" / "mx.example.com.toml").write_text(f'tlsa = ["{OWNER}"]\n')
        result = self.configured("status", "mx.exmaple.com")
        self.assertEqual((result.code, result.out), (2, ""))
        self.assertIn("did you mean mx.example.com?", result.err)
        (self.dir / "letsencrypt" / "renewal").mkdir()
        (self.dir / "letsencrypt" / "renewal" / "mx2.example.com.conf").write_text("")
        result = self.configured("enroll", "mx2.example.cmo", "--tlsa", OWNER)
        self.assertEqual((result.code, result.out), (2, ""))
        self.assertIn("did you mean mx2.example.com?", result.err)

    def test_words_that_people_try_are_understood(self) -> None:
        for words, same in ((["help"], ["--help"]), (["help", "status"], ["status", "--help"]),
                            (["version"], ["--version"]), (["-V"], ["--version"]),
                            (["enrol", "--help"], ["enroll", "--help"])):
            with self.subTest(words):
                result = self.danectl(*words)
                self.assertEqual(result, self.danectl(*same))
                self.assertEqual((result.code, result.err), (0, ""))

    def test_verbose_and_quiet_exclude_each_other(self) -> None:
        self.assertEqual(self.configured("-v", "-q", "status"),
                         Result(2, "", "danectl: -v and -q exclude each other\n"))

    def test_global_options_may_stand_after_the_verb(self) -> None:
        result = self.danectl("status", "--json", "--config", "danectl.toml")
        self.assertEqual((result.code, result.err), (0, ""))

    def test_unknown_values_of_options_are_refused_with_those_that_are_known(self) -> None:
        for words, what, hint in (
                (["records", "--format", "xml"], "--format: 'xml' is not a format of records",
                 "zone, nsupdate, rfc3597 or json"),
                (["records", "--only", "old"], "--only: 'old' is not what a record can be wanted for",
                 "current, next, candidate or retiring"),
                (["records", "--owner", "a..b"], "--owner: 'a..b' is not a domain name: it has an empty label",
                 "a name in DNS: tlsa._dane.example.net"),
                (["records", "mx", "--owner", OWNER], "--owner and NAME exclude each other",
                 "--owner takes all lineages that lead to the name"),
                (["stage", "--key", "dsa"], "--key: 'dsa' is not a key type",
                 "use rsa-2048, rsa-3072, rsa-4096, ecdsa-p256 or ecdsa-p384")):
            with self.subTest(words):
                self.assert_usage(self.configured(*words), what, hint)


class Configuration(Cli):
    def test_a_fault_is_named_with_file_line_and_key(self) -> None:
        for text, what, hint in (
                ('certbo = "x"', '1: key "certbo": unknown',
                 "did you mean certbot? known here: certbot, certbot_dir, certbot_args, state_dir, [dns], [check], [publish], "
                 "[[publish.zone]]"),
                ("certbot = 3", '1: key "certbot": a string is wanted, not an integer',
                 "a program, found on PATH or by its absolute path"),
                ('[dns]\ntimeout = "5 parsecs"', "2: key \"dns.timeout\": '5 parsecs' is not a duration",
                 "write one number and one unit: 90s, 15m, 2h or 7d"),
                ('[publish]\nmethod = "fax"', "2: key \"publish.method\": 'fax' is not a way to publish",
                 '"print", "nsupdate", "include" or "hook"'),
                ('[[publish.zone]]\nserver = "192.0.2.1"', '1: key "publish.zone.name": is not there, and is needed',
                 'a zone, or a name above the records: "dane.example.net"'),
                ('[[publish.zone]]\nname = "a.example"\n\n[[publish.zone]]\nname = "A.example."',
                 "5: key \"publish.zone.name\": 'a.example' has a section already",
                 "put the keys of both into one section"),
                ('[[publish.zone]]\nname = "a.example"\nmethod = "include"',
                 '3: key "publish.zone.method": "include" needs include_file', "name the file that the zone includes"),
                ('[[publish.zone]]\nname = "a.example"\nzone = "x"', '3: key "publish.zone.zone": unknown',
                 "known in [[publish.zone]]: name, method, ttl, server, key_file, include_file, command, rfc3597")):
            with self.subTest(text):
                (self.dir / "bad.toml").write_text(text + "\n")
                self.assert_usage(self.danectl("--config", "bad.toml", "status"), f"bad.toml:{what}", hint)

    def test_what_is_not_toml_is_named_with_file_and_line(self) -> None:
        (self.dir / "bad.toml").write_text("\n[dns\n")
        result = self.danectl("--config", "bad.toml", "status")
        self.assertEqual((result.code, result.out), (2, ""))
        self.assertRegex(result.err, r"\Adanectl: bad\.toml:2: not valid TOML: ")

    def test_a_fault_in_a_file_of_a_lineage_is_named_too(self) -> None:
        (self.dir / "lineages").mkdir()
        (self.dir / "lineages" / "mx.toml").write_text(f'tlsa = ["{OWNER}"]\nrelaod = []\n')
        result = self.configured("status")
        self.assertEqual((result.code, result.out), (2, ""))
        self.assertRegex(result.err, r'\Adanectl: \./lineages/mx\.toml:2: key "relaod": unknown\n')

    def test_a_group_that_does_not_exist_is_refused_before_anything_is_touched(self) -> None:
        (self.dir / "lineages").mkdir()
        (self.dir / "lineages" / "mx.example.com.toml").write_text(
            'tlsa = ["_25._tcp.mx.example.com"]\nowner_group = "no-such-group"\n')
        for verb in ("stage", "promote", "status", "records"):
            with self.subTest(verb):
                self.assertEqual(self.configured(verb), Result(
                    2, "", 'danectl: ./lineages/mx.example.com.toml: key "owner_group": there is no group no-such-group '
                    "on this host\n  name a group that `getent group` shows, or leave the key out\n"))
        self.assertFalse((self.dir / "state").exists())

    def test_a_pipe_in_place_of_a_file_is_not_waited_for(self) -> None:
        (self.dir / "lineages").mkdir()
        os.mkfifo(self.dir / "lineages" / "mx.example.com.toml")
        self.assertEqual(self.configured("status"), Result(
            2, "", "danectl: cannot read ./lineages/mx.example.com.toml: it is a pipe, socket or device, not a file\n"
            "  `ls -ld ./lineages/mx.example.com.toml` shows it; put the file in its place, or move it away\n"))

    def test_a_file_that_is_named_must_exist(self) -> None:
        missing = Result(2, "", "danectl: there is no configuration file nowhere.toml\n"
                                "  write it as danectl.toml(5) shows, or name another one with --config\n")
        self.assertEqual(self.danectl("--config", "nowhere.toml", "status"), missing)
        self.assertEqual(self.danectl("status", env={"DANECTL_CONFIG": "nowhere.toml"}), missing)

    def test_the_option_wins_over_the_environment(self) -> None:
        result = self.danectl("--config", "danectl.toml", "status", env={"DANECTL_CONFIG": "nowhere.toml"})
        self.assertEqual((result.code, result.err), (0, ""))

    def test_spki_needs_no_configuration(self) -> None:
        result = self.danectl("--config", "nowhere.toml", "spki", "no-such-file")
        self.assertEqual(result, Result(1, "", "danectl: no-such-file: there is no such file\n"))


class Enroll(Cli):
    def enroll(self, *words: str, name: str = "mx.example.com") -> Result:
        return self.configured("enroll", name, *words)

    def test_it_never_guesses_the_owner(self) -> None:
        self.assert_usage(self.enroll(), "enroll wants to be told where the TLSA records belong: danectl does not guess",
                          "--tlsa _25._tcp.mx.example.com or --probe smtp://mx.example.com:25")

    def test_names_that_lead_elsewhere_are_refused(self) -> None:
        for name in ("../x", "a/b", "..", ".", "/etc"):
            with self.subTest(name):
                self.assert_usage(self.enroll("--tlsa", OWNER, name=name), f"'{name}' is not the name of a lineage",
                                  "`certbot certificates` lists the names")

    def test_certbot_must_know_the_lineage(self) -> None:
        self.assert_usage(
            self.enroll("--tlsa", OWNER),
            f"certbot has no lineage mx.example.com: {self.dir}/letsencrypt/renewal/mx.example.com.conf is not there",
            "`certbot certificates` lists the lineages there are")

    def test_what_would_harm_the_mail_or_is_not_there_yet_is_refused_with_the_reason(self) -> None:
        profiles = '"3 1 1", "3 1 2", "2 1 1" or "2 1 2"'
        for option, value, what, hint in (
                ("--rotation", "yearly", "'yearly' is not a way to rotate keys", '"next" or "certbot"'),
                ("--profile", "2 0 1", "'2 0 1' names the whole certificate of an issuer, while CAs issue others for the "
                 "same key", profiles),
                ("--profile", "3 0 1", "'3 0 1' names the whole certificate, which changes at each renewal, and the "
                 "record would have to as well", profiles),
                ("--profile", "3 1 0", "'3 1 0' would publish the whole key or certificate; answers must stay small "
                 "(RFC 7671 section 10.1.2)", profiles),
                ("--profile", "1 1 1", "'1 1 1' has a usage that mail servers cannot use (RFC 7672 section 3.1.3)",
                 profiles),
                ("--tlsa", "mx.example.com", "'mx.example.com' is not the owner of a TLSA record",
                 "write port, protocol and host (RFC 6698 section 3), as in _25._tcp.mx.example.com"),
                ("--probe", "http://mx", "'http://mx' does not begin with a scheme that can be probed",
                 "smtp, submission, imap, pop3 (with STARTTLS), smtps, imaps, pop3s or tls, then ://HOST:PORT"),
                ("--reload", "a | b", "'a | b' has a '|', which only a shell understands",
                 "commands are started without a shell: name a script that does it, or write the arguments as an array "
                 "in lineages/NAME.toml")):
            with self.subTest(f"{option} {value}"):
                self.assert_usage(self.enroll("--tlsa", OWNER, option, value), f'{option} "{value}": {what}', hint)


NOTHING_ENROLLED = "danectl: warning: no lineage is enrolled\n  danectl enroll NAME --tlsa _25._tcp.HOST\n"


class Release(Cli):
    def test_the_steps_to_leave_dane_are_numbered_through(self) -> None:
        (self.dir / "lineages").mkdir()
        for owners, steps in (
                ([OWNER], [f"1. delete the whole TLSA RRset at {OWNER}", "2. wait twice its TTL",
                           "3. only then let keys change: reuse_key = False"]),
                ([OWNER, "_465._tcp.mx.example.com"],
                 [f"1. delete the whole TLSA RRset at {OWNER}",
                  "2. delete the whole TLSA RRset at _465._tcp.mx.example.com", "3. wait twice the longest of their TTLs",
                  "4. only then let keys change: reuse_key = False"])):
            with self.subTest(owners):
                (self.dir / "lineages" / "mx.example.com.toml").write_text(f"tlsa = {json.dumps(owners)}\n")
                result = self.configured("release", "mx.example.com")
                self.assertEqual(result.code, 0, result)
                self.assertEqual([line.strip() for line in result.out.splitlines()][-len(steps):], steps)


class NothingEnrolled(Cli):
    def test_a_name_that_is_not_enrolled_is_wrong_usage(self) -> None:
        for verb in ("stage", "records", "promote", "status"):
            with self.subTest(verb):
                self.assert_usage(self.configured(verb, "mx.example.com"),
                                  "mx.example.com is not enrolled: there is no ./lineages/mx.example.com.toml",
                                  "danectl enroll mx.example.com --tlsa OWNER")

    def test_status_says_how_to_begin(self) -> None:
        self.assertEqual(self.configured("status"), Result(
            0, "no lineage is enrolled; begin with: danectl enroll NAME --tlsa _25._tcp.HOST\n", ""))

    def test_status_as_json_has_an_empty_list(self) -> None:
        result = self.configured("status", "--json")
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(json.loads(result.out), {"version": 1, "lineages": []})

    def test_records_prints_none_and_says_how_to_begin(self) -> None:
        for form in ("zone", "nsupdate", "rfc3597"):
            with self.subTest(form):
                self.assertEqual(self.configured("records", "--format", form), Result(0, "", NOTHING_ENROLLED))

    def test_records_of_a_name_to_which_no_lineage_leads_is_a_failure(self) -> None:
        for form in ("zone", "json"):
            result = self.configured("records", "--owner", "tlsa._dane.example.net", "--format", form)
            self.assertEqual((result.code, result.out), (1, ""))
            self.assertRegex(result.err, r"\Adanectl: no lineage leads to tlsa\._dane\.example\.net\n  the name must be ")

    def test_records_as_json_has_an_empty_list(self) -> None:
        result = self.configured("records", "--format", "json")
        self.assertEqual((result.code, result.err), (0, NOTHING_ENROLLED))
        self.assertEqual(json.loads(result.out), {"version": 1, "owners": []})

    def test_no_hold_wants_a_name(self) -> None:
        self.assertEqual(self.configured("promote", "--no-hold"),
                         Result(2, "", "danectl: --no-hold wants the NAME of a lineage\n"))

    def test_the_deploy_hook_leaves_lineages_of_others_alone(self) -> None:
        env = {"DANECTL_CONFIG": "danectl.toml", "RENEWED_LINEAGE": "/etc/letsencrypt/live/web.example.com",
               "RENEWED_DOMAINS": "web.example.com"}
        self.assertEqual(self.danectl("deploy-hook", env=env), Result(0, "", ""))

    def test_the_deploy_hook_is_for_certbot(self) -> None:
        self.assert_usage(self.configured("deploy-hook"), "RENEWED_LINEAGE is not set",
                          "deploy-hook is for certbot to start, as a deploy hook")

    def test_within_danectls_own_certbot_the_deploy_hook_does_nothing_at_all(self) -> None:
        env = {"DANECTL_ACTIVE": "1", "DANECTL_CONFIG": "nowhere.toml"}
        self.assertEqual(self.danectl("deploy-hook", env=env), Result(0, "", ""))


if __name__ == "__main__":
    unittest.main()
