"""What a bot may say, how it is refused, and how it reaches the person."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
)

from sandbox.app import Sandbox
from sandbox.control.client import Control

pytestmark = pytest.mark.usefixtures("started")

OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"


def keyboard(data: str = "list:2", text: str = "More") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data)]])


async def test_a_message_reaches_the_person_with_its_formatting(bot: Bot, control: Control, operator: int) -> None:
    sent = await bot.send_message(
        operator, "<b>Dialog 1</b> &amp; <a href='https://example.org'>more</a> 👋", parse_mode="HTML"
    )
    assert sent.html_text == '<b>Dialog 1</b> &amp; <a href="https://example.org">more</a> 👋'
    seen = await control.wait_message("operator", "sales_desk_bot", matching="Dialog")
    assert seen["text"] == "Dialog 1 & more 👋"
    assert [(entity["kind"], entity["offset"], entity["length"]) for entity in seen["entities"]] == [
        ("bold", 0, 8), ("text_link", 11, 4),
    ]  # fmt: skip


async def test_a_block_of_code_knows_its_language(bot: Bot, operator: int) -> None:
    block = '<pre><code class="language-python">x = 1</code></pre>'
    sent = await bot.send_message(operator, block, parse_mode="HTML")
    assert [(one.type, one.language) for one in sent.entities or []] == [("pre", "python")]


async def test_entities_may_be_given_instead_of_markup(bot: Bot, operator: int) -> None:
    sent = await bot.send_message(operator, "plain bold", entities=[MessageEntity(type="bold", offset=6, length=4)])
    assert sent.html_text == "plain <b>bold</b>"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("bold</b>", "Unexpected end tag at byte offset 4"),
        ("ё <x>y</x>", 'Unsupported start tag "x" at byte offset 3'),
        ("<b><i>y</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("<a href>y</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<span>y</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
async def test_broken_html_is_refused_and_the_byte_named(bot: Bot, operator: int, text: str, problem: str) -> None:
    with pytest.raises(TelegramBadRequest) as refused:
        await bot.send_message(operator, text, parse_mode="HTML")
    assert refused.value.message == f"Bad Request: can't parse entities: {problem}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "message text is empty"),
        ("  \n ", "message text is empty"),
        ("a" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_empty_and_long_texts_are_refused(bot: Bot, operator: int, text: str, problem: str) -> None:
    with pytest.raises(TelegramBadRequest, match=problem):
        await bot.send_message(operator, text)


async def test_4096_utf16_units_are_the_most(bot: Bot, operator: int) -> None:
    assert (await bot.send_message(operator, "😀" * 2048)).text == "😀" * 2048


async def test_callback_data_over_64_bytes_is_refused(bot: Bot, operator: int) -> None:
    assert await bot.send_message(operator, "fits", reply_markup=keyboard("я" * 32))
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(operator, "does not", reply_markup=keyboard("я" * 32 + "x"))


async def test_a_bot_does_not_write_first(sandbox: Sandbox, bot: Bot) -> None:
    anna = sandbox.world.users.by_username("anna")
    assert anna is not None
    for stranger in (anna.id, 1):
        with pytest.raises(TelegramBadRequest, match="chat not found"):
            await bot.send_message(stranger, "hello")


async def test_who_blocked_the_bot_is_not_written_to(bot: Bot, control: Control, operator: int) -> None:
    await control.call("POST", "/block", as_="operator", who="sales_desk_bot")
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(operator, "hello")


async def test_a_reply_to_nothing_is_refused_unless_it_may_go_without(bot: Bot, operator: int, started: int) -> None:
    sent = await bot.send_message(operator, "yes", reply_parameters=ReplyParameters(message_id=started))
    assert sent.reply_to_message is not None and sent.reply_to_message.text == "/start"
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(operator, "no", reply_parameters=ReplyParameters(message_id=999))
    lenient = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    assert await bot.send_message(operator, "all right", reply_parameters=lenient)


async def test_an_edit_replaces_text_and_keyboard(bot: Bot, control: Control, operator: int) -> None:
    sent = await bot.send_message(operator, "page 1", reply_markup=keyboard())
    await bot.edit_message_text("page 2", chat_id=operator, message_id=sent.message_id)
    seen = await control.wait_message("operator", "sales_desk_bot", matching="page 2")
    assert seen["keyboard"] is None and seen["edited"]
    await bot.edit_message_reply_markup(chat_id=operator, message_id=sent.message_id, reply_markup=keyboard())
    assert (await control.chat("operator", "sales_desk_bot"))["messages"][-1]["keyboard"]["rows"][0][0][
        "data"
    ] == "list:2"


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot, operator: int) -> None:
    sent = await bot.send_message(operator, "same", reply_markup=keyboard())
    with pytest.raises(TelegramBadRequest, match="message is not modified: specified new message content"):
        await bot.edit_message_text("same", chat_id=operator, message_id=sent.message_id, reply_markup=keyboard())
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(chat_id=operator, message_id=sent.message_id, reply_markup=keyboard())


async def test_what_is_not_there_cannot_be_edited_or_deleted(bot: Bot, operator: int, started: int) -> None:
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("new", chat_id=operator, message_id=999)
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("new", chat_id=operator, message_id=started)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(operator, 999)


async def test_a_deleted_message_is_gone_for_both(bot: Bot, control: Control, operator: int) -> None:
    sent = await bot.send_message(operator, "oops")
    assert await bot.delete_message(operator, sent.message_id)
    assert "oops" not in str(await control.chat("operator", "sales_desk_bot"))


async def test_a_pressed_button_is_a_query_and_its_answer_reaches_the_person(
    bot: Bot, control: Control, operator: int
) -> None:
    sent = await bot.send_message(operator, "list", reply_markup=keyboard())
    seen = await control.wait_message("operator", "sales_desk_bot", matching="list")
    press = asyncio.create_task(control.press("operator", seen["id"], text="More"))
    (update,) = await bot.get_updates(timeout=5)
    query = update.callback_query
    assert query is not None and query.message is not None
    assert (query.data, query.message.message_id, query.from_user.id) == ("list:2", sent.message_id, operator)
    await bot.answer_callback_query(query.id, text="Here it is", show_alert=True)
    answer = await press
    assert (answer["answered"], answer["text"], answer["alert"]) == (True, "Here it is", True)
    with pytest.raises(TelegramBadRequest, match=OLD_QUERY):
        await bot.answer_callback_query(query.id)


async def test_a_query_older_than_its_window_is_refused(
    sandbox: Sandbox, bot: Bot, control: Control, operator: int
) -> None:
    sandbox.world.rules.query_window = timedelta(seconds=-1)
    await bot.send_message(operator, "list", reply_markup=keyboard())
    seen = await control.wait_message("operator", "sales_desk_bot", matching="list")
    assert (await control.press("operator", seen["id"], data="list:2", timeout=0))["answered"] is False
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    with pytest.raises(TelegramBadRequest, match=OLD_QUERY):
        await bot.answer_callback_query(update.callback_query.id)


async def test_a_document_arrives_and_can_be_fetched_back(bot: Bot, control: Control, operator: int) -> None:
    file = BufferedInputFile("Диалог 1".encode(), "dialog-1.txt")
    sent = await bot.send_document(operator, file, caption="<i>one</i>", parse_mode="HTML")
    assert sent.document is not None and sent.caption == "one"
    assert (sent.document.file_name, sent.document.file_size, sent.document.mime_type) == (
        "dialog-1.txt",
        14,
        "text/plain",
    )
    seen = await control.wait_message("operator", "sales_desk_bot", media="document")
    assert (seen["media"]["name"], seen["media"]["size"]) == ("dialog-1.txt", 14)
    downloaded = await bot.download(sent.document.file_id)
    assert downloaded is not None and downloaded.read().decode() == "Диалог 1"
    again = await bot.send_document(operator, sent.document.file_id)
    assert again.document is not None and again.document.file_size == 14


async def test_documents_over_the_limit_are_refused(
    sandbox: Sandbox, bot: Bot, control: Control, operator: int
) -> None:
    assert sandbox.bots.limits.document == 50 * 1024 * 1024
    await control.call("PATCH", "/rules", document_limit=1000)
    assert await bot.send_document(operator, BufferedInputFile(b"x" * 1000, "fits.zip"))
    with pytest.raises(TelegramEntityTooLarge, match="Request Entity Too Large"):
        await bot.send_document(operator, BufferedInputFile(b"x" * 1001, "does-not.zip"))


async def test_an_action_is_seen_by_the_person(sandbox: Sandbox, bot: Bot, control: Control, operator: int) -> None:
    await bot.send_chat_action(operator, "upload_document")
    seen = await control.wait_event(since=0, kind="typing", owner=operator)
    assert seen["action"] == "upload_document"
    with pytest.raises(TelegramBadRequest, match="wrong parameter action"):
        await bot.send_chat_action(operator, "dance")


async def test_commands_are_kept_for_whom_they_are_meant(bot: Bot, control: Control, operator: int) -> None:
    await bot.set_my_commands([BotCommand(command="help", description="Help")])
    scope = BotCommandScopeChat(chat_id=operator)
    await bot.set_my_commands([BotCommand(command="list", description="Dialogs")], scope=scope)
    assert [one.command for one in await bot.get_my_commands(scope=scope)] == ["list"]
    assert [one["command"] for one in await control.call("GET", "/commands", as_="operator")] == ["list"]
    assert [one["command"] for one in await control.call("GET", "/commands", as_="anna")] == ["help"]
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="No", description="capital")])


async def test_flood_wait_is_429_with_its_seconds(bot: Bot, control: Control, operator: int) -> None:
    await control.fault("bot.sendMessage", "flood_wait", seconds=3)
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(operator, "hello")
    assert refused.value.retry_after == 3
    assert await bot.send_message(operator, "hello")


async def test_a_lost_answer_was_carried_out(bot: Bot, control: Control, operator: int) -> None:
    await control.fault("bot.sendMessage", "cut_after")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(operator, "heard once")
    assert (await control.wait_message("operator", "sales_desk_bot", matching="heard once"))["id"]


async def test_a_held_call_waits_for_its_release(bot: Bot, control: Control, operator: int) -> None:
    fault = await control.fault("bot.sendMessage", "hold")
    sending = asyncio.create_task(bot.send_message(operator, "late"))
    await control.fired(fault)
    assert "late" not in str(await control.chat("operator", "sales_desk_bot"))
    await control.call("POST", f"/faults/{fault}/release")
    assert (await sending).text == "late"


async def test_a_server_error_is_json_like_all_else(bot: Bot, control: Control, operator: int) -> None:
    await control.fault("bot.sendMessage", "error", code=502, text="Bad Gateway")
    with pytest.raises(TelegramServerError, match="Bad Gateway"):
        await bot.send_message(operator, "hello")
