"""``model_calls``: every call to a model, written before it is made and settled before its answer is used (law 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from salesbot.dialog.model import Dialog
from salesbot.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was paid for and not used yet."""

    id: int
    answer: str
    purpose: str


async def ask(connection: Connection, dialog: Dialog, *, purpose: str, model: str, now: datetime) -> int:
    """Write down that a model is about to be asked; returns the call's id."""
    return await connection.fetchval(  # type: ignore[no-any-return]
        """
        insert into model_calls (dialog_id, revision, halts, purpose, model_asked, asked_at)
        values ($1, $2, $3, $4, $5, $6) returning id
        """,
        dialog.id,
        dialog.revision,
        dialog.halts,
        purpose,
        model,
        now,
    )


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
    """No usable answer; ``error`` is a code."""
    await connection.execute(
        "update model_calls set state = 'failed', error = $2, settled_at = coalesce(settled_at, $3) where id = $1",
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
            where dialog_id = $1 and (state = 'asked' or state = 'answered' and revision <> $2))
        select id, answer, purpose from model_calls
        where dialog_id = $1 and revision = $2 and state = 'answered' order by id desc limit 1
        """,
        dialog.id,
        dialog.revision,
    )
    return Answered(row["id"], row["answer"], row["purpose"]) if row else None
