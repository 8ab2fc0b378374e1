"""Showing things to an admin: send a message, or put a page in the place of the one whose button was pressed."""

from __future__ import annotations

from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, LinkPreviewOptions, Message

from salesbot.adminbot.views import Shown

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def say(bot: Bot, chat_id: int, shown: Shown) -> Message:
    """Send it; Telegram shows no previews of links that people sent."""
    return await bot.send_message(chat_id, shown.text, reply_markup=shown.keyboard, link_preview_options=_NO_PREVIEW)


async def put(bot: Bot, query: CallbackQuery, shown: Shown) -> None:
    """Put it where the button was; as a new message when that one is gone."""
    if query.message is None:
        return  # the access middleware lets no such query through
    chat_id, message_id = query.message.chat.id, query.message.message_id
    if not await edit(bot, chat_id, message_id, shown):
        await say(bot, chat_id, shown)


async def edit(bot: Bot, chat_id: int, message_id: int, shown: Shown) -> bool:
    """Whether the message shows it now; False when it is gone or too old."""
    try:
        await bot.edit_message_text(
            shown.text,
            chat_id=chat_id,
            message_id=message_id,
            reply_markup=shown.keyboard,
            link_preview_options=_NO_PREVIEW,
        )
    except TelegramBadRequest as refused:
        return "not modified" in refused.message
    return True


async def settle(query: CallbackQuery, text: str | None = None) -> None:
    """End the button's waiting; one that is too old needs no answer."""
    with suppress(TelegramBadRequest):
        await query.answer(text, show_alert=text is not None)
