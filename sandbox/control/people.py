"""Acting as people: who they are, what they say, press, read and block."""

from __future__ import annotations

import asyncio
import base64
import binascii
import mimetypes

from sandbox.control.body import Body, ControlError, find_user
from sandbox.control.picture import picture
from sandbox.control.views import JsonObject, chat_view, message_view, user_view
from sandbox.model.customers import KINDS
from sandbox.world import Entity, Forward, Media, MediaKind, Message, Privacy, Quote, Role, User
from sandbox.world.images import size_of

ANSWER_PATIENCE = 10.0
"""Seconds for a bot to answer a pressed button."""

STATES = ("deleted", "banned", "frozen", "spam_limited", "hides_forwards")
WITH_FILE = frozenset(MediaKind) - {MediaKind.CONTACT, MediaKind.LOCATION, MediaKind.DICE}


async def create_user(body: Body) -> JsonObject:
    optional = body.given("id", "last_name", "username", "phone", "code", "password", "lang_code", "token")
    try:
        role = Role(body.text("role", Role.TARGET))
    except ValueError as error:
        raise ControlError(f"role is none of {', '.join(Role)}") from error
    return user_view(body.world, body.world.users.create(role, body.text("first_name", "Somebody"), **optional))


async def change_user(body: Body) -> JsonObject:
    """Change names, the password, or a state; ``username: null`` takes the username away."""
    user = body.user("user")
    changed = body.given("first_name", "last_name", "username", "password", "lang_code", *STATES)
    if "privacy" in body.fields:
        changed["privacy"] = Privacy(body.text("privacy"))
    if "automatic" in body.fields:
        changed["automatic"] = body.text("automatic")
        if changed["automatic"] and changed["automatic"] not in KINDS:
            raise ControlError(f"automatic is empty or one of {', '.join(KINDS)}")
    return user_view(body.world, body.world.users.change(user.id, **changed))


async def say(body: Body) -> JsonObject:
    media = _media(body.fields["media"], body) if body.fields.get("media") else None
    reply_to = Quote(body.integer("reply_to"), body.fields.get("quote")) if body.fields.get("reply_to") else None
    entities = [Entity(**entity) for entity in body.fields.get("entities", [])]
    group = body.integer("group_id") or None
    message = body.world.send(
        body.user("as").id, body.user("to").id, body.text("text"),
        entities=entities, media=media, reply_to=reply_to, group_id=group,
    )  # fmt: skip
    return message_view(body.world, message)


async def forward(body: Body) -> JsonObject:
    """Pass a message of one's own box on to somebody, as a copy that names its author."""
    origin = _message(body)
    message = body.world.send(
        origin.owner, body.user("to").id, origin.text,
        entities=origin.entities, media=origin.media, forward=origin.forward or Forward(origin.sender, origin.date),
    )  # fmt: skip
    return message_view(body.world, message)


async def edit(body: Body) -> JsonObject:
    message = _message(body)
    return message_view(body.world, body.world.edit(message.owner, message.id, body.text("text")))


async def delete(body: Body) -> JsonObject:
    ids = body.fields.get("message_ids") or [body.integer("message_id")]
    return {"deleted": body.world.delete(body.user("as").id, ids, revoke=body.flag("revoke", True))}


async def react(body: Body) -> JsonObject:
    message = _message(body)
    return message_view(body.world, body.world.react(message.owner, message.id, body.text("emoji") or None))


async def read(body: Body) -> JsonObject:
    return {"new": body.world.read(body.user("as").id, body.user("with").id, body.integer("max_id"))}


async def typing(body: Body) -> JsonObject:
    body.world.typing(body.user("as").id, body.user("to").id, body.text("action", "typing"))
    return {}


async def block(body: Body) -> JsonObject:
    user = body.user("as")
    body.world.block(user.id, body.user("who").id, body.flag("blocked", True))
    return user_view(body.world, body.world.users[user.id])


async def online(body: Body) -> JsonObject:
    body.world.set_online(body.user("as").id, body.flag("online", True))
    return {}


async def press(body: Body) -> JsonObject:
    """Press an inline button, named by its data or its text; what the bot answered, or ``answered: false``."""
    message = _message(body)
    query = body.world.press_button(message.owner, message.id, _button_data(message, body))
    try:
        async with asyncio.timeout(body.number("timeout", ANSWER_PATIENCE)):
            answer = await asyncio.shield(query.answer)
    except TimeoutError:
        return {"answered": False, "query_id": str(query.id)}
    return {
        "answered": True, "query_id": str(query.id), "text": answer.text, "alert": answer.alert, "url": answer.url,
    }  # fmt: skip


async def chat(body: Body) -> JsonObject:
    owner, peer = body.user("as").id, body.user("with").id
    return chat_view(body.world, owner, peer, body.integer("limit", 1000), body.integer("below"))


async def chats(body: Body) -> list[JsonObject]:
    """Somebody's chats, the latest first, each with its last message."""
    owner = body.user("as").id
    box = body.world.box(owner)
    return [
        {"with": peer, "unread": box.chat(peer).unread, "last": message_view(body.world, message)}
        for peer, message in body.world.dialogs(owner)
    ]


def _message(body: Body) -> Message:
    return body.world.message(body.user("as").id, body.integer("message_id"))


def _button_data(message: Message, body: Body) -> bytes:
    if "data" in body.fields:
        return body.text("data").encode()
    wanted = body.text("text")
    for row in message.keyboard.rows if message.keyboard else ():
        for button in row:
            if button.data is not None and wanted in button.text:
                return button.data
    raise ControlError(f"message {message.id} has no button {wanted!r}")


def _media(wanted: JsonObject, body: Body) -> Media:
    """Media by kind; ``content`` (text) or ``content_base64`` are its bytes, made up where neither is given."""
    fields = {key: value for key, value in wanted.items() if key not in ("kind", "user", "content", "content_base64")}
    try:
        kind = MediaKind(wanted["kind"])
        if kind is MediaKind.CONTACT and "user" in wanted:
            return _contact(find_user(body.world, wanted["user"]))
        if kind not in WITH_FILE:
            return Media(kind, **fields)
        data = _content(kind, wanted)
        name = fields.setdefault("name", "scan.png" if kind is MediaKind.PHOTO else None)
        fields.setdefault("mime", mimetypes.guess_type(name or "")[0] or "application/octet-stream")
        if kind is MediaKind.PHOTO:
            width, height = (size_of(data) if _brings_a_file(wanted) else None) or (640, 420)
            fields |= {"width": fields.get("width") or width, "height": fields.get("height") or height}
        return Media(kind, body.world.files.add(data), size=len(data), **fields)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ControlError(f"media: {error}; kinds: {', '.join(MediaKind)}") from error


def _contact(user: User) -> Media:
    """Somebody's card, as it is shared out of an address book."""
    return Media(
        MediaKind.CONTACT, phone=user.phone,
        first_name=user.first_name, last_name=user.last_name, contact_id=user.id,
    )  # fmt: skip


def _brings_a_file(wanted: JsonObject) -> bool:
    return "content" in wanted or "content_base64" in wanted


def _content(kind: MediaKind, wanted: JsonObject) -> bytes:
    if "content_base64" in wanted:
        return base64.b64decode(wanted["content_base64"], validate=True)
    if "content" in wanted:
        return str(wanted["content"]).encode()
    return picture() if kind is MediaKind.PHOTO else b"sandbox " + kind.encode()
