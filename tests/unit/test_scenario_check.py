"""A scenario that an operator has changed: every mistake is named with its file, its line and the way to mend it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from salesbot.cli import app
from salesbot.dialog.scenario import Fact, FactKind, Limits, Price
from salesbot.errors import SettingsError
from salesbot.scenarios import positions
from salesbot.scenarios.load import FILES, SHIPPED, check, load, load_all, names
from tests.support.forkserver import ROOT, ForkServer

MAIN, FACTS, PROMPT = FILES
BOTH = 'languages = ["ru", "en"]'
FAREWELL = "Хорошо, больше не побеспокою. Всего вам доброго!"
TEAM = 'id = "team"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An operator's folder with a copy of the shipped scenario."""
    shutil.copytree(SHIPPED / "sales", tmp_path / "mine")
    return tmp_path


def change(folder: Path, file: str, before: str, after: str) -> int:
    """Replaces a text, and tells the line in which it stood."""
    path = folder / "mine" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def told(folder: Path) -> list[str]:
    """What is wrong, without the folder's name."""
    return [str(problem).removeprefix(f"{folder / 'mine'}/") for problem in check(folder / "mine").problems]


MISTAKES = [
    # Keys
    (MAIN, 'company = "Brisk Corner"\n', "", -3, 'company: is missing: like company = "Brisk Corner"'),
    (MAIN, "timezone =", "timzone =", 0, "timzone: there is no such key here; did you mean 'timezone'?"),
    (MAIN, "company =", "zzz = 1\ncompany =", 0, "zzz: there is no such key here; there are: company, persona"),
    (MAIN, 'move_on = "they react', 'moveon = "they react', 0, "stages.moveon: there is no such key here; did"),
    (MAIN, "max_parts = 3", "max_part = 3", 0, "limits.max_part: there is no such key here; did you mean 'max_parts'"),
    (MAIN, "max_parts = 3", 'goal = "more"', 0, "limits.goal: does not belong into this section: move the line up"),
    (MAIN, "[waiting] ", "[waiting]\nfollow_ups = []\n#", 1, "waiting.follow_ups: does not belong into this section"),
    (MAIN, "[safe_sentence]", "[safety]", 0, "safety: there is no such key here; "),
    (FACTS, TEAM, 'id = "team"\nprise = 1', 1, "fact.prise: there is no such key here; did you mean 'price'?"),
    (FACTS, 'per = "month"', 'every = "month"', 0, "fact.price.every: there is no such key here; there are: amount"),
    (FACTS, "[[fact]]", "[[facts]]", 0, "facts: there is no such key here; each fact begins with a line [[fact]]"),
    # Values
    (MAIN, '"Brisk Corner"', "7", 0, "company: a text in quotation marks is needed here"),
    (MAIN, '"Brisk Corner"', '"  "', 0, "company: is empty"),
    (MAIN, '"Brisk Corner"', '"Brisk\\u0000"', 0, "company: holds a character that cannot be sent (U+0000)"),
    (MAIN, '"Europe/Moscow"', '"Europe/Atlantis"', 0, "timezone: there is no such timezone; write one like"),
    (MAIN, '"Europe/Moscow"', '"../zone"', 0, "timezone: there is no such timezone; write one like"),
    (MAIN, '["21:00", "09:00"]', '["21:00"]', 0, 'quiet_hours: write two local times like ["21:00", "09:00"]'),
    (MAIN, '"Europe/Moscow"', '"Riga"', 0, 'timezone: there is no such timezone; did you mean "Europe/Riga"?'),
    (MAIN, '"Europe/Moscow"', '"new york"', 0, 'timezone: there is no such timezone; did you mean "America/New_York"?'),
    (MAIN, '"Europe/Moscow"', '"Europe/Moskow"', 0, 'there is no such timezone; did you mean "Europe/Moscow"?'),
    (MAIN, '["21:00", "09:00"]', '["21:00", "25:00"]', 0, "quiet_hours: '25:00' is no time of day: write one like"),
    (MAIN, '["21:00", "09:00"]', '["21", "9"]', 0, "quiet_hours: '21' is no time of day: write one like"),
    (MAIN, '["21:00", "09:00"]', '["09:00", "9:00"]', 0, "quiet_hours: the two times are the same"),
    (MAIN, '["24h", "3d"]', '["24h",\n"tomorrow"]', 1, "follow_ups: 'tomorrow' is no duration: write one like"),
    (MAIN, '["24h", "3d"]', '["1w"]', 0, 'write one like "90m", "24h" or "3d" (minutes, hours, days)'),
    (MAIN, '["24h", "3d"]', '["99999999999d"]', 0, "follow_ups: nobody waits that long"),
    (MAIN, '["24h", "3d"]', '"24h"', 0, "follow_ups: a list in square brackets is needed here (like follow_ups ="),
    (MAIN, "max_parts = 3", "max_parts = 9", 0, "limits.max_parts: 9 is too much; the limit is 3"),
    (MAIN, "max_part_chars = 700", "max_part_chars = 7", 0, "limits.max_part_chars: 7 is too little; the limit is 100"),
    (MAIN, "max_parts = 3", 'max_parts = "few"', 0, "limits.max_parts: a whole number without quotation marks"),
    (MAIN, "[outcomes]", "[[outcomes]]", 0, "outcomes: has to be a section [outcomes] with won, lost and human"),
    (MAIN, FAREWELL, "а" * 501, 0, "farewell.ru: is longer than 500 characters"),
    (MAIN, 'kind = "phone"', 'kind = "fone"', 0, "fields.kind: there is no 'fone' here; did you mean 'phone'?"),
    (MAIN, 'name = "closing"', 'name = "All Done"', 0, "stages.name: 'All Done' is no name: small Latin letters"),
    (FACTS, TEAM, 'id = "Тим"', 0, "fact.id: 'Тим' is no name: small Latin letters, digits and _"),
    (FACTS, "amount = 8900", 'amount = "much"', 0, "fact.price.amount: write a number without quotation marks"),
    (FACTS, "amount = 8900", 'amount = "8900"', 0, "fact.price.amount: write a number without quotation marks, with a"),
    (FACTS, "amount = 8900", "amount = true", 0, "fact.price.amount: write a number without quotation marks"),
    (FACTS, "amount = 8900", "amount = 89.125", 0, "fact.price.amount: a number with two digits after the point"),
    (FACTS, "amount = 8900", "amount = -1", 0, "fact.price.amount: -1 is too little"),
    (FACTS, "amount = 8900, ", "", 0, "fact.price.amount: is missing: a number, like amount = 4900"),
    (FACTS, '"RUB"', '"XYZ"', 0, "fact.price.currency: there is no such currency here; known are"),
    (FACTS, 'kind = "term"', 'kind = "terms"', 0, "fact.kind: there is no 'terms' here; did you mean 'term'?"),
    (MAIN, '"closing", ru =', '"closing", fr =', 0, "stages.title: the desk does not speak 'fr'; it speaks en and ru"),
    (MAIN, 'en = "closing"', f'en = "{"a" * 41}"', 0, "stages.title.en: is longer than 40 characters"),
    # Languages
    (MAIN, BOTH, "languages = []", 0, "languages: there has to be one at least"),
    (MAIN, BOTH, 'languages = ["Russian"]', 0, "languages: write a language by its two small letters"),
    (MAIN, BOTH, 'languages = ["ru", "fr"]', 0, "languages: only ru and en can be together in one scenario"),
    (MAIN, BOTH, 'languages = ["ru", "en", "ru"]', 0, "languages: 'ru' stands in line 8 already"),
    (MAIN, f'ru = "{FAREWELL}"\n', "", -1, 'farewell: the text for the language ru is missing: add a line ru = "…"'),
    (MAIN, f'ru = "{FAREWELL}"', f'rru = "{FAREWELL}"', 0, "farewell.rru: languages (scenario.toml) does not have"),
    (MAIN, FAREWELL, "Understood, and goodbye!", 0, "farewell.ru: is written in another language than ru"),
    (FACTS, 'text.en = "Ethiopia', 'text.de = "Ethiopia', -1, "fact.text: the text for the language en is missing"),
    # Names that lead nowhere, and names that lead to two things
    (MAIN, 'name = "closing"', 'name = "needs"', 0, "stages.name: 'needs' stands in line 47 already"),
    (MAIN, 'name = "doubt"', 'name = "city"', 0, "fields.name: 'city' stands in line"),
    (MAIN, 'name = "trial"', 'name = "size"', 0, "openings.name: 'size' stands in line"),
    (FACTS, TEAM, 'id = "start"', 0, "fact.id: 'start' stands in line 7 already"),
    (MAIN, 'learn = ["doubt"]', 'learn = ["doubts"]', 0, "stages.learn: there is no field 'doubts'; did you mean"),
    (MAIN, '["call_time"] ', '["call"]', 0, "outcomes.won_needs: there is no field 'call'; did you mean 'call_time'?"),
    (MAIN, 'choices = ["alone", "together", "somebody_else"]', "", -5, "fields.choices: a field of the kind"),
    (MAIN, 'kind = "phone"', 'kind = "phone"\nchoices = ["a"]', 1, 'fields.choices: only a field of the kind "choice"'),
    # What could not be said
    (FACTS, "amount = 4900", "amount = 4950", 1, "fact.text.ru: does not say the price, 4950 RUB; the two"),
    (FACTS, "4,900 ₽", "4,900 $", 0, "fact.text.en: does not say the price, 4900 RUB"),
    (MAIN, "«стоп»", "«хорошо»", 0, "disclosure.ru: has no word that ends the conversation"),
    (FACTS, "costs 1,500 ₽ once", "costs 1,500 ₽, not 2,100 ₽", 0, "fact.text.en: says 2100 RUB, and text.ru does not"),
    (FACTS, "500 ₽ один раз", "500 ₽, или 10 % от цены", 1, "fact.text.en: does not say 10 %, and text.ru does; the"),
    (FACTS, "discounts: the", "discounts above 5 %: the", 0, "fact.text.en: says 5 %, and text.ru does not"),
    (MAIN, FAREWELL, "До свидания! Я перезвоню вам завтра.", 0, "hold this back: this promises something, and nobody "
     "would be reminded of it: “Я перезвоню вам завтра.”"),
    (MAIN, FAREWELL, "Дарим вам 500 рублей!", 0, "farewell.ru: the program's own guard would hold this back: "),
    (MAIN, "ответ придёт сюда же", "ответ на https://odd.example", 0, "safe_sentence.ru: the program's own guard"),
    (FACTS, "Website: ", "[the website] ", 0, "fact.text.en: could not be said as it stands: this has square"),
    # Files that are no TOML
    (MAIN, '"Brisk Corner"', "Brisk", 0, "cannot be read (Invalid value): a text stands in quotation marks"),
    (MAIN, '"Brisk Corner"', '"The "Brisk" Corner"', 0, 'a quotation mark inside it is written \\"'),
    (MAIN, '"Brisk Corner"', '"Brisk Corner', 0, "a text has no closing quotation mark"),
    (MAIN, "company =", "company", 0, "after a key comes = and a value"),
    (FACTS, "amount = 8900", "amount = 18,50", 0, "18,50 is not how a number is written: a point before the cents"),
    (FACTS, "amount = 8900", "amount = 8 900", 0, "8 900 is not how a number is written: a point before the cents"),
    (MAIN, "[outcomes]", "[outcomes", 0, "a quotation mark or bracket is not closed"),
    (MAIN, 'learn = ["doubt"]', 'learn = ["doubt"', 1, "a quotation mark or bracket is not closed"),
    (MAIN, "Brisk Corner", "Brisk \\Corner", 0, "a backslash in a text is written twice"),
    (MAIN, "goal =", 'company = ""\ngoal =', 0, "this key was set before"),
    (MAIN, "[farewell]", "[waiting]", 0, "this section was begun before"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "before", "after", "below", "expected"), MISTAKES)
