"""Where a thing is given for nothing: what is free in one place and paid for in another is not waived in the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesbot.dialog.guard.scene import Heard, Scene
from salesbot.dialog.guard.topics import topics
from salesbot.dialog.guard.words import Span, phrases, read

_THERE = "outside"
_OUT_OF_IT = re.compile(r" (?:outside|beyond|out)(?: of)?(?: the)? (?:city|town)(?= )")
_CENTRE = phrases("в центре|внутри|inside|(?:in the|city|town) cent(?:re|er)|downtown|central")


def waived(scene: Scene, thought: Span, given: frozenset[str]) -> bool:
    """Whether the talk is of where a thing is paid for, and it is given for nothing without a word of where."""
    paid = [one for one in scene.facts.statements if one.fact in scene.facts.prices and _THERE in one.topics]
    if _where(thought.line) or not any(given & one.topics for one in paid):
        return False
    others = [one.line for text in scene.texts for one in text.sentences if text is not thought.text]
    mine = [one.line for one in thought.text.sentences if one.last <= thought.first]
    return next((place for line in (*mine[::-1], *others, *_lately(scene)) if (place := _where(line))), "") == _THERE


def _where(line: str) -> str:
    """The place that a line speaks of, empty where it names none or both."""
    rest = _OUT_OF_IT.sub(" ", line)
    there = rest != line or _THERE in topics(line)
    here = "city" in topics(rest) or (not there and _CENTRE.search(line) is not None)
    if there and here:
        return "both"
    return _THERE if there else "city" if here else ""


def _lately(scene: Scene) -> Iterator[str]:
    """What they said, and what we said last, the newest first."""
    spoke = ended = False
    for one in reversed(scene.history.messages):
        if one.incoming:
            ended = spoke
            yield Heard(one.content).text.whole.line
        elif one.said:
            spoke = True
            if not ended:
                yield read(one.content).whole.line
