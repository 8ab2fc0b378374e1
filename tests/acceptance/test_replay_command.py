"""``salesbot replay`` as the operator types it, beside the product that runs."""

from __future__ import annotations

import shutil

import pytest

from tests.support.house import House

QUESTION = "We are 40 people, what would that cost?"


async def replayed(house: House, *words: str) -> tuple[int, str]:
    """The exit code and what is printed."""
    (house.folder / "product.out").unlink(missing_ok=True)
    child = await house.product.launch(words=("-m", "salesbot", "replay", *words))
    code = await child.wait(30)
    return code, (house.folder / "product.out").read_text(encoding="utf-8")


@pytest.fixture
async def number(house: House) -> int:
    """A dialog in which the scripted seller was asked something; the product is stopped."""
    number = await house.begin("anna")
    said = await house.says("anna", QUESTION)
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    assert await house.product.stop() == 0
    return number


async def test_a_scripted_seller_says_the_same_again(house: House, number: int) -> None:
    heard = await house.heard("anna")
    page = house.folder / "replay.html"
    code, text = await replayed(house, str(number), "--html", str(page))
    assert code == 0, text
    assert "2 turns: 2 the same, 0 different." in text
    assert QUESTION in text and "now: scenario sales, sandbox/seller" in text
    assert "\x1b" not in text, "a pipe gets no colours"
    assert QUESTION in page.read_text(encoding="utf-8")
    assert oct(page.stat().st_mode & 0o777) == "0o600", "people's words are for the operator alone"
    assert await house.heard("anna") == heard


async def test_another_scenario_and_another_model(house: House, number: int) -> None:
    mine = house.folder / "mine"
    shutil.copytree(house.folder / "scenarios" / "sales", mine)
    code, text = await replayed(house, str(number), "--scenario", str(mine), "--model", "sandbox/echo")
    assert code == 0, text
    assert "now: scenario mine, sandbox/echo" in text and "2 different" in text

    facts = mine / "facts.toml"
    facts.write_text("kaputt", encoding="utf-8")
    code, text = await replayed(house, str(number), "--scenario", str(mine))
    assert code == 78 and "facts.toml:1" in text and "Traceback" not in text


async def test_what_cannot_be_replayed_is_said_in_a_line(house: House, number: int) -> None:
    code, text = await replayed(house, "99")
    assert code == 1 and "There is no dialog 99." in text and f"{number}  @anna" in text
    code, text = await replayed(house, str(10**30))
    assert code == 2 and "Traceback" not in text
    code, text = await replayed(house, str(number), "--html", str(house.folder / "nowhere" / "page.html"))
    assert code == 1 and "cannot be written" in text
    await house.control.fault("model.chat", "error", code=401, count=None)
    code, text = await replayed(house, str(number))
    assert code == 1 and "No model answers" in text and "HTTP 401" in text and "Traceback" not in text
