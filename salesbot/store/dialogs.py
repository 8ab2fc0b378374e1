"""``dialogs``: the row is the job (law 2).

Whatever can make a reply wrong goes through ``touch`` or ``apply``, with the row locked first, in that thing's own
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from salesbot.dialog import transitions
from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Purpose, Status
from salesbot.store import events
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Fence:
    """Ownership of an account: every decision is valid only while the account row says the same."""

    account_id: int
    epoch: int
    owner: str


def from_row(row: asyncpg.Record) -> Dialog:
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
        due_reason=row["due_reason"],
        not_before=row["not_before"],
        follow_up_at=row["follow_up_at"],
        history_upto=row["history_upto"],
        compare=row["compare"],
    )


async def open_dialog(
    connection: Connection, *, account_id: int, target: str, scenario: str, basis: str, actor: str, now: datetime
) -> Dialog:
    """Commit a dialog in status ``resolving``; the owner of the account looks the name up."""
    row = await connection.fetchrow(
        """
        insert into dialogs (account_id, target_username, scenario, basis, status, due_at, due_reason)
        values ($1, $2, $3, $4, 'resolving', $5, 'start') returning *
        """,
        account_id,
        target,
        scenario,
        basis,
        now,
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
    row = await connection.fetchrow("select * from dialogs where id = $1", dialog_id)
    return from_row(row) if row else None


async def lock(connection: Connection, dialog_id: int) -> Dialog | None:
    """The dialog, locked until the transaction ends."""
    row = await connection.fetchrow("select * from dialogs where id = $1 for update", dialog_id)
    return from_row(row) if row else None


async def lock_current(connection: Connection, account_id: int, contact_id: int) -> Dialog | None:
    """The dialog that what this person says belongs to: the open one, else the latest; locked."""
    row = await connection.fetchrow(
        """
        select * from dialogs where contact_id = $2 and account_id = $1
        order by status in ('active', 'taken', 'handoff') desc, id desc limit 1 for update
        """,
        account_id,
        contact_id,
    )
    return from_row(row) if row else None


async def lock_open_of(connection: Connection, contact_id: int) -> Sequence[Dialog]:
    """All open dialogs of a person, on any account, locked."""
    rows = await connection.fetch(
        "select * from dialogs where contact_id = $1 and status in ('active', 'taken', 'handoff') "
        "order by id for update",
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
    compare: bool = False,
) -> int:
    """Something was said: raise the revision, make the dialog due, drop what is not yet sent. Returns the new revision.

    ``answered`` says that a human answered all there was. Parts that stand by law 6 are kept.
    """
    revision: int = await connection.fetchval(
        """
        update dialogs set revision = revision + 1, due_at = $2, due_since = $3, due_reason = $4, follow_ups = 0,
            follow_up_at = null, answered_revision = case when $5 then revision + 1 else answered_revision end,
            after_parts = null, compare = compare or $6
        where id = $1 returning revision
        """,
        dialog.id,
        due_at,
        due_since,
        reason,
        answered,
        compare,
    )
    await connection.execute(
        """
        update messages set send_state = 'cancelled', failure = 'newer_message'
        where dialog_id = $1 and send_state = 'pending' and not stands
        """,
        dialog.id,
    )
    return revision


async def apply(
    connection: Connection,
    dialog: Dialog,
    event: DialogEvent,
    *,
    actor: str,
    now: datetime,
    outcome: Outcome | None = None,
    reason: str = "",
    quiet: bool = False,
) -> Dialog:
    """Lead a locked dialog through the table: new status, revision and halts raised, unsent parts cancelled, an event.

    Raises ``transitions.NotAllowed``. ``reason`` is a code; ``quiet`` writes no event.
    """
    status = transitions.after(dialog.status, event)
    halting = event in transitions.HALTING
    row = await connection.fetchrow(
        """
        update dialogs set status = $2, outcome = coalesce($3, outcome), revision = revision + 1,
            halts = halts + $4::int, due_at = $5, due_since = null, due_reason = $6, follow_up_at = null,
            not_before = null, failures = 0, dropped_drafts = 0, after_parts = null
        where id = $1 returning *
        """,
        dialog.id,
        status.value,
        outcome.value if outcome else None,
        int(halting),
        now if status is Status.ACTIVE else None,
        event.value,
    )
    assert row is not None
    if halting:
        await connection.execute(
            "update messages set send_state = 'cancelled', failure = $2 "
            "where dialog_id = $1 and send_state = 'pending'",
            dialog.id,
            event.value,
        )
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


async def in_flight(connection: Connection, dialog_id: int) -> bool:
    """Whether a part of this dialog was claimed and its fate is not known yet."""
    return bool(
        await connection.fetchval(
            "select exists (select from messages where dialog_id = $1 and send_state = 'sending')", dialog_id
        )
    )


async def due(connection: Connection, account_ids: Sequence[int], now: datetime, limit: int) -> Sequence[Dialog]:
    """Dialogs of these accounts that need a turn, the longest waiting first."""
    rows = await connection.fetch(
        """
        select * from dialogs
        where account_id = any($1::bigint[]) and due_at <= $2 and status in ('resolving', 'active')
            and (not_before is null or not_before <= $2)
        order by due_at limit $3
        """,
        account_ids,
        now,
        limit,
    )
    return [from_row(row) for row in rows]


def is_due(dialog: Dialog, now: datetime) -> bool:
    """Whether one of a dialog's two timers has run out, and no backoff holds it."""
    if dialog.not_before is not None and dialog.not_before > now:
        return False
    timers = (dialog.due_at, dialog.follow_up_at if dialog.status is Status.ACTIVE else None)
    return dialog.status in (Status.ACTIVE, Status.RESOLVING) and any(at is not None and at <= now for at in timers)


