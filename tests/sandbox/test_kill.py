"""A program is killed at an exact place of a talk with the sandbox.

The program that is killed only waits here, and an unmodified client beside it does the talking: so it can be seen
whether the call was carried out, and whether its answer was written, at the moment of the kill.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from openai import AsyncOpenAI
from telethon import events
from telethon.tl import functions

from sandbox.app import Sandbox
from sandbox.control.client import Control, ControlRefused
from tests.support.clients import signed_in

PATIENCE = 10.0
ACTIONS = ("kill_before", "kill_after", "kill_answered")


class Victim:
    """A program that waits for ever."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def ended(self) -> int:
        return await asyncio.wait_for(self._process.wait(), PATIENCE)


@pytest.fixture
async def victim() -> AsyncIterator[Victim]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-Sc", "input()", stdin=asyncio.subprocess.PIPE)
    yield Victim(process)
    if process.returncode is None:
        process.kill()
        await process.wait()


async def assert_answered(call: asyncio.Future[Any], expected: bool) -> None:
    """Whether the answer came, now that the victim is dead: what is to come has been written already."""
    done, _ = await asyncio.wait([call], timeout=PATIENCE if expected else 0.1)
    call.cancel()
    assert bool(done) == expected


async def arrived(control: Control, who: str, by: str) -> bool:
    return any(not message["out"] for message in (await control.chat(who, by))["messages"])


@pytest.mark.parametrize("action", ACTIONS)
async def test_at_a_call_of_mtproto(sandbox: Sandbox, control: Control, victim: Victim, action: str) -> None:
    async with signed_in(sandbox, control) as sales:
        peer = await sales.get_input_entity("anna")
        await control.fault("messages.sendMessage", action, pid=victim.pid)
        call = asyncio.create_task(sales(functions.messages.SendMessageRequest(peer, "hello", random_id=1)))
        assert await victim.ended() == -signal.SIGKILL
        await assert_answered(call, action == "kill_answered")
        assert await arrived(control, "anna", "sales") == (action != "kill_before")


@pytest.mark.parametrize("action", ACTIONS)
async def test_at_a_call_of_the_bot_api(control: Control, bot: Bot, operator: int, victim: Victim, action: str) -> None:
    await control.say("operator", "sales_desk_bot", "/start")
    await control.fault("bot.sendMessage", action, pid=victim.pid)
    call = asyncio.create_task(bot.send_message(operator, "hello"))
    assert await victim.ended() == -signal.SIGKILL
    await assert_answered(call, action == "kill_answered")
    assert await arrived(control, "operator", "sales_desk_bot") == (action != "kill_before")


@pytest.mark.parametrize("action", ACTIONS)
async def test_at_a_call_of_a_model(sandbox: Sandbox, control: Control, victim: Victim, action: str) -> None:
    await control.fault("model.chat", action, pid=victim.pid)
    async with AsyncOpenAI(base_url=sandbox.state()["model"], api_key="any", max_retries=0) as models:
        asked = models.chat.completions.create(model="sandbox/echo", messages=[{"role": "user", "content": "A-1"}])
        call = asyncio.create_task(asked)
        assert await victim.ended() == -signal.SIGKILL
        await assert_answered(call, action == "kill_answered")
    assert len(await control.call("GET", "/model/requests")) == 1


@pytest.mark.parametrize(("action", "comes"), [("kill_before", False), ("kill_answered", True)])
async def test_at_a_push(sandbox: Sandbox, control: Control, victim: Victim, action: str, comes: bool) -> None:
    async with signed_in(sandbox, control) as sales:
        heard = asyncio.get_running_loop().create_future()

        async def hear(event: events.NewMessage.Event) -> None:
            heard.set_result(event.raw_text)

        sales.add_event_handler(hear, events.NewMessage(incoming=True))
        await sales(functions.updates.GetStateRequest())
        await control.fault("push.MessageNew", action, user="sales", pid=victim.pid)
        await control.say("anna", "sales", "hello")
        assert await victim.ended() == -signal.SIGKILL
        await assert_answered(heard, comes)


async def test_what_is_not_ours_is_not_killed(control: Control, victim: Victim) -> None:
    os.kill(victim.pid, signal.SIGKILL)
    await victim.ended()
    for pid in (0, 1, os.getpid(), victim.pid):
        with pytest.raises(ControlRefused, match=f"process {pid}"):
            await control.fault("model.chat", "kill_before", pid=pid)
