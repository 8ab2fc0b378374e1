"""``/metrics`` for a Prometheus on this machine: the counters of this process, and one look at the database.

What becomes of this page is nobody's trouble: a port that is taken is waited for.
"""

from __future__ import annotations

import asyncio

import asyncpg
from aiohttp import web
from loguru import logger
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from salesbot import metrics
from salesbot.clock import Clock
from salesbot.lifecycle import wait_any
from salesbot.watch.gauges import Gauges, of_the_process
from salesbot.watch.look import Observer

HOST = "127.0.0.1"
RETRY = 30.0


class Page:
    """Served on this machine alone; there is nothing on it that says who talks with whom."""

    def __init__(self, observer: Observer, pool: asyncpg.Pool, clock: Clock, port: int) -> None:
        self._observer, self._pool, self._clock, self._port = observer, pool, clock, port
        self._process = of_the_process()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until stop."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/health", self._health)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await runner.setup()
        try:
            if await self._listen(runner, stop):
                logger.bind(address=f"http://{HOST}:{self._port}/metrics").info("metrics are served")
                await stop.wait()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner, stop: asyncio.Event) -> bool:
        """False when stopped before the port was free."""
        site, told = web.TCPSite(runner, HOST, self._port), False
        while not stop.is_set():
            try:
                await site.start()
            except OSError as exc:
                if not told:
                    logger.bind(port=self._port, reason=exc.strerror).warning("METRICS_PORT cannot be opened")
                told = True
                await site.stop()  # known to the runner no longer: it may be started anew
                await wait_any(stop, timeout=RETRY)
            else:
                return True
        return False

    async def _health(self, _request: web.Request) -> web.Response:
        """For ``salesbot healthy``: 200, or 503 and what is not well."""
        wrong = (await self._observer.look()).wrong
        return web.Response(text=", ".join(wrong) or "well", status=503 if wrong else 200)

    async def _metrics(self, _request: web.Request) -> web.Response:
        now = CollectorRegistry()
        now.register(Gauges(await self._observer.look(), self._pool, self._clock))
        body = b"".join(generate_latest(one) for one in (metrics.REGISTRY, now, self._process))
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
