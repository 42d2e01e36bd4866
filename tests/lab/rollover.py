"""The steps of a rollover, as a postmaster takes them, for the tests of danectl."""
from __future__ import annotations

import contextlib
import datetime
import json
import time
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab import Lab, Result

HOLD_DOWN = 4  # seconds: two TTLs of the lab


def owner_of(name: str) -> str:
    return f"_25._tcp.{name}"


def enroll(lab: Lab, name: str, *options: str, owners: list[str] | None = None, issue: list[str] | None = None) -> None:
    """A certificate of the CA, then `danectl enroll`; the owner is `_25._tcp.NAME` unless given."""
    lab.issue(name, extra=issue)
    tlsa = [word for owner in owners or [owner_of(name)] for word in ("--tlsa", owner)]
    lab.danectl("enroll", name, *tlsa, *options)


def lineage_toml(lab: Lab, name: str) -> Path:
    return lab.config.parent / "lineages" / f"{name}.toml"


def set_key(lab: Lab, name: str, key: str, value: Any) -> None:
    """Sets one key of lineages/NAME.toml as a person would with an editor."""
    path = lineage_toml(lab, name)
    lines = [line for line in path.read_text().splitlines() if line.split("=")[0].strip() != key]
    path.write_text("\n".join([*lines, f"{key} = {json.dumps(value)}"]) + "\n")


def publish(lab: Lab, *names: str) -> None:
    """What danectl prints, given to the real nsupdate; returns when every server has it."""
    wanted = json.loads(lab.danectl("records", *names, "--format", "json").out)
    lab.nsupdate(lab.danectl("records", *names, "--format", "nsupdate").out)
    for owner in wanted["owners"]:
        for record in owner["records"]:
            lab.wait_published(owner["canonical"], f"TLSA {record['record']}")


def status(lab: Lab, name: str, *options: str) -> dict[str, Any]:
    (lineage,) = json.loads(lab.danectl("status", name, "--json", *options).out)["lineages"]
    assert lineage["name"] == name
    return dict(lineage)


def seconds(time_text: str) -> float:
    return datetime.datetime.fromisoformat(time_text).timestamp()


def records_at(lab: Lab, owner: str, server: str = "127.0.0.31") -> list[str]:
    """The TLSA records that one name server has, as "3 1 1 hex"; those of the canonical name for an alias."""
    return sorted(record.removeprefix("TLSA ") for record in lab.dig(owner, "TLSA", server).records
                  if record.startswith("TLSA "))


def of_key(lab: Lab, pem: Path) -> str:
    """The record of the usual profile for the key in a file."""
    return f"3 1 1 {lab.openssl_spki(pem)}"


def look(lab: Lab, *names: str) -> str:
    """A look that is written down: a promotion that cannot come about yet. What it said."""
    return lab.danectl("promote", *names, expect=75).err


def wait_ready(lab: Lab, *names: str) -> None:
    """Begins the hold-down of published records and waits for its end."""
    for name in names:
        # The resolver may remember name servers or an alias of before for one TTL.
        lab.wait_until(f"the hold-down of {name} has begun",
                       lambda name=name: "the hold-down is running" in look(lab, name))
    for name in names:
        lab.wait_until(f"{name} is ready", lambda name=name: is_ready(lab, name), HOLD_DOWN + 60)


def is_ready(lab: Lab, name: str) -> bool:
    time.sleep(0.2)
    lineage = status(lab, name)
    return lineage["next"]["state"] == "ready" and all(
        server["ok"] is not False for owner in lineage["owners"] for server in owner["servers"])


def retires_nothing(lab: Lab, name: str) -> bool:
    """After one more run: it notes what a secondary that was slow had still when the record was deleted."""
    lab.danectl("run")
    return not status(lab, name)["retiring"]


def next_key(lab: Lab, name: str) -> Path:
    return lab.state_dir / "next" / name / "privkey.pem"


def live(lab: Lab, name: str) -> Path:
    return lab.state_dir / "live" / name


def certbot_live(lab: Lab, name: str) -> Path:
    return lab.certbot_dir / "live" / name


def served_folders(lab: Lab) -> list[Path]:
    """All that servers, certbot and their next renewal read."""
    return [lab.certbot_dir / "archive", lab.certbot_dir / "live", lab.certbot_dir / "renewal", lab.state_dir / "live",
            lab.state_dir / "generations"]


def renewal_conf(lab: Lab, name: str) -> dict[str, str]:
    text = (lab.certbot_dir / "renewal" / f"{name}.conf").read_text()
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}


def install_hook(lab: Lab, kind: str, text: str, name: str = "danectl") -> Path:
    """A directory hook of certbot's, of kind pre, post or deploy."""
    path = lab.certbot_dir / "renewal-hooks" / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    script(path, text)
    return path


def script(path: Path, text: str) -> str:
    """A program of the shell; its path."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def hook_section(lab: Lab) -> dict[str, Any]:
    """[publish] of a provider that takes one record at a time, and has it in DNS at once."""
    path = script(lab.dir / "one-record-hook", f"""test "$1" != add || ttl=$3
printf 'update %s %s %s TLSA %s\\nsend\\n' "$1" "$2" "$ttl" "$4" | nsupdate -k {lab.tsig}""")
    return {"method": "hook", "command": [path]}


class RolloverTest(unittest.TestCase):
    """With a lab of its own for the whole class; every case takes a lineage of its own."""
    lab: Lab

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())

    @contextlib.contextmanager
    def untouched(self) -> Iterator[None]:
        """Not one byte, mode or link of what is served differs afterwards."""
        before = self.lab.snapshot(*served_folders(self.lab))
        yield
        self.assertEqual(before, self.lab.snapshot(*served_folders(self.lab)))

    def refused(self, *args: str) -> Result:
        """`danectl promote ARGS` says "not yet" and leaves what is served alone."""
        with self.untouched():
            result = self.lab.danectl("promote", *args, expect=75)
        self.assertEqual(result.out, "", result)
        return result

    def assert_all_have(self, spki: str, name: str) -> None:
        """Every file that a server or certbot may load is for this key, by openssl's count."""
        files = [live(self.lab, name) / file for file in ("privkey.pem", "cert.pem", "fullchain.pem")]
        files += [certbot_live(self.lab, name) / file for file in ("privkey.pem", "cert.pem", "fullchain.pem")]
        for file in files:
            self.assertEqual(self.lab.openssl_spki(file), spki, file)
        self.assert_combined_is_whole(name)

    def assert_combined_is_whole(self, name: str) -> None:
        folder = live(self.lab, name)
        text = (folder / "combined.pem").read_text()
        self.assertEqual(text, (folder / "privkey.pem").read_text() + (folder / "fullchain.pem").read_text())

    def assert_key_fits_certificate(self, name: str) -> str:
        """At any moment, also after a kill; the SPKI that is live."""
        folder = live(self.lab, name)
        spki = self.lab.openssl_spki(folder / "privkey.pem")
        self.assertEqual(self.lab.openssl_spki(folder / "cert.pem"), spki)
        self.assertEqual(self.lab.openssl_spki(folder / "fullchain.pem"), spki)
        self.assert_combined_is_whole(name)
        return spki
