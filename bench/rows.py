"""What is promised: each row of the table, how it is compared, and whether it holds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Compared(StrEnum):
    """How the two columns of a row are compared."""

    TIMES = "at most so many times as much"
    SHARE = "at least so large a share"
    MORE = "at most so much more"
    ALONE = "at most so much, whatever the other"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Of each pair. What the clock is too coarse for counts as nothing."""
    return [one / other if other else math.inf for one, other in zip(ours, theirs, strict=True)]


@dataclass(frozen=True, slots=True)
class Target:
    compared: Compared
    limit: float

    def values(self, ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
        """What is held against the limit, one value for each pair."""
        match self.compared:
            case Compared.TIMES | Compared.SHARE:
                return ratios(ours, theirs)
            case Compared.MORE:
                return [one - other for one, other in zip(ours, theirs, strict=True)]
            case Compared.ALONE:
                return list(ours)

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.compared is Compared.SHARE else value <= self.limit

    def text(self, unit: str) -> str:
        match self.compared:
            case Compared.TIMES:
                return f"≤ {self.limit:g} ×"
            case Compared.SHARE:
                return f"≥ {self.limit:g} ×"
            case Compared.MORE:
                return f"≤ {self.limit:g} {unit} more"
            case Compared.ALONE:
                return f"≤ {self.limit:g} {unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. One without targets is told for information."""

    key: str
    what: str
    unit: str
    targets: tuple[Target, ...] = ()
    theirs: str = "floor"
    """What the second column is; empty when there is nothing to compare with."""

    @property
    def family(self) -> str:
        """Rows that are measured and asked for together."""
        return self.key.partition(".")[0]


def _times(limit: float) -> Target:
    return Target(Compared.TIMES, limit)


def _more(limit: float) -> Target:
    return Target(Compared.MORE, limit)


def _alone(limit: float) -> Target:
    return Target(Compared.ALONE, limit)


_FEW, _LIBRARIES = "10 thousand messages", "libraries"
ROWS = (
    Row("cpu", "processor time of a turn, at 50 turns/s", "ms", (_times(1.5),)),
    Row("added", "from message to reply at 50 turns/s, p95", "ms", (_more(20),)),
    Row("saturation", "turns per second at saturation", "1/s", (Target(Compared.SHARE, 0.65),)),
    Row("hundred", "100 people write at once, p95", "ms", (_alone(200), _times(1.5))),
    Row("spread", "1,000 people within 60 s, model takes 2 s: p95 over the model's time", "ms", (_alone(300),), ""),
    Row("thousand", "1,000 people at the same instant, model takes 2 s: p95", "ms", (_times(1.5),)),
    Row("memory", "resident memory with 10,000 open dialogs", "MB", (_more(40),), _LIBRARIES),
    Row("start", "start to ready with 10,000 open dialogs", "s", (_more(1),), _LIBRARIES),
    Row("history.turn", "a turn's context at 10 million messages", "ms", (_times(1.5),), _FEW),
    Row("history.due", "looking for due dialogs at 10 million messages", "ms", (_times(1.5),), _FEW),
    Row("history.claim", "claiming a part at 10 million messages", "ms", (_times(1.5),), _FEW),
    Row("history.list", "/list at 10 million messages", "ms", (_times(1.5),), _FEW),
    Row("trips", "SQL round trips of a turn", "", (_alone(12),), ""),
    Row("idle", "idle with 10,000 open dialogs, database included", "% of a core", (_alone(0.5),), ""),
    Row("cpu.database", "PostgreSQL's processor time of a turn, at 50 turns/s", "ms"),
    Row("added.half", "from message to reply at 50 turns/s, p50", "ms"),
    Row("saturation.cpu", "processor time of a turn at saturation", "ms"),
    Row("saturation.memory", "resident memory after the traffic", "MB"),
)
BY_KEY = {row.key: row for row in ROWS}
FAMILIES = tuple(dict.fromkeys(row.family for row in ROWS))


@dataclass(frozen=True, slots=True)
class Measured:
    """What a row came to: one value of each column for each pair, of one commit on one machine."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    commit: str
    day: str
    machine: str

    def holds(self, row: Row) -> bool:
        """Each target, by the median of the pairs."""
        return all(
            target.holds(statistics.median(target.values(self.ours, self.theirs or self.ours)))
            for target in row.targets
        )
