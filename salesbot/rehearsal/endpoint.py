"""The models of a rehearsal: the product's own client, and patience with an endpoint that is busy.

In a rehearsed world no time passes while a model thinks, so the product's own waiting would wait for nothing: what the
endpoint needs, it gets here, for real. One that does not answer even so ends the rehearsal: a report would be about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from salesbot.clock import SystemClock
from salesbot.errors import ModelRefused, ModelUnavailable, SalesbotError, SettingsError
from salesbot.llm.client import Completion, ModelClient, UnusableCompletion
from salesbot.llm.prompt import ChatMessage, Role
from salesbot.settings import Settings

PAUSES = (1.0, 4.0, 15.0)
"""Seconds before each further attempt; more where the endpoint asks for it."""
OPERATORS_TROUBLE = frozenset({"key", "no_credit"})


class RehearsalFailed(SalesbotError):
    """The rehearsal cannot go on: something failed that is neither the scenario's doing nor the customers'."""


class PatientClient(ModelClient):
    """Raises ``RehearsalFailed`` instead of ``ModelUnavailable``, and where only the operator can help."""

    async def complete(
        self, model: str, messages: Sequence[ChatMessage], response_format: Mapping[str, object]
    ) -> Completion:
        for pause in (*PAUSES, None):
            try:
                return await super().complete(model, messages, response_format)
            except ModelUnavailable as exc:
                if pause is None:
                    raise RehearsalFailed(f"the model {model} does not answer: {exc}") from exc
                await asyncio.sleep(max(pause, exc.retry_after or 0.0))
            except ModelRefused as exc:
                if exc.code in OPERATORS_TROUBLE:
                    raise RehearsalFailed(f"the model {model} refuses: {exc.code}, {exc}") from exc
                raise
        raise AssertionError("unreachable")


async def introduce(settings: Settings, model: str, hint: str = "") -> None:
    """Ask a model for a word before anybody plays. Raises ``SettingsError``, with the hint, where it does not exist or
    answer."""
    client = ModelClient(settings, SystemClock())
    try:
        await client.complete(model, [ChatMessage(Role.USER, "Hello!")], {"type": "text"})
    except (ModelUnavailable, ModelRefused) as exc:
        what = f"The model {model} at {settings.llm_base_url} does not answer: {exc}"
        raise SettingsError(f"{what}\n{hint}".rstrip()) from exc
    except UnusableCompletion:
        pass  # it is there
    finally:
        await client.close()