async def due_follow_ups(
    connection: Connection, account_ids: Sequence[int], now: datetime, limit: int
) -> Sequence[Dialog]:
    """Dialogs in which the person has been silent until now."""
    rows = await connection.fetch(
        """
        select * from dialogs
        where account_id = any($1::bigint[]) and follow_up_at <= $2 and status = 'active'
            and (not_before is null or not_before <= $2)
        order by follow_up_at limit $3
        """,
        account_ids,
        now,
        limit,
    )
    return [from_row(row) for row in rows]


async def next_due(connection: Connection, account_ids: Sequence[int]) -> datetime | None:
    """When the next dialog needs a turn."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        """
        select min(at) from (
            (select greatest(due_at, not_before) as at from dialogs
             where account_id = any($1::bigint[]) and due_at is not null and status in ('resolving', 'active')
             order by due_at limit 1)
            union all
            (select greatest(follow_up_at, not_before) from dialogs
             where account_id = any($1::bigint[]) and follow_up_at is not null and status = 'active'
             order by follow_up_at limit 1)
        ) timers
        """,
        account_ids,
    )


async def resolve(
    connection: Connection, dialog: Dialog, contact_id: int, fence: Fence, now: datetime
) -> Dialog | None:
    """Bind a resolving dialog to the person its name led to. None when it is not resolving any more.

    Raises ``asyncpg.UniqueViolationError`` (constraint ``dialogs_one_open_per_person``) when they are in one already.
    """
    row = await connection.fetchrow(
        """
        update dialogs set contact_id = $2, status = 'active', due_at = $3, due_reason = 'opening', compare = true
        where id = $1 and status = 'resolving' and exists (
            select from accounts where id = $4 and epoch = $5 and owner = $6::uuid) returning *
        """,
        dialog.id,
        contact_id,
        now,
        fence.account_id,
        fence.epoch,
        fence.owner,
    )
    if row is None:
        return None
    await events.record(
        connection,
        "resolved",
        actor="system",
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        data={"contact": contact_id},
    )
    return from_row(row)


async def postpone(connection: Connection, dialog_id: int, until: datetime, *, failures: int) -> None:
    """Keep a dialog's backoff apart from its debounce, so that a new message does not shorten it."""
    await connection.execute(
        "update dialogs set not_before = $2, failures = $3 where id = $1", dialog_id, until, failures
    )


async def compared(connection: Connection, dialog_id: int, upto: int) -> None:
    """Our record agrees with Telegram's history up to this id."""
    await connection.execute(
        "update dialogs set compare = false, history_upto = greatest(coalesce(history_upto, 0), $2) where id = $1",
        dialog_id,
        upto,
    )


