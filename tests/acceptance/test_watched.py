"""The whole product, watched: metrics, heartbeats and a log for programs, all by settings."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from tests.support.house import House
from tests.support.waiting import until


@pytest.fixture
async def pings() -> AsyncIterator[tuple[list[str], str]]:
    """Who is pinged, and their address."""
    came: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        came.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_get("/{path}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield came, f"http://{host}:{port}/a-secret-path"
    await runner.cleanup()


async def test_it_can_be_watched_from_outside(quiet_house: House, pings: tuple[list[str], str]) -> None:
    house, (came, address) = quiet_house, pings
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"METRICS_PORT": str(port), "HEARTBEAT_URL": address, "HEARTBEAT_SECONDS": "1", "LOG_FORMAT": "json"}
    await house.product.start(settings)
    number = await house.begin("anna")
    await house.at_rest(number)

    async def pinged() -> bool:
        return len(came) > 1

    await until(pinged, "heartbeats")
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        found = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(await answer.text())
            for sample in family.samples
        }
    account = str(await house.db.fetchval("select id from accounts"))
    assert found["salesbot_healthy",] == 1
    assert found["salesbot_account_connected", account] == 1
    assert found["salesbot_turns_total", "spoken"] == 1
    assert found["salesbot_parts_total", "sent"] >= 1
    assert found["salesbot_last_poll_age_seconds",] < 60
    assert found["salesbot_loop_lag_seconds_count",] > 0
    assert await house.product.stop() == 0
    entries = [json.loads(line) for line in (house.folder / "salesbot.log").read_text(encoding="utf-8").splitlines()]
    assert {"time", "level", "logger", "message"} <= set.intersection(*(set(entry) for entry in entries))
    assert [entry["message"] for entry in entries].count("metrics are served") == 1
    assert "a-secret-path" not in (house.folder / "salesbot.log").read_text(encoding="utf-8")
