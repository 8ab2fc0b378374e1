"""A dialogue on pages: as many messages as fit into one message of the bot, nothing cut, a long one in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import takewhile

from aiogram.types import InlineKeyboardMarkup

from salesbot import words
from salesbot.adminbot import sheet
from salesbot.adminbot.html import LIMIT, esc, slices, units
from salesbot.adminbot.keyboards import ViewPage, Way, button, rows
from salesbot.adminbot.sheet import Sheet
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import Message
from salesbot.export.text import remarks
from salesbot.i18n import Lang
from salesbot.store.desk import Head

ROOM = LIMIT - 600
"""Units for the messages of a page; the rest is the page's head and its dates."""

PIECE = ROOM - 300
"""Units of one piece of a text; the rest is its author, time and label."""

FETCH = 60
"""Messages read for a page; more never fit."""


@dataclass(frozen=True, slots=True)
class Block:
    """A message, or a piece of a long one, as it stands on a page."""

    message: int
    piece: int
    at: datetime
    text: str

    @property
    def key(self) -> tuple[int, int]:
        return self.message, self.piece


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose eyes a dialogue is rendered for."""

    lang: Lang
    head: Head
    zone: tzinfo
    sheet: Sheet = field(default_factory=Sheet)
    acts: bool = False
    """Whether they may do something about it."""

    @property
    def newest_room(self) -> int:
        """Units for the messages of the newest page, which has the card above them."""
        return ROOM - units("\n".join(sheet.lines(self.lang, self.head, self.sheet, self.zone)))


def blocks(reader: Reader, message: Message) -> list[Block]:
    """A message in as many pieces as it needs; each says who, when, and what became of it."""
    _ = reader.lang
    at = message.timestamp.astimezone(reader.zone)
    who = esc(words.author(_, message, reader.head.dialog, reader.head.contact))
    read = " ✓✓" if message.read_at and not message.incoming else ""
    title = f"{'←' if message.incoming else '→'} <b>{who}</b>, {at:%H:%M}{read}"
    pieces = list(_pieces(reader, message))
    return [
        Block(message.id, n, at, f"{title}{f' ({n + 1}/{len(pieces)})' if len(pieces) > 1 else ''}\n{piece}")
        for n, piece in enumerate(pieces)
    ]


def _pieces(reader: Reader, message: Message) -> Iterator[str]:
    """Quote, label, text and remarks, each as it is or, when together they are too long, in pieces."""
    _ = reader.lang
    label = esc(words.kind(_, message))
    unsaid = not message.said or message.deleted_at is not None
    quote = [f"<blockquote>{part}</blockquote>" for part in slices(message.quote, PIECE - 40)]
    if not quote and message.reply_to:
        quote = [f"<i>{esc(_('answers message {id}').format(id=message.reply_to))}</i>"]
    text = [f"<s>{part}</s>" if unsaid else part for part in slices(message.content, PIECE - 40)]
    notes = [f"<i>{part}</i>" for remark in remarks(_, message, reader.zone) for part in slices(remark, PIECE - 40)]
    page = ""
    for part in [*quote, *([label] if label else []), *text, *notes]:
        if page and units(page) + units(part) + 1 > PIECE:
            yield page
            page = part
        else:
            page = f"{page}\n{part}" if page else part
    yield page or f"<i>{esc(_('(empty)'))}</i>"


def fill(candidates: Iterable[Block], room: int = ROOM) -> list[Block]:
    """As many of the candidates, in their order, as fit on one page; at least one."""
    taken: list[Block] = []
    for block in candidates:
        room -= units(block.text) + 20  # a blank line, perhaps a date
        if taken and room < 0:
            break
        taken.append(block)
    return taken


def backwards(reader: Reader, messages: Iterable[Message], before: tuple[int, int] | None) -> Iterator[Block]:
    """Blocks from the newest message to the oldest, those before a key when it is given."""
    for message in messages:
        made = blocks(reader, message)
        if before and message.id == before[0]:
            made = list(takewhile(lambda block: block.piece < before[1], made))
        yield from reversed(made)


def forwards(reader: Reader, messages: Iterable[Message], after: tuple[int, int]) -> Iterator[Block]:
    """Blocks from the oldest message to the newest, those after a key."""
    for message in messages:
        yield from (b for b in blocks(reader, message) if message.id != after[0] or b.piece > after[1])


def page(reader: Reader, shown: list[Block], *, older: bool, newer: bool) -> Shown:
    """A page, the oldest of its messages first, under the dialog's head."""
    _, head = reader.lang, reader.head
    lines = sheet.title(_, head, reader.sheet)
    if not newer:
        lines += sheet.lines(_, head, reader.sheet, reader.zone)
    day = ""
    for block in shown:
        if (today := f"{block.at:%d.%m.%Y}") != day:
            day = today
            lines.append(f"\n<b>{day}</b> <i>({esc(block.at.tzname() or '')})</i>")
        lines.append(f"\n{block.text}" if not lines[-1].startswith("\n<b>") else block.text)
    if not shown:
        lines.append("\n" + _("Nothing has been said yet."))
    return Shown("\n".join(lines), _buttons(reader, shown, older=older, newer=newer))


def _buttons(reader: Reader, shown: list[Block], *, older: bool, newer: bool) -> InlineKeyboardMarkup | None:
    _, number = reader.lang, reader.head.dialog.id

    def to(way: Way, block: Block | None) -> ViewPage:
        return ViewPage(dialog=number, way=way, cursor=block.message if block else 0, piece=block.piece if block else 0)

    turn = [
        *([button(_("← older"), to(Way.OLDER, shown[0]))] if older else []),
        *([button(_("newer →"), to(Way.NEWER, shown[-1]))] if newer else []),
        button(_("newest") if newer else _("refresh"), to(Way.NEWEST, None)),
    ]
    drafted = reader.sheet.standing.draft_until is not None
    return rows(turn, *(sheet.buttons(_, reader.head, drafted=drafted) if reader.acts else []))
