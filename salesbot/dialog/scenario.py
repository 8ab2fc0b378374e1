"""What a scenario says: who speaks for whom, what is offered, and how. Data only; ``scenarios/load.py`` reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeVar, cast

from salesbot.dialog.model import FieldKind

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the conversation."""

    name: str
    what: str
    """What to do here."""
    learn: tuple[str, ...] = ()
    """Names of the fields to learn here."""
    move_on: str = ""
    """When the next stage begins."""
    hot: bool = False
    """Whoever comes this far is close to a yes: the operator hears of it."""
    title: Mapping[str, str] = field(default_factory=dict)
    """By the operator's language: what it is called at the desk (``titles``)."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something to learn about the person, checked by its kind and proven by words of theirs."""

    name: str
    kind: FieldKind
    what: str
    choices: tuple[str, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)


class FactKind(StrEnum):
    PRODUCT = "product"
    PRICE = "price"
    TERM = "term"
    LINK = "link"
    ANSWER = "answer"
    """The answer to an objection or a question."""


@dataclass(frozen=True, slots=True)
class Price:
    """``amount`` in units of ``currency`` (RUB, EUR, …), ``per`` what: ``month``, ``kg`` …, empty for once."""

    amount: Decimal
    currency: str
    per: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that may be said, by its id. ``text`` is by language; the empty language stands for all."""

    id: str
    kind: FactKind
    text: Mapping[str, str]
    names: tuple[str, ...] = ()
    """How people call it, in any language: a price said of one product must not be another's."""
    price: Price | None = None
    """What sums are computed from (``3 * team``)."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to begin; who is begun with which is decided by a hash of the person, so that ways can be compared."""

    name: str
    how: str
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a dialog of this scenario may cost in turns and room."""

    facts_chars: int = 16_000
    """The facts' budget in the prompt; a longer list fails the check."""
    turns_per_hour: int = 30
    """Replies to one person in an hour; more is not a person, or no conversation."""


@dataclass(frozen=True)
class Scenario:
    """A scenario as its folder describes it, checked by the loader."""

    name: str
    persona: str
    company: str
    goal: str
    stages: tuple[Stage, ...]
    facts: tuple[Fact, ...]
    """All that may be said about prices, terms and links; whatever else is said of them is refused by the guard."""
    instructions: str
    openings: tuple[Opening, ...]
    """How to write the first message."""
    follow_up: str
    """How to write to somebody who went quiet."""
    languages: tuple[str, ...]
    """The first is used where the person's is unknown."""
    disclosure: Mapping[str, str]
    """By language: that a program writes, and how to stop it. ``disclosure.disclosed`` adds it to the first message."""
    safe_sentence: Mapping[str, str]
    """By language: what may always be said before a human is called."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """By language: the answer to somebody who sincerely asks whether a machine writes."""
    farewell: Mapping[str, str] = field(default_factory=dict)
    """By language: the one confirmation of an opt-out; empty: none is said."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """By language: one honest sentence to somebody whom no colleague has answered yet; empty: none is said."""
    fields: tuple[Field, ...] = ()
    won: str = ""
    lost: str = ""
    needs_human: str = ""
    won_needs: tuple[str, ...] = ()
    """Names of fields without which nothing counts as won."""
    follow_ups: tuple[timedelta, ...] = ()
    """How long to wait after our last line before each follow-up."""
    quiet_hours: tuple[time, time] | None = None
    """Local times between which nothing is begun; may cross midnight."""
    timezone: str = "UTC"
    """Where the person's own is unknown."""
    max_parts: int = 3
    max_part_chars: int = 700
    limits: Limits = field(default_factory=Limits)

    @property
    def first_stage(self) -> str:
        return self.stages[0].name

    def is_hot(self, stage: str) -> bool:
        """Whether somebody in this stage is close to a yes."""
        return any(one.hot for one in self.stages if one.name == stage)

    def kept(self, made: Callable[[Scenario], _Made]) -> _Made:
        """What a function makes of this scenario, made once."""
        if made not in self._made:
            self._made[made] = made(self)
        return cast(_Made, self._made[made])

    @cached_property
    def _made(self) -> dict[object, object]:
        return {}

    @cached_property
    def facts_text(self) -> str:
        """All facts as the prompt shows them: a line each, its id first, its languages one after the other."""
        return "\n".join(f"- {fact.id}: {text}" for fact in self.facts for text in fact.text.values())
