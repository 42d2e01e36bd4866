"""Processes of the lab: commands that are waited for, and daemons that are watched."""
from __future__ import annotations

import contextlib
import os
import select
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class LabError(Exception):
    """The lab itself is broken: never the fault of what is being tested."""


@dataclass(frozen=True)
class Result:
    """What a command left behind. `seconds` is wall clock."""
    command: str
    code: int
    out: str
    err: str
    seconds: float

    def __str__(self) -> str:
        return (f"$ {self.command}\nexit code {self.code} after {self.seconds:.1f} s\n"
                f"--- stdout\n{self.out}\n--- stderr\n{self.err}")


def run(command: Sequence[str | Path], *, expect: int | None = 0, env: Mapping[str, str] | None = None,
        input: str | None = None, timeout: float = 60) -> Result:
    """Runs `command` to its end; AssertionError for another exit code than `expect` (None: any).

    A signal counts as its negative number. Output goes through files, not pipes: a daemon which the
    command left behind and which holds its stdout must not keep us waiting. At the time limit the
    whole process group is killed.
    """
    argv = [str(word) for word in command]
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
        given.write((input or "").encode())
        given.seek(0)
        child = subprocess.Popen(argv, env=env, stdin=given, stdout=out, stderr=err, start_new_session=True)
        try:
            late = not _ended_within(child.pid, timeout)
        finally:  # an interrupt, too, must not leave the command running
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        out.seek(0)
        err.seek(0)
        result = Result(shlex.join(argv), child.returncode, out.read().decode(errors="replace"),
                        err.read().decode(errors="replace"), time.monotonic() - began)
    if late:
        raise AssertionError(f"still running after {timeout} s, killed\n{result}")
    if expect is not None and result.code != expect:
        raise AssertionError(f"exit code {expect} was expected\n{result}")
    return result


def _ended_within(pid: int, timeout: float) -> bool:
    """At once when it ends; Popen.wait(timeout) looks only every 50 ms, and a test runs many commands."""
    handle = os.pidfd_open(pid)
    try:
        return bool(select.select([handle], [], [], timeout)[0])
    finally:
        os.close(handle)


class Daemon:
    """One server in the foreground, with its output in a log of its own."""

    def __init__(self, name: str, argv: Sequence[str | Path], log: Path, ready: Callable[[], bool],
                 env: Mapping[str, str] | None = None) -> None:
        self.name, self.log, self.ready = name, log, ready
        self._argv, self._env = [str(word) for word in argv], env
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._argv, env=self._env, stdin=subprocess.DEVNULL,
                                             stdout=log, stderr=log)

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()  # also ends a stopped process
            self._process.wait()
            self._process = None

    def died(self) -> bool:
        """Whether it ended without being asked to."""
        return self._process is not None and self._process.poll() is not None

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(["", f"--- the end of {self.log}", *lines[-25:]])


class Machine:
    """The part of the lab that starts servers, watches them and makes them misbehave."""
    dir: Path
    env: dict[str, str]

    def __init__(self) -> None:
        self._daemons: dict[str, Daemon] = {}
        self._absent: list[str] = []  # killed, silent or stale on purpose; once for each reason

    def start(self, name: str) -> None:
        """Starts a killed server again and waits until it answers."""
        self._daemons[name].spawn()
        self._await_ready([name])
        self._absent.remove(name)

    def kill(self, name: str) -> None:
        """Ends a server like a crash; connections to it are refused until start()."""
        self._absent.append(name)
        self._daemons[name].kill()

    @contextlib.contextmanager
    def silence(self, name: str) -> Iterator[None]:
        """Within it the server neither answers nor refuses: who asks runs into a timeout."""
        with self._without(name):
            self._daemons[name].signal(signal.SIGSTOP)
            try:
                yield
            finally:
                self._daemons[name].signal(signal.SIGCONT)

    def wait_until(self, what: str, condition: Callable[[], bool], timeout: float = 60) -> None:
        """Polls; AssertionError when it does not become true, LabError at once when a server dies. Rests twice as long
        as the condition takes: most ask by starting a program, and other tests want the processor, too."""
        end = time.monotonic() + timeout
        asked_at = time.monotonic()
        while not condition():
            self._raise_if_one_died()
            if time.monotonic() > end:
                raise AssertionError(f"after {timeout:g} s still not true: {what}")
            time.sleep(max(0.02, 2 * (time.monotonic() - asked_at)))
            asked_at = time.monotonic()

    @contextlib.contextmanager
    def _without(self, name: str) -> Iterator[None]:
        self._absent.append(name)
        try:
            yield
        finally:
            self._absent.remove(name)

    def _await_ready(self, names: Sequence[str]) -> None:
        for name in names:
            try:
                self.wait_until(f"{name} is ready", self._daemons[name].ready, timeout=30)
            except AssertionError as error:
                raise LabError(f"{error}{self._daemons[name].tail()}") from None

    def _raise_if_one_died(self) -> None:
        for daemon in self._daemons.values():
            if daemon.died():
                raise LabError(f"{daemon.name} died{daemon.tail()}")
