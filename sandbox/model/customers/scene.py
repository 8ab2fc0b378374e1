"""A chat as the customer sees it: what they said so far, what the seller said since, and what they have to say."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from sandbox.model.chat import Chat, Role
from sandbox.model.customers import hearing
from sandbox.model.customers.hearing import Question
from sandbox.model.customers.profile import Profile

LINES: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "lines.toml").read_text(encoding="utf-8")
)
SILENCE, LEAVE = "[silence]", "[leave]"
"""What is said by who says nothing this time, and by who never will again."""
NOBODY_SPOKE = "…"


@dataclass(frozen=True)
class Scene:
    chat: Chat
    profile: Profile

    @cached_property
    def own(self) -> tuple[str, ...]:
        """What they said, as it is compared."""
        return tuple(words for text in self.chat.said_by_assistant if (words := _plain(text)) not in ("", "silence"))

    @cached_property
    def heard(self) -> str:
        """What the seller said since."""
        return "\n".join(text for text in self.chat.unanswered if text.strip() != NOBODY_SPOKE)

    @cached_property
    def heard_ever(self) -> str:
        return "\n".join(self.chat.said_by_user)

    @cached_property
    def asked(self) -> frozenset[Question]:
        return hearing.questions(self.heard)

    @cached_property
    def price(self) -> int | None:
        """The lowest price that the seller named at last: what they would pay."""
        lately = hearing.prices(self.heard) or hearing.prices(self.heard_ever)
        return min(lately, default=None)

    def heard_since(self, key: str) -> str:
        """What the seller said since they last said one of these lines."""
        since: list[str] = []
        for turn in reversed(self.chat.turns):
            if turn.role is Role.USER:
                since.append(turn.text)
            elif self._is_one_of(key, _plain(turn.text)):
                break
        return "\n".join(reversed(since))

    def chance(self, about: str) -> float:
        """The same through the whole chat."""
        return self.profile.chance(about)

    # --- what they said

    def said(self, line: str) -> bool:
        """Whether they said just this."""
        return any(_plain(line) in said for said in self.own)

    def told(self, key: str) -> bool:
        return self.times(key) > 0

    def times(self, key: str) -> int:
        """How often they said one of these lines."""
        return sum(self._is_one_of(key, said) for said in self.own)

    def _is_one_of(self, key: str, said: str) -> bool:
        return any(one.search(said) for one in _patterns(self.profile.language, key))

    # --- what they say

    def lines(self, key: str) -> list[str]:
        return LINES[self.profile.language][key]

    def say(self, key: str, **fields: object) -> str:
        """One of these lines, none twice before all were said."""
        drawn = self.profile.chance(key, len(self.own))
        variants = self.lines(key)
        fresh = [one for one in variants if not any(_pattern(one).search(said) for said in self.own)] or variants
        line = fresh[int(drawn * len(fresh))].format(**fields)
        return line[:1].upper() + line[1:]


@lru_cache(maxsize=512)
def _patterns(language: str, key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(one) for one in LINES[language][key])


@lru_cache(maxsize=2048)
def _pattern(line: str) -> re.Pattern[str]:
    """A line as it is found again, whatever was filled in."""
    pieces = re.split(r"(\{\w+\})", line)
    return re.compile(r"\b" + " ?".join(_FILLED.get(one) or re.escape(_plain(one)) for one in pieces if one) + r"\b")


_FILLED = {
    "{day}": r"[\w ]+?",
    "{hour}": r"[\d ]+",
    "{size}": r"\d+",
    "{men}": "человека?",
    "{own}": r"[\w ]+?",
}


def _plain(text: str) -> str:
    """Its words; how a line was divided into messages does not matter."""
    return " ".join(re.findall(r"\w+", text.casefold()))
