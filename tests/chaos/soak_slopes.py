"""What grew while a soak lasted: least squares over samples, judged against a bound. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf, sqrt
from typing import TypeAlias, TypeVar

ALIVE = re.compile(r"(?m)^(.{23}) DEBUG +salesbot\.lifecycle: alive tasks=(\d+) lag_ms=([\d.]+) worst_ms=([\d.]+)$")
"""The line by which a process tells of its event loop, every ten seconds (salesbot/lifecycle.py)."""
FLOORS = 10
"""Counts go up and down with every trouble: what is judged is the lowest of each tenth of the time. A leak lifts it."""
MB = 1 << 20
LONG_ENOUGH = 10.0
"""Minutes that have to be measured before a slope says something: until then connections, caches and histories fill."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Something measured: when (unix seconds), and how much."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Beat:
    """What a process said of its event loop: milliseconds by which it woke late within the ten seconds before."""

    at: float
    tasks: int
    lag: float
    worst: float


Timed = TypeVar("Timed", Sample, Beat)


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth a minute, and the half of its 95 % interval."""

    value: float
    half: float

    @property
    def low(self) -> float:
        return self.value - self.half

    @property
    def high(self) -> float:
        return self.value + self.half


@dataclass(frozen=True, slots=True)
class Bound:
    """How fast something may grow a minute: the upper end of the interval stays below ``most``."""

    name: str
    most: float
    unit: str = ""
    floors: bool = True
    why: str = ""

    def judge(self, samples: Sequence[Sample]) -> tuple[Slope, bool]:
        found = slope(floors(samples) if self.floors else samples)
        return found, found.high < self.most


def between(told: Sequence[Timed], begin: float, end: float) -> Sequence[Timed]:
    return [one for one in told if begin <= one.at <= end]


def rate(counts: Sequence[Sample]) -> float:
    """How much a count grew a second."""
    first, last = counts[0], counts[-1]
    return (last.value - first.value) / (last.at - first.at) if last.at > first.at else 0.0


def floors(samples: Sequence[Sample], groups: int = FLOORS) -> Sequence[Sample]:
    """The lowest value of each of so many equal groups, in the middle of its time."""
    size = max(1, len(samples) // groups)
    parts = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    return [Sample(sum(one.at for one in part) / size, min(one.value for one in part)) for part in parts]


def slope(samples: Sequence[Sample]) -> Slope:
    """Least squares. The interval takes the samples for independent; of fewer than three nothing is known."""
    number = len(samples)
    if number < 3:
        return Slope(0.0, inf)
    minutes = [one.at / 60 - samples[0].at / 60 for one in samples]
    middle, mean = sum(minutes) / number, sum(one.value for one in samples) / number
    spread = sum((at - middle) ** 2 for at in minutes)
    rise = sum((at - middle) * (one.value - mean) for at, one in zip(minutes, samples, strict=True)) / spread
    left = sum((one.value - mean - rise * (at - middle)) ** 2 for at, one in zip(minutes, samples, strict=True))
    return Slope(rise, student(number - 2) * sqrt(left / (number - 2) / spread))


def student(freedom: int) -> float:
    """The 97.5 % point of Student's distribution: exact for one and two, then the usual expansion (within 0.6 %)."""
    if freedom <= 2:
        return {1: 12.7062, 2: 4.3027}[freedom]
    z, n = 1.959964, float(freedom)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / n ** (power + 1) for power, term in enumerate(terms))


def beats(log: str) -> Iterator[Beat]:
    """What stands in a log of the product about its event loop."""
    for at, tasks, lag, worst in ALIVE.findall(log):
        yield Beat(datetime.fromisoformat(at).timestamp(), int(tasks), float(lag), float(worst))


MEMORY = Bound("memory (RSS)", 0.5, " MB", floors=False, why="at 20 turns a second 440 bytes a turn")
TASKS = Bound("asyncio tasks", 1.0, why="there are sixty troubles a minute")
DESCRIPTORS = Bound("file descriptors", 1.0, why="fifteen connections are lost a minute")
CONNECTIONS = Bound("connections (sockets)", 1.0, why="the same")
BOUNDS = (MEMORY, TASKS, DESCRIPTORS, CONNECTIONS)

Measured: TypeAlias = tuple[Bound, Sequence[Sample]]


def within(measured: Sequence[Measured], minutes: float) -> bool:
    """Whether every slope holds its bound; after too short a time nothing can be said against them."""
    return minutes < LONG_ENOUGH or all(bound.judge(samples)[1] for bound, samples in measured)


def slopes_table(measured: Sequence[Measured], minutes: float) -> str:
    """Markdown: what was measured in that time, how it grew, what was allowed."""
    lines = [
        f"| the last {minutes:.0f} minutes | from … to | a minute | 95 % | bound | |",
        "|---|---|---|---|---|---|",
    ]
    for bound, samples in measured:
        grown, good = bound.judge(samples)
        values = [one.value for one in samples] or [0.0]
        said = ("ok" if good else "**grows**") if minutes >= LONG_ENOUGH else "too short to tell"
        lines.append(
            f"| {bound.name} | {min(values):.0f} … {max(values):.0f}{bound.unit} | {grown.value:+.2f} "
            f"| {grown.low:+.2f} … {grown.high:+.2f} | < {bound.most:g}{bound.unit}: {bound.why} | {said} |"
        )
    return "\n".join(lines)


def lag_table(loops: Sequence[tuple[str, Sequence[Beat]]]) -> str:
    """Markdown: how late event loops woke."""
    lines = ["| event loop | mean lag | worst of ten seconds, median | worst of all |", "|---|---|---|---|"]
    for name, told in loops:
        if told:
            worst = sorted(one.worst for one in told)
            mean = sum(one.lag for one in told) / len(told)
            lines.append(f"| {name} | {mean:.1f} ms | {worst[len(worst) // 2]:.1f} ms | {worst[-1]:.0f} ms |")
    return "\n".join(lines)
