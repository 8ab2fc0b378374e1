"""What words and signs a number can be followed or preceded by, and what they make of it."""

from __future__ import annotations

import re
from decimal import Decimal

from salesbot.dialog.remembered import WORDS, remembered

SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₽": "RUB", "₴": "UAH", "₸": "KZT", "¥": "CNY", "₺": "TRY", "₾": "GEL"}
CURRENCIES = {
    "RUB": r"₽|руб(?:л\w*|\w{0,2})?|р|rub|rur|rou?bles?|rou?ble's|деревянн\w*",
    "USD": r"\$|usd|dollars?|bucks?|долл\w*|бакс\w*|зелен(?:ых|ыми)",
    "EUR": r"€|eur|euros?|евро",
    "GBP": r"£|gbp|pounds?|quid|фунт\w*",
    "OTHER": (
        r"₴|₸|¥|₺|₾|грн|гривен\w*|гривн\w*|тенге|юан\w*|yuan|yen|иен\w*|byn|kzt|uah|cny|chf|франк\w*|francs?|лир\w*|"
        r"usdt|btc"
    ),
    "KOPECK": r"копе(?:й|е)?\w*|коп|kopecks?|kopeks?|cents?|цент(?:ов|а|ы)?|pence",
}
_CURRENCY = re.compile("|".join(f"(?P<{name}>{words})" for name, words in CURRENCIES.items()))
DURATIONS = {
    "second": r"сек|секунд\w*|secs?|seconds?",
    "minute": r"мин|минут\w*|mins?|minutes?",
    "hour": r"час|час[аыуе]|часов|часам|часами|часах|часик\w*|ч|hrs?|hours?",
    "day": r"д(?:е|)н(?:ь|я|ей|ю|ям|ем|ями|ях|и|ечк\w*)|сут(?:ки|ок|кам|ками)|days?|nights?",
    "week": r"недел\w*|weeks?|wks?",
    "fortnight": r"fortnights?",
    "month": r"мес|месяц\w*|months?|mths?",
    "quarter": r"квартал\w*|quarters?",
    "year": r"год|год(?:а|у|ом|ы|ов|ик\w*)|лет|years?|yrs?|annum",
}
_DURATION = re.compile("|".join(f"(?P<{name}>{words})" for name, words in DURATIONS.items()))
_PERCENT = re.compile(r"%|процент\w*|percents?|pct|проц")
_RATES = {
    "month": r"месяц\w*|мес|month|mo",
    "year": r"год(?:а|у|ом|овой)?|year|annum|yr",
    "week": r"недел[юеяи]|week",
    "day": r"день|дня|сутки|day",
    "hour": r"час(?:а|ов)?|hour|hr",
    "kg": r"кило|килограмм\w*|кг|kg|kilos?|kilogram\w*",
    "cup": r"чашк\w*|порци\w*|стакан\w*|cups?|drinks?|serving",
    "person": r"человек\w*|сотрудник\w*|person|head|employee|user",
    "piece": r"штук\w*|шт|машин\w*|аппарат\w*|точк\w*|офис\w*|единиц\w*|piece|unit|machine|office",
}
_RATE = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _RATES.items()))
RATE_WORDS = {"ежемесячно": "month", "помесячно": "month", "monthly": "month", "ежегодно": "year", "yearly": "year",
              "annually": "year", "weekly": "week", "еженедельно": "week", "daily": "day", "ежедневно": "day",
              "each": "piece", "apiece": "piece"}  # fmt: skip
RATE_LINKS = frozenset("в за / каждый каждую каждое на per a an each every на с со".split())
OFTEN = frozenset(
    "рабочих рабочий рабочего рабочие рабочем календарных календарный полных полный целых целый целую лишних первых"
    " первые последних ближайших следующих еще working business full whole calendar more extra solid straight"
    " consecutive short additional".split()
)
"""Adjectives between a number and its unit."""
PIECES = frozenset("штука штуки штук штуку".split())

TO_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400, "fortnight": 14 * 86400}
TO_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@remembered(WORDS)
def currency(word: str) -> str | None:
    match = _CURRENCY.fullmatch(word) if len(word) < 20 else None
    return match.lastgroup if match else None


@remembered(WORDS)
def duration(word: str) -> str | None:
    word = word.removesuffix("'s")
    match = _DURATION.fullmatch(word) if len(word) < 20 else None
    return match.lastgroup if match else None


@remembered(WORDS)
def rate(word: str) -> str | None:
    match = _RATE.fullmatch(word) if len(word) < 20 else None
    return match.lastgroup if match else None


@remembered(WORDS)
def is_percent(word: str) -> bool:
    return len(word) < 20 and _PERCENT.fullmatch(word) is not None


def canonical(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """A duration so that a week is seven days, and half a year six months."""
    if unit in TO_MONTHS:
        return value * TO_MONTHS[unit], "months"
    return value * TO_SECONDS[unit], "seconds"
