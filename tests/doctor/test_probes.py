"""The small questions that the doctor asks and whoever installs asks while a setting is typed: each right and wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from salesbot import settings as reading
from salesbot.adminbot import probe as bot_probe
from salesbot.errors import InvalidReply, ModelRefused, ModelUnavailable, Refused, SettingsError
from salesbot.keys import KeyRing
from salesbot.llm import probe as llm_probe
from salesbot.settings import Settings
from salesbot.store import locks
from salesbot.userbot import probe as user_probe
from sandbox.app import Sandbox
from sandbox.world import Action, Rule
from tests.doctor.conftest import SECRET
from tests.doctor.fakes import Fake

NOWHERE = "http://127.0.0.1:9/v1"


async def asked(settings: Settings, question: str, *arguments: str) -> Any:
    async with llm_probe.asking(settings) as client:
        return await getattr(llm_probe, question)(client, *arguments)


async def test_a_bot_tells_who_it_is_and_how_the_clocks_compare(settings: Settings, sandbox: Sandbox) -> None:
    seen = await bot_probe.look(settings)
    assert (seen.username, seen.webhook) == (sandbox.state()["bot"]["username"], "")
    assert seen.ahead is not None
    assert abs(seen.ahead) < 2
    assert not sandbox.bots.desk(sandbox.world.users[seen.id]).updates.waited_for


async def test_a_key_and_what_is_left_of_it(settings: Settings, values: dict[str, str], fake: Fake) -> None:
    assert await asked(settings, "key") == llm_probe.Key(None)
    there = reading.checked({**values, "LLM_BASE_URL": fake.url})
    fake.answers = {"/key": {"data": {"limit_remaining": 4.5}}, "/credits": 403}
    assert (await asked(there, "key")).remaining == Decimal("4.5")
    fake.answers = {
        "/key": {"data": {"limit_remaining": None}},
        "/credits": {"data": {"total_credits": 10, "total_usage": 7.5}},
    }
    assert (await asked(there, "key")).remaining == Decimal("2.5")
    fake.answers = {"/key": 401}
    with pytest.raises(ModelRefused) as raised:
        await asked(there, "key")
    assert raised.value.code == "key"
    fake.answers = {"/models": 401}  # not OpenRouter: there is nothing at /key
    with pytest.raises(ModelRefused):
        await asked(there, "key")
    with pytest.raises(ModelUnavailable):
        await asked(reading.checked({**values, "LLM_BASE_URL": NOWHERE}), "key")


async def test_the_models_and_an_answer_with_its_cost(settings: Settings, sandbox: Sandbox) -> None:
    assert "sandbox/seller" in await asked(settings, "models")
    done = await asked(settings, "answer", "sandbox/seller")
    assert done.cost is not None
    assert done.cost > 0
    sandbox.world.faults.add(Rule("model.chat", Action.CONTENT, text="not what was asked for"))
    with pytest.raises(InvalidReply):
        await asked(settings, "answer", "sandbox/seller")


async def test_telegram_takes_the_application_and_nobody_hears_of_it(settings: Settings, sandbox: Sandbox) -> None:
    keys = {key for user in sandbox.world.users for key in sandbox.mtproto.keys.of(user.id)}
    reached = await user_probe.application(settings)
    assert reached.seconds > 0
    assert abs(reached.ahead) < 2
    assert keys == {key for user in sandbox.world.users for key in sandbox.mtproto.keys.of(user.id)}


async def test_an_application_that_telegram_refuses(settings: Settings, sandbox: Sandbox) -> None:
    refused = Rule("auth.exportLoginToken", Action.ERROR, code=400, text="API_ID_INVALID")
    sandbox.world.faults.add(refused)
    with pytest.raises(SettingsError, match="API_ID and API_HASH"):
        await user_probe.application(settings)


async def test_a_session_is_never_asked_while_somebody_has_its_lock(
    settings: Settings, sandbox: Sandbox, account: int, pool: asyncpg.Pool
) -> None:
    ring = KeyRing(SECRET)
    async with pool.acquire() as owner:
        assert await locks.try_lock(owner, account)
        with pytest.raises(Refused, match="running process"):
            await user_probe.session(settings, ring, pool, account)
        await locks.unlock(owner, account)
    assert not [packet for packet in sandbox.world.log.since() if packet.user == account]
    await user_probe.session(settings, ring, pool, account)
    async with pool.acquire() as owner:
        assert await locks.try_lock(owner, account), "the lock was given back"
