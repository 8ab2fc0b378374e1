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
    actor_name: str = ""
    """What the admin is called who did it, and the one it was done to."""
    other_name: str = ""
    learnt: Sequence[tuple[str, str]] = ()
    """What the person told of themselves: fields and values."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What of one kind an admin has not heard of: the events in their order."""

    kind: str
    events: Sequence[int]
    since: datetime
    """When the first of them happened."""


@dataclass(frozen=True, slots=True)
class Glance:
    """Whether there is anything for the loops that tell what happened, so that each looks only then."""

    notices: bool
    """An event that was not handed to anybody yet, or one that these admins have not heard of."""
    drafts: bool
    """A draft that waits, or whose cards may say what is so no more."""


async def glance(connection: Connection, admins: Sequence[int]) -> Glance:
    """What is asked again and again though nothing happens: three looks into indexes that are empty then."""
    row = await connection.fetchrow(
        """
        select exists (select from events where untold)
            or exists (select from notices where told_at is null and admin_id = any($1::bigint[])) as notices,
            exists (select from drafts where open) as drafts
        """,
        admins,
    )
    assert row is not None
    return Glance(**row)


async def pending(connection: Connection, admin_id: int) -> Sequence[Pending]:
    """What this admin has not heard of, by kind; what happened first comes first."""
    rows = await connection.fetch(
        """
        select e.kind, array_agg(e.id order by e.id) as events, min(e.created_at) as since
        from notices n join events e on e.id = n.event_id
        where n.told_at is null and n.admin_id = $1 group by e.kind order by min(e.id)
        """,
        admin_id,
    )
    return [Pending(**row) for row in rows]


async def read(connection: Connection, event_ids: Sequence[int]) -> Sequence[Notice]:
    """These events with all that is needed to tell of them, in their order."""
    rows = await connection.fetch(
        """
        select e.id as event_id, e.kind, e.actor, e.account_id as event_account, e.data, e.created_at as happened_at,
            coalesce('@' || nullif(a.username, ''), nullif(a.name, ''), a.phone, '') as account_name,
            c.username as contact_username, c.name as contact_name, t.what as task, t.due_at as task_due_at,
            coalesce(nullif(by.name, ''), '@' || by.username, by.id::text, '') as actor_name,
            coalesce(nullif(other.name, ''), '@' || other.username, e.data ->> 'admin', '') as other_name,
            array(select array[f.field, f.value] from dialog_facts f
                where f.dialog_id = e.dialog_id and e.kind in ('hot_lead', 'handoff', 'close')
                order by f.learnt_at, f.field) as learnt,
            d.*
        from events e
            left join dialogs d on d.id = e.dialog_id
            left join contacts c on c.id = d.contact_id
            left join accounts a on a.id = e.account_id
            left join tasks t on t.id = (e.data ->> 'task')::bigint
            left join admins by on e.actor = 'admin:' || by.id
            left join admins other on other.id::text = e.data ->> 'admin'
        where e.id = any($1::bigint[]) order by e.id
        """,
        event_ids,
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
            actor_name=row["actor_name"],
            other_name=row["other_name"],
            learnt=[(field, value) for field, value in row["learnt"]],
        )
        for row in rows
    ]


async def told(connection: Connection, event_ids: Sequence[int], admin_id: int, now: datetime) -> None:
    """This admin has heard of them."""
    await connection.execute(
        "update notices set told_at = $3 where event_id = any($1::bigint[]) and admin_id = $2 and told_at is null",
        event_ids,
        admin_id,
        now,
    )


async def hand_on(connection: Connection, admins: Sequence[int]) -> None:
    """What nobody heard of because it was for somebody who is no admin any more is to be told to the others."""
    await connection.execute(
        """
        with orphaned as (
            delete from notices where told_at is null and not admin_id = any($1::bigint[]) returning event_id)
        update events set untold = true where id in (select event_id from orphaned)
            and not exists (select from notices n where n.event_id = events.id and n.admin_id = any($1::bigint[]))
        """,
        list(admins),
    )
