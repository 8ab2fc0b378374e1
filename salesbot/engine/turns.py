"""A turn: look at a due dialog, decide, ask the model, commit the parts ``where revision = $mine`` (laws 2, 6, 8)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loguru import logger

from salesbot import metrics
from salesbot.dialog import bots, timing
from salesbot.dialog.decide import Nothing, Speak, Wait, decide
from salesbot.dialog.model import Dialog, DialogEvent, History, Part, Purpose, Status
from salesbot.dialog.timezones import timezone_of
from salesbot.engine import budget, courtesy, openings
from salesbot.engine.commit import Prepared, commit
from salesbot.engine.context import Context, Live, Poked
from salesbot.engine.summaries import Summaries
from salesbot.engine.writing import Writing
from salesbot.errors import BudgetReached, InvalidReply, ModelRefused, ModelUnavailable
from salesbot.llm.prompt import Background
from salesbot.metrics import Phase, TurnEnd
from salesbot.store import agenda, briefing, dialogs, events, messages, model_calls, turns
from salesbot.store.briefing import Brief
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction

HISTORY_LIMIT = 120
FRESH = 1.0
"""Seconds after which what was read of a dialog is read again: another process may have changed it."""
WORTH_TELLING = 2
"""Failures in a row from which on the operator hears that no model answers: one is a hiccup."""
PARK_AFTER = 8
"""Failures in a row after which a dialog is handed to a human (about twenty minutes of backoff)."""
_MODEL = ("model_down", "model_back")


@dataclass(frozen=True, slots=True)
class _Look:
    """A dialog's next step, and what is known of the person."""

    step: Nothing | Wait | Speak
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

    async def take(self, live: Live, brief: Brief, poked: Poked, stop: asyncio.Event) -> Part | None:
        """One turn of an active, compared dialog, read just now; ``poked`` is set when something happens to it. Gives
        the first part of a reply that can be sent.

        A turn that was waiting for its slot when the process was told to ``stop`` is not begun (law 11).
        """
        clock = self._context.clock
        asked = clock.monotonic()
        async with self._slots:
            current: Brief | None = brief
            if poked.unseen or clock.monotonic() - asked > FRESH:
                current = await self._reread(brief, poked) if not stop.is_set() else None
            if current is None or stop.is_set():
                return None
            metrics.took(Phase.QUEUE, agenda.lateness(current.dialog, clock.now()))
            first: Part | None = None
            try:
                ended, first = await self._take(live, current, poked)
            except BudgetReached as exc:
                await budget.reached(self._context, live, current.dialog, exc)
                ended = TurnEnd.NO_MONEY
            metrics.turn_ended(ended)
            return first

    async def rest(self) -> None:
        """Return when nothing of this is done in the background: summaries, and drafts that nobody waits for."""
        await self._summaries.rest()
        await self._writing.rest()

    async def _reread(self, brief: Brief, poked: Poked) -> Brief | None:
        """The dialog as it is after its turn had to wait; None when it no longer is one's turn."""
        now, model = self._context.clock.now(), self._context.settings.llm_models[0]
        poked.look()
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            current = await briefing.read(connection, brief.dialog.id, model=model, now=now)
        if current is None or current.dialog.status is not Status.ACTIVE or current.dialog.compare:
            return None
        due = agenda.turn_at(current.dialog)
        return current if current.part is None and due is not None and due <= now else None

    async def _take(self, live: Live, brief: Brief, poked: Poked) -> tuple[TurnEnd, Part | None]:
        look, dialog = await self._decide(live, brief), brief.dialog
        match look.step:
            case Nothing():
                async with transaction(self._context.pool) as connection:
                    await dialogs.lock_owned(connection, dialog.id, live.fence)
                    await turns.nothing_to_say(connection, dialog)
                return TurnEnd.NOTHING, None
            case Wait(until=until, reason=reason):
                async with transaction(self._context.pool) as connection:
                    await dialogs.lock_owned(connection, dialog.id, live.fence)
                    await agenda.wait(connection, dialog, until, self._context.clock.now(), reason)
                    if reason == "quiet_hours" and dialog.follow_up_at is None:
                        await self._opening_waits(connection, dialog, until)
                return TurnEnd.WAITS, None
            case Speak(purpose=Purpose.REPLY, history=history) if self._is_machine(dialog, history):
                return await self._hand_over(live, dialog, "two_bots"), None
            case Speak() as step:
                return await self._speak(live, brief, look.background, step, poked)

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

    async def _decide(self, live: Live, brief: Brief) -> _Look:
        """What came since the dialog was read is left out: it has a turn of its own."""
        dialog = brief.dialog
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            stored = await messages.history(connection, dialog, HISTORY_LIMIT)
            history = [one for one in stored if one.dialog_id != dialog.id or one.revision <= dialog.revision]
            background = self._background(brief)
            now = self._context.clock.now()
            step = decide(dialog, history, now, self._context.scenario(dialog), background.timezone)
            if isinstance(step, Speak) and brief.left.unsettled:
                await model_calls.sweep(connection, dialog)
            if isinstance(step, Speak) and brief.left.paid is None:
                await budget.look_ahead(self._context, connection, dialog, brief.money)
        if isinstance(step, Speak) and step.purpose is Purpose.OPENING:
            step = await openings.place(self._context, live, dialog) or step
        return _Look(step, background)

    def _background(self, brief: Brief) -> Background:
        scenario, person, learnt = self._context.scenario(brief.dialog), brief.contact, brief.facts
        told, spoken, phone = (person.timezone, person.language, person.phone) if person else (None, None, "")
        return Background(learnt, brief.owed, timezone_of(told, learnt, phone, spoken, scenario))

    async def _speak(
        self, live: Live, brief: Brief, background: Background, step: Speak, poked: Poked
    ) -> tuple[TurnEnd, Part | None]:
        """Read mark, typing, the model, the commit."""
        dialog = brief.dialog
        assert dialog.contact_id is not None
        if step.read_up_to is not None:
            await live.gateway.read(dialog.contact_id, step.read_up_to)
        begun = self._context.clock.now()
        try:
            draft = await self._writing.draft(live, brief, background, step, poked)
        except ModelUnavailable as exc:
            return await self._no_model(live, dialog, exc), None
        except (InvalidReply, ModelRefused) as exc:
            return await self._hand_over(live, dialog, exc.code, apologise=step.purpose is Purpose.REPLY), None
        if draft is None:
            return TurnEnd.SILENCED, None
        metrics.took(Phase.DRAFT, self._context.clock.now() - begun)
        await self._model_answers()
        ended, first = await commit(self._context, live, Prepared(dialog, background, step, draft, begun))
        self._summaries.look(live, dialog.id, step.history)
        return ended, first

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
