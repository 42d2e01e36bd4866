"""The points of a situation: a call of its verb, and a fault there. Each is judged by what is seen from outside."""
from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab import BINARY, Result
from place import Place
from situations import Situation, World, prepare

# Built beside danectl.
PRELOAD = Path(os.environ.get("DANECTL", BINARY)).resolve().parent / "tests" / "libdanectl_faults.so"
RUNS = 3  # two in which all comes to rest, and one that has nothing to do
TRIES = 3
DOCUMENTED = (0, 1, 75)
KILLING = ("kill", "kill-after", "short-kill", "cut", "cut-contents")


@dataclass(frozen=True)
class Point:
    number: int
    fault: str  # of fault.hpp; with "+" also at each later call that can fail so
    call: str
    path: str

    def __str__(self) -> str:
        return f"{self.number}:{self.fault}"


@dataclass
class Course:
    """What came of one call of the verb and of the runs after it."""
    result: Result
    after: dict[str, Any] = field(default_factory=dict)
    rest: dict[str, Any] = field(default_factory=dict)
    runs: list[Result] = field(default_factory=list)
    log: list[Point] = field(default_factory=list)
    orders: int = 0
    complaints: list[str] = field(default_factory=list)


class Sweep:
    """One situation. `whole`: the verb and the runs without a fault; `said`: the calls of the latest point."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.place = Place(situation, prepare(situation))
        self.said: list[Result] = []
        # Looks write more or less, as name servers follow: what comes in the shorter one comes again.
        self.whole = min((self._course("0 none") for _again in range(2)), key=lambda course: len(course.log))
        if self.whole.complaints or self.whole.result.code != 0:
            raise AssertionError(f"{situation.name} without a fault: {self.whole.complaints}\n{self.whole.result}")
        if not self.whole.result.out + self.whole.result.err:
            raise AssertionError(f"{situation.name} without a fault does nothing: {self.whole.result}")

    def points(self) -> list[Point]:
        """All of them: each fault once, and what goes on from each call on: a disk that is full, or read-only."""
        once = self.whole.log
        lasting = [Point(point.number, f"{point.fault}+", point.call, point.path) for point in once
                   if point.fault in ("ENOSPC", "EROFS")]
        return [*once, *lasting]

    def try_point(self, point: Point) -> list[str] | None:
        """What is wrong after it; None when danectl did not come to it: what a look finds depends on the time."""
        for _try in range(TRIES):
            if (complaints := self._try_once(point)) is not None:
                return complaints
        return None

    def _try_once(self, point: Point) -> list[str] | None:
        what = point.fault.rstrip("+")
        course = self._course(f"{point.number}{'+' if point.fault.endswith('+') else ''} {what}")
        struck = [one for one in course.log if one.fault == what and (
            one.number == point.number or point.fault.endswith("+") and one.number > point.number)]
        if not struck:
            return None
        complaints = course.complaints
        if what in KILLING:
            if course.result.code != -9:
                complaints.append(f"exit code {course.result.code}, where danectl was to be killed")
        elif what != "short":
            complaints += self._of_a_failed_call(course, struck)
        elif course.after != self.whole.after:
            complaints.append(f"a short write was not gone on with: {differing(course.after, self.whole.after)}")
        return complaints + self._of_the_rest(course)

    def _of_a_failed_call(self, course: Course, struck: list[Point]) -> list[str]:
        result, complaints = course.result, []
        if result.code not in DOCUMENTED:
            complaints.append(f"exit code {result.code}")
        if result.code == 0 and course.after != self.whole.after:
            complaints.append(f"exit code 0, and not done: {differing(course.after, self.whole.after)}")
        told = [one for one in struck if not self._needs_no_word(one, result)]
        if told and not any(self._is_named(one.path, result) for one in told):
            complaints.append(f"no error names {struck[0].path or 'the program'}: {result.err!r}")
        return complaints

    def _needs_no_word(self, point: Point, result: Result) -> bool:
        # A lock file that stays is locked again by whoever comes next.
        if point.call == "unlink" and point.path.endswith(".certbot.lock"):
            return True
        # Where certbot's link cannot be made in the archive folder, it is made beside the live one.
        certbots = self.place.host.certbot_dir
        return result.code == 0 and any(certbots / part in Path(point.path).parents for part in ("archive", "live"))

    def _is_named(self, path: str, result: Result) -> bool:
        """By its folder, since a temporary file has another name, or by a tree that was to be removed."""
        if not path:  # what `enroll` could not ask a program is among the steps that it prints
            return "cannot start" in result.err + result.out
        roots = (self.place.host.state_dir, self.place.host.certbot_dir, self.place.host.config.parent)
        folders = [folder for folder in Path(path).parents if any(root in folder.parents for root in roots)]
        return any(str(folder) in result.err for folder in folders or [Path(path).parent])

    def _of_the_rest(self, course: Course) -> list[str]:
        complaints = []
        if self.situation.verb[0] == "rollback" and course.rest["live"] == self.whole.rest["live"]:
            if course.rest != self.whole.rest:  # called again it would go back
                complaints.append(f"at rest half done: {differing(course.rest, self.whole.rest)}")
        elif course.rest != self.whole.rest:
            # A person sees that the verb failed, or that the machine was down, and calls it again.
            if self.situation.again:
                self.said.append(self.place.host.danectl(*self.situation.again, expect=None))
            else:
                self._call()
            for _run in range(RUNS - 1):
                self._run()
            rest, end = self.place.facts(), dict(self.whole.rest)
            if self.situation.leaves:  # the runs before have staged a key of their own
                end["published"] = rest["published"]
            if rest != end:
                complaints.append(f"called again it does not come to its end: {differing(rest, end)}; "
                                  f"before: {differing(course.rest, self.whole.rest)}")
        complaints += [f"left over: {path}" for path in self.place.leftovers()]
        for number, (run, usual) in enumerate(zip(course.runs, self.whole.runs), 1):
            # The first may have to say what was cut.
            if run.code != usual.code and (number > 1 or run.code not in DOCUMENTED):
                complaints.append(f"run {number} exits with {run.code}: {run.err}")
        if course.orders > self.whole.orders:
            complaints.append(f"{course.orders} orders, where {self.whole.orders} are enough")
        return complaints

    def _call(self, **environment: str) -> Result:
        host = self.place.host
        self.said.append(host.danectl(*self.situation.words, expect=None,
                                      env={**self.situation.environment(host), **environment}))
        return self.said[-1]

    def _run(self) -> Result:
        self.said.append(self.place.host.danectl("run", expect=None))
        return self.said[-1]

    def _course(self, order: str) -> Course:
        """`order`: DANECTL_FAULT."""
        place, host = self.place, self.place.host
        place.restore()
        self.said.clear()
        orders = World.ca.orders_for[place.name]
        log, keep = host.dir / "calls", host.dir / "cut"
        keep.mkdir()
        with place.watched() as findings:
            course = Course(self._call(LD_PRELOAD=str(PRELOAD), DANECTL_FAULT=order, DANECTL_FAULT_LOG=str(log),
                                       DANECTL_FAULT_KEEP=str(keep)))
            leader, course.log = read_log(log)
            place.wait_for_session(leader)
            course.after = place.facts()
            before = {}
            for number in range(1, RUNS + 1):
                if self.situation.verb == ("run",):
                    place.keep_new_key()
                if number == RUNS:
                    before = place.files()
                course.runs.append(self._run())
                published = place.published()
        course.complaints += findings
        if (after := place.files()) != before:
            course.complaints.append(f"run {RUNS} still changed {sorted(set(before.items()) ^ set(after.items()))}")
        if course.runs[-1].out:
            course.complaints.append(f"run {RUNS} still did something: {course.runs[-1].out}")
        course.rest = place.facts()
        course.orders = World.ca.orders_for[place.name] - orders
        if course.rest["enrolled"]:  # else the next call of `enroll` clears them
            course.complaints += [f"left over: {path}" for path in place.leftovers()]
        course.complaints += self._of_the_records(published)
        return course

    def _of_the_records(self, published: Iterable[str]) -> list[str]:
        """A record is of a key that is on disk, or is known to have to go."""
        if self.situation.leaves and not self.place.facts()["enrolled"]:
            return []
        keys = self.place.keys_on_disk()
        lost = [record for record in published if record.split()[-1] not in keys]
        if not lost:
            return []
        retiring = self.place.retiring()
        complaints = [f"orphan record {record}" for record in lost if record.split()[-1] not in retiring]
        if not self.situation.drops_key:
            complaints += [f"the key of the published record {record} is lost" for record in lost]
        return complaints


def differing(one: dict[str, Any], other: dict[str, Any]) -> str:
    return ", ".join(f"{key}: {one[key]} for {other[key]}" for key in one if one[key] != other[key])


def read_log(path: Path) -> tuple[int, list[Point]]:
    """danectl's process id, and each fault that may come at each call."""
    leader, *lines = path.read_text().splitlines()
    points = []
    for line in lines:
        number, call, faults, name = line.split("\t")
        points += [Point(int(number), fault, call, name) for fault in faults.split()]
    return int(leader), points
