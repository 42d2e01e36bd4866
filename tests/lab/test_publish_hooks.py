"""The scripts of hooks/publish/ as danectl starts them, with the servers that they are for."""
from __future__ import annotations

import sqlite3
import unittest
from pathlib import Path

from lab import Lab, Result, run
from lab_dns import in_no_file_outside
from lab_process import Daemon

HOOKS = Path(__file__).resolve().parents[2] / "hooks" / "publish"
ZONE = "hooks.lab"
OWNER = f"_25._tcp.mx.{ZONE}"
HEX = {n: f"{n:064x}" for n in (1, 2, 3)}
SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"


def tlsa(*numbers: int) -> list[str]:
    return [f"TLSA 3 1 1 {HEX[n]}" for n in numbers]


class PublishHook(unittest.TestCase):
    """One server for one zone, at an address of its own, beside the lab's."""
    address: str

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        run(["ip", "addr", "replace", f"{cls.address}/8", "dev", "lo"])
        cls.dir = cls.lab.dir / "hooks"
        (cls.dir / "bin").mkdir(parents=True)
        cls.zone_file = cls.dir / "zone"
        cls.include_file = cls.dir / "danectl.zone"
        cls.env = {**cls.lab.env, "PATH": f"{cls.dir}/bin:{cls.lab.env['PATH']}"}
        cls.boot()

    @classmethod
    def boot(cls) -> None:
        raise NotImplementedError

    @classmethod
    def start(cls, name: str, *argv: str | Path) -> None:
        daemon = Daemon(name, argv, cls.lab.dir / "log" / f"{name}.log",
                        lambda: cls.lab.dig(ZONE, "SOA", cls.address).records != [])
        cls.lab._daemons[name] = daemon
        daemon.spawn()
        cls.lab._await_ready([name])

    @classmethod
    def write_zone(cls, include: bool) -> None:
        cls.zone_file.write_text(
            f"$TTL 2\n$ORIGIN {ZONE}.\n@ IN SOA ns1 hostmaster (\n    1    ; serial\n    3600 600 86400 2 )\n"
            f"@ NS ns1\nns1 A {cls.address}\n" + (f"$INCLUDE {cls.include_file}\n" if include else ""))
        cls.include_file.write_text("")

    @classmethod
    def program(cls, name: str, *words: str | Path) -> None:
        """A tool of the server that finds the lab's one, as the installed tool finds the installed server."""
        line = " ".join(str(word) for word in words)
        (cls.dir / "bin" / name).write_text(f'#!/bin/sh\nexec {line} "$@"\n')
        (cls.dir / "bin" / name).chmod(0o755)

    def hook(self, name: str, *args: str, expect: int = 0) -> Result:
        return run([HOOKS / name, *args], env=self.env, expect=expect)

    def rrset(self) -> list[str]:
        return sorted(self.lab.dig(OWNER, "TLSA", self.address).records)

    def serial(self) -> int:
        return int(self.lab.dig(ZONE, "SOA", self.address).records[0].split()[3])

    def is_signed(self) -> bool:
        return "\tRRSIG\tTLSA " in self.lab.dig(OWNER, "TLSA", self.address).text


class IncludeTests:
    """What is so for every server that reads a zone file; mixed into a PublishHook."""
    script: str
    options: list[str] = []
    signs: bool

    def publish(self, *numbers: int, junk: str = "", expect: int = 0) -> Result:
        self.include_file.write_text("".join(f"{OWNER}. 2 IN {record} ; mx\n" for record in tlsa(*numbers)) + junk)
        return self.hook(self.script, ZONE, str(self.zone_file), *self.options, expect=expect)

    def test_the_records_are_served_with_a_higher_serial(self) -> None:
        serial = self.serial()
        for numbers in ((1,), (1, 2), (2, 3), (2,)):
            self.assertEqual(self.publish(*numbers).out, "")
            self.lab.wait_until(f"{numbers} are served", lambda n=numbers: self.rrset() == tlsa(*n))
            self.assertGreater(self.serial(), serial)
            serial = self.serial()
            self.assertEqual(self.is_signed(), self.signs)

    def test_a_zone_that_cannot_be_loaded_is_refused_and_the_old_one_served(self) -> None:
        self.publish(1)
        self.lab.wait_until("the record is served", lambda: self.rrset() == tlsa(1))
        before = self.zone_file.read_text()
        result = self.publish(1, 2, junk="this is no record\n", expect=1)
        self.assertIn("not changed", result.err)
        self.assertEqual(self.zone_file.read_text(), before)
        self.assertEqual(self.rrset(), tlsa(1))
        self.publish(1, 2)
        self.lab.wait_until("the repaired zone is served", lambda: self.rrset() == tlsa(1, 2))

    def test_a_zone_that_the_server_does_not_have_is_a_failure(self) -> None:
        text = self.zone_file.read_text().replace(ZONE, "other.lab").replace("$INCLUDE", ";")
        other = self.dir / "other"
        other.write_text(text)
        self.assertIn("other.lab", self.hook(self.script, "other.lab", str(other), *self.options, expect=1).err)


