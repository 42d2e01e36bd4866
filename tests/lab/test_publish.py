"""`publish` by dynamic update, with the real nsupdate and BIND: what is sent, in which order, and what refusals say."""
from __future__ import annotations

import shutil
import unittest

from host import run_until
from lab import Result
from rollover import (RolloverTest, enroll, live, next_key, of_key, owner_of, publish, records_at, wait_ready)

BASE, ALIASED = "mx.example.lab", "aliased.example.lab"
CANONICAL = [owner_of("inside.example.lab"), owner_of("mx.alias.lab")]  # alias.lab has a server of its own
ALIASES = [owner_of("alias1.example.lab"), owner_of("alias2.example.lab")]
SERVERS = ("127.0.0.31", "127.0.0.32")
FOREIGN = "3 1 1 " + "ee" * 32
REAL = shutil.which("nsupdate")


class Publish(RolloverTest):
    """The current keys have been published for the hold-down. A next key that is discarded, and another one staged,
    give a record to add and one to delete."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        lab = cls.lab
        cls.sent_folder = lab.dir / "sent"
        cls.other = lab.dir / "other.tsig"
        for alias, canonical in zip(ALIASES, CANONICAL):
            lab.add(alias, 2, f"CNAME {canonical}.")
        enroll(lab, BASE)
        enroll(lab, ALIASED, owners=ALIASES)
        lab.danectl("stage")
        publish(lab)
        wait_ready(lab, BASE, ALIASED)

    def sent(self, *args: str, expect: int = 0, before_sending: str = "") -> tuple[list[str], Result]:
        """What danectl gives to nsupdate, script by script. `before_sending` is shell, with "$script" to look at."""
        folder = self.sent_folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "bin").mkdir(parents=True)
        wrapper = folder / "bin" / "nsupdate"
        wrapper.write_text(f"""#!/bin/sh
