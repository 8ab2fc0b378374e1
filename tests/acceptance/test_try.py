"""``salesbot try @myself``: the whole product talks with one admin alone; who may be named, and what is said then."""

from __future__ import annotations

import re
import signal

from tests.support.house import OPERATOR, House
from tests.support.waiting import until

QUESTION = "We are 40 people, what would that cost?"


async def try_on(house: House, whom: str, **changed: str) -> None:
    """Begin to start, as the operator types it."""
    (house.folder / "product.out").unlink(missing_ok=True)
    await house.product.launch(changed, words=("-m", "salesbot", "try", whom))


def printed(house: House) -> str:
    path = house.folder / "product.out"
    return path.read_text(encoding="utf-8") if path.exists() else ""


async def refused(house: House, whom: str, **changed: str) -> str:
    """What is printed when it does not begin."""
    await try_on(house, whom, **changed)
    assert await house.product.child.wait(30) == 1, printed(house)
    return printed(house)


async def test_the_account_talks_with_the_operator_and_with_nobody_else(house: House) -> None:
    number = await house.begin("anna")
    assert await house.product.stop() == 0
    heard = await house.heard("anna")
    await try_on(house, f"@{OPERATOR}")

    told = await house.ask(f"/start @{OPERATOR}", "looking up")
    trial = int(re.findall(r"\d+", told["text"])[0])
    first = await house.hears(OPERATOR)
    await house.says("anna", QUESTION)
    await house.has_stored(number, QUESTION)
    await house.says(OPERATOR, QUESTION)
    await house.hears(OPERATOR, above=first["id"])
    await house.at_rest(trial)
    nobody = await house.ask("/start @boris", "being tried")
    assert f"@{OPERATOR}" in nobody["text"] and "@boris was not written to" in nobody["text"]
    assert await house.heard("anna") == heard and not await house.heard("boris")
    assert "talks with nobody else" in printed(house)
    assert await house.product.stop(signal.SIGINT) == 0

    await house.product.start()
    await until(lambda: _more(house, len(heard)), "Anna is answered")
    assert not await house.heard("boris")


async def _more(house: House, than: int) -> bool:
    return len(await house.heard("anna")) > than


async def test_nobody_but_an_admin_can_be_named(quiet_house: House) -> None:
    house = quiet_house
    me = house.id_of(OPERATOR)
    said = await refused(house, "@anna")
    assert "@anna is none of the admins" in said and f"{me}  @{OPERATOR}" in said
    assert "is no username" in await refused(house, "my self!")
    assert "@sales is none of the admins" in await refused(house, "@sales")
    other = {"ADMIN_TELEGRAM_ID": f"{me},{house.id_of('boris')}"}
    assert "has not written /start to @sales_desk_bot yet" in await refused(house, "@boris", **other)
    assert "write /start to @sales_desk_bot first" in await refused(house, str(house.id_of("boris")), **other)
    assert not await house.db.fetchval("select count(*) from dialogs")


async def test_a_product_that_runs_is_not_tried(house: House) -> None:
    running = house.product.child
    said = await refused(house, f"@{OPERATOR}")
    assert "Stop it first" in said
    running.send(signal.SIGTERM)
    assert await running.wait(15) == 0


async def test_without_an_account_there_is_nothing_to_try(empty_house: House) -> None:
    await empty_house.tell_bot("/start")
    assert "python -m salesbot login" in await refused(empty_house, f"@{OPERATOR}")


async def test_who_asked_not_to_be_written_to_is_left_alone_though_an_admin(quiet_house: House) -> None:
    house = quiet_house
    await try_on(house, "https://t.me/Operator")
    await house.ask(f"/start @{OPERATOR}", "looking up")
    await house.hears(OPERATOR)
    await house.says(OPERATOR, "stop")
    await until(lambda: _suppressed(house), "the opt-out is kept")
    assert await house.product.stop(signal.SIGINT) == 0
    assert "asked once not to be written to" in await refused(house, str(house.id_of(OPERATOR)))


async def _suppressed(house: House) -> bool:
    return bool(await house.db.fetchval("select count(*) from suppressions"))
