"""Whoever watches over the product from outside: a Prometheus, and a dead man's switch. Both are off by default."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import asyncpg

from salesbot.clock import Clock
from salesbot.settings import Settings
from salesbot.watch.look import Observer


async def run(
    settings: Settings,
    pool: asyncpg.Pool,
    clock: Clock,
    connected: Callable[[], Collection[int]],
    stop: asyncio.Event,
) -> None:
    """Serve and ping what the settings ask for, until stop. ``connected``: the accounts that this process serves."""
    observer = Observer(pool, clock, connected)
    async with asyncio.TaskGroup() as tasks:
        if settings.metrics_port:
            from salesbot.watch.page import Page  # noqa: PLC0415 - a web server that most do without

            tasks.create_task(Page(observer, pool, clock, settings.metrics_port).run(stop), name="metrics")
        if settings.heartbeat_url is not None:
            from salesbot.watch.heartbeat import Heartbeat  # noqa: PLC0415 - as above

            heartbeat = Heartbeat(observer, settings.heartbeat_url.get_secret_value(), settings.heartbeat_seconds)
            beating = tasks.create_task(heartbeat.run(stop), name="pings")
            await stop.wait()
            beating.cancel()  # one that hangs holds nobody up
