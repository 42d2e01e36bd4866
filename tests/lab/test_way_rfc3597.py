"""Name servers that do not know TLSA: with `rfc3597 = true` all is written as TYPE52, and it is the same record."""
from __future__ import annotations

import shutil
import unittest

from host import Host, current_and_next, has_current_and_next_only, publish_by_run, run_until
from lab import run
from rollover import RolloverTest, enroll, live, next_key, of_key, owner_of, records_at, set_key
from watcher import Watcher

ROLLS, INCLUDED, HOOKED, PRINTED = (f"{word}.example.lab" for word in ("rolls", "included", "hooked", "printed"))


class Rfc3597(RolloverTest):

    def host(self, name: str, **publish: object) -> Host:
        host = Host(self.lab, name.split(".")[0])
        host.write_config(publish={"rfc3597": True, **publish})
        return host

    def as_named_has_it(self, lines: str) -> list[str]:
        """The TLSA records of a zone with these lines, by named-checkzone."""
        path = self.lab.dir / "minimal.zone"
        path.write_text("$TTL 60\n@ SOA ns1 hostmaster 1 2 3 4 5\n@ NS ns1\nns1 A 127.0.0.31\n" + lines)
        zone = run(["named-checkzone", "-D", "-o", "-", "example.lab", path]).out
        found = [line.split() for line in zone.splitlines() if "TLSA" in line.split()]
        return sorted(f"{' '.join(words[4:7])} {''.join(words[7:]).lower()}" for words in found)

    def test_updates_of_an_unknown_type_roll_the_key_and_are_tlsa_to_a_server_that_knows_it(self) -> None:
        host, log = self.host(ROLLS), self.lab.dir / "scripts"
        own = self.lab.dir / "bin"
        own.mkdir()
        (own / "nsupdate").write_text(f'#!/bin/sh\ntee -a {log} | {shutil.which("nsupdate")} "$@"\n')
        (own / "nsupdate").chmod(0o755)
        host.env["PATH"] = f"{own}:{host.env['PATH']}"
        enroll(host, ROLLS, "--reload", "true")
        set_key(host, ROLLS, "rollover", "1s")
        set_key(host, ROLLS, "retire_after", "1s")
        publish_by_run({ROLLS: host})
        with Watcher(host, ROLLS) as watcher:
            results = run_until(host, "two promotions", lambda _result: len(watcher.served) > 2, every=1, timeout=120)
            set_key(host, ROLLS, "rollover", "90d")
            results += run_until(host, "current and next only",
                                 lambda _result: has_current_and_next_only(host, ROLLS), every=1)
        watcher.assert_found_nothing(self)
        self.assertEqual([str(result) for result in results if result.err], [])
        self.assertEqual(len(set(watcher.served)), len(watcher.served))
        script = log.read_text()
        for command in ("update add", "update delete", "prereq yxrrset"):
            self.assertRegex(script, rf"{command} {owner_of(ROLLS)}\. (\d+ )?IN TYPE52 \\# 35 030101")
        self.assertNotIn("TLSA", script)

    def test_what_is_printed_is_what_is_meant(self) -> None:
        host = self.host(PRINTED, method="print")
        enroll(host, PRINTED)
        host.danectl("stage", PRINTED)
        wanted = sorted(current_and_next(host, PRINTED))
        for verb in (["records"], ["records", "--format", "rfc3597"], ["records", "--owner", owner_of(PRINTED)],
                     ["publish"]):
            lines = host.danectl(*verb).out
            self.assertNotIn("TLSA", lines)
            self.assertEqual(self.as_named_has_it(lines), wanted, verb)
        self.lab.nsupdate(host.danectl("records", "--format", "nsupdate").out)
        self.assertEqual(records_at(self.lab, owner_of(PRINTED)), wanted)
        self.lab.wait_until("no record is missing", lambda: "no record is missing" in host.danectl("publish").out)

    def test_an_include_file_is_written_anew_in_the_other_form(self) -> None:
        file = self.lab.dir / "include"
        include = {"method": "include", "include_file": str(file), "command": ["true"]}
        host = self.host(INCLUDED, **include, rfc3597=False)
        enroll(host, INCLUDED)
        host.danectl("publish")
        self.assertIn("TLSA 3 1 1", file.read_text())
        host.write_config(publish={**include, "rfc3597": True})
        host.danectl("stage")
        host.danectl("publish")
        lines = [line for line in file.read_text().splitlines() if not line.startswith(";")]
        self.assertEqual([line.split(" 35 ")[0] for line in lines], [f"{owner_of(INCLUDED)}. 2 IN TYPE52 \\#"] * 2)
        self.assertEqual(self.as_named_has_it(f"$INCLUDE {file}\n"), sorted(current_and_next(host, INCLUDED)))

    def test_a_hook_gets_the_data_of_the_unknown_type(self) -> None:
        log, hook = self.lab.dir / "calls", self.lab.dir / "hook"
        hook.write_text(f"""#!/bin/sh
printf '<%s>' "$@" >>{log}; echo >>{log}
printf 'update %s %s %s TYPE52 %s\\nsend\\n' "$1" "$2" "$3" "$4" | nsupdate -k {self.lab.tsig}
""")
        hook.chmod(0o755)
        host = self.host(HOOKED, method="hook", command=[str(hook)])
        enroll(host, HOOKED)
        host.danectl("stage")
        host.danectl("publish")
        keys = [live(host, HOOKED) / "cert.pem", next_key(host, HOOKED)]
        self.assertEqual(log.read_text().splitlines(), [
            f"<add><{owner_of(HOOKED)}><2><\\# 35 030101{self.lab.openssl_spki(path)}>" for path in keys])
        self.assertEqual(records_at(self.lab, owner_of(HOOKED)), sorted(of_key(self.lab, path) for path in keys))


if __name__ == "__main__":
    unittest.main()
