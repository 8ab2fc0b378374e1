"""Waiting for what nobody announces: a row, a file. Everything else is waited for where it is announced."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

PATIENCE = 30.0
"""Seconds for anything that a machine under load has to do by itself."""

Found = TypeVar("Found")


async def until(look: Callable[[], Awaitable[Found | None]], what: str, seconds: float = PATIENCE) -> Found:
    """The first true thing that ``look`` finds. Raises ``AssertionError``."""
    pause = 0.005
    try:
        async with asyncio.timeout(seconds):
            while not (found := await look()):
                await asyncio.sleep(pause)  # nobody sets an event for it
                pause = min(0.05, pause * 1.3)
            return found
    except TimeoutError:
        raise AssertionError(f"not within {seconds:.0f} s: {what}") from None


async def gone(look: Callable[[], Awaitable[Sequence[object]]], what: str, seconds: float = PATIENCE) -> None:
    """Wait until ``look`` finds nothing any more. Raises ``AssertionError`` that tells what it found last."""
    left: Sequence[object] = ()

    async def none_left() -> bool:
        nonlocal left
        left = await look()
        return not left

    try:
        await until(none_left, what, seconds)
    except AssertionError as late:
        raise AssertionError(f"{late}; left: {left}") from None
