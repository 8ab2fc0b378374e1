"""The dead man's switch: asked for while all is well, silent otherwise, and nobody's trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from aiohttp import web
from loguru import logger

from salesbot import metrics, watch
from salesbot.clock import SystemClock
from salesbot.settings import checked
from salesbot.watch.heartbeat import Heartbeat
from salesbot.watch.look import Observer
from tests.support.waiting import PATIENCE, until


class Switch:
    """Who is pinged: answers with ``status``, or never when there is ``silence``."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.silence = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        assert request.path == "/ping/secret"
        self.asked += 1
        if self.silence.is_set():
            await asyncio.Event().wait()
        return web.Response(status=self.status)


@pytest.fixture
async def switch() -> AsyncIterator[tuple[Switch, str]]:
    switch = Switch()
    app = web.Application()
    app.router.add_get("/ping/secret", switch.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield switch, f"http://{host}:{port}/ping/secret"
    await runner.cleanup()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
async def stop(pool: asyncpg.Pool, switch: tuple[Switch, str], lines: list[str]) -> AsyncIterator[asyncio.Event]:
    """What watches, as the product runs it, with a ping as often as can be; ends in time although one hangs."""
    metrics.LAST_POLL.mark()
    sink = logger.add(lambda message: lines.append(str(message).strip()), format="{message} {extra}")
    settings = checked({"HEARTBEAT_URL": switch[1]}).model_copy(update={"heartbeat_seconds": 0.01})
    stop = asyncio.Event()
    watching = asyncio.create_task(watch.run(settings, pool, SystemClock(), tuple, stop))
    yield stop
    stop.set()
    async with asyncio.timeout(5):
        await watching
    logger.remove(sink)


async def more(switch: Switch, times: int = 3) -> None:
    """Wait for so many more pings."""
    before = switch.asked

    async def came() -> bool:
        return switch.asked >= before + times

    await until(came, "pings")


async def said(lines: list[str], what: str) -> None:
    async def found() -> bool:
        return any(what in line for line in lines)

    await until(found, what)


async def test_it_is_pinged_again_and_again_and_the_log_is_silent(
    stop: asyncio.Event, switch: tuple[Switch, str], lines: list[str]
) -> None:
    await more(switch[0])
    assert lines == []


async def test_pings_that_fail_are_said_once_without_the_address_and_so_is_their_return(
    stop: asyncio.Event, switch: tuple[Switch, str], lines: list[str]
) -> None:
    switch[0].status = 500
    await said(lines, "no heartbeat is sent")
    await more(switch[0])
    switch[0].status = 200
    await said(lines, "heartbeats are sent again")
    assert [line.split(" {")[0] for line in lines] == ["no heartbeat is sent", "heartbeats are sent again"]
    assert "HTTP 500" in lines[0]
    assert "secret" not in "".join(lines)


async def test_nothing_is_sent_while_an_account_is_banned(
    stop: asyncio.Event, switch: tuple[Switch, str], lines: list[str], pool: asyncpg.Pool
) -> None:
    await more(switch[0], 1)
    await pool.execute(
        "insert into accounts (id, name, phone, state, dc_id, server_address, server_port, auth_key) "
        "values (7, 'A', '7', 'banned', 2, 'x', 1, 'k')"
    )
    await said(lines, "account 7 is banned")
    before = switch[0].asked
    await pool.execute("update accounts set state = 'logged_out', auth_key = ''")
    await said(lines, "heartbeats are sent again")
    assert switch[0].asked == before + 1  # the one that told that they are


async def test_nothing_is_sent_while_the_database_is_away(
    stop: asyncio.Event, switch: tuple[Switch, str], lines: list[str], pool: asyncpg.Pool
) -> None:
    await more(switch[0], 1)
    await pool.close()
    await said(lines, "not well: database")


async def test_one_that_hangs_holds_nobody_up(stop: asyncio.Event, switch: tuple[Switch, str]) -> None:
    switch[0].silence.set()
    await more(switch[0], 1)  # and the fixture ends in time


async def test_an_address_of_nobody_is_said(pool: asyncpg.Pool, lines: list[str], stop: asyncio.Event) -> None:
    over = asyncio.Event()
    heartbeat = Heartbeat(Observer(pool, SystemClock(), tuple), "http://127.0.0.1:1/nobody-secret", 0.01)
    beating = asyncio.create_task(heartbeat.run(over))
    await said(lines, "no heartbeat is sent")
    over.set()
    async with asyncio.timeout(PATIENCE):
        await beating
    assert "nobody-secret" not in "".join(lines)
