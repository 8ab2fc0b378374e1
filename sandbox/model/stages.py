"""Where the talk stands on the scenario's way: the seller goes on a stage at a time, and on from none whose time to go
on never comes. It can tell that of a ``move_on`` that says "never", and of one that wants a field to be known which
is none of those that the seller asks for.
"""

from __future__ import annotations

import re

from sandbox.model import learning, stranger
from sandbox.model.chat import stage_of
from sandbox.model.talk import Talk

_SO_FAR = re.compile(r"^Stage so far: (\w+)\.$", re.M)
_MOVE_ON = re.compile(r"^Go on to the next stage when: (.+)$", re.M)
_MISSING = re.compile(r"^Still to learn at this stage: (.+)\.$", re.M)
_NEVER = re.compile(r"\bnever\b|\bnobody\b|\bno one\b|никогда|никто", re.I)
_KNOWN = re.compile(
    r"\b(?:is|are) (?:known|told|named)\b|\b(?:told|named|gave) (?:us|you)\b|известн|назва[нл]|сообщи", re.I
)


def is_held(talk: Talk) -> bool:
    """Whether the present stage cannot be left."""
    move_on = _MOVE_ON.search(talk.chat.situation)
    if move_on is None:
        return False
    return bool(_NEVER.search(move_on[1]) or (_KNOWN.search(move_on[1]) and unasked(talk)))


def unasked(talk: Talk) -> list[stranger.Field]:
    """What is to be learnt at this stage and the seller has no question of its own for."""
    missing = _MISSING.search(talk.chat.situation)
    names = set(missing[1].split(", ")) - learning.REPERTOIRE if missing else set[str]()
    return [field for field in stranger.fields(talk.chat.instructions) if field.name in names]


def present(talk: Talk) -> str:
    """The stage that the talk is in; empty where the prompt does not say."""
    found = _SO_FAR.search(talk.chat.situation)
    return found[1] if found else ""


def next_to(talk: Talk, stage: str) -> str:
    """The stage after a reply: up to the proposal one further than the present one at most."""
    way, now = talk.chat.stages, present(talk)
    if now not in way:
        return stage
    if is_held(talk):
        return now
    at, wanted, proposal = (way.index(stage_of(one, way)) for one in (now, stage, "presentation"))
    return way[min(wanted, at + 1) if at < proposal else wanted]
