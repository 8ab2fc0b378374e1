"""Which backups are kept: the newest of each of the last days and of each of the last weeks that have one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Keep:
    """Of so many days, and of so many weeks, that have a backup."""

    days: int
    weeks: int


def doomed(made: Collection[datetime], keep: Keep) -> frozenset[datetime]:
    """Those that are to go. The newest never is; a time without backups costs none of the older ones."""
    newest_first = sorted(made, reverse=True)
    kept = set(newest_first[:1])
    of_day: dict[object, datetime] = {}
    of_week: dict[object, datetime] = {}
    for one in newest_first:
        of_day.setdefault(one.date(), one)
        of_week.setdefault(one.isocalendar()[:2], one)
    kept.update(list(of_day.values())[: keep.days], list(of_week.values())[: keep.weeks])
    return frozenset(made) - kept
