"""A dialog as a page in the manner of Telegram Desktop, in one file that asks nothing of any network. Pure.

Every word of people is escaped; were one not, the Content-Security-Policy lets nothing run or load but the style and
the script of ours, whose hashes it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from html import escape
from importlib.resources import files

from salesbot import words
from salesbot.dialog.model import SendState
from salesbot.export.document import Authors, Reader, Section, about, happened, sections, states
from salesbot.export.page.policy import allowed
from salesbot.i18n import Lang
from salesbot.store.exports import Book, Said
from salesbot.visible import pictured, plain

_JOINED = timedelta(minutes=15)
"""Messages of one author so soon after one another stand together, under one name."""


class Page:
    """The document of one dialog."""

    def __init__(self, reader: Reader, book: Book) -> None:
        self._reader, self._book = reader, book
        self._authors = Authors(reader.lang, book)
        self._day = ""
        self._last: tuple[str, datetime] | None = None

    def head(self) -> str:
        self._day, self._last = "", None
        _, reader, book = self._reader.lang, self._reader, self._book
        dialog = book.head.dialog
        who = _text(words.person(_, dialog, book.head.contact))
        stage = words.stage(_, reader.titles, dialog)
        how = " · ".join(filter(None, (f"№ {book.number}", words.standing(_, dialog), stage)))
        told = "".join(
            f'<dt>{_text(name)}</dt><dd dir="auto">{_text(value)}</dd>' for name, value in about(reader, book)
        )
        known = "".join(map(_section, sections(reader, book)))
        return (
            f'<!doctype html>\n<html lang="{_.code}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{allowed(style=_style(), script=_script())}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
            f"<title>№ {book.number} {who}</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
            f"<header><div><h1><bdi>{who}</bdi><small>{_text(how)}</small></h1>"
            f'<search><input type="search" placeholder="{_attribute(_("Search"))}" '
            f'aria-label="{_attribute(_("Search in this dialog"))}"><output></output></search></div></header>\n'
            f'<main>\n<details class="about"><summary>{_text(_("About this dialog"))}</summary>'
            f"<div><dl>{told}</dl>{known}</div></details>\n"
        )

    def entry(self, said: Said) -> str:
        at = said.timestamp.astimezone(self._reader.zone)
        moment = at.isoformat(" ", "seconds")
        day = moment[:10]
        opens = "" if day == self._day else self._begin(day, at)
        who = self._authors.of(said)
        look, name = ("m" if said.incoming else "m o"), ""
        if self._last and self._last[0] == who and at - self._last[1] <= _JOINED:
            look += " j"
        else:
            name = f"<b><bdi>{_text(who)}</bdi></b>"
        self._last = who, at
        if said.ordinary:
            body = f'<p dir="auto">{_text(said.content)}</p>'
        else:
            body, look = self._unusual(said), look + _unsaid(said)
        read = " ✓✓" if said.read_at and not said.incoming else ""
        return f'{opens}<div class="{look}">{name}{body}<time title="{moment}">{moment[11:16]}{read}</time></div>\n'

    def foot(self) -> str:
        _ = self._reader.lang
        end = "</section>" if self._day else f'<p class="none">{_text(_("Nothing has been said yet."))}</p>'
        return f"{end}\n</main>\n<script>{_script()}</script>\n</body>\n</html>\n"

    def _begin(self, day: str, at: datetime) -> str:
        """The line above the messages of a day."""
        closes = "</section>\n" if self._day else ""
        self._day, self._last = day, None
        return f'{closes}<section class="day"><h2>{_text(_date(self._reader.lang, at))}</h2>\n'

    def _unusual(self, said: Said) -> str:
        """A message with everything that is known about it."""
        _, message = self._reader.lang, said.message()
        shown = []
        if message.quote:
            shown.append(f'<blockquote dir="auto">{_text(message.quote)}</blockquote>')
        elif message.reply_to:
            shown.append(f"<small>{_text(_('answers message {id}').format(id=message.reply_to))}</small>")
        if label := words.kind(_, message):
            shown.append(f"<em>{_text(label)}</em>")
        if message.content:
            shown.append(f'<p dir="auto">{_text(message.content)}</p>')
        remarks = [*happened(_, message, self._reader.zone), *states(_, said, message)]
        return "".join([*shown, *(f'<small dir="auto">{_text(remark)}</small>' for remark in remarks)])


def _unsaid(said: Said) -> str:
    """How a message looks that is not in the chat: not yet, or not any more."""
    if said.deleted_at or said.send_state in (SendState.CANCELLED, SendState.FAILED):
        return " w x"
    return " w" if said.send_state else ""


def _section(section: Section) -> str:
    return f"<h3>{_text(section.title)}</h3><ul>{''.join(_items(section))}</ul>"


def _items(section: Section) -> Iterator[str]:
    for item in section.items:
        proof = f'<blockquote dir="auto">{_text(item.proof)}</blockquote>' if item.proof else ""
        remark = f"<small>{_text(item.remark)}</small>" if item.remark else ""
        yield f'<li><p dir="auto">{_text(item.text)}</p>{proof}{remark}</li>'


def _text(text: str) -> str:
    """Words as they stand between tags; control characters, which no page may hold, are seen instead."""
    if not plain(text):
        text = "\n".join(map(pictured, text.splitlines()))
    return escape(text, quote=False)


def _attribute(text: str) -> str:
    return escape(text)


def _date(_: Lang, at: datetime) -> str:
    months = (
        _("{day} January {year}"),
        _("{day} February {year}"),
        _("{day} March {year}"),
        _("{day} April {year}"),
        _("{day} May {year}"),
        _("{day} June {year}"),
        _("{day} July {year}"),
        _("{day} August {year}"),
        _("{day} September {year}"),
        _("{day} October {year}"),
        _("{day} November {year}"),
        _("{day} December {year}"),
    )
    return months[at.month - 1].format(day=at.day, year=at.year)


@cache
def _style() -> str:
    return (files(__package__) / "style.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return (files(__package__) / "search.js").read_text(encoding="utf-8")