def test_a_mistake_is_named_with_its_file_and_line(
    folder: Path, file: str, before: str, after: str, below: int, expected: str
) -> None:
    line = change(folder, file, before, after)
    found = told(folder)
    assert any(one.startswith(f"{file}:{line + below}: ") and expected in one for one in found), found
    with pytest.raises(SettingsError, match=re.escape(expected)):
        load("mine", folder)


def test_what_the_languages_of_a_fact_say_differently_is_named_with_both(folder: Path) -> None:
    change(folder, FACTS, "Скидок нет: цены", "Скидка 10 % с двухсот евро: цены")
    change(folder, FACTS, "no discounts: the", "discounts of 15 % above 200 euros: the")
    assert [one.partition(": ")[2] for one in told(folder) if "agree" in one] == [
        "fact.text.en: says 15 %, and text.ru says 10 %; the languages of a fact have to agree"
    ]


def test_all_mistakes_of_all_files_are_told_at_once_in_their_order(folder: Path) -> None:
    change(folder, FACTS, 'kind = "link"', 'kind = "site"')
    change(folder, FACTS, "amount = 4900", "amount = 4950")
    change(folder, MAIN, 'kind = "phone"', 'kind = "fone"')
    change(folder, MAIN, "«стоп»", "«хорошо»")
    change(folder, MAIN, 'company = "Brisk Corner"', "")
    (folder / "mine" / PROMPT).write_text(" \n", encoding="utf-8")
    assert [re.sub(r":\d+: ", " ", one).split(": ")[0] for one in told(folder)] == [
        "scenario.toml company",
        "scenario.toml fields.kind",
        "scenario.toml disclosure.ru",
        "facts.toml fact.text.ru",
        "facts.toml fact.text.en",
        "facts.toml fact.kind",
        "prompt.md is empty",
    ]


