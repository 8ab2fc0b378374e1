"""Awaited humans and forgotten takeovers, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from salesbot.dialog import model
from salesbot.dialog.model import Status
from salesbot.dialog.patience import Patience, Step, step
from tests.talk import DIALOG, NOON

PATIENCE = Patience(timedelta(minutes=15), timedelta(hours=1), timedelta(hours=12))
NEVER = Patience(timedelta(), timedelta(), timedelta())
HANDOFF = replace(DIALOG, status=Status.HANDOFF, status_since=NOON)
TAKEN = replace(DIALOG, status=Status.TAKEN, status_since=NOON)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("after", "reminders", "awaited", "expected"),
    [
        (0.24, 0, True, None),
        (0.25, 0, True, Step.REMIND),
        (9, 0, True, Step.REMIND),
        (0.99, 1, True, None),
        (1, 1, True, Step.APOLOGISE),
        (9, 1, False, None),
        (9, 2, True, None),
    ],
)
def test_who_needs_a_human(after: float, reminders: int, awaited: bool, expected: Step | None) -> None:
    dialog = replace(HANDOFF, reminders=reminders)
    assert step(dialog, NOON + hours(after), PATIENCE, awaited=awaited, human_at=None) is expected
    assert step(dialog, NOON + hours(after), NEVER, awaited=awaited, human_at=None) is None


@pytest.mark.parametrize(
    ("after", "human_at", "told_at", "expected"),
    [
        (10.9, None, None, None),
        (11, None, None, Step.ANNOUNCE),
        (11.5, None, 11, None),
        (12, None, 11, Step.GIVE_BACK),
        (12, None, 11.5, None),  # announced late, because nobody ran: an hour it is, all the same
        (12.5, None, 11.5, Step.GIVE_BACK),
        (15, 5, None, None),
        (16, 5, None, Step.ANNOUNCE),
        (13, 11.5, 11, None),  # a colleague wrote after it was announced: all begins anew
        (22.5, 11.5, 11, Step.ANNOUNCE),
        (23.5, 11.5, 22.5, Step.GIVE_BACK),
    ],
)
def test_a_takeover(after: float, human_at: float | None, told_at: float | None, expected: Step | None) -> None:
    dialog = replace(TAKEN, reminded_at=None if told_at is None else NOON + hours(told_at))
    human = None if human_at is None else NOON + hours(human_at)
    assert step(dialog, NOON + hours(after), PATIENCE, awaited=True, human_at=human) is expected
    assert step(dialog, NOON + hours(after), NEVER, awaited=True, human_at=human) is None


@pytest.mark.parametrize("patience", [PATIENCE, NEVER])
def test_a_takeover_with_an_end_is_over_then_whoever_wrote_when(patience: Patience) -> None:
    dialog = replace(TAKEN, taken_until=NOON + hours(0.5))
    assert step(dialog, NOON + hours(0.4), patience, awaited=True, human_at=None) is None
    assert step(dialog, NOON + hours(0.5), patience, awaited=True, human_at=NOON + hours(0.5)) is Step.GIVE_BACK
    for_good = replace(TAKEN, taken_until=model.NEVER)
    assert step(for_good, NOON + hours(99), patience, awaited=True, human_at=None) is None


def test_a_short_takeover_is_announced_at_half_of_it() -> None:
    short = replace(PATIENCE, takeover=hours(1))
    assert step(TAKEN, NOON + hours(0.4), short, awaited=True, human_at=None) is None
    assert step(TAKEN, NOON + hours(0.5), short, awaited=True, human_at=None) is Step.ANNOUNCE


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.CLOSED, Status.STOPPED, Status.RESOLVING])
def test_nobody_is_awaited_elsewhere(status: Status) -> None:
    assert step(replace(TAKEN, status=status), NOON + hours(99), PATIENCE, awaited=True, human_at=None) is None
