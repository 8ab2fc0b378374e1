"""A call to a model, as it is kept (law 8): written down with the money it reserves before it is made, settled in a
commit of its own before anything is done with the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from salesbot.dialog.model import Dialog
from salesbot.engine import budget
from salesbot.engine.context import Context
from salesbot.errors import ModelRefused, ModelUnavailable
from salesbot.llm.client import Completion, UnusableCompletion
from salesbot.llm.prompt import ChatMessage
from salesbot.store import model_calls
from salesbot.store.messages import clean
from salesbot.store.pool import ACQUIRE_TIMEOUT


async def complete(
    context: Context,
    dialog: Dialog,
    *,
    purpose: str,
    model: str,
    messages: Sequence[ChatMessage],
    response_format: Mapping[str, object],
) -> tuple[int, str]:
    """The settled call's id, and what the model answered.

    Raises ``BudgetReached`` (no call was made), or what ``ModelClient.complete`` raises: then the call has failed.
    """
    call_id = await _ask(context, dialog, purpose, model)
    try:
        completion = await context.model.complete(model, messages, response_format)
    except UnusableCompletion as exc:
        await _settle(context, call_id, exc.completion)
        await fail(context, call_id, exc.code)
        raise
    except (ModelUnavailable, ModelRefused) as exc:
        await fail(context, call_id, exc.code)
        raise
    await _settle(context, call_id, completion)
    return call_id, completion.text


async def _ask(context: Context, dialog: Dialog, purpose: str, model: str) -> int:
    async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        return await model_calls.ask(
            connection,
            dialog,
            purpose=purpose,
            model=model,
            now=context.clock.now(),
            ceilings=budget.ceilings(context.settings),
        )


async def _settle(context: Context, call_id: int, completion: Completion) -> None:
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