script=$(printf '{folder}/%03d' "$(ls {folder} | wc -l)")
cat >"$script"
{before_sending}
exec {REAL} "$@" <"$script"
""")
        wrapper.chmod(0o755)
        result = self.lab.danectl(*args, expect=expect, env={"PATH": f"{folder}/bin:{self.lab.env['PATH']}"})
        return [path.read_text() for path in sorted(folder.iterdir()) if path.is_file()], result

    def exchanged(self, name: str, *, before_sending: str = "") -> tuple[list[str], str]:
        """All scripts, and all that was said, until `publish` has deleted a record: where the secondary is very slow a
        call leaves that to the next."""
        scripts, said = [], ""
        for _call in range(5):
            more, result = self.sent("publish", name, before_sending=before_sending)
            scripts, said = scripts + more, said + result.out
            if "deleted at" in said:
                break
        return scripts, said

    def new_next_key(self, name: str) -> tuple[str, str]:
        """Another next key in place of the one that is published: the record to delete, and the one to add."""
        old = of_key(self.lab, next_key(self.lab, name))
        self.lab.danectl("discard", name)
        self.lab.danectl("stage", name)
        return old, of_key(self.lab, next_key(self.lab, name))

    def served(self, owner: str, *records: str, servers: tuple[str, ...] = SERVERS) -> None:
        for server in servers:
            self.lab.wait_until(f"{server} has just {records}",
                                lambda server=server: records_at(self.lab, owner, server) == sorted(records))

    def current(self, name: str = BASE) -> str:
        return of_key(self.lab, live(self.lab, name) / "cert.pem")

    def write_key(self, name: str, secret: str) -> None:
        self.other.write_text(f'key "{name}" {{ algorithm hmac-sha256; secret "{secret}"; }};\n')

    def test_it_adds_first_and_deletes_in_an_update_of_its_own_that_holds_only_for_the_rrset_as_seen(self) -> None:
        old, new = self.new_next_key(BASE)
        scripts, said = self.exchanged(BASE)
        owner = owner_of(BASE)
        self.assertEqual(len(scripts), 2, scripts)
        self.assertIn(f"update add {owner}. 2 IN TLSA {new}\n", scripts[0])
        self.assertNotIn("delete", scripts[0])
        self.assertIn(f"update delete {owner}. IN TLSA {old}\n", scripts[1])
        prerequisites = [line.split(" TLSA ")[1] for line in scripts[1].splitlines() if line.startswith("prereq")]
        self.assertEqual(sorted(prerequisites), sorted([self.current(), old, new]))
        self.assertLess(said.index("published at"), said.index("deleted at"))
        self.served(owner, self.current(), new)
        self.assertEqual(self.sent("publish", BASE)[0], [])

    def test_the_ttl_that_an_rrset_has_is_kept(self) -> None:
        name = "ttl.example.lab"
        enroll(self.lab, name)
        self.lab.add(owner_of(name), 7, f"TLSA {self.current(name)}")
        self.lab.danectl("stage", name)
        self.lab.danectl("publish", name)
        self.served(owner_of(name), self.current(name), of_key(self.lab, next_key(self.lab, name)))
        self.assertEqual(set(self.lab.dig(owner_of(name), "TLSA", SERVERS[0]).ttls), {7})

    def test_the_first_record_gets_the_configured_ttl(self) -> None:
        name = "first.example.lab"
        enroll(self.lab, name)
        self.lab.write_config(publish={"ttl": "5s"})
        self.addCleanup(self.lab.write_config)
        self.lab.danectl("publish", name)
        self.served(owner_of(name), self.current(name))
        self.assertEqual(set(self.lab.dig(owner_of(name), "TLSA", SERVERS[0]).ttls), {5})

    def test_records_of_others_stay(self) -> None:
        self.lab.add(owner_of(BASE), 2, f"TLSA {FOREIGN}")
        _old, new = self.new_next_key(BASE)
        scripts, _said = self.exchanged(BASE)
        self.assertNotIn(f"delete {owner_of(BASE)}. IN TLSA {FOREIGN}", "".join(scripts))
        self.served(owner_of(BASE), self.current(), new, FOREIGN)
        self.lab.delete(owner_of(BASE), f"TLSA {FOREIGN}")

    def test_an_alias_is_followed_to_its_canonical_name_also_in_another_zone(self) -> None:
        old, new = self.new_next_key(ALIASED)
        scripts, _said = self.exchanged(ALIASED)
        for owner, zone, servers in zip(CANONICAL, ("example.lab", "alias.lab"), (SERVERS, ("127.0.0.41",))):
            with self.subTest(owner):
                (adding, deleting) = [script for script in scripts if f" {owner}. " in script]
                self.assertIn(f"zone {zone}.\n", adding)
                self.assertIn(f"update add {owner}. 2 IN TLSA {new}\n", adding)
                self.assertIn(f"update delete {owner}. IN TLSA {old}\n", deleting)
                self.served(owner, self.current(ALIASED), new, servers=servers)
        for alias, canonical in zip(ALIASES, CANONICAL):
            self.assertEqual(self.lab.dig(alias, "CNAME", SERVERS[0]).records, [f"CNAME {canonical}."])

    def test_a_change_by_another_host_before_the_deletion_is_seen_and_kept(self) -> None:
        _old, new = self.new_next_key(BASE)
        once = self.lab.dir / "once"
        scripts, _said = self.exchanged(BASE, before_sending=f"""
if grep -q '^update delete' "$script" && mkdir {once}; then
  printf 'update add {owner_of(BASE)} 2 TLSA {FOREIGN}\\nsend\\n' | {REAL} -k {self.lab.tsig}
