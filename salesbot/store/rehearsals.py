"""What a rehearsal asks of a database: one of its own to play in, and what came about there.

A scratch database differs from the product's in one thing: its events note at which line of the chat they happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import asyncpg

from salesbot.dialog.model import Dialog, Message, Purpose
from salesbot.store import dialogs, messages
from salesbot.store.pool import Connection

PREFIX = "salesbot_rehearsal_"


async def create(connection: Connection, name: str) -> None:
    """An empty database, beside the one that is connected to."""
    await connection.execute(f'create database "{name}" template template0')


async def drop(connection: Connection, name: str) -> None:
    """It and all that is in it, whoever is still connected."""
    await connection.execute(f'drop database if exists "{name}" with (force)')


async def note_lines(connection: Connection) -> None:
    """From now on each event notes the Telegram id of the newest line that stands as it happens (``data.line``)."""
    await connection.execute(
        """
        create function note_line() returns trigger language plpgsql as $$
        begin
            new.data := new.data || jsonb_build_object('line', coalesce((
                select max(telegram_message_id) from messages where dialog_id = new.dialog_id), 0));
            return new;
        end $$
        """
    )
    await connection.execute(
        "create trigger note_line before insert on events for each row execute function note_line()"
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A dialog, and when the first of its promises of which nobody was reminded has its time."""

    dialog: Dialog
    task_at: datetime | None


async def standing(connection: Connection, dialog_id: int) -> Standing:
    row = await connection.fetchrow(
        """
        select d.*, (
            select min(t.due_at) from tasks t left join messages m on m.id = t.message_id
            where t.dialog_id = d.id and t.done_at is null and t.reminded_at is null
                and (m.id is null or m.send_state in ('pending', 'sending', 'sent'))) as task_at
        from dialogs d where d.id = $1
        """,
        dialog_id,
    )
    assert row is not None
    return Standing(dialogs.from_row(row), row["task_at"])


@dataclass(frozen=True, slots=True)
class Said:
    """A message that stands in the chat; ``purpose`` of our own."""

    message: Message
    purpose: Purpose | None


async def chat(connection: Connection, dialog_id: int) -> Sequence[Said]:
    """What stands in the chat, in its order."""
    rows = await connection.fetch(
        """
        select * from messages where dialog_id = $1 and telegram_message_id is not null order by telegram_message_id
        """,
        dialog_id,
    )
    return [Said(messages.from_row(row), Purpose(row["purpose"]) if row["purpose"] else None) for row in rows]


async def promises(connection: Connection, dialog_id: int) -> Sequence[tuple[str, int | None]]:
    """(what, message that promised it) of all that was promised by something that was said."""
    rows = await connection.fetch(
        """
        select t.what, t.message_id from tasks t left join messages m on m.id = t.message_id
        where t.dialog_id = $1 and (m.id is null or m.send_state = 'sent') order by t.id
        """,
        dialog_id,
    )
    return [(row["what"], row["message_id"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of ``model_calls``."""

    purpose: str
    model: str
    state: str
    error: str
    answer: str
    cost: Decimal | None


def asked_from_row(row: asyncpg.Record) -> Asked:
    return Asked(row["purpose"], row["model_asked"], row["state"], row["error"], row["answer"] or "", row["cost"])


async def asked(connection: Connection, dialog_id: int) -> Sequence[Asked]:
    """The calls that were made for a dialog."""
    rows = await connection.fetch("select * from model_calls where dialog_id = $1 order by id", dialog_id)
    return [asked_from_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event; ``line`` is the Telegram id of the newest line that stood."""

    kind: str
    line: int
    reason: str


async def happened(connection: Connection, dialog_id: int) -> Sequence[Happened]:
    """The events of a dialog."""
    rows = await connection.fetch(
        """
        select kind, coalesce((data ->> 'line')::bigint, 0) as line, coalesce(data ->> 'reason', '') as reason
        from events where dialog_id = $1 order by id
        """,
        dialog_id,
    )
    return [Happened(row["kind"], row["line"], row["reason"]) for row in rows]
