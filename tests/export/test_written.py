"""Files written from a database: whole, in order, below their limit, as LibreOffice and programs read them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from salesbot.export import archive, table
from salesbot.export.archive import Written
from salesbot.export.cells import safe
from salesbot.export.document import Reader
from salesbot.export.wanted import DOCUMENTS, Format
from salesbot.i18n import lang
from salesbot.store import exports
from salesbot.store.pool import transaction
from tests.nasty.corpus import TEXTS, stored

BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MOSCOW = Reader(lang("en"), ZoneInfo("Europe/Moscow"))
FORMULAS = [
    "=1+1",
    "+7 999",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "  \t@x",
    "＝1",
    "\u00a0=1",
    "'=1",
    "1+1",
]


async def talk(pool: asyncpg.Pool, texts: Sequence[Sequence[str]], **also: Any) -> None:
    """A dialog for each of these, a minute between their messages."""
    await pool.execute(
        """
        insert into accounts (id, username, name, phone, state, openings_blocked, dc_id, server_address, server_port,
            auth_key) values (1, 'sales', 'Maria', '1', 'ready', false, 2, '127.0.0.1', 443, '') on conflict do nothing
        """
    )
    for person, lines in enumerate(texts, 1):
        await pool.execute(
            "insert into contacts (id, username, name) values ($1, $2, $3)", person, f"u{person}", "=Eve"
        )
        dialog = await pool.fetchval(
            "insert into dialogs (account_id, contact_id, target_username, scenario, status, created_at) "
            "values (1, $1, $2, 'sales', 'closed', $3) returning id",
            person,
            f"u{person}",
            BEGAN,
        )
        for number, text in enumerate(lines):
            values = {
                "dialog_id": dialog,
                "account_id": 1,
                "direction": "in",
                "author": "contact",
                "content": text,
                "timestamp": BEGAN + timedelta(minutes=number),
                "telegram_message_id": 10_000 * person + number,
            } | also
            names, places = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
            await pool.execute(f"insert into messages ({names}) values ({places})", *values.values())  # noqa: S608


async def everything(pool: asyncpg.Pool, kind: Format, limit: int | None = None, reader: Reader = MOSCOW) -> Written:
    return await archive.everything(pool, reader, kind, "all", limit, lambda done: None)


def contents(written: Written) -> list[bytes]:
    for file in written.files:
        file.seek(0)
    found = [file.read() for file in written.files]
    written.discard()
    return found


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "without it a spreadsheet takes UTF-8 for something else"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_a_table_holds_every_message_in_order(pool: asyncpg.Pool) -> None:
    await talk(pool, [["a", "b;c", 'd "e"', "f\ng,h"], [], ["i"]])
    written = await everything(pool, Format.CSV)
    assert (written.names, written.dialogs) == (["all.csv"], 3)
    found = rows(contents(written)[0])
    assert [row["text"] for row in found] == ["a", "b;c", 'd "e"', "f\ng,h", "i"]
    assert list(found[0]) == list(exports.COLUMNS)
    first = {name: value for name, value in found[0].items() if value}
    assert first == {
        "dialog": "1",
        "person": "1",
        "username": "u1",
        "name": "'=Eve",
        "account": "'@sales",
        "scenario": "sales",
        "status": "closed",
        "outcome": "none",
        "message": "1",
        "time": "2026-11-20 12:00:00",
        "utc": "2026-11-20 09:00:00",
        "author": "contact",
        "kind": "text",
        "text": "a",
    }


async def test_no_cell_of_a_table_is_a_formula(pool: asyncpg.Pool) -> None:
    texts = [*FORMULAS, *(text for one in TEXTS if (text := stored(one)))]
    await talk(pool, [texts])
    found = [row["text"] for row in rows(contents(await everything(pool, Format.CSV))[0])]
    assert [cell for cell in found if safe(cell) != cell] == []
    assert [cell.removeprefix("'") for cell in found] == [text.removeprefix("'") for text in texts]
    plain = [text for text in texts if safe(text) == text and text[0] not in "\t\r\n"]
    assert [text for text in plain if text not in found] == [], "nothing else is altered"


async def test_a_semicolon_divides_no_cell_and_every_text_is_quoted(pool: asyncpg.Pool) -> None:
    await talk(pool, [["a;b\tc"]])
    line = contents(await everything(pool, Format.CSV))[0].decode("utf-8-sig").splitlines()[1]
    assert '"a;b\tc"' in line
    assert line.startswith('1,1,"u1",')


async def test_long_tables_are_divided_between_rows(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_PIECE", 1)
    monkeypatch.setattr(table, "_BATCH", 2)
    await talk(pool, [[f"{dialog}-{number} {'word ' * 20}" for number in range(5)] for dialog in range(9)])
    written = await everything(pool, Format.CSV, limit=4_000)
    assert written.names == [f"all-{n}of{len(written.files)}.csv" for n in range(1, len(written.files) + 1)]
    pieces = contents(written)
    assert len(pieces) > 2
    assert all(len(piece) <= 4_000 for piece in pieces)
    told = [row["text"].split()[0] for piece in pieces for row in rows(piece)]
    assert told == [f"{dialog}-{number}" for dialog in range(9) for number in range(5)]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns", "UTC"])
async def test_a_zone_without_a_name_is_told_by_its_offset(pool: asyncpg.Pool, zone: str) -> None:
    await talk(pool, [["x"]])
    offset = BEGAN.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    for one in (ZoneInfo(zone), timezone(offset)):
        (row,) = rows(contents(await everything(pool, Format.CSV, reader=Reader(lang("en"), one)))[0])
        assert row["time"] == f"{BEGAN.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


async def test_only_what_was_said_since(pool: asyncpg.Pool) -> None:
    await talk(pool, [["old", "new", "newest"], ["old"]])
    reader = Reader(lang("en"), UTC, since=BEGAN + timedelta(minutes=1))
    written = await everything(pool, Format.CSV, reader=reader)
    assert written.dialogs == 1
    assert [row["text"] for row in rows(contents(written)[0])] == ["new", "newest"]
    (zipped,) = contents(await everything(pool, Format.TXT, reader=reader))
    with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
        (name,) = opened.namelist()
        told = opened.read(name).decode()
    assert "Only what was said since: 2026-11-20 09:01:00 +0000" in told
    assert "    new\n" in told
    assert "old" not in told
    async with transaction(pool) as connection:
        assert await exports.count(connection, reader.since) == 1
        assert await exports.count(connection, BEGAN) == 2


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_archives_hold_every_dialog_also_one_in_which_nothing_was_said(
    pool: asyncpg.Pool, kind: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_BATCH", 3)
    said = [[], ["Uno.", "Dos."], [], [], [], ["Tres."], []]
    await talk(pool, said)
    (zipped,) = contents(await everything(pool, kind))
    with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
        names = [f"dialog-{n:06}-u{n}.{kind}" for n in range(1, 8)]
        assert opened.namelist() == [*names, *(["index.html"] if kind is Format.HTML else [])]
        told = [opened.read(name).decode() for name in names]
        leads = re.findall(r'href="([^"]+)"', opened.read("index.html").decode()) if kind is Format.HTML else names
    assert leads == names
    assert [[one for one in ("Uno.", "Dos.", "Tres.") if one in text] for text in told] == said


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_a_long_dialog_is_divided_between_messages_into_whole_documents(pool: asyncpg.Pool, kind: Format) -> None:
    await talk(pool, [[f"Token{number:04} {'word ' * 40}" for number in range(300)]])
    written = await archive.one(pool, MOSCOW, kind, 1, 30_000)
    assert written is not None
    assert written.names == [
        f"dialog-000001-u1{f'-{n}' if n > 1 else ''}.{kind}" for n in range(1, len(written.files) + 1)
    ]
    pieces = contents(written)
    assert len(pieces) > 2
    assert all(len(piece) <= 30_000 for piece in pieces)
    tokens = [word for piece in pieces for word in piece.decode().split() if "Token" in word]
    assert [token[token.index("Token") :][:9] for token in tokens] == [f"Token{number:04}" for number in range(300)]
    if kind is Format.JSON:
        assert sum(len(json.loads(piece)["messages"]) for piece in pieces) == 300
    if kind is Format.HTML:
        assert all(piece.endswith(b"</html>\n") and b"<h2>20 November 2026</h2>" in piece for piece in pieces)


async def test_a_message_longer_than_a_document_has_one_of_its_own(pool: asyncpg.Pool) -> None:
    await talk(pool, [["a" * 4_000, "b", "c" * 4_000]])
    written = await archive.one(pool, MOSCOW, Format.TXT, 1, 1_000)
    assert written is not None
    assert [b"a" * 4_000 in one for one in contents(written)] == [True, False, False]


async def test_there_is_nothing_of_a_dialog_that_is_not_there(pool: asyncpg.Pool) -> None:
    assert await archive.one(pool, MOSCOW, Format.TXT, 1, None) is None


async def test_notes_labels_and_drafts_come_from_their_tables(pool: asyncpg.Pool) -> None:
    await talk(pool, [["x"]])
    await pool.execute("insert into admins (id, name) values (77, 'Maria')")
    await pool.execute(
        "insert into notes (dialog_id, admin_id, content, created_at) "
        "values (1, 77, 'likes tea', $1), (1, 78, 'late', $1)",
        BEGAN,
    )
    await pool.execute("insert into labels values (1, 'vip')")
    draft = await pool.fetchval(
        "insert into drafts (dialog_id, created_at, expires_at) values (1, now(), now()) returning id"
    )
    await pool.execute(
        "insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, draft_id, "
        "written_by) values (1, 1, 'out', 'human', 'y', $1, 'pending', $2, 77)",
        BEGAN,
        draft,
    )
    written = await archive.one(pool, MOSCOW, Format.JSON, 1, None)
    assert written is not None
    told = json.loads(contents(written)[0])
    assert [(note["by"], note["text"]) for note in told["dialog"]["notes"]] == [("Maria", "likes tea"), ("78", "late")]
    assert told["dialog"]["labels"] == ["vip"]
    assert told["messages"][1] | {"id": 0, "time": ""} == {
        "id": 0, "telegram_id": None, "time": "", "direction": "out", "author": "human", "text": "y",
        "state": "pending", "draft": "waiting", "written_by": 77,
    }  # fmt: skip
    assert [row["state"] for row in rows(contents(await everything(pool, Format.CSV))[0])] == ["", "draft"]
