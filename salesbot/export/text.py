"""A dialog as plain text, in the reader's language. Pure.

What people said is indented, all its lines, so that nobody can write a message that reads like another one: only what
begins at the margin is the program's. Direction marks have no effect beyond their line, control characters none at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from salesbot import words
from salesbot.dialog.model import Message
from salesbot.export.document import Authors, Reader, about, happened, sections, states
from salesbot.i18n import Lang
from salesbot.store.exports import Book, Said
from salesbot.visible import isolated, pictured, plain

_RULE = "-" * 72
_INDENT = " " * 4


class Text:
    """The document of one dialog."""

    def __init__(self, reader: Reader, book: Book) -> None:
        self._reader, self._book = reader, book
        self._authors = Authors(reader.lang, book)

    def head(self) -> str:
        _, reader, book = self._reader.lang, self._reader, self._book
        lines = [_("Dialog № {n}").format(n=book.number)]
        lines += [f"{name}: {value}" for name, value in about(reader, book)]
        for section in sections(reader, book):
            lines.append(f"{section.title}:")
            for item in section.items:
                lines += _said(item.text)
                lines += _said(item.proof, "> ") if item.proof else []
                lines += [f"{_INDENT}({item.remark})"] if item.remark else []
        return "\n".join([*lines, _RULE]) + "\n"

    def entry(self, said: Said) -> str:
        title = f"[{self._reader.moment(said.timestamp)}] {self._authors.of(said)}"
        lines = _said(said.content) if said.ordinary else self._unusual(said)
        return "\n" + "\n".join([title, *lines]) + "\n"

    def _unusual(self, said: Said) -> list[str]:
        """The lines of a message with everything that is known about it."""
        _, message, lines = self._reader.lang, said.message(), list[str]()
        if message.quote:
            lines += _said(message.quote, "> ")
        elif message.reply_to:
            lines.append(_INDENT + _("> (answers message {id})").format(id=message.reply_to))
        label = words.kind(_, message)
        lines += _said(f"{label} {message.content}".rstrip() if label else message.content)
        for remark in [*happened(_, message, self._reader.zone), *states(_, said, message)]:
            first, *rest = _said(f"({remark})")
            lines += [f"  {first.lstrip()}", *rest]
        return lines

    def foot(self) -> str:
        return ""


def _said(text: str, mark: str = "") -> list[str]:
    """The lines of a text, however they are divided: an editor may know more ways than Telegram."""
    if plain(text):
        return [f"{_INDENT}{mark}{line}" for line in text.splitlines()] or [""]
    return [f"{_INDENT}{mark}{pictured(isolated(line))}" for line in text.splitlines()] or [""]


def remarks(_: Lang, message: Message, zone: tzinfo) -> Iterator[str]:
    """What happened to a message besides being said."""
    yield from happened(_, message, zone)
    if state := words.send_state(_, message):
        yield state
