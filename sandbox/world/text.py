"""Texts as Telegram sees them: lengths in UTF-16 units, trimmed ends, commands and links found by the server."""

import re
from collections.abc import Iterable
from dataclasses import replace

from sandbox.world.errors import bad_request
from sandbox.world.model import Entity, Keyboard

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
DATA_LIMIT = 64
BUTTON_LIMIT = 64
"""UTF-16 units on a button. Telegram names no limit, and on a phone nobody sees more."""
MOST_BUTTONS = 100

_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+)|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31})|(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,32}(@\w+)?)"
)


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def trimmed(text: str, entities: Iterable[Entity]) -> tuple[str, tuple[Entity, ...]]:
    """The text without white ends, its entities moved and clipped with it."""
    head = units(text) - units(text.lstrip())
    text = text.strip()
    end = units(text)
    moved = []
    for entity in entities:
        start = max(entity.offset - head, 0)
        stop = min(entity.offset - head + entity.length, end)
        if stop > start:
            moved.append(replace(entity, offset=start, length=stop - start))
    return text, tuple(moved)


def with_found(text: str, entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """The entities given, and the links, mentions and commands that stand in the text outside them."""
    found = list(entities)
    taken = [(e.offset, e.offset + e.length) for e in entities]
    for match in _FOUND.finditer(text):
        start = units(text[: match.start()])
        stop = start + units(match.group())
        if not any(start < b and a < stop for a, b in taken):
            found.append(Entity(match.lastgroup or "url", start, stop - start))
    return tuple(sorted(found, key=lambda e: e.offset))


def checked(text: str, entities: Iterable[Entity], *, has_media: bool) -> tuple[str, tuple[Entity, ...]]:
    """The text as it will stand in a message, or the refusal Telegram gives."""
    try:
        text.encode()
    except UnicodeEncodeError as exc:  # half a surrogate pair
        raise bad_request("INPUT_TEXT_INVALID") from exc
    text, kept = trimmed(text, entities)
    if not text and not has_media:
        raise bad_request("MESSAGE_EMPTY")
    if has_media and units(text) > CAPTION_LIMIT:
        raise bad_request("MEDIA_CAPTION_TOO_LONG")
    if units(text) > TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    return text, with_found(text, kept)


def check_keyboard(keyboard: Keyboard | None) -> None:
    buttons = [button for row in keyboard.rows for button in row] if keyboard else []
    if len(buttons) > MOST_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        if not 0 < units(button.text.strip()) <= BUTTON_LIMIT:
            raise bad_request("BUTTON_TEXT_INVALID")
        if button.data is not None and len(button.data) > DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
