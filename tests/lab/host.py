"""More hosts in the lab, each with a certbot and a danectl of its own, and the timer that starts `danectl run`."""
from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lab import Lab, Result
from lab_acme import REGISTER
from rollover import enroll, is_ready, live, next_key, owner_of, served_folders, set_key
from watcher import NAME_SERVERS, USUAL, public_key, records_of


class Host(Lab):
    """Shares name servers, resolver and CA with `lab`; for itself it has configuration, state and certbot's folder.

    Its certbot needs no port, so that the certbots of several hosts do not meet.
    """

    def __init__(self, lab: Lab, label: str) -> None:
        self.__dict__.update(lab.__dict__)
        self.dir = lab.dir / "hosts" / label
        self.certbot_dir, self.state_dir = self.dir / "letsencrypt", self.dir / "state"
        self.config = self.dir / "etc" / "danectl.toml"
        for folder in (self.dir / "log", self.certbot_dir, self.config.parent):
            folder.mkdir(parents=True)
        self.env = {**lab.env, "DANECTL_CONFIG": str(self.config)}
        self.write_config()

    def issue(self, name: str, *domains: str, extra: list[str] | None = None) -> Path:
        wanted = [word for domain in domains or (name,) for word in ("-d", domain)]
        self.certbot("certonly", "--manual", "--preferred-challenges", "dns", "--manual-auth-hook", "true", *REGISTER,
                     "--cert-name", name, *wanted, *(extra or []))
        return self.certbot_dir / "live" / name


def hosts_for(lab: Lab, names: Iterable[str], *options: str, issue: list[str] | None = None,
              **keys: Any) -> dict[str, Host]:
    """A host for each lineage of `names`, where it is enrolled with these options and keys."""
    def host_for(name: str) -> Host:
        host = Host(lab, name.split(".")[0])
        enroll(host, name, *options, issue=issue)
        for key, value in keys.items():
            set_key(host, name, key, value)
        return host

    wanted = list(names)
    with ThreadPoolExecutor() as pool:
        return dict(zip(wanted, pool.map(host_for, wanted)))


def publish_by_run(hosts: dict[str, Host]) -> None:
    """The first run of each; when caches have forgotten that there were no records, one that sees them everywhere."""
    for host in hosts.values():
        host.danectl("run")
    for name, host in hosts.items():
        for record in current_and_next(host, name):
            host.wait_published(owner_of(name), f"TLSA {record}")
    wait_for_caches()
    for host in hosts.values():
        host.danectl("run")


def run_until(lab: Lab, what: str, condition: Callable[[Result], bool], *, expect: int = 0, every: float = 0.5,
              timeout: float = 90) -> list[Result]:
    """Plays the timer until `condition` holds after a run; what each run said."""
    end = time.monotonic() + timeout
    results: list[Result] = []
    while not results or not condition(results[-1]):
        if time.monotonic() > end:
            raise AssertionError(f"after {timeout:g} s of runs still not true: {what}\n{results[-1]}")
        if results:  # a busy machine gets a rest as long as the run was
            time.sleep(max(every - results[-1].seconds, results[-1].seconds))
        results.append(lab.danectl("run", expect=expect))
    return results


def run_until_ready(lab: Lab, name: str) -> None:
    """The hold-down begins with the first run that finds the record at every name server."""
    run_until(lab, f"the next key of {name} is ready", lambda _result: is_ready(lab, name))


def run_until_it_fails(lab: Lab, timeout: float = 90) -> Result:
    """Plays the timer until a run exits with 1."""
    end = time.monotonic() + timeout
    while (result := lab.danectl("run", expect=None)).code == 0:
        if time.monotonic() > end:
            raise AssertionError(f"after {timeout:g} s of runs none has failed\n{result}")
        time.sleep(0.5)
    if result.code != 1:
        raise AssertionError(f"exit code 1 was expected\n{result}")
    return result


@contextlib.contextmanager
def untouched(lab: Lab, *more: Path) -> Iterator[None]:
    """Not one byte, mode or link of what is served on this host, or of `more`, differs afterwards."""
    before = lab.snapshot(*served_folders(lab), *more)
    yield
    after = lab.snapshot(*served_folders(lab), *more)
    if before != after:
        raise AssertionError(f"touched: {sorted(set(before.items()) ^ set(after.items()))}")


def served_key(lab: Lab, name: str) -> str:
    return lab.openssl_spki(live(lab, name) / "privkey.pem")


def certbots_key(lab: Lab, name: str) -> str:
    return lab.openssl_spki(lab.certbot_dir / "live" / name / "privkey.pem")


def records_at(lab: Lab, owner: str, servers: tuple[str, ...] = NAME_SERVERS) -> list[set[str]]:
    """What each name server has, as "3 1 1 hex"."""
    return [{record.removeprefix("TLSA ") for record in lab.dig(owner, "TLSA", server).records}
            for server in servers]


def current_and_next(lab: Lab, name: str, profile: Sequence[str] = USUAL) -> set[str]:
    """The records of a lineage in its steady state."""
    keys = [public_key(path.read_text()) for path in (live(lab, name) / "privkey.pem", next_key(lab, name))]
    return set().union(*(records_of(key, profile) for key in keys))


def has_current_and_next_only(lab: Lab, name: str) -> bool:
    return all(records == current_and_next(lab, name) for records in records_at(lab, owner_of(name)))


def wait_for_caches() -> None:
    """Two TTLs of the lab, and the second a resolver rounds by."""
    time.sleep(5)
