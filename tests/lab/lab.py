"""A signed Internet on loopback, a certificate authority and certbot, for tests of danectl.

    with Lab() as lab:
        live = lab.issue("mx.example.lab")
        lab.add("_25._tcp.mx.example.lab", 2, f"TLSA 3 1 1 {lab.openssl_spki(live / 'cert.pem')}")
        lab.danectl("status", "--json")

Real servers from the distribution's packages, no mocks. It runs inside `tests/lab/enter`, one lab
at a time; several `enter` side by side do not see one another.

    127.0.0.10  root             127.0.0.11  lab.             (named "upper")
    127.0.0.31  ns1.example.lab  primary of example.lab, plain.lab, bogus.lab       (named "ns1")
    127.0.0.32  ns2.example.lab  and fd00:da::32, the secondary                     (named "ns2")
    127.0.0.41  ns1.alias.lab    alone for alias.lab, which has a TSIG key of its own, too    (named "alias")
    127.0.0.53  the validating resolver, which /etc/resolv.conf names              ("unbound")
    127.0.0.14  the CA                                                             ("pebble")
    127.0.0.25  mx, 127.0.0.26 mx2 of each zone; mx6.example.lab 127.0.0.27 and fd00:da::27
"""
from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import stat
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any

from lab_acme import CertificateAuthority
from lab_dns import LOOPBACK, RESOLVER, SERVERS, SignedInternet
from lab_process import LabError, Machine, Result, run

__all__ = ["Lab", "LabError", "Result", "run"]

BINARY = Path(__file__).resolve().parents[2] / "build" / "release" / "danectl"