def test_a_field_that_cannot_be_read_is_not_told_to_be_missing(folder: Path) -> None:
    change(folder, MAIN, 'kind = "phone"', 'kind = "fone"')
    assert len(told(folder)) == 1


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_missing_empty_or_in_another_encoding_is_named(folder: Path, file: str) -> None:
    path = folder / "mine" / file
    path.write_text(" \n", encoding="utf-8")
    assert f"{file}:1: is empty" in told(folder)
    path.write_bytes("# one\n# Скидок нет".encode("cp1251"))
    assert f"{file}:2: cannot be read: save the file in the encoding UTF-8" in told(folder)
    path.unlink()
    assert f"{file}:1: there is no such file, and a scenario needs it" in told(folder)


def test_a_file_from_another_editor_is_read(folder: Path) -> None:
    for file in FILES:
        path = folder / "mine" / file
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert told(folder) == []
    line = change(folder, MAIN, "max_parts = 3", "max_parts = 9")
    assert told(folder)[0].startswith(f"{MAIN}:{line}: ")


@pytest.mark.parametrize("text", ["# nothing yet", "fact = 7", "fact = [7]", 'title = "Prices"'])
def test_facts_without_a_fact_are_refused(folder: Path, text: str) -> None:
    (folder / "mine" / FACTS).write_text(text, encoding="utf-8")
    assert any(
        one.startswith(f"{FACTS}:1: ") and "each fact begins with a line [[fact]]" in one for one in told(folder)
    )


