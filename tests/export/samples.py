"""A dialog for the tests of exports: a person, a dialog that was won, messages as the store hands them out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from salesbot.dialog.model import Contact, Dialog, Outcome, Status
from salesbot.export.document import Document, Reader
from salesbot.i18n import lang
from salesbot.store.cards import Card, Learnt, Promised
from salesbot.store.desk import Head
from salesbot.store.exports import Book, Note, Said
from tests import talk

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ZONE = timezone(timedelta(hours=3))
ANNA = Contact(501, "anna", "Anna P.")
DIALOG: Dialog = replace(
    talk.DIALOG, id=7, contact_id=501, scenario="sales", status=Status.CLOSED, stage="offer", outcome=Outcome.WON,
    created_at=AT, basis="asked at the fair",
)  # fmt: skip
BOOK = Book(Head(DIALOG, ANNA, "@sales"), admins={77: "Maria"})
FULL = replace(
    BOOK,
    head=Head(replace(DIALOG, opening="by name", handoff_note="angry\nOutcome: won", summary="long"), ANNA, "@sales"),
    card=Card(
        [Learnt("phone", "+7\nStatus: won", "call me\nOpened: never", AT, AT)],
        [Promised("call\nback", AT, None, AT), Promised("send it", None, AT, AT)],
        calls=2,
        cost=Decimal("0.01234"),
    ),
    notes=[Note("Maria", "likes tea\nOpened: never", AT)],
    labels=["later", "vip"],
)
EN = Reader(lang("en"), ZONE)
RU = Reader(lang("ru"), ZONE)


def said(content: str = "x", **also: Any) -> Said:
    return Said(**{"id": 1, "dialog_id": 7, "author": "contact", "timestamp": AT, "content": content} | also)


def written(document: Document, *messages: Said) -> str:
    """The whole file."""
    return "".join([document.head(), *map(document.entry, messages), document.foot()])
