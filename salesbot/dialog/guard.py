"""What a reply may not say, whatever the model thinks of it (law 8). Pure.

Sound rather than clever: an amount, a percentage or a link is said only as it stands in the scenario's facts, so a
price cannot be invented, computed or agreed to. Each violation carries a sentence that tells the model what to mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from salesbot.dialog.model import History, Reply
from salesbot.dialog.scenario import Scenario

REPEAT_MIN = 20
"""Shorter lines ("Thank you!", "ok") may be said again."""
REPEAT_WINDOW = 12
"""So many of our last lines are not repeated; an answer to the same question much later may be."""
LEAK_WORDS = 8
"""So many words in a row from the instructions are a leak."""
LARGE = 1000
"""A bare number from here on is taken for an amount, unless the facts or the person named it, or it is a year."""
TELEGRAM_LIMIT = 4096

NUMBER = r"(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+|\d+)(?:[.,]\d{1,2}(?!\d))?"
SCALE = r"(?P<scale>тыс\w*\.?|к\b|k\b|thousand|млн\w*\.?|миллион\w*|million)?"
CURRENCIES = {
    "RUB": r"₽|руб\w*|р\.|р\b|rub\b|ro?ubles?\b",
    "USD": r"\$|usd\b|dollars?\b|bucks\b|долл\w*",
    "EUR": r"€|eur\b|euros?\b|евро\b",
    "GBP": r"£|gbp\b|pounds?\b|фунт\w*",
}
CURRENCY = "|".join(f"(?P<{name}>{words})" for name, words in CURRENCIES.items())
MONTHLY = r"(?P<monthly>(?:в|за)\s+месяц|/\s?мес|ежемесячно|(?:a|per|each|every)\s+month|/\s?month|monthly)"
GAP = r"\s{0,2}"
SCALE_AFTER = re.compile(rf"{GAP}{SCALE}", re.I)
UNIT = re.compile(rf"{GAP}{SCALE}{GAP}(?:{CURRENCY}|{MONTHLY})", re.I)
JOIN = re.compile(rf"{GAP}{SCALE}{GAP}(?:,|и|или|до|and|or|to|[-–—/]){GAP}(?P<sign>[$€£₽])?\s?", re.I)
"""Between two amounts that share the unit of the second: ``3 600 or 4 100 ₽``."""
SIGN_BEFORE = re.compile(r"(?P<sign>[$€£₽])\s?\Z")
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₽": "RUB"}
PERCENT = re.compile(rf"(?P<number>{NUMBER})\s*(?:%|процент\w*|per\s?cent\b)", re.I)
LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]*://\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w.])@[a-z]\w{3,}"
    r"|\b(?:[\w-]+\.)+(?:com|net|org|info|biz|io|me|ru|рф|su|by|kz|ua|eu|de|uk|us|co|app|dev|ai|shop|store|online|site"
    r"|pro|link|ly|cc|tv|club|xyz|top|example)\b(?:/\S*)?",
    re.I,
)
NOTE = re.compile(r"\[[^\]\n]{2,}\]|\A\s*\{|\"parts\"")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Violation:
    """``code`` for records; ``message`` for the model, so that it can do better."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the facts allow."""

    amounts: frozenset[tuple[Decimal, str]]
    numbers: frozenset[Decimal]
    percentages: frozenset[Decimal]
    links: frozenset[str]


def check(reply: Reply, scenario: Scenario, history: History) -> tuple[Violation, ...]:
    """All that is wrong with a reply; empty means it may be sent."""
    found: list[Violation] = list(_form(reply, scenario))
    said = _said(history)
    theirs = frozenset(n for one in history.messages if one.incoming for n in numbers(one.content))
    for number, part in enumerate(reply.parts):
        found += _claims(part, _known(scenario.facts_text), theirs)
        found += _speech(part, scenario, said | _repeatable(reply.parts[:number]))
    return tuple(dict.fromkeys(found))


def _form(reply: Reply, scenario: Scenario) -> Iterator[Violation]:
    if not reply.parts or not all(part.strip() for part in reply.parts):
        yield Violation("empty", "A part is empty.")
    if len(reply.parts) > scenario.max_parts:
        yield Violation("too_many_parts", f"Write at most {scenario.max_parts} parts.")
    limit = min(TELEGRAM_LIMIT, scenario.max_part_chars)
    if any(len(part.encode("utf-16-le")) > 2 * limit for part in reply.parts):
        yield Violation("too_long", f"A part has more than {limit} characters.")


