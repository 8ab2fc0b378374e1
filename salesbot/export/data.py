"""A dialog as JSON, for programs: codes instead of words, texts exactly as they were said. Pure.

``docs/export.md`` tells what stands where, and ``docs/export.schema.json`` tells it to programs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from salesbot.dialog.model import Direction
from salesbot.export.document import Reader
from salesbot.store.exports import Book, Said

VERSION = 1

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

_encode = json.JSONEncoder(ensure_ascii=False).encode


class Data:
    """The document of one dialog: a message on each line, so that a diff shows what came."""

    def __init__(self, reader: Reader, book: Book) -> None:
        self._reader, self._book = reader, book
        self._first = True

    def head(self) -> str:
        self._first = True
        above = {"version": VERSION, "since": when(self._reader.since), "dialog": dialog(self._book)}
        return _encode(above)[:-1] + ', "messages": [\n'

    def entry(self, said: Said) -> str:
        comma, self._first = "" if self._first else ",\n", False
        return comma + _encode(message(said))

    def foot(self) -> str:
        return "\n]}\n"


def message(said: Said) -> Mapping[str, Json]:
    """A message; what it has not is left out."""
    incoming = said.incoming
    told: dict[str, Json] = {
        "id": said.id,
        "telegram_id": said.telegram_message_id,
        "time": said.timestamp.isoformat(),
        "direction": Direction.IN.value if incoming else Direction.OUT.value,
        "author": said.author,
        "text": said.content,
    }
    if said.read_at is not None:
        told["read"] = said.read_at.isoformat()
    return told if said.ordinary else {**told, **_unusual(said)}


def _unusual(said: Said) -> Mapping[str, Json]:
    edits: Json = [{"text": edit["content"], "until": edit["at"]} for edit in said.edits or ()]
    more: Mapping[str, Json] = {
        "kind": said.kind,
        "media": said.media,
        "answers": said.reply_to,
        "quote": said.quote,
        "reaction": said.reaction,
        "edits": edits or None,
        "deleted": when(said.deleted_at),
        "erased": said.erased,
        "state": said.send_state,
        "failure": said.failure,
        "draft": said.draft,
        "written_by": said.written_by,
        "taken_back_by": said.unsend_by,
    }
    return {name: value for name, value in more.items() if value is not None}


def dialog(book: Book) -> Mapping[str, Json]:
    """A dialog with what was learnt in it, promised and noted down."""
    told, contact, card = book.head.dialog, book.head.contact, book.card
    return {
        "number": told.id,
        "person": {
            "telegram_id": told.contact_id,
            "username": contact.username if contact else None,
            "looked_up_as": told.target_username,
            "name": contact.name if contact else "",
        },
        "account": book.head.account,
        "scenario": told.scenario,
        "opened": when(told.created_at),
        "opening": told.opening,
        "basis": told.basis,
        "status": told.status.value,
        "stage": told.stage,
        "outcome": told.outcome.value,
        "why_a_human_was_asked_for": told.handoff_note,
        "summary": told.summary,
        "questions_to_the_model": card.calls,
        "cost_usd": float(card.cost),
        "labels": list(book.labels),
        "learnt": [
            {
                "field": fact.field,
                "value": fact.value,
                "learnt": when(fact.learnt_at),
                "proof": fact.proof,
                "proof_said": when(fact.said_at),
            }
            for fact in card.learnt
        ],
        "promised": [
            {
                "what": task.what,
                "promised": when(task.created_at),
                "due": when(task.due_at),
                "done": when(task.done_at),
            }
            for task in card.promised
        ],
        "notes": [{"by": note.who, "text": note.content, "written": when(note.created_at)} for note in book.notes],
    }


def when(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
