"""Time and patience: a clock that a test turns, and how long it waits for what has to happen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

PATIENCE = 10.0


class TurnableClock:
    """The machine's clock, and what a test adds to it."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._turned = asyncio.Condition()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Until so much has passed, or was turned over."""
        ends = self.monotonic() + seconds
        async with self._turned:
            while (left := ends - self.monotonic()) > 0:
                try:
                    async with asyncio.timeout(left):
                        await self._turned.wait()
                except TimeoutError:
                    return

    async def turn(self, by: timedelta) -> None:
        self._ahead += by.total_seconds()
        async with self._turned:
            self._turned.notify_all()


async def until(condition: Callable[[], Awaitable[bool] | bool], what: str = "") -> None:
    """Wait until something has become true; a row tells nobody that it changed."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                held = condition()
                if held if isinstance(held, bool) else await held:
                    return
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"did not happen: {what or condition}") from None
