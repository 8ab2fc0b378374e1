"""When things happen: debounce, typing, backoff, quiet hours, follow-ups. Pure; naive datetimes are refused."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salesbot.dialog.model import Timing
from salesbot.dialog.scenario import Scenario

BACKOFF_FIRST = timedelta(seconds=5)
BACKOFF_CAP = timedelta(minutes=10)
SPREAD = timedelta(minutes=20)
"""Over how long the end of quiet hours is spread, so that an account does not speak in a volley at nine."""


def aware(at: datetime) -> datetime:
    """The same moment; a naive one is refused, because nobody knows when it is."""
    if at.tzinfo is None:
        raise ValueError(f"naive datetime: {at.isoformat()}")
    return at


def due_at(now: datetime, burst_since: datetime, timing: Timing) -> datetime:
    """When a turn is due after a message that came now, in a burst whose first message came at ``burst_since``."""
    quiet = aware(now) + timedelta(seconds=timing.debounce)
    cap = aware(burst_since) + timedelta(seconds=timing.debounce_cap)
    return max(now, min(quiet, cap))


def typing_seconds(text: str, timing: Timing) -> float:
    """How long "typing…" is shown before a text of this length."""
    return min(timing.typing_max, max(timing.typing_min, len(text) * timing.typing_per_char))


def backoff(failures: int) -> timedelta:
    """How long a turn waits after so many failures in a row: 5 s, doubled each time, at most 10 min."""
    return min(BACKOFF_CAP, BACKOFF_FIRST * (1 << min(max(failures - 1, 0), 16)))


def within_quiet_hours(at: datetime, scenario: Scenario, timezone: str | None) -> bool:
    """Whether this moment lies in the quiet hours of somebody in this timezone (the scenario's, if unknown)."""
    if scenario.quiet_hours is None:
        return False
    start, end = scenario.quiet_hours
    local = aware(at).astimezone(zone(timezone, scenario)).time()
    return start <= local < end if start <= end else local >= start or local < end


def quiet_end(at: datetime, scenario: Scenario, timezone: str | None, dialog_id: int) -> datetime:
    """When a moment in quiet hours may be gone on with: their end, later by this dialog's share of 20 minutes.

    A moment outside of them is its own answer.
    """
    if scenario.quiet_hours is None or not within_quiet_hours(at, scenario, timezone):
        return at
    ends = _occurrences(scenario.quiet_hours[1], at, zone(timezone, scenario))
    over = next(one for one in ends if one > at and not within_quiet_hours(one, scenario, timezone))
    return over + SPREAD * _share(dialog_id)


def next_quiet_start(at: datetime, scenario: Scenario, timezone: str | None) -> datetime | None:
    """From when on nothing may be begun: the next start of quiet hours, ``at`` itself within them, None without."""
    if scenario.quiet_hours is None or scenario.quiet_hours[0] == scenario.quiet_hours[1]:
        return None
    if within_quiet_hours(at, scenario, timezone):
        return at
    starts = _occurrences(scenario.quiet_hours[0], at, zone(timezone, scenario))
    return next(one for one in starts if one > at and within_quiet_hours(one, scenario, timezone))


def next_follow_up(
    scenario: Scenario, follow_ups_done: int, now: datetime, timezone: str | None, dialog_id: int
) -> datetime | None:
    """When to write again to somebody who stays quiet after a line of ours sent now; None: never again."""
    if follow_ups_done >= len(scenario.follow_ups):
        return None
    return quiet_end(aware(now) + scenario.follow_ups[follow_ups_done], scenario, timezone, dialog_id)


def _occurrences(wall: time, at: datetime, place: ZoneInfo) -> list[datetime]:
    """The moments around ``at`` when the clocks there show this time, in order, in UTC (two times of one zone are
    compared by their wall clocks). Where clocks go back over it both are given, where they go forward, its neighbours.
    """
    today = aware(at).astimezone(place).date()
    days = [today + timedelta(days=offset) for offset in range(-1, 3)]
    shown = [datetime.combine(day, wall, place).replace(fold=fold) for day in days for fold in (0, 1)]
    return sorted(one.astimezone(UTC) for one in shown)


def _share(dialog_id: int) -> float:
    """A number in [0, 1) that neighbouring ids do not share (Knuth's multiplicative hash)."""
    return (dialog_id * 2_654_435_761 % 2**32) / 2**32


def zone(name: str | None, scenario: Scenario) -> ZoneInfo:
    """Somebody's timezone, if it is known and exists, else the scenario's."""
    return (known_zone(name) if name else None) or ZoneInfo(scenario.timezone)


@lru_cache(maxsize=512)
def known_zone(name: str) -> ZoneInfo | None:
    """A zone by a name that people or programs told us, if there is such a one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
