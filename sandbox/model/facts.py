"""What the prompt says about the business: the seller knows nothing but this, and invents nothing beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

PRICE = re.compile(
    r"(?:(?:€|\$|£|EUR|USD|RUB)\s?\d[\d   ,.]*\d|\d[\d   ,.]*\s?(?:€|\$|£|₽|руб\w*\.?|EUR|USD|RUB|euros?\b))"
)
_CAPACITY = re.compile(r"(?:up to|до)\s+(\d+)|\d+\s*(?:to|[-–—])\s*(\d+)\s*(?:people|persons|человек|сотрудник)", re.I)
_NAMED = re.compile(r"^[\s|*•#\d.)-]*[«“\"*_`]*(?P<name>[A-ZА-ЯЁ][\w +&-]{1,30}?)[»”\"*_`]*\s*(?:[:|(—–]|\s-\s)")
_COMPANY = re.compile(
    r"(?:^|\n)[\s*-]*(?:company|компания|business|our name)\**\s*[:—–]\s*\**(?P<named>[^\n.,(*]+)"
    r"|(?:on behalf of|works? for|write for|speak for|from|от имени|из компании|компании)\s+[«“\"]?(?P<told>[A-ZА-ЯЁ][\w&'-]*(?: [A-ZА-ЯЁ][\w&'-]*)?)",
    re.I,
)

TOPICS = {
    "delivery": r"deliver|install|достав|установ|привез",
    "warranty": r"warrant|repair|service|maintenance|replace|гарант|ремонт|обслуж|замен",
    "contract": r"contract|cancel|notice|minimum|term\b|договор|расторг|срок аренды|минимальн",
    "trial": r"trial|free (?:week|month|days)|пробн|тестов|бесплатн\w* (?:недел|дн|месяц)",
    "beans": r"beans|milk|supplies|cups|зерн|молок|расходник",
    "payment": r"payment|invoice|VAT|bank transfer|оплат|счёт|счет|НДС|безнал",
}
"""What a customer asks about, and how a line of the facts that answers it reads."""


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    price: str
    capacity: int | None
    """For how many people; None where the facts do not say."""


@dataclass(frozen=True, slots=True)
class Facts:
    company: str = ""
    plans: tuple[Plan, ...] = ()
    lines: dict[tuple[str, str], str] = field(default_factory=dict)
    """A sentence of the facts by (topic, language)."""

    def plan_for(self, people: int) -> Plan | None:
        """The smallest plan that is large enough; without capacities the plans share the range of offices."""
        for number, plan in enumerate(self.plans):
            if people <= (plan.capacity or (15, 40)[min(number, 1)]):
                return plan
        return self.plans[-1] if self.plans else None

    def cheaper_than(self, people: int) -> Plan | None:
        """The plan below the one that fits."""
        plan = self.plan_for(people)
        place = self.plans.index(plan) if plan else 0
        return self.plans[place - 1] if place else None


def read_facts(system: str) -> Facts:
    lines = [line.strip() for line in system.splitlines() if line.strip()]
    found = _COMPANY.search(system)
    company = (found["named"] or found["told"]).strip(" «»“”\"*") if found else ""
    return Facts(company, _plans(lines), _by_topic(lines))


def is_russian(text: str) -> bool:
    return len(re.findall(r"[а-яё]", text, re.I)) > len(re.findall(r"[a-z]", text, re.I))


def _plans(lines: list[str]) -> tuple[Plan, ...]:
    plans: dict[str, Plan] = {}
    for line in lines:
        name, price = _NAMED.match(line), PRICE.search(line)
        if name and price and not any(re.search(words, name["name"], re.I) for words in TOPICS.values()):
            capacity = _CAPACITY.search(line)
            people = int(capacity[1] or capacity[2]) if capacity else None
            plans.setdefault(name["name"].strip(), Plan(name["name"].strip(), price.group().strip(" ,."), people))
    return tuple(plans.values())


def _by_topic(lines: list[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for line in lines:
        for topic, words in TOPICS.items():
            if re.search(words, line, re.I):
                text = re.sub(r"^[\s*•#\d.)-]+|\*\*|`", "", line).strip()
                if len(text) > 20 and not text.endswith(":"):
                    found.setdefault((topic, "ru" if is_russian(text) else "en"), text)
    return found
