"""Waiting without sleeping: every change of the world is numbered, kept for a while, and wakes whoever waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from sandbox.control.views import event_view
from sandbox.world import Event, World

JsonObject = dict[str, Any]
Found = TypeVar("Found")

KEPT = 5_000


class Watch:
    def __init__(self, world: World) -> None:
        self._world = world
        self._events: deque[JsonObject] = deque(maxlen=KEPT)
        self._pulse = asyncio.Event()
        self.last = 0
        world.subscribe(self._on_event)
        world.log.listeners.append(lambda packet: self.pulse())

    def pulse(self) -> None:
        """Something changed: look again."""
        self._pulse.set()
        self._pulse = asyncio.Event()

    def _on_event(self, event: Event) -> None:
        self.last += 1
        self._events.append({"seq": self.last, **event_view(self._world, event)})
        self.pulse()

    def since(self, seq: int) -> list[JsonObject]:
        """The events numbered above ``seq``, as far as they are kept."""
        return [event for event in self._events if event["seq"] > seq]

    async def until(self, look: Callable[[], Found | None], seconds: float) -> Found | None:
        """What ``look`` finds, now or after a change; None when the time is over."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    pulse = self._pulse
                    found = look()
                    if found is not None:
                        return found
                    await pulse.wait()
        except TimeoutError:
            return None

    async def follow(self, seq: int, idle: float) -> AsyncIterator[list[JsonObject]]:
        """The events above ``seq`` as they come; an empty list after ``idle`` seconds without any."""
        while True:
            fresh = await self.until(lambda above=seq: self.since(above) or None, idle) or []  # type: ignore[misc]
            seq = fresh[-1]["seq"] if fresh else seq
            yield fresh
