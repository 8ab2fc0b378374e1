"""A turn: look at a due dialog, decide, ask the model, commit the parts ``where revision = $mine`` (laws 2, 6, 8)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loguru import logger

from salesbot import metrics
from salesbot.dialog import bots, timing
from salesbot.dialog.decide import Nothing, Speak, Wait, decide
from salesbot.dialog.model import Contact, Dialog, DialogEvent, History, Purpose, Status
from salesbot.dialog.timezones import timezone_of
from salesbot.engine import budget, courtesy, openings
from salesbot.engine.commit import Prepared, commit
from salesbot.engine.context import Context, Live
from salesbot.engine.summaries import Summaries
from salesbot.engine.writing import Writing
from salesbot.errors import BudgetReached, InvalidReply, ModelRefused, ModelUnavailable
from salesbot.llm.prompt import Background
from salesbot.metrics import Phase, TurnEnd
from salesbot.store import agenda, contacts, dialogs, events, facts, messages, model_calls, tasks, turns
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction

HISTORY_LIMIT = 120
WORTH_TELLING = 2
"""Failures in a row from which on the operator hears that no model answers: one is a hiccup."""
PARK_AFTER = 8
"""Failures in a row after which a dialog is handed to a human (about twenty minutes of backoff)."""
_MODEL = ("model_down", "model_back")


@dataclass(frozen=True, slots=True)
class _Look:
    """A dialog's next step, and what is known of the person."""

    step: Nothing | Wait | Speak
    contact: Contact | None
    background: Background