def test_a_file_of_comments_lacks_everything(folder: Path) -> None:
    (folder / "mine" / MAIN).write_text("# company = 1", encoding="utf-8")
    assert [one.split(": ")[1] for one in told(folder)] == [
        "company", "disclosure", "follow_up", "goal", "identity", "languages", "openings", "outcomes", "persona",
        "safe_sentence", "stages", "timezone",
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000 + "]" * 5000], ids=["digits", "depth"])
def test_a_value_that_no_parser_takes_is_told_as_well(folder: Path, value: str) -> None:
    change(folder, MAIN, "max_parts = 3", f"max_parts = {value}")
    assert "cannot be read" in told(folder)[0]


def test_facts_that_need_more_room_than_they_have_fail_with_advice(folder: Path) -> None:
    change(folder, MAIN, "facts_chars = 16000", "facts_chars = 6000")
    size = len(load("sales").facts_text)
    advice = f"{FACTS}:1: the facts take {size} characters, and limits.facts_chars allows 6000."
    assert told(folder)[0].startswith(advice)
    assert "shorten the longest (service, " in told(folder)[0]
    change(folder, MAIN, "facts_chars = 6000", f"facts_chars = {size}")
    assert told(folder) == []


def test_a_scenario_in_one_language_needs_no_codes_in_its_facts(folder: Path) -> None:
    main = (SHIPPED / "sales" / MAIN).read_text(encoding="utf-8").replace(BOTH, 'languages = ["en"]')
    (folder / "mine" / MAIN).write_text(re.sub(r"(?m)^ru = .*\n", "", main), encoding="utf-8")
    fact = 'id = "pot"\nkind = "price"\nprice = { amount = 39.5, currency = "EUR" }\ntext = """A pot\nis 39.50 €."""'
    (folder / "mine" / FACTS).write_text(f"[[fact]]\n{fact}", encoding="utf-8")
    assert told(folder) == []
    scenario = load("mine", folder)
    assert scenario.facts == (
        Fact("pot", FactKind.PRICE, {"en": "A pot is 39.50 €."}, (), Price(Decimal("39.5"), "EUR", "")),
    )
    assert scenario.facts_text == "- pot: A pot is 39.50 €."


