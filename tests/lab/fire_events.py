"""What happens to danectl in tests/fire: each event is a generator that yields whenever time has to pass. Until it goes
on, the timer starts `danectl run` once, and the weather (what name servers do) may change.

    events = Events(lab, receiver, stream, chance, print)    # of the lineages KEYS and ISSUERS, which one server has
    for _pause in events.promotion_by_hand():
        lab.danectl("run")
"""
from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from host import certbots_key, current_and_next, records_at, served_key
from lab import Lab, Result, run
from lab_dns import TTL
from lab_mail import MailServer
from postfix_load import Stream
from rolling import Lineage
from rollover import live, next_key, owner_of, set_key, status
from senders import record_of
from watcher import CERTIFICATE, Watcher
from watching import findings

KEYS = Lineage("mx.example.lab", (owner_of("mx.example.lab"),))
ISSUERS = Lineage("mx3.example.lab", (owner_of("mx3.example.lab"),), ("2 1 1",))
LINEAGES = (KEYS, ISSUERS)
BEHIND = "secondary behind"
PATIENCE = 120  # seconds for what danectl has to bring about, with name servers that are silent by turns
# Seconds in which a kill comes; most calls end within them.
A_RUN, A_ROLLBACK, A_PROMOTION = 0.7, 0.7, 4

Event = Iterator[None]


class Stuck(Exception):
    """An event has not come to its end: something that danectl should do did not happen."""


@dataclass(frozen=True)
class Backup:
    """Of the three folders that danectl(1) names, with what is needed to choose one."""
    file: Path
    served: str
    next: str
    issuer: str
    ca: int


