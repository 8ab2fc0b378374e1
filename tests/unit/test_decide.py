"""What a dialog needs next, as a table: no clock, no database."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from salesbot.dialog.decide import Nothing, Speak, Wait, decide, is_unanswered
from salesbot.dialog.model import Author, Dialog, Message, Purpose, SendState, Status
from salesbot.dialog.scenario import Scenario
from tests.talk import DIALOG, NOON, TEAPOTS, Talk

QUIET = replace(TEAPOTS, quiet_hours=(time(8), time(10)), timezone="UTC")
"""At NOON (nine o'clock UTC) nothing is begun."""
ANSWERED = replace(DIALOG, revision=5, answered_revision=5)


def decided(dialog: Dialog, talk: Talk, now: datetime = NOON, scenario: Scenario = TEAPOTS) -> Nothing | Wait | Speak:
    return decide(dialog, talk.messages, now, scenario, None)


def test_a_new_dialog_is_opened() -> None:
    match decided(DIALOG, Talk()):
        case Speak(purpose=Purpose.OPENING, read_up_to=None):
            pass
        case other:
            pytest.fail(f"{other}")


def test_what_is_unanswered_is_answered_and_read_up_to_its_newest_id() -> None:
    talk = Talk()
    old, new = talk.says("old", revision=5), talk.says("new", revision=6)
    newest = talk.says("newest", revision=7)
    step = decided(replace(ANSWERED, revision=7), talk)
    assert isinstance(step, Speak)
    assert (step.purpose, step.read_up_to) == (Purpose.REPLY, newest.telegram_message_id)
    assert step.history.unanswered == {new.id, newest.id}
    assert old.id not in step.history.unanswered


def test_revisions_decide_what_is_unanswered_and_never_ids() -> None:
    """A message that came while a reply was on its way may carry a lower id than the reply."""
    talk = Talk()
    crossed = talk.says("crossed", revision=6)
    talk.said("our reply", revision=5)
    step = decided(replace(ANSWERED, revision=6), talk)
    assert isinstance(step, Speak) and step.history.unanswered == {crossed.id}


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACTIVE])
def test_who_is_not_active_says_nothing(status: Status) -> None:
    talk = Talk()
    talk.says("unanswered", revision=9)
    assert decided(replace(ANSWERED, status=status, revision=9), talk) == Nothing()


def test_all_answered_is_nothing_to_do() -> None:
    talk = Talk()
    talk.says("hello", revision=4)
    talk.said("hello to you", revision=4)
    assert decided(ANSWERED, talk) == Nothing()


@pytest.mark.parametrize("author", [Author.MODEL, Author.HUMAN])
def test_what_was_said_before_the_dialog_does_not_open_it(author: Author) -> None:
    talk = Talk()
    talk.says("we met", revision=0)
    talk.said("we did", author, revision=0, send_state=None)
    talk.said("in another dialog", author, revision=3, dialog_id=77)
    step = decided(DIALOG, talk)
    assert isinstance(step, Speak) and step.purpose is Purpose.OPENING


@pytest.mark.parametrize("state", [SendState.CANCELLED, SendState.FAILED])
def test_an_opening_that_was_not_said_is_decided_anew(state: SendState) -> None:
    talk = Talk()
    talk.said("never arrived", revision=1, send_state=state)
    step = decided(DIALOG, talk)
    assert isinstance(step, Speak) and step.purpose is Purpose.OPENING


def test_an_unexplained_line_opens_no_dialog_and_closes_none() -> None:
    talk = Talk()
    talk.said("whose is it", Author.UNEXPLAINED, revision=1, send_state=None)
    step = decided(DIALOG, talk)
    assert isinstance(step, Speak) and step.purpose is Purpose.OPENING


def test_a_follow_up_comes_when_its_time_has_come() -> None:
    talk = Talk()
    talk.said("hello", revision=1)
    waiting = replace(ANSWERED, follow_up_at=NOON)
    step = decided(waiting, talk)
    assert isinstance(step, Speak) and step.purpose is Purpose.FOLLOW_UP
    assert decided(waiting, talk, now=NOON - timedelta(seconds=1)) == Nothing()


def test_an_answer_comes_before_a_follow_up() -> None:
    talk = Talk()
    talk.says("hello", revision=6)
    step = decided(replace(ANSWERED, revision=6, follow_up_at=NOON), talk)
    assert isinstance(step, Speak) and step.purpose is Purpose.REPLY


