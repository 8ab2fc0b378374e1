"""One person at the page: the operator on the left, the customers on the right, live."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiogram import Bot
from aiogram.types import BotCommand, BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from playwright.async_api import Page, expect

from sandbox.app import Options, Sandbox
from sandbox.control.client import Control
from sandbox.mtproto.crypto import ServerKey
from tests.page.conftest import OpenPage

NEXT = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Next", callback_data="next")]])


async def write(page: Page, pane: str, text: str) -> None:
    await page.locator(f"#{pane} textarea").fill(text)
    await page.locator(f"#{pane} textarea").press("Enter")


async def test_the_first_hint_is_typed_and_reaches_the_bot(open_page: OpenPage, bot: Bot) -> None:
    page = await open_page()
    await page.get_by_role("button", name="/start @anna").click()
    await page.keyboard.press("Enter")
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == "/start @anna"
    await expect(page.locator("#desk .row.out")).to_contain_text("/start @anna")
    await expect(page.locator("#desk .empty")).to_have_count(0)
    await expect(page.locator("#desk .ticks.read")).to_have_count(0)
    await bot.get_updates(offset=update.update_id + 1)
    await expect(page.locator("#desk .ticks.read")).to_have_count(1)


async def test_the_bots_formatting_buttons_and_edits(
    open_page: OpenPage, bot: Bot, control: Control, operator: int
) -> None:
    await control.say("operator", "sales_desk_bot", "/list")
    page = await open_page()
    text = "<b>Page <i>1</i></b> 👋 <code>a &lt; b</code> <a href='https://example.org/x'>link</a>"
    sent = await bot.send_message(operator, text, parse_mode="HTML", reply_markup=NEXT)
    bubble = page.locator("#desk .row.in").last
    await expect(bubble.locator("strong")).to_have_text("Page 1")
    await expect(bubble.locator("strong em")).to_have_text("1")
    await expect(bubble.locator("code")).to_have_text("a < b")
    await expect(bubble.locator("a")).to_have_attribute("href", "https://example.org/x")

    await bubble.get_by_role("button", name="Next").click()
    _, pressed = await bot.get_updates(timeout=5)
    assert pressed.callback_query is not None
    assert pressed.callback_query.data == "next"
    await bot.answer_callback_query(pressed.callback_query.id, text="Here you are")
    await expect(page.locator(".toast")).to_have_text("Here you are")
    await bot.edit_message_text("Page 2", chat_id=operator, message_id=sent.message_id)
    await expect(bubble).to_contain_text("Page 2")
    await expect(bubble).to_contain_text("edited")
    await expect(bubble.locator(".key")).to_have_count(0)
    await bot.delete_message(operator, sent.message_id)
    await expect(page.locator("#desk .row.in")).to_have_count(0)


async def test_an_alert_is_a_dialog(open_page: OpenPage, bot: Bot, control: Control, operator: int) -> None:
    await control.say("operator", "sales_desk_bot", "/list")
    await bot.send_message(operator, "list", reply_markup=NEXT)
    page = await open_page()
    await page.get_by_role("button", name="Next").click()
    _, pressed = await bot.get_updates(timeout=5)
    assert pressed.callback_query is not None
    await bot.answer_callback_query(pressed.callback_query.id, text="Expired", show_alert=True)
    await expect(page.get_by_role("dialog")).to_contain_text("Expired")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_document_downloads(open_page: OpenPage, bot: Bot, control: Control, operator: int) -> None:
    await control.say("operator", "sales_desk_bot", "/export 1")
    page = await open_page()
    await bot.send_document(operator, BufferedInputFile("Диалог".encode(), "диалог-1.txt"), caption="Dialog 1")
    async with page.expect_download() as download:
        await page.locator("#desk a.card").click()
    file = await download.value
    assert file.suggested_filename == "диалог-1.txt"
    assert Path(await file.path()).read_text() == "Диалог"


async def test_the_menu_offers_the_bots_commands(open_page: OpenPage, bot: Bot) -> None:
    page = await open_page()
    await bot.set_my_commands(
        [BotCommand(command="list", description="dialogs"), BotCommand(command="view", description="one")]
    )
    await page.locator("#desk .menubutton").click()
    await page.get_by_role("menuitem", name="/view").click()
    await expect(page.locator("#desk textarea")).to_have_value("/view ")
    await expect(page.locator("#desk textarea")).to_be_focused()


async def test_typing_is_seen_on_both_sides(open_page: OpenPage, control: Control, sandbox: Sandbox) -> None:
    page = await open_page()
    await control.call("POST", "/typing", as_="sales", to="anna")
    await expect(page.locator("#talk .dots")).to_be_visible()
    await expect(page.locator(".chatitem").first).to_contain_text("typing…")
    await control.say("sales", "anna", "Hello")
    await expect(page.locator("#talk .dots")).to_have_count(0)
    await page.locator("#talk textarea").press_sequentially("Hm")
    account = sandbox.world.users.by_username("sales")
    assert account is not None
    assert await control.wait_event(since=0, kind="typing", owner=account.id)


async def test_read_marks_follow_the_reading(open_page: OpenPage, control: Control) -> None:
    page = await open_page()
    await write(page, "talk", "Is anybody there?")
    await expect(page.locator("#talk").get_by_label("Sent")).to_have_count(1)
    await control.call("POST", "/read", as_="sales", with_="anna")
    await expect(page.locator("#talk").get_by_label("Read")).to_have_count(1)


async def test_what_is_not_looked_at_stays_unread(open_page: OpenPage, control: Control) -> None:
    page = await open_page()
    await control.say("sales", "anna", "one")
    await control.wait_event(since=0, kind="read_outbox")  # Anna's chat is open: she reads
    await control.say("sales", "boris", "two")
    await control.say("sales", "boris", "three")
    boris = page.locator(".chatitem", has_text="Boris")
    await expect(boris.locator(".unread")).to_have_text("2")
    assert (await control.chat("boris", "sales"))["unread"] == 2
    await boris.click()
    await expect(boris.locator(".unread")).to_have_count(0)
    await expect(page.locator("#talk .row")).to_have_count(2)
    assert (await control.chat("sales", "boris"))["messages"][-1]["read"]


async def test_the_account_speaks_from_another_device(open_page: OpenPage, control: Control) -> None:
    page = await open_page()
    await page.get_by_role("radio", name="Maria, on another device").click()
    await write(page, "talk", "This is Maria herself")
    seen = await control.wait_message("anna", "sales", matching="Maria herself")
    assert not seen["out"]
    await page.get_by_role("radio", name="Анна").click()
    await write(page, "talk", "And this is me")
    assert await control.wait_message("sales", "anna", matching="this is me")


async def test_other_kinds_are_sent_from_the_menu(open_page: OpenPage, control: Control) -> None:
    page = await open_page()
    kinds = {
        "Photo": "photo",
        "Voice message": "voice",
        "Sticker": "sticker",
        "Document": "document",
        "Contact": "contact",
        "Location": "location",
    }
    for name, kind in kinds.items():
        await page.locator("#talk .composer [aria-haspopup]").click()
        await page.get_by_role("menuitem", name=name).click()
        assert await control.wait_message("sales", "anna", media=kind)
    await expect(page.locator("#talk .row.out")).to_have_count(len(kinds))
    assert await page.locator("#talk .photo img").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


async def test_a_customer_replies_reacts_edits_and_deletes(open_page: OpenPage, control: Control) -> None:
    await control.say("sales", "anna", "How many of you are there?")
    page = await open_page()

    async def choose(row: str, item: str) -> None:
        await page.locator(row).get_by_role("button", name="Reply, react, edit, delete").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("menuitem", name=item).click()

    await choose("#talk .row.in", "👍")
    await expect(page.locator("#talk .reaction")).to_have_text("👍")
    assert (await control.chat("sales", "anna"))["messages"][0]["reactions"][0]["emoji"] == "👍"
    await choose("#talk .row.in", "Reply")
    await write(page, "talk", "twenty")
    await expect(page.locator("#talk .row.out .quote")).to_have_text("How many of you are there?")
    await choose("#talk .row.out", "Edit")
    await write(page, "talk", "thirty")
    await expect(page.locator("#talk .row.out")).to_contain_text("thirty")
    assert (await control.wait_message("sales", "anna", matching="thirty"))["edited"]
    await choose("#talk .row.out", "Delete")
    await expect(page.locator("#talk .row.out")).to_have_count(0)
    assert len((await control.chat("sales", "anna"))["messages"]) == 1


async def test_what_people_write_is_text_and_nothing_else(
    open_page: OpenPage, control: Control, bot: Bot, operator: int
) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    await control.call("POST", "/users", first_name="<b>Eve</b>", username="evelyn")
    await control.say("sales", "evelyn", evil)
    await control.say("operator", "sales_desk_bot", evil)
    await bot.send_message(operator, "see <a href='javascript:alert(1)'>this</a>", parse_mode="HTML")
    page = await open_page()
    await page.locator(".chatitem", has_text="Eve").click()
    await expect(page.locator("#talk h1")).to_have_text("<b>Eve</b>")
    for pane in ("talk", "desk"):
        await expect(page.locator(f"#{pane} .row").first).to_contain_text("<img src=x onerror=")
    assert await page.locator(".bubble img, .bubble script, a[href^='javascript']").count() == 0
    assert "owned" not in await page.title()


async def test_a_new_customer_is_there_at_once(open_page: OpenPage, control: Control) -> None:
    page = await open_page()
    await page.get_by_role("button", name="New customer").click()
    await page.get_by_label("Name", exact=True).fill("Greta")
    await page.get_by_label("Username").fill("greta")
    await page.get_by_role("button", name="Create").click()
    await page.locator(".chatitem", has_text="Greta").click()
    await write(page, "talk", "hello")
    assert await control.wait_message("sales", "greta", matching="hello")


async def test_blocking_the_account(open_page: OpenPage, control: Control) -> None:
    page = await open_page()
    await page.locator("#talk .head").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Block the account").click()
    await expect(page.locator("#talk .head")).to_contain_text("blocked the account")
    assert (await control.call("GET", "/users"))[3]["blocked"]


async def test_the_end_of_a_long_chat_is_shown_and_kept(open_page: OpenPage, control: Control) -> None:
    for number in range(40):
        await control.say("sales", "anna", f"line {number}")
    page = await open_page()
    await expect(page.locator("#talk .row").last).to_be_in_viewport()
    await control.say("sales", "anna", "the newest")
    await expect(page.get_by_text("the newest").last).to_be_in_viewport()
    await page.locator("#talk .messages").evaluate("list => { list.scrollTop = 0; }")
    await expect(page.get_by_role("button", name="To the newest message")).to_be_visible()
    await control.say("sales", "anna", "while reading above")
    await expect(page.locator("#talk .row")).to_have_count(42)
    assert await page.locator("#talk .messages").evaluate("list => list.scrollTop") == 0
    await page.get_by_role("button", name="To the newest message").click()
    await expect(page.locator("#talk .row").last).to_be_in_viewport()


async def test_a_restarted_sandbox_is_found_again(open_page: OpenPage, server_key: ServerKey, tmp_path: Path) -> None:
    options = Options(data=tmp_path, key=server_key)
    async with Sandbox.running(options) as first:
        url = first.state()["web"]
        page = await open_page(url=url)
        await write(page, "talk", "before")
        await expect(page.locator("#talk .row")).to_have_count(1)
    await expect(page.locator("body.away")).to_have_count(1)
    port = int(url.rstrip("/").rpartition(":")[2])
    async with Sandbox.running(Options(data=tmp_path, key=server_key, http_port=port)):
        await expect(page.locator("body.away")).to_have_count(0)
        await expect(page.locator("#talk .row")).to_have_count(1)
        await write(page, "talk", "after")
        await expect(page.locator("#talk .row")).to_have_count(2)
        await page.goto("about:blank")


async def test_two_windows_show_the_same(open_page: OpenPage) -> None:
    one, two = await asyncio.gather(open_page(), open_page(390))
    await write(one, "desk", "/list")
    await expect(two.locator("#desk .row")).to_contain_text("/list")
