"""What has to be done, and when: the timers of dialogs and of parts on their way, read in one look (law 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from salesbot.dialog.model import Dialog, Mode, Status
from salesbot.dialog.trial import Trial
from salesbot.store.pool import Connection
from salesbot.store.switches import Switches


@dataclass(frozen=True, slots=True)
class Errand:
    """A dialog that has something to do at a time, or had before."""

    account_id: int
    dialog_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Agenda:
    """What holds for all, and what is to be done."""

    switches: Switches
    errands: Sequence[Errand]


async def look(
    connection: Connection, account_ids: Sequence[int], until: datetime, limit: int, trial: Trial | None = None
) -> Agenda:
    """What these accounts have to do until then, the longest waiting first; in a trial what concerns its person alone.

    A flood wait holds everything but the look-up of names, which Telegram limits by itself (``hold_openings``). In a
    pause, in a dialog whose mode is off and where a draft waits for its button, no more is done than to find out what
    was said, and to take back what a colleague wants back. ``Brief.errands`` says the same of one dialog.
    """
    switches, busy = await _glance(connection, account_ids, until)
    if not busy:
        return Agenda(switches, ())
    found = [one for account in account_ids for one in await _look(connection, account, until, limit, trial)]
    return Agenda(switches, sorted(found, key=lambda errand: errand.at)[:limit])


async def _look(
    connection: Connection, account_id: int, until: datetime, limit: int, trial: Trial | None
) -> Sequence[Errand]:
    """Of one account, the longest waiting first."""
    rows = await connection.fetch(
        "select dialog_id, at from errands_of($1, $2, $3, $4, $5)",
        account_id,
        until,
        limit,
        trial.person_id if trial else None,
        trial.names if trial else (),
    )
    return [Errand(account_id, row["dialog_id"], row["at"]) for row in rows]


async def _glance(connection: Connection, account_ids: Sequence[int], until: datetime) -> tuple[Switches, bool]:
    """Whether a look could find anything. Each is one step into an index and ends with the first that is found: half of
    what the look itself costs, and all that a house at rest asks. That a time has two ends tells the planner, who knows
    no values, that few are due: it took a third of all dialogs for due, and read through them in search of one."""
    row = await connection.fetchrow(
        """
        select paused_at, mode, quiet_at is not null as quiet,
            exists (select from dialogs where account_id = any($1::bigint[]) and due_at between '-infinity' and $2)
            or exists (select from dialogs
                where account_id = any($1::bigint[]) and follow_up_at between '-infinity' and $2 and status = 'active')
            or exists (select from messages
                where account_id = any($1::bigint[]) and send_state in ('pending', 'sending'))
            or exists (select from messages
                where account_id = any($1::bigint[]) and unsend_at is not null and deleted_at is null) as busy
        from switches
        """,
        account_ids,
        until,
    )
    assert row is not None
    return Switches(row["paused_at"], Mode(row["mode"]), row["quiet"]), row["busy"]


def turn_at(dialog: Dialog) -> datetime | None:
    """When the first of a dialog's two timers runs out, or the backoff that holds both; None: never, in a pause or in
    its mode."""
    silent = dialog.paused or (dialog.status is Status.ACTIVE and dialog.effective_mode is Mode.OFF)
    speaks = dialog.status in (Status.ACTIVE, Status.RESOLVING) and not silent
    due_at = dialog.due_at if speaks or (dialog.compare and dialog.contact_id is not None) else None
    follow_up_at = dialog.follow_up_at if dialog.status is Status.ACTIVE and not silent else None
    timers = [at for at in (due_at, follow_up_at) if at is not None]
    return max(min(timers), dialog.not_before or min(timers)) if timers else None


def lateness(dialog: Dialog, now: datetime) -> timedelta:
    """How long a dialog that is due has been so."""
    due = [at for at in (dialog.due_at, dialog.follow_up_at) if at is not None and at <= now]
    return now - max([min(due, default=now), *([dialog.not_before] if dialog.not_before else [])])


async def wait(connection: Connection, dialog: Dialog, until: datetime, now: datetime, reason: str) -> None:
    """What a turn wanted to begin may not be begun yet: move the timer that asked for it.

    Unlike ``hold`` this does not keep the person waiting: a message of theirs makes the dialog due as ever, and begins
    a burst of its own.
    """
    await connection.execute(
        """
        update dialogs set due_reason = $4, due_since = null,
            due_at = case when follow_up_at <= $3 then null else $2::timestamptz end,
            follow_up_at = case when follow_up_at <= $3 then $2::timestamptz else follow_up_at end
        where id = $1 and revision = $5
        """,
        dialog.id,
        until,
        now,
        reason,
        dialog.revision,
    )


async def hold(connection: Connection, dialog_id: int, until: datetime, *, failures: int) -> None:
    """Nothing of a dialog is tried before this time: neither a turn nor a part. A new message does not shorten it."""
    await connection.execute(
        """
        with parts as (
            update messages set not_before = greatest(not_before, $2)
            where dialog_id = $1 and send_state in ('pending', 'sending'))
        update dialogs set not_before = greatest(not_before, $2), failures = $3 where id = $1
        """,
        dialog_id,
        until,
        failures,
    )


_WHY = """
    left join lateral (
        select coalesce(data ->> 'reason', kind) as reason from events
        where dialog_id = d.id and kind in ('handoff', 'parked', 'two_bots', 'budget_dialog', 'draft_expired')
        order by id desc limit 1) why on true
