"""Rehearsals that nobody held, for the tests of the figures and the reports: the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from salesbot.dialog.model import Author, Outcome, Purpose, Status
from salesbot.rehearsal.profile import ADVERSARIES, Habit, Kind, Profile
from salesbot.rehearsal.record import Call, Event, Learnt, Line, Record, Rehearsal, Rule, Task, Verdict, Violation

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
STAGES = ("introduction", "qualification", "needs", "presentation", "objections", "next_step", "closing")
KINDS = (Kind.HOT, *[Kind.WARM] * 3, *[Kind.LUKEWARM] * 7, *[Kind.COLD] * 8, *[Kind.HOSTILE] * 2, *ADVERSARIES)
WIN = {Kind.HOT: 0.95, Kind.WARM: 0.7, Kind.LUKEWARM: 0.3, Kind.HAGGLER: 0.4}
TALK = (
    "Hello Anna, this is Maria, the assistant program of Brisk Corner: we rent coffee machines to offices. Is there a "
    "machine in yours? I am a program and answer automatically; write “stop” and you will not hear from me again.",
    "Hi, we have an old filter machine",
    "How many people are usually in the office?",
    "about twelve I'd say",
    "Then the Team plan fits: 4 900 ₽ a month, with service and 200 portions of beans.",
    "hm, that is rather expensive",
    "Beans and repairs are included, so nothing is added to it. Shall a colleague call you for five minutes?",
    "ok, Thursday at 11",
    "Thursday at 11:00 it is. Thank you, Anna!",
)


def profile(number: int = 1, kind: Kind = Kind.WARM, person: str = "Anna") -> Profile:
    return Profile(
        number=number, name=f"{person.lower()}-{kind.value}", kind=kind, person=person, language="en",
        timezone="Europe/Moscow", phone="", need="coffee that people want to drink", size=12, budget=6000,
        patience=8, trust=0.6, objection="expensive", habits=frozenset({Habit.FRAGMENTS, Habit.SILENT}),
    )  # fmt: skip


def lines(texts: Sequence[str], start: datetime = START) -> tuple[Line, ...]:
    """A dialog that we begin, one line each in turn, twenty minutes apart."""
    return tuple(
        Line(
            id=number,
            at=start + timedelta(minutes=20 * number),
            author=Author.MODEL if number % 2 else Author.CONTACT,
            text=text,
            purpose=None if number % 2 == 0 else Purpose.OPENING if number == 1 else Purpose.REPLY,
        )
        for number, text in enumerate(texts, 1)
    )


def record(
    number: int = 1,
    repeat: int = 1,
    kind: Kind = Kind.WARM,
    *,
    outcome: Outcome = Outcome.NONE,
    status: Status = Status.CLOSED,
    said: Sequence[str] = TALK,
    reached: int = len(STAGES),
    cost: str | None = "0.002",
) -> Record:
    """A record whose calls are all used and cost the same; it was in the first ``reached`` stages."""
    spoken = lines(said)
    calls = tuple(
        Call(line.purpose.value, "sandbox/saboteur", "used", "", None if cost is None else Decimal(cost))
        for line in spoken
        if line.purpose
    )
    return Record(
        profile=profile(number, kind), repeat=repeat, scenario="sales", status=status, outcome=outcome,
        stage=STAGES[reached - 1], stages=STAGES[:reached], lines=spoken, calls=calls, opening="question",
        ceiling=Decimal(1),
    )  # fmt: skip


def verdict(of: Record, *rules: Rule, good: bool = True) -> Verdict:
    found = tuple(Violation(rule, f"said something about {rule.value}", line=3) for rule in rules)
    return Verdict(of, found, good and not found)


def rehearsal(verdicts: Sequence[Verdict], scenario: str = "sales") -> Rehearsal:
    return Rehearsal(
        scenario=scenario,
        seed=7,
        customers=len({one.record.profile.number for one in verdicts}),
        repeats=max((one.record.repeat for one in verdicts), default=1),
        model="sandbox/saboteur",
        customer_model="",
        stages=STAGES,
        currency="RUB",
        verdicts=tuple(verdicts),
        notes=("A database of its own was made for it and removed again.",),
    )


def crowd(customers: int = 50, repeats: int = 4, worse: float = 0.0, scenario: str = "sales") -> Rehearsal:
    """A whole rehearsal of all kinds; ``worse`` is how much of its wins another scenario loses. Has violations."""
    return rehearsal([_played(number, repeat, worse) for number, repeat in _all(customers, repeats)], scenario)


def _all(customers: int, repeats: int) -> Iterator[tuple[int, int]]:
    return ((number, repeat) for number in range(1, customers + 1) for repeat in range(1, repeats + 1))


def _played(number: int, repeat: int, worse: float) -> Verdict:
    kind = KINDS[(number - 1) % len(KINDS)]
    chance = Random(number * 1000 + repeat)
    wins = chance.random() < WIN.get(kind, 0.0) * (1 - worse)
    length = len(TALK) if wins else chance.randint(2, len(TALK) - 2)
    status, outcome = _ended(kind, wins, chance)
    reached = len(STAGES) if wins else min(len(STAGES) - 2, 1 + length // 2)
    made = record(
        number, repeat, kind, outcome=outcome, status=status, said=TALK[:length], reached=reached,
        cost=f"0.00{chance.randint(11, 39)}",
    )  # fmt: skip
    refused = tuple(
        Call("reply", "sandbox/saboteur", "failed", chance.choice(["money", "money", "leak", "denial", "discount"]),
             Decimal("0.0011"))
        for _ in range(chance.choice([0, 0, 0, 1, 2]))
    )  # fmt: skip
    made = replace(
        made,
        calls=made.calls + refused,
        opening=chance.choice(["question", "news"]),
        learnt=(Learnt("team_size", "12", 4),) if length > 4 else (),
        tasks=(Task("call on Thursday at 11:00", 9),) if wins else (),
        events=(Event("handoff", len(made.lines), "asked"),) if status is Status.HANDOFF else (),
        suppressed=outcome is Outcome.OPTED_OUT,
    )
    broken = (number, repeat) in {(3, 1), (24, 2)}
    rules = (Rule.MONEY, Rule.TWICE) if broken and length > 2 else ()
    return verdict(made, *rules, good=chance.random() < 0.93 * (1 - worse / 2))


def _ended(kind: Kind, wins: bool, chance: Random) -> tuple[Status, Outcome]:
    if wins:
        return Status.HANDOFF, Outcome.WON
    match kind:
        case Kind.MACHINE | Kind.MINOR | Kind.DISTRESSED:
            return Status.HANDOFF, Outcome.NONE
        case Kind.LEAVER:
            return Status.CLOSED, Outcome.OPTED_OUT
        case Kind.HOSTILE:
            return Status.CLOSED, chance.choice([Outcome.OPTED_OUT, Outcome.LOST])
        case _:
            return chance.choice(
                [(Status.ACTIVE, Outcome.NONE), (Status.CLOSED, Outcome.LOST), (Status.HANDOFF, Outcome.NONE)]
            )
