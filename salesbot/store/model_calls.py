"""``model_calls``: every call to a model, written before it is made and settled before its answer is used (law 8).

A call reserves what it may cost (``budget``) until the provider's usage tells what it did cost. What that makes for a
day and for a dialog stands in ``day_books`` and ``dialog_books``, written by a trigger in the transaction of each
change: they agree with the calls whatever dies. ``ask`` locks both and tests them in the statement that reserves the
money, so that no two calls pass the last cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import asyncpg

from salesbot.dialog.model import Dialog
from salesbot.errors import BudgetReached
from salesbot.store.pool import UNHURRIED, Connection

USUAL_COST = Decimal("0.01")
"""US dollars that a call reserves while nothing is known of its model; it stays so where the provider tells no cost."""
PAUSE = 20
"""Revisions of a dialog after which a summary that failed is tried again."""
UNDER_WAY = timedelta(minutes=2)
"""So long the end of a call is waited for; one that a dead process left is under way no more."""


@dataclass(frozen=True, slots=True)
class Ceilings:
    """US dollars for one dialog, and for all of them in a day (UTC). None: as much as it takes."""

    dialog: Decimal | None = None
    day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was paid for and not used yet."""

    id: int
    answer: str
    purpose: str


async def ask(
    connection: Connection, dialog: Dialog, *, purpose: str, model: str, now: datetime, ceilings: Ceilings
) -> int:
    """Write down that a model is about to be asked, and reserve what that may cost; returns the call's id.

    Raises ``BudgetReached``. Not inside a transaction: until the commit nobody else reserves money.
    """
    for _ in range(2):
        if (call_id := await _reserve(connection, dialog, purpose, model, now, ceilings)) is not None:
            return call_id
        if not await _open_books(connection, dialog, now):
            await afford(connection, dialog, await money_of(connection, dialog, model, now), now, ceilings)
    raise BudgetReached("day", now, passing=True)  # others gave money back, and others took it


async def _reserve(
    connection: Connection, dialog: Dialog, purpose: str, model: str, now: datetime, ceilings: Ceilings
) -> int | None:
    """None: there is no room, or a book was not opened yet.

    Both books are locked, and tested as they are then, by what stands in their own rows; a trigger writes them. Whoever
    holds the dialog is waited for before that, not with everybody's money in our hands.
    """
    return await connection.fetchval(  # type: ignore[no-any-return]
        """
        insert into model_calls (dialog_id, revision, halts, purpose, model_asked, asked_at, budget)
        select $1, $2, $3, $4, $5, $6, money.budget
        from (select from dialogs where id = $1 for key share) free,
            (select coalesce(budget, $7) as budget, granted from money_of($1, $5, $8)) money,
            dialog_books own, day_books today
        where own.dialog_id = $1 and today.day = $8
            and ($9::numeric is null or own.spent + least(money.budget, $9) <= $9 * (1 + granted))
            and ($10::numeric is null or today.spent + least(money.budget, $10) <= $10)
        for update of own, today
        returning id
        """,
        dialog.id,
        dialog.revision,
        dialog.halts,
        purpose,
        model,
        now,
        USUAL_COST,
        day_of(now).date(),
        ceilings.dialog,
        ceilings.day,
    )


async def _open_books(connection: Connection, dialog: Dialog, now: datetime) -> bool:
    """Whether one of them was missing: the dialog's is opened with its first call, the day's with the day's first."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        """
        with own as (
            insert into dialog_books (dialog_id) select $1
            where not exists (select from dialog_books where dialog_id = $1) on conflict do nothing returning true),
        today as (
            insert into day_books (day) select $2
            where not exists (select from day_books where day = $2) on conflict do nothing returning true)
        select exists (select from own) or exists (select from today)
        """,
        dialog.id,
        day_of(now).date(),
    )


@dataclass(frozen=True, slots=True)
class Money:
    """What is known about money before a call."""

    budget: Decimal
    """What it may cost: as much as the dearest of the model's last ones."""
    day: Decimal
    """What was spent and is reserved today, for all dialogs."""
    dialog: Decimal
    granted: int
    """How often the dialog reached its ceiling and a human gave it back: each time as much again was granted."""

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> Money:
        """From the columns of the function ``money_of``."""
        none = Decimal()
        return cls(row["budget"] or USUAL_COST, row["day_spent"] or none, row["spent"] or none, row["granted"])

    def missing(self, ceilings: Ceilings) -> tuple[str, Decimal] | None:
        """The ceiling under which there is no room for the call, and how much is missing. A call that is expected to
        cost more than a whole ceiling may be made when nothing is spent: what it costs is known only then."""
        if ceilings.day is not None:
            missing = self.day + min(self.budget, ceilings.day) - ceilings.day
            if missing > 0:
                return "day", missing
        if ceilings.dialog is not None:
            missing = self.dialog + min(self.budget, ceilings.dialog) - ceilings.dialog * (1 + self.granted)
            if missing > 0:
                return "dialog", missing
        return None


async def money_of(connection: Connection, dialog: Dialog, model: str, now: datetime) -> Money:
    row = await connection.fetchrow("select * from money_of($1, $2, $3)", dialog.id, model, day_of(now).date())
    assert row is not None
    return Money.from_row(row)


