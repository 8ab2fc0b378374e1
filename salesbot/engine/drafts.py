"""Ask the models for a reply (law 8): every call is written down before it is made and settled before it is used.

A model gets one repair; then the next model is asked. An answer that a process paid for and died over is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from salesbot.clock import Clock
from salesbot.dialog import disclosure, fields, guard, timing
from salesbot.dialog.decide import Speak
from salesbot.dialog.fields import Proven
from salesbot.dialog.model import Contact, Dialog, History, Reply
from salesbot.dialog.scenario import Scenario
from salesbot.engine.calls import Ledger
from salesbot.errors import InvalidReply, ModelRefused, ModelUnavailable
from salesbot.llm import prompt
from salesbot.llm import reply as replies
from salesbot.llm.prompt import Background, ChatMessage
from salesbot.settings import Settings
from salesbot.store.model_calls import Answered

OPERATORS_TROUBLE = frozenset({"key", "no_credit"})
"""Refusals that a human mends for all dialogs at once: each dialog waits instead of asking for a human of its own."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply that may be sent, the call that was paid for it, and what it learnt."""

    reply: Reply
    call_id: int
    learnt: tuple[Proven, ...] = ()
    unproven: tuple[str, ...] = ()
    """Fields for which the person said nothing."""


@dataclass(frozen=True, slots=True)
class _Request:
    dialog: Dialog
    scenario: Scenario
    history: History
    purpose: str
    background: Background
    unwanted: asyncio.Event


class Drafts:
    """Writes drafts; never sends. ``clock`` says what time it is in the conversation."""

    def __init__(self, settings: Settings, clock: Clock, ledger: Ledger) -> None:
        self._settings = settings
        self._clock = clock
        self._ledger = ledger

    async def write(
        self,
        scenario: Scenario,
        dialog: Dialog,
        contact: Contact | None,
        step: Speak,
        background: Background,
        unwanted: asyncio.Event,
        paid: Answered | None = None,
    ) -> Draft:
        """A validated, guarded draft. Once it is ``unwanted``, no further call is paid for. ``paid`` is an answer to
        exactly this state that nobody could use yet.

        Raises ``ModelUnavailable`` (wait and ask again), ``BudgetReached``, or ``InvalidReply`` and
        ``ModelRefused`` (a human is needed).
        """
        request = _Request(dialog, scenario, step.history, step.purpose.value, background, unwanted)
        if paid is not None and (draft := await self._from_paid(request, paid)) is not None:
            return draft
        now = self._clock.now()
        messages = prompt.build(scenario, dialog, contact, step.history, now, step.purpose, background)
        trouble: list[ModelUnavailable | InvalidReply | ModelRefused] = []
        for model in self._settings.llm_models:
            try:
                return await self._ask_with_repair(request, model, messages)
            except (ModelUnavailable, InvalidReply, ModelRefused) as exc:
                if isinstance(exc, ModelRefused) and exc.code == "moderation":
                    raise
                trouble.append(exc)  # a name mistyped or a context too long for this one: the next may answer
        raise next((one for one in trouble if isinstance(one, ModelUnavailable)), trouble[-1])

    async def _from_paid(self, request: _Request, paid: Answered) -> Draft | None:
        if paid.purpose != request.purpose:
            return None
        try:
            return self._checked(request, paid.answer, paid.id)
        except InvalidReply as exc:
            await self._ledger.fail(paid.id, exc)
            return None

    async def _ask_with_repair(self, request: _Request, model: str, messages: Sequence[ChatMessage]) -> Draft:
        try:
            return await self._ask(request, model, messages)
        except InvalidReply as exc:
            return await self._ask(request, model, prompt.repair(messages, str(exc)))

    async def _ask(self, request: _Request, model: str, messages: Sequence[ChatMessage]) -> Draft:
        if request.unwanted.is_set():
            raise ModelUnavailable("nobody waits for it any more")
        shape = replies.response_format(request.scenario)
        try:
            call_id, answer = await self._ledger.complete(
                request.dialog, purpose=request.purpose, model=model, messages=messages, response_format=shape
            )
        except ModelRefused as exc:
            if exc.code in OPERATORS_TROUBLE:
                raise ModelUnavailable(str(exc)) from exc
            raise
        try:
            return self._checked(request, answer, call_id)
        except InvalidReply as exc:
            await self._ledger.fail(call_id, exc)
            raise

    def _checked(self, request: _Request, answer: str, call_id: int) -> Draft:
        """Parse, validate, prove, guard; then what the program itself has to say is added."""
        scenario, history, now = request.scenario, request.history, self._clock.now()
        zone = timing.zone(request.background.timezone, scenario)
        reply = replies.parse(answer, scenario, zone)
        if reply.opt_out and not history.unanswered:
            raise InvalidReply("opt_out", "They have said nothing new: opt_out is for what they just said.")
        if reply.opt_out:  # nothing of it will be said
            return Draft(reply, call_id)
        here = History(tuple(one for one in history.messages if one.dialog_id == request.dialog.id))
        learnt, unproven = fields.prove(reply.learnt, scenario, here.messages, now.astimezone(zone).date())
        reply = replace(reply, learnt=tuple(one for one in reply.learnt if one.field not in unproven))
        known = frozenset(request.background.facts) | {one.field for one in learnt}
        if violations := guard.check(reply, scenario, disclosure.without(history, scenario), known):
            raise InvalidReply(violations[0].code, " ".join(one.message for one in violations))
        reply = disclosure.identified(reply, scenario, history)
        if self._settings.disclosure:
            reply = disclosure.disclosed(reply, scenario, here)
        return Draft(reply, call_id, learnt, unproven)
