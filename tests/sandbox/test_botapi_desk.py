"""What an operator's desk needs of a Telegram: captions and pictures edited, answers to messages, forwards, cards."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from sandbox.app import Sandbox
from sandbox.control.client import Control
from sandbox.control.picture import picture
from sandbox.world.images import size_of
from tests.support.sandbox import told

pytestmark = pytest.mark.usefixtures("started")

DESK = "sales_desk_bot"


def keyboard(*texts: str, data: str = "d") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=one, callback_data=data) for one in texts]])


def png(width: int, height: int) -> BufferedInputFile:
    return BufferedInputFile(picture(width, height), "stats.png")


def empty_png(width: int, height: int) -> BufferedInputFile:
    """A picture of a size, without its pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return BufferedInputFile(b"\x89PNG\r\n\x1a\n" + chunk, "stats.png")


async def last(control: Control) -> dict[str, Any]:
    """The newest message as the operator sees it."""
    messages = (await control.chat("operator", DESK))["messages"]
    return dict(messages[-1])


# --- pictures, files and their captions


async def test_a_photo_has_its_own_size_a_caption_and_buttons(bot: Bot, control: Control, operator: int) -> None:
    sent = await bot.send_photo(
        operator, png(300, 200), caption="<b>30 days</b>", parse_mode="HTML", reply_markup=keyboard("7 days")
    )
    assert sent.photo is not None and (sent.photo[-1].width, sent.photo[-1].height) == (300, 200)
    assert sent.caption == "30 days" and sent.reply_markup is not None
    seen = await last(control)
    assert (seen["media"]["kind"], seen["media"]["width"], seen["text"]) == ("photo", 300, "30 days")
    assert seen["keyboard"]["rows"][0][0]["text"] == "7 days"


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (BufferedInputFile(b"not really", "picture.jpg"), "IMAGE_PROCESS_FAILED"),
        (empty_png(6000, 5000), "PHOTO_INVALID_DIMENSIONS"),
        (empty_png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
    ],
)
async def test_what_is_no_photo_is_refused(bot: Bot, operator: int, file: BufferedInputFile, problem: str) -> None:
    with pytest.raises(TelegramBadRequest, match=problem):
        await bot.send_photo(operator, file)


def test_the_size_of_a_picture_is_read_from_png_and_jpeg() -> None:
    segments = b"\xff\xe0\x00\x04ab" + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640)
    assert size_of(b"\xff\xd8" + segments) == (640, 480)
    assert size_of(picture(64, 42)) == (64, 42)
    assert [size_of(broken) for broken in (b"", b"\xff\xd8", b"\xff\xd8\xff\xc0", b"\x89PNG\r\n\x1a\n", b"GIF89a")] == [
        None
    ] * 5


