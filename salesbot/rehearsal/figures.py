"""What a rehearsal comes to, in numbers. Pure: verdicts in, figures out; nothing is rounded here.

A *dialog* is one customer in one repeat. ``pass^k`` is the chance that k repeats of one customer, picked without
putting any back, all go as they should, averaged over the customers: C(good, k) / C(repeats, k). A seller who is right
now and then has a high pass^1 and a low pass^k; only one who is right every time has both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from math import comb, fsum

from salesbot.dialog.model import Author, Outcome, Purpose, Status
from salesbot.rehearsal.profile import Kind
from salesbot.rehearsal.record import TROUBLE, Call, Record, Rehearsal, Rule, Verdict

ONE_REPLY = timedelta(minutes=15)
"""The parts of one reply stand closer together than this; a part that is older is not sent any more."""
OF_DRAFTS = frozenset(purpose.value for purpose in (Purpose.OPENING, Purpose.REPLY, Purpose.FOLLOW_UP))
"""Purposes of calls that were to write something to the person; a summary is not."""


class End(StrEnum):
    """How a dialog ended, as an operator would sort it; in the order in which it is shown."""

    WON = "won"
    HANDED_OVER = "handed_over"
    """A human was called, and it was not won before."""
    SILENT = "silent"
    """Nothing was decided: the person fell silent."""
    LOST = "lost"
    OPTED_OUT = "opted_out"
    OTHER = "other"
    """Blocked, unreachable, stopped, failed."""


_ENDS = {Outcome.WON: End.WON, Outcome.LOST: End.LOST, Outcome.OPTED_OUT: End.OPTED_OUT}


@dataclass(frozen=True, slots=True)
class Group:
    """The dialogs with one kind of customer."""

    kind: Kind
    dialogs: int
    good: int
    """Ended as they should for this kind, without a violation."""
    ends: Mapping[End, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the scenario."""

    stage: str
    reached: int
    """Dialogs that were in it at any time."""
    ended: Mapping[End, int]
    """How those ended that ended in it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The dialogs that began in one way."""

    opening: str
    dialogs: int
    won: int

    @property
    def share(self) -> float:
        return self.won / self.dialogs


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is reported of one rehearsal."""

    customers: int
    dialogs: int
    won: int
    good: int
    pass_k: tuple[float, ...]
    """pass^1, pass^2 … up to the number of repeats."""
    groups: tuple[Group, ...]
    funnel: tuple[Step, ...]
    openings: tuple[Opened, ...]
    turns: int
    """Replies of ours, openings and follow-ups among them, in all dialogs."""
    turns_of_won: int
    """Those of them that were said in dialogs that were won."""
    cost: float | None
    """US dollars for all dialogs; None: no provider said."""
    drafts: int
    """Texts that the seller's model proposed."""
    interventions: Mapping[str, int]
    """Drafts that were refused and never said, by the guard's code; the commonest first."""
    violations: Mapping[Rule, int]
    """All rules, those that were never broken included."""

    @property
    def won_share(self) -> float:
        return _share(self.won, self.dialogs)

    @property
    def violated(self) -> int:
        return sum(self.violations.values())

    @property
    def refused(self) -> int:
        return sum(self.interventions.values())

    @property
    def turns_per_dialog(self) -> float:
        return _share(self.turns, self.dialogs)

    @property
    def turns_per_lead(self) -> float | None:
        """Replies that a won dialog took."""
        return self.turns_of_won / self.won if self.won else None

    @property
    def cost_per_dialog(self) -> float | None:
        return None if self.cost is None else _share(self.cost, self.dialogs)

    @property
    def cost_per_lead(self) -> float | None:
        """What a won dialog cost, those that led nowhere paid for."""
        return None if self.cost is None or not self.won else self.cost / self.won


