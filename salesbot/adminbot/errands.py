"""What takes a while and would hold up the next command: done one after the other beside the handlers.

Nothing that matters: an errand that a stop cuts off is asked for again by whoever misses it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from salesbot.lifecycle import Pulse

LOOK = 30.0


class Errands:
    """Each has a key: of two with the same key that wait, the later one is wanted."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Callable[[], Awaitable[None]]] = {}
        self._pulse = Pulse()

    def add(self, key: Hashable, errand: Callable[[], Awaitable[None]]) -> None:
        self._waiting.pop(key, None)
        self._waiting[key] = errand
        self._pulse.wake()

    async def loop(self, stop: asyncio.Event) -> None:
        """Until stop. What an errand raises ends the process, so it has to know what may fail."""
        while not stop.is_set():
            while self._waiting and not stop.is_set():
                await self._waiting.pop(next(iter(self._waiting)))()
            await self._pulse.wait(stop, LOOK)
