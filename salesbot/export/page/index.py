"""The page that leads to the dialogs of an archive: who, how it stands, since when. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

from salesbot import words
from salesbot.export.document import Reader
from salesbot.export.page.policy import allowed
from salesbot.store.exports import Book
from salesbot.visible import inline

NAME = "index.html"


def line(reader: Reader, book: Book, name: str, piece: int) -> bytes:
    """The link to a dialog's page; of one that is too long for one page, to each."""
    _, dialog = reader.lang, book.head.dialog
    who = escape(f"№ {book.number} {words.person(_, dialog, book.head.contact)}{f' ({piece})' if piece > 1 else ''}")
    stage = inline(words.stage(_, reader.titles, dialog), 80)
    how = " · ".join(filter(None, (words.standing(_, dialog), stage, reader.moment(dialog.created_at)[:16])))
    return f'<li><a href="{escape(name)}"><bdi>{who}</bdi><small>{escape(how)}</small></a></li>\n'.encode()


def page(reader: Reader, lines: Iterable[bytes]) -> bytes:
    _ = reader.lang
    title = escape(_("Dialogs"))
    head = (
        f'<!doctype html>\n<html lang="{_.code}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed(style=_style())}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_style()}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<ul>\n"
    )
    return b"".join([head.encode(), *lines, b"</ul>\n</main>\n</body>\n</html>\n"])


@cache
def _style() -> str:
    return (files(__package__) / "index.css").read_text(encoding="utf-8")
