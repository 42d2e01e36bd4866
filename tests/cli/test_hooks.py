#!/usr/bin/python3
"""The scripts and units of hooks/, without the servers that they are for (those: tests/lab/test_publish_hooks.py)."""
from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import unittest
from pathlib import Path

from cli import Cli, Result

HOOKS = Path(__file__).resolve().parents[2] / "hooks"
TODAY = "20261124"
HEX = {n: f"{n:064x}" for n in (1, 2, 3)}
OWNER = "_25._tcp.mx.example.com"


class Hook(Cli):
    def setUp(self) -> None:
        super().setUp()
        self.bin = self.dir / "bin"
        self.bin.mkdir()

    def stand_in(self, name: str, script: str) -> None:
        """A program of that name, found before the real one."""
        (self.bin / name).write_text("#!/bin/sh\n" + script)
        (self.bin / name).chmod(0o755)

    def hook(self, name: str, *args: str) -> Result:
        path = f"{self.bin}:{os.environ.get('PATH', os.defpath)}"
        done = subprocess.run(["/bin/sh", HOOKS / name, *args], cwd=self.dir, env={**os.environ, "PATH": path},
                              capture_output=True, timeout=60, check=False)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


class RaiseSerial(Hook):
    def setUp(self) -> None:
        super().setUp()
        self.stand_in("date", f"echo {TODAY}\n")
        self.zone = self.dir / "zone"

    def raise_serial(self, text: str, *check: str) -> Result:
        self.zone.write_text(text)
        return self.hook("publish/raise-serial", "zone", *check)

    def assert_refused(self, text: str, why: str) -> None:
        result = self.raise_serial(text)
        self.assertEqual((result.code, result.out), (1, ""), text)
        self.assertIn(why, result.err)
        self.assertEqual(self.zone.read_text(), text, "the zone file is as before")
        self.assertEqual(list(self.dir.glob("zone.*")), [], "nothing is left beside it")

    def test_counters_and_dates_only_go_forward(self) -> None:
        for old, new in (("0", "1"), ("1", "2"), ("9", "10"), ("007", "8"), ("2147483647", "2147483648"),
                         ("4294967294", "4294967295"), ("4294967295", "1"), ("1732430000", "1732430001"),
                         ("2026112300", f"{TODAY}00"), ("1999010199", f"{TODAY}00"), (f"{TODAY}00", f"{TODAY}01"),
                         (f"{TODAY}99", "2026112500"), ("2026112500", "2026112501"), ("2030010100", "2030010101"),
                         ("2025123200", f"{TODAY}00"), ("2099999999", "2100000000")):
            with self.subTest(old=old):
                result = self.raise_serial(f"@ 300 IN SOA ns1 host {old} 1 2 3 4\n")
                self.assertEqual(result, Result(0, f"{new}\n", ""))
                self.assertEqual(self.zone.read_text(), f"@ 300 IN SOA ns1 host {new} 1 2 3 4\n")

    def test_the_serial_is_found_however_the_record_is_written(self) -> None:
        for text in ("@ SOA ns1 host 7 1 2 3 4\n", "@ IN 1h30m SOA ns1 host 7 1 2 3 4\n",
                     "example.com.\t3600\tin\tsoa\tns1\thost\t7\t1 2 3 4\n",
                     "$TTL 2\n@ IN SOA ns1 host (\n\t7 ; serial, not 7\n\t1\n\t2 3 4 )\n@ NS ns1\n",
                     "@ SOA ns1 host(7 1 2 3 4)\n", "@ ( IN\n SOA ns1 ; soa (\n host\n7\n1 2 3 4\n)\n",
                     "$ORIGIN soa.\n  IN SOA ns1.soa. soa 7 1 2 3 4 ; SOA\nsoa A 127.0.0.1\nsoa SOATYPE x\n",
                     "@ SOA ns1 a\\;b\\(c 7 1 2 3 4\n", "; @ SOA ns1 host 5 1 2 3 4\n@ SOA ns1 host 7 1 2 3 4\r\n",
                     '@ TXT "a ; ( SOA" b\n@ SOA ns1 host 7 1 2 3 4\n$INCLUDE "soa (file"\n@ TXT ( "x\\"(" )\n',
                     "; größe\n@ SOA ns1 höst 7 1 2 3 4 ; ü", "soa SOA 7 7 7 1 2 3 4\n"):
            with self.subTest(text=text):
                result = self.raise_serial(text)
                self.assertEqual(result, Result(0, "8\n", ""))
                wanted = ("soa SOA 7 7 8 1 2 3 4\n" if text.startswith("soa SOA 7") else
                          text.replace("\n7\n", "\n8\n") if "\n7\n" in text else
                          text.replace("(7 ", "(8 ").replace("t 7 1", "t 8 1").replace("t\t7", "t\t8")
                          .replace("a 7 1", "a 8 1").replace("c 7 1", "c 8 1").replace("\t7 ;", "\t8 ;"))
                self.assertEqual(self.zone.read_bytes(), wanted.encode())

    def test_without_exactly_one_soa_record_the_file_stays(self) -> None:
        for text, why in (("@ NS ns1\n", "no SOA record"), ("", "no SOA record"),
                          ("soa A 127.0.0.1\n", "no SOA record"),
                          ('@ TXT "\n@ SOA ns1 host 7 1 2 3 4"\n', "no SOA record"),
                          ("@ SOA ns1 host 7 1 2 3 4\n" * 2, "line 2: a second SOA record"),
                          ("@ SOA ns1 host 7a 1 2 3 4\n", "the serial is no number: 7a"),
                          ("@ SOA ns1 host 4294967296 1 2 3 4\n", "more than 32 bits"),
                          ("@ SOA ns1 host ( 7 1 2 3 4\n", "still open"),
                          ("@ SOA ns1 host 7 1 2 3 4 )\n", "closing parenthesis without an opening one")):
            with self.subTest(text=text):
                self.assert_refused(text, why)

    def test_a_check_that_fails_leaves_the_file_and_is_shown(self) -> None:
        self.zone.write_text("@ SOA ns1 host 7 1 2 3 4\n")
        result = self.hook("publish/raise-serial", "zone", "/bin/sh", "-c", 'echo "line 9: bad"; false', "check")
        self.assertEqual((result.code, result.out), (1, ""))
        self.assertIn("line 9: bad", result.err)
        self.assertEqual(self.zone.read_text(), "@ SOA ns1 host 7 1 2 3 4\n")
        self.assertEqual(list(self.dir.glob("zone.*")), [])

    def test_an_edit_saved_meanwhile_is_not_lost(self) -> None:
        result = self.raise_serial("@ SOA ns1 host 7 1 2 3 4\n", "/bin/sh", "-c", "echo '@ NS ns1' >>zone", "check")
        self.assertEqual(result.code, 1)
        self.assertIn("changed by another program", result.err)
        self.assertEqual(self.zone.read_text(), "@ SOA ns1 host 7 1 2 3 4\n@ NS ns1\n")

    def test_mode_and_owner_stay_and_a_link_stays_a_link(self) -> None:
        real = self.dir / "real"
        real.write_text("@ SOA ns1 host 7 1 2 3 4\n")
        real.chmod(0o640)
        if os.geteuid() == 0:
            os.chown(real, 4242, 4343)
        before = real.stat()
        self.zone.symlink_to("real")
        self.assertEqual(self.hook("publish/raise-serial", "zone"), Result(0, "8\n", ""))
        after = real.stat()
        self.assertTrue(self.zone.is_symlink())
        self.assertEqual((after.st_mode, after.st_uid, after.st_gid), (before.st_mode, before.st_uid, before.st_gid))
        self.assertNotEqual(after.st_ino, before.st_ino, "replaced in one step, not written over")


