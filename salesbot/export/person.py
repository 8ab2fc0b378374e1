"""All that is kept of one person, for a request of theirs: ``person.json`` and a text of each dialog, zipped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import asyncpg

from salesbot.export import archive, data
from salesbot.export.archive import Binder, Volumes
from salesbot.export.data import Json, when
from salesbot.export.document import Reader
from salesbot.export.wanted import Format
from salesbot.store import campaign_people, desk, exports
from salesbot.store.persons import Person
from salesbot.store.pool import transaction


async def write(pool: asyncpg.Pool, reader: Reader, limit: int, person: Person, *, opted_out: bool) -> Volumes:
    """Archives of at most ``limit`` bytes each; discard them after use. No transaction is longer than one dialog."""
    volumes, told = Volumes(limit), list[Mapping[str, Json]]()
    binder = Binder(reader, Format.TXT, volumes, archive.PIECE)
    try:
        for dialog_id in person.dialogs:
            async with transaction(pool) as connection:
                head = await desk.head(connection, dialog_id)
                if head is None or head.dialog.contact_id not in (None, person.id):
                    continue
                (book,) = await exports.books(connection, [head])
                await archive.bind(connection, binder, [book], reader)
            rest = {name: value for name, value in data.dialog(book).items() if name != "person"}
            told.append({**rest, "messages": binder.names})
        async with transaction(pool) as connection:
            lists = [asdict(one) for one in await campaign_people.listed(connection, person.names)]
        known = {**_person(person, told, opted_out=opted_out), "waits_on_lists": lists}
        content = json.dumps(known, ensure_ascii=False, indent=2)
        await asyncio.to_thread(volumes.add, "person.json", content.encode())
        await asyncio.to_thread(volumes.finish)
    except BaseException:  # whatever ended it, nothing half written stays
        volumes.discard()
        raise
    return volumes


def _person(person: Person, dialogs: Sequence[Mapping[str, Json]], *, opted_out: bool) -> Mapping[str, Json]:
    contact = person.contact
    return {
        "telegram_id": person.id,
        "username": contact.username if contact else None,
        "looked_up_as": list(person.names),
        "name": contact.name if contact else "",
        "called": contact.called if contact else "",
        "phone": contact.phone if contact else "",
        "language": contact.language if contact else None,
        "timezone": contact.timezone if contact else None,
        "basis": contact.basis if contact else "",
        "basis_recorded": when(contact.basis_at if contact else None),
        "never_write_again": opted_out,
        "dialogs": dialogs,
    }