class Turns:
    """Takes turns of dialogs whose account is live; the scheduler sees to it that a dialog has one at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._writing = Writing(context)
        self._summaries = Summaries(context)
        self._model_down: bool | None = None
        """None: a process before this one may have told that no model answers."""
        self._slots = asyncio.Semaphore(context.settings.llm_concurrency)
        """Who waits for a model waits before the look: hundreds at once hold no histories, and the newest is read."""

    async def take(self, live: Live, dialog: Dialog, poked: asyncio.Event, stop: asyncio.Event) -> None:
        """One turn of an active, compared dialog, read just now; ``poked`` is set when something happens to it.

        A turn that was waiting for its slot when the process was told to ``stop`` is not begun (law 11).
        """
        waits = self._slots.locked()
        async with self._slots:
            current = await self._reread(dialog) if waits and not stop.is_set() else dialog
            if current is None or stop.is_set():
                return
            metrics.took(Phase.QUEUE, agenda.lateness(current, self._context.clock.now()))
            try:
                ended = await self._take(live, current, poked)
            except BudgetReached as exc:
                await budget.reached(self._context, live, current, exc)
                ended = TurnEnd.NO_MONEY
            metrics.turn_ended(ended)

    async def rest(self) -> None:
        """Return when nothing of this is done in the background: summaries, and drafts that nobody waits for."""
        await self._summaries.rest()
        await self._writing.rest()

    async def _reread(self, dialog: Dialog) -> Dialog | None:
        """The dialog as it is after its turn had to wait; None when it no longer is one's turn."""
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            current = await dialogs.get(connection, dialog.id)
        if current is None or current.status is not Status.ACTIVE or current.compare:
            return None
        return current if agenda.is_due(current, self._context.clock.now()) else None

    async def _take(self, live: Live, dialog: Dialog, poked: asyncio.Event) -> TurnEnd:
        look = await self._decide(live, dialog)
        match look.step:
            case Nothing():
                async with transaction(self._context.pool) as connection:
                    await dialogs.lock_owned(connection, dialog.id, live.fence)
                    await turns.nothing_to_say(connection, dialog)
                return TurnEnd.NOTHING
            case Wait(until=until, reason=reason):
                async with transaction(self._context.pool) as connection:
                    await dialogs.lock_owned(connection, dialog.id, live.fence)
                    await agenda.wait(connection, dialog, until, self._context.clock.now(), reason)
                    if reason == "quiet_hours" and dialog.follow_up_at is None:
                        await self._opening_waits(connection, dialog, until)
                return TurnEnd.WAITS
            case Speak(purpose=Purpose.REPLY, history=history) if self._is_machine(dialog, history):
                return await self._hand_over(live, dialog, "two_bots")
            case Speak() as step:
                return await self._speak(live, dialog, look, step, poked)

    def _is_machine(self, dialog: Dialog, history: History) -> bool:
        """What was said before the dialog was given back to the model was judged by a human."""
        since = dialog.status_since.replace(microsecond=0) if dialog.status_since else None  # Telegram's are whole
        lately = [one for one in history.messages if since is None or one.timestamp >= since]
        now, limits = self._context.clock.now(), self._context.scenario(dialog).limits
        return bots.two_machines(replace(history, messages=tuple(lately)), now, limits)

    async def _opening_waits(self, connection: Connection, dialog: Dialog, until: datetime) -> None:
        """The operator who wrote /start in the evening hears when the first message goes out."""
        await events.record(
            connection,
            "opening_waits",
            actor="system",
            dialog_id=dialog.id,
            account_id=dialog.account_id,
            data={"until": until.isoformat()},
        )
        self._context.news.wake()

    async def _decide(self, live: Live, dialog: Dialog) -> _Look:
        """What came since the dialog was read is left out: it has a turn of its own."""
        assert dialog.contact_id is not None
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            contact = await contacts.get(connection, dialog.contact_id)
            stored = await messages.history(connection, dialog, HISTORY_LIMIT)
            history = [one for one in stored if one.dialog_id != dialog.id or one.revision <= dialog.revision]
            background = await self._background(connection, dialog, contact)
            now = self._context.clock.now()
            step = decide(dialog, history, now, self._context.scenario(dialog), background.timezone)
            if isinstance(step, Speak) and (await model_calls.left(connection, dialog)).paid is None:
                money = await model_calls.money_of(connection, dialog, self._context.settings.llm_models[0], now)
                await budget.look_ahead(self._context, connection, dialog, money)
        if isinstance(step, Speak) and step.purpose is Purpose.OPENING:
            step = await openings.place(self._context, live, dialog) or step
        return _Look(step, contact, background)

    async def _background(self, connection: Connection, dialog: Dialog, contact: Contact | None) -> Background:
        learnt = {fact.field: fact.value for fact in await facts.of_dialog(connection, dialog.id)}
        owed = tuple(task.what for task in await tasks.open_of(connection, dialog.id))
        scenario, phone = self._context.scenario(dialog), contact.phone if contact else ""
        told, spoken = (contact.timezone, contact.language) if contact else (None, None)
        return Background(learnt, owed, timezone_of(told, learnt, phone, spoken, scenario))

    async def _speak(self, live: Live, dialog: Dialog, look: _Look, step: Speak, poked: asyncio.Event) -> TurnEnd:
        """Read mark, typing, the model, the commit."""
        assert dialog.contact_id is not None
        if step.read_up_to is not None:
            await live.gateway.read(dialog.contact_id, step.read_up_to)
        begun = self._context.clock.now()
        try:
            draft = await self._writing.draft(live, dialog, look.contact, look.background, step, poked)
        except ModelUnavailable as exc:
            return await self._no_model(live, dialog, exc)
        except (InvalidReply, ModelRefused) as exc:
            return await self._hand_over(live, dialog, exc.code, apologise=step.purpose is Purpose.REPLY)
        if draft is None:
            return TurnEnd.SILENCED
        metrics.took(Phase.DRAFT, self._context.clock.now() - begun)
        await self._model_answers()
        ended = await commit(self._context, live, Prepared(dialog, look.background, step, draft, begun))
        self._summaries.look(live, dialog.id, step.history)
        return ended

    async def _no_model(self, live: Live, dialog: Dialog, exc: ModelUnavailable) -> TurnEnd:
        """No model answers: wait longer each time, tell the operator once, in the end hand over."""
        failures = dialog.failures + 1
        if failures >= PARK_AFTER:
            return await self._hand_over(live, dialog, "model_down")
        pause = max(timing.backoff(failures), timedelta(seconds=exc.retry_after or 0))
        async with transaction(self._context.pool) as connection:
            await dialogs.lock_owned(connection, dialog.id, live.fence)
            await agenda.hold(connection, dialog.id, self._context.clock.now() + pause, failures=failures)
            if failures == WORTH_TELLING and not self._model_down:
                if await events.last_of_the_house(connection, _MODEL) != "model_down":
                    await events.record(connection, "model_down", actor="system")
                self._model_down = True
        self._context.news.wake()
        logger.bind(dialog=dialog.id, failures=failures, error=str(exc)).warning("no model answers")
        return TurnEnd.NO_MODEL

    async def _model_answers(self) -> None:
        """Tell that it does again, if anybody was told that it does not: by this process, or by one before it."""
        if self._model_down is not False:
            self._model_down = False
            async with transaction(self._context.pool) as connection:
                if await events.last_of_the_house(connection, _MODEL) == "model_down":
                    await events.record(connection, "model_back", actor="system")
            self._context.news.wake()

    async def _hand_over(self, live: Live, dialog: Dialog, reason: str, *, apologise: bool = False) -> TurnEnd:
        """A human is needed; the person sees nothing of why, at most that a colleague comes. What came meanwhile gets a
        turn of its own."""
        async with transaction(self._context.pool) as connection:
            current = await dialogs.lock_owned(connection, dialog.id, live.fence)
            if current.revision != dialog.revision:
                return TurnEnd.OVERTAKEN
            now = self._context.clock.now()
            handed = await dialogs.apply(
                connection, current, DialogEvent.HANDOFF, actor="model", now=now, reason=reason, note=""
            )
            if apologise:
                sentence = self._context.scenario(dialog).safe_sentence
                await courtesy.say(self._context, connection, handed, sentence, Purpose.COURTESY)
        self._context.poke(dialog.id)
        return TurnEnd.HANDED_OVER