async def burst_since(connection: Connection, dialog_id: int) -> datetime | None:
    """When the first message of the present burst came."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        "select due_since from dialogs where id = $1 and due_at is not null", dialog_id
    )


async def ask_comparison_of_all(connection: Connection, account_id: int) -> None:
    """Have every dialog of an account compared before its next turn."""
    await connection.execute(
        "update dialogs set compare = true where account_id = $1 and contact_id is not null and status <> 'failed'",
        account_id,
    )


async def ask_comparison(connection: Connection, account_id: int, contact_ids: Sequence[int]) -> None:
    """Have these people's dialogs read their history before their next turn, and soon."""
    await connection.execute(
        """
        update dialogs set compare = true
        where account_id = $1 and contact_id = any($2::bigint[]) and status in ('active', 'taken', 'handoff', 'stopped')
        """,
        account_id,
        contact_ids,
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn that ends wants to be true afterwards."""

    dialog: Dialog
    """As it was read when the turn began: its revision is what the commit is fenced by."""
    stage: str
    stands: bool = False
    follow_up_at: datetime | None = None
    follow_ups: int = 0
    after: DialogEvent | None = None
    """What happens once the last part is sent: a handoff or the close."""
    outcome: Outcome = Outcome.NONE
    reason: str = ""


async def end_turn(connection: Connection, turn: Turn, fence: Fence) -> bool:
    """End a turn ``where revision = $mine`` (for a reply that stands, ``where halts = $mine``). False: overtaken.

    What came meanwhile stays due: only what was read is answered.
    """
    dialog = turn.dialog
    row = await connection.fetchval(
        """
        update dialogs set answered_revision = greatest(answered_revision, $2), stage = $4, failures = 0,
            dropped_drafts = 0, not_before = null, follow_up_at = $5, follow_ups = $6,
            due_at = case when revision = $2 then null else due_at end,
            due_since = case when revision = $2 then null else due_since end,
            after_parts = case when revision = $2 then $11 end, after_outcome = $12, after_reason = $13
        where id = $1 and status = 'active' and halts = $3 and (revision = $2 or $7)
            and exists (select from accounts where id = $8 and epoch = $9 and owner = $10::uuid)
        returning id
        """,
        dialog.id,
        dialog.revision,
        dialog.halts,
        turn.stage,
        turn.follow_up_at,
        turn.follow_ups,
        turn.stands,
        fence.account_id,
        fence.epoch,
        fence.owner,
        turn.after.value if turn.after else None,
        turn.outcome.value,
        turn.reason,
    )
    return row is not None


async def finish_parts(connection: Connection, dialog: Dialog, now: datetime) -> None:
    """The last part is sent: do what the turn left for afterwards. The dialog is locked by the caller."""
    row = await connection.fetchrow(
        """
        select after_parts, after_outcome, after_reason from dialogs
        where id = $1 and after_parts is not null and status = 'active' and not exists (
            select from messages where dialog_id = $1 and send_state in ('pending', 'sending'))
        """,
        dialog.id,
    )
    if row is None:
        return
    outcome = Outcome(row["after_outcome"])
    await apply(
        connection,
        dialog,
        DialogEvent(row["after_parts"]),
        actor="model",
        now=now,
        outcome=outcome if outcome is not Outcome.NONE else None,
        reason=row["after_reason"],
    )


async def draft_dropped(connection: Connection, dialog_id: int) -> None:
    """Count a draft that a newer message overtook; the next one stands (law 6)."""
    await connection.execute("update dialogs set dropped_drafts = dropped_drafts + 1 where id = $1", dialog_id)


async def nothing_to_say(connection: Connection, dialog: Dialog) -> None:
    """The turn found nothing to do: no longer due, unless something came meanwhile."""
    await connection.execute(
        "update dialogs set due_at = null, due_since = null, answered_revision = revision "
        "where id = $1 and revision = $2",
        dialog.id,
        dialog.revision,
    )


async def not_said(connection: Connection, dialog_id: int, revision: int, purpose: Purpose, now: datetime) -> None:
    """What was decided at ``revision`` was not said after all: decide it anew."""
    if purpose is Purpose.FOLLOW_UP:
        await connection.execute(
            "update dialogs set follow_up_at = coalesce(follow_up_at, $2), follow_ups = greatest(follow_ups - 1, 0), "
            "after_parts = null where id = $1 and status = 'active'",
            dialog_id,
            now,
        )
        return
    await connection.execute(
        """
        update dialogs set answered_revision = least(answered_revision, $2 - 1), due_at = coalesce(due_at, $3),
            due_reason = 'not_said', after_parts = null where id = $1 and status = 'active'
        """,
        dialog_id,
        revision,
        now,
    )


@dataclass(frozen=True, slots=True)
class Top:
    """The newest message of a person's dialog that is stored."""

    dialog_id: int
    contact_id: int
    newest_id: int


async def tops(connection: Connection, account_id: int, after: int, limit: int) -> Sequence[Top]:
    """The dialogs of an account that may still matter, by id, with the newest stored message of each."""
    rows = await connection.fetch(
        """
        select d.id, d.contact_id, coalesce(newest.id, 0) as newest_id from dialogs d
        left join lateral (select max(telegram_message_id) as id from messages where dialog_id = d.id) newest on true
        where d.account_id = $1 and d.id > $2 and d.contact_id is not null
            and d.status in ('active', 'taken', 'handoff', 'stopped') and not d.compare
        order by d.id limit $3
        """,
        account_id,
        after,
        limit,
    )
    return [Top(row["id"], row["contact_id"], row["newest_id"]) for row in rows]
