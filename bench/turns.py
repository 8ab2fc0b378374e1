"""Traffic: the guests of a house write to its account, and what they wait is measured."""

from __future__ import annotations

import asyncio
import itertools
import statistics
from collections.abc import Sequence

from bench.house import House

AT_ONCE = 50
"""Guests who wait for an answer at the same time, where nothing else is said."""


async def hello(house: House, name: str) -> None:
    """Everybody's first message: a dialog begins with more work than it goes on with."""
    await saturated(house, f"{name}H", len(house.targets))


async def paced(house: House, name: str, turns: int, rate: float) -> list[float]:
    """One message each 1/rate seconds, the guests in turn; the seconds until each reply."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tasks = []
    for number, target in zip(range(turns), itertools.cycle(house.targets), strict=False):
        await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
        tasks.append(asyncio.create_task(house.turn(target, f"{name}-{number}")))
    return await asyncio.gather(*tasks)


async def saturated(house: House, name: str, turns: int, at_once: int = AT_ONCE) -> float:
    """So many wait for an answer at any time: who was silent longest says the next thing. Turns per second."""
    numbers = iter(range(turns))
    silent: asyncio.Queue[int] = asyncio.Queue()
    for target in house.targets:
        silent.put_nowait(target)

    async def talk() -> None:
        for number in numbers:
            target = await silent.get()
            await house.turn(target, f"{name}-{number}")
            silent.put_nowait(target)

    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(talk() for _ in range(min(at_once, len(house.targets)))))
    return turns / (loop.time() - began)


async def together(house: House, name: str, guests: Sequence[int]) -> list[float]:
    """They all write at the same instant; the seconds until each reply."""
    return await asyncio.gather(*(house.turn(target, f"{name}-{number}") for number, target in enumerate(guests)))


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[18]
