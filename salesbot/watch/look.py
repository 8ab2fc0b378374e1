"""One look at how the product is: what is asked for metrics, and before each heartbeat.

Healthy means: the event loop turns (else nobody would look), the database answers, no account is out by Telegram's
word, each is connected, here or in another process, and the bot hears from the Bot API. Connections come and go, so
what is away counts after ``GRACE`` alone, and where Telegram makes the account wait, or a restored one reads what was
said meanwhile, after ``LONG_GRACE``. A model that does not answer, money that is spent, a pause, a flood wait are
no illness of this program: the bot tells of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import asyncpg

from salesbot import metrics
from salesbot.clock import Clock
from salesbot.store import health, switches, watching
from salesbot.store.health import Queue
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE
from salesbot.store.watching import Standing

GRACE = 300.0
"""Seconds for which a connection may be away."""
LONG_GRACE = 3600.0
"""Seconds for which it may where that is known to take its time."""


@dataclass(frozen=True, slots=True)
class Look:
    """``queue`` is None, and there are no accounts, while the database is away."""

    accounts: Sequence[Standing]
    queue: Queue | None
    connected: frozenset[int]
    """The accounts that this process speaks for now."""
    paused: bool
    """An admin has silenced everything."""
    wrong: Sequence[str]
    """What is not well, in codes and numbers of accounts; nothing: healthy."""


class Observer:
    """Looks, and remembers since when something is away."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        clock: Clock,
        connected: Callable[[], Collection[int]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool, self._clock, self._connected, self._monotonic = pool, clock, connected, monotonic
        self._begun = monotonic()
        self._missed: dict[int, float] = {}
        """Accounts that nobody is connected with, and since when."""

    async def look(self) -> Look:
        """Waits at most as long as for a connection of the pool, and as long again for its answers."""
        connected = frozenset(self._connected())
        try:
            async with asyncio.timeout(2 * ACQUIRE_TIMEOUT):
                async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                    accounts = await watching.accounts(connection)
                    queue = await health.queue(connection, self._clock.now())
                    paused = (await switches.get(connection)).paused_at is not None
        except UNAVAILABLE:
            return Look((), None, connected, False, ("database",))
        return Look(accounts, queue, connected, paused, (*self._out(accounts, connected), *self._deaf()))

    def _out(self, accounts: Sequence[Standing], connected: Collection[int]) -> Sequence[str]:
        now = self._monotonic()
        missed = {
            one.id: self._missed.get(one.id, now)
            for one in accounts
            if one.state == "ready" and one.id not in connected and not one.elsewhere
        }
        self._missed = missed
        out = [f"account {one.id} is {one.state}" for one in accounts if one.out]
        late = [
            f"account {one.id} is not connected"
            for one in accounts
            if one.id in missed and now - missed[one.id] > self._grace(one)
        ]
        return [*out, *late]

    def _grace(self, account: Standing) -> float:
        waits = account.flood_until is not None and account.flood_until > self._clock.now()
        return LONG_GRACE if waits or account.catching_up else GRACE

    def _deaf(self) -> Sequence[str]:
        heard = metrics.LAST_POLL.of()
        silent = self._monotonic() - self._begun if heard is None else heard
        return ["the bot hears nothing"] if silent > GRACE else []
