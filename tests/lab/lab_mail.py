"""Real mail servers in the lab: Postfix and Dovecot, each with its files in a folder of the lab's, and chains for them.

    chains = Chains(lab.dir / "tls")
    with MailServer(lab, chain_files=[chains.make("mx.example.lab", "rsa")]) as mail:   # 25, 587 and 465
        lab.write_config(...)                       # a lineage's `reload` can be mail.reload_command
        mail.reload()                               # new connections get what the chain files hold now
    with MailboxServer(lab, chain_files=[...]):     # 143, 993, 110 and 995

A chain file holds the key, then the chain, as danectl's combined.pem. Like the lab's other servers they have a name
("postfix", "dovecot") for lab.silence() and lab.kill(). They need root: both change to users of their own.
"""
from __future__ import annotations

import contextlib
import re
import shutil
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from lab import Lab, run
from lab_process import Daemon


class Chains:
    """Keys and certificates, without a CA in the background: quick, and of every kind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def make(self, name: str, kind: str = "ec", *, days: int = 90, issuer: Path | None = None,
             file: str | None = None, age: int = 0) -> Path:
        """A chain file for `name` with a new key ("rsa", "ec", "ed25519"); self-signed, or signed by the key of the
        chain file `issuer`, whose chain then follows. `days` 0: it has expired by the time it is there; `age`: it began
        that many days ago."""
        path = self.folder / (file or f"{name}-{kind}.pem")
        key, request, certificate = (path.with_suffix(f".{end}") for end in ("key", "csr", "crt"))
        options = {"rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                   "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                   "ed25519": ["-algorithm", "ED25519"]}[kind]
        run(["openssl", "genpkey", *options, "-out", key])
        run(["openssl", "req", "-new", "-key", key, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
             "-addext", "basicConstraints=critical,CA:TRUE", "-out", request])
        signer = ["-CA", issuer, "-CAkey", issuer, "-CAcreateserial"] if issuer else ["-signkey", key]
        then = ["faketime", "-f", f"-{age}d"] if age else []
        run([*then, "openssl", "x509", "-req", "-in", request, "-days", str(days), "-copy_extensions", "copyall",
             "-out", certificate, *signer])
        rest = issuer.read_text().split("-----END PRIVATE KEY-----\n")[1] if issuer else ""
        path.write_text(key.read_text() + certificate.read_text() + rest)
        path.chmod(0o600)
        return path


class Server:
    """One daemon of the lab, taken down at the end of the `with`."""
    name: str
    command: list[str | Path]
    reload_command: list[str]

    def __init__(self, lab: Lab, address: str, greeting_port: int) -> None:
        self.lab, self.address, self._greeting_port = lab, address, greeting_port

    def __enter__(self) -> Server:
        self.log_file.unlink(missing_ok=True)
        self._daemon = Daemon(self.name, self.command, self.log_file, self._greets, env=self.lab.env)
        self._begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None,
                 _trace: TracebackType | None) -> None:
        died = self._daemon.died()
        self._end()
        if died and kind is None:
            raise AssertionError(f"{self.name} died{self._daemon.tail()}")

    def reload(self) -> None:
        run(self.reload_command, env=self.lab.env)

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Within it the server is down, as its user would stop it; its log goes on afterwards."""
        self._end()
        try:
            yield
        finally:
            self._begin()

    @property
    def log_file(self) -> Path:
        return self.lab.dir / "log" / f"{self.name}.log"

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def _begin(self) -> None:
        self._daemon.spawn()
        self.lab._daemons[self.name] = self._daemon  # watched, and silenced or killed by its name, as the lab's own
        try:
            self.lab._await_ready([self.name])
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        del self.lab._daemons[self.name]
        self._daemon.signal(signal.SIGTERM)  # its children end with it, and their ports are free
        with contextlib.suppress(AssertionError):
            self.lab.wait_until(f"{self.name} has ended", self._daemon.died, timeout=5)
        self._daemon.kill()

    def _greets(self) -> bool:
        try:
            with socket.create_connection((self.address, self._greeting_port), timeout=2) as connection:
                return bool(connection.recv(100))
        except OSError:
            return False


def presented(lab: Lab, host: str, port: int, starttls: str | None = None, kind: str | None = None) -> str:
    """The SPKI digest of the key that a server presents, by openssl; `kind`: to who takes only "RSA", or "ECDSA"."""
    signatures = {"RSA": "RSA-PSS+SHA256:RSA+SHA256", "ECDSA": "ECDSA+SHA256"}
    result = run(["openssl", "s_client", "-connect", f"{host}:{port}", "-servername", host,
                  *(["-starttls", starttls] if starttls else []), *(["-sigalgs", signatures[kind]] if kind else [])],
                 env=lab.env)
    certificate = lab.dir / "presented.pem"
    certificate.write_text(result.out[result.out.index("-----BEGIN"):])
    return lab.openssl_spki(certificate)


def delivers_to(lab: Lab, domain: str) -> str:
    """The host that Postfix, as a sender that insists on DANE, has verified on its way to a mail domain."""
    result = run(["posttls-finger", "-c", "-l", "dane-only", "-L", "summary", domain], env=lab.env, expect=None)
    verified = re.search(r"Verified TLS connection established to ([^\[]+)\[", result.out + result.err)
    if not verified:
        raise AssertionError(f"not verified\n{result}")
    return verified[1]


# No chroot, no queue manager: nothing is delivered, but with DELIVERY among the `services`. tlsmgr has the TLS
# randomness, anvil counts connections.
MASTER_CF = """
{smtp}
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
postlog unix-dgram n - n - 1 postlogd
"""

