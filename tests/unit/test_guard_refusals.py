"""A plain no ends the talk, whatever the model makes of it."""

from __future__ import annotations

import pytest

from salesbot.dialog import guard
from salesbot.dialog.model import Author, Outcome, Reply
from salesbot.scenarios.load import load
from tests.talk import Talk

SALES = load("sales")
NOES = """
Нет, спасибо, не интересно
Неинтересно
нам это не нужно
Спасибо, но для нас не актуально
Здравствуйте. Мне не надо, спасибо
No thanks, not interested
We don't need it, sorry
not relevant for us
I'm afraid we do not need this
""".strip().splitlines()
NO_NOES = """
Нет
Нет, спасибо
не надо
нам не нужно молоко
не интересно без капучино
Нам не нужно? Посмотрим
Неинтересно, если дороже пяти тысяч
на этой неделе не актуально
Мне нужно подумать
not interested in the contract
We don't need it before May
Not interested? Well, what does it cost?
no thanks
""".strip().splitlines()


def codes(reply: Reply, *heard: str) -> list[str]:
    talk = Talk()
    talk.said("Привет! Hello!")
    said = [talk.says(line) for line in heard]
    return [one.code for one in guard.check(reply, SALES, talk.history(*said))]


def polite(heard: str) -> str:
    return "Хорошо, спасибо за ответ." if any("а" <= letter <= "я" for letter in heard.casefold()) else "I see, thanks."


@pytest.mark.parametrize("heard", NOES)
def test_after_a_no_the_talk_is_over(heard: str) -> None:
    assert codes(Reply((polite(heard),), "closing"), heard) == ["no"]
    assert codes(Reply((polite(heard),), "closing", Outcome.LOST), heard) == []
    assert codes(Reply((polite(heard),), "closing", handoff="They said no, and something else."), heard) == []


@pytest.mark.parametrize("heard", NO_NOES)
def test_what_is_no_plain_no_ends_nothing(heard: str) -> None:
    assert codes(Reply((polite(heard),), "needs"), heard) == []


def test_a_no_in_pieces_is_one_and_a_change_of_mind_is_none() -> None:
    assert codes(Reply(("Хорошо, спасибо за ответ.",), "closing"), "Нет", "спасибо", "не интересно") == ["no"]
    assert codes(Reply(("Хорошо, расскажу.",), "closing"), "не интересно", "хотя расскажите") == []


@pytest.mark.parametrize(
    ("asked", "heard", "expected"),
    [
        ("Нужна ли вам доставка зёрен?", "Нет, нам не нужно", []),
        ("Вам интересен договор на год?", "Не интересно", []),
        ("Выкуп для вас актуален?", "Не актуально", []),
        ("Do you need a milk frother as well?", "No, we don't need one", []),
        ("Would Team be of interest?", "Not interested, thanks", []),
        ("Сколько вас человек?", "Нет, нам не нужно", ["no"]),
        ("Нужна ли вам доставка зёрен?", "Нет, нам не интересно", ["no"]),
        ("Нужна ли вам доставка зёрен?", "Нам это не нужно и не интересно", ["no"]),
        ("Доставка нужна всем.", "Нам не нужно", ["no"]),
        ("How many are you?", "Not interested, thanks", ["no"]),
    ],
)
def test_who_talks_with_us_may_say_no_to_one_question_of_ours(asked: str, heard: str, expected: list[str]) -> None:
    talk = Talk()
    talk.said("Привет! Hello!")
    talk.says("Tell me more, расскажите")
    talk.said(asked)
    said = talk.says(heard)
    reply = Reply((polite(heard),), "needs")
    assert [one.code for one in guard.check(reply, SALES, talk.history(said))] == expected


def test_the_first_answer_is_one_to_the_whole() -> None:
    talk = Talk()
    talk.said("Здравствуйте! Нужна ли вам кофемашина?")
    said = talk.says("Нет, нам не нужно")
    reply = Reply(("Хорошо, спасибо за ответ.",), "needs")
    assert [one.code for one in guard.check(reply, SALES, talk.history(said))] == ["no"]


def test_an_opening_answers_nothing_that_was_said_before_it() -> None:
    """Else it would be sent as the end of a talk that was over long ago, perhaps with a colleague."""
    talk = Talk()
    talk.said("Do you want the old catalogue?", Author.HUMAN)
    talk.says("Not interested, thanks")
    assert guard.check(Reply(("Hello! Shall I show you what we have?",), "opening"), SALES, talk.history()) == ()