async def test_a_caption_holds_1024_units_and_is_edited(bot: Bot, control: Control, operator: int) -> None:
    sent = await bot.send_document(operator, BufferedInputFile(b"1", "all.csv"), caption="😀" * 512)
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_document(operator, BufferedInputFile(b"1", "all.csv"), caption="😀" * 512 + "!")
    edited = await bot.edit_message_caption(
        chat_id=operator,
        message_id=sent.message_id,
        caption="<i>done</i>",
        parse_mode="HTML",
        reply_markup=keyboard("ok"),
    )
    assert isinstance(edited, Message) and edited.html_text == "<i>done</i>" and edited.document is not None
    seen = await last(control)
    assert (seen["text"], seen["media"]["name"], bool(seen["edited"])) == ("done", "all.csv", True)
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.edit_message_caption(chat_id=operator, message_id=sent.message_id, caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_caption(
            chat_id=operator, message_id=sent.message_id, caption="done",
            caption_entities=edited.caption_entities, reply_markup=keyboard("ok"),
        )  # fmt: skip
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("text", chat_id=operator, message_id=sent.message_id)


async def test_a_text_has_no_caption(bot: Bot, operator: int) -> None:
    sent = await bot.send_message(operator, "only words")
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await bot.edit_message_caption(chat_id=operator, message_id=sent.message_id, caption="more")


async def test_a_picture_is_exchanged_for_another(bot: Bot, control: Control, operator: int) -> None:
    sent = await bot.send_photo(operator, png(30, 20), caption="7 days", reply_markup=keyboard("30 days"))
    place = {"chat_id": operator, "message_id": sent.message_id}
    fresh = InputMediaPhoto(media=png(40, 20), caption="<b>30 days</b>", parse_mode="HTML")
    edited = await bot.edit_message_media(fresh, reply_markup=keyboard("7 days"), **place)
    assert isinstance(edited, Message) and edited.photo is not None and edited.photo[-1].width == 40
    seen = await last(control)
    assert (seen["text"], seen["media"]["width"], seen["keyboard"]["rows"][0][0]["text"]) == ("30 days", 40, "7 days")
    again = InputMediaPhoto(media=edited.photo[-1].file_id, caption="30 days", caption_entities=edited.caption_entities)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_media(again, reply_markup=keyboard("7 days"), **place)
    await bot.edit_message_media(InputMediaDocument(media=BufferedInputFile(b"1;2", "a.csv")), **place)
    assert ((await last(control))["media"]["kind"], (await last(control))["text"]) == ("document", "")


async def test_a_file_stays_of_its_kind(bot: Bot, operator: int) -> None:
    sent = await bot.send_document(operator, BufferedInputFile(b"1", "a.csv"))
    assert sent.document is not None
    with pytest.raises(TelegramBadRequest, match="can't use file of type Document as Photo"):
        await bot.send_photo(operator, sent.document.file_id)


async def test_a_photo_over_the_limit_is_refused(sandbox: Sandbox, bot: Bot, operator: int) -> None:
    sandbox.bots.limits.photo = 100
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_photo(operator, png(30, 20))
    sent = await bot.send_message(operator, "a picture comes")
    with pytest.raises(TelegramEntityTooLarge):
        await bot.edit_message_media(InputMediaPhoto(media=png(30, 20)), chat_id=operator, message_id=sent.message_id)


async def test_a_copy_is_the_same_without_its_buttons(bot: Bot, control: Control, operator: int) -> None:
    sent = await bot.send_document(
        operator, BufferedInputFile(b"1", "a.csv"), caption="one", reply_markup=keyboard("b")
    )
    copied = await bot.copy_message(operator, operator, sent.message_id)
    seen = await last(control)
    assert copied.message_id > sent.message_id
    assert (seen["text"], seen["media"]["name"], seen["keyboard"], seen["forward_from"]) == ("one", "a.csv", None, None)
    with pytest.raises(TelegramBadRequest, match="message to copy not found"):
        await bot.copy_message(operator, operator, 999)


async def test_several_messages_are_deleted_at_once(bot: Bot, control: Control, operator: int) -> None:
    sent = [(await bot.send_message(operator, text)).message_id for text in ("one", "two", "three")]
    assert await bot.delete_messages(operator, [*sent[:2], 999])
    assert (await last(control))["text"] == "three"
    texts = [one["text"] for one in (await control.chat("operator", DESK))["messages"]]
    assert texts == ["/start", "three"]


# --- what an operator sends


async def test_a_table_that_was_sent_to_the_bot_is_fetched(bot: Bot, control: Control) -> None:
    table = {"kind": "document", "name": "клиенты.csv", "content": "username;name\n@anna;Анна"}
    await control.say("operator", DESK, "/import", media=table)
    message = await told(bot)
    assert message.document is not None and message.caption == "/import"
    assert (message.document.file_name, message.document.mime_type) == ("клиенты.csv", "text/csv")
    assert [(one.type, one.offset, one.length) for one in message.caption_entities or []] == [("bot_command", 0, 7)]
    file = await bot.get_file(message.document.file_id)
    assert file.file_path is not None and file.file_path.endswith(".csv")
    fetched = await bot.download_file(file.file_path)
    assert fetched is not None and fetched.read().decode() == "username;name\n@anna;Анна"


async def test_a_file_too_large_to_fetch_says_so(sandbox: Sandbox, bot: Bot, control: Control) -> None:
    sandbox.bots.limits.download = 10
    await control.say("operator", DESK, media={"kind": "document", "name": "all.csv", "content": "x" * 11})
    message = await told(bot)
    assert message.document is not None
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(message.document.file_id)


async def test_an_answer_to_a_card_carries_the_card_and_its_buttons(bot: Bot, control: Control, operator: int) -> None:
    card = await bot.send_message(
        operator, "<b>Draft</b> for Anna", parse_mode="HTML", reply_markup=keyboard("Send", data="s:7")
    )
    seen = await last(control)
    await control.say("operator", DESK, "Better words", reply_to=seen["id"], quote="for Anna")
    replied = (answer := await told(bot)).reply_to_message
    assert isinstance(replied, Message) and replied.message_id == card.message_id and replied.from_user is not None
    assert (replied.html_text, replied.from_user.is_bot) == ("<b>Draft</b> for Anna", True)
    assert replied.reply_markup is not None and replied.reply_markup.inline_keyboard[0][0].callback_data == "s:7"
    assert answer.quote is not None and (answer.quote.text, answer.quote.position) == ("for Anna", 6)


async def test_an_edit_of_a_card_is_what_an_answer_shows(bot: Bot, control: Control, operator: int) -> None:
    card = await bot.send_message(operator, "first", reply_markup=keyboard("Send"))
    await bot.edit_message_text("second", chat_id=operator, message_id=card.message_id)
    await control.say("operator", DESK, "yes", reply_to=(await last(control))["id"])
    replied = (await told(bot)).reply_to_message
    assert isinstance(replied, Message) and (replied.text, replied.reply_markup) == ("second", None)


async def test_an_answer_to_what_is_gone_is_an_answer_to_nothing(bot: Bot, control: Control, operator: int) -> None:
    card = await bot.send_message(operator, "gone soon")
    seen = await last(control)
    await bot.delete_message(operator, card.message_id)
    await control.say("operator", DESK, "to what?", reply_to=seen["id"])
    assert (await told(bot)).reply_to_message is None


async def test_a_question_may_ask_for_an_answer_to_it(bot: Bot, control: Control, operator: int) -> None:
    asked = ForceReply(input_field_placeholder="The text for Anna")
    await bot.send_message(operator, "What shall I say?", reply_markup=asked)
    assert (await last(control))["keyboard"] == {"inline": False, "rows": [], "placeholder": "The text for Anna"}
    with pytest.raises(TelegramBadRequest, match="PLACEHOLDER_INVALID"):
        await bot.send_message(operator, "?", reply_markup=ForceReply(input_field_placeholder="x" * 65))


async def test_a_forward_names_who_said_it_first(bot: Bot, control: Control) -> None:
    said = await control.say("anna", "operator", "Hello from Anna")
    copy = await control.call("POST", "/forward", as_="operator", message_id=said["twin_id"], to=DESK)
    message = await told(bot)
    assert message.text == "Hello from Anna" and isinstance(message.forward_origin, MessageOriginUser)
    assert message.forward_origin.sender_user.username == "anna"
    assert copy["forward_from"] == message.forward_origin.sender_user.id


async def test_a_forward_of_who_hides_tells_a_name_alone(bot: Bot, control: Control) -> None:
    await control.call("PATCH", "/users/anna", hides_forwards=True)
    said = await control.say("anna", "operator", "Hello")
    await control.call("POST", "/forward", as_="operator", message_id=said["twin_id"], to=DESK)
    origin = (await told(bot)).forward_origin
    assert isinstance(origin, MessageOriginHiddenUser) and origin.sender_user_name == "Анна Смирнова"


async def test_a_shared_contact_says_who_it_is(sandbox: Sandbox, bot: Bot, control: Control) -> None:
    await control.say("operator", DESK, media={"kind": "contact", "user": "anna"})
    contact, anna = (await told(bot)).contact, sandbox.world.users.by_username("anna")
    assert contact is not None and anna is not None
    assert (contact.user_id, contact.phone_number, contact.first_name) == (anna.id, anna.phone, "Анна")


# --- limits


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        (keyboard("x" * 65), "BUTTON_TEXT_INVALID"),
        (keyboard("😀" * 33), "BUTTON_TEXT_INVALID"),
        (keyboard(" "), "BUTTON_TEXT_INVALID"),
        (keyboard("ok", data="я" * 33), "BUTTON_DATA_INVALID"),
        (InlineKeyboardMarkup(inline_keyboard=[*keyboard("b").inline_keyboard * 101]), "reply markup is too long"),
    ],
)
async def test_buttons_have_limits(bot: Bot, operator: int, markup: InlineKeyboardMarkup, problem: str) -> None:
    with pytest.raises(TelegramBadRequest, match=problem):
        await bot.send_message(operator, "list", reply_markup=markup)


async def test_what_is_told_to_who_presses_holds_200_units(bot: Bot, control: Control, operator: int) -> None:
    await bot.send_message(operator, "list", reply_markup=keyboard("Go"))
    await control.press("operator", (await last(control))["id"], text="Go", timeout=0)
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(update.callback_query.id, text="😀" * 101)
    assert await bot.answer_callback_query(update.callback_query.id, text="😀" * 100)


async def test_a_menu_is_for_who_has_written_to_the_bot(sandbox: Sandbox, bot: Bot) -> None:
    anna = sandbox.world.users.by_username("anna")
    assert anna is not None
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.set_my_commands(
            [BotCommand(command="list", description="Dialogs")], scope=BotCommandScopeChat(chat_id=anna.id)
        )
