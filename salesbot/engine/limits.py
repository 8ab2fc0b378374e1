"""What Telegram limits an account to. Each is one transaction, and told to the operator once."""

from __future__ import annotations

from datetime import timedelta

from loguru import logger

from salesbot import metrics
from salesbot.dialog.model import Dialog, DialogEvent, Outcome
from salesbot.engine.context import Context, Live
from salesbot.errors import FloodWait, Refused, Unreachable
from salesbot.store import accounts, agenda, dialogs, events, parts
from salesbot.store.dialogs import Fence
from salesbot.store.pool import Connection, transaction

WORTH_TELLING = 60.0
"""Seconds from which on the operator hears of a wait."""
OPENINGS_LOOK = timedelta(minutes=1)
"""How soon an opening looks again whether the operator allows the account new conversations."""


async def account_waits(context: Context, connection: Connection, fence: Fence, wait: FloodWait) -> None:
    """A flood wait: this account's queue waits; the operator sees until when."""
    now = context.clock.now()
    until = now + timedelta(seconds=wait.seconds)
    max_age = timedelta(seconds=context.settings.timing.part_max_age)
    await parts.outlast(connection, fence.account_id, until + max_age)
    if await accounts.flood(connection, fence, until, now) and wait.seconds >= WORTH_TELLING:
        await _tell(connection, "flood_wait", fence, wait, until.isoformat())
    metrics.flood_wait(fence.account_id, wait.seconds)
    logger.bind(account=fence.account_id, seconds=wait.seconds).warning("flood wait")


async def names_wait(context: Context, live: Live, wait: FloodWait) -> None:
    """A flood wait on looking up names, which may be hours long: openings wait, what runs goes on."""
    until = context.clock.now() + timedelta(seconds=wait.seconds)
    async with transaction(context.pool) as connection:
        await agenda.hold_openings(connection, live.fence.account_id, until)
        if wait.seconds >= WORTH_TELLING:
            await _tell(connection, "names_wait", live.fence, wait, until.isoformat())
    metrics.flood_wait(live.fence.account_id, wait.seconds)
    logger.bind(account=live.fence.account_id, seconds=wait.seconds).warning("flood wait on looking up names")


async def refused(context: Context, connection: Connection, dialog: Dialog, exc: Refused) -> Dialog:
    """A final no in an active dialog: the person cannot be written to, or a human has to look."""
    now = context.clock.now()
    event, outcome = DialogEvent.HANDOFF, None
    if isinstance(exc, Unreachable):
        event = DialogEvent.UNREACHABLE
        outcome = Outcome.BLOCKED if exc.code == "blocked" else Outcome.UNREACHABLE
    return await dialogs.apply(connection, dialog, event, actor="system", now=now, outcome=outcome, reason=exc.code)


async def _tell(connection: Connection, kind: str, fence: Fence, wait: FloodWait, until: str) -> None:
    await events.record(
        connection,
        kind,
        actor="system",
        account_id=fence.account_id,
        data={"until": until, "seconds": round(wait.seconds)},
    )
