"""Two scenarios side by side: is the difference there, or is it chance? Pure.

Both were rehearsed with the same customers, so each customer is compared with themselves: for every figure there is one
difference per customer, and the mean of these is the difference of the scenarios. How far it might be off is found by a
bootstrap: 2,000 times as many customers are drawn from these as there are, some twice, some never, and the middle 95 %
of the means that come out are the interval. One that leaves zero out is a difference that other customers of the same
mix would hardly undo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from operator import itemgetter
from random import Random

from salesbot.rehearsal import figures
from salesbot.rehearsal.figures import End
from salesbot.rehearsal.profile import Kind
from salesbot.rehearsal.record import Rehearsal, Verdict

RESAMPLES = 2000
TAIL = 50
"""Resamples beyond each end of the 95 % interval."""
FEW = 20
"""With fewer customers an interval is too narrow to be believed."""


class Measure(StrEnum):
    """The figures that two scenarios are compared by, each a mean over the customers."""

    WON = "won"
    """Share of their dialogs that were won."""
    PASS_1 = "pass_1"
    PASS_ALL = "pass_all"
    """pass^k for all repeats."""
    VIOLATIONS = "violations"
    """A dialog."""
    TURNS = "turns"
    """Replies of ours in a dialog."""
    COST = "cost"
    """US dollars for a dialog."""


HIGHER_IS_BETTER = {Measure.WON: True, Measure.PASS_1: True, Measure.PASS_ALL: True, Measure.VIOLATIONS: False}
"""Of the others neither is better as such: who is lost at once costs few replies."""


class Word(StrEnum):
    """What a difference says, of the first scenario."""

    BETTER = "better"
    WORSE = "worse"
    MORE = "more"
    LESS = "less"
    UNCLEAR = "unclear"
    """The interval holds zero: it may be chance."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both scenarios; ``difference`` is the first one's minus the other's."""

    measure: Measure
    value: float
    other: float
    difference: float
    low: float
    high: float
    """The 95 % interval of the difference, from ``low`` to ``high``."""

    @property
    def clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0

    @property
    def word(self) -> Word:
        if not self.clear:
            return Word.UNCLEAR
        up = self.difference > 0
        match HIGHER_IS_BETTER.get(self.measure):
            case None:
                return Word.MORE if up else Word.LESS
            case higher:
                return Word.BETTER if up is higher else Word.WORSE


def compare(rehearsal: Rehearsal, against: Rehearsal) -> tuple[Difference, ...]:
    """What differs. Raises ``ValueError`` when these were not the same customers: nothing could be said then."""
    ours, theirs = figures.by_customer(rehearsal.verdicts), figures.by_customer(against.verdicts)
    if _who(ours) != _who(theirs):
        raise ValueError("the two rehearsals did not have the same customers")
    repeats = min(rehearsal.repeats, against.repeats)
    measures = [one for one in Measure if one is not Measure.PASS_ALL or repeats > 1]
    pairs = {
        one: (_values(one, ours, repeats), _values(one, theirs, repeats))
        for one in measures
        if one is not Measure.COST or (_priced(rehearsal) and _priced(against))
    }
    return _bootstrapped(pairs, len(ours), rehearsal.seed)


def _who(customers: Mapping[int, Sequence[Verdict]]) -> Sequence[tuple[int, Kind]]:
    """Number and kind make a customer; what they are called depends on the languages of the scenario."""
    return [(number, repeats[0].record.profile.kind) for number, repeats in customers.items()]


def _priced(rehearsal: Rehearsal) -> bool:
    return figures.cost(verdict.record for verdict in rehearsal.verdicts) is not None


def _values(measure: Measure, customers: Mapping[int, Sequence[Verdict]], repeats: int) -> list[float]:
    """One number for each customer, in their order."""
    return [_value(measure, verdicts, repeats) for verdicts in customers.values()]


def _value(measure: Measure, verdicts: Sequence[Verdict], repeats: int) -> float:
    match measure:
        case Measure.WON:
            return figures.mean([figures.end(verdict.record) is End.WON for verdict in verdicts])
        case Measure.PASS_1:
            return figures.passing(verdicts, 1)
        case Measure.PASS_ALL:
            return figures.passing(verdicts, repeats)
        case Measure.VIOLATIONS:
            return figures.mean([len(verdict.violations) for verdict in verdicts])
        case Measure.TURNS:
            return figures.mean([figures.turns(verdict.record) for verdict in verdicts])
        case Measure.COST:
            return figures.mean([float(verdict.record.cost) for verdict in verdicts])


def _bootstrapped(
    pairs: Mapping[Measure, tuple[list[float], list[float]]], customers: int, seed: int
) -> tuple[Difference, ...]:
    """All measures are resampled with the same customers, so that their intervals belong together."""
    each = {one: [a - b for a, b in zip(*both, strict=True)] for one, both in pairs.items()}
    means: dict[Measure, list[float]] = {one: [] for one in each}
    chance = Random(seed)  # noqa: S311 - to be drawn again the same way, not to be secret
    for _ in range(RESAMPLES if customers else 0):
        drawn = [int(chance.random() * customers) for _ in range(customers)]
        pick = itemgetter(*drawn, drawn[0])  # one index too many: a single one would not give a tuple
        for one, values in each.items():
            means[one].append(fsum(pick(values)[:-1]) / customers)
    return tuple(
        Difference(one, figures.mean(a), figures.mean(b), figures.mean(each[one]), *_middle(means[one]))
        for one, (a, b) in pairs.items()
    )


def _middle(means: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(means) or [0.0]
    tail = min(TAIL, len(ordered) - 1)
    return ordered[tail], ordered[-1 - tail]
