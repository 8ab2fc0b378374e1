"""Finds dialogs that have something to do and works at each with one task at a time.

Nothing that matters waits in memory: what is due stands in the database. A commit begins with the dialog it concerns,
and a look each second is the net. A turn is a boundary (law 10): its failure is recorded on its dialog, retried later,
then parked.
"""

from __future__ import annotations

import asyncio
from contextvars import Context as Variables
from contextvars import copy_context
from datetime import datetime, timedelta

from loguru import logger

from salesbot import metrics
from salesbot.dialog import timing
from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Part, SendState, Status
from salesbot.engine import explain, limits, openings, pause
from salesbot.engine.context import Context, Live, Poked
from salesbot.engine.outbox import Outbox, Pace
from salesbot.engine.reconcile import Reconciler
from salesbot.engine.turns import Turns
from salesbot.errors import AccountUnusable, FloodWait, NotOwner, Refused, Transient, Unknown
from salesbot.lifecycle import beat, wait_any
from salesbot.metrics import TurnEnd
from salesbot.store import agenda, briefing, comparisons, dialogs, events
from salesbot.store.briefing import Brief, Errand
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, Connection, transaction
from salesbot.store.switches import Switches

LOOK_EVERY = 1.0
LOOK_REST = 0.02
"""How long the next look waits for the one before it, however much happens."""
ALARM_SLACK = 0.002
"""An alarm is set so much later: a loop may ring a millisecond early, and takes less than half of one for "now"."""
MOST_WORKERS = 1000
PAUSE = timedelta(seconds=2)
"""How long a dialog waits after its account's connection failed it."""
PARK_AFTER = 5
CANCEL_BUDGET = 0.5


