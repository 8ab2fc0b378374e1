"""What has to be done although nobody writes: four times a minute, for the accounts that this process serves (law 3).

Humans who are awaited and do not come, takeovers that are forgotten, drafts that nobody looks at, promises whose time
has come, texts to be erased, money that is there again. Every step is one short transaction with its dialog locked, and
leaves a mark in a row: it is done once, whoever dies or takes over in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from loguru import logger

from salesbot.dialog import patience, timing
from salesbot.dialog.model import Dialog, DialogEvent, Purpose
from salesbot.dialog.patience import Patience, Step
from salesbot.dialog.remembered import forget_texts
from salesbot.dialog.timezones import timezone_of
from salesbot.engine import budget, campaigns, courtesy, pause
from salesbot.engine.context import Context, Live
from salesbot.errors import NotOwner
from salesbot.store import accounts, agenda, contacts, dialogs, drafts, events, facts, retention, tasks
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE, Connection, transaction

EVERY = 15.0
BATCH = 100


class Chores:
    """One named task; ``look`` is one round of it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self._patience = Patience(
            timedelta(minutes=settings.handoff_reminder_minutes),
            timedelta(minutes=settings.handoff_apology_minutes),
            timedelta(hours=settings.takeover_hours),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """A round every quarter of a minute of the injected clock, until stop."""
        while not stop.is_set():
            await self.look()
            await self._pause(stop)

    async def look(self) -> None:
        """Do all that is to be done now. One chore's trouble is not the others'."""
        here = (self._await_humans, self._expire_drafts, self._keep_promises)
        for chore in (*here, self._go_on, self._begin, self._confirm, self._erase):
            try:
                await chore()
            except UNAVAILABLE as exc:
                logger.bind(error=type(exc).__name__).warning("the database is away")
                return
            except Exception as exc:  # noqa: BLE001 - it is tried again soon; nobody who talks waits for it
                logger.opt(exception=exc).error("a chore failed")

    async def _pause(self, stop: asyncio.Event) -> None:
        sleeping = asyncio.ensure_future(self._context.clock.sleep(EVERY))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait((sleeping, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()

    async def _each(self, found: Sequence[tuple[int, int]], step: Callable[[Live, int], Awaitable[bool]]) -> None:
        """Do something for each (account, dialog) that is still ours; one dialog's trouble is not the others'."""
        for account_id, dialog_id in found:
            if (live := self._context.live.get(account_id)) is None:
                continue
            try:
                if await step(live, dialog_id):
                    self._context.poke(dialog_id)
            except UNAVAILABLE:
                raise
            except NotOwner as exc:
                logger.bind(dialog=dialog_id, reason=str(exc)).info("the account is not ours to use")
            except Exception as exc:  # noqa: BLE001 - law 10: it is recorded, and tried again soon
                logger.bind(dialog=dialog_id).opt(exception=exc).error("a chore failed")

    async def _await_humans(self) -> None:
        """Dialogs that wait for a human for too long, or that one keeps for too long."""
        now, mine = self._context.clock.now(), self._patience
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await agenda.waiting_for_humans(
                connection,
                list(self._context.live),
                remind=now - mine.reminder if mine.reminder else None,
                apologise=now - mine.apology if mine.apology else None,
                taken=now - mine.takeover + mine.notice if mine.takeover else None,
                now=now,
            )
        await self._each(found, self._await_human)

    async def _await_human(self, live: Live, dialog_id: int) -> bool:
        """What is next for one dialog; what comes after that has its time in another round."""
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock_owned(connection, dialog_id, live.fence)
            return not self._context.rests(dialog.contact_id) and await self._take_step(connection, dialog)

    async def _take_step(self, connection: Connection, dialog: Dialog) -> bool:
        now = self._context.clock.now()
        silence = await agenda.silence(connection, dialog)
        match patience.step(dialog, now, self._patience, awaited=silence.awaited, human_at=silence.human_at):
            case Step.REMIND:
                await self._said(connection, dialog, patience.REMINDED, "handoff_waits")
            case Step.APOLOGISE if await self._may_speak(connection, dialog):
                waiting = self._context.scenario(dialog).waiting
                said = await courtesy.say(self._context, connection, dialog, waiting, Purpose.COURTESY)
                await self._said(connection, dialog, patience.APOLOGISED, "apologised" if said else "")
            case Step.ANNOUNCE:
                await self._said(connection, dialog, patience.REMINDED, "takeover_ends_soon")
            case Step.GIVE_BACK:
                await dialogs.apply(
                    connection, dialog, DialogEvent.GIVE, actor="system", now=now, reason="takeover_over"
                )
            case _:
                return False
        return True

    async def _said(self, connection: Connection, dialog: Dialog, reminders: int, kind: str) -> None:
        await agenda.reminded(connection, dialog.id, reminders, self._context.clock.now())
        if kind:
            await events.record(connection, kind, actor="system", dialog_id=dialog.id, account_id=dialog.account_id)

    async def _may_speak(self, connection: Connection, dialog: Dialog) -> bool:
        """Neither is it night there nor does the account wait: a sentence that comes hours later fits nothing."""
        assert dialog.account_id is not None
        if dialog.paused:
            return False
        now = self._context.clock.now()
        if await accounts.waits_until(connection, dialog.account_id, now) > now:
            return False
        return not await self._is_quiet_there(connection, dialog)

    async def _is_quiet_there(self, connection: Connection, dialog: Dialog) -> bool:
        assert dialog.contact_id is not None
        scenario = self._context.scenario(dialog)
        contact = await contacts.get(connection, dialog.contact_id)
        learnt = {fact.field: fact.value for fact in await facts.of_dialog(connection, dialog.id)}
        known = (contact.timezone, contact.phone, contact.language) if contact else (None, "", None)
        zone = timezone_of(known[0], learnt, known[1], known[2], scenario)
        return timing.within_quiet_hours(self._context.clock.now(), scenario, zone)

    async def _keep_promises(self) -> None:
        """Promises whose time has come."""
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await tasks.due(connection, list(self._context.live), self._context.clock.now())
        await self._each(found, self._keep_promise)

    async def _keep_promise(self, live: Live, dialog_id: int) -> bool:
        """The operator is reminded of each once."""
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock_owned(connection, dialog_id, live.fence)
            due = await tasks.remind(connection, dialog_id, self._context.clock.now())
            for task in due:
                await events.record(
                    connection,
                    "task_due",
                    actor="system",
                    dialog_id=dialog_id,
                    account_id=dialog.account_id,
                    data={"task": task.id},
                )
        return bool(due)

    async def _expire_drafts(self) -> None:
        """Drafts for which nobody pressed a button."""
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await drafts.expired(connection, list(self._context.live), self._context.clock.now())
        await self._each(found, self._expire_draft)

    async def _expire_draft(self, live: Live, dialog_id: int) -> bool:
        async with transaction(self._context.pool) as connection:
            dialog = await dialogs.lock_owned(connection, dialog_id, live.fence)
            return await drafts.expire(connection, dialog, self._context.clock.now())

    async def _confirm(self) -> None:
        await pause.confirm(self._context)

    async def _go_on(self) -> None:
        await budget.go_on(self._context)

    async def _begin(self) -> None:
        await campaigns.go_on(self._context)

    async def _erase(self) -> None:
        """Of any account: one that nobody can serve any more has people's words as well."""
        days, now = self._context.settings.retention_days, self._context.clock.now()
        if not days:
            return
        before, erased = now - timedelta(days=days), 0
        async with self._context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await retention.erasable(connection, before, BATCH)
        for dialog_id in found:
            async with transaction(self._context.pool) as connection:
                if await dialogs.lock(connection, dialog_id) is not None:
                    erased += await retention.erase(connection, dialog_id, before, now)
        if erased:
            forget_texts()
            logger.bind(dialogs=erased).info("texts of ended dialogs are erased")
