"""The methods of the Bot API: parameters in, the world changed, the result out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.botapi.commands import Commands, scope_key
from sandbox.botapi.errors import CHAT_NOT_FOUND, ApiError, bad_request
from sandbox.botapi.files import file_id, file_path, media_of, read_media
from sandbox.botapi.markup import read_keyboard, read_text
from sandbox.botapi.params import Params
from sandbox.botapi.updates import Updates
from sandbox.botapi.views import chat_view, message_view, user_view
from sandbox.world import Answer, Media, MediaKind, Message, Quote, User, World
from sandbox.world.text import units

JsonObject = dict[str, Any]

MOST_DELETED = 100
MOST_COMMANDS = 100
ANSWER_LIMIT = 200


@dataclass(slots=True)
class Limits:
    """Sizes in bytes; settable, so that a test need not move 50 MB."""

    document: int = 50 * 1024 * 1024
    photo: int = 10 * 1024 * 1024
    download: int = 20 * 1024 * 1024


@dataclass(slots=True)
class Desk:
    """One bot as its program sees it: what waits for it, and the commands it announced by (scope, language)."""

    world: World
    bot: User
    updates: Updates
    limits: Limits
    commands: Commands

    def chat(self, params: Params, name: str = "chat_id") -> int:
        """The chat of a call: somebody who has written to this bot. Raises ApiError."""
        if not params.text(name):
            raise bad_request(f"{name} is empty")
        chat = params.integer(name)
        if chat not in self.world.box(self.bot.id).chats:
            raise bad_request(CHAT_NOT_FOUND)
        return chat

    def message(self, params: Params, missing: str, chat: str = "chat_id") -> Message:
        """The message a call names, in that chat. Raises ApiError with ``missing``."""
        message = self.world.box(self.bot.id).messages.get(params.integer("message_id"))
        if message is None or message.peer != self.chat(params, chat):
            raise bad_request(missing)
        return message

    def view(self, message: Message) -> JsonObject:
        return message_view(self.world, message)


Method = Callable[[Desk, Params], Awaitable[object]]


async def get_me(desk: Desk, params: Params) -> JsonObject:
    abilities = {"can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return {**user_view(desk.bot), **abilities, "can_connect_to_business": False, "has_main_web_app": False}


async def get_updates(desk: Desk, params: Params) -> list[JsonObject]:
    if (allowed := params.structure("allowed_updates")) is not None:
        desk.updates.allow(allowed)
    for update in desk.updates.confirm(params.integer("offset")):
        if "message" in update:  # whoever wrote it sees it read
            message = update["message"]
            desk.world.read(desk.bot.id, message["chat"]["id"], message["message_id"])
    limit = min(max(params.integer("limit", 100), 1), 100)
    return await desk.updates.poll(limit, params.integer("timeout"))


async def send_message(desk: Desk, params: Params) -> JsonObject:
    text, entities = read_text(params)
    message = desk.world.send(
        desk.bot.id, desk.chat(params), text,
        entities=entities, keyboard=read_keyboard(params), reply_to=_reply(desk, params),
    )  # fmt: skip
    return desk.view(message)


async def send_document(desk: Desk, params: Params) -> JsonObject:
    return _send_media(desk, params, "document")


async def send_photo(desk: Desk, params: Params) -> JsonObject:
    return _send_media(desk, params, "photo")


def _send_media(desk: Desk, params: Params, name: str) -> JsonObject:
    chat = desk.chat(params)
    media = _media(desk, params, name, name)
    caption, entities = read_text(params, "caption", "caption_entities")
    message = desk.world.send(
        desk.bot.id, chat, caption,
        entities=entities, media=media, keyboard=read_keyboard(params), reply_to=_reply(desk, params),
    )  # fmt: skip
    return desk.view(message)


def _media(desk: Desk, params: Params, name: str, kind: str) -> Media:
    """The photo or document that a call brings or names. Raises ApiError."""
    if kind not in ("photo", "document"):
        raise bad_request(f"unsupported media type: this Telegram knows photo and document only, not {kind}")
    media = read_media(params, name, MediaKind(kind), desk.world)
    if media.size > (desk.limits.photo if kind == "photo" else desk.limits.document):
        raise ApiError(413, "Request Entity Too Large")
    return media


async def copy_message(desk: Desk, params: Params) -> JsonObject:
    """The same words, picture or file once more, without its buttons and without a word on where it is from."""
    chat = desk.chat(params)
    origin = desk.message(params, "message to copy not found", "from_chat_id")
    text, entities = origin.text, origin.entities
    if origin.media and "caption" in params.values:
        text, entities = read_text(params, "caption", "caption_entities")
    message = desk.world.send(
        desk.bot.id, chat, text,
        entities=entities, media=origin.media, keyboard=read_keyboard(params), reply_to=_reply(desk, params),
    )  # fmt: skip
    return {"message_id": message.id}


def _reply(desk: Desk, params: Params) -> Quote | None:
    """The message answered to. Raises ApiError when it is gone and the call did not allow for that."""
    reply = params.structure("reply_parameters") or {"message_id": params.integer("reply_to_message_id")}
    message_id = reply.get("message_id") or 0
    if not message_id:
        return None
    if message_id in desk.world.box(desk.bot.id).messages:
        return Quote(message_id, reply.get("quote"))
    if reply.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


async def edit_message_text(desk: Desk, params: Params) -> JsonObject:
    message = desk.message(params, "message to edit not found")
    text, entities = read_text(params)
    if not text.strip():
        raise bad_request("message text is empty")
    if message.media:
        raise bad_request("there is no text in the message to edit")
    keyboard = read_keyboard(params)
    return desk.view(desk.world.edit(desk.bot.id, message.id, text, entities=entities, keyboard=keyboard))


async def edit_message_caption(desk: Desk, params: Params) -> JsonObject:
    message = desk.message(params, "message to edit not found")
    if message.media is None:
        raise bad_request("there is no caption in the message to edit")
    caption, entities = read_text(params, "caption", "caption_entities")
    keyboard = read_keyboard(params)
    return desk.view(desk.world.edit(desk.bot.id, message.id, caption, entities=entities, keyboard=keyboard))


async def edit_message_media(desk: Desk, params: Params) -> JsonObject:
    """Another picture or document with its caption; a text becomes one."""
    message = desk.message(params, "message to edit not found")
    wanted = params.structure("media")
    if not isinstance(wanted, dict):
        raise bad_request("can't parse InputMedia: an object is expected")
    given = Params(wanted, params.uploads)
    media = _media(desk, given, "media", given.text("type"))
    caption, entities = read_text(given, "caption", "caption_entities")
    edited = desk.world.edit(
        desk.bot.id, message.id, caption, entities=entities, media=media, keyboard=read_keyboard(params)
    )
    return desk.view(edited)


async def edit_message_reply_markup(desk: Desk, params: Params) -> JsonObject:
    message = desk.message(params, "message to edit not found")
    return desk.view(desk.world.edit(desk.bot.id, message.id, keyboard=read_keyboard(params)))


async def delete_message(desk: Desk, params: Params) -> bool:
    _delete(desk, [desk.message(params, "message to delete not found")])
    return True


async def delete_messages(desk: Desk, params: Params) -> bool:
    """Those of them that are there."""
    chat, wanted = desk.chat(params), params.structure("message_ids") or []
    if not 0 < len(wanted) <= MOST_DELETED:
        raise bad_request("message identifiers are not specified" if not wanted else "too many message identifiers")
    held = desk.world.box(desk.bot.id).messages
    _delete(desk, [held[number] for number in wanted if number in held and held[number].peer == chat])
    return True


def _delete(desk: Desk, messages: list[Message]) -> None:
    if any(desk.world.now() - message.date > desk.world.rules.edit_window for message in messages):
        raise bad_request("message can't be deleted for everyone")
    desk.world.delete(desk.bot.id, [message.id for message in messages])


async def answer_callback_query(desk: Desk, params: Params) -> bool:
    text = params.text("text")
    if units(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = Answer(text, params.flag("show_alert"), params.text("url") or None, params.integer("cache_time"))
    query = params.text("callback_query_id")
    desk.world.answer_callback(desk.bot.id, int(query) if query.isdecimal() else 0, answer)
    return True


ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
        "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip


async def send_chat_action(desk: Desk, params: Params) -> bool:
    action = params.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    desk.world.typing(desk.bot.id, desk.chat(params), action)
    return True


async def get_chat(desk: Desk, params: Params) -> JsonObject:
    user = desk.world.users[desk.chat(params)]
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    named = {"active_usernames": [user.username]} if user.username else {}
    return {**chat_view(user), **named, "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


async def get_file(desk: Desk, params: Params) -> JsonObject:
    media = media_of(params.text("file_id"))
    data = desk.world.files.get(media.file_id or 0)
    if data is None:
        raise bad_request("invalid file_id")
    if len(data) > desk.limits.download:
        raise bad_request("file is too big")
    unique = f"u{media.file_id}"
    return {"file_id": file_id(media), "file_unique_id": unique, "file_size": len(data), "file_path": file_path(media)}


def _scope(desk: Desk, params: Params) -> str:
    """Whom commands are for. Raises ApiError for a chat with somebody who never wrote to this bot."""
    scope = params.structure("scope") or {"type": "default"}
    if scope.get("type") == "chat":
        desk.chat(Params(scope))
    return scope_key(scope.get("type", ""), scope.get("chat_id"), params.text("language_code"))


async def set_my_commands(desk: Desk, params: Params) -> bool:
    commands = params.structure("commands") or []
    for command in commands:
        name = command.get("command", "")
        if not (0 < len(name) <= 32 and name == name.lower() and name.replace("_", "").isalnum() and name.isascii()):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 0 < len(command.get("description", "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    desk.commands.put(_scope(desk, params), commands)
    return True


async def get_my_commands(desk: Desk, params: Params) -> list[JsonObject]:
    return desk.commands.get(_scope(desk, params))


async def delete_my_commands(desk: Desk, params: Params) -> bool:
    desk.commands.put(_scope(desk, params), [])
    return True


async def delete_webhook(desk: Desk, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        desk.updates.clear()
    return True


async def get_webhook_info(desk: Desk, params: Params) -> JsonObject:
    pending = len(desk.updates.pending)
    known = {"url": "", "has_custom_certificate": False, "pending_update_count": pending}
    return {**known, "allowed_updates": desk.updates.allowed} if desk.updates.allowed else known


async def set_webhook(desk: Desk, params: Params) -> bool:
    raise bad_request("bad webhook: this Telegram calls nobody; use getUpdates")


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "sendMessage": send_message,
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "copyMessage": copy_message,
    "sendChatAction": send_chat_action,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "answerCallbackQuery": answer_callback_query,
    "getChat": get_chat,
    "getFile": get_file,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setWebhook": set_webhook,
}
BY_NAME = {name.lower(): (name, method) for name, method in METHODS.items()}
"""Telegram takes the names in any case."""