def test_what_we_begin_waits_for_the_end_of_quiet_hours() -> None:
    talk = Talk()
    talk.said("hello", revision=1)
    for dialog, said in ((DIALOG, Talk()), (replace(ANSWERED, follow_up_at=NOON), talk)):
        step = decided(dialog, said, scenario=QUIET)
        assert isinstance(step, Wait) and step.reason == "quiet_hours"
        assert NOON + timedelta(hours=1) <= step.until <= NOON + timedelta(hours=1, minutes=20)


def minutes_ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("said", "asked", "answered"),
    [
        ((), (1,), False),
        ((90,), (1,), False),
        ((61.5,), (1,), False),
        ((60,), (1,), True),
        ((2,), (1,), True),
        ((2,), (1, 0), True),
        ((40,), (31,), False),
        ((40,), (30,), True),
        ((40,), (35, 5), True),
        ((110,), (45, 5), False),
        ((), (45, 5), False),
    ],
)
def test_an_answer_waits_for_the_end_of_quiet_hours_unless_a_conversation_is_going_on(
    said: tuple[float, ...], asked: tuple[float, ...], answered: bool
) -> None:
    for by_us in (True, False):
        talk = Talk()
        for ago in said:
            line = talk.said if by_us else talk.says
            line("earlier", revision=4, timestamp=minutes_ago(ago))
        for ago in asked:
            talk.says("and?", revision=6, timestamp=minutes_ago(ago))
        step = decided(replace(ANSWERED, revision=6), talk, scenario=QUIET)
        if answered:
            assert isinstance(step, Speak) and step.purpose is Purpose.REPLY
        else:
            assert isinstance(step, Wait) and step.reason == "answer_waits"
            assert NOON + timedelta(hours=1) <= step.until <= NOON + timedelta(hours=1, minutes=20)


@pytest.mark.parametrize("state", [SendState.PENDING, SendState.CANCELLED, SendState.FAILED])
def test_what_was_not_said_keeps_no_conversation_going(state: SendState) -> None:
    talk = Talk()
    talk.said("on its way", revision=4, timestamp=minutes_ago(5), send_state=state)
    talk.says("hello?", revision=6, timestamp=minutes_ago(1))
    assert isinstance(decided(replace(ANSWERED, revision=6), talk, scenario=QUIET), Wait)


def test_what_was_said_after_the_first_unanswered_line_keeps_no_conversation_going() -> None:
    """A follow-up that crossed the first line of a night is no conversation."""
    talk = Talk()
    talk.says("hello?", revision=6, timestamp=minutes_ago(10))
    talk.said("we wrote as well", revision=5, timestamp=minutes_ago(9))
    assert isinstance(decided(replace(ANSWERED, revision=6), talk, scenario=QUIET), Wait)


def test_quiet_hours_are_those_of_the_place_where_the_person_is() -> None:
    talk = Talk()
    talk.says("hello?", revision=6, timestamp=NOON)
    dialog = replace(ANSWERED, revision=6)
    assert isinstance(decide(dialog, talk.messages, NOON, QUIET, "UTC"), Wait)
    assert isinstance(decide(dialog, talk.messages, NOON, QUIET, "Asia/Tokyo"), Speak)


@pytest.mark.parametrize(
    ("message", "unanswered"),
    [
        ({"revision": 6}, True),
        ({"revision": 5}, False),
        ({"revision": 6, "deleted_at": NOON}, False),
        ({"revision": 6, "dialog_id": 77}, False),
        ({"revision": 6, "content": "", "erased": True}, False),
    ],
)
def test_is_unanswered(message: dict[str, Any], unanswered: bool) -> None:
    line: Message = Talk().says(**{"content": "hello", **message})
    assert is_unanswered(line, ANSWERED) is unanswered


def test_erased_words_are_neither_answered_nor_begun_with() -> None:
    talk = Talk()
    talk.said("", revision=5, erased=True)
    talk.says("", revision=6, erased=True)
    assert decided(replace(ANSWERED, revision=7), talk) == Nothing()


def test_nothing_of_ours_is_unanswered() -> None:
    assert not is_unanswered(Talk().said("hello", revision=9), ANSWERED)
