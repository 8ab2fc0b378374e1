"""The clock of a rehearsed world: nobody waits for it. Who sleeps turns it, and what people do meanwhile happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from math import ceil


class SimulatedClock:
    """``meanwhile``: lets everything happen that happens until a moment, and tells when that was. It comes back early,
    at the time of the first thing that the sleeper might want to know of."""

    def __init__(self, start: datetime, meanwhile: Callable[[datetime], Awaitable[None]]) -> None:
        self._start = self._now = start
        self._meanwhile = meanwhile

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def turn(self, to: datetime) -> None:
        """It is then; never earlier than before."""
        self._now = max(self._now, to)

    async def sleep(self, seconds: float) -> None:
        """May return early: who sleeps looks again anyway. A microsecond passes at least, else nobody would get on."""
        if seconds > 0:
            await self._meanwhile(self._now + timedelta(microseconds=ceil(seconds * 1_000_000)))
