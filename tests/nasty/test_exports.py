"""An exported dialog: readable, complete, harmless to whatever shows it; nobody can write a message of another's."""

from __future__ import annotations

import re
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from salesbot.dialog.model import Author, Contact, Direction, Edit, Kind, Message
from salesbot.export import archive, text
from salesbot.i18n import CODES, Lang, lang
from salesbot.store.cards import Card
from salesbot.store.desk import Head
from tests.nasty.corpus import TEXTS, by_name, left_open, nasty, stored, unkind
from tests.nasty.test_bot_texts import message
from tests.talk import ANNA, DIALOG

LANGS = st.sampled_from([lang(code) for code in CODES])
EN = lang("en")
OURS = {"direction": Direction.OUT, "author": Author.MODEL}
UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def exported(_: Lang, *messages: Message, contact: Contact = ANNA) -> str:
    pieces = [text.head(_, DIALOG, contact, "@sales", UTC, Card())]
    return "".join([*pieces, *(text.entry(_, one, DIALOG, contact, UTC) for one in messages)])


def margin(told: str) -> list[str]:
    """What begins at the margin below the head, however an editor divides lines."""
    below = told.split("-" * 72 + "\n")[1]
    return [line for line in below.splitlines() if line and not line.startswith(" ")]


@unkind
@given(nasty(), nasty(), nasty(), nasty(), LANGS)
def test_only_the_program_writes_at_the_margin(said: str, name: str, quote: str, media: str, reader: Lang) -> None:
    contact = Contact(501, stored(name), stored(name))
    odd = message(
        2, stored(said), quote=stored(quote), kind=Kind.DOCUMENT, media=stored(media), reaction=stored(media)[:9],
        edits=(Edit(stored(quote), message(1, "").timestamp),),
    )  # fmt: skip
    told = exported(reader, message(1, "before it", **OURS), odd, message(3, "after it", **OURS), contact=contact)
    we = {"en": "We (model)", "ru": "Мы (модель)"}[reader.code]
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
        told = exported(EN, message(1, by_name(name)))
        assert margin(told) == ["[2026-11-20 09:31:00 +0000] Anna Petrova"], name
    assert "\n  (cancelled" not in exported(EN, message(1, by_name("forged remark")))


def test_an_edit_cannot_forge_a_message_either() -> None:
    told = exported(EN, message(1, "x", edits=(Edit(by_name("forged export"), message(1, "").timestamp),)))
    assert margin(told) == ["[2026-11-20 09:31:00 +0000] Anna Petrova"]


@unkind
@given(nasty())
def test_a_text_is_read_back_line_by_line(said: str) -> None:
    said = stored(said)
    body = exported(EN, message(1, said)).split("Anna Petrova\n")[1].splitlines()
    lines = [re.sub(r"^    \u2068*|\u2069*$", "", line) for line in body]
    wanted = [re.sub(r"^\u2068*|\u2069*$", "", line.translate(SEEN)) for line in said.splitlines()]
    assert lines == (wanted or [""])


SEEN = {**{n: 0x2400 + n for n in range(32) if n != 9}, 127: 0x2421, **dict.fromkeys(range(128, 160), 0xFFFD)}


def test_what_moves_a_terminals_cursor_is_seen_instead() -> None:
    told = exported(EN, message(1, by_name("clear screen")))
    assert "    ␛[2J␛[H␛[1A␛[2K\n" in told


@unkind
@given(nasty(), nasty())
def test_a_files_name_is_a_plain_one(username: str, target: str) -> None:
    head = Head(DIALOG, Contact(501, stored(username)[:64], ""), "@sales")
    assert re.fullmatch(r"dialog-000001-[\w-]+\.txt", archive.file_name(head, 1), re.ASCII)


def test_every_entry_of_the_corpus_can_be_written_to_a_file() -> None:
    told = exported(EN, *(message(n, stored(one)) for n, one in enumerate(TEXTS, 1)))
    assert told.encode().decode() == told
    assert len(margin(told)) == len(TEXTS)
