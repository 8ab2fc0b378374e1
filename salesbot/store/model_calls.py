"""``model_calls``: every call to a model, written before it is made and settled before its answer is used (law 8).

A call reserves what it may cost (``budget``) until the provider's usage tells what it did cost. Whether a ceiling still
has room for that is asked by ``ask`` itself, under one lock for all processes, so that no two calls pass the last cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from salesbot.dialog.model import Dialog
from salesbot.errors import BudgetReached
from salesbot.store.pool import Connection

USUAL_COST = Decimal("0.01")
"""US dollars that a call reserves while nothing is known of its model; it stays so where the provider tells no cost."""
PAUSE = 20
"""Revisions of a dialog after which a summary that failed is tried again."""
UNDER_WAY = timedelta(minutes=2)
"""So long the end of a call is waited for; one that a dead process left is under way no more."""
BUDGET_LOCK = 0x5A1E5B07
"""The advisory lock under which money is reserved."""


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

    Raises ``BudgetReached``. A transaction of its own: the lock is given back with its commit.
    """
    async with connection.transaction():
        if ceilings != Ceilings():
            await _lock(connection, dialog.id)
        books = await _books(connection, dialog, model, now)
        books.test(ceilings, now)
        return await connection.fetchval(  # type: ignore[no-any-return]
            """
            insert into model_calls (dialog_id, revision, halts, purpose, model_asked, asked_at, budget)
            values ($1, $2, $3, $4, $5, $6, $7) returning id
            """,
            dialog.id,
            dialog.revision,
            dialog.halts,
            purpose,
            model,
            now,
            books.budget,
        )


async def look_ahead(connection: Connection, dialog: Dialog, model: str, now: datetime, ceilings: Ceilings) -> None:
    """Raise ``BudgetReached`` when this model could not be asked now; what is paid for already may be used."""
    if ceilings != Ceilings():
        books = await _books(connection, dialog, model, now)
        if not books.paid:
            books.test(ceilings, now)


async def day_has_room(connection: Connection, models: Sequence[str], now: datetime, ceiling: Decimal | None) -> bool:
    """Whether each of these models could be asked today.

    With room for the cheaper ones alone, the first turn that needs another one would begin the next stop.
    """
    if ceiling is None:
        return True
    spent, _ = await _spent_on(connection, now)
    return spent + min(await _estimate(connection, models), ceiling) <= ceiling


async def _lock(connection: Connection, dialog_id: int) -> None:
    """Until the transaction ends nobody else reserves money. Whoever holds the dialog is waited for before, not with
    everybody's money in our hands."""
    await connection.execute(
        """
        with free as materialized (select from dialogs where id = $1 for key share)
        select pg_advisory_xact_lock($2) from (select count(*) from free) waited
        """,
        dialog_id,
        BUDGET_LOCK,
    )


_ESTIMATE = """
    coalesce((
        select max(cost) from (
            select cost from model_calls where model_asked = {model} and cost is not null
            order by id desc limit 20) lately), {usual})
"""
"""What a model may cost: the dearest of its last twenty calls whose cost is known."""


async def _estimate(connection: Connection, models: Sequence[str]) -> Decimal:
    """What the dearest of these models may cost."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        f"select max({_ESTIMATE.format(model='name', usual='$2::numeric')}) from unnest($1::text[]) as model (name)",
        models,
        USUAL_COST,
    )


_SPENT = """
    select coalesce(sum(coalesce(cost, budget)), 0) as spent,
        coalesce(sum(budget) filter (where state = 'asked' and settled_at is null and asked_at > $2), 0) as reserved
    from model_calls
"""
"""What was spent, reservations among it; and how much of that calls reserve that are under way."""


async def _spent_on(connection: Connection, now: datetime) -> tuple[Decimal, Decimal]:
    row = await connection.fetchrow(f"{_SPENT} where asked_at >= $1", day_of(now), now - UNDER_WAY)
    assert row is not None
    return row["spent"], row["reserved"]


@dataclass(frozen=True, slots=True)
class _Books:
    """What is known about money before a call: what it may cost, and what was spent and is reserved so far."""

    budget: Decimal
    day: tuple[Decimal, Decimal]
    dialog: tuple[Decimal, Decimal]
    granted: int
    """How often the dialog reached its ceiling and a human gave it back: each time as much again was granted."""
    paid: bool
    """An answer to what the dialog is now lies there unused."""

    def test(self, ceilings: Ceilings, now: datetime) -> None:
        """Raise ``BudgetReached`` where no room is left. A call that is expected to cost more than a whole ceiling may
        be made when nothing is spent: what it costs is known only then."""
        if ceilings.day is not None:
            self._compare("day", ceilings.day, ceilings.day, self.day, now)
        if ceilings.dialog is not None:
            self._compare("dialog", ceilings.dialog, ceilings.dialog * (1 + self.granted), self.dialog, now)

    def _compare(
        self, scope: str, ceiling: Decimal, granted: Decimal, spent: tuple[Decimal, Decimal], now: datetime
    ) -> None:
        wanted = spent[0] + min(self.budget, ceiling)
        if wanted > granted:
            raise BudgetReached(scope, now, passing=wanted - spent[1] <= granted)


async def _books(connection: Connection, dialog: Dialog, model: str, now: datetime) -> _Books:
    row = await connection.fetchrow(
        f"""
        select {_ESTIMATE.format(model="$5::text", usual="$6::numeric")} as budget,
            day.spent as day_spent, day.reserved as day_reserved, own.spent, own.reserved,
            (select count(*) from events where dialog_id = $3 and kind = 'budget_dialog') as granted,
            exists (select from model_calls where dialog_id = $3 and revision = $4 and state = 'answered') as paid
        from ({_SPENT} where asked_at >= $1) day, ({_SPENT} where dialog_id = $3) own
        """,
        day_of(now),
        now - UNDER_WAY,
        dialog.id,
        dialog.revision,
        model,
        USUAL_COST,
    )
    assert row is not None
    return _Books(
        row["budget"],
        (row["day_spent"], row["day_reserved"]),
        (row["spent"], row["reserved"]),
        row["granted"],
        row["paid"],
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
        """
        with asked as (
            select d.contact_id from model_calls c join dialogs d on d.id = c.dialog_id where c.id = $1
            for key share of d)
        update model_calls set state = 'answered', model_used = $3, prompt_tokens = $4,
            completion_tokens = $5, cost = $6, latency_ms = $7, settled_at = $8,
            answer = case when asked.contact_id is not null then $2 end
        from asked where id = $1
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


async def unused(connection: Connection, dialog: Dialog) -> Answered | None:
    """A paid answer to exactly what stands now, left by a process that died before it could use it.

    What else was left is settled: calls that nobody waits for any more, answers to what does not stand any more.
    """
    row = await connection.fetchrow(
        """
        with stale as (
            update model_calls set
                state = case state when 'asked' then 'failed' else 'dropped' end,
                error = case state when 'asked' then 'interrupted' else 'overtaken' end
            where dialog_id = $1 and purpose <> 'summary'
                and (state = 'asked' or state = 'answered' and revision <> $2))
        select id, answer, purpose from model_calls
        where dialog_id = $1 and revision = $2 and state = 'answered' and purpose <> 'summary'
        order by id desc limit 1
        """,
        dialog.id,
        dialog.revision,
    )
    return Answered(row["id"], row["answer"], row["purpose"]) if row else None


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
