"""The operator's side of the page: cards answered, pictures and files, commands as one types, colleagues, keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
)
from playwright.async_api import Page, expect

from sandbox.control.client import Control
from sandbox.control.picture import picture
from tests.page.conftest import OpenPage
from tests.support.sandbox import told

pytestmark = pytest.mark.usefixtures("started")

DESK = "sales_desk_bot"
CARD = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=text) for text in ("Send", "Edit", "Skip", "Take")]]
)
COMMANDS = [
    BotCommand(command=name, description=f"what {name} does") for name in ("list", "view", "log", "pause", "import")
]


async def where(page: Page, *selectors: str) -> list[object]:
    """Where things are."""
    return [await page.locator(one).first.bounding_box() for one in selectors]


FOCUSED = """() => {
  const one = document.activeElement;
  return one.matches("button, textarea, select") ? one.ariaLabel || one.innerText : "";
}"""
SHOWS_IT = """() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
}"""

FIXED = ("#desk .head", "#desk .composer", "#people .head", "#talk .head", "#talk .composer", "#backstage")


async def test_a_card_is_edited_in_place_and_nothing_jumps(
    open_page: OpenPage, bot: Bot, control: Control, operator: int
) -> None:
    page = await open_page()
    before = await where(page, *FIXED)
    card = await bot.send_message(operator, "Draft for Anna: hello", reply_markup=CARD)
    await control.say("sales", "anna", "one\n" * 30)
    await control.call("POST", "/typing", as_="sales", to="anna")
    row = page.locator("#desk .row.in").last
    await row.get_by_role("button", name="Skip").focus()
    top = await where(page, "#desk .row.in")
    edited = await bot.edit_message_text(
        "Draft for Anna: salut", chat_id=operator, message_id=card.message_id, reply_markup=CARD
    )
    assert isinstance(edited, Message)
    await expect(row).to_contain_text("salut")
    await expect(row).to_contain_text("edited")
    await expect(row.get_by_role("button", name="Skip")).to_be_focused()
    assert await where(page, "#desk .row.in") == top
    assert await where(page, *FIXED) == before


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_card_is_answered(open_page: OpenPage, bot: Bot, operator: int, width: int) -> None:
    card = await bot.send_message(operator, "Draft for Anna", reply_markup=CARD)
    page = await open_page(width)
    await page.locator("#desk .row.in .tools button").click()
    await page.get_by_role("menuitem", name="Reply").click()
    await expect(page.locator("#desk .banner")).to_contain_text("Draft for Anna")
    await page.keyboard.type("Better words")
    await page.keyboard.press("Enter")
    answer = await told(bot)
    assert isinstance(answer.reply_to_message, Message) and answer.reply_to_message.message_id == card.message_id
    await expect(page.locator("#desk .row.out .quote")).to_have_text("Draft for Anna")


async def test_a_question_that_wants_an_answer_gets_it(open_page: OpenPage, bot: Bot, operator: int) -> None:
    page = await open_page()
    asked = ForceReply(input_field_placeholder="The text for Anna")
    question = await bot.send_message(operator, "What shall I say?", reply_markup=asked)
    await expect(page.locator("#desk textarea")).to_have_attribute("placeholder", "The text for Anna")
    await page.locator("#desk textarea").fill("Hello")
    await page.keyboard.press("Enter")
    answer = await told(bot)
    assert isinstance(answer.reply_to_message, Message) and answer.reply_to_message.message_id == question.message_id
    await expect(page.locator("#desk textarea")).to_have_attribute("placeholder", "Write a command…")


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_table_is_sent_with_its_command(open_page: OpenPage, bot: Bot, tmp_path: Path, width: int) -> None:
    table = tmp_path / "клиенты.csv"
    table.write_text("username;name\n@anna;Анна\n")
    page = await open_page(width)
    await page.locator("#desk").get_by_label("Send something else than text").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="A file from this computer").click()
    await (await chooser.value).set_files(table)
    await expect(page.locator("#desk .banner")).to_contain_text("клиенты.csv")
    await page.keyboard.type("/import")
    await page.keyboard.press("Enter")
    message = await told(bot)
    assert message.document is not None and message.caption == "/import"
    fetched = await bot.download(message.document)
    assert fetched is not None and fetched.read() == table.read_bytes()
    await expect(page.locator("#desk .row.out a.card")).to_contain_text("клиенты.csv")


async def test_a_picture_takes_its_place_at_once_and_is_enlarged(open_page: OpenPage, bot: Bot, operator: int) -> None:
    page = await open_page()
    sent = await bot.send_photo(operator, BufferedInputFile(picture(300, 200), "stats.png"), caption="30 days")
    photo = page.locator("#desk .photo")
    box = await photo.bounding_box()
    assert box is not None and abs(box["width"] / box["height"] - 1.5) < 0.03
    assert await photo.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 300
    assert await photo.bounding_box() == box
    await photo.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("30 days")
    await page.keyboard.press("Escape")
    await expect(photo).to_be_focused()
    fresh = InputMediaPhoto(media=BufferedInputFile(picture(200, 200), "stats.png"), caption="7 days")
    await bot.edit_message_media(fresh, chat_id=operator, message_id=sent.message_id)
    await expect(page.locator("#desk .row.in")).to_contain_text("7 days")
    await expect(photo.locator("img")).to_have_attribute("height", "200")


@pytest.mark.parametrize("width", [1280, 390])
async def test_commands_are_offered_as_one_types(open_page: OpenPage, bot: Bot, width: int) -> None:
    await bot.set_my_commands(COMMANDS)
    page = await open_page(width)
    box, offered = page.locator("#desk textarea"), page.locator("#desk .suggestion")
    await box.press_sequentially("/")
    await expect(offered).to_have_count(len(COMMANDS))
    await box.press_sequentially("l")
    await expect(offered).to_have_text(["/listwhat list does", "/logwhat log does"])
    await page.keyboard.press("ArrowUp")
    await expect(offered.last).to_have_attribute("aria-selected", "true")
    await expect(box).to_have_attribute("aria-activedescendant", "Commands-suggestions-1")
    await page.keyboard.press("Enter")
    await expect(box).to_have_value("/log ")
    await expect(page.locator("#desk .suggestions")).to_be_hidden()
    await box.fill("/p")
    await expect(offered).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(box).to_have_value("/pause ")
    await box.fill("/")
    await page.keyboard.press("Escape")
    await expect(page.locator("#desk .suggestions")).to_be_hidden()
    await box.fill("/view")
    await expect(offered).to_have_count(1)
    await page.keyboard.press("Enter")
    assert (await told(bot)).text == "/view"


async def test_who_begins_to_type_writes_in_the_chat_they_are_in(open_page: OpenPage, bot: Bot, operator: int) -> None:
    await bot.send_message(operator, "Draft for Anna", reply_markup=CARD)
    page = await open_page()
    await page.keyboard.type("/stop 1")
    await page.keyboard.press("Enter")
    assert (await told(bot)).text == "/stop 1"
    await page.locator("#desk .row.in").last.get_by_role("button", name="Skip").focus()
    await page.keyboard.type("/view 1")
    await expect(page.locator("#desk textarea")).to_have_value("/view 1")
    await page.locator(".chatitem").first.focus()
    await page.keyboard.type("Hello")
    await expect(page.locator("#talk textarea")).to_have_value("Hello")


async def test_a_colleague_joins_and_takes_the_desk(open_page: OpenPage, bot: Bot) -> None:
    page = await open_page()
    await page.get_by_role("button", name="Operator · you").click()
    await page.get_by_role("menuitem", name="New colleague").click()
    await page.get_by_label("Name", exact=True).fill("Olga")
    await page.get_by_label("Username").fill("olga")
    await page.get_by_role("button", name="Create").click()
    await page.get_by_role("button", name="Operator · you").click()
    await page.get_by_role("menuitem", name="Olga").click()
    await page.locator("#desk textarea").fill("/start")
    await page.keyboard.press("Enter")
    message = await told(bot)
    assert message.from_user is not None and message.from_user.username == "olga"
    await page.locator("#desk").get_by_label("Send something else than text").click()
    await page.get_by_role("menuitem", name="Contact: Operator").click()
    assert (card := (await told(bot)).contact) is not None and card.first_name == "Operator"


async def test_everything_is_reached_by_keyboard(
    open_page: OpenPage, bot: Bot, control: Control, operator: int
) -> None:
    """From nothing pressed to a button of the bot, an answer of Anna's and a trouble, without the mouse; what has the
    focus shows it."""
    await bot.send_message(operator, "Draft for Anna", reply_markup=CARD)
    page = await open_page()

    async def go_to(name: str, key: str = "Tab") -> None:
        for _ in range(40):
            label = await page.evaluate(FOCUSED)
            if name in label:
                break
            await page.keyboard.press(key)
        else:
            raise AssertionError(f"{name} is not reached with {key}")
        assert await page.evaluate(SHOWS_IT), f"{name} does not show that it has the focus"

    await go_to("Skip")
    await page.keyboard.press("Enter")
    (update,) = await bot.get_updates(timeout=5)
    assert update.callback_query is not None and update.callback_query.data == "Skip"
    await bot.answer_callback_query(update.callback_query.id)
    await go_to("Write a message", "F6")
    await page.keyboard.type("Hello from Anna")
    await page.keyboard.press("Enter")
    assert await control.wait_message("sales", "anna", matching="Hello from Anna")
    await go_to("Let Анна answer", "Shift+Tab")
    await page.keyboard.press("Space")
    await expect(page.locator("#talk .alone")).to_have_attribute("aria-pressed", "true")
    await go_to("Backstage", "F6")
    await page.keyboard.press("Enter")
    await go_to("Flood wait")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("switch", name="Flood wait")).to_have_attribute("aria-checked", "true")
