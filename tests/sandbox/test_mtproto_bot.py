"""Two libraries, two protocols, one chat: the operator in Telethon, the bot in aiogram."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telethon import TelegramClient, events
from telethon.crypto import rsa
from telethon.sessions import StringSession

from sandbox.app import Sandbox
from sandbox.mtproto.crypto import ServerKey
from tests.sandbox.mtproto.playground import Heard


@pytest.fixture
async def telethon(sandbox: Sandbox, operator: int, server_key: ServerKey) -> AsyncIterator[TelegramClient]:
    rsa.add_key(server_key.public_pem, old=False)
    client = TelegramClient(StringSession(sandbox.mtproto.string_session(operator)), 1, "hash")
    await client.connect()
    yield client
    await client.disconnect()


class Updates:
    """The bot's updates, one at a time."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._offset = 0

    async def next(self) -> Update:
        while True:
            for update in await self._bot.get_updates(offset=self._offset, limit=1, timeout=5):
                self._offset = update.update_id + 1
                return update


async def test_the_operator_and_the_bot_understand_each_other(
    sandbox: Sandbox, bot: Bot, telethon: TelegramClient
) -> None:
    updates = Updates(bot)
    new, edited = Heard(telethon, events.NewMessage(incoming=True)), Heard(telethon, events.MessageEdited)
    name = sandbox.state()["bot"]["username"]

    await telethon.send_message(name, "/start @anna")
    asked = (await updates.next()).message
    assert asked is not None
    assert (asked.text, asked.from_user and asked.from_user.username) == ("/start @anna", "operator")

    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Stop", callback_data="stop:1")]])
    said = await bot.send_message(asked.chat.id, "<b>Dialog 1</b>", parse_mode="HTML", reply_markup=keyboard)
    offer = await new.next()
    assert offer.text == "**Dialog 1**"

    pressing = asyncio.create_task(offer.click(0))
    query = (await updates.next()).callback_query
    assert query is not None
    assert (query.data, query.message and query.message.message_id) == ("stop:1", said.message_id)
    await bot.answer_callback_query(query.id, "Stopped")
    assert (await pressing).message == "Stopped"
    await bot.edit_message_text("Dialog 1, stopped", chat_id=asked.chat.id, message_id=said.message_id)
    assert ((change := await edited.next()).raw_text, change.buttons) == ("Dialog 1, stopped", None)

    await bot.send_document(asked.chat.id, BufferedInputFile(b"line\n" * 50_000, "dialog-1.txt"))
    export = await new.next()
    assert export.file.name == "dialog-1.txt"
    assert await export.download_media(file=bytes) == b"line\n" * 50_000