def test_several_languages_need_their_codes(folder: Path) -> None:
    (folder / "mine" / FACTS).write_text('[[fact]]\nid = "a"\nkind = "term"\n\ntext = "Tea."', encoding="utf-8")
    assert told(folder) == [f"{FACTS}:5: fact.text: the scenario has several languages: write text.ru and text.en"]


def test_what_need_not_be_said_may_be_left_out(folder: Path) -> None:
    text = (folder / "mine" / MAIN).read_text(encoding="utf-8")
    text = text[: text.index("[waiting]")]
    text = re.sub(r"(?m)^(quiet_hours|follow_ups|learn|won_needs|max_part\w*|facts_chars) = .*\n", "", text)
    (folder / "mine" / MAIN).write_text(re.sub(r"(?s)\[\[fields\]\].*?(?=# ---)", "", text), encoding="utf-8")
    scenario = load("mine", folder)
    assert (scenario.quiet_hours, scenario.follow_ups, scenario.fields) == (None, (), ())
    assert (scenario.farewell, scenario.waiting, scenario.won_needs) == ({}, {}, ())
    assert (scenario.max_parts, scenario.max_part_chars, scenario.limits) == (3, 700, Limits())


# --- Where a scenario lies


def test_an_operators_folder_comes_before_the_shipped_one(folder: Path) -> None:
    assert names() == ("sales",)
    assert names(folder) == ("mine", "sales")
    change(folder, MAIN, "Brisk Corner", "Slow Corner")
    (folder / "mine").rename(folder / "sales")
    assert load("sales", folder).company == load_all(folder)["sales"].company == "Slow Corner"


@pytest.mark.parametrize("name", ["nowhere", "", "../sales", "sales/../sales", "Sales"])
def test_an_unknown_name_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(SettingsError, match=r"no scenario .*there are: sales"):
        load(name)


def test_the_start_is_told_of_every_broken_scenario_at_once(folder: Path) -> None:
    shutil.copytree(SHIPPED / "sales", folder / "My Shop")
    change(folder, MAIN, "max_parts = 3", "max_parts = 9")
    with pytest.raises(SettingsError) as caught:
        load_all(folder)
    shop, mine = str(caught.value).splitlines()
    assert shop.startswith(f"{folder / 'My Shop' / MAIN}:1: the folder's name, 'My Shop', is the scenario's: use small")
    assert mine.startswith(f"{folder / 'mine' / MAIN}:")


def test_a_folder_of_scenarios_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"SCENARIOS_DIR names .*/nowhere, and there is no such folder"):
        load_all(tmp_path / "nowhere")


async def test_the_product_does_not_start_with_a_broken_scenario(forks: ForkServer, folder: Path) -> None:
    line = change(folder, MAIN, "max_parts = 3", "max_parts = 9")
    settings = {
        "API_ID": "1", "API_HASH": "0" * 32, "BOT_TOKEN": "1:a", "ADMIN_TELEGRAM_ID": "1", "OPENROUTER_API_KEY": "key",
        "SECRET_KEY": "k" * 43, "LOG_FILE": str(folder / "log"), "SCENARIOS_DIR": str(folder),
        "DATABASE_URL": "postgresql://localhost:1/nobody_is_asked",
    }  # fmt: skip
    code, _, told = await forks.run([str(ROOT / "main.py")], {**settings, "PYTHONPATH": str(ROOT)}, folder)
    assert code == 78, told
    assert f"{folder / 'mine' / MAIN}:{line}: limits.max_parts: 9 is too much; the limit is 3" in told
    assert "Traceback" not in told