class Scheduler:
    """The one loop that starts work; ``poke`` a dialog through the context to have it worked at sooner."""

    def __init__(self, context: Context, turns: Turns, outbox: Outbox, reconciler: Reconciler) -> None:
        self._context = context
        self._turns = turns
        self._outbox = outbox
        self._reconciler = reconciler
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._alarms: dict[int, asyncio.TimerHandle] = {}
        """Dialogs that have something to do within the second."""
        self._variables = Variables()
        self._paused = False
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Look for work until stop; from then on nothing is begun."""
        self._stop = stop
        self._variables = copy_context()  # a worker says nothing of whoever happened to wake it
        work, loop = self._context.work, asyncio.get_running_loop()
        work.begin, work.begin_at = self._begin, self._begin_at
        while not stop.is_set():
            try:
                await self._look()
            except UNAVAILABLE as exc:
                logger.bind(error=type(exc).__name__).warning("the database is away")
            looked = loop.time()
            await work.wait(stop, beat(LOOK_EVERY))
            if (rest := looked + LOOK_REST - loop.time()) > 0:
                await wait_any(stop, timeout=rest)
        for alarm in self._alarms.values():
            alarm.cancel()

    async def drain(self, turns_budget: float, sends_budget: float) -> None:
        """Law 11: running turns commit or are cancelled; the send in flight gets its answer or stays ``sending``."""
        for poked in self._context.poked.values():
            poked.set()
        running = set(self._workers.values())
        if running:
            _, running = await asyncio.wait(running, timeout=turns_budget)
        for task in running:
            task.cancel()
        await self._outbox.drain(sends_budget)
        if running:
            await asyncio.wait(running, timeout=CANCEL_BUDGET)

    async def _look(self) -> None:
        """Start a worker for every dialog that has work, at once or within the second."""
        context = self._context
        ours = list(context.live)
        if not ours:
            return
        soon = context.clock.now() + timedelta(seconds=LOOK_EVERY)
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await agenda.look(connection, ours, soon, MOST_WORKERS, context.trial)
        await self._pause(found.switches)
        for errand in found.errands:
            self._begin_at(errand.dialog_id, errand.at)

    async def _pause(self, said: Switches) -> None:
        """When everything is paused whoever types or thinks hears of it; when all has landed, whoever paused it."""
        before, self._paused = self._paused, said.paused_at is not None
        if self._paused and not before:
            for poked in self._context.poked.values():
                poked.set()
        if self._paused and not said.quiet:
            await pause.confirm(self._context)

    def _begin_at(self, dialog_id: int, at: datetime) -> None:
        """At once if that time has come, by an alarm if it will have within the second; later is for a later look."""
        left = (at - self._context.clock.now()).total_seconds()
        if left <= 0:
            self._begin(dialog_id)
        elif dialog_id not in self._workers:
            self._set_alarm(dialog_id, at)

    def _set_alarm(self, dialog_id: int, at: datetime) -> None:
        loop = asyncio.get_running_loop()
        left = max((at - self._context.clock.now()).total_seconds(), 0) + ALARM_SLACK
        alarm = self._alarms.get(dialog_id)
        if left <= LOOK_EVERY + ALARM_SLACK and (alarm is None or alarm.when() > loop.time() + left):
            self._silence(dialog_id)
            self._alarms[dialog_id] = loop.call_later(left, self._ring, dialog_id)

    def _ring(self, dialog_id: int) -> None:
        """Whoever works at it when its time comes may have read it before: they are not disturbed, another follows."""
        if (poked := self._context.poked.get(dialog_id)) is not None:
            poked.unseen = True
        self._begin(dialog_id)

    def _silence(self, dialog_id: int) -> None:
        if (alarm := self._alarms.pop(dialog_id, None)) is not None:
            alarm.cancel()

    def _begin(self, dialog_id: int) -> None:
        """Whoever works at it already is not disturbed: what they do not see is told to them by ``poke``."""
        self._silence(dialog_id)
        if self._stop.is_set() or dialog_id in self._workers or len(self._workers) >= MOST_WORKERS:
            return
        task = asyncio.create_task(self.work(dialog_id), name=f"dialog-{dialog_id}", context=self._variables.copy())
        self._workers[dialog_id] = task
        task.add_done_callback(lambda done: self._ended(dialog_id, done))

    def _ended(self, dialog_id: int, task: asyncio.Task[None]) -> None:
        """What was committed while the worker was ending, or found no place, is looked at by the next one."""
        del self._workers[dialog_id]
        if len(self._workers) + 1 >= MOST_WORKERS:
            self._context.work.wake()
        if (poked := self._context.poked.pop(dialog_id, None)) is not None and poked.unseen:
            self._begin(dialog_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.bind(dialog=dialog_id).opt(exception=error).error("a failure could not be recorded")

    async def work(self, dialog_id: int) -> None:
        """Do what one dialog needs until it needs nothing. One at a time for each dialog: ``run`` sees to that."""
        poked = self._context.poked[dialog_id] = Poked()
        pace = Pace(poked)
        with logger.contextualize(dialog=dialog_id):  # in all that its task says, and begins
            try:
                more = True
                while more and not self._stop.is_set():
                    poked.look()
                    try:
                        more = await self._step(dialog_id, pace)
                    except UNAVAILABLE:
                        raise
                    except Exception as exc:  # noqa: BLE001 - law 10: one dialog's trouble ends on its own row
                        with logger.contextualize(turn=pace.turn):
                            await self._trouble(dialog_id, exc)
                        more = False
            except UNAVAILABLE as exc:
                logger.bind(error=type(exc).__name__).warning("the database is away")
            except NotOwner as exc:
                logger.bind(reason=str(exc)).info("the account is not ours to use")

    async def _step(self, dialog_id: int, pace: Pace) -> bool:
        """Read the dialog and do one thing, the first that is due. False when nothing can be done now."""
        context, now = self._context, self._context.clock.now()
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            brief = await briefing.read(connection, dialog_id, model=context.settings.llm_models[0], now=now)
        live = context.live.get(brief.dialog.account_id) if brief and brief.dialog.account_id else None
        if brief is None or live is None or context.rests(brief.dialog.contact_id, brief.dialog.target_username):
            return False
        typed = brief.part is not None and brief.part.id == pace.part_id
        for errand, at in brief.errands:
            if at <= now or (errand is Errand.PART and typed and at <= now + PAUSE):
                pace.turn = (brief.part or brief.dialog).revision
                with logger.contextualize(account=live.fence.account_id, turn=pace.turn):
                    return await self._do(errand, live, brief, pace)
            self._set_alarm(dialog_id, at)
        return False

    async def _do(self, errand: Errand, live: Live, brief: Brief, pace: Pace) -> bool:
        """Before anything is said, a comparison where there was none yet."""
        dialog, part = brief.dialog, brief.part
        compared = dialog.id in live.compared
        match errand:
            case Errand.TAKE_BACK:
                await self._reconciler.take_back(live, dialog.id)
            case Errand.PART if part is not None and part.send_state is SendState.SENDING:
                await self._reconciler.resolve(live, part)
            case Errand.TURN if dialog.status is Status.RESOLVING:
                await openings.resolve(self._context, live, dialog)
            case Errand.PART | Errand.TURN if not compared or (errand is Errand.TURN and dialog.compare):
                await self._reconciler.compare(live, dialog)
            case Errand.PART if part is not None and part.fits and explain.current_for(part, dialog):
                return await self._say(live, part, pace)
            case Errand.TURN if part is None:
                first = await self._turns.take(live, brief, pace.poked, self._stop)
                return first is None or await self._say(live, first, pace)
            case _:
                assert part is not None
                if part.send_state is SendState.SENDING or (part.fits and explain.current_for(part, dialog)):
                    return False  # it waits for its time, its button, the end of a pause: none is paid for beside it
                await self._outbox.unclaimed(live, part)
        return True

    async def _say(self, live: Live, part: Part, pace: Pace) -> bool:
        """Nothing is begun after a stop (law 11), and what is held or has a time far off is not typed until then. Nor
        is anything claimed on a connection that ended while the model thought."""
        if self._stop.is_set() or part.held or self._context.live.get(part.account_id) is not live:
            return True
        if part.not_before > self._context.clock.now() + PAUSE:
            return True
        return await self._outbox.send_next(live, part, pace)

    async def _trouble(self, dialog_id: int, exc: Exception) -> None:
        """What a failed step means for its dialog. Raises ``NotOwner`` when that is no longer ours to say."""
        log = logger.bind(dialog=dialog_id)
        if isinstance(exc, NotOwner | AccountUnusable):
            log.bind(reason=str(exc)).info("the account is not ours to use")
            return
        async with transaction(self._context.pool) as connection:
            read = await dialogs.get(connection, dialog_id)
            live = self._context.live.get(read.account_id) if read and read.account_id else None
            if live is None:
                raise NotOwner(f"dialog {dialog_id} is not ours any more") from exc
            dialog = await dialogs.lock_owned(connection, dialog_id, live.fence)
            match exc:
                case FloodWait():
                    await limits.account_waits(self._context, connection, live.fence, exc)
                case Transient() | Unknown():
                    log.bind(error=str(exc)).warning("telegram did not answer")
                    until = self._context.clock.now() + PAUSE
                    await agenda.hold(connection, dialog_id, until, failures=dialog.failures)
                case Refused():
                    await self._refused(connection, dialog, exc)
                case _:
                    metrics.turn_ended(TurnEnd.FAILED)
                    log.opt(exception=exc).error("a turn failed")
                    await self._failed(connection, dialog)
        self._context.news.wake()

    async def _refused(self, connection: Connection, dialog: Dialog, exc: Refused) -> None:
        """Telegram will not show or take what this dialog needs; one that is not to speak needs nothing then."""
        if dialog.status is Status.ACTIVE:
            await limits.refused(self._context, connection, dialog, exc)
        await comparisons.compared(connection, dialog.id, 0)

    async def _failed(self, connection: Connection, dialog: Dialog) -> None:
        """Record a failure on its dialog; after a few in a row a human has to look."""
        now, failures = self._context.clock.now(), dialog.failures + 1
        if failures < PARK_AFTER or dialog.status not in (Status.ACTIVE, Status.RESOLVING):
            await agenda.hold(connection, dialog.id, now + timing.backoff(failures), failures=failures)
        elif dialog.status is Status.RESOLVING:
            await openings.fail(self._context, connection, dialog, Outcome.NONE, "failed")
        else:
            await dialogs.apply(connection, dialog, DialogEvent.HANDOFF, actor="system", now=now, note="", quiet=True)
            await events.record(
                connection,
                "parked",
                actor="system",
                dialog_id=dialog.id,
                account_id=dialog.account_id,
                data={"reason": "failed"},
            )
