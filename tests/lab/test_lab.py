"""Proves the lab itself, so that a test which fails in it says something about danectl."""
from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from lab import Lab, LabError, run

HERE = Path(__file__).resolve().parent
OWNER = "_25._tcp.mx.example.lab"
PRIMARY, SECONDARY, SECONDARY_V6 = "127.0.0.31", "127.0.0.32", "fd00:da::32"


def tlsa(number: int) -> str:
    return f"TLSA 3 1 1 {number:064x}"


class Dns(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())

    def setUp(self) -> None:
        self.lab.delete(OWNER)

    def delv(self, name: str, kind: str) -> str:
        result = run(["delv", "-a", self.lab.delv_anchor, "+root=.", name, kind], env=self.lab.env, expect=None)
        return result.out + result.err

    def test_signed_zones_are_secure_also_for_a_second_validator(self) -> None:
        for name in (".", "lab.", "example.lab.", "alias.lab."):
            answer = self.lab.dig(name, "SOA")
            self.assertEqual((answer.status, "ad" in answer.flags), ("NOERROR", True), name)
            self.assertIn("; fully validated", self.delv(name, "SOA"), name)

    def test_that_a_name_is_absent_is_proven(self) -> None:
        answer = self.lab.dig("nothing.example.lab", "A")
        self.assertEqual((answer.status, "ad" in answer.flags), ("NXDOMAIN", True))

    def test_the_plain_zone_is_insecure(self) -> None:
        answer = self.lab.dig("mx.plain.lab", "A")
        self.assertEqual((answer.status, "ad" in answer.flags, answer.records), ("NOERROR", False, ["A 127.0.0.25"]))
        self.assertIn("; unsigned answer", self.delv("mx.plain.lab.", "A"))

    def test_the_bogus_zone_fails_though_its_servers_answer(self) -> None:
        self.assertEqual(self.lab.dig("mx.bogus.lab", "A").status, "SERVFAIL")
        self.assertEqual(self.lab.dig("mx.bogus.lab", "A", PRIMARY).records, ["A 127.0.0.25"])
        self.assertIn("resolution failed", self.delv("mx.bogus.lab.", "A"))

    def test_an_added_record_is_on_every_server_within_a_second(self) -> None:
        seconds = []
        for number in (3, 2, 1):  # the best of three, as the machine may have other work
            self.lab.delete(OWNER)
            began = time.monotonic()
            self.lab.add(OWNER, 2, tlsa(number))
            seconds.append(time.monotonic() - began)
        self.assertLess(min(seconds), 1)
        for server in (PRIMARY, SECONDARY, SECONDARY_V6):
            answer = self.lab.dig(OWNER, "TLSA", server)
            self.assertEqual((answer.records, answer.ttls), ([tlsa(1)], [2]), server)
            self.assertIn("aa", answer.flags)

    def test_one_record_is_deleted_and_the_other_stays(self) -> None:
        self.lab.add(OWNER, 2, tlsa(1))
        self.lab.add(OWNER, 2, tlsa(2))
        self.lab.delete(OWNER, tlsa(1))
        self.assertEqual(self.lab.dig(OWNER, "TLSA", SECONDARY).records, [tlsa(2)])

    def test_an_update_needs_the_key(self) -> None:
        script = f"server {PRIMARY}\nzone example.lab\nupdate add {OWNER} 2 {tlsa(1)}\nsend\n"
        self.assertIn("REFUSED", run(["nsupdate"], input=script, expect=2).err)

    def test_nsupdate_finds_the_primary_of_each_zone_by_itself(self) -> None:
        for owner in (OWNER, "_25._tcp.mx.alias.lab"):
            self.lab.nsupdate(f"update add {owner} 2 {tlsa(3)}\nsend\n")
            self.lab.wait_published(owner, tlsa(3))

    def test_a_cname_leads_securely_into_another_zone(self) -> None:
        self.lab.add("_25._tcp.mx.alias.lab", 2, tlsa(4))
        self.lab.add(OWNER, 2, "CNAME _25._tcp.mx.alias.lab.")
        time.sleep(2)  # what the resolver remembers of OWNER
        answer = self.lab.dig(OWNER)
        self.assertIn("ad", answer.flags)
        self.assertEqual(answer.records[0], "CNAME _25._tcp.mx.alias.lab.")
        self.assertIn(tlsa(4), answer.records)

    def test_a_frozen_secondary_answers_with_old_data_and_catches_up(self) -> None:
        self.lab.add(OWNER, 2, tlsa(1))
        with self.lab.secondary_frozen():
            self.lab.add(OWNER, 2, tlsa(2))
            time.sleep(2)  # longer than the zone's refresh timer
            self.assertEqual(sorted(self.lab.dig(OWNER, "TLSA", PRIMARY).records), [tlsa(1), tlsa(2)])
            for server in (SECONDARY, SECONDARY_V6):
                answer = self.lab.dig(OWNER, "TLSA", server)
                self.assertEqual((answer.status, answer.records), ("NOERROR", [tlsa(1)]), server)
                self.assertIn("RRSIG", answer.text)
        self.assertEqual(sorted(self.lab.dig(OWNER, "TLSA", SECONDARY_V6).records), [tlsa(1), tlsa(2)])

    def test_a_silent_server_runs_into_the_timeout_and_recovers(self) -> None:
        with self.lab.silence("ns2"):
            self.lab.add(OWNER, 2, tlsa(1))
            self.assertEqual(self.lab.dig(OWNER, "TLSA", SECONDARY).status, "TIMEOUT")
            self.assertEqual(self.lab.dig(OWNER, "TLSA", SECONDARY_V6).status, "TIMEOUT")
            self.assertEqual(self.lab.dig(OWNER, "TLSA", PRIMARY).records, [tlsa(1)])
        self.lab.wait_published(OWNER, tlsa(1))

    def test_the_resolver_recovers_when_its_servers_do(self) -> None:
        with self.lab.silence("alias"):
            time.sleep(2)  # what the resolver remembers
            self.assertIn(self.lab.dig("mx2.alias.lab", "A", "127.0.0.53", "+time=6").status, ("TIMEOUT", "SERVFAIL"))
        self.lab.wait_until("the resolver has alias.lab again",
                            lambda: "ad" in self.lab.dig("mx2.alias.lab", "A").flags)

    def test_a_killed_server_refuses_and_comes_back_with_its_zone(self) -> None:
        self.lab.add(OWNER, 2, tlsa(1))
        self.lab.kill("ns2")
        self.assertIn("connection refused", self.lab.dig(OWNER, "TLSA", SECONDARY, "+cmd").text)
        self.lab.add(OWNER, 2, tlsa(2))
        self.lab.start("ns2")
        self.lab.wait_published(OWNER, tlsa(2))

    def test_a_delegation_can_change(self) -> None:
        ds = self.lab.dig("alias.lab", "DS", "127.0.0.11").records[0]
        self.lab.delete("alias.lab", "DS", zone="lab")
        try:
            self.lab.wait_until("alias.lab is insecure", lambda: not self.lab.dig("alias.lab", "SOA").flags & {"ad"})
            self.assertEqual(self.lab.dig("alias.lab", "SOA").status, "NOERROR")
        finally:
            self.lab.add("alias.lab", 2, ds, zone="lab")
        self.lab.wait_until("alias.lab is secure", lambda: "ad" in self.lab.dig("alias.lab", "SOA").flags)

    def test_a_server_that_dies_by_itself_is_reported_with_its_log(self) -> None:
        self.lab._daemons["alias"].signal(signal.SIGKILL)
        try:
            with self.assertRaisesRegex(LabError, "alias died\n--- the end of .*alias.log\n(.*\n)*.*running"):
                self.lab.wait_until("never", lambda: False)
        finally:
            self.lab.kill("alias")
            self.lab.start("alias")