class Route53(Hook):
    """`aws` says what is there and keeps the change; the credentials are its own affair."""

    def setUp(self) -> None:
        super().setUp()
        self.stand_in("aws", f"""case $2 in
  list-hosted-zones-by-name) case $* in *"--dns-name example.com. "*) echo /hostedzone/Z1 ;; esac ;;
  list-resource-record-sets) cat {self.dir}/rrset ;;
  change-resource-record-sets) [ "$4" = /hostedzone/Z1 ] && printf '%s' "$6" >{self.dir}/change ;;
esac
""")

    def change(self, action: str, number: int, rrset: str) -> list[tuple[str, int, list[str]]] | None:
        (self.dir / "rrset").write_text(rrset)
        (self.dir / "change").unlink(missing_ok=True)
        self.assertEqual(self.hook("publish/hook-route53", action, OWNER, "300", f"3 1 1 {HEX[number]}"),
                         Result(0, "", ""))
        if not (self.dir / "change").exists():
            return None
        changes = json.loads((self.dir / "change").read_text())["Changes"]
        for change in changes:
            self.assertEqual(change["ResourceRecordSet"]["Name"], OWNER + ".")
        return [(c["Action"], c["ResourceRecordSet"]["TTL"],
                 [r["Value"][:6] + r["Value"][-1] for r in c["ResourceRecordSet"]["ResourceRecords"]]) for c in changes]

    def test_a_batch_deletes_what_was_read_and_creates_the_new(self) -> None:
        two = f"60\n3 1 1 {HEX[1]}\t3 1 1 {HEX[2]}\n"
        self.assertEqual(self.change("add", 1, ""), [("CREATE", 300, ["3 1 1 1"])])
        self.assertEqual(self.change("add", 3, two), [("DELETE", 60, ["3 1 1 1", "3 1 1 2"]),
                                                      ("CREATE", 60, ["3 1 1 1", "3 1 1 2", "3 1 1 3"])])
        self.assertEqual(self.change("delete", 1, two), [("DELETE", 60, ["3 1 1 1", "3 1 1 2"]),
                                                         ("CREATE", 60, ["3 1 1 2"])])
        self.assertEqual(self.change("delete", 1, f"60\n3 1 1 {HEX[1]}\n"), [("DELETE", 60, ["3 1 1 1"])])
        self.assertIsNone(self.change("add", 1, two))
        self.assertIsNone(self.change("delete", 3, two))
        self.assertIsNone(self.change("delete", 3, ""))

    def test_a_failure_is_not_an_absence(self) -> None:
        self.stand_in("aws", "echo 'no route' >&2; exit 254\n")
        result = self.hook("publish/hook-route53", "add", OWNER, "300", f"3 1 1 {HEX[1]}")
        self.assertEqual((result.code, result.out), (1, ""))
        self.assertIn("the AWS CLI failed", result.err)


