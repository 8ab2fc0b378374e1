"""Texts for Telegram: HTML of which every word of a person is escaped, measured in UTF-16 units, cut visibly.

Telegram counts 4096 units *after* it parsed the entities; we count the markup too, which errs on the safe side.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape

LIMIT = 4096


def esc(text: str) -> str:
    """A person's words, safe inside HTML. Half of a surrogate pair, which cannot be sent, becomes a question mark."""
    return escape(text.encode("utf-8", "replace").decode(), quote=False)


def units(text: str) -> int:
    """Length as Telegram counts it: a character outside the basic plane is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clipped(text: str, limit: int) -> str:
    """At most so many units; what is left out is shown by an ellipsis."""
    if units(text) <= limit:
        return text
    while units(text) >= limit:
        text = text[:-1]
    return text.rstrip() + "…"


def slices(text: str, limit: int) -> Iterator[str]:
    """Escaped pieces of at most ``limit`` units, cut at a line or a word where one is near the end."""
    rest = text
    while rest:
        end = _longest(rest, limit)
        if end < len(rest):
            end = next((cut for mark in "\n " if (cut := rest.rfind(mark, end // 2, end) + 1)), end)
        yield esc(rest[:end])
        rest = rest[end:]


def _longest(text: str, limit: int) -> int:
    """How many characters fit into ``limit`` units once escaped; at least one."""
    used = 0
    for index, character in enumerate(text):
        used += _width(character)
        if used > limit:
            return max(index, 1)
    return len(text)


@lru_cache(4096)
def _width(character: str) -> int:
    return units(esc(character))
