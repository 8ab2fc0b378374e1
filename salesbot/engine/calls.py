"""A call to a model, as it is kept (law 8): written down with the money it reserves before it is made, settled in a
commit of its own before anything is done with the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from salesbot import metrics
from salesbot.dialog.model import Dialog
from salesbot.engine import budget
from salesbot.engine.context import Context
from salesbot.errors import InvalidReply, ModelRefused, ModelUnavailable
from salesbot.llm.client import Completion, UnusableCompletion
from salesbot.llm.prompt import ChatMessage
from salesbot.store import model_calls
from salesbot.store.messages import clean
from salesbot.store.pool import ACQUIRE_TIMEOUT

Failure: TypeAlias = InvalidReply | ModelUnavailable | ModelRefused
"""Why there is no answer, or none that can be used."""


class Ledger(Protocol):
    """Makes calls and keeps account of them: the product's in the database, a replay's in memory."""

    async def complete(
        self,
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
        ...

    async def fail(self, call_id: int, why: Failure) -> None:
        """There is no answer, or none that can be used."""
        ...


class Calls:
    """The product's ledger: ``model_calls``."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def complete(
        self,
        dialog: Dialog,
        *,
        purpose: str,
        model: str,
        messages: Sequence[ChatMessage],
        response_format: Mapping[str, object],
    ) -> tuple[int, str]:
        call_id = await self._ask(dialog, purpose, model)
        metrics.model_asked(model, purpose)
        try:
            completion = await self._context.model.complete(model, messages, response_format)
        except UnusableCompletion as exc:
            await self._settle(call_id, model, exc.completion)
            await self.fail(call_id, exc)
            raise
        except (ModelUnavailable, ModelRefused) as exc:
            await self.fail(call_id, exc)
            raise
        await self._settle(call_id, model, completion)
        return call_id, completion.text

    async def fail(self, call_id: int, why: Failure) -> None:
        context = self._context
        metrics.MODEL_FAILURES.labels(why.code).inc()
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            await model_calls.fail(connection, call_id, why.code, context.clock.now())

    async def _ask(self, dialog: Dialog, purpose: str, model: str) -> int:
        context = self._context
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            return await model_calls.ask(
                connection,
                dialog,
                purpose=purpose,
                model=model,
                now=context.clock.now(),
                ceilings=budget.ceilings(context.settings),
            )

    async def _settle(self, call_id: int, model: str, completion: Completion) -> None:
        context = self._context
        metrics.model_answered(
            model,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            cost=completion.cost,
            latency_ms=completion.latency_ms,
        )
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
