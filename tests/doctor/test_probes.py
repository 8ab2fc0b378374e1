"""The small questions that the doctor asks and whoever installs asks while a setting is typed: each right and wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from salesbot import settings as reading
from salesbot.adminbot import probe as bot_probe
from salesbot.errors import InvalidReply, ModelRefused, ModelUnavailable, SettingsError, Transient
from salesbot.llm import probe as llm_probe
from salesbot.settings import Settings
from salesbot.userbot import probe as user_probe
from sandbox.app import Sandbox
from sandbox.world import Action, Rule
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


async def test_a_token_that_is_refused_is_a_matter_of_settings(values: dict[str, str], fake: Fake) -> None:
    with pytest.raises(SettingsError, match="BOT_TOKEN is refused"):
        await bot_probe.look(reading.checked({**values, "BOT_TOKEN": "1:wrong"}))
    with pytest.raises(Transient) as raised:
        await bot_probe.look(reading.checked({**values, "BOT_API_URL": NOWHERE}))
    assert values["BOT_TOKEN"].partition(":")[2] not in str(raised.value)


async def test_an_admin_who_never_pressed_start_is_a_stranger(
    values: dict[str, str], sandbox: Sandbox, operator: int
) -> None:
    settings = reading.checked({**values, "ADMIN_TELEGRAM_ID": f"{operator},404404"})
    sandbox.world.send(operator, sandbox.state()["bot"]["id"], "/start")
    assert await bot_probe.strangers(settings) == [404404]


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


async def test_an_application_that_telegram_refuses(
    settings: Settings, values: dict[str, str], sandbox: Sandbox
) -> None:
    refused = Rule("auth.exportLoginToken", Action.ERROR, code=400, text="API_ID_INVALID")
    sandbox.world.faults.add(refused)
    with pytest.raises(SettingsError, match="API_ID and API_HASH"):
        await user_probe.application(settings)
    with pytest.raises(Transient, match="cannot be reached"):
        await user_probe.application(reading.checked({**values, "TELEGRAM_SERVER": "127.0.0.1:9"}))
