"""What the operator reads in the place of a scenario's codes: at the desk, in the figures, in files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from salesbot.adminbot import lists, news, sheet
from salesbot.adminbot.sheet import Sheet
from salesbot.dialog import titles
from salesbot.dialog.model import Outcome, Status
from salesbot.export.document import Reader, about, sections
from salesbot.i18n import CODES, lang
from salesbot.scenarios.load import load
from salesbot.store.cards import Card, Learnt
from salesbot.store.desk import Head
from salesbot.store.exports import Book
from salesbot.store.listing import Line
from salesbot.store.notices import Notice
from tests.talk import ANNA, DIALOG

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SALES = load("sales")
TITLES = titles.of([SALES])
TALK = replace(DIALOG, scenario="sales", stage="next_step", opening="trial", status=Status.HANDOFF, outcome=Outcome.WON)
HEAD = Head(TALK, ANNA, "@sales")
CARD = Card(learnt=(Learnt("team_size", "25", "", None, AT),))


@pytest.mark.parametrize(
    ("scenario", "code", "language", "title"),
    [
        ("sales", "next_step", "en", "agreeing on a call"),
        ("sales", "next_step", "ru", "договор о звонке"),
        ("sales", "an_older_stage", "ru", "an older stage"),
        ("gone", "next_step", "ru", "next step"),
        ("sales", "", "ru", ""),
    ],
)
def test_a_code_is_called_as_the_scenario_says_or_shown_as_words(
    scenario: str, code: str, language: str, title: str
) -> None:
    assert TITLES.stage(language, scenario, code) == title


def test_a_title_without_a_language_is_shown_in_each() -> None:
    given = replace(SALES.stages[0], title={"": "Hallo"})
    called = titles.of([replace(SALES, stages=(given,))])
    assert {called.stage(code, "sales", "introduction") for code in CODES} == {"Hallo"}


def test_the_shipped_scenario_has_a_title_for_everything_in_each_language() -> None:
    for one in (*SALES.stages, *SALES.fields, *SALES.openings):
        assert set(one.title) == set(CODES), one.name


def shown(code: str) -> str:
    """Every place that tells how far a talk is, what was learnt, and how it began."""
    _ = lang(code)
    page = Sheet(CARD, titles=TITLES)
    told = Notice(1, "handoff", "model", 1, {"outcome": "won"}, AT, TALK, ANNA, "@sales", learnt=[("team_size", "25")])
    hot = replace(told, kind="hot_lead", data={})
    style = news.Style(_, UTC, AT, TITLES)
    reader, book = Reader(_, UTC, titles=TITLES), Book(HEAD, CARD)
    return "\n".join(
        [
            lists.card(_, Line(HEAD, None), AT + timedelta(days=1), TITLES),
            *sheet.title(_, HEAD, page),
            *sheet.lines(_, HEAD, page, UTC),
            *(news.notice(style, one).text for one in (told, hot)),
            *(f"{name}: {value}" for name, value in about(reader, book)),
            *(item.text for section in sections(reader, book) for item in section.items),
        ]
    )


@pytest.mark.parametrize(
    ("code", "stage", "field", "opening"),
    [
        ("en", "agreeing on a call", "people in the office: 25", "names the trial week"),
        ("ru", "договор о звонке", "человек в офисе: 25", "о пробной неделе"),
    ],
)
def test_no_code_of_a_scenario_is_shown_to_the_operator(code: str, stage: str, field: str, opening: str) -> None:
    text = shown(code)
    assert text.count(stage) == 4
    assert text.count(field) == 3
    assert text.count(opening) == 2
    assert "next_step" not in text and "team_size" not in text
