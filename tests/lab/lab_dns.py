"""The signed Internet: root, `lab.`, and zones below it, on real name servers.

Every zone is dynamic and signs itself, also root and `lab.`, so a test can change a delegation as
well as a record. TTLs are 2 seconds, so a hold-down or a cache can be waited for.
"""
from __future__ import annotations

import base64
import contextlib
import functools
import re
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab_process import Daemon, Machine, run

RESOLVER = "127.0.0.53"
SHORT_MEMORY = "    infra-host-ttl: 1\n"  # of name servers that gave no answer
NOWHERE = "127.0.0.99"  # nobody listens there
TTL = 2

# name server process -> addresses it listens on
SERVERS = {
    "upper": ["127.0.0.10", "127.0.0.11"],  # root and lab., each on its own address
    "ns1": ["127.0.0.31"],
    "ns2": ["127.0.0.32", "fd00:da::32"],
    "alias": ["127.0.0.41"],
}


@dataclass(frozen=True)
class Zone:
    name: str
    primary: str                # the process that takes updates
    addresses: tuple[str, ...]  # of all its name servers
    records: str                # without SOA
    signed: bool = True
    secondary: str | None = None
    view: str | None = None     # the address at which "upper" serves it

    @property
    def primary_address(self) -> str:
        return self.addresses[0]


BOTH = (*SERVERS["ns1"], *SERVERS["ns2"])
BOTH_NS = "@ NS ns1.example.lab.\n@ NS ns2.example.lab.\n"
HOSTS = """@ MX 10 mx
mx A 127.0.0.25
mx2 A 127.0.0.26
"""
ZONES = [
    Zone(".", "upper", ("127.0.0.10",), "@ NS a.root.\na.root. A 127.0.0.10\n"
         "lab. NS a.nic.lab.\na.nic.lab. A 127.0.0.11\n", view="127.0.0.10"),
    Zone("lab", "upper", ("127.0.0.11",), "@ NS a.nic\na.nic A 127.0.0.11\n"
         "example NS ns1.example\nexample NS ns2.example\n"
         "ns1.example A 127.0.0.31\nns2.example A 127.0.0.32\nns2.example AAAA fd00:da::32\n"
         "plain NS ns1.example\nplain NS ns2.example\n"
         "bogus NS ns1.example\nbogus NS ns2.example\n"
         "alias NS ns1.alias\nns1.alias A 127.0.0.41\n", view="127.0.0.11"),
    Zone("example.lab", "ns1", BOTH, BOTH_NS + HOSTS + "@ MX 20 mx2\nns1 A 127.0.0.31\n"
         "ns2 A 127.0.0.32\nns2 AAAA fd00:da::32\nmx6 A 127.0.0.27\nmx6 AAAA fd00:da::27\n",
         secondary="ns2"),
    Zone("plain.lab", "ns1", BOTH, BOTH_NS + HOSTS, signed=False, secondary="ns2"),
    Zone("bogus.lab", "ns1", BOTH, BOTH_NS + HOSTS, secondary="ns2"),
    Zone("alias.lab", "alias", ("127.0.0.41",), "@ NS ns1\nns1 A 127.0.0.41\n" + HOSTS),
]
LOOPBACK = [f"{address}/8" for address in ("127.0.0.1", "127.0.0.14", "127.0.0.25", "127.0.0.26", "127.0.0.27",
                                           RESOLVER)] + ["fd00:da::27/128"]

# The keys of a zone, and what lets the primary sign without a wait for caches that do not exist.
POLICY = """dnssec-policy "lab" {
    keys { csk lifetime unlimited algorithm ecdsap256sha256; };
    max-zone-ttl P1W; dnskey-ttl 2; publish-safety 0; retire-safety 0; zone-propagation-delay 0;
    parent-ds-ttl 2; parent-propagation-delay 0;
};
"""


@dataclass(frozen=True)
class Answer:
    """What dig showed. `status` is the rcode, or TIMEOUT; `records` leaves signatures out."""
    status: str
    flags: frozenset[str]
    records: list[str]  # "TLSA 3 1 1 hex", see tidy()
    ttls: list[int]
    text: str


def tidy(record: str) -> str:
    """One spelling for `TYPE RDATA`, whoever printed it: hex in one lower-case piece."""
    kind, *fields = record.split()
    if kind.upper() == "TLSA":
        fields = [*fields[:3], "".join(fields[3:])]
    return f"{kind.upper()} {' '.join(fields).lower()}"


