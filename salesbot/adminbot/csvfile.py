"""A list of people as a CSV file, as spreadsheets and people write it: bytes in, lines out. Pure.

Semicolon, comma or tab; UTF-8 with or without a mark, UTF-16 with one, else Windows-1251; with or without a header, in
Russian or English. What cannot be read as a whole raises ``Unreadable``; what is wrong with one line is said by whoever
looks at it, so that the other lines are not lost for it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from salesbot.adminbot import parse
from salesbot.adminbot.parse import WrongInput
from salesbot.store.messages import clean

MOST_BYTES = 5_000_000
MOST_LINES = 10_000
"""People in one file: more than any account may write to in a year."""

DELIMITERS = (";", ",", "\t")
LONGEST_CELL = 100_000
LOOKED_AT = 50
"""Lines by which it is told what separates the cells."""
UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
"""Marks that copying from a page leaves at the ends of a word."""


class Column(StrEnum):
    """What a file may say of a person, in the order in which a file without a header says it."""

    USERNAME = "username"
    NAME = "name"
    LANGUAGE = "language"
    TIMEZONE = "timezone"
    BASIS = "basis"
    NOTES = "notes"
    SCENARIO = "scenario"


NAMES: Mapping[Column, str] = {
    Column.USERNAME: "username|user|user name|login|nick|nickname|telegram|telegram username|tg|link|handle"
    "|юзернейм|имя пользователя|пользователь|логин|ник|никнейм|ник в телеграм|телеграм|телеграмм|тг|ссылка|аккаунт",
    Column.NAME: "name|full name|first name|contact|contact name|имя|фио|имя и фамилия|контакт|клиент",
    Column.LANGUAGE: "language|lang|язык",
    Column.TIMEZONE: "timezone|time zone|tz|zone|часовой пояс|таймзона|пояс",
    Column.BASIS: "basis|lawful basis|legal basis|consent|reason|основание|правовое основание|согласие|причина",
    Column.NOTES: "notes|note|comment|comments|заметки|заметка|комментарий|комментарии|примечание|примечания",
    Column.SCENARIO: "scenario|script|сценарий",
}
COLUMNS = {name: column for column, names in NAMES.items() for name in names.split("|")}


class Unread(StrEnum):
    """Why nothing of a file can be read."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_LINES = "too_many_lines"
    WORKBOOK = "workbook"
    NOT_TEXT = "not_text"
    NO_USERNAMES = "no_usernames"
    COLUMN_TWICE = "column_twice"
    QUOTE_OPEN = "quote_open"
    CELL_TOO_LONG = "cell_too_long"
    LOST = "lost"
    """It could not be fetched from Telegram."""


class Unreadable(Exception):
    """A file that is not a list of people; ``what`` is the line or the column at fault."""

    def __init__(self, why: Unread, what: str = "") -> None:
        super().__init__(why.value)
        self.why = why
        self.what = what


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the file. ``number`` is the line as an editor counts it, the header included."""

    number: int
    cells: Mapping[Column, str]
    surplus: str = ""
    """What stands beyond the last column; empty where there is nothing."""

    def __getitem__(self, column: Column) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """All people of a file, and the columns of it that mean nothing here."""

    lines: Sequence[Line]
    unknown: Sequence[str] = ()


def read(data: bytes) -> Sheet:
    """The lines of a file; blank ones are left out. Raises ``Unreadable``."""
    if len(data) > MOST_BYTES:
        raise Unreadable(Unread.TOO_LARGE)
    text = _text(data)
    if not text.strip(f'{UNSEEN}{"".join(DELIMITERS)}" \r\n'):
        raise Unreadable(Unread.EMPTY)
    delimiter, records = _split(text)
    if not records:
        raise Unreadable(Unread.EMPTY)
    columns = _header(records[0][1])
    unknown = [cell for cell, column in zip(records[0][1], columns, strict=False) if cell and column is None]
    if columns:
        _check(columns)
        records = records[1:]
    elif not any(_is_username(cells[0]) for _, cells in records):
        raise Unreadable(Unread.NO_USERNAMES)
    if not records:
        raise Unreadable(Unread.EMPTY)
    if len(records) > MOST_LINES:
        raise Unreadable(Unread.TOO_MANY_LINES, str(len(records)))
    order = columns or list(Column)
    return Sheet([_line(number, cells, order, delimiter) for number, cells in records], unknown)


def _text(data: bytes) -> str:
    """The characters of a file. Raises ``Unreadable``."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(Unread.WORKBOOK)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace").replace("\0", "")
    if b"\0" in data:
        raise Unreadable(Unread.NOT_TEXT)
    told = data.removeprefix(codecs.BOM_UTF8)
    text = told.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - damaged
    if told is data and damaged * 20 > whole:  # a damaged byte or two do not make it another encoding
        return data.decode("cp1251", "replace")
    return text


