"""What takes a while and would hold up the next command waits here; ``beside`` does it, one after the other.

Nothing that matters: an errand that a stop cuts off is asked for again by whoever misses it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from salesbot.i18n import Lang
from salesbot.lifecycle import Pulse

LOOK = 30.0


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to do for an admin, who is told when it fails."""

    chat_id: int
    lang: Lang
    work: Callable[[], Awaitable[None]]


class Errands:
    """Each has a key: of two with the same key that wait, the later one is wanted."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Errand] = {}
        self._pulse = Pulse()

    def add(self, key: Hashable, errand: Errand) -> None:
        self._waiting.pop(key, None)
        self._waiting[key] = errand
        self._pulse.wake()

    async def take(self, stop: asyncio.Event) -> Errand | None:
        """The one that waits longest; None: it is time to stop."""
        while not self._waiting and not stop.is_set():
            await self._pulse.wait(stop, LOOK)
        return None if stop.is_set() else self._waiting.pop(next(iter(self._waiting)))