class Bind(IncludeTests, PublishHook):
    """A static file, signed inline by dnssec-policy."""
    address, script, signs = "127.0.0.61", "include-bind", True

    @classmethod
    def boot(cls) -> None:
        cls.write_zone(include=True)
        cls.options = ["-s", cls.address, "-k", str(cls.lab.tsig), "-y", "lab"]
        conf = cls.dir / "named.conf"
        conf.write_text(f"""include "{cls.lab.tsig}";
options {{
    directory "{cls.dir}"; {in_no_file_outside()}
    listen-on {{ {cls.address}; }}; listen-on-v6 {{ none; }}; recursion no; notify no;
}};
controls {{ inet {cls.address} port 953 allow {{ any; }} keys {{ "lab"; }}; }};
zone "{ZONE}" {{ type primary; file "{cls.zone_file}"; dnssec-policy default; inline-signing yes; }};
""")
        cls.start("hooks-named", "named", "-g", "-n", "1", "-c", conf)

    def test_a_load_that_fails_after_the_reload_was_taken_is_a_failure(self) -> None:
        # The reload reaches a BIND that reads another file, and says "queued" all the same.
        copy = self.dir / "copy"
        copy.write_text(self.zone_file.read_text().replace("    1 ", "    2000 "))
        self.assertIn("has not loaded serial", self.hook(self.script, ZONE, str(copy), *self.options, expect=1).err)


class Nsd(IncludeTests, PublishHook):
    address, script, signs = "127.0.0.62", "include-nsd", False

    @classmethod
    def boot(cls) -> None:
        cls.write_zone(include=True)
        conf = cls.dir / "nsd.conf"
        cls.options = ["-c", str(conf)]
        conf.write_text(f"""server:
    server-count: 1
    ip-address: {cls.address}
    username: ""
    chroot: ""
    zonesdir: "{cls.dir}"
    database: ""
    pidfile: "{cls.dir}/nsd.pid"
    xfrdfile: "{cls.dir}/xfrd"
    xfrdir: "{cls.dir}"
    zonelistfile: "{cls.dir}/zone.list"
remote-control:
    control-enable: yes
    control-interface: {cls.dir}/control
zone:
    name: {ZONE}
    zonefile: "{cls.zone_file}"
""")
        cls.start("hooks-nsd", "nsd", "-d", "-c", conf)


class Knot(PublishHook):
    address = "127.0.0.63"
    zone_options = ""

    @classmethod
    def boot(cls) -> None:
        cls.write_zone(include=bool(cls.zone_options))
        conf = cls.dir / "knot.conf"
        conf.write_text(f"""server:
    rundir: {cls.dir}
    listen: {cls.address}@53
database:
    storage: {cls.dir}
log:
  - target: stderr
    any: info
control:
    listen: {cls.dir}/knot.sock
zone:
  - domain: {ZONE}
    file: {cls.zone_file}
    dnssec-signing: on
{cls.zone_options}""")
        cls.program("knotc", "/usr/sbin/knotc", "-s", cls.dir / "knot.sock")
        cls.start("hooks-knotd", "knotd", "-c", conf)


