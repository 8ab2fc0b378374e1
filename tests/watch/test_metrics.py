"""/metrics: what the database says and what was counted, on 127.0.0.1; also while the database is away."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import asyncpg
import pytest
from loguru import logger
from prometheus_client.parser import text_string_to_metric_families

from salesbot import metrics
from salesbot.clock import SystemClock
from salesbot.store import locks
from salesbot.store import pool as store_pool
from salesbot.watch.look import GRACE, LONG_GRACE, Observer
from salesbot.watch.page import Page
from tests.support.waiting import PATIENCE, until

CLOCK = SystemClock()
ACCOUNT = """
    insert into accounts (id, name, phone, state, dc_id, server_address, server_port, auth_key, owner, released,
        flood_until, openings_blocked)
    values ($1, 'A', $1::bigint::text, $2, 2, 'x', 1, $3, $4, false, $5, $6)
"""
SOMEBODY = "00000000-0000-0000-0000-00000000000a"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def account(
    pool: asyncpg.Pool, id: int, state: str = "ready", key: bytes = b"k", owner: str | None = None, wait: float = 0
) -> None:
    until = CLOCK.now() + timedelta(seconds=wait) if wait else None
    await pool.execute(ACCOUNT, id, state, key, owner, until, bool(wait))


@asynccontextmanager
async def served(pool: asyncpg.Pool, *connected: int) -> AsyncIterator[str]:
    """The address of a page that is served."""
    stop, port = asyncio.Event(), free_port()
    page = Page(Observer(pool, CLOCK, lambda: connected), pool, CLOCK, port)
    serving = asyncio.create_task(page.run(stop))
    try:
        await until(lambda: listens(port), "the page is served")
        yield f"http://127.0.0.1:{port}/metrics"
    finally:
        stop.set()
        await serving


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def read(address: str) -> Samples:
    """Everything on the page, by name and labels."""
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = await answer.text()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((f"salesbot_{name}", frozenset(labels.items())))


async def test_the_page_tells_of_accounts_queue_pool_and_counters(pool: asyncpg.Pool) -> None:
    await account(pool, 7)
    await account(pool, 8, "banned", wait=100)
    metrics.LAST_POLL.mark()
    metrics.LAST_UPDATE.mark(7)
    async with served(pool, 7) as address:
        found = await read(address)
    assert value(found, "account_state", account="7", state="ready") == 1
    assert value(found, "account_state", account="8", state="banned") == 1
    assert value(found, "account_connected", account="7") == 1
    assert value(found, "account_connected", account="8") == 0
    assert 90 < (value(found, "account_flood_seconds", account="8") or 0) <= 100
    assert value(found, "account_openings_blocked", account="8") == 1
    assert value(found, "queue_depth", queue="turns") == 0
    assert value(found, "queue_age_seconds") == 0
    assert value(found, "database_up") == 1
    assert value(found, "paused") == 0
    assert value(found, "healthy") == 0  # an account is banned
    assert value(found, "pool_connections_max") == 10
    assert 0 <= (value(found, "last_update_age_seconds", account="7") or -1) < 60
    assert 0 <= (value(found, "last_poll_age_seconds") or -1) < 60
    assert value(found, "turns_total", end="spoken") is not None  # from the start, so that the first one is an increase
    assert ("process_resident_memory_bytes", frozenset[tuple[str, str]]()) in found


async def test_the_page_is_there_while_the_database_is_away(pool: asyncpg.Pool) -> None:
    async with served(pool, 7) as address:
        await pool.close()
        found = await read(address)
    assert value(found, "database_up") == 0
    assert value(found, "healthy") == 0
    assert value(found, "queue_age_seconds") is None
    assert value(found, "turns_total", end="spoken") is not None


async def test_only_this_machine_can_ask(pool: asyncpg.Pool) -> None:
    async with served(pool) as address:
        port = int(address.split(":")[2].split("/")[0])
        with socket.socket() as sock:  # another address of this machine is still free
            sock.bind(("127.0.0.2", port))


async def test_a_port_that_is_taken_is_said_and_disturbs_nothing(pool: asyncpg.Pool) -> None:
    said = asyncio.Event()
    sink = logger.add(lambda _: said.set(), filter=lambda record: "METRICS_PORT" in record["message"])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        stop = asyncio.Event()
        page = Page(Observer(pool, CLOCK, tuple), pool, CLOCK, taken.getsockname()[1])
        serving = asyncio.create_task(page.run(stop))
        async with asyncio.timeout(PATIENCE):
            await said.wait()
            stop.set()
            await serving
    logger.remove(sink)


async def test_a_port_that_becomes_free_is_taken(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesbot.watch.page.RETRY", 0.01)
    said = asyncio.Event()
    sink = logger.add(lambda _: said.set(), filter=lambda record: "METRICS_PORT" in record["message"])
    stop = asyncio.Event()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        serving = asyncio.create_task(Page(Observer(pool, CLOCK, tuple), pool, CLOCK, port).run(stop))
        async with asyncio.timeout(PATIENCE):
            await said.wait()
    logger.remove(sink)
    await until(lambda: listens(port), "the page is served")
    stop.set()
    await serving


# -- what is well


class Hand:
    """A clock that is turned by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    metrics.LAST_POLL.mark()
    return Hand()


