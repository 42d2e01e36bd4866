"""The verbs whose calls fail, each with the state in which it is called; World is the lab that they live in."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from breaking_ca import BreakingCa
from host import Host, run_until_ready
from own_server import IncludingBind
from rollover import certbot_live, hook_section, live, of_key, owner_of, set_key


class World(IncludingBind):
    """The lab's name servers, one with an included file, and a CA that counts orders."""
    zone, address = "include.lab", "127.0.0.61"

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.ca = BreakingCa(cls.lab)
        cls.addClassCleanup(cls.ca.close)

    @classmethod
    def include_section(cls) -> dict[str, Any]:
        return {"method": "include", "include_file": str(cls.include_file), "command": cls.reload_command}


@dataclass(frozen=True)
class Situation:
    """`verb`: its words without the name; `prepare`: the steps up to it; `publish`: the method, and `included`: in the
    zone with the included file; `drops_key`: a key goes for good; `leaves`: so does danectl, and its records stay;
    `again`: what a person calls where it was not done, if not the verb itself."""
    name: str
    verb: tuple[str, ...]
    prepare: Callable[[Host, str], None]
    named: bool = True
    publish: Callable[[Host], Mapping[str, Any]] = field(default=lambda _host: {})
    included: bool = False
    drops_key: bool = False
    leaves: bool = False
    again: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def lineage(self) -> str:
        return f"{self.label}.{World.zone if self.included else 'example.lab'}"

    @property
    def words(self) -> list[str]:
        return [*self.verb[:1], *([self.lineage] if self.named else []), *self.verb[1:]]

    def environment(self, host: Host) -> dict[str, str]:
        return {"RENEWED_LINEAGE": str(certbot_live(host, self.lineage))} if self.verb[0] == "deploy-hook" else {}


def issued(host: Host, name: str) -> None:
    host.issue(name)


def enrolled(host: Host, name: str) -> None:
    issued(host, name)
    host.danectl("enroll", name, "--tlsa", owner_of(name), "--reload", "true")


def published(host: Host, name: str) -> None:
    """The record of the current key."""
    enrolled(host, name)
    host.danectl("publish", name)
    record = f"TLSA {of_key(host, live(host, name) / 'cert.pem')}"
    host.wait_published(owner_of(name), record, servers=None if name.endswith("example.lab") else [World.address])


def staged(host: Host, name: str) -> None:
    published(host, name)
    host.danectl("stage", name)


def staged_to_print(host: Host, name: str) -> None:
    staged(host, name)
    host.write_config(publish={"method": "print"}, dns=FRESH)


def ready(host: Host, name: str) -> None:
    staged(host, name)
    run_until_ready(host, name)


def due(host: Host, name: str) -> None:
    ready(host, name)
    set_key(host, name, "rollover", "1s")


def promoted(host: Host, name: str) -> None:
    """The following next key is published, too."""
    ready(host, name)
    host.danectl("promote", name)
    run_until_ready(host, name)


def retiring(host: Host, name: str) -> None:
    promoted(host, name)
    set_key(host, name, "retire_after", "0s")


def renewed(host: Host, name: str) -> None:
    ready(host, name)
    host.certbot("renew", "--cert-name", name, "--force-renewal")


def replaced(host: Host, name: str) -> None:
    """certbot has made a key of its own, which does not get ready within a point."""
    ready(host, name)
    set_key(host, name, "min_hold", "1h")
    host.certbot("renew", "--cert-name", name, "--force-renewal", "--new-key")


# Nothing of DNS is cached, so that a point sees what was put back for it and not what the point before had changed. All
# servers are up: an answer that is slow is one of a busy machine, and is waited for.
FRESH = {"resolver": "recursive", "timeout": "20s"}

SITUATIONS = [
    Situation("enroll", ("enroll", "--tlsa", "_25._tcp.enroll.example.lab", "--reload", "true"), issued),
    Situation("stage", ("stage",), published),
    Situation("stage issue", ("stage", "--issue"), staged),
    Situation("publish nsupdate", ("publish",), staged),
    Situation("publish print", ("publish",), staged_to_print),
    Situation("publish hook", ("publish",), staged, publish=hook_section),
    Situation("publish include", ("publish",), staged, included=True, publish=lambda _host: World.include_section()),
    Situation("promote", ("promote",), ready),
    Situation("retire", ("retire",), retiring),
    Situation("rollback", ("rollback",), promoted),
    Situation("discard", ("discard",), ready, drops_key=True),
    Situation("release", ("release",), ready, leaves=True),
    Situation("run begins", ("run",), enrolled, named=False),
    # An order that may be lost holds up `run` for an hour, and no person.
    Situation("run promotes", ("run",), due, named=False, again=("promote",)),
    Situation("deploy-hook adopts", ("deploy-hook",), renewed, named=False),
    Situation("deploy-hook keeps", ("deploy-hook",), replaced, named=False),
]


def prepare(situation: Situation) -> Host:
    """A host of its own, up to the call of the verb."""
    host = Host(World.lab, situation.label)
    host.write_config(publish=dict(situation.publish(host)), dns=FRESH)
    situation.prepare(host, situation.lineage)
    return host