async def afford(connection: Connection, dialog: Dialog, money: Money, now: datetime, ceilings: Ceilings) -> None:
    """Raise ``BudgetReached`` when there is no room for a call."""
    if (short := money.missing(ceilings)) is None:
        return
    scope, missing = short
    under_way = await connection.fetchval(
        """
        select coalesce(sum(budget), 0) from model_calls
        where state = 'asked' and settled_at is null and asked_at > $1
            and case when $2 = 'day' then asked_at >= $3 else dialog_id = $4 end
        """,
        now - UNDER_WAY,
        scope,
        day_of(now),
        dialog.id,
    )
    raise BudgetReached(scope, now, passing=under_way >= missing)


async def day_has_room(connection: Connection, models: Sequence[str], now: datetime, ceiling: Decimal | None) -> bool:
    """Whether each of these models could be asked today.

    With room for the cheaper ones alone, the first turn that needs another one would begin the next stop.
    """
    if ceiling is None:
        return True
    return await connection.fetchval(  # type: ignore[no-any-return]
        """
        select coalesce((select spent from day_books where day = $1), 0) + least(max(coalesce(cost, $2)), $3) <= $3
        from unnest($4::text[]) as models (model) cross join lateral dearest(model)
        """,
        day_of(now).date(),
        USUAL_COST,
        ceiling,
        models,
    )


async def spent_on(connection: Connection, now: datetime) -> Decimal:
    """US dollars for the models of all dialogs on this day; a call whose cost is not known counts as it reserved."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        "select coalesce((select spent from day_books where day = $1), 0)", day_of(now).date()
    )


def day_of(now: datetime) -> datetime:
    """When the day of the books began: it is UTC's, like every ceiling."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


async def settle(
    connection: Connection,
    call_id: int,
    *,
    answer: str,
    model_used: str,
    prompt_tokens: int,
    completion_tokens: int,
    cost: Decimal | None,
    latency_ms: int,
    now: datetime,
) -> None:
    """The model answered; nothing has been done with the answer yet. What was asked of a dialog that was erased
    meanwhile is paid for and not kept: an erasure holds the dialog's row, and is waited for."""
    await connection.execute(
        f"""
        with asked as (
            select d.contact_id from model_calls c join dialogs d on d.id = c.dialog_id where c.id = $1
            for key share of d)
        update model_calls set state = 'answered', model_used = $3, prompt_tokens = $4,
            completion_tokens = $5, cost = $6, latency_ms = $7, settled_at = $8,
            answer = case when asked.contact_id is not null then $2 end
        from asked cross join {UNHURRIED} as unhurried where id = $1
        """,
        call_id,
        answer,
        model_used,
        prompt_tokens,
        completion_tokens,
        cost,
        latency_ms,
        now,
    )


async def fail(connection: Connection, call_id: int, error: str, now: datetime) -> None:
    """No usable answer; ``error`` is a code. Nothing is paid for an error, but perhaps for what was not waited for."""
    await connection.execute(
        """
        update model_calls set state = 'failed', error = $2, settled_at = coalesce(settled_at, $3),
            budget = case when settled_at is null and $2 <> 'no_answer' then 0 else budget end
        where id = $1
        """,
        call_id,
        error,
        now,
    )


async def drop(connection: Connection, call_id: int, reason: str) -> None:
    """An answer that was paid for and is not said."""
    await connection.execute("update model_calls set state = 'dropped', error = $2 where id = $1", call_id, reason)


@dataclass(frozen=True, slots=True)
class Left:
    """What was left by a process that died: a paid answer to exactly what stands now, or something to ``sweep``."""

    paid: Answered | None
    unsettled: bool

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> Left:
        """From the columns of the function ``call_left``."""
        found = row["paid_id"]
        return cls(found and Answered(found, row["paid_answer"], row["paid_purpose"]), row["unsettled"])


async def sweep(connection: Connection, dialog: Dialog) -> None:
    """Settle calls that nobody waits for any more, and answers to what does not stand any more."""
    await connection.execute(
        """
        update model_calls set
            state = case state when 'asked' then 'failed' else 'dropped' end,
            error = case state when 'asked' then 'interrupted' else 'overtaken' end
        where dialog_id = $1 and purpose <> 'summary' and (state = 'asked' or state = 'answered' and revision <> $2)
        """,
        dialog.id,
        dialog.revision,
    )


@dataclass(frozen=True, slots=True)
class Paid:
    """Notes that were paid for and not stored; ``revision``: what the dialog was when they were asked for."""

    id: int
    answer: str
    revision: int


async def unused_summary(connection: Connection, dialog_id: int) -> Paid | None:
    """Left by a process that died; nobody waits for what was asked before that."""
    row = await connection.fetchrow(
        """
        with stale as (
            update model_calls set state = 'failed', error = 'interrupted'
            where dialog_id = $1 and purpose = 'summary' and state = 'asked')
        select id, answer, revision from model_calls
        where dialog_id = $1 and purpose = 'summary' and state = 'answered' order by id desc limit 1
        """,
        dialog_id,
    )
    return Paid(row["id"], row["answer"] or "", row["revision"]) if row else None


async def summary_failed_lately(connection: Connection, dialog: Dialog) -> bool:
    """Whether no notes could be made a few lines ago: it is not paid for again at each of them."""
    return bool(
        await connection.fetchval(
            "select exists (select from model_calls where dialog_id = $1 and purpose = 'summary' "
            "and state = 'failed' and error <> 'interrupted' and revision > $2)",
            dialog.id,
            dialog.revision - PAUSE,
        )
    )


async def used(connection: Connection, call_id: int) -> None:
    await connection.execute("update model_calls set state = 'used' where id = $1", call_id)