# --- The commands


def run(*words: str, folder: Path | None = None) -> tuple[int, str, str]:
    """Exit code and what was written to the two outputs."""
    done = CliRunner().invoke(app, ["scenario", *words], env={"SCENARIOS_DIR": str(folder or "")})
    return done.exit_code, done.stdout, done.stderr


def test_a_sound_scenario_is_summed_up_without_any_settings(folder: Path) -> None:
    for place in (str(folder / "mine"), str(folder / "mine" / MAIN)):
        code, said, _ = run("check", place)
        assert code == 0
        assert said.startswith("mine is fine.\n") and "worth a look" not in said
        for words in ("introduction → qualification", "team_size (number)", "size, coffee_now, trial", "of 16000 char"):
            assert words in said
    assert run("check", "mine", folder=folder)[0] == 0
    assert run("check", "mine")[::2] == (78, "There is no scenario 'mine'; there are: sales.\n")


def test_a_path_that_leads_nowhere_is_no_name_of_a_scenario(folder: Path) -> None:
    assert run("check", f"{folder}/mien")[::2] == (78, f"There is no folder {folder}/mien.\n")


@pytest.mark.parametrize(
    ("persona", "is_called_one"),
    [("Maria of Brisk Corner", False), ("Мария, бот компании", True), ("Мария, программа-помощница", True),
     ("Maria, a virtual assistant", True), ("Robert Bottom", False), ("Maria, AI assistant", True)],
)  # fmt: skip
def test_a_persona_that_is_called_no_program_is_worth_a_look_and_stops_nothing(
    folder: Path, persona: str, is_called_one: bool
) -> None:
    before = "Maria, the assistant program of Brisk Corner, which rents coffee machines to offices"
    line = change(folder, MAIN, before, persona)
    code, said, _ = run("check", str(folder / "mine"))
    note = f"worth a look: {folder / 'mine' / MAIN}:{line}: persona: does not call them a program"
    assert code == 0 and (note in said) is not is_called_one


def test_a_broken_scenario_ends_the_check_with_its_lines(folder: Path) -> None:
    line = change(folder, MAIN, "max_parts = 3", "max_parts = 9")
    code, said, wrong = run("check", str(folder / "mine"))
    assert (code, said) == (78, "")
    assert (
        wrong
        == f"{folder / 'mine' / MAIN}:{line}: limits.max_parts: 9 is too much; the limit is 3 (a number of messages)\n"
    )
    listed = run("list", folder=folder)[1].splitlines()
    assert listed == [f"mine\t1 problem\t{folder / 'mine'}", f"sales\tfine\t{SHIPPED / 'sales'}"]


def test_a_scenario_is_copied_and_never_written_over(folder: Path) -> None:
    code, said, _ = run("copy", "sales", "yours", folder=folder)
    assert code == 0 and ".venv/bin/python -m salesbot scenario check yours\n" in said
    assert load("yours", folder).facts == load("sales").facts
    (folder / "yours" / PROMPT).write_text("Be kind.", encoding="utf-8")
    assert run("copy", "sales", "yours", folder=folder)[::2] == (
        78,
        f"{folder / 'yours'} is there already; nothing was changed.\n",
    )
    code, said, _ = run("copy", "yours", "third", "--into", str(folder / "new"), folder=folder)
    assert code == 0 and f"salesbot scenario check {folder / 'new' / 'third'}\n" in said
    assert load("third", folder / "new").instructions == "Be kind."


