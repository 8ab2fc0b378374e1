"""What the program adds to a reply: that it is one, unasked in the first message and whenever somebody asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from salesbot.dialog.disclosure import asked, disclosed, identified, without
from salesbot.dialog.model import Author, Reply, SendState
from salesbot.dialog.questions import Question
from tests.talk import TEAPOTS, Talk

SCENARIO = replace(
    TEAPOTS, identity={"en": "Yes, I am a program.", "ru": "Да, я программа."}, waiting={"en": "Nobody came yet."}
)
FIRST = TEAPOTS.disclosure["en"]
REPLY = Reply(("We have pots.", "And cups."), "offer")


def text(reply: Reply) -> str:
    return "|".join(reply.parts)


@pytest.mark.parametrize("sentence", [SCENARIO.safe_sentence["en"], "Nobody came yet."])
def test_a_bare_sentence_of_the_program_is_not_the_model_s_first_message(sentence: str) -> None:
    talk = Talk()
    talk.said(sentence)
    assert text(disclosed(REPLY, SCENARIO, talk.history())) == f"We have pots.\n\n{FIRST}|And cups."


@pytest.mark.parametrize(
    ("author", "state", "expected"),
    [
        (Author.MODEL, SendState.SENT, False),
        (Author.MODEL, SendState.PENDING, False),
        (Author.MODEL, SendState.CANCELLED, True),
        (Author.HUMAN, None, True),
    ],
)
def test_only_what_the_model_said_stands_for_a_disclosure(
    author: Author, state: SendState | None, expected: bool
) -> None:
    talk = Talk()
    talk.said("Good day!", author, send_state=state)
    assert (FIRST in text(disclosed(REPLY, SCENARIO, talk.history()))) is expected


@pytest.mark.parametrize(
    ("said", "reply", "expected"),
    [
        ("Are you a bot?", REPLY, "Yes, I am a program.\n\nWe have pots.|And cups."),
        ("Вы бот?", Reply(("Есть чайники.",), "offer"), "Да, я программа.\n\nЕсть чайники."),
        ("Are you a bot?", Reply(("Yes, I am a program. And you?",), "offer"), "Yes, I am a program. And you?"),
        ("What does a pot cost?", REPLY, "We have pots.|And cups."),
    ],
)
def test_who_asks_is_told_first(said: str, reply: Reply, expected: str) -> None:
    talk = Talk()
    last = talk.says(said)
    assert text(identified(reply, SCENARIO, talk.history(last))) == expected


def test_who_was_told_is_told_again_only_when_they_ask_again() -> None:
    talk = Talk()
    talk.says("Are you a bot?")
    talk.said("Yes, I am a program.")
    last = talk.says("What does a pot cost?")
    assert identified(REPLY, SCENARIO, talk.history(last)) == REPLY


def test_a_scenario_without_the_wording_adds_nothing() -> None:
    talk = Talk()
    last = talk.says("Are you a bot?")
    assert identified(REPLY, TEAPOTS, talk.history(last)) == REPLY


def test_what_is_asked_is_looked_for_in_all_that_is_unanswered() -> None:
    talk = Talk()
    talk.says("Are you a bot?")
    unanswered = [talk.says("Delete my data"), talk.says("please")]
    assert asked(talk.history(*unanswered)) == {Question.ERASURE}


def test_what_the_program_added_is_taken_off_again() -> None:
    talk = Talk()
    talk.said(f"We have pots.\n\n{FIRST}")
    talk.said("Yes, I am a program.\n\nReally.\n\nAsk me.")
    talk.said(FIRST)
    talk.says(f"You wrote: {FIRST}")
    assert [one.content for one in without(talk.history(), SCENARIO).messages] == [
        "We have pots.",
        "Really.\n\nAsk me.",
        FIRST,
        f"You wrote: {FIRST}",
    ]
