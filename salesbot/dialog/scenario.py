"""What a scenario says: who speaks for whom, what is offered, and how. Data only; ``scenarios/load.py`` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the conversation."""

    name: str
    what: str
    """What to learn or do here, and when to move on."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as its folder describes it, checked by the loader."""

    name: str
    persona: str
    company: str
    goal: str
    stages: tuple[Stage, ...]
    facts: str
    """All that may be said about prices, terms and links; whatever else is said of them is refused by the guard."""
    instructions: str
    opening: str
    """How to write the first message."""
    follow_up: str
    """How to write to somebody who went quiet."""
    languages: tuple[str, ...]
    """The first is used where the person's is unknown."""
    disclosure: Mapping[str, str]
    """By language: that a program writes, and how to stop it. ``disclosure.disclosed`` adds it to the first message."""
    safe_sentence: Mapping[str, str]
    """By language: what may always be said before a human is called."""
    follow_ups: tuple[timedelta, ...] = ()
    """How long to wait after our last line before each follow-up."""
    quiet_hours: tuple[time, time] | None = None
    """Local times between which nothing is begun; may cross midnight."""
    timezone: str = "UTC"
    """Where the person's own is unknown."""
    max_parts: int = 3
    max_part_chars: int = 700

    @property
    def first_stage(self) -> str:
        return self.stages[0].name