"""
_AWAITED = """
    (why.reason = 'asked' and d.after_outcome is distinct from 'won' or exists (
        select from messages where dialog_id = d.id and direction = 'in' and deleted_at is null
            and revision > d.answered_revision)) and why.reason is distinct from 'two_bots'
"""


async def waiting_for_humans(
    connection: Connection,
    account_ids: Sequence[int],
    *,
    remind: datetime | None,
    apologise: datetime | None,
    taken: datetime | None,
    now: datetime,
) -> Sequence[tuple[int, int]]:
    """(account, dialog) where a human was called, or took over, before these times (None: never); the oldest first.

    Those in which that was said already are left out, those in which nobody waits for an apology, and those in which a
    colleague wrote since. A takeover that was given an end is over then.
    """
    rows = await connection.fetch(
        f"""
        select account_id, d.id from dialogs d {_WHY}
        where account_id = any($1::bigint[]) and status in ('handoff', 'taken') and (
            status = 'handoff' and status_since <= $2 and reminders < 1
            or status = 'handoff' and status_since <= $3 and reminders < 2 and {_AWAITED}
            or status = 'taken' and taken_until <= $5
            or status = 'taken' and taken_until is null and status_since <= $4 and not exists (
                select from messages where dialog_id = d.id and author = 'human' and timestamp > $4))
        order by status_since
        """,
        account_ids,
        remind,
        apologise,
        taken,
        now,
    )
    return [(row["account_id"], row["id"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Silence:
    """Who waits for whom in a dialog."""

    awaited: bool
    """The person waits for an answer: their line is unanswered, or the model's reply promised a human, for more than to
    do what was agreed."""
    human_at: datetime | None
    """When a colleague last wrote."""


async def silence(connection: Connection, dialog: Dialog) -> Silence:
    """Of a locked dialog. Another program that writes waits for nothing."""
    row = await connection.fetchrow(
        f"""
        select coalesce({_AWAITED}, false) as awaited,
            (select max(timestamp) from messages where dialog_id = d.id and author = 'human') as human_at
        from dialogs d {_WHY} where d.id = $1
        """,
        dialog.id,
    )
    assert row is not None
    return Silence(row["awaited"], row["human_at"])


async def reminded(connection: Connection, dialog_id: int, reminders: int, now: datetime) -> None:
    """What was said about a status that lasts too long, so that it is said once."""
    await connection.execute(
        "update dialogs set reminders = $2, reminded_at = $3 where id = $1", dialog_id, reminders, now
    )


async def openings_before(connection: Connection, account_id: int, dialog_id: int, now: datetime, day: datetime) -> int:
    """How many dialogs with lower numbers are due to begin, and have no place among those of the day yet."""
    return int(
        await connection.fetchval(
            """
            select count(*) from dialogs
            where account_id = $1 and id < $2 and due_at <= $3 and (not_before is null or not_before <= $3)
                and status in ('resolving', 'active') and answered_revision = 0
                and (opened_at is null or opened_at < $4)
            """,
            account_id,
            dialog_id,
            now,
            day,
        )
    )


async def go_on(connection: Connection, reason: str, now: datetime) -> None:
    """What made dialogs wait for this reason is over."""
    await connection.execute(
        "update dialogs set due_at = $2 where status = 'active' and due_reason = $1 and due_at > $2", reason, now
    )


async def hold_openings(connection: Connection, account_id: int, until: datetime) -> None:
    """No name is looked up before this time."""
    await connection.execute(
        "update dialogs set not_before = greatest(not_before, $2) where account_id = $1 and status = 'resolving'",
        account_id,
        until,
    )