class Certbot(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())

    def test_it_issues_and_renews_from_what_its_conf_holds(self) -> None:
        live = self.lab.issue("mx", "mx.example.lab", "mx2.example.lab", extra=["--reuse-key"])
        key = self.lab.openssl_spki(live / "privkey.pem")
        self.assertRegex(key, "^[0-9a-f]{64}$")
        self.assertEqual(self.lab.openssl_spki(live / "cert.pem"), key)
        chain = self.lab.dir / "root.pem"
        chain.write_text(self.lab.ca_certificate())
        run(["openssl", "verify", "-CAfile", chain, "-untrusted", live / "chain.pem", live / "cert.pem"])
        conf = (self.lab.certbot_dir / "renewal" / "mx.conf").read_text()
        self.assertIn("\nserver = https://127.0.0.14:14000/dir\n", conf)

        before = self.lab.snapshot(self.lab.certbot_dir)
        self.assertEqual(self.lab.snapshot(self.lab.certbot_dir), before)
        self.lab.certbot("renew", "--cert-name", "mx", "--force-renewal")
        after = self.lab.snapshot(self.lab.certbot_dir)
        self.assertEqual(os.readlink(live / "cert.pem"), "../../archive/mx/cert2.pem")
        self.assertEqual(after[str(live / "cert.pem")], ("lrwxrwxrwx", "../../archive/mx/cert2.pem"))
        old_key = before[str(self.lab.certbot_dir / "archive/mx/privkey1.pem")]
        self.assertEqual(after[str(self.lab.certbot_dir / "archive/mx/privkey2.pem")], old_key)
        self.assertEqual(old_key[0], "-rw-------")

    def test_the_ca_refuses_a_blocked_name(self) -> None:
        # certbot 2.1 on Python 3.11 shows "can't set attribute" instead, and the reason only in its log.
        with self.assertRaises(AssertionError):
            self.lab.issue("blocked.example.lab")
        log = self.lab.dir / "log" / "certbot" / "letsencrypt.log"
        self.assertIn("rejectedIdentifier", log.read_text())

    def test_a_new_ca_has_another_issuer_and_renewals_go_on(self) -> None:
        live = self.lab.issue("issuer", "mx.example.lab")
        before = self.lab.openssl_spki(live / "chain.pem")
        end = run(["openssl", "x509", "-in", live / "cert.pem", "-noout", "-checkend", str(89 * 86400)])
        self.assertIn("will not expire", end.out)
        self.lab.new_ca()
        self.lab.certbot("renew", "--cert-name", "issuer", "--force-renewal")
        self.assertNotEqual(self.lab.openssl_spki(live / "chain.pem"), before)

    def test_certbot_reads_the_cli_ini_of_the_lab_only(self) -> None:
        self.lab.cli_ini.write_text("no-such-option = 1\n")
        try:
            self.assertIn("no-such-option", self.lab.certbot("certificates", expect=2).err)
        finally:
            self.lab.cli_ini.unlink()
        machine = Path("/etc/letsencrypt/cli.ini")
        self.assertEqual(machine.read_text() if machine.exists() else "", "")

    def test_a_command_that_fails_shows_everything(self) -> None:
        program = self.lab.dir / "danectl"
        program.write_text('#!/bin/sh\necho "said $*"; echo "trouble" >&2; cat; exit 3\n')
        program.chmod(0o755)
        self.addCleanup(setattr, self.lab, "program", self.lab.program)
        self.lab.program = str(program)
        with self.assertRaises(AssertionError) as caught:
            self.lab.danectl("status", expect=0)
        message = str(caught.exception)
        for part in ("exit code 0 was expected", "exit code 3", f"--config {self.lab.config} status", "said --config",
                     "trouble"):
            self.assertIn(part, message)
        result = self.lab.danectl("-", expect=3, input="given")
        self.assertIn("given", result.out)

    def test_a_command_that_hangs_is_killed_with_its_children(self) -> None:
        with self.assertRaisesRegex(AssertionError, "still running after 0.3 s, killed"):
            run(["sh", "-c", "sleep 1234 & sleep 1234"], timeout=0.3)
        self.lab.wait_until("no sleep is left", lambda: not processes_with(b"sleep\x001234", "cmdline"))


