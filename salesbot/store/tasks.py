"""``tasks``: what the model promised and a human has to keep.

A promise holds once a part of its reply stands or is on its way: a reply of which nothing was said promised nothing,
and neither does a draft that waits for its button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from salesbot.dialog.model import Promise
from salesbot.store.messages import clean
from salesbot.store.pool import Connection

OPEN = """
    select t.* from tasks t left join messages m on m.id = t.message_id
    where t.done_at is null and (m.id is null or m.send_state in ('pending', 'sending', 'sent'))
        and not exists (select from drafts x where x.id = m.draft_id and x.state = 'waiting')"""
"""Ends in a condition: others may follow."""


@dataclass(frozen=True, slots=True)
class Task:
    id: int
    dialog_id: int
    what: str
    due_at: datetime | None
    done_at: datetime | None
    created_at: datetime


def from_row(row: asyncpg.Record) -> Task:
    return Task(row["id"], row["dialog_id"], row["what"], row["due_at"], row["done_at"], row["created_at"])


async def add(
    connection: Connection, dialog_id: int, promise: Promise, message_id: int | None, now: datetime
) -> int | None:
    """Write a promise down; returns its id. None: the same is open already, with the newer time if one was named."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        f"""
        with known as (
            update tasks set due_at = coalesce($3, due_at),
                reminded_at = case when $3::timestamptz is null or due_at = $3 then reminded_at end
            where id in (select id from ({OPEN}) o where o.dialog_id = $1 and lower(o.what) = lower($2)) returning id)
        insert into tasks (dialog_id, what, due_at, message_id, created_at)
        select $1, $2, $3, $4, $5 where not exists (select from known) returning id
        """,
        dialog_id,
        clean(promise.what),
        promise.until,
        message_id,
        now,
    )


async def of_draft(connection: Connection, draft_id: int) -> Sequence[int]:
    """What is promised once this draft is said."""
    rows = await connection.fetch(
        "select t.id from tasks t join messages m on m.id = t.message_id "
        "where m.draft_id = $1 and t.done_at is null order by t.id",
        draft_id,
    )
    return [row["id"] for row in rows]


async def all_open(connection: Connection, limit: int) -> Sequence[Task]:
    """What is still to be done anywhere, the most urgent first."""
    rows = await connection.fetch(f"{OPEN} order by t.due_at nulls last, t.id limit $1", limit)
    return [from_row(row) for row in rows]


async def get(connection: Connection, task_id: int) -> Task | None:
    row = await connection.fetchrow("select * from tasks where id = $1", task_id)
    return from_row(row) if row else None


async def done(connection: Connection, task_id: int, now: datetime) -> bool:
    """A human kept the promise. False when that was known, or there is no such task."""
    row = await connection.fetchval(
        "update tasks set done_at = $2 where id = $1 and done_at is null returning id", task_id, now
    )
    return row is not None


async def due(connection: Connection, account_ids: Sequence[int], now: datetime) -> Sequence[tuple[int, int]]:
    """(account, dialog) of these accounts with tasks whose time has come and of which nobody was reminded."""
    rows = await connection.fetch(
        f"""
        select distinct d.account_id, d.id
        from ({OPEN} and t.due_at <= $2 and t.reminded_at is null) o join dialogs d on d.id = o.dialog_id
        where d.account_id = any($1::bigint[]) order by d.id
        """,
        account_ids,
        now,
    )
    return [(row["account_id"], row["id"]) for row in rows]


async def remind(connection: Connection, dialog_id: int, now: datetime) -> Sequence[Task]:
    """Those of a locked dialog; from now on somebody was reminded of them."""
    rows = await connection.fetch(
        f"""
        update tasks set reminded_at = $2 where id in (
            select o.id from ({OPEN} and t.dialog_id = $1 and t.due_at <= $2 and t.reminded_at is null) o) returning *
        """,
        dialog_id,
        now,
    )
    return [from_row(row) for row in sorted(rows, key=lambda row: int(row["id"]))]
