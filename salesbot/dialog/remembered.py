"""What was found out about texts, remembered for the latest of them: with little memory, however long they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_Found = TypeVar("_Found")
LONG = 500
"""Characters from which a text is a long one: nobody's words fill the memory with one of four thousand letters each."""
WORDS = 4096
"""So many words are remembered where it is words that are asked for."""
LONG_ONES = 8
"""So many of those are remembered."""
_forgetting: list[Callable[[], None]] = []


def remembered(texts: int) -> Callable[[Callable[[str], _Found]], Callable[[str], _Found]]:
    """What a function finds in a text is kept for so many texts, of long ones for a few."""

    def keeping(function: Callable[[str], _Found]) -> Callable[[str], _Found]:
        usual, long = lru_cache(texts)(function), lru_cache(LONG_ONES)(function)
        _forgetting.extend((usual.cache_clear, long.cache_clear))

        @wraps(function)
        def found(text: str) -> _Found:
            return usual(text) if len(text) < LONG else long(text)

        return found

    return keeping


def forget_texts() -> None:
    """Somebody's words are erased: none of them stays here, whosever they are."""
    for forget in _forgetting:
        forget()
