"""How fast a list of people is worked through: as the accounts' new conversations of each day allow. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from salesbot.dialog.openings import allowance

AT_ONCE = 3
"""Dialogs of an account that are being looked up or begun at a time: nobody is looked up long before their turn."""

FORESEEABLE = 3650
"""Days beyond which nothing is foretold."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """An account that may begin conversations: when it began its first one, and how many it began today."""

    first: datetime | None
    begun_today: int


def room(left: int | None, *, today: int, at_once: int) -> int:
    """How many dialogs may be opened now: ``left`` places are free today (None: any number), ``today`` dialogs want one
    of them, ``at_once`` are being begun."""
    free = AT_ONCE - at_once
    return max(0, free if left is None else min(free, left - today))


def days(people: int, speakers: Sequence[Speaker], per_day: int, warm_up: Sequence[int], now: datetime) -> int | None:
    """On which day, today being the first, the last of so many is written to; None when that cannot be foreseen."""
    for day in range(FORESEEABLE if speakers else 0):
        for speaker in speakers:
            most = allowance(per_day, warm_up, speaker.first or now, now + timedelta(days=day))
            if most is None:
                return 1
            people -= max(0, most - (speaker.begun_today if day == 0 else 0))
        if people <= 0:
            return day + 1
    return None