async def test_all_is_well_while_each_account_is_connected_or_logged_out(pool: asyncpg.Pool, hand: Hand) -> None:
    await account(pool, 7)
    await account(pool, 8, "logged_out", key=b"")
    assert (await Observer(pool, CLOCK, lambda: [7], hand).look()).wrong == ()


@pytest.mark.parametrize("state", ["banned", "frozen", "key_lost", "logged_out"])
async def test_an_account_that_telegram_put_out_is_not_well(pool: asyncpg.Pool, hand: Hand, state: str) -> None:
    await account(pool, 7, state)
    assert (await Observer(pool, CLOCK, tuple, hand).look()).wrong == (f"account 7 is {state}",)


async def test_a_connection_may_be_away_for_a_while(pool: asyncpg.Pool, hand: Hand) -> None:
    await account(pool, 7)
    observer = Observer(pool, CLOCK, tuple, hand)
    for passed, wrong in ((0.0, ()), (GRACE, ()), (1.0, ("account 7 is not connected",))):
        hand.now += passed
        assert (await observer.look()).wrong == wrong


@pytest.mark.parametrize(
    "why", ["update accounts set gap_unread = true", "update accounts set flood_until = now() + interval '1 day'"]
)
async def test_what_takes_its_time_is_waited_for_longer(pool: asyncpg.Pool, hand: Hand, why: str) -> None:
    await account(pool, 7)
    await pool.execute(why)
    observer = Observer(pool, CLOCK, tuple, hand)
    for passed, wrong in ((0.0, ()), (LONG_GRACE, ()), (1.0, ("account 7 is not connected",))):
        hand.now += passed
        assert (await observer.look()).wrong == wrong


async def test_a_standby_is_well_while_the_other_process_lives(pool: asyncpg.Pool, database: str, hand: Hand) -> None:
    await account(pool, 7, owner=SOMEBODY)
    observer = Observer(pool, CLOCK, tuple, hand)
    other = await store_pool.create(database, name=locks.session_name(SOMEBODY))
    await observer.look()
    hand.now += 2 * GRACE
    assert (await observer.look()).wrong == ()
    await store_pool.close(other)
    await until(lambda: missed(observer), "the end of the other one is seen")
    hand.now += 2 * GRACE
    assert (await observer.look()).wrong == ("account 7 is not connected",)


async def missed(observer: Observer) -> bool:
    return not (await observer.look()).accounts[0].elsewhere


async def test_a_bot_that_hears_nothing_is_not_well(
    pool: asyncpg.Pool, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = metrics.Ages("salesbot_test_silence", "For one test.")
    metrics.REGISTRY.unregister(silent)
    monkeypatch.setattr(metrics, "LAST_POLL", silent)
    observer = Observer(pool, CLOCK, tuple, hand)
    assert (await observer.look()).wrong == ()
    hand.now += GRACE + 1
    assert (await observer.look()).wrong == ("the bot hears nothing",)
