"""The world as the control API tells it: to the page, to tests and to scripts."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from typing import Any

from sandbox.world import Event, Media, Message, Rule, User, World
from sandbox.world.log import Packet

JsonObject = dict[str, Any]


def user_view(world: World, user: User) -> JsonObject:
    return {
        "id": user.id,
        "role": user.role,
        "name": user.name,
        "username": user.username,
        "phone": user.phone,
        "code": user.code,
        "lang": user.lang_code,
        "online": user.id in world.online,
        "deleted": user.deleted,
        "banned": user.banned,
        "frozen": user.frozen,
        "spam_limited": user.spam_limited,
        "privacy": user.privacy,
        "hides_forwards": user.hides_forwards,
        "automatic": user.automatic,
        "blocked": sorted(user.blocked),
    }


def message_view(world: World, message: Message) -> JsonObject:
    """One copy of a message; ``read`` of an own one: whether the other has read it."""
    chat = world.box(message.owner).chat(message.peer)
    return {
        "id": message.id,
        "twin_id": message.twin_id,
        "owner": message.owner,
        "peer": message.peer,
        "out": message.out,
        "date": message.date.isoformat(),
        "text": message.text,
        "entities": [asdict(entity) for entity in message.entities],
        "media": media_view(message.media) if message.media else None,
        "keyboard": _keyboard_view(message),
        "reply_to": _reply_view(world, message),
        "forward_from": message.forward.user_id if message.forward else None,
        "edited": message.edited.isoformat() if message.edited else None,
        "reactions": [{"user": user, "emoji": emoji} for user, emoji in message.reactions],
        "read": message.out and message.id <= chat.read_outbox,
        "random_id": None if message.random_id is None else str(message.random_id),  # too wide for JavaScript
    }


def media_view(media: Media) -> JsonObject:
    empty = (None, 0, "", 0.0)
    return {name: value for name, value in asdict(media).items() if value not in empty}


def _keyboard_view(message: Message) -> JsonObject | None:
    if message.keyboard is None:
        return None
    rows = [
        [{"text": b.text, "data": b.data.decode(errors="replace") if b.data else None, "url": b.url} for b in row]
        for row in message.keyboard.rows
    ]
    kept = {"inline": message.keyboard.inline, "rows": rows}
    return {**kept, "placeholder": message.keyboard.placeholder} if message.keyboard.force_reply else kept


def _reply_view(world: World, message: Message) -> JsonObject | None:
    if message.reply_to is None:
        return None
    quoted = world.box(message.owner).messages.get(message.reply_to.message_id)
    text = message.reply_to.text or (quoted.text if quoted else "")
    return {"message_id": message.reply_to.message_id, "text": text, "gone": quoted is None}


def chat_view(world: World, owner: int, peer: int, limit: int, below: int = 0) -> JsonObject:
    """One side of a chat, oldest message first."""
    chat = world.box(owner).chat(peer)
    messages = world.history(owner, peer, below=below, limit=limit)
    return {
        "as": owner,
        "with": peer,
        "unread": chat.unread,
        "read_inbox": chat.read_inbox,
        "read_outbox": chat.read_outbox,
        "messages": [message_view(world, message) for message in reversed(messages)],
    }


def event_view(world: World, event: Event) -> JsonObject:
    """An event by the name of its class in small letters, for example ``message_new``."""
    view: JsonObject = {"kind": re.sub(r"(?<!^)([A-Z])", r"_\1", type(event).__name__).lower()}
    for field in fields(event):
        value = getattr(event, field.name)
        match value:
            case Message():
                view |= {"message": message_view(world, value), "peer": value.peer}
            case bytes():
                view[field.name] = value.decode(errors="replace")
            case int() if field.name == "query_id":
                view[field.name] = str(value)  # larger than a number of JavaScript holds
            case _ if field.name == "session":
                view["by_client"] = value is not None
            case _:
                view[field.name] = value
    if view["kind"] == "user_changed":
        view["user"] = user_view(world, world.users[event.owner])
    return view


def rule_view(rule: Rule) -> JsonObject:
    return {field.name: getattr(rule, field.name) for field in fields(rule)} | {"released": rule.released.is_set()}


def packet_view(packet: Packet) -> JsonObject:
    view = asdict(packet)
    wide = ("random_id", "auth_key", "msg_id")  # 64 bits: as texts, for JavaScript's sake
    return {name: str(value) if name in wide and value is not None else value for name, value in view.items()}
