"""Waiting without sleeping: every change of the world is numbered, kept for a while, and wakes whoever waits."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import cached_property, partial
from itertools import islice
from typing import Any, TypeVar

from sandbox.control.views import event_view
from sandbox.world import Event, World

JsonObject = dict[str, Any]
Found = TypeVar("Found")

KEPT = 20_000


class Happened:
    """An event with its number; made readable only when somebody asks."""

    def __init__(self, world: World, seq: int, event: Event) -> None:
        self._world = world
        self._event = event
        self._at = time.time()
        self.seq = seq

    @cached_property
    def view(self) -> JsonObject:
        return {"seq": self.seq, "at": self._at, **event_view(self._world, self._event)}


class Watch:
    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: deque[Happened] = deque(maxlen=KEPT)
        self._pulse: asyncio.Event | None = None
        self.last = 0
        world.subscribe(self._on_event)
        world.log.listeners.append(lambda packet: self.pulse())

    def pulse(self) -> None:
        """Something changed: whoever waits looks again."""
        if self._pulse is not None:
            self._pulse.set()
            self._pulse = None

    def _on_event(self, event: Event) -> None:
        self.last += 1
        self._kept.append(Happened(self._world, self.last, event))
        self.pulse()

    def since(self, seq: int) -> list[JsonObject]:
        """The events numbered above ``seq``, as far as they are kept. Costs as much as there are new ones."""
        fresh = list(islice(reversed(self._kept), max(self.last - seq, 0)))
        return [happened.view for happened in reversed(fresh)]

    async def until(self, look: Callable[[], Found | None], seconds: float) -> Found | None:
        """What ``look`` finds, now or after a change; None when the time is over."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    found = look()
                    if found is not None:
                        return found
                    self._pulse = self._pulse or asyncio.Event()
                    await self._pulse.wait()
        except TimeoutError:
            return None

    async def follow(self, seq: int, idle: float) -> AsyncIterator[list[JsonObject]]:
        """The events above ``seq`` as they come; an empty list after ``idle`` seconds without any."""
        while True:
            fresh = await self.until(partial(self._some, seq), idle) or []
            seq = fresh[-1]["seq"] if fresh else seq
            yield fresh

    def _some(self, seq: int) -> list[JsonObject] | None:
        return self.since(seq) or None
