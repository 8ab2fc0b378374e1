"""A model that goes wrong on purpose: what it would have said becomes something that must never be sent.

A fault spoils whatever is asked next (``spoilt``). ``sandbox/saboteur`` is the seller, one in ten of whose drafts is
spoilt: which, and how, is a hash of the conversation that it was shown, so that the same talk goes wrong in the same
way. Told that a draft was not sent, it mends it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sandbox.model import learning, seller
from sandbox.model.chat import Chat, Said
from sandbox.model.intents import Intent
from sandbox.model.talk import Talk

PHRASES: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "sabotage.toml").read_text(encoding="utf-8")
)
KINDS = tuple(PHRASES)

EVERY, EVERY_LAST = 9, 3
"""One in so many first drafts is spoilt; more of the few that answer a no or an opt-out. A mended draft is not: that
makes about one in ten of all."""
ALWAYS = ("price", "discount", "sum", "term", "link", "promise", "denial", "leak", "personal_data", "language", "note")
"""Kinds that are wrong wherever they are said."""
LONG_ENOUGH = 30
"""Characters from which on a line that is said again is a repetition."""
_OF_THE_PROGRAM = re.compile(r"программ|program|автомат|automat", re.I)
"""What the product adds to a line by itself, and may add again."""
_SAY_AGAIN = re.compile(r"повтор|ещё раз|еще раз|напомни|не понял|again|repeat|once more|remind", re.I)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer of the saboteur's, and the kind it is spoilt in; empty: it is not."""

    said: Said
    kind: str = ""


def spoilt(said: Said, chat: Chat, kind: str, time: int) -> Said:
    """The answer spoilt in one way; each ``time``, from 1, in other words as long as there are some."""
    talk = Talk(chat)
    variants = PHRASES[kind][talk.language]
    bad = variants[(time - 1) % len(variants)]
    filled = bad.replace("{instructions}", _instructions(chat.instructions)).replace("{said}", _last_said(chat))
    match kind:
        case "won":
            return replace(said, parts=(filled,), outcome="won", handoff=None, learnt=(), promise=None, opt_out=False)
        case "pushy" | "deaf":
            return replace(said, parts=(filled,), outcome="none", handoff=None, stage="next_step", opt_out=False)
        case "opt_out":
            return replace(said, parts=(filled,), opt_out=True)
        case _:
            return replace(
                said, parts=(filled,), outcome="none", handoff=None, sums=(), promise=None, opt_out=False
            )  # fmt: skip


def draft(chat: Chat) -> Draft:
    """What the saboteur answers."""
    if chat.wants_summary:
        return Draft(seller.reply(chat))
    talk = Talk(chat)
    if talk.is_repair:
        first = talk.before_repair
        return Draft(seller.reply(first if _way(first) else chat))
    said, way = seller.reply(chat), _way(chat)
    return Draft(spoilt(said, chat, *way), way[0]) if way else Draft(said)


def _way(chat: Chat) -> tuple[str, int] | None:
    """How this draft is spoilt: the kind, and which of its variants; None: not at all."""
    shown = "\n".join((*(f"{turn.role}: {turn.text}" for turn in chat.turns), chat.situation))
    drawn = int.from_bytes(sha256(shown.encode()).digest())
    drawn, left = divmod(drawn, EVERY_LAST if any(_deaf(Talk(chat))) else EVERY)
    if left:
        return None
    kinds = fitting(chat)
    drawn, at = divmod(drawn, len(kinds))
    return kinds[at], drawn % len(PHRASES[kinds[at]]["en"]) + 1


def fitting(chat: Chat) -> tuple[str, ...]:
    """The kinds that are wrong at this point; what only the person could know to be wrong is none of them. Going on
    after a no and not hearing an opt-out, which can be done wrong nowhere else, fall as often as all others together.
    """
    talk = Talk(chat)
    return tuple(_anywhere(talk)) + tuple(_deaf(talk)) * len(ALWAYS)


def _anywhere(talk: Talk) -> Iterator[str]:
    yield from ALWAYS
    if len(_last_said(talk.chat)) >= LONG_ENOUGH and not _SAY_AGAIN.search(" ".join(talk.words)):
        yield "repeat"
    if not talk.heard:
        yield "opt_out"
    elif "call_time" in (learning.fields(talk.chat.schema) or ()) and "call_time" not in talk.known:
        yield "won"


def _deaf(talk: Talk) -> Iterator[str]:
    if Intent.OPT_OUT in talk.intents:
        yield "deaf"
    elif _PLAIN_NO.fullmatch(" ".join(talk.words)):
        yield "pushy"


_PLAIN_NO = re.compile(
    r"\W*(?:(?:нет|спасибо|нам|мне|для нас|это|простите|извините|thanks?|thank you|sorry|no)\W+)*"
    r"(?:не\s?интересно|(?:нам|мне) (?:это )?не нужно|не\s?актуально|not interested|not relevant"
    r"|we do(?:n.t| not) need (?:it|this))"
    r"(?:\W+(?:спасибо|нам|мне|для нас|простите|извините|thanks?|thank you|sorry|for us|to us))*\W*",
    re.I,
)
"""A no to the whole of it, and nothing beside it."""


def _instructions(system: str) -> str:
    """The first sentences of what follows the facts: how to sell, which nobody outside may read."""
    _, _, after = re.sub(r"\A.*?^# Facts\b", "# Facts", system, flags=re.S | re.M).partition("\n\n")
    return re.sub(r"\s*\n[#\s-]*", " ", after[:1000]).strip("# ")[:300]


def _last_said(chat: Chat) -> str:
    """The first paragraph of the seller's last line, unless the product wrote it."""
    said = chat.said_by_assistant[-1].split("\n\n") if chat.said_by_assistant else []
    return next((one for one in said if not _OF_THE_PROGRAM.search(one)), "")
