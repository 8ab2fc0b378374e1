"""Finds dialogs that have something to do and works at each with one task at a time.

Nothing that matters waits in memory: what is due stands in the database, a commit wakes the loop, and a look each
second is the net. A turn is a boundary (law 10): its failure is recorded on its dialog, retried later, then parked.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from loguru import logger

from salesbot.dialog import timing
from salesbot.dialog.model import DialogEvent, SendState, Status
from salesbot.engine import openings
from salesbot.engine.context import Context, Live
from salesbot.engine.outbox import Outbox
from salesbot.engine.reconcile import Reconciler
from salesbot.engine.turns import Turns
from salesbot.errors import AccountUnusable, FloodWait, NotOwner, Refused, Transient, Unknown, Unreachable
from salesbot.lifecycle import cancel_and_wait
from salesbot.store import accounts, dialogs, events, parts
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, transaction

LOOK_EVERY = 1.0
MOST_WORKERS = 1000
PAUSE = timedelta(seconds=2)
"""How long a dialog waits after its account's connection failed it."""
PARK_AFTER = 5


class Scheduler:
    """The one loop that starts work; ``poke`` a dialog through the context to have it looked at sooner."""

    def __init__(self, context: Context, turns: Turns, outbox: Outbox, reconciler: Reconciler) -> None:
        self._context = context
        self._turns = turns
        self._outbox = outbox
        self._reconciler = reconciler
        self._workers: dict[int, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look for work until stop."""
        while not stop.is_set():
            pause = LOOK_EVERY
            try:
                pause = await self._look()
            except UNAVAILABLE as exc:
                logger.bind(error=type(exc).__name__).warning("the database is away")
            await self._context.work.wait(stop, pause)

    async def drain(self, turns_budget: float, sends_budget: float) -> None:
        """Law 11: running turns commit or are cancelled; the send in flight gets its answer or stays ``sending``."""
        running = set(self._workers.values())
        if running:
            await asyncio.wait(running, timeout=turns_budget)
        await cancel_and_wait({task for task in running if not task.done()}, sends_budget)
        await self._outbox.drain(sends_budget)

    async def _look(self) -> float:
        """Start a worker for every dialog that has work; returns the seconds until the next one will have."""
        context = self._context
        ours = list(context.live)
        if not ours:
            return LOOK_EVERY
        now = context.clock.now()
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            due = await dialogs.due(connection, ours, now, MOST_WORKERS)
            quiet = await dialogs.due_follow_ups(connection, ours, now, MOST_WORKERS)
            waiting = await parts.waiting(connection, ours, now)
            next_at = await dialogs.next_due(connection, ours)
        found = [(one.account_id, one.id) for one in (*due, *quiet)] + [*waiting]
        for account_id, dialog_id in found:
            if account_id is not None:
                self._start(account_id, dialog_id)
        if next_at is None:
            return LOOK_EVERY
        return min(LOOK_EVERY, max(0.01, (next_at - now).total_seconds()))

    def _start(self, account_id: int, dialog_id: int) -> None:
        if dialog_id in self._workers or len(self._workers) >= MOST_WORKERS:
            return
        task = asyncio.create_task(self._work(account_id, dialog_id), name=f"dialog-{dialog_id}")
        self._workers[dialog_id] = task
        task.add_done_callback(lambda _: self._ended(dialog_id))

    def _ended(self, dialog_id: int) -> None:
        """What was committed while the worker was ending is looked at by the next one."""
        del self._workers[dialog_id]
        poked = self._context.poked.pop(dialog_id, None)
        if poked is not None and poked.is_set():
            self._context.work.wake()

    async def _work(self, account_id: int, dialog_id: int) -> None:
        """Do what one dialog needs until it needs nothing."""
        poked = self._context.poked[dialog_id] = asyncio.Event()
        live: Live | None = None
        log = logger.bind(dialog=dialog_id)
        try:
            while (live := self._context.live.get(account_id)) is not None:
                poked.clear()
                if not await self._step(live, dialog_id, poked):
                    return
        except UNAVAILABLE as exc:
            log.bind(error=type(exc).__name__).warning("the database is away")
        except (NotOwner, AccountUnusable) as exc:
            log.bind(reason=str(exc)).info("the account is not ours to use")
        except FloodWait as exc:
            await self._wait_for_account(live, exc)
        except (Transient, Unknown) as exc:
            log.bind(error=str(exc)).warning("telegram did not answer")
            await self._postpone(dialog_id, PAUSE)
        except Unreachable as exc:
            await self._apply(dialog_id, DialogEvent.UNREACHABLE, exc.code)
        except Refused as exc:
            await self._apply(dialog_id, DialogEvent.HANDOFF, exc.code)
        except Exception as exc:  # noqa: BLE001 - law 10: one dialog's trouble ends on its own row
            log.opt(exception=exc).error("a turn failed")
            await self._failed(dialog_id)

    async def _step(self, live: Live, dialog_id: int, poked: asyncio.Event) -> bool:
        """One part or one turn. False when nothing can be done now."""
        context = self._context
        async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            part = await parts.next_of(connection, dialog_id)
            dialog = await dialogs.get(connection, dialog_id) if part is None else None
        now = context.clock.now()
        if part is not None:
            if part.send_state is SendState.SENDING:
                return await self._reconciler.resolve(live, part)
            return part.not_before <= now + PAUSE and await self._outbox.send_next(live, part, poked)
        if dialog is None or not dialogs.is_due(dialog, now):
            return False
        if dialog.status is Status.RESOLVING:
            await openings.resolve(context, live, dialog)
        elif dialog.compare:
            await self._reconciler.compare(live, dialog)
        else:
            await self._turns.take(live, dialog)
        return True

    async def _wait_for_account(self, live: Live | None, exc: FloodWait) -> None:
        """A flood wait on a reading call: the account waits, nothing else changes."""
        until = self._context.clock.now() + timedelta(seconds=exc.seconds)
        logger.bind(seconds=exc.seconds).warning("flood wait")
        if live is not None:
            async with transaction(self._context.pool) as connection:
                await accounts.flood(connection, live.fence, until)

    async def _postpone(self, dialog_id: int, pause: timedelta) -> None:
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock(connection, dialog_id)
            if dialog is not None:
                await dialogs.postpone(
                    connection, dialog_id, self._context.clock.now() + pause, failures=dialog.failures
                )

    async def _apply(self, dialog_id: int, event: DialogEvent, reason: str) -> None:
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock(connection, dialog_id)
            if dialog is not None and dialog.status is Status.ACTIVE:
                await dialogs.apply(connection, dialog, event, actor="system", now=now, reason=reason)
        self._context.poke(dialog_id)

    async def _failed(self, dialog_id: int) -> None:
        """Record a failure on its dialog; after a few in a row a human has to look."""
        now = self._context.clock.now()
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock(connection, dialog_id)
            if dialog is None:
                return
            failures = dialog.failures + 1
            if failures >= PARK_AFTER and dialog.status is Status.ACTIVE:
                await dialogs.apply(connection, dialog, DialogEvent.HANDOFF, actor="system", now=now, reason="failed")
                await events.record(connection, "parked", actor="system", dialog_id=dialog_id)
                return
            await dialogs.postpone(connection, dialog_id, now + timing.backoff(failures), failures=failures)
