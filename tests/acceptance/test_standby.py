"""Two processes on one database (law 3): one owns the account, the other stands by and takes over within ten seconds.

The sandbox's Telegram kills a key that is used on two connections at once, so a takeover that is too early shows."""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.acceptance.freezes import SETTINGS, TAKEOVER, freeze, freezes, second_product
from tests.chaos.wire import WireProxy
from tests.support.forkserver import ForkServer
from tests.support.house import ACCOUNT, BOT, OPERATOR, House, Json
from tests.support.ledger import agree
from tests.support.product import Notices, Product
from tests.support.waiting import PATIENCE, until

STANDBY = "STATUS=Ждёт: аккаунт у другого процесса · standby"
RUNNING = "STATUS=Работает · running"
NOBODY = "STATUS=Ждёт аккаунта: salesbot login · no account is signed in"
OUT = "STATUS=Аккаунт не работает: salesbot accounts · no account can be used"


@pytest.fixture
async def other(quiet_house: House, forks: ForkServer) -> AsyncIterator[Product]:
    """A second process, not started yet."""
    product = second_product(quiet_house, forks, **SETTINGS)
    yield product
    await product.close()


async def connections(house: House) -> list[int]:
    """Those on which the account spoke, in order; the product's alone, for nobody else has its key."""
    told = await house.control.call("GET", "/log", user=ACCOUNT, kind="rpc")
    return list(dict.fromkeys(line["connection"] for line in told["lines"]))


async def speaks_on_a_fresh_one(house: House, known: list[int]) -> Json:
    """The first packet on a connection that is not one of these."""

    async def look() -> Json | None:
        told = await house.control.call("GET", "/log", user=ACCOUNT, kind="rpc")
        return next((line for line in told["lines"] if line["connection"] not in known), None)

    return await until(look, "a fresh connection speaks", PATIENCE)


async def has_logged(product: Product, words: str, times: int = 1) -> None:
    async def logged() -> bool:
        return product.log(10_000).count(words) >= times

    await until(logged, f"{words!r} is logged")


async def test_a_second_process_says_that_it_stands_by_and_touches_nothing(house: House, other: Product) -> None:
    number = await house.begin("anna")
    known = await connections(house)
    notices = Notices()
    await other.launch({"NOTIFY_SOCKET": notices.address})
    await notices.wait("READY=1")
    await notices.wait(STANDBY)
    await has_logged(other, "standing by: another process owns the account")
    said = await house.says("anna", "We are 40 people")
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    assert await connections(house) == known
    assert await house.db.fetchval("select epoch from accounts") == 1
    assert await house.product.stop() == 0
    await notices.wait(RUNNING)
    notices.close()
    said = await house.says("anna", "And what would that cost?")
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    await agree(house, number)


async def test_systemctl_status_tells_that_an_account_is_missing_signed_in_or_out(empty_house: House) -> None:
    notices = Notices()
    child = await empty_house.product.launch({"NOTIFY_SOCKET": notices.address})
    await notices.wait(NOBODY)
    await empty_house.sign_in()
    await notices.wait(RUNNING)
    await empty_house.control.call("POST", "/wait/log", user=ACCOUNT, kind="rpc", timeout=PATIENCE)
    await empty_house.control.call("POST", "/revoke", user=ACCOUNT)
    await empty_house.tell_bot("/start @boris")  # whoever only listens never learns of it
    await notices.wait(OUT)
    assert child.alive, "the desk stays open"
    notices.close()


async def killed(house: House, _proxy: WireProxy) -> None:
    await house.product.kill()


async def database_resets(_house: House, proxy: WireProxy) -> None:
    proxy.away = True


async def database_is_silent(_house: House, proxy: WireProxy) -> None:
    proxy.freeze()


@pytest.mark.parametrize("lost", [killed, database_resets, database_is_silent])
async def test_the_standby_takes_over_within_ten_seconds(
    quiet_house: House, other: Product, lost: Callable[[House, WireProxy], Awaitable[None]]
) -> None:
    """From one that is killed, and from one that loses the database; that one stands by once it is back."""
    house = quiet_house
    async with WireProxy.before(house.dsn) as proxy:
        await house.product.start({**SETTINGS, "DATABASE_URL": proxy.dsn})
        number = await house.begin("anna")
        await other.start()
        await has_logged(other, "standing by")
        known = await connections(house)
        began = time.time()
        await lost(house, proxy)
        said = await house.says("anna", "Please confirm A-1")
        assert (await speaks_on_a_fresh_one(house, known))["at"] - began < TAKEOVER
        await house.hears("anna", "A-1", above=said["id"])
        proxy.away = False
        proxy.thaw()
        if lost is not killed:
            await has_logged(house.product, "standing by")
        await house.at_rest(number)
        assert len(await connections(house)) == len(known) + 1
        await agree(house, number)


async def test_a_frozen_owner_says_nothing_more_when_it_is_woken(quiet_house: House, other: Product) -> None:
    """Three freezes; ``python -m tests.acceptance.freezes`` plays as many as one likes."""
    quiet_house.product.settings = {**quiet_house.product.settings, **SETTINGS}
    figures = await freezes(quiet_house, other, times=3, seed=1)
    assert figures.late == []
    assert max(figures.takeovers) < TAKEOVER


async def stalls(house: House, seconds: float) -> None:
    """Let the process stand still for so long."""
    asked = await freeze(house.product)

    async def over() -> bool:
        return time.time() - asked >= seconds

    await until(over, "the stall is over")
    house.product.child.send(signal.SIGCONT)


async def alarms(house: House) -> list[str]:
    """What the bot told the operator without being asked."""
    return [one["text"] for one in await house.chat(OPERATOR, BOT) if not one["out"]]


@pytest.mark.parametrize(("seconds", "reconnects"), [(1.0, 0), (5.0, 1)])
async def test_a_stall_of_a_second_changes_nothing_and_one_of_five_costs_a_reconnect(
    house: House, seconds: float, reconnects: int
) -> None:
    number = await house.begin("anna")
    await house.bot_says("the first message is on its way")
    known, told = await connections(house), await alarms(house)
    await stalls(house, seconds)
    if reconnects:
        await speaks_on_a_fresh_one(house, known)
    for question in ("We are 40 people", "And what would that cost?"):
        said = await house.says("anna", question)
        await house.hears("anna", above=said["id"])
        await house.at_rest(number)
    assert len(await connections(house)) == len(known) + reconnects
    assert await alarms(house) == told
    await agree(house, number)
