"""Showing things to an admin: send a message, or put a page in the place of the one whose button was pressed."""

from __future__ import annotations

from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, ForceReply, LinkPreviewOptions, Message

from salesbot.adminbot.views import Shown

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def say(bot: Bot, chat_id: int, shown: Shown, *, silently: bool = False) -> Message:
    """Send it; Telegram shows no previews of links that people sent. ``silently``: no sound wakes the admin."""
    return await bot.send_message(
        chat_id,
        shown.text,
        reply_markup=shown.keyboard,
        link_preview_options=_NO_PREVIEW,
        disable_notification=silently or None,
    )


async def ask(bot: Bot, chat_id: int, shown: Shown, placeholder: str) -> Message:
    """Send it so that the admin's next words answer it; ``placeholder`` stands where they are typed."""
    markup = ForceReply(force_reply=True, input_field_placeholder=placeholder)
    return await bot.send_message(chat_id, shown.text, reply_markup=markup, link_preview_options=_NO_PREVIEW)


async def remove(bot: Bot, chat_id: int, message_id: int) -> None:
    """Take a message of the bot away; one that is gone or too old stays as it is."""
    with suppress(TelegramBadRequest):
        await bot.delete_message(chat_id, message_id)


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


async def settle(query: CallbackQuery, text: str | None = None, *, alert: bool = True) -> None:
    """End the button's waiting; one that is too old needs no answer. ``alert``: the words wait for a tap."""
    with suppress(TelegramBadRequest):
        await query.answer(text, show_alert=alert and text is not None)
