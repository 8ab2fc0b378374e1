"""``notices``: who has heard of which event (law 12). The mark is per event and admin, never a cursor over ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from salesbot.dialog.model import Contact, Dialog
from salesbot.store import dialogs
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that one admin has not heard of, with the dialog and the person it is about.

    Words (a promise, why a human is needed) are read when it is told: events hold codes and ids only.
    """

    event_id: int
    kind: str
    actor: str
    account_id: int | None
    data: Mapping[str, str | int | bool | None]
    created_at: datetime
    dialog: Dialog | None
    contact: Contact | None
    account_name: str
    task: str = ""
    """What was promised, when the event is about that, and by when."""
    task_due_at: datetime | None = None


async def untold(connection: Connection, admin_id: int, limit: int = 20) -> Sequence[Notice]:
    """What this admin has not heard of, in the order in which it happened."""
    rows = await connection.fetch(
        """
        select e.id as event_id, e.kind, e.actor, e.account_id as event_account, e.data, e.created_at as happened_at,
            coalesce('@' || nullif(a.username, ''), nullif(a.name, ''), a.phone, '') as account_name,
            c.username as contact_username, c.name as contact_name, t.what as task, t.due_at as task_due_at, d.*
        from notices n join events e on e.id = n.event_id
            left join dialogs d on d.id = e.dialog_id
            left join contacts c on c.id = d.contact_id
            left join accounts a on a.id = e.account_id
            left join tasks t on t.id = (e.data ->> 'task')::bigint
        where n.told_at is null and n.admin_id = $1 order by n.event_id limit $2
        """,
        admin_id,
        limit,
    )
    return [
        Notice(
            event_id=row["event_id"],
            kind=row["kind"],
            actor=row["actor"],
            account_id=row["event_account"],
            data=row["data"],
            created_at=row["happened_at"],
            dialog=dialogs.from_row(row) if row["id"] is not None else None,
            contact=Contact(row["contact_id"], row["contact_username"], row["contact_name"] or "")
            if row["contact_id"] is not None
            else None,
            account_name=row["account_name"] or "",
            task=row["task"] or "",
            task_due_at=row["task_due_at"],
        )
        for row in rows
    ]


async def told(connection: Connection, event_id: int, admin_id: int, now: datetime) -> None:
    """This admin has heard of it."""
    await connection.execute(
        "update notices set told_at = $3 where event_id = $1 and admin_id = $2 and told_at is null",
        event_id,
        admin_id,
        now,
    )


async def count_older(connection: Connection, admin_id: int, before: datetime) -> int:
    """How much this admin has not heard of that happened before ``before``."""
    return int(
        await connection.fetchval(
            """
            select count(*) from notices n join events e on e.id = n.event_id
            where n.told_at is null and n.admin_id = $1 and e.created_at < $2
            """,
            admin_id,
            before,
        )
    )


async def told_older(connection: Connection, admin_id: int, before: datetime, now: datetime) -> None:
    """This admin has heard that there was something before ``before``."""
    await connection.execute(
        """
        update notices n set told_at = $3 from events e
        where e.id = n.event_id and n.admin_id = $1 and n.told_at is null and e.created_at < $2
        """,
        admin_id,
        before,
        now,
    )
