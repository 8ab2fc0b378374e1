"""What the counts come to, and which of their differences are more than chance. Pure.

Which first message a person gets is drawn by lot (``dialog.openings``), so the people behind two of them differ by
chance alone. Each first message is held against all others of its scenario: Newcombe's interval for the difference of
two shares, at 95 % for all comparisons of a scenario together. One that leaves zero out is a difference that other
people of the same kind would hardly undo. (``salesbot rehearse --against`` compares the same customers twice; here
they are different people.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import sqrt
from statistics import NormalDist

from salesbot.store.stats import Group

FEW = 20
"""With fewer dialogs on one side nothing is said: an interval would be too narrow to be believed."""
DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class Sum:
    """The figures of some dialogs together."""

    begun: int = 0
    answered: int = 0
    won: int = 0
    lost: int = 0
    opted_out: int = 0
    blocked: int = 0
    wrote_first: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0

    @property
    def undecided(self) -> int:
        return self.begun - self.won - self.lost - self.opted_out - self.blocked

    @property
    def cost_each(self) -> Decimal | None:
        """What a conversation cost."""
        return self.cost / self.begun if self.begun else None

    @property
    def cost_won(self) -> Decimal | None:
        """What a won lead cost, those that led nowhere paid for."""
        return self.cost / self.won if self.won else None


def total(groups: Iterable[Group]) -> Sum:
    """All of them together."""
    its = list(groups)
    return Sum(
        begun=sum(one.begun for one in its),
        answered=sum(one.answered for one in its),
        won=sum(one.won for one in its),
        lost=sum(one.lost for one in its),
        opted_out=sum(one.opted_out for one in its),
        blocked=sum(one.blocked for one in its),
        wrote_first=sum(one.begun for one in its if one.wrote_first),
        cost=sum((one.cost for one in its), Decimal(0)),
        unpriced=sum(one.unpriced for one in its),
    )


def by_scenario(groups: Sequence[Group]) -> Sequence[tuple[str, Sum]]:
    """The scenarios, the one with the most dialogs first."""
    names = dict.fromkeys(one.scenario for one in groups)
    sums = [(name, total(one for one in groups if one.scenario == name)) for name in names]
    return sorted(sums, key=lambda each: (-each[1].begun, each[0]))


class Verdict(StrEnum):
    """How a first message stands against the others of its scenario."""

    MORE = "more"
    LESS = "less"
    CHANCE = "chance"
    """The difference may be chance."""
    TOO_FEW = "too_few"
    """Too few dialogs to say anything."""
    ALONE = "alone"
    """There is no other."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A first message beside the others of its scenario."""

    group: Group
    answers: Verdict
    leads: Verdict
    """Of those that were won."""


def standings(groups: Sequence[Group]) -> Sequence[Standing]:
    """Every way in which dialogs began, the commonest first; those that a person began are compared with nothing."""
    return [Standing(one, *_against(one, groups)) for one in groups]


def _against(one: Group, groups: Sequence[Group]) -> tuple[Verdict, Verdict]:
    rivals = [each for each in groups if each.scenario == one.scenario and each.opening and not each.wrote_first]
    others = total(each for each in rivals if each is not one)
    if one not in rivals or not others.begun:
        return Verdict.ALONE, Verdict.ALONE
    comparisons = len(rivals) if len(rivals) > 2 else 1  # of two, one is better as the other is worse
    return (
        verdict((one.answered, one.begun), (others.answered, others.begun), comparisons),
        verdict((one.won, one.begun), (others.won, others.begun), comparisons),
    )


def verdict(ours: tuple[int, int], theirs: tuple[int, int], comparisons: int = 1) -> Verdict:
    """Whether our share (so many of so many) is more or less than theirs, when so many comparisons are made at once."""
    if min(ours[1], theirs[1]) < FEW:
        return Verdict.TOO_FEW
    z = NormalDist().inv_cdf(1 - DOUBT / (2 * comparisons))
    (p, low, high), (q, low_q, high_q) = _with_interval(ours, z), _with_interval(theirs, z)
    if p - q > sqrt((p - low) ** 2 + (high_q - q) ** 2):
        return Verdict.MORE
    if q - p > sqrt((high - p) ** 2 + (q - low_q) ** 2):
        return Verdict.LESS
    return Verdict.CHANCE


def _with_interval(share: tuple[int, int], z: float) -> tuple[float, float, float]:
    return (share[0] / share[1], *interval(*share, z))


def interval(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for a share: it holds for small numbers, and never leaves 0 … 1."""
    p, square = hits / of, z * z / of
    middle, half = p + square / 2, z * sqrt(p * (1 - p) / of + square / of / 4)
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))
