"""``salesbot healthy``: what a container's health check asks of the product that runs beside it."""

from __future__ import annotations

import asyncio

import asyncpg
from typer.testing import CliRunner, Result

from salesbot import watch
from salesbot.cli import app
from salesbot.clock import SystemClock
from salesbot.settings import STAND_INS, Settings, load
from tests.support.waiting import until


def settings(port: int) -> Settings:
    return load({**STAND_INS, "METRICS_PORT": str(port)})


async def ask(port: int) -> Result:
    environment = {**STAND_INS, "METRICS_PORT": str(port)}
    return await asyncio.to_thread(CliRunner().invoke, app, ["healthy"], env=environment)


async def served(pool: asyncpg.Pool, port: int, stop: asyncio.Event) -> asyncio.Task[None]:
    """A product's page for whoever watches; returns once it listens."""
    page = asyncio.create_task(watch.run(settings(port), pool, SystemClock(), tuple, stop))

    async def listens() -> bool:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    await until(listens, "the page is served")
    return page


async def test_while_all_is_well_it_ends_with_0(pool: asyncpg.Pool, unused_tcp_port: int) -> None:
    stop = asyncio.Event()
    page = await served(pool, unused_tcp_port, stop)
    told = await ask(unused_tcp_port)
    stop.set()
    await page
    assert (told.exit_code, told.output.strip()) == (0, "well")


async def test_what_is_not_well_is_named_and_the_end_is_1(pool: asyncpg.Pool, unused_tcp_port: int) -> None:
    await pool.execute(
        "insert into accounts (id, state, dc_id, server_address, server_port, auth_key) "
        "values (7, 'banned', 2, '127.0.0.1', 443, 'sealed')"
    )
    stop = asyncio.Event()
    page = await served(pool, unused_tcp_port, stop)
    told = await ask(unused_tcp_port)
    stop.set()
    await page
    assert (told.exit_code, told.output.strip()) == (1, "Not well: account 7 is banned")


async def test_where_nobody_answers_the_end_is_1(unused_tcp_port: int) -> None:
    told = await ask(unused_tcp_port)
    assert told.exit_code == 1
    assert told.output.startswith(f"Nobody answers at METRICS_PORT {unused_tcp_port}")


async def test_without_a_port_nobody_can_be_asked() -> None:
    assert (await ask(0)).exit_code == 78