def _split(text: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """What separates the cells, and the lines that hold something: (number, cells). Raises ``Unreadable``."""
    told = re.match(r"sep=([;,\t|])\r?\n", text)  # how Excel is told, and how it tells
    delimiter = told[1] if told else max(DELIMITERS, key=lambda one: _fits(text, one))
    return delimiter, list(_records(text[told.end() :] if told else text, delimiter, 2 if told else 1))


def _fits(text: str, delimiter: str) -> tuple[bool, int, int]:
    """How well a delimiter makes sense of a file: a header, usernames where they belong, many cells."""
    first = []
    with suppress(csv.Error):  # what was read before counts
        for cells in csv.reader(io.StringIO(text, newline=None), delimiter=delimiter):
            if any(tidied := [_tidy(cell) for cell in cells]):
                first.append(tidied)
            if len(first) == LOOKED_AT:
                break
    header = bool(first) and Column.USERNAME in _header(first[0])
    return header, sum(_is_username(cells[0]) for cells in first), len(first[0]) if first else 0


def _records(text: str, delimiter: str, number: int) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold something, numbered from ``number``; a cell may hold line breaks.

    A line of our own is put at the end: when it does not come back by itself, a quotation mark was left open.
    """
    end = "\x00end"
    reader = csv.reader(io.StringIO(f"{text}\n{end}", newline=None), delimiter=delimiter)
    before = 0
    while True:
        try:
            cells = next(reader)
        except csv.Error as wrong:
            raise Unreadable(Unread.CELL_TOO_LONG, str(number + before)) from wrong
        if cells == [end]:
            return
        if any(end in cell for cell in cells):
            raise Unreadable(Unread.QUOTE_OPEN, str(number + before))
        cells = [_tidy(cell) for cell in cells]
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise Unreadable(Unread.CELL_TOO_LONG, str(number + before))
        if any(cells):
            yield number + before, cells
        before = reader.line_num


def _tidy(cell: str) -> str:
    """A cell without what nobody sees; its line breaks stay."""
    lines = (" ".join(line.strip(UNSEEN).split()) for line in clean(cell).splitlines())
    return "\n".join(lines).strip()


def _header(cells: Sequence[str]) -> list[Column | None]:
    """The columns, if this line names them: the username's, or two others, or there is nothing else in it."""
    columns = [COLUMNS.get(cell.casefold().replace("_", " ").strip(" *:")) for cell in cells]
    known = sum(column is not None for column in columns)
    return columns if Column.USERNAME in columns or known >= min(2, sum(map(bool, cells))) else []


def _check(columns: Sequence[Column | None]) -> None:
    if Column.USERNAME not in columns:
        raise Unreadable(Unread.NO_USERNAMES)
    if twice := next((one for one in columns if one is not None and columns.count(one) > 1), None):
        raise Unreadable(Unread.COLUMN_TWICE, twice.value)


def _is_username(cell: str) -> bool:
    try:
        return not parse.username(cell).isdecimal()
    except WrongInput:
        return False


def _line(number: int, cells: Sequence[str], order: Sequence[Column | None], delimiter: str) -> Line:
    held = {
        column: cell if column is Column.NOTES else " ".join(cell.split())
        for column, cell in zip(order, cells, strict=False)
        if column is not None and cell
    }
    return Line(number, held, delimiter.join(cells[len(order) :]).strip(delimiter))
