"""TELEGRAM_PROXY through a real SOCKS5 server: the way there, and what the operator reads when there is none."""

from __future__ import annotations

import socket

import pytest

from salesbot.errors import SettingsError, Transient
from salesbot.settings import STAND_INS, load
from salesbot.userbot import login as logins
from salesbot.userbot import proxies
from salesbot.userbot.login import Answers
from sandbox.mtproto.address import HOST
from tests.support.socks import socks5
from tests.userbot.conftest import Notes, Town

LOGIN = ("us er", "p@ss:word")
SPELT = "us%20er:p%40ss%3Aword"


def by_way_of(town: Town, url: str) -> None:
    town.settings = town.settings.model_copy(update={"telegram_proxy": url})


async def reason(town: Town) -> str:
    """Why no connection comes about."""
    with pytest.raises(Transient) as raised:
        await town.connect(Notes())
    return str(raised.value)


@pytest.mark.parametrize("login", [None, LOGIN])
async def test_everything_goes_through_the_proxy(town: Town, login: tuple[str, str] | None) -> None:
    async with socks5(login=login) as proxy:
        by_way_of(town, proxy.url(SPELT if login else ""))
        notes = Notes()
        async with town.connected(notes):
            town.world.send(town.anna, town.account, "hello")
            await notes.until(lambda: notes.texts == ["hello"])
        assert proxy.wanted == [(HOST, town.server.port)]


async def test_the_proxy_looks_the_name_up(town: Town) -> None:
    async with socks5(names={"telegram.invalid": HOST}) as proxy:
        by_way_of(town, proxy.url())
        server = f"telegram.invalid:{town.server.port}"
        town.settings = town.settings.model_copy(update={"telegram_server": server})
        async with town.connected(Notes()):
            assert proxy.wanted == [("telegram.invalid", town.server.port)]


async def test_a_login_goes_through_the_proxy_too(town: Town) -> None:
    user = town.world.users[town.account]
    answers = Answers(phone=user.phone, code=user.code, tell=lambda _: None)
    async with socks5(login=LOGIN) as proxy:
        by_way_of(town, proxy.url(SPELT))
        await logins.login(settings=town.settings, keys=town.keys, pool=town.pool, answers=answers)
        assert set(proxy.wanted) == {(HOST, town.server.port)}


async def test_a_proxy_that_is_down_is_named_and_waited_for(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    by_way_of(town, f"socks5://127.0.0.1:{port}")
    assert await reason(town) == f"The proxy 127.0.0.1:{port} (TELEGRAM_PROXY) cannot be reached."


@pytest.mark.parametrize(
    ("spelt", "words"),
    [
        ("", "No acceptable authentication methods were offered"),
        ("someone:else", "Username and password authentication failure"),
    ],
)
async def test_a_proxy_that_does_not_know_us_is_named_without_the_password(town: Town, spelt: str, words: str) -> None:
    async with socks5(login=LOGIN) as proxy:
        by_way_of(town, proxy.url(spelt))
        said = await reason(town)
        assert said == f"The proxy 127.0.0.1:{proxy.port} (TELEGRAM_PROXY) refuses: {words}."
        assert (proxy.wanted, town.world.log.since(kind="connect")) == ([], [])


async def test_a_proxy_that_lets_nobody_through_says_so(town: Town) -> None:
    async with socks5(forbids=True) as proxy:
        by_way_of(town, proxy.url())
        assert "refuses: Connection not allowed by ruleset" in await reason(town)


async def test_a_login_says_what_is_wrong_with_the_proxy(town: Town) -> None:
    answers = Answers(phone=town.world.users[town.account].phone, tell=lambda _: None)
    async with socks5(login=LOGIN) as proxy:
        by_way_of(town, proxy.url())
        with pytest.raises(Transient, match=r"TELEGRAM_PROXY\) refuses"):
            await logins.login(settings=town.settings, keys=town.keys, pool=town.pool, answers=answers)


async def test_a_proxy_that_dies_ends_the_connection_and_the_next_one_goes_on(town: Town) -> None:
    async with socks5() as proxy:
        by_way_of(town, proxy.url())
        gateway = await town.connect(Notes())
        proxy.cut()
        assert isinstance(await town.ending(gateway), Transient)
        notes = Notes()
        async with town.connected(notes):
            town.world.send(town.anna, town.account, "still there?")
            await notes.until(lambda: notes.texts == ["still there?"])


@pytest.mark.parametrize("setting", ["TELEGRAM_PROXY", "BOT_PROXY"])
@pytest.mark.parametrize("url", ["socks5://127.0.0.1:99999", "socks5://me:w%C3%B6rd@host:1080", "proxy"])
def test_what_is_no_proxy_or_cannot_be_told_to_one_is_said_at_the_start(setting: str, url: str) -> None:
    with pytest.raises(SettingsError, match=f"{setting} is not valid: like socks5://"):
        load({**STAND_INS, setting: url})


def test_a_proxy_does_not_show_its_password() -> None:
    proxy = proxies.parsed(f"socks5://{SPELT}@host:1080")
    assert proxy is not None
    assert (proxy.username, proxy.password) == LOGIN
    assert "word" not in f"{proxy!r}{proxy}"
