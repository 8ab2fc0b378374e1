"""Money: every call reserves what it may cost; a ceiling that is reached pauses what it concerns and is told.

Of the day: every dialog waits for the next one, or for a greater ceiling; what it wanted to say is decided anew then.
Of one dialog: a human is asked for. Handing the dialog back grants as much again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from loguru import logger

from salesbot.dialog.model import Dialog, DialogEvent, Status
from salesbot.engine.context import Context, Live
from salesbot.errors import BudgetReached
from salesbot.settings import Settings
from salesbot.store import agenda, budget_stops, dialogs, events, model_calls
from salesbot.store.model_calls import Ceilings, Money
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction

WAITING = "budget_day"
"""The reason for which dialogs wait for the next day."""
MOMENT = timedelta(seconds=3)
"""How long a turn waits for calls under way to tell what they cost."""


def ceilings(settings: Settings) -> Ceilings:
    return Ceilings(settings.budget_per_dialog or None, settings.budget_per_day or None)


async def look_ahead(context: Context, connection: Connection, dialog: Dialog, money: Money) -> None:
    """Raise ``BudgetReached`` before anything is begun that could not be ended: the person's line stays unread."""
    await model_calls.afford(connection, dialog, money, context.clock.now(), ceilings(context.settings))


async def reached(context: Context, live: Live, dialog: Dialog, exc: BudgetReached) -> None:
    """A turn could not be paid for: it waits, or a human goes on. The operator hears of either, unless it is for a
    moment."""
    async with transaction(context.pool) as connection:
        current = await dialogs.lock_owned(connection, dialog.id, live.fence)
        if current.revision == dialog.revision and current.status is Status.ACTIVE:
            if exc.passing:
                until = context.clock.now() + MOMENT
                await agenda.hold(connection, dialog.id, until, failures=current.failures)
            elif exc.scope == "day":
                await _wait(context, connection, dialog, model_calls.day_of(exc.at))
            else:
                await _hand_over(context, connection, current)
    context.poke(dialog.id)
    logger.bind(dialog=dialog.id, scope=exc.scope, passing=exc.passing).warning("no money left")


async def _wait(context: Context, connection: Connection, dialog: Dialog, day: datetime) -> None:
    """Until the day after ``day``: when that has begun meanwhile, nobody has to hear of it."""
    now, until = context.clock.now(), day + timedelta(days=1)
    if now >= until:
        return
    await agenda.wait(connection, dialog, until, now, WAITING)
    if await budget_stops.begin(connection, day.date()):
        await events.record(connection, "budget_day", actor="system", data={"until": until.isoformat()})


async def _hand_over(context: Context, connection: Connection, dialog: Dialog) -> None:
    now = context.clock.now()
    await dialogs.apply(
        connection, dialog, DialogEvent.HANDOFF, actor="system", now=now, reason="budget", note="", quiet=True
    )
    await events.record(
        connection,
        "budget_dialog",
        actor="system",
        dialog_id=dialog.id,
        account_id=dialog.account_id,
        data={"reason": "budget"},
    )


async def go_on(context: Context) -> None:
    """End the wait when there is money again. Any process may: the mark in the row says that it was done."""
    now, settings = context.clock.now(), context.settings
    async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        if not await budget_stops.under_way(connection):
            return
    async with transaction(context.pool) as connection:
        day = model_calls.day_of(now).date()
        stops = await budget_stops.under_way(connection)
        if not stops or (
            stops[-1] == day
            and not await model_calls.day_has_room(connection, settings.llm_models, now, ceilings(settings).day)
        ):
            return
        if await budget_stops.end(connection, now):
            await agenda.go_on(connection, WAITING, now)
            await events.record(connection, "budget_back", actor="system")
    context.work.wake()
    context.news.wake()