fi""")
        deleting = [script for script in scripts if "update delete" in script]
        self.assertEqual([FOREIGN in script for script in deleting], [False, True])
        self.served(owner_of(BASE), self.current(), new, FOREIGN)
        self.lab.delete(owner_of(BASE), f"TLSA {FOREIGN}")

    def test_a_dry_run_shows_the_same_and_writes_nothing(self) -> None:
        old, new = self.new_next_key(BASE)
        before = self.lab.snapshot(self.lab.state_dir), records_at(self.lab, owner_of(BASE))
        for verb in (["publish", BASE, "--dry-run"], ["run", "--dry-run"]):
            scripts, result = self.sent(*verb)
            self.assertEqual(scripts, [])
            self.assertIn("would", result.out)
            if verb[0] == "publish":
                self.assertIn(f"would add: {owner_of(BASE)}. 2 IN TLSA {new}\n", result.out)
                self.assertIn(f"would delete: {owner_of(BASE)}. IN TLSA {old}", result.out)
        self.assertEqual(before, (self.lab.snapshot(self.lab.state_dir), records_at(self.lab, owner_of(BASE))))
        self.exchanged(BASE)
        self.served(owner_of(BASE), self.current(), new)

    def test_a_refusal_says_what_to_do_and_nothing_has_changed(self) -> None:
        _old, new = self.new_next_key(BASE)
        before = records_at(self.lab, owner_of(BASE))
        secret, tsig = "AAAAAAAAAAAAAAAAAAAAAA==", {"key_file": str(self.other)}
        cases = [("wrong secret", ("lab", secret), tsig, 1, "put the server's key into [publish] key_file"),
                 ("unknown key", ("unheard-of", secret), tsig, 1, "the server does not know the TSIG key"),
                 ("no key", None, {"key_file": ""}, 1, "the server refuses the update"),
                 ("no key file", None, {"key_file": "/nonexistent"}, 1, "[publish] key_file must name a key"),
                 ("the secondary", None, {"server": "127.0.0.32"}, 1, "the primary in [publish] server"),
                 ("another zone's server", None, {"server": "127.0.0.41"}, 1, "name the primary in [publish] server"),
                 ("nobody listens", None, {"server": "127.0.0.99"}, 75, "is the primary up")]
        for what, key, settings, code, says in cases:
            with self.subTest(what):
                if key:
                    self.write_key(*key)
                self.lab.write_config(publish=settings)
                self.fails(code, says, before)
        self.lab.write_config()
        self.exchanged(BASE)
        self.served(owner_of(BASE), self.current(), new)

    def fails(self, code: int, says: str, before: list[str]) -> None:
        with self.untouched():
            result = self.lab.danectl("publish", BASE, expect=code)
        self.assertEqual(result.out, "")
        self.assertIn(says, result.err)
        self.assertIn(owner_of(BASE), result.err)
        self.assertNotIn("AAAAAAAA", result.err)
        self.assertEqual(records_at(self.lab, owner_of(BASE), SERVERS[1]), before)

    def test_without_secure_answers_nothing_is_sent(self) -> None:
        name = "mx.plain.lab"
        enroll(self.lab, name)
        scripts, result = self.sent("publish", name, expect=75)
        self.assertEqual(scripts, [])
        self.assertIn(owner_of(name), result.err)
        self.assertEqual(records_at(self.lab, owner_of(name)), [])
        (self.lab.config.parent / "lineages" / f"{name}.toml").unlink()
        _old, new = self.new_next_key(BASE)
        self.lab.kill("unbound")
        try:
            scripts, result = self.sent("publish", BASE, expect=75)
            self.assertEqual(scripts, [])
            self.assertIn(owner_of(BASE), result.err)
            self.assertEqual(self.sent("run")[0], [])  # 0: for `run` waiting is the normal state
        finally:
            self.lab.start("unbound")
        # The resolver has forgotten all, and may be slow for a while.
        run_until(self.lab, "it is published",
                  lambda _result: records_at(self.lab, owner_of(BASE)) == sorted((self.current(), new)))


if __name__ == "__main__":
    unittest.main()