class KnotInclude(IncludeTests, Knot):
    script, signs = "include-knot", True
    zone_options = "    zonefile-sync: -1\n    zonefile-load: difference-no-serial\n    journal-content: all\n"


class HookTests:
    """What is so for every script that changes one record; mixed into a PublishHook."""
    script: str

    def change(self, action: str, number: int, ttl: int = 300, *, owner: str = OWNER, expect: int = 0) -> Result:
        return self.hook(self.script, action, owner, str(ttl), f"3 1 1 {HEX[number]}", expect=expect)

    def served(self, *numbers: int, ttl: int = 300) -> None:
        def as_wanted() -> bool:
            answer = self.lab.dig(OWNER, "TLSA", self.address)
            return sorted(answer.records) == tlsa(*numbers) and set(answer.ttls) <= {ttl}
        self.lab.wait_until(f"{numbers} with TTL {ttl} are served", as_wanted)

    def test_one_record_comes_and_goes_and_the_others_stay(self) -> None:
        serial = self.serial()
        self.change("add", 1)
        self.served(1)
        self.assertTrue(self.is_signed())
        self.change("add", 2, ttl=900)
        self.served(1, 2)  # the TTL is that which the RRset had
        self.change("add", 2)
        self.served(1, 2)
        self.change("delete", 3)
        self.change("delete", 1, ttl=900)
        self.served(2)
        self.lab.wait_until("the serial is higher", lambda: self.serial() > serial)
        self.change("delete", 2)
        self.served()
        self.change("delete", 2)
        self.change("add", 3, ttl=60)
        self.served(3, ttl=60)
        self.change("delete", 3)
        self.served()

    def test_an_owner_in_no_zone_of_the_server_is_a_failure(self) -> None:
        self.assertIn("zone above this name", self.change("add", 1, owner="_25._tcp.mx.example.org", expect=1).err)


class KnotHook(HookTests, Knot):
    script = "hook-knot"

    def test_an_open_transaction_of_another_is_left_alone(self) -> None:
        knotc = self.dir / "bin" / "knotc"
        run([knotc, "zone-begin", ZONE], env=self.env)
        run([knotc, "zone-set", ZONE, f"other.{ZONE}.", "2", "A", "127.0.0.1"], env=self.env)
        self.assertIn("no transaction can be begun", self.change("add", 1, expect=1).err)
        run([knotc, "zone-commit", ZONE], env=self.env)
        self.assertEqual(self.lab.dig(f"other.{ZONE}", "A", self.address).records, ["A 127.0.0.1"])
        self.change("add", 1)
        self.change("delete", 1)
        self.served()

    def test_a_server_that_does_not_answer_is_a_failure(self) -> None:
        self.program("knotc", "/usr/sbin/knotc", "-s", self.dir / "nothing.sock")
        try:
            self.assertIn("Knot does not answer", self.change("add", 1, expect=1).err)
        finally:
            self.program("knotc", "/usr/sbin/knotc", "-s", self.dir / "knot.sock")


class PowerDnsHook(HookTests, PublishHook):
    address, script = "127.0.0.64", "hook-powerdns"

    @classmethod
    def boot(cls) -> None:
        with sqlite3.connect(cls.dir / "pdns.db") as database:
            database.executescript(Path(SCHEMA).read_text())
        database.close()
        (cls.dir / "pdns.conf").write_text(f"""launch=gsqlite3
gsqlite3-database={cls.dir}/pdns.db
gsqlite3-dnssec=yes
local-address={cls.address}
socket-dir={cls.dir}
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
""")
        cls.program("pdnsutil", "/usr/bin/pdnsutil", f"--config-dir={cls.dir}")
        pdnsutil = cls.dir / "bin" / "pdnsutil"
        for words in (["create-zone", ZONE, f"ns1.{ZONE}"], ["add-record", ZONE, "ns1", "A", cls.address],
                      ["secure-zone", ZONE]):
            run([pdnsutil, *words], env=cls.env)
        cls.start("hooks-pdns", "pdns_server", f"--config-dir={cls.dir}", "--guardian=no", "--daemon=no")


del PublishHook, Knot  # unittest takes every class of the module for one with tests


if __name__ == "__main__":
    unittest.main()