@dataclass
class Events:
    """`say` gets a line for each thing that happens, `happened` counts it; `complaints`: what the witness found."""
    lab: Lab
    receiver: MailServer
    stream: Stream
    chance: random.Random
    say: Callable[[str], None]
    happened: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    keys_served: int = 0
    looks: int = 0
    kill_chance: float = 0.1  # of a run
    fair: bool = True  # all name servers answer, and give the same
    keep_fair: bool = False
    _ca: int = 0
    _backups: list[Backup] = field(default_factory=list)
    _watchers: list[Watcher] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))

    # --- the witness

    def begin_to_watch(self) -> None:
        self._watchers = [Watcher(self.lab, lineage.name, lineage.owners[0], lineage.profile) for lineage in LINEAGES]
        for watcher in self._watchers:
            watcher.__enter__()

    def end_watching(self) -> None:
        while self._watchers:
            watcher = self._watchers.pop()
            watcher.__exit__(None, None, None)
            self.complaints += [f"{watcher.owner}: {finding}" for finding in watcher.findings]
            self.keys_served += max(0, len(watcher.served) - 1)
            self.looks += watcher.samples

    # --- what the timer starts

    def run(self) -> Result | None:
        """One call by the timer; None: it was killed."""
        if self.chance.random() < self.kill_chance:
            return self._kill("run", within=A_RUN)
        return self.lab.danectl("run", expect=None)

    def _kill(self, *args: str, within: float) -> Result | None:
        """SIGKILL to danectl alone after a random time; its result, if it had ended before."""
        command = [self.lab.program, "--config", str(self.lab.config), *args]
        delay = self.chance.uniform(0, within)
        with (self.lab.dir / "out").open("w+") as out, (self.lab.dir / "err").open("w+") as err:
            child = subprocess.Popen(command, env=self.lab.env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = child.wait(delay)
                out.seek(0)
                err.seek(0)
                return Result(" ".join(command), code, out.read(), err.read(), delay)
            child.kill()
            child.wait()
        self._count(f"kill of {args[0]}", f"after {delay:.2f} s")
        return None

    # --- events of the key

    def promotion_by_run(self, kills: int = 0) -> Event:
        before = served_key(self.lab, KEYS.name)
        set_key(self.lab, KEYS.name, "rollover", "1s")
        try:
            for _kill in range(kills):
                self._kill("run", within=A_PROMOTION)
                yield
            yield from self._until("run promotes", lambda: (
                served_key(self.lab, KEYS.name) != before or self._asks_the_ca_later()))
        finally:
            set_key(self.lab, KEYS.name, "rollover", "90d")
        if served_key(self.lab, KEYS.name) != before:
            self._count("promotion by run", self._key())
        else:  # danectl had been killed just before certbot
            self._count("pause of an hour after a kill", "a person goes on")
            yield from self.promotion_by_hand()

    def promotion_by_hand(self) -> Event:
        before = served_key(self.lab, KEYS.name)
        yield from self._until("the next key is ready", self._next_is_ready)
        yield from self._by_hand("promote", lambda: served_key(self.lab, KEYS.name) != before)
        self._count("promotion by hand", self._key())

    def killed_run(self) -> Event:
        """As it promotes; the next one goes on."""
        yield from self._until("the next key is ready", self._next_is_ready)
        yield from self.promotion_by_run(kills=self.chance.randint(1, 3))

    def killed_promotion(self) -> Event:
        before = served_key(self.lab, KEYS.name)
        yield from self._until("the next key is ready", self._next_is_ready)
        for _try in range(self.chance.randint(1, 3)):
            if served_key(self.lab, KEYS.name) == before:
                self._kill("promote", KEYS.name, within=A_PROMOTION)
                yield
        yield from self._by_hand("promote", lambda: served_key(self.lab, KEYS.name) != before)
        self._count("promotion by hand", self._key())

    def rollback(self, kills: int = 0) -> Event:
        """Of a promotion by hand, whose key is then promoted again or discarded."""
        first = served_key(self.lab, KEYS.name)
        set_key(self.lab, KEYS.name, "retire_after", "1d")  # as long as its record is there, a key can come back
        try:
            yield from self.promotion_by_hand()
            yield from self._rest(1, 5)
            for _kill in range(kills):
                yield from self._until("a rollback is killed",
                                       lambda: self._kill("rollback", KEYS.name, within=A_ROLLBACK) is None)
                yield
            if served_key(self.lab, KEYS.name) != first:
                yield from self._by_hand("rollback", lambda: served_key(self.lab, KEYS.name) == first)
            self._count("rollback", self._key())
            yield from self._rest(1, 5)
            if self.chance.random() < 0.5:
                yield from self.promotion_by_hand()
            else:
                yield from self._by_hand("discard", lambda: not next_key(self.lab, KEYS.name).exists())
        finally:
            set_key(self.lab, KEYS.name, "retire_after", "1s")
        yield from self._until("there is a next key", next_key(self.lab, KEYS.name).exists)

    def killed_rollback(self) -> Event:
        yield from self.rollback(kills=self.chance.randint(1, 3))

    def foreign_key(self) -> Event:
        yield from self._renewed(KEYS, "--new-key")
        made = certbots_key(self.lab, KEYS.name)
        yield from self._until("certbot's other key is served", lambda: served_key(self.lab, KEYS.name) == made)
        self._count("foreign key", self._key())

    # --- events of both

    def renewal(self) -> Event:
        for lineage in LINEAGES:
            before = self._certificate(lineage)
            yield from self._renewed(lineage)
            yield from self._until("the renewed certificate is served", lambda: before != self._certificate(lineage))
            self._count("renewal", lineage.name)

    def foreign_record(self) -> Event:
        """Somebody else's, of the kind that the owner has; later a person says that nobody needs it."""
        lineage = self.chance.choice(LINEAGES)
        record = f"{lineage.profile[0]} {self.chance.randbytes(32).hex()}"
        yield from self._until_fair()
        self.lab.add(lineage.owners[0], TTL, f"TLSA {record}")
        self.say(f"foreign record at {lineage.owners[0]}: {record[:18]}")
        yield from self._rest(3, 10)
        yield from self._retired(lineage, record)
        self._count("foreign record", "gone")

    def change_of_issuer(self) -> Event:
        before = self.issuer()
        self.lab.new_ca()
        self._ca += 1
        self.say("the CA has another issuer")
        yield from self._renewed(ISSUERS)
        yield from self._until("the chain of the new issuer is served", lambda: self.issuer() != before)
        self._count("change of issuer", self.issuer()[:18])
        yield from self._until("the record of the old one is gone", lambda: self._lacks(ISSUERS, before))

    def restored_backup(self) -> Event:
        """As danectl(1) says: the mail server is stopped before, and started when the files are back."""
        self.keep_fair = True
        try:
            yield from self._until_fair()
            yield from self._until("DNS is as wanted", self.is_tidy)
            backup = self._suitable_backup()
            with self.stream.paused():
                self.end_watching()
                with self.receiver.stopped():
                    self._put_back(backup)
                    self._repair(backup)
                self.lab.danectl("run", expect=None)
                yield from self._until("check finds nothing critical", self._nothing_critical)
                self.begin_to_watch()
            self._count("restored backup", self._key())
        finally:
            self.keep_fair = False
        for lineage in LINEAGES:
            for record in self._unknown(lineage):
                yield from self._retired(lineage, record)

    def save(self) -> None:
        """danectl(1): after each change of the key. The two newest are kept."""
        key, issuer = served_key(self.lab, KEYS.name), self.issuer()
        if self._backups and (self._backups[-1].served, self._backups[-1].issuer) == (key, issuer):
            return
        file = self.lab.dir / f"backup-{key[:8]}-{issuer[-8:]}.tar.gz"
        run(["tar", "-C", self.lab.dir, "-czf", file, *self._folders()])
        staged = next_key(self.lab, KEYS.name)
        self._backups.append(Backup(file, key, self.lab.openssl_spki(staged) if staged.exists() else "", issuer,
                                    self._ca))

    # --- the weather

    def weather(self) -> Event:
        """Endless: fair for a while, then one name server is silent, or the secondary is behind."""
        kinds = [BEHIND, "silent ns1", "silent ns2"]
        while True:
            self.chance.shuffle(kinds)
            for kind in kinds:
                yield from self._rest(5, 12)
                while self.keep_fair:
                    yield
                self.fair = False
                # By its own clock: an event that takes long must not make the silence longer than senders wait.
                storm = self._pool.submit(self._storm, kind, self.chance.uniform(2 * TTL, 4 * TTL))
                try:
                    while not storm.done():
                        yield
                finally:
                    storm.result()
                # Minutes between two silences are seconds here: the resolver would take both servers for slow.
                self.lab.forget_slow_servers()
                self.fair = True
                self._count(kind, "over")

    def _storm(self, kind: str, seconds: float) -> None:
        with self.lab.secondary_frozen() if kind == BEHIND else self.lab.silence(kind.split()[-1]):
            self.say(kind)
            time.sleep(seconds)

    # --- the end

    def is_tidy(self) -> bool:
        """Every server has what is wanted, and nothing else."""
        return all(published == self._wanted(lineage) for lineage in LINEAGES
                   for published in records_at(self.lab, lineage.owners[0]))

    def issuer(self) -> str:
        """The record of the issuer of the chain that is deployed."""
        return record_of("2 1 1", CERTIFICATE.findall((live(self.lab, ISSUERS.name) / "fullchain.pem").read_text())[1])

    # --- parts of events

    def _count(self, kind: str, what: str) -> None:
        self.happened[kind] += 1
        self.say(f"{kind}: {what}")

    def _key(self) -> str:
        return f"the key {served_key(self.lab, KEYS.name)[:8]} is served"

    def _until(self, what: str, condition: Callable[[], bool]) -> Event:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise Stuck(f"after {PATIENCE} s still not true: {what}")
            yield

    def _until_fair(self) -> Event:
        yield from self._until("all name servers answer", lambda: self.fair)

    def _rest(self, least: float, most: float) -> Event:
        end = time.monotonic() + self.chance.uniform(least, most)
        while time.monotonic() < end:
            yield

    def _by_hand(self, verb: str, done: Callable[[], bool]) -> Event:
        """Again while danectl says "not yet"."""
        def tried() -> bool:
            result = self.lab.danectl(verb, KEYS.name, expect=None)
            if result.code not in (0, 75):
                self.say(f"{verb}: {brief(result.err)}")
            return done()
        yield from self._until(f"{verb} by hand", lambda: done() or tried())

    def _certificate(self, lineage: Lineage) -> str:
        return (live(self.lab, lineage.name) / "cert.pem").read_text()

    def _renewed(self, lineage: Lineage, *options: str) -> Event:
        """By certbot, beside the timer; again where the other one had certbot's lock."""
        for _try in range(5):
            certbot = subprocess.Popen(
                [self.lab.certbot_program, "renew", "-n", "--config-dir", self.lab.certbot_dir, "--work-dir",
                 self.lab.dir / "certbot-work", "--logs-dir", self.lab.dir / "log" / "certbot",
                 "--no-random-sleep-on-renew", "--cert-name", lineage.name, "--force-renewal", *options],
                env=self.lab.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            yield from self._until("certbot ends", lambda certbot=certbot: certbot.poll() is not None)
            if certbot.returncode == 0:
                return
            self.say(f"certbot: {brief(certbot.communicate()[0])}")
            yield
        raise Stuck(f"certbot did not renew {lineage.name}")

    def _retired(self, lineage: Lineage, record: str) -> Event:
        def gone() -> bool:
            self.lab.danectl("retire", lineage.name, "--foreign", record, expect=None)
            return self._lacks(lineage, record)
        yield from self._until(f"{record[:18]} is gone", gone)

    def _lacks(self, lineage: Lineage, record: str) -> bool:
        """Every server, as far as one can tell."""
        return self.fair and record not in self._published(lineage)

    def _published(self, lineage: Lineage) -> set[str]:
        """At any server."""
        return set().union(*records_at(self.lab, lineage.owners[0]))

    def _wanted(self, lineage: Lineage) -> set[str]:
        if lineage is ISSUERS:
            return {self.issuer()}
        return current_and_next(self.lab, KEYS.name) if next_key(self.lab, KEYS.name).exists() else set()

    def _unknown(self, lineage: Lineage) -> list[str]:
        """What is published, and neither wanted nor retiring: after a backup, the records of later keys."""
        known = {retiring["record"] for retiring in status(self.lab, lineage.name)["retiring"]}
        return sorted(self._published(lineage) - self._wanted(lineage) - known)

    def _next_is_ready(self) -> bool:
        following = status(self.lab, KEYS.name)["next"]
        return following is not None and following["state"] == "ready"

    def _asks_the_ca_later(self) -> bool:
        return status(self.lab, KEYS.name, "--no-dns")["next_attempt_at"] is not None

    def _nothing_critical(self) -> bool:
        return all(finding["severity"] != "CRITICAL" for finding in findings(self.lab))

    # --- a backup comes back

    def _folders(self) -> list[Path]:
        folders = (self.lab.config.parent, self.lab.certbot_dir, self.lab.state_dir)
        return [folder.relative_to(self.lab.dir) for folder in folders]

    def _suitable_backup(self) -> Backup:
        """The newest, or one whose next key is the one that was served last."""
        self.save()
        served, issuer = served_key(self.lab, KEYS.name), self.issuer()
        return self.chance.choice([backup for backup in self._backups[-2:] if backup.issuer == issuer
                                   and served in (backup.served, backup.next)])

    def _put_back(self, backup: Backup) -> None:
        """Into empty folders, as on a new disk, or over what is there."""
        if new_disk := self.chance.random() < 0.5:
            run(["rm", "-r", *(self.lab.dir / folder for folder in self._folders())])
        run(["tar", "-C", self.lab.dir, "-xzpf", backup.file])
        if backup.ca != self._ca:  # this CA forgets its accounts when it gets another issuer
            self.lab.new_account()
        for key, value in (("rollover", "90d"), ("retire_after", "1s")):
            set_key(self.lab, KEYS.name, key, value)
        self._backups = [backup]
        self.say(f"a backup is put back, {'on a new disk' if new_disk else 'over the files'}: {self._key()}")

    def _repair(self, backup: Backup) -> None:
        """Where the record of the restored key is gone from DNS, the next key of the backup is the one served last. The
        timer does not work yet."""
        if status(self.lab, KEYS.name)["state"] == "broken":
            self.say("status says broken, so promote")
            for _pause in self._by_hand("promote", lambda: served_key(self.lab, KEYS.name) == backup.next):
                time.sleep(0.5)


def brief(text: str) -> str:
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())[:300]
