"""`publish` by the other methods: print, hook and include; these on BIND and Knot with zones of their own."""
from __future__ import annotations

import unittest
from pathlib import Path

from lab import Result, run
from own_server import HOOKS, IncludingBind, OwnServer
from rollover import (RolloverTest, enroll, live, next_key, of_key, owner_of, records_at, retires_nothing,
                      set_key, wait_ready)

FOREIGN = "3 1 1 " + "ee" * 32


class ByHand(RolloverTest):
    """Print and hook, with the lab's own zone."""

    def tearDown(self) -> None:
        self.lab.write_config()

    def test_print_shows_what_to_add_and_says_that_nothing_was_published(self) -> None:
        name = "print.example.lab"
        enroll(self.lab, name)
        self.lab.danectl("stage", name)
        self.lab.write_config(publish={"method": "print"})
        result = self.lab.danectl("publish", name)
        self.assertIn("nothing was published", result.out)
        for pem in (live(self.lab, name) / "cert.pem", next_key(self.lab, name)):
            self.assertIn(f"{owner_of(name)}. 2 IN TLSA {of_key(self.lab, pem)}\n", result.out)
        self.assertEqual(records_at(self.lab, owner_of(name)), [])
        lines = [line for line in result.out.splitlines() if line[0] != ";"]
        self.lab.nsupdate("".join(f"update add {line}\n" for line in lines) + "send\n")
        self.lab.wait_until("no record is missing", lambda: "no record is missing" in
                            self.lab.danectl("publish", name).out)

    def test_a_hook_gets_each_record_as_arguments_and_what_failed_is_tried_again(self) -> None:
        name, owner = "hook.example.lab", owner_of("hook.example.lab")
        log, broken = self.lab.dir / "hook-calls", self.lab.dir / "hook-is-broken"
        hook = self.lab.dir / "hook"
        # One line a call, each argument in <>; then the change itself.
        hook.write_text(f"""#!/bin/sh
printf '<%s>' "$@" >>{log}; echo >>{log}
test ! -e {broken} || {{ echo 'the API is down' >&2; exit 7; }}
test "$2" != add || ttl=$4
printf 'update %s %s %s TLSA %s\\nsend\\n' "$2" "$3" "$ttl" "$5" | nsupdate -k {self.lab.tsig}
""")
        hook.chmod(0o755)
        self.lab.write_config(publish={"method": "hook", "command": [str(hook), "with a blank"]})
        enroll(self.lab, name)
        self.lab.danectl("stage", name)
        current = of_key(self.lab, live(self.lab, name) / "cert.pem")
        staged = of_key(self.lab, next_key(self.lab, name))

        broken.touch()
        for verb in (["publish", name], ["run"]):
            failed = self.lab.danectl(*verb, expect=1)
            self.assertIn("the API is down", failed.err)
            self.assertIn(str(hook), failed.err)
        self.assertEqual(log.read_text().splitlines(), [f"<with a blank><add><{owner}><2><{current}>"] * 2)
        self.assertEqual(records_at(self.lab, owner), [])
        broken.unlink()
        # The record of the next key alone would fail the deployed chain, so it waits until all servers give the other.
        self.lab.danectl("run")
        self.assertEqual(log.read_text().splitlines()[2], f"<with a blank><add><{owner}><2><{current}>")
        self.lab.wait_until("the next run has added that of the next key", lambda: self.lab.danectl("run").code == 0 and
                            staged in records_at(self.lab, owner))
        self.assertEqual(log.read_text().splitlines()[3:], [f"<with a blank><add><{owner}><2><{staged}>"])
        self.assertEqual(records_at(self.lab, owner), sorted([current, staged]))

        wait_ready(self.lab, name)
        self.lab.danectl("discard", name)
        broken.touch()
        self.lab.danectl("publish", name, expect=1)
        self.assertEqual(log.read_text().splitlines()[4:], [f"<with a blank><delete><{owner}><2><{staged}>"])
        self.assertEqual(records_at(self.lab, owner), sorted([current, staged]))
        broken.unlink()
        self.lab.wait_until("the next run has deleted it", lambda: self.lab.danectl("run").code == 0 and
                            staged not in records_at(self.lab, owner))
        self.assertIn(current, records_at(self.lab, owner))

    def test_what_a_slow_provider_has_yet_to_delete_is_neither_put_back_nor_relied_on(self) -> None:
        name, owner = "slow.example.lab", owner_of("slow.example.lab")
        adds, busy, hook = (self.lab.dir / word for word in ("adds", "provider-is-busy", "slow-hook"))
        # As DNS by an API: deletions are accepted at once, and done when the provider comes to it.
        hook.write_text(f"""#!/bin/sh
change() {{ printf 'update %s %s TLSA %s\\nsend\\n' "$1" "$2" "$3" | nsupdate -k {self.lab.tsig}; }}
case $1 in
  add) echo "$4" >>{adds}; change add "$2 $3" "$4" ;;
  delete) (while [ -e {busy} ]; do sleep 0.1; done; change delete "$2" "$4") >/dev/null 2>&1 & ;;
esac
""")
        hook.chmod(0o755)
        self.lab.write_config(publish={"method": "hook", "command": [str(hook)]})
        enroll(self.lab, name, "--reload", "true")
        set_key(self.lab, name, "retire_after", "0s")
        self.lab.danectl("stage", name)
        self.lab.danectl("publish", name)
        wait_ready(self.lab, name)
        before = of_key(self.lab, live(self.lab, name) / "cert.pem")
        self.lab.danectl("promote", name)
        busy.touch()
        self.assertIn("deleted", self.lab.danectl("retire", name).out)
        self.assertIn(before, records_at(self.lab, owner))
        adds.write_text("")
        with self.untouched():
            refused = self.lab.danectl("rollback", name, expect=75).err
        self.assertIn("danectl asked for", refused)
        self.assertNotIn(before, self.lab.danectl("records", name).out)
        self.lab.danectl("run")
        busy.unlink()
        self.lab.wait_until("the record is gone", lambda: before not in records_at(self.lab, owner))
        self.lab.wait_until("nothing retires", lambda: retires_nothing(self.lab, name))
        self.assertNotIn(before, adds.read_text().splitlines())
        self.assertNotIn(before, records_at(self.lab, owner))


