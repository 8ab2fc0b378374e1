"""All that is kept of one person, for a request of theirs: ``person.json`` and a text of each dialog, zipped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

import asyncpg

from salesbot.export import archive
from salesbot.export.archive import Volumes
from salesbot.i18n import Lang
from salesbot.store import cards, desk
from salesbot.store.cards import Card
from salesbot.store.desk import Head
from salesbot.store.persons import Person
from salesbot.store.pool import transaction


async def write(pool: asyncpg.Pool, _: Lang, zone: tzinfo, limit: int, person: Person, *, opted_out: bool) -> Volumes:
    """Archives of at most ``limit`` bytes each; discard them after use. No transaction is longer than one dialog."""
    volumes, told = Volumes(limit), list[Mapping[str, object]]()
    try:
        for dialog_id in person.dialogs:
            async with transaction(pool) as connection:
                head = await desk.head(connection, dialog_id)
                if head is None or head.dialog.contact_id not in (None, person.id):
                    continue
                card = await cards.of(connection, dialog_id)
                files = await archive.write(connection, _, head, zone, volumes)
            told.append(_dialog(head, card, files))
        content = json.dumps(_person(person, told, opted_out=opted_out), ensure_ascii=False, indent=2)
        await asyncio.to_thread(volumes.add, "person.json", content.encode())
        await asyncio.to_thread(volumes.finish)
    except BaseException:  # whatever ended it, nothing half written stays
        volumes.discard()
        raise
    return volumes


def _person(person: Person, dialogs: Sequence[Mapping[str, object]], *, opted_out: bool) -> Mapping[str, object]:
    contact = person.contact
    return {
        "telegram_id": person.id,
        "username": contact.username if contact else None,
        "looked_up_as": list(person.names),
        "name": contact.name if contact else "",
        "phone": contact.phone if contact else "",
        "language": contact.language if contact else None,
        "timezone": contact.timezone if contact else None,
        "basis": contact.basis if contact else "",
        "basis_recorded": _when(contact.basis_at if contact else None),
        "never_write_again": opted_out,
        "dialogs": dialogs,
    }


def _dialog(head: Head, card: Card, files: Sequence[str]) -> Mapping[str, object]:
    dialog = head.dialog
    return {
        "number": dialog.id,
        "account": head.account,
        "scenario": dialog.scenario,
        "opened": _when(dialog.created_at),
        "opening": dialog.opening,
        "basis": dialog.basis,
        "status": dialog.status.value,
        "stage": dialog.stage,
        "outcome": dialog.outcome.value,
        "why_a_human_was_asked_for": dialog.handoff_note,
        "summary": dialog.summary,
        "learnt": [
            {
                "field": fact.field,
                "value": fact.value,
                "learnt": _when(fact.learnt_at),
                "proof": fact.proof,
                "proof_said": _when(fact.said_at),
            }
            for fact in card.learnt
        ],
        "promised": [
            {
                "what": task.what,
                "promised": _when(task.created_at),
                "due": _when(task.due_at),
                "done": _when(task.done_at),
            }
            for task in card.promised
        ],
        "messages": list(files),
    }


def _when(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
