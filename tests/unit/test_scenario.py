"""The shipped scenario is complete, and what the program says of it itself is said in time and in their language."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta

import pytest

from salesbot.dialog import guard
from salesbot.dialog.disclosure import disclosed
from salesbot.dialog.language import of_person, of_reply
from salesbot.dialog.model import Author, Contact, FieldKind, Reply, SendState
from salesbot.dialog.openings import opening
from salesbot.dialog.optout import is_opt_out
from salesbot.dialog.scenario import Fact
from salesbot.scenarios.load import load
from tests.talk import DIALOG, TEAPOTS, Talk

SALES = load("sales")


def test_the_shipped_scenario_is_complete() -> None:
    assert SALES.name == "sales"
    assert [stage.name for stage in SALES.stages] == [
        "introduction", "qualification", "needs", "presentation", "objections", "next_step", "closing",
    ]  # fmt: skip
    assert SALES.first_stage == "introduction"
    assert SALES.languages == ("ru", "en")
    assert SALES.quiet_hours == (time(21), time(9))
    assert SALES.follow_ups == (timedelta(hours=24), timedelta(days=3))
    assert [one.name for one in SALES.openings] == ["size", "coffee_now", "trial"]
    assert SALES.won_needs == ("call_time",)
    assert {one.kind for one in SALES.fields} == set(FieldKind)
    assert SALES.won and SALES.lost and SALES.needs_human


def test_every_field_of_the_shipped_scenario_is_learnt_in_some_stage() -> None:
    assert {name for stage in SALES.stages for name in stage.learn} == {one.name for one in SALES.fields}


@pytest.mark.parametrize("fact", SALES.facts, ids=[fact.id for fact in SALES.facts])
def test_both_languages_of_a_fact_name_the_same_figures(fact: Fact) -> None:
    for figures in (guard.amounts, guard.numbers, guard.percentages, guard.links):
        assert sorted(figures(fact.text["ru"])) == sorted(figures(fact.text["en"])), figures.__name__


def test_what_has_a_price_says_it_and_knows_it() -> None:
    prices = {fact.id: f"{fact.price.amount} {fact.price.per}" for fact in SALES.facts if fact.price}
    assert prices == {
        "start": "4900 month", "team": "8900 month", "floor": "15900 month", "delivery_outside": "1500 ",
        "beans_house": "1700 kg", "beans_ethiopia": "2300 kg",
    }  # fmt: skip
    for fact in SALES.facts:
        said = {amount for text in fact.text.values() for amount in guard.amounts(text)}
        assert said == ({(fact.price.amount, fact.price.currency)} if fact.price else set())


def test_somebody_is_always_begun_with_in_the_same_way_and_all_ways_are_used() -> None:
    dialogs = [replace(DIALOG, id=number, contact_id=number) for number in range(300)]
    ways = [opening(SALES, dialog) for dialog in dialogs]
    assert ways == [opening(SALES, replace(dialog, id=dialog.id + 1000)) for dialog in dialogs]
    counts = Counter(way.name for way in ways)
    assert set(counts) == {"size", "coffee_now", "trial"}
    assert min(counts.values()) > 70
    assert opening(SALES, replace(dialogs[0], opening="trial")).name == "trial"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_the_program_says_itself_is_in_its_language(language: str) -> None:
    for sentences in (SALES.disclosure, SALES.identity, SALES.safe_sentence, SALES.waiting, SALES.farewell):
        assert of_reply(SALES, sentences[language]) == language


def test_the_word_the_disclosure_tells_ends_the_dialog() -> None:
    for sentence in SALES.disclosure.values():
        word = sentence.replace("“", "«").replace("”", "»").split("«")[1].split("»")[0]
        assert is_opt_out(word)


def test_the_first_reply_discloses_the_program_and_later_ones_do_not() -> None:
    talk = Talk()
    first = disclosed(Reply(("Good day!", "Tea?"), "hello"), TEAPOTS, talk.history())
    assert first.parts == ("Good day!\n\nI am a program; write stop and I stop.", "Tea?")
    assert disclosed(first, TEAPOTS, talk.history()) == first
    talk.said(first.parts[0])
    later = Reply(("More tea?",), "hello")
    assert disclosed(later, TEAPOTS, talk.history()) == later


def test_a_colleague_does_not_disclose_for_the_program() -> None:
    talk = Talk()
    talk.said("Hello, this is Oleg himself.", author=Author.HUMAN)
    talk.said("Good day! I am a program.", send_state=SendState.CANCELLED)
    reply = disclosed(Reply(("Добрый день!",), "hello"), TEAPOTS, talk.history())
    assert reply.parts == ("Добрый день!\n\nЯ программа; напишите «стоп», и я замолчу.",)


@pytest.mark.parametrize(
    ("said", "told", "expected"),
    [
        ([], None, "en"),
        ([], "ru", "ru"),
        ([], "de", "en"),
        (["Привет"], "en", "ru"),
        (["Привет", "hello there"], "ru", "en"),
        (["Привет, а что такое Team?"], "en", "ru"),
        (["Привет", "12"], "en", "ru"),
        (["👍"], "ru", "ru"),
    ],
)
def test_the_newest_line_with_words_tells_the_language(said: list[str], told: str | None, expected: str) -> None:
    talk = Talk()
    for line in said:
        talk.says(line)
    assert of_person(TEAPOTS, Contact(1, language=told), talk.history()) == expected
