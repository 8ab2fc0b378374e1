"""Debounce, typing, backoff, quiet hours across midnight and daylight saving, follow-ups."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesbot.dialog import timing
from salesbot.dialog.model import Timing
from tests.talk import NOON, TEAPOTS

NIGHT = replace(TEAPOTS, quiet_hours=(time(21), time(9)), timezone="Europe/Moscow")
ZONES = ("Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Australia/Lord_Howe")
CHANGES = (  # nights on which clocks change in one of the zones
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
    datetime(2026, 4, 23, tzinfo=UTC),
    datetime(2026, 10, 3, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 10, 29, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
)
MOMENTS = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-2880, 2880)
)
CLOCK_TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def seconds(amount: float) -> timedelta:
    return timedelta(seconds=amount)


def local(text: str, zone: str = "Europe/Moscow") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("since_first", "wait"),
    [(0, 4), (3, 4), (15.9, 4), (16, 4), (17, 3), (19.5, 0.5), (20, 0), (60, 0)],
)
def test_each_message_moves_the_turn_but_not_past_the_cap(since_first: float, wait: float) -> None:
    assert timing.due_at(NOON, NOON - seconds(since_first), Timing()) == NOON + seconds(wait)


@pytest.mark.parametrize(("length", "expected"), [(0, 1.0), (10, 1.0), (50, 3.0), (1000, 9.0)])
def test_typing_lasts_as_long_as_the_text_within_limits(length: int, expected: float) -> None:
    assert timing.typing_seconds("x" * length, Timing()) == pytest.approx(expected)


def test_no_delays_mean_no_delays() -> None:
    assert timing.typing_seconds("x" * 50, Timing(typing_per_char=0, typing_min=0, typing_max=0)) == 0


@pytest.mark.parametrize(("failures", "expected"), [(0, 5), (1, 5), (2, 10), (5, 80), (7, 320), (8, 600), (10**6, 600)])
def test_backoff_doubles_up_to_ten_minutes(failures: int, expected: float) -> None:
    assert timing.backoff(failures) == seconds(expected)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [("20:59:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("08:59:59", True), ("09:00", False)],
)
def test_quiet_hours_may_cross_midnight(at: str, quiet: bool) -> None:
    assert timing.within_quiet_hours(local(f"2026-11-21T{at}"), NIGHT, None) is quiet


def test_quiet_hours_are_the_persons() -> None:
    at = local("2026-11-21T12:00", "Europe/Moscow")
    assert not timing.within_quiet_hours(at, NIGHT, None)
    assert timing.within_quiet_hours(at, NIGHT, "America/New_York")
    assert not timing.within_quiet_hours(at, NIGHT, "Middle/Earth"), "an unknown timezone counts as the scenario's"


def test_without_quiet_hours_nothing_waits() -> None:
    assert not timing.within_quiet_hours(NOON, TEAPOTS, None)
    assert timing.quiet_end(NOON, TEAPOTS, None, 1) == NOON
    assert timing.next_quiet_start(NOON, TEAPOTS, None) is None
    everything = replace(TEAPOTS, quiet_hours=(time(9), time(9)))
    assert timing.next_quiet_start(NOON, everything, None) is None


def test_the_end_of_quiet_hours_is_spread_over_twenty_minutes() -> None:
    end = local("2026-11-22T09:00")
    ends = [timing.quiet_end(local("2026-11-21T23:00"), NIGHT, None, number) for number in range(1, 101)]
    assert ends == [timing.quiet_end(local("2026-11-22T03:00"), NIGHT, None, number) for number in range(1, 101)]
    assert all(end <= one < end + timedelta(minutes=20) for one in ends)
    minutes = {int((one - end).total_seconds() // 60) for one in ends}
    assert minutes == set(range(20))


def test_a_moment_outside_of_quiet_hours_is_its_own_end() -> None:
    at = local("2026-11-21T12:00")
    assert timing.quiet_end(at, NIGHT, None, 7) == at


@pytest.mark.parametrize(
    ("at", "start"),
    [
        ("2026-11-21T12:00", "2026-11-21T21:00"),
        ("2026-11-21T20:59", "2026-11-21T21:00"),
        ("2026-11-21T21:00", "2026-11-21T21:00"),
        ("2026-11-22T04:00", "2026-11-22T04:00"),
        ("2026-11-22T09:00", "2026-11-22T21:00"),
    ],
)
def test_the_next_quiet_start_is_now_within_them(at: str, start: str) -> None:
    assert timing.next_quiet_start(local(at), NIGHT, None) == local(start)


@pytest.mark.parametrize(
    ("night", "end"),
    [("2026-03-28T23:30", "2026-03-29T09:00"), ("2026-10-24T23:30", "2026-10-25T09:00")],
)
def test_daylight_saving_does_not_move_the_end(night: str, end: str) -> None:
    found = timing.quiet_end(local(night, "Europe/Berlin"), NIGHT, "Europe/Berlin", 0)
    assert found == local(end, "Europe/Berlin")


@settings(max_examples=300, deadline=None)
@given(at=MOMENTS, zone=st.sampled_from(ZONES), start=CLOCK_TIMES, end=CLOCK_TIMES)
def test_what_waited_for_the_end_does_not_wait_again(at: datetime, zone: str, start: time, end: time) -> None:
    scenario = replace(TEAPOTS, quiet_hours=(start, end), timezone=zone)
    over = timing.quiet_end(at, scenario, None, 0)
    assert over >= at
    assert not timing.within_quiet_hours(over, scenario, None)


@settings(max_examples=300, deadline=None)
@given(at=MOMENTS, zone=st.sampled_from(ZONES), start=CLOCK_TIMES, end=CLOCK_TIMES)
def test_quiet_hours_have_begun_at_their_start(at: datetime, zone: str, start: time, end: time) -> None:
    scenario = replace(TEAPOTS, quiet_hours=(start, end), timezone=zone)
    begin = timing.next_quiet_start(at, scenario, None)
    if begin is not None:
        assert at <= begin < at + timedelta(days=3)
        assert timing.within_quiet_hours(begin, scenario, None)


def test_follow_ups_come_in_their_order_and_end() -> None:
    patient = replace(TEAPOTS, follow_ups=(timedelta(hours=24), timedelta(days=3)))
    assert timing.next_follow_up(patient, 0, NOON, None, 1) == NOON + timedelta(hours=24)
    assert timing.next_follow_up(patient, 1, NOON, None, 1) == NOON + timedelta(days=3)
    assert timing.next_follow_up(patient, 2, NOON, None, 1) is None
    assert timing.next_follow_up(TEAPOTS, 0, NOON, None, 1) is None


def test_a_follow_up_waits_for_the_morning() -> None:
    patient = replace(NIGHT, follow_ups=(timedelta(hours=12),))
    at = timing.next_follow_up(patient, 0, local("2026-11-21T12:00"), None, 5)
    assert at is not None
    assert local("2026-11-22T09:00") <= at < local("2026-11-22T09:20")


def test_naive_datetimes_are_refused() -> None:
    naive = datetime(2026, 11, 21, 12)  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="naive"):
        timing.due_at(naive, NOON, Timing())
    with pytest.raises(ValueError, match="naive"):
        timing.due_at(NOON, naive, Timing())
    with pytest.raises(ValueError, match="naive"):
        timing.within_quiet_hours(naive, NIGHT, None)
    with pytest.raises(ValueError, match="naive"):
        timing.quiet_end(naive, NIGHT, None, 1)
    with pytest.raises(ValueError, match="naive"):
        timing.next_follow_up(replace(TEAPOTS, follow_ups=(timedelta(1),)), 0, naive, None, 1)