def of(rehearsal: Rehearsal) -> Figures:
    """The figures of a rehearsal."""
    verdicts = rehearsal.verdicts
    records = [verdict.record for verdict in verdicts]
    won = [record for record in records if end(record) is End.WON]
    customers = by_customer(verdicts)
    return Figures(
        customers=len(customers),
        dialogs=len(records),
        won=len(won),
        good=sum(verdict.good for verdict in verdicts),
        pass_k=tuple(mean([passing(each, k) for each in customers.values()]) for k in range(1, rehearsal.repeats + 1)),
        groups=tuple(_groups(verdicts)),
        funnel=tuple(_funnel(rehearsal.stages, records)),
        openings=tuple(_openings(records)),
        turns=sum(turns(record) for record in records),
        turns_of_won=sum(turns(record) for record in won),
        cost=cost(records),
        drafts=sum(_is_draft(call) for record in records for call in record.calls),
        interventions=_interventions(records),
        violations=_violations(verdicts),
    )


def end(record: Record) -> End:
    """How a dialog ended. What was reached counts more than where it stands: a buyer is handed over, too."""
    if (known := _ENDS.get(record.outcome)) is not None:
        return known
    if record.outcome is not Outcome.NONE or record.status in (Status.STOPPED, Status.FAILED, Status.RESOLVING):
        return End.OTHER
    return End.HANDED_OVER if record.status in (Status.HANDOFF, Status.TAKEN) else End.SILENT


def by_customer(verdicts: Iterable[Verdict]) -> Mapping[int, Sequence[Verdict]]:
    """The repeats of each customer, by their number."""
    ordered = sorted(verdicts, key=lambda verdict: (verdict.record.profile.number, verdict.record.repeat))
    return {number: list(each) for number, each in groupby(ordered, key=lambda one: one.record.profile.number)}


def passing(repeats: Sequence[Verdict], k: int) -> float:
    """The chance that k of a customer's repeats, picked without putting any back, are all good."""
    k = min(k, len(repeats))
    return comb(sum(verdict.good for verdict in repeats), k) / comb(len(repeats), k)


def turns(record: Record) -> int:
    """Replies of ours: messages that follow one another at once and for the same reason are the parts of one."""
    counted, before = 0, None
    for line in record.lines:
        if line.author is Author.MODEL:
            joined = (
                before is not None
                and before.author is Author.MODEL
                and before.purpose is line.purpose
                and line.at - before.at < ONE_REPLY
            )
            counted += not joined
        before = line
    return counted


def cost(records: Iterable[Record]) -> float | None:
    """US dollars; None where no call's cost is known."""
    known = [call.cost for record in records for call in record.calls if call.cost is not None]
    return float(sum(known)) if known else None


def mean(values: Sequence[float]) -> float:
    """0 of nothing. ``fsum``, so that every version of Python comes to the same last digit."""
    return fsum(values) / len(values) if values else 0.0


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0


def _groups(verdicts: Sequence[Verdict]) -> Iterable[Group]:
    for kind in Kind:
        its = [verdict for verdict in verdicts if verdict.record.profile.kind is kind]
        if its:
            yield Group(kind, len(its), sum(one.good for one in its), _ends(one.record for one in its))


def _ends(records: Iterable[Record]) -> Mapping[End, int]:
    counted = Counter(end(record) for record in records)
    return {each: counted[each] for each in End}


def _funnel(stages: Sequence[str], records: Sequence[Record]) -> Iterable[Step]:
    """The scenario's stages in order, then any other that a dialog was in."""
    others = sorted({stage for record in records for stage in record.stages} - set(stages))
    for stage in [*stages, *others]:
        reached = sum(stage in record.stages for record in records)
        yield Step(stage, reached, _ends(record for record in records if record.stage == stage))


def _openings(records: Sequence[Record]) -> Iterable[Opened]:
    for opening in sorted({record.opening for record in records if record.opening}):
        its = [record for record in records if record.opening == opening]
        yield Opened(opening, len(its), sum(end(record) is End.WON for record in its))


def _is_draft(call: Call) -> bool:
    return call.purpose in OF_DRAFTS and not (call.state == "failed" and call.error in TROUBLE)


def _interventions(records: Iterable[Record]) -> Mapping[str, int]:
    counted = Counter[str]()
    for record in records:
        counted.update(record.interventions)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _violations(verdicts: Iterable[Verdict]) -> Mapping[Rule, int]:
    counted = Counter(violation.rule for verdict in verdicts for violation in verdict.violations)
    return {rule: counted[rule] for rule in Rule}
