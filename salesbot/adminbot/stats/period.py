"""Which days the figures are about, and what an admin types for it. Pure. Days begin at midnight where the admin is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class Period(StrEnum):
    """How far back: so many days, today among them."""

    WEEK = "7d"
    MONTH = "30d"
    ALL = "all"


_DAYS = {Period.WEEK: 7, Period.MONTH: 30}
_WORDS = {
    **{period.value: period for period in Period},
    "7д": Period.WEEK,
    "30д": Period.MONTH,
    "все": Period.ALL,
    "всё": Period.ALL,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Of what the figures are wanted; no scenario: of all."""

    period: Period = Period.MONTH
    scenario: str = ""


class Unknown(Exception):
    """A word that is neither a period nor a scenario, or one too many."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def read(args: str | None, scenarios: Collection[str]) -> Asked:
    """``7d``, ``30d``, ``all`` and a scenario's name, each at most once, in any order. Raises ``Unknown``."""
    period: Period | None = None
    scenario = ""
    for word in (args or "").split():
        plain = word.lower()
        if period is None and plain in _WORDS:
            period = _WORDS[plain]
        elif not scenario and plain in scenarios:
            scenario = plain
        else:
            raise Unknown(word)
    return Asked(period or Period.MONTH, scenario)


def since(period: Period, now: datetime, zone: tzinfo) -> datetime | None:
    """The midnight from which a period counts; None: from the beginning."""
    if (days := _DAYS.get(period)) is None:
        return None
    return _midnight(now.astimezone(zone).date() - timedelta(days=days - 1), zone)


class Stretch(StrEnum):
    """What one column of a chart stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def stretches(begin: datetime, now: datetime, zone: tzinfo) -> tuple[Stretch, tuple[datetime, ...]]:
    """Days, weeks (from Monday) or months from ``begin`` until now, so that they are not too many: their starts."""
    first, last = begin.astimezone(zone).date(), now.astimezone(zone).date()
    days = (last - first).days
    if days <= 31:
        unit, starts = Stretch.DAY, _every(first, last, 1)
    elif days <= 7 * 30:
        unit, starts = Stretch.WEEK, _every(first - timedelta(days=first.weekday()), last, 7)
    else:
        unit, starts = Stretch.MONTH, _months(first, last)
    return unit, tuple(_midnight(day, zone) for day in starts)


def _every(first: date, last: date, days: int) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range(0, (last - first).days + 1, days))


def _months(first: date, last: date) -> Iterator[date]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(number // 12, number % 12 + 1, 1)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