class UnknownType(Hook):
    def test_the_data_of_an_unknown_type_is_refused_before_anything_is_asked(self) -> None:
        (self.dir / "token").write_text("secret\n")
        for name, *first in (["hook-knot"], ["hook-powerdns"], ["hook-route53"], ["hook-cloudflare", "token"]):
            with self.subTest(name):
                result = self.hook(f"publish/{name}", *first, "add", OWNER, "300", f"\\# 35 030101{HEX[1]}")
                self.assertEqual((result.code, result.out), (1, ""))
                self.assertRegex(result.err, rf"\A{name}: {OWNER}: .* knows TLSA: set rfc3597 = false for its zone\n\Z")


@unittest.skipUnless(shutil.which("jq"), "jq is not installed")
class Cloudflare(Hook):
    SECRET = "s3cret-t0ken"

    def setUp(self) -> None:
        super().setUp()
        (self.dir / "token").write_text(self.SECRET + "\n")
        self.stand_in("curl", f"""printf '%s\\n' "$*" >>{self.dir}/arguments
cat >>{self.dir}/stdin
case $* in
  *" POST "* | *" DELETE "*) echo '{{"success":true,"result":{{}}}}' ;;
  *dns_records*) cat {self.dir}/rrset ;;
  *zones?name=example.com) echo '{{"success":true,"result":[{{"id":"z1"}}]}}' ;;
  *) echo '{{"success":true,"result":[]}}' ;;
esac
""")

    def calls(self, action: str, number: int, *present: int) -> str:
        records = [{"id": f"r{n}", "ttl": 60, "data": {"usage": 3, "selector": 1, "matching_type": 1,
                                                       "certificate": HEX[n].upper()}} for n in present]
        (self.dir / "rrset").write_text(json.dumps({"success": True, "result": records}))
        (self.dir / "arguments").write_text("")
        self.assertEqual(self.hook("publish/hook-cloudflare", "token", action, OWNER, "300", f"3 1 1 {HEX[number]}"),
                         Result(0, "", ""))
        return (self.dir / "arguments").read_text()

    def test_single_records_are_made_and_deleted_without_the_token_on_a_command_line(self) -> None:
        self.assertIn('"ttl":300,', self.calls("add", 1))
        added = self.calls("add", 1, 2)
        self.assertIn('"ttl":60,', added)
        self.assertIn(f'"data":{{"usage":3,"selector":1,"matching_type":1,"certificate":"{HEX[1]}"}}', added)
        self.assertIn("DELETE", self.calls("delete", 2, 1, 2))
        self.assertIn("/zones/z1/dns_records/r2\n", (self.dir / "arguments").read_text())
        self.assertNotIn("r1", (self.dir / "arguments").read_text())
        for nothing in (self.calls("add", 1, 1, 2), self.calls("delete", 3, 1, 2)):
            self.assertNotRegex(nothing, "POST|DELETE")
            self.assertNotIn(self.SECRET, nothing)
        self.assertNotIn(self.SECRET, added)
        self.assertIn(f"Authorization: Bearer {self.SECRET}\n".replace("\n", '"\n'), (self.dir / "stdin").read_text())

    def test_a_refusal_is_shown_and_is_not_an_absence(self) -> None:
        self.stand_in("curl", 'cat >/dev/null; echo \'{"success":false,"errors":[{"message":"bad token"}]}\'\n')
        result = self.hook("publish/hook-cloudflare", "token", "add", OWNER, "300", f"3 1 1 {HEX[1]}")
        self.assertEqual((result.code, result.out), (1, ""))
        self.assertIn("bad token", result.err)
        self.assertNotIn(self.SECRET, result.err)


