"""A person's words beside ours: what they say is kept, what it would do to the words around it is not.

A name or a text may hold line breaks, marks that turn the reading direction of all that follows, and characters that
move a terminal's cursor. Pure.
"""

from __future__ import annotations

import re
import unicodedata

_FSI, _PDI = "\u2068", "\u2069"
_ISOLATES = "\u2066\u2067\u2068"
_TURNING = frozenset("R AL AN LRE RLE LRO RLO PDF LRI RLI FSI PDI".split())
"""Classes of characters that are not read from left to right, or make others be read otherwise."""

_PICTURES = {
    **{code: 0x2400 + code for code in range(32) if code != ord("\t")},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}
_EMPTY_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol that show nothing; names are made of them."""

_ODD = re.compile(
    "[^\t\n -~\u00a0-\u058f\u200d\u2010-\u2027\u202f-\u205f\u20a0-\ud7ff\ufe00-\ufe0f\U0001f000-\U0001faff]"
)
"""What is not among the ranges of characters that are read from left to right, divide no lines and move nothing."""


def plain(text: str) -> bool:
    """Whether a text consists of characters that do nothing to the words around them: most texts do."""
    return _ODD.search(text) is None


def clip(text: str, length: int) -> str:
    """One line of at most ``length`` characters; what is left out is shown by an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def inline(text: str, length: int) -> str:
    """One line of people's words in the midst of ours; empty when there is nothing to be seen in them."""
    if not any(unicodedata.category(one)[0] in "LNPS" and one not in _EMPTY_LETTERS for one in text):
        return ""
    return isolated(pictured(clip(text, length)))


def isolated(line: str) -> str:
    """A line that has a direction of its own, between invisible marks beyond which that has no effect.

    What the line leaves open is closed; what it closes without having opened it is opened before it.
    """
    if plain(line) or not any(unicodedata.bidirectional(one) in _TURNING for one in line):
        return line
    left_open = closed = 0
    for one in line:
        if one in _ISOLATES:
            left_open += 1
        elif one == _PDI and left_open:
            left_open -= 1
        elif one == _PDI:
            closed += 1
    return _FSI * (1 + closed) + line + _PDI * (1 + left_open)


def pictured(line: str) -> str:
    """A line whose control characters are seen and do nothing: ``␛[2J``."""
    return line.translate(_PICTURES)