class SignedInternet(Machine):
    """The name servers and the resolver, and what a test does to them."""

    def add(self, owner: str, ttl: int, record: str, *, zone: str | None = None, wait: bool = True) -> None:
        """Adds `record` ("TLSA 3 1 1 HEX", "CNAME target.lab."); returns when every server has it.

        Servers that are silent, killed or frozen just now are not waited for.
        """
        self._update(owner, f"add {_dot(owner)} {ttl} IN {record}", zone)
        if wait:
            self.wait_published(owner, record, zone=zone)

    def delete(self, owner: str, record: str | None = None, *, zone: str | None = None, wait: bool = True) -> None:
        """Deletes one record ("TLSA 3 1 1 HEX"), one type ("TLSA"), or all that the owner has."""
        self._update(owner, f"delete {_dot(owner)} {record or ''}", zone)
        if wait:
            self.wait_published(owner, record or "ANY", present=False, zone=zone)

    def nsupdate(self, script: str, *, expect: int | None = 0) -> str:
        """Runs a whole nsupdate script with the lab's TSIG key; its output."""
        result = run(["nsupdate", "-k", self.tsig], input=script, env=self.env, expect=expect)
        return result.out + result.err

    def wait_published(self, owner: str, record: str, *, present: bool = True, zone: str | None = None,
                       servers: Sequence[str] | None = None, timeout: float = 60) -> None:
        """Returns when `servers` (default: every one of the zone that is not absent) agree."""
        kind = record.split()[0]

        def has(server: str) -> bool:
            answer = self.dig(owner, kind, server)
            if answer.status == "TIMEOUT":
                return not present
            wanted = [r for r in answer.records if len(record.split()) == 1 or r == tidy(record)]
            return bool(wanted)

        todo = list(servers if servers is not None else self.servers_of(zone or self.zone_of(owner).name))
        for server in todo:
            self.wait_until(f"{server} has {'' if present else 'no '}{owner} {record}",
                            lambda server=server: has(server) == present, timeout)

    def dig(self, name: str, kind: str = "TLSA", server: str = RESOLVER, *options: str) -> Answer:
        """One question to one server, over UDP, with DNSSEC, no second try."""
        text = run(["dig", "-r", f"@{server}", _dot(name), kind, "+dnssec", "+time=2", "+tries=1", "+nosplit",
                    "+noall", "+comments", "+answer", *options], env=self.env, expect=None).out
        status, flags, records, ttls = "TIMEOUT", frozenset[str](), [], []
        for line in text.splitlines():
            if "status: " in line:
                status = line.split("status: ")[1].split(",")[0]
            elif line.startswith(";; flags: "):
                flags = frozenset(line.removeprefix(";; flags: ").split(";")[0].split())
            elif line and not line.startswith(";"):
                _owner, ttl, _class, rest = line.split(None, 3)
                if not rest.startswith("RRSIG"):
                    records.append(tidy(rest))
                    ttls.append(int(ttl))
        return Answer(status, flags, records, ttls, text)

    @contextlib.contextmanager
    def secondary_frozen(self) -> Iterator[None]:
        """Within it ns2 answers, but takes no changes from ns1: it is stale. Afterwards it catches up."""
        with self._without("ns2"):
            self._write_named_conf("ns2", transfer_from=NOWHERE)
            self.rndc("ns2", "reconfig")
            try:
                yield
            finally:
                self._write_named_conf("ns2")
                self.rndc("ns2", "reconfig")
                for zone in ZONES:
                    if zone.secondary == "ns2":
                        self.rndc("ns2", "refresh", zone.name)
                        self.wait_until(f"ns2 has caught up on {zone.name}", lambda zone=zone: self._in_step(zone))

    def remember_slow_servers(self) -> None:
        """For mail that flows while a name server is silent: the resolver gets the memory that it has elsewhere. With
        that of the lab it asks silent addresses over and over, and may have no answer in 15 seconds."""
        conf = self.dir / "unbound.conf"
        control = (f"remote-control:\n    control-enable: yes\n    control-use-cert: no\n"
                   f"    control-interface: {self.dir}/unbound.control\n")
        conf.write_text(conf.read_text().replace(SHORT_MEMORY, "") + control)
        self.kill("unbound")
        self.start("unbound")

    def forget_slow_servers(self) -> None:
        """What a resolver with a long memory has forgotten some minutes after a server was silent."""
        run(["unbound-control", "-c", self.dir / "unbound.conf", "flush_infra", "all"])

    def rndc(self, server: str, *command: str) -> str:
        return run(["rndc", "-s", SERVERS[server][0], "-k", self.tsig, "-y", "lab", *command], env=self.env).out

    def zone_of(self, owner: str) -> Zone:
        """The zone an owner is in, by name (a delegation a test has made is not known here)."""
        name = "." + owner.rstrip(".")
        return max((z for z in ZONES if z.name == "." or name.endswith("." + z.name)),
                   key=lambda z: len(z.name.rstrip(".")))

    def servers_of(self, zone: str) -> list[str]:
        """Addresses of the zone's servers, without those that are absent just now."""
        absent = {address for name in self._absent for address in SERVERS.get(name, [])}
        return [a for a in next(z for z in ZONES if z.name == zone).addresses if a not in absent]

    def _update(self, owner: str, change: str, zone: str | None) -> None:
        where = next(z for z in ZONES if z.name == zone) if zone else self.zone_of(owner)
        self.nsupdate(f"server {where.primary_address}\nzone {_dot(where.name)}\nupdate {change}\nsend\n")

    def _in_step(self, zone: Zone) -> bool:
        return len({tuple(self.dig(zone.name, "SOA", server).records) for server in zone.addresses}) == 1

    # --- boot

    def _make_dns(self) -> None:
        """Writes keys, zones and configurations, and adds the daemons; starts nothing."""
        self.tsig, self.alias_tsig = self._make_tsig("lab"), self._make_tsig("alias")
        policy = self.dir / "policy.conf"
        policy.write_text(POLICY)
        for name in SERVERS:
            (self.dir / name).mkdir()
        signed = [zone.name for zone in ZONES if zone.signed]
        with ThreadPoolExecutor() as pool:
            keys = dict(zip(signed, pool.map(lambda name: self._make_key(name, policy), signed)))
        ds = {name: run(["dnssec-dsfromkey", "-2", key]).out.split(" DS ")[1].strip() for name, key in keys.items()}
        ds["bogus.lab"] = " ".join([*ds["bogus.lab"].split()[:3], "00" * 32])
        for zone in ZONES:
            children = [name for name in ds if name != "." and _parent(name) == zone.name]
            self._zone_file(zone).write_text(
                f"$TTL {TTL}\n$ORIGIN {_dot(zone.name)}\n"
                f"@ SOA {_first_ns(zone)} hostmaster.example.lab. 1 1 1 3600 {TTL}\n" + zone.records
                + "".join(f"{_dot(child)} DS {ds[child]}\n" for child in children))
        for name in SERVERS:
            self._write_named_conf(name)
            self._daemons[name] = Daemon(
                name, ["named", "-g", "-n", "1", "-c", self.dir / name / "named.conf"],
                self.dir / "log" / f"{name}.log", lambda name=name: self._answers(name))
        self._write_resolver(keys["."])

    def _make_tsig(self, name: str) -> Path:
        path = self.dir / f"{name}.tsig"
        path.write_text(f'key "{name}" {{\n    algorithm hmac-sha256;\n'
                        f'    secret "{base64.b64encode(secrets.token_bytes(32)).decode()}";\n}};\n')
        path.chmod(0o600)
        return path

    def _make_key(self, zone: str, policy: Path) -> Path:
        """Made before the servers start, so that every DS is known and all can start at once."""
        folder = self.dir / self.zone_of(zone).primary
        stem = run(["dnssec-keygen", "-q", "-K", folder, "-k", "lab", "-l", policy, zone]).out.strip()
        return folder / f"{stem}.key"

    def _zone_file(self, zone: Zone) -> Path:
        return self.dir / zone.primary / f"{zone.name.rstrip('.') or 'root'}.zone"

    def _write_named_conf(self, name: str, transfer_from: str | None = None) -> None:
        folder = self.dir / name
        # alias.lab belongs to somebody else, whose key no other server knows.
        own_key = f'include "{self.alias_tsig}";\n' if name == "alias" else ""
        may_update = 'key "lab"; key "alias";' if name == "alias" else 'key "lab";'
        ipv4 = "".join(f"{a}; " for a in SERVERS[name] if ":" not in a)
        ipv6 = "".join(f"{a}; " for a in SERVERS[name] if ":" in a) or "none; "
        views: dict[str | None, list[str]] = {}
        for zone in ZONES:
            if name == zone.primary:
                policy = 'dnssec-policy "lab"; inline-signing no; ' if zone.signed else ""
                notify = "".join(f"{address}; " for address in SERVERS[zone.secondary][:1]) if zone.secondary else ""
                text = (f'type primary; file "{self._zone_file(zone)}"; allow-update {{ {may_update} }}; '
                        f'{policy}also-notify {{ {notify}}};')
            elif name == zone.secondary:
                # As text, so that a kept lab can be read.
                text = (f'type secondary; file "{folder}/{zone.name}.zone"; masterfile-format text; '
                        f'primaries {{ {transfer_from or zone.primary_address}; }};')
            else:
                continue
            views.setdefault(zone.view, []).append(f'zone "{zone.name}" {{ {text} }};\n')
        served = ""
        for view, zones in views.items():
            inner = "".join(zones)
            served += f'view "{view}" {{ match-destinations {{ {view}; }};\n{inner}}};\n' if view else inner
        # notify-delay and the timers: a secondary has a change at once, and within a second even
        # when the NOTIFY was lost.
        (folder / "named.conf").write_text(f"""include "{self.tsig}";
{own_key}include "{self.dir}/policy.conf";
options {{
    directory "{folder}"; key-directory "{folder}";
    {in_no_file_outside()}
    listen-on {{ {ipv4}}}; listen-on-v6 {{ {ipv6}}};
    recursion no; dnssec-validation no; allow-transfer {{ any; }};
    notify explicit; notify-source {SERVERS[name][0]}; notify-delay 0;
    notify-rate 1000; startup-notify-rate 1000; serial-query-rate 1000;
    min-refresh-time 1; max-refresh-time 1; min-retry-time 1; max-retry-time 1;
}};
controls {{ inet {SERVERS[name][0]} port 953 allow {{ any; }} keys {{ "lab"; }}; }};
{served}""")

    def _write_resolver(self, root_key: Path) -> None:
        key = next(line for line in root_key.read_text().splitlines() if not line.startswith(";"))
        self.trust_anchor = self.dir / "root.key"
        self.trust_anchor.write_text(key + "\n")
        numbers, data = key.split("DNSKEY ")[1].split(None, 3)[:3], key.split("DNSKEY ")[1].split(None, 3)[3]
        self.delv_anchor = self.dir / "delv.keys"
        self.delv_anchor.write_text(f'trust-anchors {{ . static-key {" ".join(numbers)} "{data}"; }};\n')
        (self.dir / "root.hints").write_text(". 3600 NS a.root.\na.root. 3600 A 127.0.0.10\n")
        # For libunbound. The anchor is not in it, lest a program's own way to find one goes untested.
        self.unbound_conf = self.dir / "libunbound.conf"
        self.unbound_conf.write_text(f'server:\n    root-hints: "{self.dir}/root.hints"\n'
                                     "    do-not-query-localhost: no\n")
        # Short memories for failures, so that a server or zone which a test mends works again at once; see
        # remember_slow_servers().
        conf = self.dir / "unbound.conf"
        conf.write_text(f"""{self.unbound_conf.read_text()}    trust-anchor-file: "{self.trust_anchor}"
    interface: {RESOLVER}
    directory: "{self.dir}"
    chroot: ""
    username: ""
    use-syslog: no
    val-log-level: 2
    val-bogus-ttl: 1
{SHORT_MEMORY}    infra-keep-probing: yes
""")
        self._daemons["unbound"] = Daemon("unbound", ["unbound", "-d", "-p", "-c", conf],
                                          self.dir / "log" / "unbound.log", self._resolver_validates)

    # --- readiness

    def _answers(self, name: str) -> bool:
        """Every zone of this server on each of its addresses, with its signature."""
        for address in SERVERS[name]:
            zones = [zone for zone in ZONES if name in (zone.primary, zone.secondary) and address in zone.addresses]
            questions = [word for zone in zones for word in (_dot(zone.name), "SOA")]
            text = run(["dig", "-r", f"@{address}", "+dnssec", "+time=2", "+tries=1", "+noall", "+answer",
                        *questions], expect=None).out
            signed = sum(zone.signed for zone in zones)
            if (text.count("\tSOA\t"), text.count("\tRRSIG\tSOA ")) != (len(zones), signed):
                return False
        return True

    def _resolver_validates(self) -> bool:
        return all("ad" in self.dig(zone, "SOA").flags for zone in ("example.lab", "alias.lab"))


@functools.cache
def in_no_file_outside() -> str:
    """Options for named: the files that it keeps by default in /run or /var go nowhere."""
    options = "pid-file none; session-keyfile none;"
    # BIND 9.20 has no lock file any more, and refuses the option.
    before_20 = int(re.match(r"BIND 9\.(\d+)", run(["named", "-v"]).out)[1]) < 20
    return options + (" lock-file none;" if before_20 else "")


def _dot(name: str) -> str:
    return name.rstrip(".") + "."


def _parent(zone: str) -> str:
    return zone.partition(".")[2] or "."


def _first_ns(zone: Zone) -> str:
    return next(line.split()[2] for line in zone.records.splitlines() if line.startswith("@ NS "))
