"""A look as metrics: what is so now, beside what was counted (``salesbot.metrics``)."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from salesbot import __version__
from salesbot.clock import Clock
from salesbot.watch.look import Look


def of_the_process() -> CollectorRegistry:
    """What Prometheus's library tells of any process: memory, CPU, files, when it began."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


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
        yield GaugeMetricFamily("salesbot_paused", "1 while an admin has silenced everything.", look.paused)
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
