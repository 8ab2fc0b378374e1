"""The world's values as the objects of the Bot API."""

from __future__ import annotations

from typing import Any

from sandbox.botapi.files import file_id
from sandbox.world import Entity, Forward, Keyboard, Media, MediaKind, Message, User, World
from sandbox.world.text import units

JsonObject = dict[str, Any]


def user_view(user: User) -> JsonObject:
    view: JsonObject = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    view |= _given(last_name=user.last_name, username=user.username)
    return view if user.is_bot else {**view, "language_code": user.lang_code}


def chat_view(user: User) -> JsonObject:
    view = {"id": user.id, "type": "private", "first_name": user.first_name}
    return view | _given(last_name=user.last_name, username=user.username)


def message_view(world: World, message: Message, *, with_reply: bool = True) -> JsonObject:
    """A message in a bot's box."""
    view: JsonObject = {
        "message_id": message.id,
        "from": user_view(world.users[message.sender]),
        "chat": chat_view(world.users[message.peer]),
        "date": int(message.date.timestamp()),
    }
    if message.edited:
        view["edit_date"] = int(message.edited.timestamp())
    if message.media:
        view |= media_view(message.media)
    text, entities = ("caption", "caption_entities") if message.media else ("text", "entities")
    view |= _given(**{text: message.text, entities: [entity_view(world, entity) for entity in message.entities]})
    if message.keyboard and message.keyboard.inline:
        view["reply_markup"] = keyboard_view(message.keyboard)
    if message.forward:
        view["forward_origin"] = {**origin_view(world, message.forward), "date": int(message.forward.date.timestamp())}
    quoted = world.box(message.owner).messages.get(message.reply_to.message_id) if message.reply_to else None
    if quoted and with_reply:
        view["reply_to_message"] = message_view(world, quoted, with_reply=False)
        if message.reply_to and message.reply_to.text:
            view["quote"] = {"text": message.reply_to.text, "position": _position(quoted.text, message.reply_to.text)}
    return view


def origin_view(world: World, forward: Forward) -> JsonObject:
    """Who said first what was forwarded: a name only, of somebody who hides behind it."""
    author = world.users[forward.user_id]
    if author.hides_forwards:
        return {"type": "hidden_user", "sender_user_name": author.name}
    return {"type": "user", "sender_user": user_view(author)}


def _position(text: str, part: str) -> int:
    """Where the words picked out of a text begin, in UTF-16 units."""
    return units(text[: max(text.find(part), 0)])


def entity_view(world: World, entity: Entity) -> JsonObject:
    view: JsonObject = {"type": entity.kind, "offset": entity.offset, "length": entity.length}
    user = world.users.get(entity.user_id) if entity.user_id else None
    return view | _given(url=entity.url, language=entity.language, user=user_view(user) if user else None)


def keyboard_view(keyboard: Keyboard) -> JsonObject:
    def button(text: str, data: bytes | None, url: str | None) -> JsonObject:
        return {"text": text} | _given(callback_data=data.decode(errors="replace") if data else None, url=url)

    return {"inline_keyboard": [[button(b.text, b.data, b.url) for b in row] for row in keyboard.rows]}


def media_view(media: Media) -> JsonObject:
    """The field of a message that holds this kind of media."""
    identifier = file_id(media)
    file: JsonObject = {"file_id": identifier, "file_unique_id": f"u{media.file_id or 0}", "file_size": media.size}
    named = _given(file_name=media.name, mime_type=media.mime)
    shape = {"width": media.width or 512, "height": media.height or 512}
    lasting = {"duration": media.duration}
    match media.kind:
        case MediaKind.PHOTO:
            return {"photo": [{**file, **shape}]}
        case MediaKind.VOICE:
            return {"voice": {**file, **lasting, "mime_type": "audio/ogg"}}
        case MediaKind.AUDIO:
            return {"audio": {**file, **lasting, **named}}
        case MediaKind.VIDEO:
            return {"video": {**file, **shape, **lasting, **named}}
        case MediaKind.VIDEO_NOTE:
            return {"video_note": {**file, **lasting, "length": media.width or 240}}
        case MediaKind.ANIMATION:
            return {"animation": {**file, **shape, **lasting, **named}}
        case MediaKind.STICKER:
            plain = {"type": "regular", "is_animated": False, "is_video": False, "emoji": media.emoji}
            return {"sticker": {**file, **shape, **plain}}
        case MediaKind.DOCUMENT:
            return {"document": {**file, **named}}
        case MediaKind.CONTACT:
            known = _given(last_name=media.last_name, user_id=media.contact_id or None)
            return {"contact": {"phone_number": media.phone, "first_name": media.first_name, **known}}
        case MediaKind.LOCATION:
            return {"location": {"latitude": media.latitude, "longitude": media.longitude}}
        case MediaKind.DICE:
            return {"dice": {"emoji": media.emoji, "value": media.value}}


def _given(**fields: object) -> JsonObject:
    """The fields that hold something: the Bot API leaves empty ones out."""
    return {name: value for name, value in fields.items() if value}
