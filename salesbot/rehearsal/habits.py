"""When a simulated customer looks at the chat, and in what shape a line of theirs arrives. Pure: chance is passed in.

Everybody sleeps: by day in their own timezone, or, if they are night owls, from three on. A machine does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from salesbot.rehearsal.chance import Chance, between
from salesbot.rehearsal.profile import Action, Habit, Kind, Profile

AWAKE = {False: (time(8), time(22, 30)), True: (time(23), time(3))}
"""Local times between which somebody answers; True: a night owl."""
GETS_UP = timedelta(hours=2)
"""Over how long the beginnings of people's days are spread."""
SILENCE_HOURS = (26, 96)
"""How long somebody who falls silent does; longer than most follow-ups wait."""
LETTERS_PER_SECOND = 7
FRAGMENTS = 4
"""Messages that one thought is written in, at most."""
BORDER = re.compile(r"(?<=[.!?…])\s+|(?<=[,;])\s+|\n+|\s+(?=[—–] )")
"""Where somebody who writes in fragments presses Enter; never within a number or a time."""
LONG_WORD = re.compile(r"(?<![\w@/.-])[^\W\d_]{5,}(?![\w@/]|[.:-][\w/])")
"""A word that holds a slip and is still understood; no name of a site or of a person's account."""


def looks_at(profile: Profile, now: datetime, draw: Chance, *, live: bool) -> datetime:
    """When they look at something that was said now. ``live``: they said something just before."""
    if profile.kind is Kind.MACHINE:
        return now + timedelta(seconds=1)
    if Habit.SILENT in profile.habits and draw("silent?") < 0.4:
        wait = timedelta(hours=between(*SILENCE_HOURS, draw("silence")))
    elif live or draw("at hand") < 0.3:
        wait = timedelta(seconds=between(4, 90, draw("look")))
    else:
        wait = timedelta(minutes=between(2, 240, draw("look") ** 2))
    return _whole(_awake(now + wait, profile, draw))


def _awake(at: datetime, profile: Profile, draw: Chance) -> datetime:
    """The same moment, or soon after they get up."""
    start, end = AWAKE[Habit.NIGHT_OWL in profile.habits]
    zone = ZoneInfo(profile.timezone)
    local = at.astimezone(zone)
    if start <= local.time() < end if start < end else local.time() >= start or local.time() < end:
        return at
    days = (local.date() + timedelta(days=more) for more in (0, 1))
    begins = (datetime.combine(day, start, zone).astimezone(UTC) for day in days)
    return next(one for one in begins if one > at) + GETS_UP * draw("gets up")


def in_voice(profile: Profile, draw: Chance) -> bool:
    """Whether they say this line instead of writing it."""
    return Habit.VOICE in profile.habits and draw("voice?") < 0.4


def voiced(said: str, now: datetime, draw: Chance) -> tuple[Action, ...]:
    """A line as a voice note."""
    return (Action(_later(now, between(4, 20, draw("speaks"))), said, kind="voice"),)


def written(said: str, profile: Profile, now: datetime, draw: Chance) -> tuple[Action, ...]:
    """A line as they write it: in one message or in several, with a slip that is mended or without."""
    pieces = fragments(said) if Habit.FRAGMENTS in profile.habits else (said,)
    acts, at = [], now
    for number, piece in enumerate(pieces):
        at = _later(at, _seconds(piece, profile, draw(f"types {number}")))
        acts.append(Action(at, piece))
    slip = with_a_slip(pieces[-1], draw("slip"))
    if Habit.EDITS in profile.habits and slip != pieces[-1] and draw("edits?") < 0.6:
        acts[-1] = Action(at, slip)
        mended = between(3, 9, draw("mends")) if draw("notices") < 0.7 else between(30, 120, draw("mends"))
        acts.append(Action(_later(at, mended), edits_to=pieces[-1]))
    return tuple(acts)


def fragments(text: str) -> tuple[str, ...]:
    """One thought in several messages, of two words or a whole sentence each."""
    pieces: list[str] = []
    for piece in filter(None, map(str.strip, BORDER.split(text))):
        if pieces and (len(pieces) == FRAGMENTS or min(len(pieces[-1].split()), len(piece.split())) < 2):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
    return tuple(pieces) or (text,)


def with_a_slip(text: str, drawn: float) -> str:
    """The text with two neighbouring letters of one long word exchanged; unchanged where there is no such word."""
    slips = list(_slips(text))
    return slips[int(drawn * len(slips))] if slips else text


def _slips(text: str) -> Iterator[str]:
    for word in LONG_WORD.finditer(text):
        middle = word.start() + len(word[0]) // 2
        one, other = text[middle], text[middle + 1]
        if one != other:
            yield f"{text[:middle]}{other}{one}{text[middle + 2 :]}"


def _seconds(text: str, profile: Profile, drawn: float) -> float:
    """How long they write this."""
    if profile.kind is Kind.MACHINE:
        return 1
    return 2 + min(len(text), 300) / LETTERS_PER_SECOND * between(0.7, 1.5, drawn)


def _later(at: datetime, seconds: float) -> datetime:
    """A whole number of seconds later, at least one: Telegram knows no less."""
    return at + timedelta(seconds=max(1, round(seconds)))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0) + timedelta(seconds=bool(at.microsecond))
