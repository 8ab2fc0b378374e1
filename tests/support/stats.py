"""Figures as /stats gets them, made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from salesbot.adminbot.stats import period
from salesbot.adminbot.stats.period import Asked
from salesbot.adminbot.stats.report import Report
from salesbot.store.stats import Group, Pace, Said, Step

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)  # in Moscow it is the next day


def group(opening: str, begun: int, answered: int, won: int = 0, scenario: str = "sales", **more: bool) -> Group:
    return Group(scenario, opening, more.get("wrote_first", False), begun, answered, won, cost=Decimal("0.5"))


def report(groups: Sequence[Group], asked: Asked | None = None, steps: Sequence[Step] = ()) -> Report:
    asked = asked or Asked()
    since = period.since(asked.period, NOW, MOSCOW)
    pace = Pace(timedelta(seconds=42), timedelta(hours=3))
    return Report(asked, since, NOW, MOSCOW, groups, steps, Said(12, 1234), pace)
