"""A call to a model, as it is kept (law 8): written down with the money it reserves before it is made, settled in a
commit of its own before anything is done with the answer."""

from __future__ import annotations

from salesbot.dialog.model import Dialog
from salesbot.engine import budget
from salesbot.engine.context import Context
from salesbot.llm.client import Completion
from salesbot.store import model_calls
from salesbot.store.messages import clean
from salesbot.store.pool import ACQUIRE_TIMEOUT


async def ask(context: Context, dialog: Dialog, *, purpose: str, model: str) -> int:
    """The call's id. Raises ``BudgetReached``: it may not be made."""
    async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        return await model_calls.ask(
            connection,
            dialog,
            purpose=purpose,
            model=model,
            now=context.clock.now(),
            ceilings=budget.ceilings(context.settings),
        )


async def settle(context: Context, call_id: int, completion: Completion) -> None:
    """The model answered, and was paid."""
    async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        await model_calls.settle(
            connection,
            call_id,
            answer=clean(completion.text),
            model_used=clean(completion.model_used),
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            cost=completion.cost,
            latency_ms=completion.latency_ms,
            now=context.clock.now(),
        )


async def fail(context: Context, call_id: int, code: str) -> None:
    """There is no answer, or none that can be used."""
    async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        await model_calls.fail(connection, call_id, code, context.clock.now())
