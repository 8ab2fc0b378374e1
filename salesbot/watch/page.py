"""``/metrics`` for a Prometheus on this machine: the counters of this process, and one look at the database.

What becomes of this page is nobody's trouble: a port that is taken is waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import asyncpg
from aiohttp import web
from loguru import logger
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from salesbot import __version__, metrics
from salesbot.clock import Clock
from salesbot.lifecycle import wait_any
from salesbot.watch.look import Look, Observer

HOST = "127.0.0.1"
RETRY = 30.0


class Page:
    """Served on this machine alone; there is nothing on it that says who talks with whom."""

    def __init__(self, observer: Observer, pool: asyncpg.Pool, clock: Clock, port: int) -> None:
        self._observer, self._pool, self._clock, self._port = observer, pool, clock, port
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        GCCollector(registry=self._process)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until stop."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        try:
            if await self._listen(runner, stop):
                logger.bind(address=f"http://{HOST}:{self._port}/metrics").info("metrics are served")
                await stop.wait()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner, stop: asyncio.Event) -> bool:
        """False when stopped before the port was free."""
        told = False
        while not stop.is_set():
            try:
                await web.TCPSite(runner, HOST, self._port, shutdown_timeout=0.5).start()
            except OSError as exc:
                if not told:
                    logger.bind(port=self._port, reason=exc.strerror).warning("METRICS_PORT cannot be opened")
                told = True
                await wait_any(stop, timeout=RETRY)
            else:
                return True
        return False

    async def _metrics(self, _request: web.Request) -> web.Response:
        now = CollectorRegistry()
        now.register(Gauges(await self._observer.look(), self._pool, self._clock))
        body = b"".join(generate_latest(one) for one in (metrics.REGISTRY, now, self._process))
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


class Gauges(Collector):
    """A look as metrics."""

    def __init__(self, look: Look, pool: asyncpg.Pool, clock: Clock) -> None:
        self._look, self._pool, self._clock = look, pool, clock

    def collect(self) -> Iterable[Metric]:
        look = self._look
        info = GaugeMetricFamily("salesbot_info", "Always 1; what runs.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield GaugeMetricFamily("salesbot_healthy", "1 while heartbeats are sent (docs/monitoring.md).", not look.wrong)
        yield GaugeMetricFamily("salesbot_database_up", "1 while PostgreSQL answers.", look.queue is not None)
        yield from self._queue()
        yield from self._accounts()
        size, idle = self._pool.get_size(), self._pool.get_idle_size()
        pool = GaugeMetricFamily(
            "salesbot_pool_connections", "Connections of this process to PostgreSQL.", labels=["state"]
        )
        pool.add_metric(["busy"], size - idle)
        pool.add_metric(["idle"], idle)
        yield pool
        yield GaugeMetricFamily(
            "salesbot_pool_connections_max", "As many there may be of them.", self._pool.get_max_size()
        )

    def _queue(self) -> Iterable[Metric]:
        queue = self._look.queue
        depth = GaugeMetricFamily("salesbot_queue_depth", "What waits, by what it waits for.", labels=["queue"])
        age = GaugeMetricFamily("salesbot_queue_age_seconds", "How long the longest waiting turn has been due.")
        if queue is not None:
            depth.add_metric(["turns"], queue.due)
            depth.add_metric(["parts"], queue.pending)
            depth.add_metric(["unresolved"], queue.sending)
            depth.add_metric(["drafts"], queue.drafts)
            depth.add_metric(["humans"], queue.humans)
            oldest = queue.oldest
            age.add_metric([], (self._clock.now() - oldest).total_seconds() if oldest else 0)
        return depth, age

    def _accounts(self) -> Iterable[Metric]:
        state = GaugeMetricFamily("salesbot_account_state", "1 for the state each is in.", labels=["account", "state"])
        up = GaugeMetricFamily(
            "salesbot_account_connected", "1 where this process is connected with it.", labels=["account"]
        )
        flood = GaugeMetricFamily(
            "salesbot_account_flood_seconds", "For how long Telegram still makes it wait.", labels=["account"]
        )
        blocked = GaugeMetricFamily(
            "salesbot_account_openings_blocked", "1 where Telegram's spam limit forbids new chats.", labels=["account"]
        )
        now = self._clock.now()
        for one in self._look.accounts:
            name = str(one.id)
            state.add_metric([name, one.state], 1)
            up.add_metric([name], one.id in self._look.connected)
            flood.add_metric([name], max(0.0, (one.flood_until - now).total_seconds()) if one.flood_until else 0)
            blocked.add_metric([name], one.openings_blocked)
        return state, up, flood, blocked
