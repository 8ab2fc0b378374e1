"""The pause of everything. That nothing is claimed in it is the claim's affair; here is what it says in the end."""

from __future__ import annotations

from salesbot.engine.context import Context
from salesbot.store import events, switches
from salesbot.store.pool import ACQUIRE_TIMEOUT, transaction


async def confirm(context: Context) -> None:
    """What was in flight when everything was paused has landed: whoever paused it hears so, once."""
    async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        said = await switches.get(connection)
    if said.paused_at is None or said.quiet:
        return
    async with transaction(context.pool) as connection:
        if not await switches.landed(connection, context.clock.now()):
            return
        await events.record(connection, "pause_confirmed", actor="system")
    context.news.wake()
