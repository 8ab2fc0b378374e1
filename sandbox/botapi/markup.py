"""Texts with their formatting, and keyboards: from a call's parameters to the world's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.botapi.errors import bad_request
from sandbox.botapi.html import BrokenMarkup, parse_html
from sandbox.botapi.params import Params
from sandbox.world import Button, Entity, Keyboard
from sandbox.world.text import units

Formatted = tuple[str, tuple[Entity, ...]]

PLACEHOLDER_LIMIT = 64


def read_text(params: Params, name: str = "text", entities: str = "entities") -> Formatted:
    """The text and its entities, by ``parse_mode`` or as given."""
    text = params.text(name)
    match params.text("parse_mode").lower():
        case "":
            return text, tuple(_entity(value) for value in params.structure(entities) or ())
        case "html":
            try:
                return parse_html(text)
            except BrokenMarkup as error:
                raise bad_request(f"can't parse entities: {error}") from error
        case mode:
            raise bad_request(f"unsupported parse_mode: this Telegram knows HTML only, not {mode}")


def _entity(value: Any) -> Entity:
    try:
        user = value.get("user") or {}
        offset, length = int(value["offset"]), int(value["length"])
        return Entity(str(value["type"]), offset, length, value.get("url"), user.get("id"), value.get("language"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise bad_request("can't parse MessageEntity: type, offset and length are expected") from error


def read_keyboard(params: Params) -> Keyboard | None:
    match params.structure("reply_markup"):
        case None:
            return None
        case {"inline_keyboard": list(rows)}:
            found = _rows(rows, _inline_button)
            return Keyboard(found) if found else None
        case {"keyboard": list(rows)}:
            return Keyboard(_rows(rows, _button), inline=False)
        case {"remove_keyboard": True}:
            return Keyboard(inline=False, remove=True)
        case {"force_reply": True, **rest}:
            placeholder = str(rest.get("input_field_placeholder") or "")
            if units(placeholder) > PLACEHOLDER_LIMIT:
                raise bad_request("REPLY_MARKUP_PLACEHOLDER_INVALID")
            return Keyboard(inline=False, force_reply=True, placeholder=placeholder)
        case _:
            raise bad_request("object expected as reply markup")


def _rows(rows: list[object], read: Any) -> tuple[tuple[Button, ...], ...]:
    if not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse keyboard: an array of arrays of buttons is expected")
    return tuple(tuple(read(button) for button in row) for row in rows if isinstance(row, list) and row)


def _inline_button(value: Mapping[str, Any]) -> Button:
    match value:
        case {"text": str(text), "callback_data": str(data)} if data:
            return Button(text, data=data.encode())
        case {"text": str(text), "url": str(url)}:
            return Button(text, url=url)
        case {"text": str()}:
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        case _:
            raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')


def _button(value: object) -> Button:
    match value:
        case str(text) | {"text": str(text)}:
            return Button(text)
        case _:
            raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