class Lab(SignedInternet, CertificateAuthority):
    """See the module. `pebble_env` changes the CA: {"PEBBLE_VA_ALWAYS_VALID": "0"} lets it really look at
    port 80 of each name, {"PEBBLE_CHAIN_LENGTH": "2"} gives longer chains."""

    def __init__(self, *, pebble_env: dict[str, str] | None = None, certificate_days: int = 90) -> None:
        Machine.__init__(self)
        self.pebble_env = pebble_env or {}
        self.certificate_days = certificate_days
        self.program = os.environ.get("DANECTL", str(BINARY))
        self._mounted: list[str] = []

    def __enter__(self) -> Lab:
        if os.environ.get("LAB_NAMESPACE") != os.readlink("/proc/self/ns/net"):
            raise LabError("the lab needs namespaces of its own: start this with tests/lab/enter")
        root = Path(os.environ["LAB_ROOT"])
        try:
            (root / "running").mkdir()
        except FileExistsError:
            raise LabError("a lab is running in these namespaces already: use a second tests/lab/enter") from None
        number = len(list(root.glob("lab*"))) + 1  # more than 1 only after a lab that was kept
        self.dir = root / f"lab{number}"
        try:
            self._boot()
        except BaseException:
            self._take_down()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._raise_if_one_died()
        finally:
            self._take_down()

    def danectl(self, *args: str, expect: int | None = 0, env: dict[str, str] | None = None,
                input: str | None = None, timeout: float = 120) -> Result:
        """Runs danectl with the lab's configuration; AssertionError for another exit code than `expect`.

        The program is $DANECTL or the release build; $DANECTL_WRAP goes in front of it ("valgrind -q").
        """
        if shutil.which(self.program) is None:
            raise LabError(f"{self.program} is not there: build it, or name it in the environment as DANECTL")
        return run([*shlex.split(os.environ.get("DANECTL_WRAP", "")), self.program, "--config", self.config, *args],
                   env={**self.env, **(env or {})}, expect=expect, input=input, timeout=timeout)

    def write_config(self, **changes: Any) -> None:
        """Writes danectl.toml: the lab's values, changed by keys and tables, as publish={"method": "print"}.

        `zones` are the [[publish.zone]] sections.
        """
        zones = changes.pop("zones", [])
        config: dict[str, Any] = {
            "certbot": self.certbot_program, "certbot_dir": str(self.certbot_dir),
            "certbot_args": self.certbot_args, "state_dir": str(self.state_dir),
            "dns": {"resolver": "system", "trust_anchor": str(self.trust_anchor),
                    "unbound_conf": str(self.unbound_conf), "timeout": "2s"},
            # No `server`: nsupdate finds each zone's primary in its SOA, as in the world outside.
            "publish": {"method": "nsupdate", "ttl": "2s", "key_file": str(self.tsig)}}
        for key, value in changes.items():
            config[key] = {**config.get(key, {}), **value} if isinstance(value, dict) else value
        # JSON's strings, numbers, booleans and arrays are TOML's, too.
        lines = [f"{key} = {json.dumps(value)}" for key, value in config.items() if not isinstance(value, dict)]
        for table, entries in config.items():
            if isinstance(entries, dict):
                lines += [f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in entries.items())]
        for zone in zones:
            lines += ["[[publish.zone]]", *(f"{key} = {json.dumps(value)}" for key, value in zone.items())]
        self.config.write_text("\n".join(lines) + "\n")

    def openssl_spki(self, path: str | Path) -> str:
        """SHA-256 of the public key in a key or certificate file (its first PEM block), by openssl alone."""
        first = Path(path).read_text().split("-----BEGIN ")[1].split("-----")[0]
        kind = "x509" if "CERTIFICATE" in first else "pkey"
        pem = run(["openssl", kind, "-in", path, "-noout", "-pubkey"] if kind == "x509" else
                  ["openssl", kind, "-in", path, "-pubout"]).out
        der = self.dir / "spki.der"
        run(["openssl", "pkey", "-pubin", "-outform", "DER", "-out", der], input=pem)
        if der.stat().st_size < 40:  # no public key is that short: never hash an empty file
            raise AssertionError(f"openssl found no public key in {path}")
        return run(["openssl", "dgst", "-sha256", "-r", der]).out.split()[0]

    def reboot(self) -> None:
        """Programs that are started from now on see another boot id. The clock since boot goes on."""
        boot_id, ours = f"{uuid.uuid4()}\n", self.dir / "boot_id"
        if ours.exists():
            ours.write_text(boot_id)
        else:
            self._mount_over("/proc/sys/kernel/random/boot_id", boot_id)

    @staticmethod
    def snapshot(*paths: str | Path) -> dict[str, tuple[str, str]]:
        """Every folder, file and link at or below `paths` -> (mode, content); equal when nothing changed.

        The content is the link's target, or the SHA-256 of the file's bytes; a link is not followed.
        """
        found: dict[str, tuple[str, str]] = {}
        todo = [Path(path) for path in paths if os.path.lexists(path)]
        while todo:
            path = todo.pop()
            mode = path.lstat().st_mode
            content = ""
            if stat.S_ISLNK(mode):
                content = os.readlink(path)
            elif stat.S_ISDIR(mode):
                todo += path.iterdir()
            elif stat.S_ISREG(mode):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path)] = (stat.filemode(mode), content)
        return found

    # --- boot and end

    def _boot(self) -> None:
        self.dir.mkdir()
        (self.dir / "log").mkdir()
        # A proxy, or the test's own module path, must not reach certbot.
        kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k != "PYTHONPATH"}
        self.env = {**kept, "LC_ALL": "C.UTF-8"}
        addresses = [f"{a}/128" if ":" in a else f"{a}/8" for server in SERVERS.values() for a in server] + LOOPBACK
        # nodad: an IPv6 address is usable at once, not after a second of looking for a double.
        run(["ip", "-batch", "-"], input="link set lo up\n" + "".join(
            f"addr replace {a} dev lo{' nodad' if ':' in a else ''}\n" for a in addresses))
        self._mount_over("/etc/resolv.conf", f"nameserver {RESOLVER}\n")
        self._mount_over("/etc/letsencrypt/cli.ini", "")  # the machine's own settings for certbot
        self._make_dns()
        self._make_ca()
        self.config = self.dir / "etc" / "danectl.toml"
        self.config.parent.mkdir()
        self.state_dir = self.dir / "state"
        self.write_config()
        # For hooks, which certbot starts as `danectl deploy-hook`, whatever the name of the program.
        self.env["DANECTL_CONFIG"] = str(self.config)
        if found := shutil.which(self.program):
            own = self.dir / "program"
            own.mkdir()
            (own / "danectl").symlink_to(Path(found).resolve())
            self.env["PATH"] = f"{own}:{self.env.get('PATH', os.defpath)}"
        for daemon in self._daemons.values():
            daemon.spawn()
        self._await_ready(list(self._daemons))

    def _mount_over(self, path: str, text: str) -> None:
        """Puts a file of the lab's over a file of the machine's, which is seen only in here."""
        if not os.path.exists(path):
            return
        ours = self.dir / Path(path).name
        ours.write_text(text)
        run(["mount", "--bind", ours, path])
        self._mounted.append(path)

    def _take_down(self) -> None:
        for daemon in self._daemons.values():
            daemon.kill()
        while self._mounted:
            run(["umount", self._mounted.pop()], expect=None)
        root = self.dir.parent
        if not os.environ.get("LAB_KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)
        (root / "running").rmdir()
