"""``drafts``: replies that wait for a button. Their parts are messages, pending, that are not claimed before it is
pressed (``parts.claim``).

Whatever cancels pending parts ends a draft as well, by that alone: its row learns of it when its card is looked at
(``changed``). Whoever decides locks the dialog first, so a draft is decided once, and never one that is over. Every
decision writes its event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from salesbot.dialog.model import Dialog, DialogEvent, DraftState, Purpose
from salesbot.store import dialogs, events, tasks
from salesbot.store.messages import clean
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Draft:
    id: int
    dialog_id: int
    state: DraftState
    """``STALE`` as soon as none of its parts can be said any more, also if it was approved."""
    version: int
    decided_by: int | None
    """Who approved, skipped or, while it waits, edited it."""
    created_at: datetime
    expires_at: datetime
    purpose: Purpose
    parts: tuple[str, ...]


_ALIVE = "('pending', 'sending', 'sent')"

_DRAFT = f"""
    select f.*, coalesce(said.purpose, 'reply') as purpose, coalesce(said.parts, '{{}}') as parts,
        f.state in ('waiting', 'approved') and not coalesce(said.alive, false) as over
    from drafts f left join lateral (
        select min(purpose) as purpose, array_agg(content order by id) as parts,
            bool_or(send_state in {_ALIVE}) as alive
        from messages where draft_id = f.id and failure <> 'edited') said on true
    """


def from_row(row: asyncpg.Record) -> Draft:
    return Draft(
        id=row["id"],
        dialog_id=row["dialog_id"],
        state=DraftState.STALE if row["over"] else DraftState(row["state"]),
        version=row["version"],
        decided_by=row["decided_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        purpose=Purpose(row["purpose"]),
        parts=tuple(row["parts"]),
    )


async def begin(connection: Connection, dialog: Dialog, *, now: datetime, expires_at: datetime) -> int:
    """A draft for a locked dialog, whose parts are added by the caller; the one before it, if any, is over."""
    await connection.execute(
        "update drafts set state = 'stale', version = version + 1, decided_at = $2 "
        "where dialog_id = $1 and state = 'waiting'",
        dialog.id,
        now,
    )
    draft_id = int(
        await connection.fetchval(
            "insert into drafts (dialog_id, created_at, expires_at) values ($1, $2, $3) returning id",
            dialog.id,
            now,
            expires_at,
        )
    )
    await _record(connection, "draft", "model", dialog, draft_id)
    return draft_id


async def get(connection: Connection, draft_id: int) -> Draft | None:
    row = await connection.fetchrow(f"{_DRAFT} where f.id = $1", draft_id)
    return from_row(row) if row else None


async def waiting(connection: Connection, dialog_id: int) -> Draft | None:
    """The draft of a dialog that waits for a button."""
    row = await connection.fetchrow(f"{_DRAFT} where f.dialog_id = $1 and f.state = 'waiting'", dialog_id)
    draft = from_row(row) if row else None
    return draft if draft and draft.state is DraftState.WAITING else None


async def approve(connection: Connection, draft_id: int, admin_id: int, now: datetime) -> Draft | None:
    """Let it out. None: it does not wait any more (``get`` says why)."""
    if (dialog := await _lock(connection, draft_id)) is None:
        return None
    await connection.execute(  # a part of it may grow as old as one that waited for nothing, from now on
        """
        update messages m set not_before = $2, not_after = $2::timestamptz + (m.not_after - f.expires_at) from drafts f
        where f.id = $1 and m.draft_id = f.id and m.send_state = 'pending'
        """,
        draft_id,
        now,
    )
    await connection.execute(  # the next follow-up counts from what is said, not from when it was written
        "update dialogs set follow_up_at = follow_up_at + ($2::timestamptz - created.at) "
        "from (select created_at as at from drafts where id = $1) created where id = $3",
        draft_id,
        now,
        dialog.id,
    )
    for task in await tasks.of_draft(connection, draft_id):
        await events.promised(connection, dialog.id, dialog.account_id, task)
    return await _decided(connection, dialog, draft_id, DraftState.APPROVED, admin_id, now, "draft_sent")


async def skip(connection: Connection, draft_id: int, admin_id: int, now: datetime) -> Draft | None:
    """Leave it unsaid, and what it answers deliberately unanswered: nothing is drafted before something new comes. A
    human whom it would have called comes all the same. None: it does not wait any more."""
    if (dialog := await _lock(connection, draft_id)) is None:
        return None
    skipped = await _decided(connection, dialog, draft_id, DraftState.SKIPPED, admin_id, now, "draft_skipped")
    await _cancel(connection, draft_id, "skipped")
    assert skipped is not None
    after = await connection.fetchrow(
        """
        with before as (select after_parts, after_reason from dialogs where id = $1)
        update dialogs d set answered_before = answered_revision, answered_revision = revision, dropped_drafts = 0,
            due_at = null, due_since = null, after_parts = null,
            follow_up_at = case when $2 then follow_up_at end
        from before where id = $1 returning before.*
        """,
        dialog.id,
        skipped.purpose is Purpose.FOLLOW_UP,
    )
    if after is not None and after["after_parts"] == DialogEvent.HANDOFF.value:
        await dialogs.apply(
            connection, dialog, DialogEvent.HANDOFF, actor="model", now=now, reason=after["after_reason"]
        )
    return skipped


async def was_sent(connection: Connection, part_id: int, now: datetime) -> None:
    """Part of a draft that waits stands in the chat: a button was pressed after the backup that was restored."""
    await connection.execute(
        """
        update drafts set state = 'approved', version = version + 1, decided_at = $2
        where id = (select draft_id from messages where id = $1) and state = 'waiting'
        """,
        part_id,
        now,
    )


async def edit(connection: Connection, draft_id: int, admin_id: int, text: str, now: datetime) -> Draft | None:
    """Have it say one part, in a colleague's words; it goes on waiting. None: it does not wait any more."""
    if (dialog := await _lock(connection, draft_id)) is None:
        return None
    await connection.execute(  # the first part keeps its place, its call and what was promised with it
        """
        with first as (
            select min(id) as id from messages where draft_id = $1 and send_state = 'pending'),
        rest as (
            update messages set send_state = 'cancelled', failure = 'edited'
            where draft_id = $1 and send_state = 'pending' and id > (select id from first))
        update messages set content = $2, written_by = $3 where id = (select id from first)
        """,
        draft_id,
        clean(text),
        admin_id,
    )
    return await _decided(connection, dialog, draft_id, DraftState.WAITING, admin_id, None, "draft_edited")


