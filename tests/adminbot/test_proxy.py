"""BOT_PROXY through a real SOCKS5 server; whatever is wrong with it is an outage like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError

from salesbot.adminbot.bot import plain_bot
from salesbot.settings import Settings
from tests.support.socks import socks5

LOGIN = ("me", "p@ss")


@asynccontextmanager
async def through(settings: Settings, url: str) -> AsyncIterator[Bot]:
    bot = plain_bot(settings.model_copy(update={"bot_proxy": url}))
    try:
        yield bot
    finally:
        await bot.session.close()


@pytest.mark.parametrize(("login", "spelt"), [(None, ""), (LOGIN, "me:p%40ss")])
async def test_the_bot_goes_through_its_proxy(settings: Settings, login: tuple[str, str] | None, spelt: str) -> None:
    there = urlsplit(settings.bot_api_url)
    async with socks5(login=login) as proxy, through(settings, proxy.url(spelt)) as bot:
        assert (await bot.me()).is_bot
        assert proxy.wanted == [(there.hostname, there.port)]


@pytest.mark.parametrize(
    ("what", "spelt"), [({"login": LOGIN}, ""), ({"login": LOGIN}, "me:else"), ({"forbids": True}, "")]
)
async def test_a_proxy_that_refuses_is_an_outage_and_is_named(
    settings: Settings, what: dict[str, object], spelt: str
) -> None:
    async with socks5(**what) as proxy, through(settings, proxy.url(spelt)) as bot:
        with pytest.raises(TelegramNetworkError, match="the proxy of BOT_PROXY"):
            await bot.me()


async def test_a_proxy_that_is_down_is_an_outage_and_is_named(settings: Settings, unused_tcp_port: int) -> None:
    async with through(settings, f"socks5://127.0.0.1:{unused_tcp_port}") as bot:
        with pytest.raises(TelegramNetworkError, match="the proxy of BOT_PROXY"):
            await bot.me()