@pytest.mark.parametrize(
    ("name", "new", "expected"),
    [
        ("sales", "My Shop", "'My Shop' is no name for a scenario: use small Latin letters"),
        ("sales", "../up", "'../up' is no name for a scenario"),
        ("nowhere", "mine", "There is no scenario 'nowhere'"),
    ],
)
def test_a_copy_needs_names_that_lead_somewhere(tmp_path: Path, name: str, new: str, expected: str) -> None:
    code, _, wrong = run("copy", name, new, folder=tmp_path)
    assert code == 78 and expected in wrong
    assert list(tmp_path.iterdir()) == []


def test_a_copy_without_a_folder_says_how_to_name_one() -> None:
    code, _, wrong = run("copy", "sales", "mine")
    assert code == 78 and "SCENARIOS_DIR names the folder of your scenarios" in wrong


# --- Where everything stands


TRICKY = """\
# [no] = "table"
a = "x # [y]\\"" # comment
b.c = '''
d = 1
[e]'''
"q.r" = { s = [1, 2, {t = 3}], "u v" = 1979-05-27 07:32:32 }
[[f]]
g = [
  "one", # [two]
  # three
  \"\"\"
four\"\"\"\",
]
[f.h]
i = 1
[[f]]
g = -inf
[[f.j]]
[[f.j]]
k = ''
"""


def test_every_key_of_a_tricky_file_is_found_in_its_line() -> None:
    assert positions.positions(TRICKY) == {
        ("a",): 2, ("b",): 3, ("b", "c"): 3, ("q.r",): 6, ("q.r", "s"): 6, ("q.r", "s", 0): 6, ("q.r", "s", 1): 6,
        ("q.r", "s", 2): 6, ("q.r", "s", 2, "t"): 6, ("q.r", "u v"): 6, ("f",): 7, ("f", 0): 7, ("f", 0, "g"): 8,
        ("f", 0, "g", 0): 9, ("f", 0, "g", 1): 11, ("f", 0, "h"): 14, ("f", 0, "h", "i"): 15, ("f", 1): 16,
        ("f", 1, "g"): 17, ("f", 1, "j"): 18, ("f", 1, "j", 0): 18, ("f", 1, "j", 1): 19, ("f", 1, "j", 1, "k"): 20,
    }  # fmt: skip
    assert tomllib.loads(TRICKY)["f"][1]["j"][1] == {"k": ""}


@pytest.mark.parametrize("file", [MAIN, FACTS])
def test_every_key_of_the_shipped_files_is_found_in_its_line(file: str) -> None:
    text = (SHIPPED / "sales" / file).read_text(encoding="utf-8")
    lines, found = text.splitlines(), positions.positions(text)
    assert len(found) > 100
    for path, line in found.items():
        key = next(step for step in reversed(path) if isinstance(step, str))
        assert key in lines[line - 1], path


keys = st.text("abc_-1", min_size=1, max_size=3)
texts = st.text("a1 #=\"'[]{},\n\\я", max_size=12)


def written(value: object) -> str:
    """A value as TOML, texts in whichever of the four ways takes them."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key} = {written(one)}" for key, one in value.items()) + "}"
        case list():
            return "[\n" + ",\n".join(map(written, value)) + "\n]"
        case str() if "\n" in value:
            return '"""\n' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""'
        case str() if "'" not in value:
            return f"'{value}'"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case _:
            return str(value).lower()


values = st.recursive(
    st.one_of(st.integers(), st.booleans(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(keys, values, max_size=6))
def test_keys_are_found_whatever_the_values_are(data: dict[str, object]) -> None:
    lines = [f"{key} = {written(value)}" for key, value in data.items()]
    assert tomllib.loads("\n".join(lines)) == data
    found = positions.positions("\n".join(lines))
    expected, line = {}, 1
    for key, text in zip(data, lines, strict=True):
        expected[key] = line
        line += text.count("\n") + 1
    assert {path[0]: at for path, at in found.items() if len(path) == 1} == expected


def test_who_reads_no_further_hears_nothing_of_a_database() -> None:
    """``salesbot scenario list | head``: the pipe is closed before anything is written."""
    unread, written = os.pipe()
    os.close(unread)
    command = [sys.executable, "-m", "salesbot", "scenario", "list"]
    with os.fdopen(written, "wb") as closed:
        ended = subprocess.run(
            command, stdout=closed, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2], check=False
        )
    assert (ended.returncode, ended.stderr) == (1, b"")
