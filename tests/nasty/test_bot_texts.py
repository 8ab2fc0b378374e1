"""What the bot shows: the exact words, no entity that is not ours, no page too long, nothing beside them altered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesbot.adminbot import lists, news, transcript, views
from salesbot.adminbot.actions import Answer, Said
from salesbot.adminbot.html import slices, units
from salesbot.adminbot.keyboards import ListPage, Way
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.adminbot.transcript import Reader
from salesbot.dialog.model import Author, Contact, Direction, Edit, Kind, Message
from salesbot.i18n import CODES, Lang, lang
from salesbot.store.desk import Head
from salesbot.store.listing import Line, Wanted
from salesbot.store.notices import Notice
from salesbot.visible import inline, isolated
from sandbox.botapi.html import parse_html
from sandbox.world.text import units as telegrams_units
from tests.nasty.corpus import BREAKS, TEXTS, left_open, nasty, stored, unkind
from tests.talk import ANNA, DIALOG

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
EN = lang("en")
LIMIT = 4096
ALL = ListPage(wanted=Wanted.ALL, way=Way.NEWEST, cursor=0)
LANGS = st.sampled_from([lang(code) for code in CODES])


def message(number: int, text: str, **also: object) -> Message:
    known = {"direction": Direction.IN, "author": Author.CONTACT, "telegram_message_id": number, "dialog_id": 1}
    return Message(id=number, content=text, timestamp=AT + timedelta(minutes=number), **known | also)  # type: ignore[arg-type]


def head(contact: Contact = ANNA) -> Head:
    return Head(DIALOG, contact, "@sales")


def plain(html: str) -> str:
    """What Telegram makes of it; it has to parse, and to fit."""
    text, _ = parse_html(html)
    assert telegrams_units(text) <= LIMIT
    return text


def bold(html: str) -> list[str]:
    text, entities = parse_html(html)
    wide = text.encode("utf-16-le")
    return [
        wide[2 * one.offset : 2 * (one.offset + one.length)].decode("utf-16-le")
        for one in entities
        if one.kind == "bold"
    ]


# --- one line among ours


@unkind
@given(nasty())
def test_isolated_words_have_no_effect_beyond_themselves(text: str) -> None:
    line = re.sub(f"[{BREAKS}]", "", text)
    shown = isolated(line)
    assert left_open(shown) == []
    assert line in shown
    assert isolated(shown).count(line) == 1


@unkind
@given(nasty(), st.integers(2, 200))
def test_words_in_the_midst_of_ours_keep_to_one_line(text: str, length: int) -> None:
    shown = inline(text, length)
    assert not re.search(f"[{BREAKS}]", shown)
    assert left_open(shown) == []
    assert len(shown.strip("\u2068\u2069")) <= length


@pytest.mark.parametrize("name", ["", " ", "\u200b\u200b", "\u3164", "\u2800\u2800", "\x00"])
def test_a_name_of_which_nothing_is_seen_is_none(name: str) -> None:
    nobody = Contact(501, name=name)
    lines = [Line(head(nobody), None)]
    page = lists.listed(EN, ALL, lines, newer=False, older=False, now=AT)
    assert page.text.split("\n")[2] == "⏳ <b>№ 1</b> id 501"


# --- pages of a dialogue


@unkind
@given(nasty(), LANGS)
def test_a_message_is_shown_to_its_last_character(text: str, reader: Lang) -> None:
    text = stored(text)
    blocks = transcript.blocks(Reader(reader, head(), UTC), message(1, text))
    assert all(units(block.text) <= transcript.ROOM for block in blocks)
    pieces = [plain(block.text).split("\n", 1)[1] for block in blocks]
    assert "".join(pieces) == text or not text
    assert all(len(bold(block.text)) == 1 for block in blocks), "only the author is bold"


@unkind
@given(nasty(), nasty(), nasty(), nasty())
def test_neighbours_on_a_page_are_intact(text: str, name: str, quote: str, media: str) -> None:
    contact = Contact(501, stored(name)[:70], stored(name)[:130])
    reader = Reader(EN, head(contact), UTC)
    edited = (Edit(stored(quote)[:200], AT),)
    odd = message(
        2, stored(text)[:500], quote=stored(quote)[:500], kind=Kind.DOCUMENT, media=stored(media)[:255], edits=edited
    )
    ours = {"direction": Direction.OUT, "author": Author.MODEL}
    said = [message(1, "before it", **ours), odd, message(3, "after it", **ours)]
    blocks = [block for one in said for block in transcript.blocks(reader, one)]
    filled = transcript.fill(blocks)
    whole = len(filled) == len(blocks)
    page = transcript.page(reader, filled, older=True, newer=True)
    shown = plain(page.text)
    assert "\n→ We (model), 09:31\nbefore it\n" in shown
    if whole:
        assert shown.endswith("\n→ We (model), 09:33\nafter it")
    lines = shown.split("\n")
    assert lines[0].startswith("⏳ № 1 ")
    assert left_open(lines[0]) == []
    assert bold(page.text).count("We (model)") == (2 if whole else 1)
    label = next(line for line in lines if line.startswith("[file"))
    assert left_open(label) == [] and label.endswith("]")


@unkind
@given(nasty(), st.integers(10, LIMIT))
def test_slices_join_to_what_they_were_cut_from(text: str, limit: int) -> None:
    text = stored(text)
    found = list(slices(text, limit))
    assert all(units(one) <= limit for one in found)
    assert "".join(parse_html(one)[0] for one in found) == text
    for one in found:
        one.encode("utf-16-le")  # no half of a pair


@unkind
@given(st.lists(st.tuples(nasty(), nasty()), min_size=8, max_size=8))
def test_a_page_of_the_list_has_three_lines_for_each(people: list[tuple[str, str]]) -> None:
    lines = [
        Line(head(Contact(n, None, stored(name))), message(n, stored(text), kind=Kind.AUDIO, media=stored(name)))
        for n, (name, text) in enumerate(people, 500)
    ]
    page = lists.listed(EN, ALL, lines, newer=True, older=True, now=AT + timedelta(days=1))
    shown = plain(page.text).split("\n\n")[1:]
    assert len(shown) == 8
    for entry in shown:
        title, how, last = entry.split("\n")
        assert title.startswith("⏳ № 1 ") and how == "waiting for them · hello" and last.endswith(" ago")
        assert left_open(title) == left_open(last) == []
    assert len(bold(page.text)) == 9


# --- notices and answers


NOTICES = ("resolved", "handoff", "opt_out", "unreachable", "unresolvable", "returned", "wrote_while_quiet", "unknown")


@unkind
@given(nasty(), nasty(), st.sampled_from(NOTICES), LANGS)
def test_a_notice_is_one_line(name: str, reason: str, kind: str, reader: Lang) -> None:
    told = Notice(
        event_id=1, kind=kind, actor="model", created_at=AT, data={"reason": stored(reason)}, account_id=1,
        account_name=stored(name), dialog=DIALOG, contact=Contact(501, stored(name), stored(name)),
    )  # fmt: skip
    for one in (told, replace(told, dialog=None, kind="account_dead")):
        shown = plain(news.notice(news.Style(reader, UTC, one.created_at), one).text)
        assert len(shown.splitlines()) == 1
        assert left_open(shown) == []


@unkind
@given(nasty(), st.sampled_from(list(Wrong)), LANGS)
def test_a_wrong_command_is_quoted_in_one_line(text: str, wrong: Wrong, reader: Lang) -> None:
    shown = plain(views.wrong(reader, WrongInput(wrong, text), "view").text)
    assert len(shown.splitlines()) == 1
    assert left_open(shown) == []


@unkind
@given(nasty(), st.sampled_from([Said.UNKNOWN_SCENARIO, Said.UNKNOWN_ACCOUNT, Said.ACCOUNT_OUT, Said.ACCOUNT_LIMITED]))
def test_an_answer_quotes_any_argument(text: str, said: Said) -> None:
    data = dict.fromkeys(("scenario", "account", "known"), text)
    shown = plain(views.answer(EN, Answer(said, data | {"account_id": 1})).text)
    assert len(shown.splitlines()) == 1
    assert left_open(shown) == []


def test_the_corpus_has_no_two_entries_alike() -> None:
    assert len(set(TEXTS)) == len(TEXTS) >= 60
