"""The shipped scenario is complete; a broken folder is named with what is wrong in it."""

from __future__ import annotations

import shutil
from datetime import time, timedelta
from pathlib import Path

import pytest

from salesbot.dialog import guard
from salesbot.dialog.disclosure import disclosed
from salesbot.dialog.language import of_person, of_reply
from salesbot.dialog.model import Author, Contact, History, Reply, SendState
from salesbot.dialog.optout import is_opt_out
from salesbot.errors import SettingsError
from salesbot.scenarios.load import SHIPPED, load, names
from tests.talk import TEAPOTS, Talk

SALES = load("sales")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An operator's folder with a copy of the shipped scenario."""
    shutil.copytree(SHIPPED / "sales", tmp_path / "mine")
    return tmp_path


def change(folder: Path, before: str, after: str) -> None:
    file = folder / "mine" / "scenario.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_the_shipped_scenario_is_complete() -> None:
    assert SALES.name == "sales"
    assert SALES.stages[0].name == SALES.first_stage == "opening"
    assert SALES.languages == ("ru", "en")
    assert SALES.quiet_hours == (time(21), time(9))
    assert SALES.follow_ups == (timedelta(hours=24), timedelta(days=3))
    assert set(SALES.disclosure) == set(SALES.safe_sentence) == {"ru", "en"}


def test_both_languages_of_the_facts_name_the_same_figures() -> None:
    russian, english = SALES.facts_text.split("## In English")
    for figures in (guard.amounts, guard.numbers, guard.percentages, guard.links):
        assert sorted(figures(russian)) == sorted(figures(english)), figures.__name__


def test_three_plans_cost_the_same_in_both_languages() -> None:
    for plan, price in {"Start": 4900, "Team": 8900, "Floor": 15900}.items():
        lines = [line for line in SALES.facts_text.splitlines() if line.startswith(f"- {plan}:")]
        assert [guard.amounts(line)[0] for line in lines] == [(price, "RUB")] * 2


@pytest.mark.parametrize("language", ["ru", "en"])
def test_what_the_scenario_always_says_passes_its_own_guard(language: str) -> None:
    sentence = Reply((SALES.safe_sentence[language], SALES.disclosure[language]), "opening")
    assert guard.check(sentence, SALES, History(())) == ()
    assert of_reply(SALES, SALES.disclosure[language]) == language


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


def test_an_operators_folder_comes_before_the_shipped_one(folder: Path) -> None:
    assert names() == ("sales",)
    assert names(folder) == ("mine", "sales")
    change(folder, "Brisk Corner", "Slow Corner")
    (folder / "mine").rename(folder / "sales")
    assert load("sales", folder).company == "Slow Corner"


@pytest.mark.parametrize("name", ["nowhere", "", "../sales", "sales/../sales", "Sales"])
def test_an_unknown_name_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(SettingsError, match=r"no scenario .*there are: sales"):
        load(name)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('company = "Brisk Corner"', "", "company: Field required"),
        ("company =", "firm =", "firm: Extra inputs are not permitted"),
        ('timezone = "Europe/Moscow"', 'timezone = "Europe/Atlantis"', "timezone: there is no such timezone"),
        ('["21:00", "09:00"]', '["21:00"]', "quiet_hours"),
        ('["24h", "3d"]', '["tomorrow"]', "follow_ups.0: write a duration like"),
        ("max_parts = 3", "max_parts = 9", "max_parts: "),
        ('languages = ["ru", "en"]', 'languages = ["ru", "fr"]', "need a text for the language fr"),
        ('name = "done"', 'name = "opening"', "two stages have the same name"),
        ('name = "done"', 'name = "All Done"', "stages.5.name: "),
        ('company = "Brisk Corner"', "company = Brisk", "Invalid value"),
    ],
)
def test_a_mistake_is_named_with_its_file(folder: Path, before: str, after: str, told: str) -> None:
    change(folder, before, after)
    with pytest.raises(SettingsError) as caught:
        load("mine", folder)
    assert str(folder / "mine" / "scenario.toml") in str(caught.value)
    assert told in str(caught.value)


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    change(folder, 'company = "Brisk Corner"', "")
    change(folder, "max_parts = 3", "max_parts = 9")
    with pytest.raises(SettingsError) as caught:
        load("mine", folder)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("name", ["facts.md", "prompt.md"])
def test_a_missing_or_empty_text_is_named(folder: Path, name: str) -> None:
    file = folder / "mine" / name
    file.write_text(" \n", encoding="utf-8")
    with pytest.raises(SettingsError, match=f"{name}: is empty"):
        load("mine", folder)
    file.unlink()
    with pytest.raises(SettingsError, match=f"{name}: cannot be read"):
        load("mine", folder)