class Timers(Hook):
    def cron(self, script: str) -> Result:
        self.stand_in("danectl", script)
        line = (HOOKS / "cron" / "danectl").read_text().splitlines()[-1]
        minute, _hour, _day, _month, _weekday, user, command = line.split(None, 6)
        self.assertEqual((minute, user), ("7-59/15", "root"))
        self.assertNotIn("%", command, "cron takes it for the end of a line")
        (self.dir / "line").write_text(command)
        return self.hook(str(self.dir / "line"))

    def test_cron_mails_what_danectl_prints_but_not_that_another_is_at_work(self) -> None:
        self.assertEqual(self.cron('[ "$*" = run ]\n').out, "")
        self.assertEqual(self.cron("echo published\n").out, "published\n")
        self.assertEqual(self.cron("echo 'danectl: it failed' >&2; exit 1\n").out, "danectl: it failed\n")
        self.assertEqual(self.cron("echo 'danectl: another danectl' >&2; exit 75\n"), Result(0, "", ""))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_the_units_are_good_and_their_exposure_is_below_4(self) -> None:
        service = self.dir / "danectl.service"
        # The fixed folders that systemd looks in need not have a danectl.
        service.write_text((HOOKS / "systemd" / "danectl.service").read_text()
                           .replace("ExecStart=/usr/bin/danectl ", f"ExecStart={self.program} "))
        timer = shutil.copy(HOOKS / "systemd" / "danectl.timer", self.dir)
        for words in (["verify", "--man=no", str(service), timer],
                      ["security", "--offline=true", "--threshold=40", "--no-pager", str(service)]):
            done = subprocess.run(["systemd-analyze", *words], capture_output=True, timeout=60, check=False)
            said = done.stdout.decode() + done.stderr.decode()
            self.assertEqual(done.returncode, 0, said)
            if words[0] == "verify":
                self.assertEqual(said, "")


class Reload(Hook):
    def test_a_bad_configuration_is_not_loaded(self) -> None:
        for script, check, reload in (("nginx", "nginx", "nginx"), ("dovecot", "doveconf", "doveadm")):
            for good in (True, False):
                with self.subTest(script=script, good=good):
                    self.stand_in(reload, f"[ $1 = -t ] || echo reloaded >>{self.dir}/log\n")
                    if not good:
                        self.stand_in(check, "[ $1 = -s ] && exit\necho 'cannot load key' >&2; exit 1\n")
                    elif check != reload:
                        self.stand_in(check, "exit 0\n")
                    (self.dir / "log").write_text("")
                    result = self.hook(f"reload/{script}")
                    self.assertEqual((result.code, (self.dir / "log").read_text()),
                                     (0, "reloaded\n") if good else (1, ""))
                    self.assertEqual("cannot load key" in result.err, not good)


class Installation(Hook):
    def test_every_script_can_be_run_and_no_other_file(self) -> None:
        for path in HOOKS.rglob("*"):
            if path.is_file():
                runs = path.parent.name in ("certbot", "publish", "reload")
                self.assertEqual(bool(path.stat().st_mode & stat.S_IXUSR), runs, path)


if __name__ == "__main__":
    unittest.main()