DELIVERY = ["qmgr unix n - n 300 1 qmgr", "smtp unix - - n - - smtp", "discard unix - - n - - discard",
            "error unix - - n - - error", "retry unix - - n - - error", "scache unix - - n - 1 scache",
            "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce",
            "flush unix n - n 1000? 0 flush"]


def _make_postfix_folders(folder: Path) -> None:
    """What `postfix check` would make, in three seconds."""
    queue = folder / "queue"
    (queue / "pid").mkdir(parents=True)
    for part in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
                 "trace", "public", "maildrop", "../data"):
        (queue / part).mkdir(mode=0o700)
        shutil.chown(queue / part, "postfix")
    for part, mode in (("public", 0o710), ("maildrop", 0o730)):
        shutil.chown(queue / part, group="postdrop")
        (queue / part).chmod(mode)


class MailServer(Server):
    """Postfix: smtp (25) and submission (587) with STARTTLS, smtps (465); without chain files 25 alone, in clear.

    `sni` maps names to the chain file that clients get who ask for that name, `settings` adds to main.cf, `services`
    to master.cf. Several at a time need a `name` and an address each.
    """

    def __init__(self, lab: Lab, *, chain_files: Sequence[Path] = (), address: str = "127.0.0.25",
                 hostname: str = "mx.example.lab", sni: Mapping[str, Path] | None = None,
                 settings: Mapping[str, str] | None = None, services: Sequence[str] = (),
                 name: str = "postfix") -> None:
        super().__init__(lab, address, 25)
        self.name = name
        folder = lab.dir / name
        shutil.rmtree(folder, ignore_errors=True)
        self.folder = folder / "etc"
        self.folder.mkdir(parents=True)
        _make_postfix_folders(folder)
        values = {
            "compatibility_level": "3.6", "queue_directory": f"{folder}/queue", "data_directory": f"{folder}/data",
            "maillog_file": "/dev/stdout", "myhostname": hostname, "mydestination": "", "mynetworks": "127.0.0.0/8",
            "inet_interfaces": address.strip("[]"), "inet_protocols": "all", "alias_maps": "", "alias_database": "",
            "smtpd_tls_loglevel": "1", "smtpd_tls_session_cache_database": "", "smtpd_recipient_restrictions": "reject"}
        smtp = ["25 inet n - n - - smtpd"]
        if chain_files:
            values |= {"smtpd_tls_security_level": "may",
                       "smtpd_tls_chain_files": ", ".join(str(file) for file in chain_files)}
            smtp += ["587 inet n - n - - smtpd", "465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes"]
        if sni:
            table = self.folder / "sni"
            table.write_text("".join(f"{name} {file}\n" for name, file in sni.items()))
            values["tls_server_sni_maps"] = f"hash:{table}"
        values |= settings or {}
        (self.folder / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in values.items()))
        (self.folder / "master.cf").write_text(MASTER_CF.format(smtp="\n".join([*smtp, *services])))
        if sni:
            run(["postmap", "-c", self.folder, "-F", f"hash:{self.folder}/sni"])
        # Not `postfix start-fg`, whose shell would be left between us and the signals, and whose checks take seconds.
        self.command = [run(["postconf", "-dh", "daemon_directory"]).out.strip() + "/master", "-c", self.folder, "-s"]
        self.reload_command = ["postfix", "-c", str(self.folder), "reload"]


# A configuration of Dovecot, as far as its versions differ: the settings that come first, those of the chain files, and
# the section that lets everybody in.
_Form = tuple[dict[str, str], dict[str, str], str]


def _before_2_4(mail: Path, chain_files: Sequence[Path]) -> _Form:
    chains: dict[str, str] = {}
    for prefix, file in zip(("ssl", "ssl_alt"), chain_files):
        chains |= {f"{prefix}_cert": f"<{file}", f"{prefix}_key": f"<{file}"}
    return {"mail_location": f"maildir:{mail}"}, chains, "passdb {\n  driver = static\n  args = nopassword=y\n}\n"


def _since_2_4(mail: Path, chain_files: Sequence[Path]) -> _Form:
    chains: dict[str, str] = {}
    for prefix, file in zip(("ssl_server", "ssl_server_alt"), chain_files):
        chains |= {f"{prefix}_cert_file": str(file), f"{prefix}_key_file": str(file)}
    first = {"dovecot_config_version": "2.4.0", "dovecot_storage_version": "2.4.0", "mail_driver": "maildir",
             "mail_path": str(mail)}
    return first, chains, "passdb static {\n  fields {\n    nopassword = yes\n  }\n}\n"


class MailboxServer(Server):
    """Dovecot: imap (143) and pop3 (110) with STARTTLS, imaps (993) and pop3s (995). One chain file, or two of
    different kinds."""
    name = "dovecot"

    def __init__(self, lab: Lab, *, chain_files: Sequence[Path], address: str = "127.0.0.25",
                 settings: Mapping[str, str] | None = None) -> None:
        super().__init__(lab, address, 143)
        self.folder = lab.dir / "dovecot"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        old = run(["dovecot", "--version"]).out.startswith("2.3")
        form = _before_2_4 if old else _since_2_4
        # How it refuses a client that takes no key of its kinds.
        self.refusal = "it closes the connection without an alert" if old else "alert: handshake failure"
        first, chain_lines, last = form(self.folder / "mail", chain_files)
        values = {**first, "base_dir": f"{self.folder}/run", "state_dir": f"{self.folder}/state", "listen": address,
                  "protocols": "imap pop3", "log_path": "/dev/stderr", "ssl": "yes", **chain_lines, **(settings or {})}
        conf = self.folder / "dovecot.conf"
        conf.write_text("".join(f"{key} = {value}\n" for key, value in values.items()) + last)
        self.command = ["dovecot", "-F", "-c", conf]
        self.reload_command = ["doveadm", "-c", str(conf), "reload"]