class IncludeOnBind(IncludingBind):
    zone, address = "include.lab", "127.0.0.61"

    def enrolled(self, name: str) -> str:
        enroll(self.lab, name, "--reload", "true")
        self.addCleanup((self.lab.config.parent / "lineages" / f"{name}.toml").unlink)
        return name

    def test_a_whole_rollover_and_records_of_others_in_the_file_stay(self) -> None:
        name = self.enrolled("roll.include.lab")
        line = f"{owner_of(name)}. 2 IN TLSA {FOREIGN}\n"
        self.include_file.write_text(line)
        self.roll_over(name, FOREIGN)
        self.assertIn(line, self.include_file.read_text())
        run(["named-checkzone", "-i", "local", self.zone, self.zone_file])

    def test_a_file_with_a_line_that_is_no_record_is_refused_and_untouched(self) -> None:
        name = self.enrolled("garbage.include.lab")
        for junk in ("mx A 127.0.0.25\n", "this is no record\n", "$TTL 2\n"):
            with self.subTest(junk):
                self.include_file.write_text(f"{owner_of('other.include.lab')}. 2 IN TLSA {FOREIGN}\n{junk}")
                before = self.lab.snapshot(self.include_file, self.zone_file)
                self.assertIn(f"{self.include_file}, line 2", self.lab.danectl("publish", name, expect=1).err)
                self.assertEqual(before, self.lab.snapshot(self.include_file, self.zone_file))
        self.include_file.write_text("")
        self.lab.danectl("publish", name)
        self.assertNotEqual(self.records(name), [])

    def test_a_command_that_fails_is_run_again_by_the_next_run(self) -> None:
        name = self.enrolled("command.include.lab")
        self.broken.touch()
        failed = self.failing("publish", name)
        self.assertIn("tries again", failed.err)
        self.failing("run")
        self.assertEqual(self.records(name), [])
        self.broken.unlink()
        self.lab.danectl("run")
        self.lab.wait_until("current and next are served", lambda: len(self.records(name)) == 2)

    def failing(self, *verb: str) -> Result:
        result = self.lab.danectl(*verb, expect=1)
        self.assertIn("no reload today", result.err)
        return result


class HookOnKnot(OwnServer):
    """Knot signs, and hook-knot adds and deletes single records in it."""
    zone, address = "knot.lab", "127.0.0.63"

    @classmethod
    def configure(cls) -> list[str | Path]:
        conf = cls.dir / "knot.conf"
        conf.write_text(f"""server:
    rundir: {cls.dir}
    listen: {cls.address}@53
database:
    storage: {cls.dir}
control:
    listen: {cls.dir}/knot.sock
zone:
  - domain: {cls.zone}
    file: {cls.zone_file}
    dnssec-signing: on
""")
        knotc = cls.dir / "bin" / "knotc"  # finds the lab's Knot, as the installed one finds the installed server
        knotc.write_text(f'#!/bin/sh\nexec /usr/sbin/knotc -s {cls.dir}/knot.sock "$@"\n')
        knotc.chmod(0o755)
        cls.lab.env["PATH"] = f"{cls.dir}/bin:{cls.lab.env['PATH']}"
        cls.lab.write_config(publish={"method": "hook", "command": [str(HOOKS / "hook-knot")]})
        return ["knotd", "-c", conf]

    def test_a_whole_rollover(self) -> None:
        name = f"mx.{self.zone}"
        enroll(self.lab, name, "--reload", "true")
        self.roll_over(name)


del IncludingBind, OwnServer  # unittest takes every class of the module for one with tests


if __name__ == "__main__":
    unittest.main()
