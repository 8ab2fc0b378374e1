"""The sandbox as a process: the state file, a quick stop, and what survives a kill."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.control.client import Control

ROOT = Path(__file__).parents[2]


class Running:
    """A sandbox in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.state_file = folder / "state.json"
        self.words = ["-m", "sandbox", "--state", str(self.state_file), "--data", str(folder / "data")]
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> dict[str, Any]:
        self.state_file.unlink(missing_ok=True)
        self.process = await asyncio.create_subprocess_exec(sys.executable, *self.words, cwd=ROOT)
        async with asyncio.timeout(20):
            while not self.state_file.exists():
                assert self.process.returncode is None
                await asyncio.sleep(0.02)
        state: dict[str, Any] = json.loads(self.state_file.read_text())
        return state

    async def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.process.wait()


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    one = Running(tmp_path)
    yield one
    if one.process is not None:
        await one.end(signal.SIGKILL)


async def test_the_state_file_tells_where_everything_is(running: Running) -> None:
    state = await running.start()
    assert set(state) == {"mtproto", "bot_api", "model", "web", "control", "bot", "users"}
    assert set(state["mtproto"]) == {"host", "port", "dc_id", "public_key"}
    assert state["mtproto"]["host"] == "127.0.0.1"
    assert state["mtproto"]["public_key"].startswith("-----BEGIN RSA PUBLIC KEY-----")
    assert {user["role"] for user in state["users"]} == {"operator", "account", "target"}
    assert all(set(user) == {"id", "phone", "code", "username", "name", "role"} for user in state["users"])
    async with aiohttp.ClientSession() as http, http.get(state["web"]) as page:
        assert "<title>Sandbox</title>" in await page.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_within_a_second_whatever_hangs(running: Running, number: signal.Signals) -> None:
    state = await running.start()
    async with Control(state["control"]) as control, aiohttp.ClientSession() as http:
        await control.fault("bot.getMe", "hang")
        hanging = asyncio.create_task(http.get(f"{state['bot_api']}/bot{state['bot']['token']}/getMe"))
        async with http.get(state["control"] + "/events"):
            await control.fired(1)
            began = time.monotonic()
            assert await running.end(number) == 0
            assert time.monotonic() - began < 2  # a second, and one more for a busy machine
        with pytest.raises(aiohttp.ClientError):
            await hanging


async def test_what_was_said_survives_a_kill(running: Running) -> None:
    before = await running.start()
    async with Control(before["control"]) as control:
        await control.say("operator", "sales_desk_bot", "/start @anna")
        await control.say("anna", "sales", "still here?")
    await running.end(signal.SIGKILL)
    after = await running.start()
    assert after["mtproto"]["public_key"] == before["mtproto"]["public_key"]
    assert after["users"] == before["users"]
    async with Control(after["control"]) as control, aiohttp.ClientSession() as http:
        assert (await control.chat("sales", "anna"))["messages"][0]["text"] == "still here?"
        async with http.get(f"{after['bot_api']}/bot{after['bot']['token']}/getUpdates") as response:
            (update,) = (await response.json())["result"]
            assert update["message"]["text"] == "/start @anna"


async def test_a_taken_port_is_told_in_one_line(running: Running, tmp_path: Path) -> None:
    state = await running.start()
    words = ["-m", "sandbox", "--state", str(tmp_path / "other"), "--mtproto-port", str(state["mtproto"]["port"])]
    other = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    _, errors = await other.communicate()
    assert other.returncode == 1
    assert errors.decode().startswith("The sandbox cannot start:")
    assert "Traceback" not in errors.decode()
