"""A conversation as the seller reads it: the language, what is unanswered, what was said before."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path

from sandbox.model import numbers, when
from sandbox.model.chat import Chat, Role
from sandbox.model.facts import Facts, Plan, is_russian, read_facts
from sandbox.model.intents import Intent, machines, media, of_lines, people, without_notes

PHRASES: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8")
)
SILENCE = "…"
"""What a product writes for a person who said nothing."""
_REPAIR = re.compile(r"\n[^\n]*draft was not sent")
_LANGUAGE = re.compile(r"^(?:language|язык): (\w+)", re.I | re.M)
NO_COMPANY = {"ru": "наша", "en": "our company"}


def language(chat: Chat) -> str:
    """The language the prompt asks for, else the one of what was written last, else the prompt's own."""
    told = [name for text in chat.systems for name in _LANGUAGE.findall(text)]
    if told:
        return "ru" if told[-1].lower()[:2] in ("ru", "ру") else "en"
    lines = [line for text in chat.said_by_user if (line := without_notes(text)) and re.search(r"[^\W\d_]", line)]
    return "ru" if is_russian(lines[-1] if lines else chat.system) else "en"


@dataclass(frozen=True)
class Talk:
    chat: Chat

    @cached_property
    def language(self) -> str:
        return language(self.chat)

    @cached_property
    def facts(self) -> Facts:
        return read_facts(self.chat.instructions, self.language)

    @cached_property
    def heard(self) -> list[str]:
        """The lines that are not answered yet; silence is none."""
        lines = [line for text in self.chat.unanswered for line in text.splitlines()]
        return [line for line in lines if line.strip() not in ("", SILENCE)]

    @cached_property
    def media(self) -> list[str]:
        """The kinds among them that are not text."""
        return [kind for line in self.heard if (kind := media(line))]

    @cached_property
    def words(self) -> list[str]:
        """The unanswered lines in the person's own words."""
        return [words for line in self.heard if (words := without_notes(line))]

    @cached_property
    def intents(self) -> tuple[Intent, ...]:
        return of_lines(self.words)

    @cached_property
    def now(self) -> datetime | None:
        """The person's time of day, where the prompt tells it."""
        found = re.search(r"\b(\d{4}-\d\d-\d\d) (\d\d:\d\d)\b", self.chat.situation)
        return datetime.fromisoformat(f"{found[1]}T{found[2]}") if found else None

    @cached_property
    def time(self) -> str:
        """The day and the time that the person names, in their own words."""
        return when.named(" ".join(self.words))

    @cached_property
    def people(self) -> int | None:
        """The size of the office, the last one named."""
        found, asked = numbers.first(self.known.get("team_size", "")), False
        for turn in self.chat.turns:
            if turn.role is Role.ASSISTANT:
                asked = self._holds(turn.text, "ask_size")
            else:
                found = self.people_in(without_notes(turn.text), asked=asked) or found
        return found

    def people_in(self, text: str, *, asked: bool) -> int | None:
        """How many people a text speaks of; a bare number counts where that was the question, unless of machines."""
        return people(text, asked=asked and machines(text, self._plans) is None)

    @cached_property
    def plan(self) -> Plan | None:
        """The one that fits the office."""
        return self.facts.plan_for(self.people) if self.people else None

    @cached_property
    def machines(self) -> tuple[int, Plan] | None:
        """How many machines of which plan they ask for; of the one that fits them, where they name none."""
        found = machines("\n".join(self.words), self._plans)
        plan = found and (self.facts.plan_named(found[1]) or self.plan)
        return (found[0], plan) if found and plan else None

    @property
    def _plans(self) -> list[str]:
        return [plan.name for plan in self.facts.plans]

    @cached_property
    def basis(self) -> str:
        """Why they may be written to, as the prompt tells it."""
        found = re.search(r'^Why we may write to them: "(.+?)"', self.chat.situation, re.M)
        return found[1].strip(" .") if found else ""

    @cached_property
    def known(self) -> dict[str, str]:
        """What was learnt about them before, as the prompt tells it."""
        told = re.search(r"^Known about the person: (.+)$", self.chat.situation, re.M)
        return dict(re.findall(r'(\w+): "([^"]*)"', told[1])) if told else {}

    @property
    def greeted_name(self) -> str:
        """The name to greet with, where it is written in the letters of the language."""
        found = re.findall(r"^Name in their profile: (\w+)", self.chat.system, re.M)
        return f", {found[-1]}" if found and is_russian(found[-1]) == (self.language == "ru") else ""

    # --- what was said before

    def told(self, key: str) -> bool:
        return self.times(key) > 0

    def times(self, key: str) -> int:
        """How often a phrase was said."""
        return sum(self._holds(text, key) for text in self.chat.said_by_assistant)

    def asked_last(self, key: str) -> bool:
        said = self.chat.said_by_assistant
        return bool(said) and self._holds(said[-1], key)

    def was_said(self, part: str) -> bool:
        """Whether this very text was said before."""
        return any(part in text for text in self.chat.said_by_assistant)

    @property
    def task(self) -> str:
        """What the prompt asks for this time."""
        return self.chat.situation.rpartition("Task:")[2]

    @property
    def is_repair(self) -> bool:
        """Whether the answer that these rules would give was refused already."""
        return _REPAIR.search(self.chat.situation) is not None

    @property
    def before_repair(self) -> Chat:
        """The same request before it was told that a draft was not sent."""
        *before, situation = self.chat.systems
        return replace(
            self.chat, systems=(*before, situation[: cut.start()] if (cut := _REPAIR.search(situation)) else situation)
        )

    def _holds(self, text: str, key: str) -> bool:
        """Whether one of the phrase's variants stands in the text, by what is never filled in."""
        return any(fixed in text for fixed in _fixed(key))

    # --- what to say

    def say(self, key: str, **fields: object) -> str:
        """The phrase's next variant, filled in."""
        variants = PHRASES[self.language][key]
        return self._filled(variants[self.times(key) % len(variants)], fields)

    def _filled(self, text: str, fields: dict[str, object]) -> str:
        return text.format(company=self.facts.company or NO_COMPANY[self.language], **fields)


@cache
def _fixed(key: str) -> tuple[str, ...]:
    """The longest run of words of each variant of a phrase that nothing is filled into."""
    variants = (variant for phrases in PHRASES.values() for variant in phrases[key])
    runs = (max(re.split(r"\{\w+\}", variant), key=len).strip() for variant in variants)
    return tuple(run for run in runs if run)