async def expired(connection: Connection, account_ids: Sequence[int], now: datetime) -> Sequence[tuple[int, int]]:
    """(account, dialog) of these accounts with drafts for which nobody pressed a button in time."""
    rows = await connection.fetch(
        """
        select d.account_id, d.id from drafts f join dialogs d on d.id = f.dialog_id
        where f.state = 'waiting' and f.expires_at <= $2 and d.account_id = any($1::bigint[])
            and exists (select from messages where draft_id = f.id and send_state = 'pending')
        order by f.expires_at
        """,
        account_ids,
        now,
    )
    return [(row["account_id"], row["id"]) for row in rows]


async def expire(connection: Connection, dialog: Dialog, now: datetime) -> bool:
    """Nobody pressed a button in time: a human is needed in this locked dialog. False: none waits for that."""
    draft = await waiting(connection, dialog.id)
    if draft is None or draft.expires_at > now:
        return False
    await _decided(connection, dialog, draft.id, DraftState.EXPIRED, None, now, "")
    await _cancel(connection, draft.id, "draft_expired")
    await dialogs.apply(connection, dialog, DialogEvent.HANDOFF, actor="system", now=now, note="", quiet=True)
    await _record(connection, "draft_expired", "system", dialog, draft.id, reason="draft_expired")
    return True


