"""Days and times that a person names, in their own words and as a moment of their clock."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

WEEKDAYS = (
    r"понедельник\w*|monday", r"вторник\w*|tuesday", r"сред[уаые]\b|wednesday", r"четверг\w*|thursday",
    r"пятниц\w*|friday", r"суббот\w*|saturday", r"воскресень\w*|sunday",
)  # fmt: skip
DAYS = {r"послезавтра|day after tomorrow": 2, r"завтра|tomorrow": 1, r"сегодня|today|tonight": 0}
HOURS = {r"утром|in the morning": 10, r"дн[её]м|in the afternoon": 14, r"вечером|in the evening|tonight": 18}
NOON = time(12)
END_OF_DAY = time(18)
"""What a day without a time means where something is to be done by it."""

_CLOCK = (
    r"\b(?:(?:в|к|до|at|by)\s+)?(?:[01]?\d|2[0-3])[:.][0-5]\d\b(?![.:]\d)(?:\s?[ap]m\b)?"
    r"|\b(?:в|к|до|at|by)\s+(?:[01]?\d|2[0-3])\b(?![:.,]\d)(?!\s*(?:чел|люд|people|₽|руб|машин|machine))(?:\s?[ap]m\b)?"
    r"|\b(?:1[0-2]|[1-9])\s?[ap]m\b"
)
_DAY = "|".join((*DAYS, *WEEKDAYS))
_NAMED = re.compile(
    rf"(?:\b(?:во?|к|до|на|on|by|next)\s+)?\b(?:{_DAY}|следующ\w+ недел\w+|next week)|{'|'.join(HOURS)}|{_CLOCK}", re.I
)


def named(text: str) -> str:
    """The words that name a day or a time, in their order; empty where none does."""
    return " ".join(dict.fromkeys(found.strip() for found in _NAMED.findall(text)))


def names_a_day(text: str) -> bool:
    """Whether it says which day, and not only when on it."""
    return re.search(rf"\b(?:{_DAY})", text, re.I) is not None


def moment(text: str, now: datetime, *, otherwise: time | None = None) -> datetime | None:
    """What the text names, after ``now``; a day without a time takes ``otherwise``, and is none where that is None."""
    clock, days = _clock(text) or otherwise, _days(text, now)
    if clock is None or (days is None and _clock(text) is None):
        return None
    at = datetime.combine(now.date() + timedelta(days=days or 0), clock, now.tzinfo)
    return at + timedelta(days=1) if days is None and at <= now else at


def _days(text: str, now: datetime) -> int | None:
    """How many days from today."""
    for words, days in DAYS.items():
        if re.search(rf"\b(?:{words})", text, re.I):
            return days
    for weekday, words in enumerate(WEEKDAYS):
        if re.search(rf"\b(?:{words})", text, re.I):
            return (weekday - now.weekday() - 1) % 7 + 1
    return None


def _clock(text: str) -> time | None:
    found = re.search(_CLOCK, text, re.I)
    if found is None:
        return next((time(hour) for words, hour in HOURS.items() if re.search(words, text, re.I)), None)
    hour, minute = (int(number) for number in [*re.findall(r"\d+", found[0]), "0"][:2])
    if re.search(r"pm\b", found[0], re.I) and hour < 12:
        hour += 12
    return time(hour, minute)
