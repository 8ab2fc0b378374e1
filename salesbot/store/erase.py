"""Erasing a person: their words, names and ids leave every table, in one transaction; numbers without a person stay.

What stays: the rows of dialogs, model calls and events (codes, times, costs), and the keyed hashes of ``suppressions``
for those who may never be written to. The dialogs are locked and at rest, so nothing comes while this runs: whatever
would write something waits for their rows and then finds nobody in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from salesbot.dialog.model import Dialog, DialogEvent
from salesbot.store import campaign_people, dialogs
from salesbot.store.persons import Person
from salesbot.store.pool import Connection


async def in_flight(connection: Connection, person: Person) -> bool:
    """Whether a part to them was claimed and its fate is not known yet. An account that is out sends nothing."""
    return bool(
        await connection.fetchval(
            """
            select exists (select from messages m join accounts a on a.id = m.account_id
                where m.dialog_id = any($1::bigint[]) and m.send_state = 'sending' and a.state = 'ready')
            """,
            person.dialogs,
        )
    )


async def erase(
    connection: Connection, person: Person, locked: Sequence[Dialog], *, actor: str, now: datetime, reason: str
) -> None:
    """All that is theirs goes; ``locked`` are their dialogs, none of them open. ``reason`` is a code for the log."""
    for dialog in locked:
        await dialogs.apply(connection, dialog, DialogEvent.ERASE, actor=actor, now=now, reason=reason)
    await _words(connection, person.dialogs)
    await _names(connection, person, now)
    await _answers(connection, person)


async def _words(connection: Connection, dialog_ids: Sequence[int]) -> None:
    """What was said, learnt, promised, drafted and noted."""
    await connection.execute("delete from dialog_facts where dialog_id = any($1::bigint[])", dialog_ids)
    await connection.execute("delete from tasks where dialog_id = any($1::bigint[])", dialog_ids)
    await connection.execute("delete from notes where dialog_id = any($1::bigint[])", dialog_ids)
    await connection.execute("delete from labels where dialog_id = any($1::bigint[])", dialog_ids)
    await connection.execute(
        """
        with theirs as (select id from messages where dialog_id = any($1::bigint[]) order by id for update)
        delete from messages using theirs where messages.id = theirs.id
        """,
        dialog_ids,
    )
    await connection.execute("update model_calls set answer = null where dialog_id = any($1::bigint[])", dialog_ids)


async def _names(connection: Connection, person: Person, now: datetime) -> None:
    """Who it was, and why they were written to."""
    await connection.execute(
        """
        update dialogs set contact_id = null, target_username = '', basis = '', handoff_note = '', summary = '',
            compare = false, due_at = null, erased_at = $2, heard_upto = 0
        where id = any($1::bigint[])
        """,
        person.dialogs,
        now,
    )
    await connection.execute(
        "update events set data = data - 'contact' where dialog_id = any($1::bigint[]) and data ? 'contact'",
        person.dialogs,
    )
    await campaign_people.forget(connection, person.names, person.dialogs)
    await connection.execute("delete from account_peers where user_id = $1", person.id)
    await connection.execute("delete from contacts where id = $1", person.id)


async def _answers(connection: Connection, person: Person) -> None:
    """What the admins were answered about them: a redelivered command still changes nothing, and names nobody."""
    await connection.execute(
        """
        update admin_updates
        set answer = jsonb_build_object('mark', answer -> 'mark', 'lang', answer -> 'lang', 'said', 'forgotten')
        where lower(answer #>> '{data,target}') = any($1::text[])
            or lower(answer #>> '{request,target}') = any($1::text[])
            or answer #>> '{data,target}' is not null and answer #>> '{data,dialog}' = any($2::text[])
        """,
        [*person.names, *([str(person.id)] if person.id is not None else [])],
        [str(dialog_id) for dialog_id in person.dialogs],
    )
