"""What the prompt says about the business: the seller knows nothing but this, and invents nothing beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_FACTS = re.compile(r"^# Facts\b[^\n]*\n(?P<facts>.*?)(?=^# |\Z)", re.S | re.M)
_FACT = re.compile(r"^- (?P<id>[\w-]+): (?P<text>.+)$", re.M)
_COMPANY = re.compile(r"^\W*(?:company|компания)\W{1,3}\s*(?P<name>[^\n]+)", re.I | re.M)

PRICE = re.compile(r"(?:€|\$|£)\s?\d[\d ,.\u00a0\u202f]*|\d[\d ,.\u00a0\u202f]*(?:€|\$|£|₽|руб\w*|EUR|USD|RUB)")
_CAPACITY = re.compile(r"(?:up to|до)\s+(\d+)\s+(?:people|persons|человек|сотрудник)", re.I)
_PLAN = re.compile(
    r"^\W{0,3}(?P<name>[A-ZА-ЯЁ][\w +&-]{1,30}?)\W{0,3}: (?P<terms>[^.]*\d[^.]*)\.(?:\s+(?P<detail>.*))?$", re.S
)
_OBJECTION = re.compile(r"^\W*(?:«[^»]+»|“[^”]+”|\"[^\"]+\"): (?P<answer>.+)$", re.S)

TOPICS = {
    "delivery": r"\bdeliver|\bпривоз|\bдостав",
    "delivery_outside": r"\bfurther out\b|за городом",
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
"""What a customer asks about, and how the fact that answers it reads where none has the topic's name."""
IDS = {
    "warranty": ("service", "warranty"), "contract": ("contract", "early_return"),
    "beans": ("beans", "beans_house", "beans_ethiopia"), "place": ("room",), "cleaning": ("training",),
    "discount": ("discounts",), "have": ("have_machine",), "think": ("ask_somebody",),
}  # fmt: skip
"""What the facts for a topic may be called beside the topic's own name."""


@dataclass(frozen=True, slots=True)
class Plan:
    id: str
    name: str
    amount: str
    """The price in figures, as the facts write it: ``4 900 ₽``."""
    per: str = ""
    """What the price is for: ``в месяц``."""
    capacity: int | None = None
    """For how many people; None where the facts do not say."""
    detail: str = ""

    @property
    def price(self) -> str:
        return f"{self.amount} {self.per}".strip()

    @property
    def number(self) -> int:
        return int(re.sub(r"\D", "", self.amount))

    @property
    def currency(self) -> str:
        return re.sub(r"[\d ,.\u00a0\u202f]", "", self.amount)


@dataclass(frozen=True, slots=True)
class Facts:
    company: str = ""
    plans: tuple[Plan, ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict)
    """What may be said, by the fact's id."""

    def about(self, topic: str) -> tuple[str, ...]:
        """Ids of the facts that answer a topic: by their names, else the first whose words do."""
        named = [one for one in dict.fromkeys((*IDS.get(topic, ()), topic)) if one in self.lines]
        if not named and topic in TOPICS:
            named = [one for one, text in self.lines.items() if re.search(TOPICS[topic], text, re.I)][:1]
        return tuple(named)

    def used_in(self, text: str) -> tuple[str, ...]:
        """Ids of the facts that a text tells."""
        plans = [plan.id for plan in self.plans if plan.amount in text]
        return tuple(
            dict.fromkeys([*plans, *(one for one, line in self.lines.items() if line.partition(". ")[0] in text)])
        )

    def plan_for(self, people: int) -> Plan | None:
        """The smallest plan that is large enough."""
        return next((plan for plan in self.plans if plan.capacity is None or people <= plan.capacity), None)

    def plan_named(self, name: str | None) -> Plan | None:
        return next((plan for plan in self.plans if name and plan.name.casefold() == name.casefold()), None)

    def smallest(self) -> Plan | None:
        return self.plans[0] if self.plans else None


@lru_cache(maxsize=64)
def read_facts(system: str, language: str) -> Facts:
    """The facts that the instructions give, a line ``- id: text`` each, in a language where they have it."""
    company, section = _COMPANY.search(system), _FACTS.search(system)
    lines: dict[str, str] = {}
    for found in _FACT.finditer(section["facts"] if section else ""):
        if found["id"] not in lines or is_russian(found["text"]) == (language == "ru"):
            lines[found["id"]] = found["text"].strip()
    plans = [plan for one, text in lines.items() if (plan := _plan(one, text))]
    plain = {one: _answer(text) for one, text in lines.items()}
    return Facts(company["name"].strip(' *«»“”"') if company else "", tuple(plans), plain)


def is_russian(text: str) -> bool:
    return len(re.findall(r"[а-яё]", text, re.I)) > len(re.findall(r"[a-z]", text, re.I))


def _plan(fact: str, text: str) -> Plan | None:
    """What may be rented: its name, its terms with a price among them, whatever is told beside it."""
    found = _PLAN.match(text)
    price = PRICE.search(found["terms"]) if found else None
    if not found or not price:
        return None
    people, per = _CAPACITY.search(found["terms"]), re.match(r"[^,.;]*", found["terms"][price.end() :])
    amount, capacity = price.group().strip(" ,."), int(people[1]) if people else None
    return Plan(fact, found["name"], amount, per[0].strip() if per else "", capacity, found["detail"] or "")


def _answer(text: str) -> str:
    """A fact without the objection that it answers."""
    found = _OBJECTION.match(text)
    answer = found["answer"] if found else text
    return answer[:1].upper() + answer[1:]
