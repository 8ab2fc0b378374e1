"""Two machines are told from a machine and a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from salesbot.dialog.bots import two_machines
from salesbot.dialog.model import Author, Kind, SendState
from salesbot.dialog.scenario import Limits
from tests.talk import NOON, Talk

LIMITS = Limits(turns_per_hour=30)
MINUTE = timedelta(minutes=1)
LONG = "what an interesting question about kettle number {}, let me tell you all that I know of it"


def exchanged(
    *answers: str, delay: float = 60, ours: str = "Our line {}", also: dict[str, object] | None = None
) -> Talk:
    """A line of ours and an answer, again and again; the last answer came just before NOON."""
    talk = Talk()
    at = NOON - (timedelta(seconds=delay) + MINUTE) * len(answers)
    for number, answer in enumerate(answers):
        talk.said(ours.format(number), timestamp=at)
        talk.says(answer, timestamp=at + timedelta(seconds=delay), **(also or {}))
        at += timedelta(seconds=delay) + MINUTE
    return talk


def found(talk: Talk, now: datetime = NOON) -> bool:
    return two_machines(talk.history(), now, LIMITS)


AUTOREPLY = "Thank you for your message! We answer from nine to six."


def test_more_replies_in_an_hour_than_the_scenario_allows_are_too_many() -> None:
    for replies, expected in ((30, False), (31, True)):
        talk = Talk()
        for number in range(replies):
            at = NOON - timedelta(minutes=59) + timedelta(minutes=number)
            talk.said(f"part one of {number}", timestamp=at)
            talk.said(f"part two of {number}", timestamp=at)
            talk.says(f"and thing {'x' * number}?", timestamp=at + timedelta(seconds=30))
        assert found(talk) is expected
        assert not found(talk, NOON + 2 * MINUTE), "the first ones are more than an hour old"


@pytest.mark.parametrize(
    ("answers", "delay", "expected"),
    [
        ([AUTOREPLY] * 3, 1, True),
        ([AUTOREPLY] * 3, 90, True),
        ([AUTOREPLY, AUTOREPLY.upper(), AUTOREPLY.replace("!", ".")], 1, True),
        ([AUTOREPLY] * 2, 1, False),
        (["Hello there, my friend", *[AUTOREPLY] * 2], 1, False),
        ([AUTOREPLY, "Who is this?", AUTOREPLY, AUTOREPLY], 1, False),
        (["ok", "ok"], 1, False),
        (["ok"] * 3, 40, False),
        (["ok"] * 4, 2, True),
        (["how much?"] * 3, 60, False),
        (["Thanks!", "You too!", "👍", "Bye!", "Bye bye"], 60, False),
        (["Thanks!", "You too!", "👍", "Bye!", "Goodbye!", "🙂"], 60, True),
        (["Спасибо!", "Всего доброго", "И вам", "До свидания!"], 2, True),
        (["Спасибо!", "Всего доброго", "И вам", "До свидания!"], 30, False),
        (["Thank you!", "You are welcome!", "You're welcome!", "Have a nice day!"], 2, True),
        (["Thanks!", "Great", "Thanks", "ok, 14 people then"], 2, False),
        (["Thanks!", "Great", "Thanks", "ok?"], 2, False),
        ([LONG.format(number) for number in ("one", "two", "three", "four", "five")], 2, True),
        ([LONG.format(number) for number in ("one", "two", "three", "four")], 2, False),
        ([LONG.format(number) for number in ("one", "two", "three", "four", "five")], 15, False),
        (["yes", "fourteen", "on Monday", "at noon", "card", "of course"], 2, False),
    ],
)
def test_what_a_machine_answers(answers: list[str], delay: float, expected: bool) -> None:
    assert found(exchanged(*answers, delay=delay)) is expected


def test_somebody_who_begins_at_once_and_goes_on_for_a_while_types_like_a_person() -> None:
    for pause, expected in ((0, True), (15, False)):
        talk, at = Talk(), NOON - timedelta(hours=1)
        for number in range(6):
            talk.said(f"Our line {number}", timestamp=at)
            for line in ("well yes", LONG.format(number), f"and what would {number} of them cost us"):
                talk.says(line, timestamp=at + timedelta(seconds=1))
                at += timedelta(seconds=pause)
            at += MINUTE
        assert found(talk) is expected


def test_an_echo_is_a_machine() -> None:
    talk = exchanged(*(f"Our line about {number}" for number in range(3)), ours="Our line about {}")
    assert found(talk)


@pytest.mark.parametrize(("kind", "expected"), [(Kind.STICKER, True), (Kind.PHOTO, False), (Kind.VOICE, False)])
def test_stickers_say_nothing_and_photos_do(kind: Kind, expected: bool) -> None:
    assert found(exchanged(*[""] * 6, also={"kind": kind})) is expected


def test_what_was_said_before_a_colleague_spoke_does_not_count() -> None:
    talk = exchanged(*[AUTOREPLY] * 2, delay=1)
    talk.said("Let me try", Author.HUMAN, timestamp=NOON, send_state=None)
    talk.says(AUTOREPLY, timestamp=NOON)
    assert not found(talk)


def test_what_is_not_said_yet_or_long_ago_does_not_count() -> None:
    talk = exchanged(*[AUTOREPLY] * 3)
    assert not found(talk, NOON + timedelta(days=2))
    unsent = exchanged(*[AUTOREPLY] * 2)
    unsent.said("On its way", timestamp=NOON, send_state=SendState.PENDING)
    assert not found(unsent)


def test_several_lines_of_one_side_are_one_turn() -> None:
    talk = Talk()
    talk.said("How many are you?", timestamp=NOON - MINUTE)
    for _ in range(6):
        talk.says("hello", timestamp=NOON)
    assert not found(talk)
    assert not found(Talk())
