"""No test waits for ever: one that hangs fails, and says where it hangs.

A coroutine is cancelled after LIMIT seconds: the traceback ends at what it awaits, its fixtures are taken down and the
others go on. What cannot be cancelled, or hangs in a fixture, is ended with its process by pytest's own faulthandler,
which tells where every thread was (pyproject.toml): a worker that ends so is replaced, and its test has failed.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

LIMIT = 150.0
"""Seconds. Far from what any test takes on a machine with other things to do."""


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and asyncio.iscoroutinefunction(item.obj):
        item.obj = limited(item.obj)


def limited(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The same test, cancelled when its time is over."""

    @functools.wraps(test)
    async def within(*args: Any, **fixtures: Any) -> None:
        hangs = asyncio.timeout(LIMIT)
        try:
            async with hangs:
                await test(*args, **fixtures)
        except TimeoutError as error:
            if not hangs.expired():
                raise
            raise AssertionError(f"the test hangs: it has not ended within {LIMIT:.0f} s") from error

    return within
