"""The whole house through the page, in both languages: a lead is won on it, trouble is watched, a phone is enough.

With PICTURES=FOLDER it leaves the pictures that the READMEs show there: `scripts/pictures` does that.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.forkserver import ForkServer
from tests.support.house import House, open_house

PICTURES = os.environ.get("PICTURES")
PATIENCE = 20_000
"""Milliseconds for what the product and the people do by themselves."""


@dataclass(frozen=True)
class Words:
    """What a person reads and presses, in one language."""

    locale: str
    suffix: str
    who: str
    first_name: str
    send: str
    alone: str
    backstage: str
    flood: str
    customers: str
    small_print: str


SPOKEN = {
    "en": Words(
        "en-GB", "", "clara", "Clara", "Send", "Let Clara answer without you", "Backstage", "Flood wait",
        "Customers", "Show the small print",
    ),
    "ru": Words(
        "ru-RU", ".ru", "anna", "Анна", "Отправить", "Пусть Анна отвечает без вас", "За кулисами",
        "Flood wait", "Клиенты", "Показать мелочи",
    ),
}  # fmt: skip


@pytest.fixture(params=SPOKEN)
async def spoken(request: pytest.FixtureRequest) -> Words:
    return SPOKEN[request.param]


@pytest.fixture
async def house(tmp_path: Path, forks: ForkServer, database: str, spoken: Words) -> AsyncIterator[House]:
    """Everything is up; the operator reads this language, and the account begins in it."""
    async with open_house(tmp_path, forks, database) as house:
        await house.sign_in()
        await house.control.call("PATCH", "/users/operator", lang_code=spoken.locale[:2])
        await house.control.call("PATCH", "/rules", answer_pause=0.4)
        scenario = tmp_path / "scenarios" / "sales" / "scenario.toml"
        order = '["ru", "en"]' if spoken.suffix else '["en", "ru"]'
        scenario.write_text(scenario.read_text().replace('languages = ["ru", "en"]', f"languages = {order}"))
        await house.product.start({"FIRST_CONTACT_PREVIEW": "true"})
        try:
            yield house
        except BaseException:
            print(house.product.log(60))
            raise


async def opened(browser: Browser, house: House, spoken: Words, width: int, height: int, scheme: str) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": height}, has_touch=width < 500, locale=spoken.locale,
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce",
    )  # fmt: skip
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto(house.state["web"])
    await page.locator("#desk .head h1").wait_for()
    return page


async def picture(page: Page, name: str, spoken: Words) -> None:
    if PICTURES:
        await page.mouse.move(0, 0)
        await page.screenshot(path=Path(PICTURES) / f"{name}{spoken.suffix}.png")


async def write(page: Page, text: str) -> None:
    await page.locator("#desk textarea").fill(text)
    await page.locator("#desk textarea").press("Enter")
    await expect(page.locator("#desk .row.out").last).to_contain_text(text)


def newest(page: Page) -> Locator:
    """The last of what stands at the desk, once it is the bot's."""
    return page.locator("#desk .row:last-child.in")


async def test_a_lead_is_won_on_the_page(browser: Browser, house: House, spoken: Words) -> None:
    page = await opened(browser, house, spoken, 1280, 800, "light")
    await write(page, "/start")
    await expect(newest(page)).to_contain_text("/start @", timeout=PATIENCE)
    await page.locator(".chatitem", has_text=spoken.first_name).click()
    await page.locator("#talk .hint", has_text=spoken.alone).click()

    await write(page, f"/start @{spoken.who}")
    card = page.locator("#desk .row.in", has=page.get_by_role("button", name=spoken.send, exact=True)).last
    await expect(card).to_contain_text(spoken.first_name, timeout=PATIENCE)
    await card.get_by_role("button", name=spoken.send, exact=True).click()
    await expect(page.locator("#talk .row.in").first).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("#talk .row.out").first).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("#desk")).to_contain_text("🎉", timeout=2 * PATIENCE)

    await write(page, "/list all")
    await expect(newest(page)).to_contain_text(spoken.first_name, timeout=PATIENCE)
    await picture(page, "page", spoken)
    await page.context.close()

    dark = await opened(browser, house, spoken, 1280, 860, "dark")
    await dark.locator(".chatitem", has_text=spoken.first_name).click()
    await dark.get_by_role("button", name=spoken.backstage).click()
    await dark.get_by_role("switch", name=spoken.flood).click()
    flood = dark.get_by_role("switch", name=spoken.flood)
    await house.control.say(spoken.who, "sales", "?")
    await write(dark, "/say 1 ok")
    await expect(flood.locator(".count")).not_to_have_text("0×", timeout=PATIENCE)
    await expect(dark.locator(".log .failed").last).to_contain_text("FLOOD_WAIT", timeout=PATIENCE)
    await picture(dark, "backstage", spoken)
    await flood.click()
    await dark.context.close()

    phone = await opened(browser, house, spoken, 390, 780, "light")
    await write(phone, "/view 1")
    await expect(newest(phone)).to_contain_text(spoken.first_name, timeout=PATIENCE)
    await picture(phone, "phone", spoken)
    await phone.locator(".tab", has_text=spoken.customers).click()
    await phone.locator(".chatitem", has_text=spoken.first_name).click()
    await expect(phone.locator("#talk .row").last).to_be_in_viewport()
    await phone.context.close()
