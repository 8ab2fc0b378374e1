"""Markup out of elements: whatever is not an element already is escaped, so that nothing said can become markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from salesbot.visible import pictured

_VOID = frozenset({"br", "circle", "line", "rect"})
"""Elements that hold nothing."""


class Html(str):
    """Text that is markup. Only this module makes it."""

    __slots__ = ()


NOTHING = Html("")


def el(name: str, *children: str, **attributes: str | int | None) -> Html:
    """An element. Attributes: ``class_`` is ``class``, ``stroke_width`` is ``stroke-width``; None leaves one out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_text(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID and not children:
        return Html(f"<{name}{told}/>")
    return Html(f"<{name}{told}>{join(children)}</{name}>")


def join(children: Iterable[str]) -> Html:
    """One after the other."""
    return Html("".join(child if isinstance(child, Html) else _text(child) for child in children))


def _text(text: str) -> str:
    """Line breaks are kept; other control characters, which no page may hold, are shown."""
    return escape("\n".join(map(pictured, text.splitlines())))
