"""What the numbers of a text are of: money, percentages, lengths of time; and the addresses that stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from salesbot.rehearsal.judge.case import plain
from salesbot.rehearsal.judge.numbers import Number, numbers

_CURRENCIES = {
    "RUB": r"₽|руб\w*|р\b\.?|rub\w*|roubles?|rubles?", "USD": r"\$|usd\b|dollars?|доллар\w*|бакс\w*",
    "EUR": r"€|eur\b|euros?|евро", "GBP": r"£|gbp\b|pounds?|фунт\w*",
    "cent": r"cents?|pence|цент(?:а|ов)?|коп(?:еек|ейки|ейка)?",
}  # fmt: skip
_AFTER = {name: re.compile(rf"\s{{0,2}}(?:{written})(?!\w)", re.I) for name, written in _CURRENCIES.items()}
_BEFORE = {"₽": "RUB", "$": "USD", "€": "EUR", "£": "GBP"}
_ABOUT = re.compile(r"\bрублей (?:по |за |до |в )?\Z", re.I)
"""Russian for "about": the currency stands before the number."""
_PERCENT = re.compile(r"\s?(?:%|процент\w*|per ?cent\b|pct\b)", re.I)

_LENGTHS = (
    (re.compile(r"минут\w*|мин\b|minutes?\b|mins?\b"), "minute", 1),
    (re.compile(r"час(?:а|ов|ам)?\b|hours?\b|hrs?\b"), "hour", 1),
    (
        re.compile(r"(?:(?:рабоч|календарн)\w+ |(?:working|business|calendar) )?(?:дн\w{1,3}|день|сутк\w|days?)\b"),
        "day",
        1,
    ),
    (re.compile(r"недел\w{1,3}|weeks?\b"), "day", 7),
    (re.compile(r"месяц\w{0,3}|мес\b|months?\b"), "month", 1),
    (re.compile(r"год\w{0,2}\b|лет\b|years?\b"), "month", 12),
)
_CLOCK = re.compile(r"\b(?:в|к|с|до|после|ровно|at|by|from|till|until|after|before|to)\s*\Z")
_HALF_YEAR = re.compile(r"\bполгода|\bполугод\w+|\bhalf a year|\bhalf-year")
_BARE = re.compile(r"\b(?:недел\w{1,3}|weeks?|месяц\w?|months?|год[ау]?|years?|день|days?|час[ау]?|hours?)\b")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>«»“”\"]+|"
    r"(?<![\w@.-])[a-zа-я0-9][a-zа-я0-9-]*(?:\.[a-zа-я0-9-]+)*\.(?:com|ru|рф|org|net|io|me|co|example|dev|app|shop|"
    r"store|online|info|biz|eu|de|uk|su|test|ly|tv|ai|pro|site|club)(?![\w-])(?:/[^\s<>«»“”\"]*)?",
    re.I,
)
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+")

Length = tuple[Decimal, str]
"""A length of time: weeks are days, years are months."""


@dataclass(frozen=True, slots=True)
class Money:
    value: Decimal
    currency: str
    number: Number


def money(text: str) -> Iterator[Money]:
    """Amounts with a currency beside them."""
    for one in numbers(text):
        before = text[: one.start].rstrip()[-1:]
        after = next((name for name, pattern in _AFTER.items() if pattern.match(text, one.end)), "")
        if not after and _ABOUT.search(text[: one.start]):
            after = "RUB"
        if currency := after or _BEFORE.get(before, ""):
            yield Money(one.value, currency, one)


def percentages(text: str) -> Iterator[Number]:
    return (one for one in numbers(text) if _PERCENT.match(text, one.end))


def is_percentage(text: str, one: Number) -> bool:
    return _PERCENT.match(text, one.end) is not None


def lengths(text: str) -> Iterator[Length]:
    """Lengths of time. "At 3 hours" is a time of day."""
    shown = plain(text)
    for one in numbers(shown):
        rest = shown[one.end :].lstrip(" \u00a0-")
        for pattern, unit, times in _LENGTHS:
            if pattern.match(rest):
                if unit != "hour" or not _CLOCK.search(shown[: one.start]):
                    yield one.value * times, unit
                break
    yield from ((Decimal(6), "month") for _ in _HALF_YEAR.finditer(shown))


def bare_lengths(text: str) -> Iterator[Length]:
    """Units without a number, as facts name them: "a trial week"."""
    for found in _BARE.finditer(plain(text)):
        yield from ((Decimal(times), unit) for pattern, unit, times in _LENGTHS if pattern.match(found[0]))


def links(text: str) -> Iterator[str]:
    """Web addresses as they are compared: without scheme, ``www.``, capitals and closing punctuation."""
    shown = EMAIL.sub(" ", text)
    for found in _LINK.finditer(shown):
        yield re.sub(r"\A(?:https?://)?(?:www\.)?", "", found[0].casefold()).rstrip(".,;:!?)]}'\"»”/")


def emails(text: str) -> Iterator[str]:
    return (found.casefold().rstrip(".") for found in EMAIL.findall(text))
