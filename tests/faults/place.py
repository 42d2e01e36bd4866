"""A host with its lineage before the verb, put back for each point, and what can be seen of it from outside."""
from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from host import Host
from lab import run
from rollover import certbot_live, lineage_toml, live, next_key, owner_of, renewal_conf, set_key
from senders import Senders
from situations import Situation, World
from watcher import NAME_SERVERS, Watcher, ask, public_key

RRset = frozenset[str]
KEY = re.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----")


@cache
def spki_in(pem: str) -> str:
    return hashlib.sha256(public_key(pem)).hexdigest()


def spki(pem: Path) -> str:
    """SHA-256 of the key in a file; empty when there is none."""
    return spki_in(pem.read_text()) if pem.exists() else ""


class Place:
    """REQUIRES: the host is as `prepare` left it; that is what restore() puts back."""

    def __init__(self, situation: Situation, host: Host) -> None:
        self.situation, self.host, self.name = situation, host, situation.lineage
        self.owner = owner_of(self.name)
        self.servers = (World.address,) if situation.included else NAME_SERVERS
        self.kept = host.dir.with_name(f"{host.dir.name}.kept")
        run(["cp", "-a", host.dir, self.kept])
        self.rrset = self.published()
        self.include_text = World.include_file.read_text()
        self.roles: dict[str, str] = {}
        for role, file in (("next", next_key(host, self.name)),
                           ("certbot", certbot_live(host, self.name) / "privkey.pem"),
                           ("current", live(host, self.name) / "privkey.pem")):
            self.roles[spki(file)] = role
        for file in sorted((host.state_dir / "generations" / self.name).glob("*/privkey.pem")):
            self.roles.setdefault(spki(file), f"before {file.parent.name}")
        self.roles[""] = "none"

    # --- the state before

    def restore(self) -> None:
        shutil.rmtree(self.host.dir)
        run(["cp", "-a", self.kept, self.host.dir])
        if self.situation.included and self.include_text != World.include_file.read_text():
            for left in World.include_file.parent.glob(".danectl-*"):
                left.unlink()
            World.include_file.write_text(self.include_text)
            World.reload_zone()
        elif not self.situation.included and any(ask(server, self.owner) != self.rrset for server in self.servers):
            self.host.nsupdate("\n".join([f"server {self.servers[0]}", "zone example.lab",
                                          f"update delete {self.owner}. TLSA",
                                          *(f"update add {self.owner}. 2 TLSA {record}" for record in self.rrset),
                                          "send", ""]))
        self.host.wait_until(f"{self.owner} is as before",
                             lambda: all(ask(server, self.owner) == self.rrset for server in self.servers))

    # --- what is seen

    def published(self) -> RRset:
        """Returns when all servers give the same."""
        given: list[RRset | None] = []

        def in_step() -> bool:
            given[:] = [ask(server, self.owner) for server in self.servers]
            return None not in given and len(set(given)) == 1

        self.host.wait_until(f"all servers give the same for {self.owner}", in_step)
        return given[0] or frozenset()

    def role(self, key: str) -> str:
        return self.roles.get(key, "new")

    def facts(self) -> dict[str, Any]:
        """What a verb does, in words that are the same for each point: keys by their part before the verb."""
        host, name = self.host, self.name
        conf = host.certbot_dir / "renewal" / f"{name}.conf"
        link = live(host, name)
        # One after the live one was written and not deployed: it is used when its certificate is.
        generations = [folder for folder in (host.state_dir / "generations" / name).glob("[0-9]*")
                       if link.exists() and folder.name <= link.resolve().name]
        return {
            "live": self.role(spki(link / "privkey.pem")),
            "next": self.role(spki(next_key(host, name))),
            "next is issued": next_key(host, name).with_name("fullchain.pem").exists(),
            "certbot": self.role(spki(certbot_live(host, name) / "privkey.pem")),
            "certbot serves what is live": self._same_certificate(),
            "enrolled": lineage_toml(host, name).exists(),
            "reuse_key": conf.exists() and renewal_conf(host, name).get("reuse_key"),
            "generations": sorted(self.role(spki(folder / "privkey.pem")) for folder in generations),
            "candidates": len(list((host.state_dir / "candidates" / name).glob("[0-9a-f]*"))),
            "published": sorted(Counter(self.role(record.split()[-1]) for record in self.published()).items()),
        }

    def _same_certificate(self) -> bool:
        one, other = live(self.host, self.name) / "cert.pem", certbot_live(self.host, self.name) / "cert.pem"
        return one.exists() and other.exists() and one.read_text() == other.read_text()

    def keep_new_key(self) -> None:
        """Once it is deployed: however long the point takes, `run` does not replace it as well."""
        if self.role(spki(live(self.host, self.name) / "privkey.pem")) == "next":
            set_key(self.host, self.name, "rollover", "90d")

    def files(self) -> dict[str, tuple[str, str]]:
        """All but the notes of what danectl saw and when, which each look may continue."""
        notes = tuple(str(self.host.state_dir / part) for part in ("owners", "lineages", "last-run"))
        found = self.host.snapshot(self.host.state_dir, self.host.certbot_dir, self.host.config.parent)
        return {path: entry for path, entry in found.items() if not path.startswith(notes)}

    def leftovers(self) -> list[str]:
        """But for the folder in which certbot works for danectl: the next order begins by clearing it whole."""
        roots = [self.host.state_dir, self.host.certbot_dir, self.host.config.parent]
        if self.situation.included:
            roots.append(World.include_file.parent)
        work = self.host.state_dir / "work"
        return [str(path) for root in roots for path in root.rglob(".danectl-*") if work not in path.parents]

    def keys_on_disk(self) -> set[str]:
        files = [path for root in (self.host.state_dir, self.host.certbot_dir) for path in root.rglob("*.pem")]
        return {spki(path) for path in files if path.is_file() and KEY.match(path.read_text(errors="replace"))}

    def retiring(self) -> set[str]:
        """The keys whose records danectl means to delete."""
        lineages = json.loads(self.host.danectl("status", "--json").out)["lineages"]
        return {one["record"].split()[-1] for lineage in lineages for one in lineage["retiring"]}

    @contextlib.contextmanager
    def watched(self) -> Iterator[list[str]]:
        """What an independent witness finds within, in the list once it is over."""
        findings: list[str] = []
        witness: Watcher | None = None
        if self.rrset:
            witness = Watcher(self.host, self.name, servers=self.servers)
        elif live(self.host, self.name).exists():
            chain = {"mx": live(self.host, self.name) / "fullchain.pem"}
            witness = Senders(self.host, self.owner, chain, servers=self.servers)
        if witness is None:
            yield findings
            return
        with witness:
            witness.wait_for_a_look()
            yield findings
        findings += [f"the watcher: {finding}" for finding in witness.findings]

    def wait_for_session(self, leader: int) -> None:
        """Until no child of a killed danectl is left."""
        end = time.monotonic() + 60
        while members := [stat for stat in Path("/proc").glob("[0-9]*/stat") if session_of(stat) == leader]:
            if time.monotonic() > end:
                raise AssertionError(f"children are left after a minute: {members}")
            time.sleep(0.02)


def session_of(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[3])
    except (FileNotFoundError, ProcessLookupError):
        return -1
