"""What the prompt says about the business: the seller knows nothing but this, and invents nothing beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_FACTS = re.compile(r"^# Facts\n(?P<facts>.*?)(?=^# |\Z)", re.S | re.M)
"""Where the prompt holds facts; without that heading all of it may be one."""

PRICE = re.compile(r"(?:€|\$|£)\s?\d[\d ,.\u00a0\u202f]*|\d[\d ,.\u00a0\u202f]*(?:€|\$|£|₽|руб\w*|EUR|USD|RUB)")
_CAPACITY = re.compile(r"(?:up to|до)\s+(\d+)\s+(?:people|persons|человек|сотрудник)", re.I)
_PLAN = re.compile(
    r"^[-*•]\s*\W{0,3}(?P<name>[A-ZА-ЯЁ][\w +&]{1,30}?)\W{0,3}: (?P<terms>[^.]*\d[^.]*)\.\s*(?P<detail>.*)$"
)
_COMPANY = re.compile(r"^\W*(?:company|компания)\W{1,3}\s*(?P<name>[^\n]+)", re.I | re.M)

TOPICS = {
    "delivery": r"\bdeliver|\bпривоз|\bдостав",
    "warranty": r"\brepairs?\b|\bwarranty|\bремонт|\bгарант",
    "contract": r"\bcontract|\bдоговор",
    "trial": r"\btrial|\bпробн",
    "beans": r"\bbeans|\bз[её]рн",
    "payment": r"\bpayment|\binvoice|\bоплата|\bпо сч[её]ту",
    "place": r"\bsocket|\broom\b|\bрозетк",
    "cleaning": r"\brinsing|\bcleaning products|\bчистящие",
    "discount": r"\bno discounts|\bскидок нет",
    "expensive": r"^\W*too expensive|^\W*дорого",
}
"""What a customer asks about, and how the line of the facts that answers it reads; the first such line counts."""


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    price: str
    capacity: int | None
    """For how many people; None where the facts do not say."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    company: str = ""
    plans: tuple[Plan, ...] = ()
    lines: dict[str, str] = field(default_factory=dict)
    """The line of the facts for a topic."""

    def plan_for(self, people: int) -> Plan | None:
        """The smallest plan that is large enough."""
        return next((plan for plan in self.plans if plan.capacity is None or people <= plan.capacity), None)

    def smallest(self) -> Plan | None:
        return self.plans[0] if self.plans else None


def read_facts(system: str, language: str) -> Facts:
    """The facts that the prompt gives in a language."""
    company = _COMPANY.search(system)
    lines = [line for line in _lines(system) if is_russian(line) == (language == "ru")]
    return Facts(company["name"].strip(' *«»“”"') if company else "", tuple(_plans(lines)), _by_topic(lines))


def is_russian(text: str) -> bool:
    return len(re.findall(r"[а-яё]", text, re.I)) > len(re.findall(r"[a-z]", text, re.I))


def _lines(system: str) -> list[str]:
    found = _FACTS.search(system)
    return [line.strip() for line in (found["facts"] if found else system).splitlines() if line.strip()]


def _plans(lines: list[str]) -> Iterator[Plan]:
    for line in lines:
        found = _PLAN.match(line)
        price = PRICE.search(found["terms"]) if found else None
        if found and price:
            people = _CAPACITY.search(found["terms"])
            yield Plan(found["name"], price.group().strip(" ,."), int(people[1]) if people else None, found["detail"])


def _by_topic(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    plain = [re.sub(r"^[-*•]\s*|\*\*|`", "", line) for line in lines if not line.startswith("#") and line[-1] != ":"]
    for topic, words in TOPICS.items():
        line = next((line for line in plain if re.search(words, line, re.I)), None)
        if line:
            found[topic] = line
    return found
