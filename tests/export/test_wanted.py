"""Since when: as people type it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from salesbot.export.wanted import since

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize("text", ["2026-10-01", "2026-10-1", "01.10.2026", "1.10.2026"])
def test_a_day_begins_at_its_midnight_in_the_readers_zone(text: str) -> None:
    assert since(text, NOW, MOSCOW) == datetime(2026, 9, 30, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["30d", "30D", "30д"])
def test_days_are_counted_back_from_now(text: str) -> None:
    assert since(text, NOW, MOSCOW) == NOW - timedelta(days=30)


@pytest.mark.parametrize(
    "text", ["", "d", "30", "-3d", "99999d", "2026-02-30", "2026-13-01", "0000-01-01", "0001-01-01 ", "2026-11-22",
             "01.10.26", "yesterday", "2026/10/01", "30dd"],
)  # fmt: skip
def test_what_is_no_day_of_the_past_is_none(text: str) -> None:
    assert since(text, NOW, MOSCOW) is None


def test_the_first_day_of_all_does_not_overflow() -> None:
    assert since("0001-01-01", NOW, MOSCOW) is None
    assert since("9999d", NOW, MOSCOW) == NOW - timedelta(days=9999)
