"""At each width: no horizontal scroll, nothing clipped, and everything large enough for a thumb."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.types import BotCommand, BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from playwright.async_api import Page, expect

from sandbox.control.client import Control
from tests.page.conftest import OpenPage

WIDTHS = [1280, 820, 390]
LONG = "Averyveryverylongwordwithoutanyspace" * 8
MEASURE = """() => {
  const wrong = [];
  const width = document.documentElement.clientWidth;
  const name = (e) => `${e.tagName.toLowerCase()}.${e.className} ${(e.textContent || e.ariaLabel || '').slice(0, 30)}`;
  const whole = document.documentElement.scrollWidth;
  if (whole > width) wrong.push(`the page scrolls sideways: ${whole}`);
  for (const e of document.querySelectorAll('body *')) {
    const r = e.getBoundingClientRect();
    if (!r.width || !r.height || !e.checkVisibility()) continue;
    if (r.left < -0.5 || r.right > width + 0.5) wrong.push(`${name(e)} reaches from ${r.left} to ${r.right}`);
    if (e.matches('button, a.key, a.card, textarea, input, select') && (r.height < 40 || r.width < 40))
      wrong.push(`${name(e)} is ${r.width} x ${r.height}`);
    const holds = '.head, .composer, .bubble, .key, .tab, .menu, .empty, .messages, .part, .rows, .switch, .entry';
    if (e.matches(holds) && e.scrollWidth > e.clientWidth + 1)
      wrong.push(`${name(e)} holds ${e.scrollWidth} in ${e.clientWidth}`);
  }
  return wrong;
}"""


async def measured(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(MEASURE)
    return found


async def show(page: Page, pane: str) -> None:
    """Bring a pane to the front where only one is shown."""
    tabs = page.locator(".tab")
    if not await tabs.first.is_visible():
        return
    await tabs.nth({"desk": 0, "backstage": 2}.get(pane, 1)).click()
    if pane == "talk":
        await page.locator(".chatitem").first.click()


@pytest.fixture
async def full(control: Control, bot: Bot, operator: int) -> None:
    """Both sides say everything that can be said."""
    await control.say("operator", "sales_desk_bot", "/list all of them please " + LONG)
    keys = [[InlineKeyboardButton(text=text, callback_data=text) for text in ("Newer", "Older")]]
    keys.append([InlineKeyboardButton(text=f"Stop dialog {LONG[:40]}", callback_data="s")])
    markup = InlineKeyboardMarkup(inline_keyboard=keys)
    text = (
        f"<b>Dialogs</b>\n<pre>{LONG}</pre>\n<blockquote>{LONG}</blockquote> <a href='https://e.example/{LONG}'>x</a>"
    )
    await bot.send_message(operator, f"{text} {LONG}", parse_mode="HTML", reply_markup=markup)
    await bot.send_document(operator, BufferedInputFile(b"1", f"{LONG[:100]}.txt"), caption=LONG)
    await bot.set_my_commands([BotCommand(command="export_all", description="every dialog, " + LONG[:200])])
    await control.say("sales", "anna", LONG)
    for kind in ("photo", "voice", "video_note", "sticker", "contact", "location"):
        await control.say("anna", "sales", media={"kind": kind, "emoji": "👋", "first_name": LONG[:60], "duration": 5})
    said = await control.say("anna", "sales", "short", reply_to=1)
    await control.call("POST", "/react", as_="anna", message_id=said["id"], emoji="👍")


@pytest.mark.parametrize("width", WIDTHS)
async def test_nothing_is_clipped_when_nothing_was_said(open_page: OpenPage, width: int) -> None:
    page = await open_page(width)
    for pane in ("desk", "people", "talk"):
        await show(page, pane)
        assert await measured(page) == [], pane


@pytest.mark.parametrize("width", WIDTHS)
async def test_nothing_is_clipped_when_everything_was_said(
    open_page: OpenPage, full: None, control: Control, width: int
) -> None:
    await control.fault(f"messages.{LONG[:60]}", "delay")
    page = await open_page(width)
    for pane in ("desk", "people", "talk"):
        await show(page, pane)
        assert await measured(page) == [], pane
    await show(page, "backstage")
    if await page.locator(".bar").is_visible():
        await page.locator(".bar").click()
    for part in await page.locator("#backstage .chooser button").all():
        if await part.is_visible():
            await part.click()
        assert await measured(page) == []


@pytest.mark.parametrize("width", WIDTHS)
async def test_menus_fit(open_page: OpenPage, full: None, width: int) -> None:
    page = await open_page(width)
    await show(page, "desk")
    await page.locator("#desk .menubutton").click()
    await expect(page.locator(".menu")).to_be_visible()
    assert await measured(page) == []
    await page.keyboard.press("Escape")
    await show(page, "talk")
    for button in (page.locator("#talk .composer [aria-haspopup]"), page.locator("#talk .tools button").last):
        await button.click()
        await expect(page.locator(".menu")).to_be_visible()
        assert await measured(page) == []
        await page.keyboard.press("Escape")
        await expect(button).to_be_focused()


async def test_a_phone_shows_one_pane_at_a_time(open_page: OpenPage) -> None:
    page = await open_page(390)
    await expect(page.locator("#desk")).to_be_visible()
    await expect(page.locator("#people")).to_be_hidden()
    await page.locator(".tab").nth(1).click()
    await page.locator(".chatitem", has_text="Boris").click()
    await expect(page.locator("#talk h1")).to_have_text("Boris Keller")
    await page.locator("#talk").get_by_label("Back to the customers").click()
    await expect(page.locator("#people")).to_be_visible()
    await expect(page.locator("#talk")).to_be_hidden()
