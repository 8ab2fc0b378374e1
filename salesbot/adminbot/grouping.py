"""What an admin is told at once, in one message with others, or a little later: never a flood, and nothing is lost.

A few of a kind come one by one. Of many there is one message, and while a minute has not passed since the last of them,
those that follow wait for the next message. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from salesbot.store.admins import Admin
from salesbot.store.events import PROMPT
from salesbot.store.notices import Pending

FEW = 10
"""Notices of a kind within ``CALM`` that come one by one."""
CALM = timedelta(minutes=1)
LATE = timedelta(minutes=10)
"""What is older when it is told (the night, an outage) stands together from the second of its kind on."""


def due(
    pending: Iterable[Pending], lately: Callable[[str], int], now: datetime, *, quiet: bool
) -> Sequence[Sequence[int]]:
    """The messages that are to be said now, each as its events, in the order of what happened first in them.

    ``lately`` says how many of a kind were told within ``CALM``.
    """
    messages: list[Sequence[int]] = []
    for one in pending:
        prompt = one.kind in PROMPT
        if quiet and not prompt:
            continue
        told = 0 if prompt else lately(one.kind)
        if len(one.events) > (1 if now - one.since > LATE else FEW) and not told:
            messages.append(one.events)
        elif prompt or told + len(one.events) <= FEW:
            messages += [[event] for event in one.events]
    return sorted(messages, key=lambda events: events[0])


def rests(admin: Admin, zone: tzinfo, now: datetime) -> bool:
    """Whether these are the hours in which they want to hear nothing."""
    begin, end = admin.quiet_from, admin.quiet_to
    if begin is None or end is None:
        return False
    hour = now.astimezone(zone).hour
    return begin <= hour < end if begin < end else hour >= begin or hour < end
