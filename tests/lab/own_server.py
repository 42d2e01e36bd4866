"""Name servers of the ways to publish that the lab's own cannot show: each at an address of its own, for one zone."""
from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from pathlib import Path

from lab import run
from lab_dns import in_no_file_outside
from lab_process import Daemon
from rollover import RolloverTest, live, next_key, of_key, owner_of, records_at, set_key

HOOKS = Path(__file__).resolve().parents[2] / "hooks" / "publish"


class OwnServer(RolloverTest):
    """A server at an address of its own, to which lab. delegates a zone."""
    zone: str
    address: str

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        run(["ip", "addr", "replace", f"{cls.address}/8", "dev", "lo"])
        cls.dir = cls.lab.dir / "own"
        (cls.dir / "bin").mkdir(parents=True)
        cls.zone_file, cls.include_file = cls.dir / "zone", cls.dir / "danectl.zone"
        cls.zone_file.write_text(f"$TTL 2\n$ORIGIN {cls.zone}.\n@ SOA ns1 hostmaster 1 3600 600 86400 2\n@ NS ns1\n"
                                 f"ns1 A {cls.address}\nmx A 127.0.0.25\n")
        command = cls.configure()
        daemon = Daemon("own", command, cls.lab.dir / "log" / "own.log", lambda: "RRSIG\tSOA" in cls.dig("SOA"))
        cls.lab._daemons["own"] = daemon
        daemon.spawn()
        cls.lab._await_ready(["own"])
        cls.delegate()

    @classmethod
    def configure(cls) -> list[str | Path]:
        raise NotImplementedError

    @classmethod
    def dig(cls, kind: str) -> str:
        return cls.lab.dig(cls.zone, kind, cls.address).text

    @classmethod
    def delegate(cls) -> None:
        cls.lab.add(cls.zone, 2, f"NS ns1.{cls.zone}.", zone="lab", wait=False)
        cls.lab.add(f"ns1.{cls.zone}", 2, f"A {cls.address}", zone="lab", wait=False)
        keys = "".join(line + "\n" for line in cls.dig("DNSKEY").splitlines() if "\tDNSKEY\t" in line)
        for ds in run(["dnssec-dsfromkey", "-2", "-f", "-", cls.zone], input=keys).out.splitlines():
            cls.lab.add(cls.zone, 2, f"DS {ds.split(' DS ')[1]}", zone="lab")
        cls.lab.wait_until("the zone is secure", lambda: "ad" in cls.lab.dig(cls.zone, "SOA").flags)

    def records(self, name: str) -> list[str]:
        return records_at(self.lab, owner_of(name), self.address)

    def run_until(self, what: str, condition: Callable[[], bool]) -> None:
        def ran() -> bool:
            self.lab.danectl("run")
            time.sleep(0.3)
            return condition()
        self.lab.wait_until(what, ran)

    def roll_over(self, name: str, *foreign: str) -> None:
        """From the first record on to the deletion of the key before, by `run` alone."""
        before = of_key(self.lab, live(self.lab, name) / "cert.pem")
        self.lab.danectl("run")
        promoted = of_key(self.lab, next_key(self.lab, name))
        self.lab.wait_until("current and next are published",
                            lambda: self.records(name) == sorted([before, promoted, *foreign]))
        set_key(self.lab, name, "rollover", "1s")
        set_key(self.lab, name, "retire_after", "1s")
        self.run_until("it is promoted", lambda: of_key(self.lab, live(self.lab, name) / "cert.pem") == promoted)
        set_key(self.lab, name, "rollover", "manual")
        self.run_until("the record of the key before is deleted", lambda: before not in self.records(name))
        self.assertEqual(self.records(name), sorted([promoted, of_key(self.lab, next_key(self.lab, name)), *foreign]))
        self.assert_key_fits_certificate(name)


class IncludingBind(OwnServer):
    """BIND with a static zone file that $INCLUDEs danectl's, signed inline."""
    reload_command: list[str]

    @classmethod
    def configure(cls) -> list[str | Path]:
        cls.zone_file.write_text(cls.zone_file.read_text() + f"$INCLUDE {cls.include_file}\n")
        cls.include_file.write_text("")
        conf = cls.dir / "named.conf"
        conf.write_text(f"""include "{cls.lab.tsig}";
include "{cls.lab.dir}/policy.conf";
options {{
    directory "{cls.dir}"; {in_no_file_outside()}
    listen-on {{ {cls.address}; }}; listen-on-v6 {{ none; }}; recursion no; notify no;
}};
controls {{ inet {cls.address} port 953 allow {{ any; }} keys {{ "lab"; }}; }};
zone "{cls.zone}" {{ type primary; file "{cls.zone_file}"; dnssec-policy lab; inline-signing yes; }};
""")
        cls.broken = cls.dir / "broken"
        command = ["/bin/sh", "-c", f"test ! -e {cls.broken} || {{ echo 'no reload today' >&2; exit 3; }}; exec " +
                       shlex.join([str(HOOKS / "include-bind"), cls.zone, str(cls.zone_file), "-s", cls.address, "-k",
                                   str(cls.lab.tsig), "-y", "lab"])]
        cls.lab.write_config(publish={"method": "include", "include_file": str(cls.include_file),
                                      "command": command})
        cls.reload_command = command
        return ["named", "-g", "-n", "1", "-c", conf]

    @classmethod
    def reload_zone(cls) -> None:
        """After a change of the zone file by hand."""
        run(cls.reload_command, env=cls.lab.env)