async def changed(connection: Connection, admins: Sequence[int], limit: int) -> Sequence[tuple[Draft, int, int | None]]:
    """Cards that have to be shown or edited: (draft, admin, message that shows an older version of it). Of a dialog
    that somebody looks after, for them alone; one that is over is new to nobody."""
    await connection.execute(
        f"""
        update drafts f set state = 'stale', version = version + 1 where open and state in ('waiting', 'approved')
            and not exists (select from messages where draft_id = f.id and send_state in {_ALIVE})
        """
    )
    await connection.execute(
        """
        update drafts f set open = false where open and state <> 'waiting'
            and not exists (select from messages where draft_id = f.id and send_state in ('pending', 'sending'))
            and not exists (select from draft_cards where draft_id = f.id and shown_version <> f.version)
        """
    )
    rows = await connection.fetch(
        f"""
        select shown.admin_id, shown.message_id, draft.* from ({_DRAFT} where f.open) draft
        join dialogs d on d.id = draft.dialog_id
        join lateral (
            select a.id as admin_id, c.message_id from unnest($1::bigint[]) a (id)
            left join draft_cards c on c.draft_id = draft.id and c.admin_id = a.id
            where case when c.message_id is not null then c.shown_version <> draft.version
                else draft.state = 'waiting' and (d.assignee = a.id or d.assignee = any($1::bigint[]) is not true) end
        ) shown on true
        order by draft.id, shown.admin_id limit $2
        """,
        list(admins),
        limit,
    )
    return [(from_row(row), row["admin_id"], row["message_id"]) for row in rows]


async def shown(connection: Connection, draft_id: int, admin_id: int, message_id: int, version: int) -> None:
    """This admin sees this version of it in that message."""
    await connection.execute(
        """
        insert into draft_cards (draft_id, admin_id, message_id, shown_version) values ($1, $2, $3, $4)
        on conflict (draft_id, admin_id) do update
            set message_id = excluded.message_id, shown_version = excluded.shown_version
        """,
        draft_id,
        admin_id,
        message_id,
        version,
    )


async def _lock(connection: Connection, draft_id: int) -> Dialog | None:
    """The dialog of a draft that waits, locked; None when it does not."""
    found = await connection.fetchval("select dialog_id from drafts where id = $1", draft_id)
    dialog = await dialogs.lock(connection, found) if found is not None else None
    if dialog is None:
        return None
    now_waiting = await waiting(connection, dialog.id)
    return dialog if now_waiting and now_waiting.id == draft_id else None


async def _decided(
    connection: Connection,
    dialog: Dialog,
    draft_id: int,
    state: DraftState,
    admin_id: int | None,
    now: datetime | None,
    kind: str,
) -> Draft | None:
    await connection.execute(
        "update drafts set state = $2, version = version + 1, decided_by = coalesce($3, decided_by), decided_at = $4 "
        "where id = $1",
        draft_id,
        state.value,
        admin_id,
        now,
    )
    if kind:
        await _record(connection, kind, f"admin:{admin_id}", dialog, draft_id)
    return await get(connection, draft_id)


async def _cancel(connection: Connection, draft_id: int, failure: str) -> None:
    await connection.execute(
        """
        with cut as (
            update messages set send_state = 'cancelled', failure = $2
            where draft_id = $1 and send_state = 'pending' returning model_call_id)
        update model_calls set state = 'dropped', error = $2 where id in (select model_call_id from cut)
        """,
        draft_id,
        failure,
    )


async def _record(
    connection: Connection, kind: str, actor: str, dialog: Dialog, draft_id: int, *, reason: str = ""
) -> None:
    await events.record(
        connection,
        kind,
        actor=actor,
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        data={"draft": draft_id, **({"reason": reason} if reason else {})},
    )
