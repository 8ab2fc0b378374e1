"""Backstage: customers who answer by themselves, troubles switched on and watched, and what the servers saw."""

from __future__ import annotations

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramServerError
from playwright.async_api import Page, expect

from sandbox.control.client import Control
from tests.page.conftest import OpenPage

WIDTHS = [1280, 390]


async def backstage(page: Page, part: str = "Customers") -> None:
    """Open it, and on a phone one of its parts."""
    if await page.locator(".tab").first.is_visible():
        await page.locator(".tab", has_text="Backstage").click()
        await page.locator("#backstage").get_by_role("tab", name=part).click()
    else:
        await page.get_by_role("button", name="Backstage").click()
    await expect(page.locator("#parts")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
async def test_anna_answers_by_herself(open_page: OpenPage, control: Control, width: int) -> None:
    await control.call("PATCH", "/rules", answer_pause=0.05)
    page = await open_page(width)
    await backstage(page)
    await page.get_by_label("Who answers for Анна Смирнова").select_option("hot")
    await control.say("sales", "anna", "Здравствуйте! Сколько человек у вас в офисе?")
    assert await control.wait_message("sales", "anna")
    if width == 390:
        await page.locator(".tab", has_text="Customers").click()
    anna = page.locator(".chatitem", has_text="Анна")
    await expect(anna.locator(".icon-self")).to_be_visible()
    await anna.click()
    switch = page.locator("#talk").get_by_role("button", name="Let Анна answer without you")
    await expect(switch).to_have_attribute("aria-pressed", "true")
    await switch.click()
    await expect(switch).to_have_attribute("aria-pressed", "false")
    await expect(anna.locator(".icon-self")).to_have_count(0)
    assert (await control.call("GET", "/users"))[3]["automatic"] == ""


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_trouble_is_switched_on_watched_and_switched_off(
    open_page: OpenPage, bot: Bot, control: Control, operator: int, width: int
) -> None:
    await control.say("operator", "sales_desk_bot", "/start")
    page = await open_page(width)
    await backstage(page, "Troubles")
    down = page.get_by_role("switch", name="The Bot API is down")
    await down.click()
    await expect(down).to_have_attribute("aria-checked", "true")
    await expect(down.locator(".count")).to_have_text("0×")
    for times in ("1×", "2×"):
        with pytest.raises(TelegramServerError, match="Bad Gateway"):
            await bot.send_message(operator, "hello")
        await expect(down.locator(".count")).to_have_text(times)
    await down.click()
    await expect(down).to_have_attribute("aria-checked", "false")
    assert await bot.send_message(operator, "hello")
    assert await control.call("GET", "/faults") == []


async def test_the_network_of_the_account_is_cut(open_page: OpenPage, control: Control) -> None:
    page = await open_page()
    await backstage(page)
    await page.get_by_role("switch", name="The network is down").click()
    await expect(page.locator(".bar")).to_contain_text("1 trouble is on")
    (rule,) = await control.call("GET", "/faults")
    assert (rule["api"], rule["action"], rule["count"]) == ("connect", "cut_before", None)


async def test_a_rule_set_by_a_program_can_be_taken_away(open_page: OpenPage, control: Control) -> None:
    await control.fault("messages.readHistory", "delay", seconds=1)
    page = await open_page()
    await backstage(page)
    rule = page.get_by_role("switch", name="messages.readHistory: delay")
    await expect(rule).to_have_attribute("aria-checked", "true")
    await rule.click()
    await expect(rule).to_have_count(0)


@pytest.mark.parametrize("width", WIDTHS)
async def test_what_the_server_saw_is_told_as_it_comes(
    open_page: OpenPage, bot: Bot, control: Control, operator: int, width: int
) -> None:
    await control.say("operator", "sales_desk_bot", "/start")
    await bot.get_me()
    page = await open_page(width)
    await backstage(page, "What the server saw")
    log = page.locator(".log")
    await expect(log.locator(".entry").last).to_contain_text("bot.getMe")
    await bot.send_message(operator, "hello")
    said = log.locator(".entry", has_text="bot.sendMessage").last
    await expect(said).to_contain_text("Sales desk says → Operator")
    await expect(said.locator(".outcome")).to_have_text("✓")
    with pytest.raises(Exception, match="message text is empty"):
        await bot.send_message(operator, " ")
    await expect(log.locator(".failed")).to_contain_text("400 Bad Request: message text is empty")
    await bot.get_updates()
    small = log.locator(".entry", has_text="bot.getUpdates").last
    await expect(small).to_have_count(1)
    await expect(small).to_be_hidden()
    await page.get_by_role("button", name="Show the small print").click()
    await expect(small).to_be_visible()


async def test_a_flood_of_calls_neither_grows_nor_moves_the_page(open_page: OpenPage, bot: Bot) -> None:
    page = await open_page()
    await backstage(page)
    await expect(page.locator(".log")).to_be_visible()
    before = await page.locator("#desk").bounding_box()
    for _ in range(7):
        await asyncio.gather(*(bot.get_me() for _ in range(50)))
    await expect(page.locator(".log .entry")).to_have_count(300)
    await expect(page.locator(".log .entry").last).to_be_in_viewport()
    assert await page.locator("#desk").bounding_box() == before


async def test_closed_it_costs_nothing(open_page: OpenPage, bot: Bot) -> None:
    page = await open_page()
    await backstage(page)
    await bot.get_me()
    await expect(page.locator(".log .entry")).not_to_have_count(0)
    await page.get_by_role("button", name="Backstage").click()
    await expect(page.locator("#parts")).to_be_hidden()
    await expect(page.locator(".log .entry")).to_have_count(0)