class RealChallenges(unittest.TestCase):
    def test_the_ca_can_be_told_to_look(self) -> None:
        with Lab(pebble_env={"PEBBLE_VA_ALWAYS_VALID": "0"}) as lab:
            lab.issue("mx.example.lab")
            with self.assertRaisesRegex(AssertionError, "Some challenges have failed"):
                lab.issue("nothing.example.lab")


SCRIPT = f"""import os, sys
sys.path.insert(0, {str(HERE)!r})
from lab import Lab
with Lab() as lab:
    lab.add({OWNER!r}, 2, sys.argv[1])
    print(os.environ["LAB_ROOT"], flush=True)
    sys.stdin.readline()
    assert lab.dig({OWNER!r}, "TLSA", {SECONDARY!r}).records == [sys.argv[1]]
sys.exit(7)
"""


def processes_with(what: bytes, where: str = "environ") -> list[str]:
    found = []
    for path in Path("/proc").glob(f"[0-9]*/{where}"):
        try:
            if what in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue  # ended meanwhile
    return found


class Namespaces(unittest.TestCase):
    """Each is an `enter` of its own within this one."""

    def enter(self, record: str) -> tuple[subprocess.Popen[str], Path]:
        child = subprocess.Popen([HERE / "enter", sys.executable, "-c", SCRIPT, record],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stdin.close)
        self.addCleanup(child.kill)
        root = child.stdout.readline().strip()
        self.assertRegex(root, "danectl-lab-", "the lab did not come up")
        return child, Path(root)

    def gone(self, root: Path) -> bool:
        return not processes_with(str(root).encode()) and not root.exists()

    def test_two_labs_run_side_by_side_and_leave_nothing(self) -> None:
        labs = [self.enter(tlsa(number)) for number in (1, 2)]
        for child, root in labs:
            self.assertTrue(processes_with(str(root).encode()))
        for child, root in labs:
            child.stdin.write("\n")
            child.stdin.flush()
            self.assertEqual(child.wait(), 7, "the exit code is passed on")
            self.assertTrue(self.gone(root))

    def test_a_lab_that_is_terminated_leaves_nothing(self) -> None:
        child, root = self.enter(tlsa(1))
        child.terminate()
        self.assertEqual(child.wait(5), 128 + signal.SIGTERM)
        self.assertTrue(wait_for(lambda: self.gone(root)))

    def test_a_lab_that_is_killed_leaves_no_process_and_no_file(self) -> None:
        child, root = self.enter(tlsa(1))
        child.kill()
        child.wait()
        self.assertTrue(wait_for(lambda: not processes_with(str(root).encode())))
        self.assertEqual(list(root.iterdir()), [])
        root.rmdir()

    def test_a_stopped_lab_leaves_the_namespaces_as_they_were(self) -> None:
        resolv, before = Path("/etc/resolv.conf").read_text(), set(processes_with(b"LAB_ROOT="))
        with Lab() as lab:
            self.assertNotEqual(Path("/etc/resolv.conf").read_text(), resolv)
            with self.assertRaisesRegex(LabError, "running in these namespaces already"):
                Lab().__enter__()
        self.assertEqual(Path("/etc/resolv.conf").read_text(), resolv)
        self.assertEqual(set(processes_with(b"LAB_ROOT=")), before)
        self.assertFalse(lab.dir.exists())

    def test_outside_the_lab_refuses(self) -> None:
        env = {key: value for key, value in os.environ.items() if not key.startswith("LAB_")}
        script = f"import sys; sys.path.insert(0, {str(HERE)!r}); import lab; lab.Lab().__enter__()"
        result = run([sys.executable, "-c", script], env=env, expect=1)
        self.assertIn("start this with tests/lab/enter", result.err)

    def test_enter_passes_on_exit_codes_and_signals(self) -> None:
        for command, code in (("exit 5", 5), ("kill -9 $$", 137), ("kill -15 $$", 143)):
            self.assertEqual(run([HERE / "enter", "sh", "-c", command], expect=None).code, code, command)
        self.assertIn("enter: no-such-program:", run([HERE / "enter", "no-such-program"], expect=127).err)
        self.assertIn("usage:", run([HERE / "enter"], expect=2).err)

    def test_a_kept_lab_can_be_read_afterwards(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            env = {**os.environ, "LAB_KEEP": "1", "TMPDIR": folder}
            result = run([HERE / "enter", HERE / "shell", "true"], env=env)
            root = Path(re.search("kept in (.*)", result.err).group(1))
            self.assertIn("all zones loaded", (root / "lab1" / "log" / "ns1.log").read_text())


def wait_for(condition, timeout: float = 5) -> bool:
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


if __name__ == "__main__":
    unittest.main()
