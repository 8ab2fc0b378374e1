"""Formatting and keyboards, between the world's words and TL's."""

from collections.abc import Iterable
from typing import Any

from telethon.tl import types

from sandbox.world import Button, Entity, Keyboard

_PLAIN: dict[str, Any] = {
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "underline": types.MessageEntityUnderline,
    "strikethrough": types.MessageEntityStrike,
    "spoiler": types.MessageEntitySpoiler,
    "code": types.MessageEntityCode,
    "url": types.MessageEntityUrl,
    "email": types.MessageEntityEmail,
    "phone_number": types.MessageEntityPhone,
    "mention": types.MessageEntityMention,
    "hashtag": types.MessageEntityHashtag,
    "cashtag": types.MessageEntityCashtag,
    "bot_command": types.MessageEntityBotCommand,
    "blockquote": types.MessageEntityBlockquote,
    "expandable_blockquote": types.MessageEntityBlockquote,
}
_KINDS = {cls: kind for kind, cls in reversed(_PLAIN.items())}


def to_tl_entities(entities: Iterable[Entity]) -> list[Any] | None:
    """None when there are none: an empty list would count as set."""
    made = [made for entity in entities if (made := _to_tl(entity))]
    return made or None


def _to_tl(entity: Entity) -> Any:
    match entity.kind:
        case "pre":
            return types.MessageEntityPre(entity.offset, entity.length, entity.language or "")
        case "text_link":
            return types.MessageEntityTextUrl(entity.offset, entity.length, entity.url or "")
        case "text_mention":
            return types.MessageEntityMentionName(entity.offset, entity.length, entity.user_id or 0)
        case kind:
            made = _PLAIN.get(kind)
            return made(entity.offset, entity.length) if made else None


def from_tl_entities(entities: Iterable[Any] | None) -> tuple[Entity, ...]:
    made = []
    for entity in entities or ():
        match entity:
            case types.MessageEntityPre():
                made.append(Entity("pre", entity.offset, entity.length, language=entity.language or None))
            case types.MessageEntityTextUrl():
                made.append(Entity("text_link", entity.offset, entity.length, url=entity.url))
            case types.InputMessageEntityMentionName():
                user_id = getattr(entity.user_id, "user_id", None)
                made.append(Entity("text_mention", entity.offset, entity.length, user_id=user_id))
            case _:
                kind = _KINDS.get(type(entity))
                if kind:
                    made.append(Entity(kind, entity.offset, entity.length))
    return tuple(made)


def to_tl_keyboard(keyboard: Keyboard | None) -> Any:
    if keyboard is None:
        return None
    if keyboard.remove:
        return types.ReplyKeyboardHide()
    if keyboard.force_reply:
        return types.ReplyKeyboardForceReply(single_use=True, placeholder=keyboard.placeholder or None)
    if keyboard.inline:
        rows = [types.KeyboardInlineButtonRow([_inline(b) for b in row]) for row in keyboard.rows]
        return types.ReplyInlineMarkup(rows)
    plain = [types.KeyboardButtonRow([types.KeyboardButton(b.text) for b in row]) for row in keyboard.rows]
    return types.ReplyKeyboardMarkup(plain, resize=True)


def _inline(button: Button) -> Any:
    kind = types.InlineButtonTypeUrl(button.url) if button.url else types.InlineButtonTypeCallback(button.data or b"")
    return types.KeyboardInlineButton(button.text, kind)
