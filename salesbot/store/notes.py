"""``notes``: what a colleague should know of a dialog; ``labels``: the #words by which it is found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from salesbot.store.messages import clean
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Note:
    id: int
    author: str
    """What the admin is called, or their id."""
    content: str
    created_at: datetime


async def add(connection: Connection, dialog_id: int, admin_id: int, content: str, now: datetime) -> int:
    """Write a note down; returns its id."""
    return int(
        await connection.fetchval(
            "insert into notes (dialog_id, admin_id, content, created_at) values ($1, $2, $3, $4) returning id",
            dialog_id,
            admin_id,
            clean(content),
            now,
        )
    )


async def label(connection: Connection, dialog_id: int, added: Collection[str], removed: Collection[str]) -> None:
    """Give a dialog labels and take others away."""
    await connection.execute(
        "delete from labels where dialog_id = $1 and label = any($2::text[])", dialog_id, list(removed)
    )
    await connection.execute(
        "insert into labels (dialog_id, label) select $1, label from unnest($2::text[]) label on conflict do nothing",
        dialog_id,
        list(added),
    )


async def latest(connection: Connection, dialog_id: int, limit: int, *, below: int | None = None) -> Sequence[Note]:
    """The newest notes of a dialog, those before the one with id ``below`` when it is given; the newest first."""
    rows = await connection.fetch(
        """
        select n.id, coalesce(nullif(a.name, ''), n.admin_id::text) as author, n.content, n.created_at
        from notes n left join admins a on a.id = n.admin_id
        where n.dialog_id = $1 and ($3::bigint is null or n.id < $3) order by n.id desc limit $2
        """,
        dialog_id,
        limit,
        below,
    )
    return [Note(**row) for row in rows]
