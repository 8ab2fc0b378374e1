"""The operator's texts: complete in every language, with the same placeholders and markup, and small enough buttons."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from salesbot import i18n
from salesbot.adminbot import keyboards, manual, views
from salesbot.adminbot.html import units
from salesbot.adminbot.keyboards import (
    AllowOpenings,
    Anew,
    CancelExport,
    ExportDialog,
    Forget,
    How,
    ListPage,
    OpenDialog,
    Resume,
    TaskDone,
    TaskList,
    ViewPage,
    Way,
)
from salesbot.adminbot.noting import AskNote, NotePage
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.adminbot.sheet import Do, Lead, ModeOf
from salesbot.i18n import CODES, lang
from salesbot.store.admins import Role
from salesbot.store.listing import Wanted

ROOT = Path(i18n.__file__).parents[1]
LARGEST = 2**63 - 1
MARKS = re.compile(r"\{\w*\}|</?\w+>|/\w+|№|python -m salesbot \w+")


def test_the_catalogues_are_complete_fresh_and_compiled() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts" / "texts", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("code", CODES)
def test_translations_keep_placeholders_commands_and_markup(code: str) -> None:
    with (i18n.FOLDER / code / "LC_MESSAGES" / "salesbot.po").open("rb") as source:
        catalogue = read_po(source, locale=code)
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if message.pluralizable else (message.id,)
        strings = message.string if message.pluralizable else (message.string,)
        for string in strings:
            assert sorted(MARKS.findall(string)) == sorted(MARKS.findall(ids[-1])), f"{ids[-1]!r} → {string!r}"


def test_a_name_stands_in_the_nominative_in_russian() -> None:
    """Nobody can decline what people are called: no preposition and no verb governs it."""
    with (i18n.FOLDER / "ru" / "LC_MESSAGES" / "salesbot.po").open("rb") as source:
        texts = [text for message in read_po(source, locale="ru") for text in (message.string or "",)]
    governed = re.compile(r"\b(с|со|для|к|у|от|о|об|за|по|про|писали|написал|писать|сказать|отсюда|что) \{(who|name)\}")
    assert [text for text in texts if isinstance(text, str) and governed.search(text)] == []


def test_a_text_inside_an_f_string_is_translated_too() -> None:
    wrong = views.wrong(lang("ru"), WrongInput(Wrong.NUMBER_MISSING), "stop")
    assert wrong.text == "Не указан номер диалога. Пример: <code>/stop 7</code>"


@pytest.mark.parametrize(
    ("n", "russian", "english"),
    [
        (0, "Выгружено 0 диалогов", "Exported 0 dialogs"),
        (1, "Выгружен 1 диалог", "Exported 1 dialog"),
        (3, "Выгружено 3 диалога", "Exported 3 dialogs"),
        (11, "Выгружено 11 диалогов", "Exported 11 dialogs"),
        (21, "Выгружен 21 диалог", "Exported 21 dialogs"),
        (112, "Выгружено 112 диалогов", "Exported 112 dialogs"),
        (4_322, "Выгружено 4\N{NO-BREAK SPACE}322 диалога", "Exported 4,322 dialogs"),
    ],
)
def test_plurals_follow_the_language(n: int, russian: str, english: str) -> None:
    assert views.exported(lang("ru"), n, 1).startswith(russian + " ")
    assert views.exported(lang("en"), n, 1).startswith(english + " ")


@pytest.mark.parametrize(
    ("telegram", "fixed", "code"),
    [("ru", None, "ru"), ("ru-RU", None, "ru"), ("en", None, "en"), ("de", None, "en"), (None, None, "en"),
     ("ru", "en", "en"), ("de", "ru", "ru")],
)  # fmt: skip
def test_the_language_is_the_admins_unless_it_is_fixed(telegram: str | None, fixed: str | None, code: str) -> None:
    assert i18n.of(telegram, fixed).code == code


def test_every_button_fits_into_telegrams_64_bytes() -> None:
    for data in (
        ListPage(wanted=Wanted.LOOKING_UP, way=Way.NEWEST, cursor=LARGEST),
        ViewPage(dialog=LARGEST, way=Way.OLDER, cursor=LARGEST, piece=9_999),
        Resume(dialog=LARGEST),
        Anew(update=LARGEST),
        AllowOpenings(account=LARGEST),
        Forget(how=How.NEVER_AGAIN, whom=str(LARGEST)),
        Forget(how=How.NEVER_AGAIN, whom="a" * 32),
        TaskDone(task=LARGEST),
        TaskList(),
        OpenDialog(dialog=LARGEST),
        Lead(do=Do.UNTIL_I_RETURN, dialog=LARGEST),
        ModeOf(dialog=LARGEST),
        ExportDialog(dialog=LARGEST, format="html"),
        CancelExport(job=LARGEST),
        AskNote(dialog=LARGEST),
        NotePage(dialog=LARGEST, below=LARGEST),
    ):
        assert len(data.pack().encode()) <= 64


@pytest.mark.parametrize("code", CODES)
def test_the_help_and_the_menu_fit(code: str) -> None:
    assert units(manual.text(lang(code), ["sales"], Role.OWNER)) <= 4096
    for entry in manual.entries(lang(code)):
        assert re.fullmatch(r"[a-z_]{1,32}", entry.name)
        assert 3 <= len(f"{entry.text}: {entry.shown}") <= 256
    assert keyboards.rows([]) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("/lst", "list"), ("/vew", "view"), ("/exprot_all", "export_all"), ("/res", "resume"), ("/дшые", "list"),
     ("/LIST@other_bot", "list"), ("/draft", "mode"), ("/send", "say"), ("/delete", "unsend"), ("/", None),
     ("/xyzzy", None)],
)  # fmt: skip
def test_a_slip_leads_to_the_nearest_command(typed: str, meant: str | None) -> None:
    assert manual.nearest(lang("ru"), typed, Role.VIEWER if meant in ("list", "view") else Role.OWNER) == meant


def test_nobody_is_led_to_a_command_they_may_not_use() -> None:
    assert manual.nearest(lang("en"), "/forgt", Role.OWNER) == "forget"
    assert manual.nearest(lang("en"), "/forgt", Role.VIEWER) is None
    assert "/forget" not in manual.text(lang("en"), ["sales"], Role.OPERATOR)
