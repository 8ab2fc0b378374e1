"""Which backups are kept: those of the last day, and the newest of each of the last days and weeks that have one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

LATELY = timedelta(days=1)
"""An upgrade, and the way back from it, make backups as well: none takes the place of one that is so young."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Of so many days, and of so many weeks, that have a backup."""

    days: int
    weeks: int


def doomed(made: Collection[datetime], keep: Keep) -> frozenset[datetime]:
    """Those that are to go. The newest never is; a time without backups costs none of the older ones."""
    newest_first = sorted(made, reverse=True)
    kept = {one for one in newest_first if newest_first[0] - one < LATELY}
    of_day: dict[object, datetime] = {}
    of_week: dict[object, datetime] = {}
    for one in newest_first:
        of_day.setdefault(one.date(), one)
        of_week.setdefault(one.isocalendar()[:2], one)
    kept.update(list(of_day.values())[: keep.days], list(of_week.values())[: keep.weeks])
    return frozenset(made) - kept
