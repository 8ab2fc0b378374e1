"""An exported dialog: readable, complete, harmless to whatever shows it; nobody can write a message of another's."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from salesbot.dialog.model import Contact
from salesbot.export import archive
from salesbot.export.data import Data
from salesbot.export.document import Document, Reader
from salesbot.export.page import Page
from salesbot.export.text import Text
from salesbot.i18n import CODES, lang
from salesbot.store.desk import Head
from salesbot.store.exports import Book, Note, Said
from tests.export.samples import written
from tests.nasty.corpus import TEXTS, by_name, left_open, nasty, stored, unkind
from tests.nasty.test_bot_texts import message
from tests.talk import ANNA, DIALOG

READERS = st.sampled_from([Reader(lang(code), UTC) for code in CODES])
EN = Reader(lang("en"), UTC)
BOOK = Book(Head(DIALOG, ANNA, "@sales"))
UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def says(number: int, text: str, **also: Any) -> Said:
    return Said(**{"id": number, "dialog_id": 1, "author": "contact", "timestamp": at(number), "content": text} | also)


def at(number: int) -> datetime:
    return message(number, "").timestamp


def ours(number: int, text: str) -> Said:
    return says(number, text, author="model")


def exported(reader: Reader, *messages: Said, contact: Contact = ANNA) -> str:
    return written(Text(reader, Book(Head(DIALOG, contact, "@sales"))), *messages)


def odd(said: str, quote: str, media: str) -> Said:
    """A message to which everything happened that can."""
    return says(
        2, stored(said), quote=stored(quote), kind="document", media=stored(media), reaction=stored(media)[:9],
        edits=[{"content": stored(quote), "at": at(1).isoformat()}],
    )  # fmt: skip


def margin(told: str) -> list[str]:
    """What begins at the margin below the head, however an editor divides lines."""
    below = told.split("-" * 72 + "\n")[1]
    return [line for line in below.splitlines() if line and not line.startswith(" ")]


@unkind
@given(nasty(), nasty(), nasty(), nasty(), READERS)
def test_only_the_program_writes_at_the_margin(said: str, name: str, quote: str, media: str, reader: Reader) -> None:
    contact = Contact(501, stored(name), stored(name))
    told = exported(reader, ours(1, "before it"), odd(said, quote, media), ours(3, "after it"), contact=contact)
    we = {"en": "We (model)", "ru": "Мы (модель)"}[reader.lang.code]
    first, second, third = margin(told)
    assert first == f"[2026-11-20 09:31:00 +0000] {we}"
    assert second.startswith("[2026-11-20 09:32:00 +0000] ")
    assert third == f"[2026-11-20 09:33:00 +0000] {we}"
    assert told.endswith(f"{third}\n    after it\n")
    assert f"{first}\n    before it\n\n" in told
    assert not UNREADABLE.search(told)
    assert [line for line in told.splitlines() if left_open(line)] == []


def test_a_message_that_looks_like_the_next_one_is_seen_to_be_none() -> None:
    for name in ("forged export", "forged export, other breaks", "forged remark"):
        told = exported(EN, says(1, by_name(name)))
        assert margin(told) == ["[2026-11-20 09:31:00 +0000] Anna Petrova"], name
    assert "\n  (cancelled" not in exported(EN, says(1, by_name("forged remark")))


def test_an_edit_cannot_forge_a_message_either() -> None:
    told = exported(EN, says(1, "x", edits=[{"content": by_name("forged export"), "at": at(1).isoformat()}]))
    assert margin(told) == ["[2026-11-20 09:31:00 +0000] Anna Petrova"]


@unkind
@given(nasty())
def test_a_text_is_read_back_line_by_line(said: str) -> None:
    said = stored(said)
    body = exported(EN, says(1, said)).split("Anna Petrova\n")[1].splitlines()
    lines = [re.sub(r"^    \u2068*|\u2069*$", "", line) for line in body]
    wanted = [re.sub(r"^\u2068*|\u2069*$", "", line.translate(SEEN)) for line in said.splitlines()]
    assert lines == (wanted or [""])


SEEN = {**{n: 0x2400 + n for n in range(32) if n != 9}, 127: 0x2421, **dict.fromkeys(range(128, 160), 0xFFFD)}


def test_what_moves_a_terminals_cursor_is_seen_instead() -> None:
    told = exported(EN, says(1, by_name("clear screen")))
    assert "    ␛[2J␛[H␛[1A␛[2K\n" in told


class Read(HTMLParser):
    """What a browser makes of a page: its tags with their attributes, and the words inside the messages."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(" ".join([tag, *(f"{name}={value}" for name, value in attrs if name != "title")]))
        if tag == "p":
            self.words.append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "p"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.words[-1] += data


def read(page: str) -> Read:
    reading = Read()
    reading.feed(page)
    reading.close()
    return reading


@unkind
@given(nasty(), nasty(), nasty(), nasty(), READERS)
def test_nothing_said_becomes_markup(said: str, name: str, quote: str, media: str, reader: Reader) -> None:
    """The page of anything has the tags of a page of harmless words, and only their text differs."""

    def page(said: str, name: str, quote: str, media: str) -> str:
        book = Book(Head(DIALOG, Contact(501, name, name), "@sales"), notes=[Note(name, quote, at(1))])
        return written(Page(reader, book), odd(said, quote, media))

    shown = page(stored(said) or "x", *(stored(text) for text in (name, quote, media)))
    plain = page("x", *("x" if stored(text) else "" for text in (name, quote, media)))
    assert [tag for tag in read(shown).tags if tag != "small dir=auto"] == [
        tag for tag in read(plain).tags if tag != "small dir=auto"
    ]
    assert not UNREADABLE.search(shown)


@unkind
@given(nasty())
def test_the_words_on_a_page_are_the_words_that_were_said(said: str) -> None:
    said = stored(said) or "x"
    wanted = "\n".join(line.translate(SEEN) for line in said.splitlines())
    shown = read(written(Page(EN, BOOK), says(1, said))).words[-1]
    assert shown.rstrip("\n") == wanted.rstrip("\n")


@unkind
@given(nasty(), nasty(), nasty())
def test_json_holds_exactly_what_was_said(said: str, quote: str, media: str) -> None:
    before, told, after = json.loads(
        written(Data(EN, BOOK), ours(1, "before it"), odd(said, quote, media), ours(3, "after it"))
    )["messages"]
    assert told["text"] == stored(said)
    assert told.get("quote", "") == stored(quote)
    assert told["edits"] == [{"text": stored(quote), "until": at(1).isoformat()}]
    assert (before["text"], after["text"]) == ("before it", "after it")


@unkind
@given(nasty(), nasty())
def test_a_files_name_is_a_plain_one(username: str, target: str) -> None:
    head = Head(DIALOG, Contact(501, stored(username)[:64], ""), "@sales")
    assert re.fullmatch(r"dialog-000001-[\w-]+\.txt", archive.file_name(head), re.ASCII)


def test_every_entry_of_the_corpus_can_be_written_to_a_file() -> None:
    everything = [says(n, stored(one)) for n, one in enumerate(TEXTS, 1)]
    told = exported(EN, *everything)
    assert told.encode().decode() == told
    assert len(margin(told)) == len(TEXTS)
    documents: list[Document] = [Page(EN, BOOK), Data(EN, BOOK)]
    for document in documents:
        assert written(document, *everything).encode()