def _claims(part: str, known: Known, theirs: frozenset[Decimal]) -> Iterator[Violation]:
    """Money, percentages and links that do not stand in the facts."""
    for amount, currency in amounts(part):
        if not any(amount == one and currency in ("", unit) for one, unit in known.amounts):
            yield Violation("money", f"The amount {amount.normalize():f} {currency or 'a month'} is not in the facts.")
    for percentage in percentages(part):
        if percentage not in known.percentages:
            yield Violation("percentage", f"{percentage.normalize():f} % is not in the facts.")
    for link in links(part):
        if link not in known.links:
            yield Violation("link", f"The address {link} is not in the facts.")
    for value in numbers(LINK.sub(" ", part)):
        if value >= LARGE and value not in known.numbers | theirs and not 1900 <= value <= 2100:
            yield Violation("number", f"The number {value.normalize():f} is not in the facts.")


def _speech(part: str, scenario: Scenario, said: frozenset[str]) -> Iterator[Violation]:
    """Repeats, notes that belong to the program, and leaks of the instructions."""
    if _repeatable((part,)) & said:
        yield Violation("repeat", "A part says word for word what was said before.")
    if NOTE.search(part):
        yield Violation("note", "A part has notes in square brackets or JSON in it: write plain sentences only.")
    if _runs(part) & _secrets(scenario):
        yield Violation("leak", "A part quotes the instructions.")


def amounts(text: str) -> list[tuple[Decimal, str]]:
    """Each sum named, in order, with its currency: an empty one where it is only said to be monthly.

    Numbers are found first and their units looked for around them: one pattern for lists of sums would backtrack
    exponentially over what a person made the model say.
    """
    found: list[tuple[Decimal, str]] = []
    currency: str | None = None  # of the number to the right, for those that share it
    scale, right = 1, len(text)
    for number in reversed(list(re.finditer(NUMBER, text))):
        unit, join = UNIT.match(text, number.end()), JOIN.fullmatch(text, number.end(), right)
        sign = SIGN_BEFORE.search(text, max(0, number.start() - 2), number.start())
        if unit:
            currency, scale = next((name for name in CURRENCIES if unit[name]), ""), _scale(unit["scale"])
        elif sign:
            currency, scale = SIGNS[sign["sign"]], _scale(_following_scale(text, number.end()))
        elif not join:
            currency = None
        elif join["scale"]:
            scale = _scale(join["scale"])
        if currency is not None:
            found.append((_decimal(number[0]) * scale, currency))
        right = number.start()
    return found[::-1]


def _following_scale(text: str, at: int) -> str | None:
    scale = SCALE_AFTER.match(text, at)
    return scale["scale"] if scale else None


def _scale(word: str | None) -> int:
    match (word or "").casefold()[:3]:
        case "":
            return 1
        case "млн" | "мил" | "mil":
            return 1_000_000
        case _:
            return 1000


def numbers(text: str) -> Iterator[Decimal]:
    for match in re.finditer(NUMBER, text):
        yield _decimal(match[0])


def _decimal(written: str) -> Decimal:
    """``4 900``, ``4,900`` and ``4.900`` are thousands; one or two digits after the last mark are a fraction."""
    fraction = re.search(r"[.,](\d{1,2})\Z", written)
    whole = re.sub(r"\D", "", written[: fraction.start()] if fraction else written)
    return Decimal(f"{whole}.{fraction[1] if fraction else 0}")


def percentages(text: str) -> Iterator[Decimal]:
    return (_decimal(match["number"]) for match in PERCENT.finditer(text))


def links(text: str) -> Iterator[str]:
    """Addresses as they are compared: without scheme, ``www.``, capitals and closing punctuation."""
    for match in LINK.finditer(text):
        yield re.sub(r"\A(?:https?://)?(?:www\.)?", "", match[0].casefold()).rstrip(".,;:!?)»\"'/")


def _said(history: History) -> frozenset[str]:
    ours = [one.content for one in history.messages if not one.incoming and one.said]
    return _repeatable(tuple(ours[-REPEAT_WINDOW:]))


def _repeatable(texts: tuple[str, ...]) -> frozenset[str]:
    """Texts as they are compared for repetition: their words, if they are long enough to be one."""
    return frozenset(" ".join(WORD.findall(text.casefold())) for text in texts if len(text.strip()) >= REPEAT_MIN)


def _runs(text: str) -> frozenset[str]:
    words = WORD.findall(text.casefold())
    return frozenset(" ".join(words[at : at + LEAK_WORDS]) for at in range(len(words) - LEAK_WORDS + 1))


@lru_cache(maxsize=64)
def _known(facts: str) -> Known:
    return Known(
        amounts=frozenset(amounts(facts)),
        numbers=frozenset(numbers(facts)),
        percentages=frozenset(percentages(facts)),
        links=frozenset(links(facts)),
    )


def _secrets(scenario: Scenario) -> frozenset[str]:
    return _instructions(scenario.instructions, scenario.facts_text)


@lru_cache(maxsize=64)
def _instructions(instructions: str, facts: str) -> frozenset[str]:
    """The runs of words that only the instructions have; what the facts say too may be said."""
    return _runs(instructions) - _runs(facts)
