"""``dialogs``: the row is the job (law 2).

Whatever can make a reply wrong goes through ``touch`` or ``apply``, with the row locked first, in that thing's own
transaction. Facts (this came, this was sent) take the row with ``lock``, decisions with ``lock_owned``, which asks
whether the account is still ours (law 3). A transaction that takes several rows takes those of one person only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from salesbot.dialog import transitions
from salesbot.dialog.model import OPEN, Dialog, DialogEvent, Mode, Outcome, Status
from salesbot.errors import NotOwner
from salesbot.store import events
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Fence:
    """Ownership of an account: every decision is valid only while the account row says the same."""

    account_id: int
    epoch: int
    owner: str


_HOUSE = "(select mode from switches) as house_mode, (select paused_at from switches) as paused_at"
"""What is read beside a dialog by whoever is going to act on it."""


def from_row(row: asyncpg.Record) -> Dialog:
    """A dialog; without ``_HOUSE`` beside it nothing is said about the house."""
    return Dialog(
        id=row["id"],
        account_id=row["account_id"],
        contact_id=row["contact_id"],
        target_username=row["target_username"],
        scenario=row["scenario"],
        basis=row["basis"],
        status=Status(row["status"]),
        stage=row["stage"],
        outcome=Outcome(row["outcome"]),
        revision=row["revision"],
        answered_revision=row["answered_revision"],
        halts=row["halts"],
        dropped_drafts=row["dropped_drafts"],
        failures=row["failures"],
        follow_ups=row["follow_ups"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        due_since=row["due_since"],
        due_reason=row["due_reason"],
        not_before=row["not_before"],
        follow_up_at=row["follow_up_at"],
        history_upto=row["history_upto"],
        compare=row["compare"],
        status_since=row["status_since"],
        reminders=row["reminders"],
        reminded_at=row["reminded_at"],
        opened_at=row["opened_at"],
        opening=row["opening"],
        handoff_note=row["handoff_note"],
        summary=row["summary"],
        summary_upto=row["summary_upto"],
        mode=Mode(row["mode"]) if row["mode"] else None,
        preview=row["preview"],
        assignee=row["assignee"],
        taken_by=row["taken_by"],
        taken_until=row["taken_until"],
        house_mode=Mode(row.get("house_mode", Mode.AUTO)),
        paused=row.get("paused_at") is not None,
    )


async def open_dialog(
    connection: Connection,
    *,
    account_id: int,
    target: str,
    scenario: str,
    basis: str,
    actor: str,
    now: datetime,
    preview: bool = False,
) -> Dialog:
    """Commit a dialog in status ``resolving``; the owner of the account looks the name up. ``preview``: its first
    message waits for a button."""
    row = await connection.fetchrow(
        """
        insert into dialogs (account_id, target_username, scenario, basis, status, due_at, due_reason, preview)
        values ($1, $2, $3, $4, 'resolving', $5, 'start', $6) returning *
        """,
        account_id,
        target,
        scenario,
        basis,
        now,
        preview,
    )
    assert row is not None
    await events.record(connection, "start", actor=actor, dialog_id=row["id"], account_id=account_id)
    return from_row(row)


async def open_for_stranger(
    connection: Connection, *, account_id: int, contact_id: int, scenario: str, now: datetime
) -> Dialog | None:
    """A dialog for somebody who wrote first; None when they are in one already."""
    row = await connection.fetchrow(
        """
        insert into dialogs (account_id, contact_id, target_username, scenario, basis, status, due_at, due_reason)
        values ($1, $2, '', $3, 'wrote first', 'active', $4, 'stranger')
        on conflict (contact_id) where status in ('resolving', 'active', 'taken', 'handoff') do nothing returning *
        """,
        account_id,
        contact_id,
        scenario,
        now,
    )
    if row is None:
        return None
    await events.record(connection, "stranger", actor="contact", dialog_id=row["id"], account_id=account_id)
    return from_row(row)


async def get(connection: Connection, dialog_id: int) -> Dialog | None:
    row = await connection.fetchrow(f"select d.*, {_HOUSE} from dialogs d where id = $1", dialog_id)
    return from_row(row) if row else None


async def lock(connection: Connection, dialog_id: int) -> Dialog | None:
    """The dialog, locked until the transaction ends."""
    row = await connection.fetchrow(f"select d.*, {_HOUSE} from dialogs d where id = $1 for update of d", dialog_id)
    return from_row(row) if row else None


async def lock_owned(connection: Connection, dialog_id: int, fence: Fence) -> Dialog:
    """The dialog, locked for a decision. Raises ``NotOwner``: whoever owns its account now decides."""
    row = await connection.fetchrow(
        f"""
        select d.*, {_HOUSE} from dialogs d join accounts a on a.id = d.account_id
        where d.id = $1 and a.id = $2 and a.epoch = $3 and a.owner = $4::uuid for update of d
        """,
        dialog_id,
        fence.account_id,
        fence.epoch,
        fence.owner,
    )
    if row is None:
        raise NotOwner(f"account {fence.account_id} is owned by somebody else now")
    return from_row(row)


async def lock_current(
    connection: Connection, account_id: int, contact_id: int, *, outgoing: bool = False
) -> Dialog | None:
    """The dialog that a message belongs to: the open one, else the latest; locked.

    What goes out may be the echo of a part whose dialog was ended while it was on its way: then it belongs there.
    """
    row = await connection.fetchrow(
        f"""
        select d.*, {_HOUSE} from dialogs d where contact_id = $2 and account_id = $1
        order by $3 and exists (select from messages m where m.dialog_id = d.id and m.send_state = 'sending') desc,
            status in ('active', 'taken', 'handoff') desc, id desc limit 1 for update of d
        """,
        account_id,
        contact_id,
        outgoing,
    )
    return from_row(row) if row else None


async def lock_open_of(connection: Connection, contact_id: int) -> Sequence[Dialog]:
    """All open dialogs of a person, on any account, locked."""
    rows = await connection.fetch(
        f"select d.*, {_HOUSE} from dialogs d where contact_id = $1 and status in ('active', 'taken', 'handoff') "
        "order by id for update of d",
        contact_id,
    )
    return [from_row(row) for row in rows]


async def open_with(connection: Connection, contact_id: int) -> Dialog | None:
    """The open dialog with this person, if there is one."""
    row = await connection.fetchrow(
        "select * from dialogs where contact_id = $1 and status in ('active', 'taken', 'handoff')", contact_id
    )
    return from_row(row) if row else None


async def touch(
    connection: Connection,
    dialog: Dialog,
    *,
    due_at: datetime | None,
    due_since: datetime | None = None,
    reason: str = "",
    answered: bool = False,
) -> bool:
    """Something was said: raise the revision, make the dialog due, drop what is not yet sent. Whether what was to
    happen after the last part still is (``turns.finish_parts``).

    ``answered`` says that a human answered all there was. Parts that stand by law 6 are kept; a reply of which nothing
    had been sent counts as a dropped draft. A reply of which something was sent, or may be, may have said that a human
    comes: that is kept. An end it led to is not, they may think otherwise now.
    """
    return await connection.fetchval(  # type: ignore[no-any-return]
        """
        with cut as (
            update messages set send_state = 'cancelled', failure = 'newer_message'
            where dialog_id = $1 and send_state = 'pending' and not stands returning first_part, model_call_id),
        wasted as (
            update model_calls set state = 'dropped', error = 'newer_message'
            where id in (select model_call_id from cut where first_part))
        update dialogs set revision = revision + 1, due_at = coalesce($2, case when compare then due_at end),
            due_since = $3, due_reason = $4, follow_ups = 0, follow_up_at = null,
            after_parts = case when after_parts = 'handoff' and not exists (select from cut where first_part)
                then after_parts end,
            answered_revision = case when $5 then revision + 1 else answered_revision end, preview = preview and not $5,
            dropped_drafts = dropped_drafts + (select count(*) from cut where first_part)
        where id = $1 returning after_parts is not null
        """,
        dialog.id,
        due_at,
        due_since,
        reason,
        answered,
    )


async def apply(
    connection: Connection,
    dialog: Dialog,
    event: DialogEvent,
    *,
    actor: str,
    now: datetime,
    outcome: Outcome | None = None,
    reason: str = "",
    note: str | None = None,
    quiet: bool = False,
    taken_by: int | None = None,
    taken_until: datetime | None = None,
) -> Dialog:
    """Lead a locked dialog through the table: new status, revision and halts raised, unsent parts cancelled, an event.

    Raises ``transitions.NotAllowed``. ``reason`` is a code, ``note`` what a human is told who is called; ``quiet``
    writes no event. ``taken_by`` (an admin) and ``taken_until`` are of a takeover and end with it. What a colleague
    said at the desk goes out whoever speaks next, while the dialog is open.
    """
    status = transitions.after(dialog.status, event)
    row = await connection.fetchrow(
        f"""
        with silenced as (
            update messages set send_state = 'cancelled', failure = $6
            where dialog_id = $1 and send_state = 'pending' and not ($11 and purpose = 'desk')),
        outlives as (
            update messages set halts = halts + $4::int
            where dialog_id = $1 and send_state in ('pending', 'sending') and $11 and purpose = 'desk')
        update dialogs set status = $2, outcome = coalesce($3, outcome), revision = revision + 1,
            halts = halts + $4::int, due_since = null, due_reason = $6, follow_up_at = null, not_before = null,
            due_at = coalesce($5, case when compare and contact_id is not null then due_at end),
            failures = 0, dropped_drafts = 0, after_parts = null,
            status_since = case when status = $2 then status_since else $7 end,
            reminders = case when status = $2 then reminders else 0 end,
            reminded_at = case when status = $2 then reminded_at end,
            erased_at = case when contact_id is null then erased_at end,
            handoff_note = coalesce($8, handoff_note), taken_by = $9, taken_until = $10
        where id = $1 returning *, {_HOUSE}
        """,
        dialog.id,
        status.value,
        outcome.value if outcome else None,
        int(event in transitions.HALTING),
        now if status is Status.ACTIVE else None,
        event.value,
        now,
        note,
        taken_by,
        taken_until,
        status in OPEN,
    )
    assert row is not None
    if not quiet:
        await events.record(
            connection,
            event.value,
            actor=actor,
            dialog_id=dialog.id,
            account_id=dialog.account_id,
            data={"reason": reason, "outcome": row["outcome"]},
        )
    return from_row(row)


async def set_mode(connection: Connection, dialog: Dialog, mode: Mode | None, *, actor: str, now: datetime) -> None:
    """Give a locked dialog a mode of its own, or that of the house (None). What was on its way under the old one is
    decided anew; what was answered or deliberately left stays so. Writes the event ``mode``."""
    await connection.execute(
        """
        with cut as (
            update messages set send_state = 'cancelled', failure = 'mode'
            where dialog_id = $1 and send_state = 'pending' and purpose <> 'desk'
            returning first_part, purpose, model_call_id),
        outlives as (
            update messages set halts = halts + 1
            where dialog_id = $1 and send_state in ('pending', 'sending') and purpose = 'desk'),
        wasted as (
            update model_calls set state = 'dropped', error = 'mode'
            where id in (select model_call_id from cut where first_part)),
        undone as (select count(*)::int as follow_ups from cut where first_part and purpose = 'follow_up')
        update dialogs d set mode = $2, revision = revision + 1, halts = halts + 1,
            answered_revision = answered_revision + (answered_revision = revision)::int,
            due_since = null, due_reason = 'mode',
            due_at = case when status = 'active' then $3 else due_at end,
            after_parts = case when exists (select from cut) then null else after_parts end,
            follow_up_at = case when undone.follow_ups > 0 then $3 else follow_up_at end,
            follow_ups = greatest(d.follow_ups - undone.follow_ups, 0)
        from undone where id = $1
        """,
        dialog.id,
        mode.value if mode else None,
        now,
    )
    await events.record(
        connection,
        "mode",
        actor=actor,
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        data={"mode": mode.value if mode else "house"},
    )


async def taken_until(connection: Connection, dialog: Dialog, until: datetime | None) -> None:
    """Give a takeover of a locked dialog another end (``NEVER``: none; None: the colleague's silence)."""
    await connection.execute(
        "update dialogs set taken_until = $2, reminders = 0, reminded_at = null where id = $1 and status = 'taken'",
        dialog.id,
        until,
    )


async def in_flight(connection: Connection, dialog_id: int) -> bool:
    """Whether a part of this dialog was claimed and its fate is not known yet."""
    return bool(
        await connection.fetchval(
            "select exists (select from messages where dialog_id = $1 and send_state = 'sending')", dialog_id
        )
    )


async def resolve(connection: Connection, dialog: Dialog, contact_id: int, now: datetime) -> None:
    """Bind a locked, resolving dialog to the person its name led to.

    Raises ``asyncpg.UniqueViolationError`` (constraint ``dialogs_one_open_per_person``) when they are in one already.
    """
    await connection.execute(
        """
        update dialogs set contact_id = $2, status = 'active', due_at = $3, due_reason = 'opening', compare = true,
            status_since = $3
        where id = $1 and status = 'resolving'
        """,
        dialog.id,
        contact_id,
        now,
    )
    await events.record(
        connection,
        "resolved",
        actor="system",
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        data={"contact": contact_id},
    )


async def begun_at(connection: Connection, dialog_id: int, at: datetime) -> None:
    """A conversation that has no place among a day's new ones was begun then."""
    await connection.execute("update dialogs set opened_at = $2 where id = $1 and opened_at is null", dialog_id, at)


async def sum_up(connection: Connection, dialog_id: int, summary: str, upto: int) -> None:
    """Notes on what was said up to this message. They make no reply wrong: the revision stays. Of somebody who was
    erased meanwhile none are kept."""
    await connection.execute(
        "update dialogs set summary = $2, summary_upto = $3 where id = $1 and contact_id is not null",
        dialog_id,
        summary,
        upto,
    )
