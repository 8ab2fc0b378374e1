"""Finds dialogs that have something to do and works at each with one task at a time.

Nothing that matters waits in memory: what is due stands in the database, a commit wakes the loop, and a look each
second is the net. A turn is a boundary (law 10): its failure is recorded on its dialog, retried later, then parked.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from loguru import logger

from salesbot import metrics
from salesbot.dialog import timing
from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Part, SendState, Status
from salesbot.engine import limits, openings, pause
from salesbot.engine.context import Context, Live
from salesbot.engine.outbox import Outbox, Pace
from salesbot.engine.reconcile import Reconciler
from salesbot.engine.turns import Turns
from salesbot.errors import AccountUnusable, FloodWait, NotOwner, Refused, Transient, Unknown
from salesbot.metrics import TurnEnd
from salesbot.store import agenda, comparisons, dialogs, events, parts
from salesbot.store.agenda import Errand
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, Connection, transaction
from salesbot.store.switches import Switches

LOOK_EVERY = 1.0
MOST_WORKERS = 1000
PAUSE = timedelta(seconds=2)
"""How long a dialog waits after its account's connection failed it."""
PARK_AFTER = 5
CANCEL_BUDGET = 0.5


class Scheduler:
    """The one loop that starts work; ``poke`` a dialog through the context to have it looked at sooner."""

    def __init__(self, context: Context, turns: Turns, outbox: Outbox, reconciler: Reconciler) -> None:
        self._context = context
        self._turns = turns
        self._outbox = outbox
        self._reconciler = reconciler
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._paused = False
        self._stop = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Look for work until stop; from then on nothing is begun."""
        self._stop = stop
        while not stop.is_set():
            pause = LOOK_EVERY
            try:
                pause = await self._look()
            except UNAVAILABLE as exc:
                logger.bind(error=type(exc).__name__).warning("the database is away")
            await self._context.work.wait(stop, pause)

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

    async def _look(self) -> float:
        """Start a worker for every dialog that has work; returns the seconds until the next one will have."""
        context = self._context
        ours = list(context.live)
        if not ours:
            return LOOK_EVERY
        now = context.clock.now()
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            soon = now + timedelta(seconds=LOOK_EVERY)
            found = await agenda.look(connection, ours, soon, MOST_WORKERS, context.trial)
        await self._pause(found.switches)
        for errand in found.errands:
            if errand.at <= now:
                self._start(errand)
        return min([LOOK_EVERY, *((errand.at - now).total_seconds() for errand in found.errands if errand.at > now)])

    async def _pause(self, said: Switches) -> None:
        """When everything is paused whoever types or thinks hears of it; when all has landed, whoever paused it."""
        before, self._paused = self._paused, said.paused_at is not None
        if self._paused and not before:
            for poked in self._context.poked.values():
                poked.set()
        if self._paused and not said.quiet:
            await pause.confirm(self._context)

    def _start(self, errand: Errand) -> None:
        dialog_id = errand.dialog_id
        if self._stop.is_set() or dialog_id in self._workers or len(self._workers) >= MOST_WORKERS:
            return
        work = self.work(errand.account_id, dialog_id, unsend=errand.unsend)
        with logger.contextualize(account=errand.account_id, dialog=dialog_id):  # in all that its task says, and begins
            self._workers[dialog_id] = task = asyncio.create_task(work, name=f"dialog-{dialog_id}")
        task.add_done_callback(lambda done: self._ended(dialog_id, done))

    def _ended(self, dialog_id: int, task: asyncio.Task[None]) -> None:
        """What was committed while the worker was ending, or found no place, is looked at by the next one."""
        poked = self._context.poked.pop(dialog_id, None)
        if (poked is not None and poked.is_set()) or len(self._workers) >= MOST_WORKERS:
            self._context.work.wake()
        del self._workers[dialog_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.bind(dialog=dialog_id).opt(exception=error).error("a failure could not be recorded")

    async def work(self, account_id: int, dialog_id: int, *, unsend: bool = False) -> None:
        """Do what one dialog needs until it needs nothing. One at a time for each dialog: ``run`` sees to that."""
        poked = self._context.poked[dialog_id] = asyncio.Event()
        pace = Pace(poked)
        try:
            while not self._stop.is_set() and (live := self._context.live.get(account_id)) is not None:
                poked.clear()
                try:
                    if unsend:
                        await self._reconciler.take_back(live, dialog_id)
                        unsend = False
                    if not await self._step(live, dialog_id, pace):
                        return
                except UNAVAILABLE:
                    raise
                except Exception as exc:  # noqa: BLE001 - law 10: one dialog's trouble ends on its own row
                    with logger.contextualize(turn=pace.turn):
                        await self._trouble(live, dialog_id, exc)
                    return
        except UNAVAILABLE as exc:
            logger.bind(dialog=dialog_id, error=type(exc).__name__).warning("the database is away")
        except NotOwner as exc:
            logger.bind(dialog=dialog_id, reason=str(exc)).info("the account is not ours to use")

    async def _step(self, live: Live, dialog_id: int, pace: Pace) -> bool:
        """One part or one turn; before them, a comparison where there was none yet. False when nothing can be done
        now."""
        context, compared = self._context, dialog_id in live.compared
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            part = await parts.next_of(connection, dialog_id)
            dialog = None if part and compared and not part.held else await dialogs.get(connection, dialog_id)
        who = part or dialog
        if who is None or context.rests(who.contact_id):
            return False
        pace.turn = who.revision
        with logger.contextualize(turn=pace.turn):
            return await self._do(live, dialog, part, pace, compared=compared)

    async def _do(self, live: Live, dialog: Dialog | None, part: Part | None, pace: Pace, *, compared: bool) -> bool:
        """``part`` is the next one; ``dialog`` is given where that is not all that is needed to know."""
        now = self._context.clock.now()
        if part is not None and not part.held:
            unresolved = part.send_state is SendState.SENDING
            if part.not_before > (now if unresolved else now + PAUSE):
                return False
            if unresolved:
                await self._reconciler.resolve(live, part)
            elif dialog is not None:
                await self._reconciler.compare(live, dialog)
            elif not part.fits:
                await self._outbox.unclaimed(live, part)
            else:
                await self._outbox.send_next(live, part, pace)
            return True
        if dialog is None or not agenda.is_due(dialog, now):
            return False
        if dialog.status is Status.RESOLVING:
            await openings.resolve(self._context, live, dialog)
        elif dialog.compare or not compared:
            await self._reconciler.compare(live, dialog)
        elif part is not None:  # it waits for its button, or for the end of a pause: no second one is paid for
            return False
        else:
            await self._turns.take(live, dialog, pace.poked, self._stop)
        return True

    async def _trouble(self, live: Live, dialog_id: int, exc: Exception) -> None:
        """What a failed step means for its dialog. Raises ``NotOwner`` when that is no longer ours to say."""
        log = logger.bind(dialog=dialog_id)
        if isinstance(exc, NotOwner | AccountUnusable):
            log.bind(reason=str(exc)).info("the account is not ours to use")
            return
        async with transaction(self._context.pool) as connection:
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
