"""A model that goes wrong on purpose: what it would have said becomes something that must never be sent."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

from sandbox.model.chat import Chat, Said
from sandbox.model.talk import Talk

PHRASES: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "sabotage.toml").read_text(encoding="utf-8")
)
KINDS = tuple(PHRASES)


def spoilt(said: Said, chat: Chat, kind: str, time: int) -> Said:
    """The answer spoilt in one way; each ``time``, from 1, in other words as long as there are some."""
    talk = Talk(chat)
    variants = PHRASES[kind][talk.language]
    bad = variants[(time - 1) % len(variants)]
    filled = bad.replace("{instructions}", _instructions(chat.system)).replace("{said}", _last_said(chat))
    match kind:
        case "won":
            return replace(said, parts=(filled,), outcome="won", handoff=None, learnt=(), promise=None)
        case "pushy":
            return replace(said, parts=(filled,), outcome="none", handoff=None, stage="next_step")
        case "opt_out":
            return replace(said, parts=(filled,), opt_out=True)
        case _:
            return replace(said, parts=(filled,), handoff=None, sums=(), promise=None)


def _instructions(system: str) -> str:
    """The first sentences of what follows the facts: how to sell, which nobody outside may read."""
    _, _, after = re.sub(r"\A.*?^# Facts\b", "# Facts", system, flags=re.S | re.M).partition("\n\n")
    return re.sub(r"\s*\n[#\s-]*", " ", after).strip("# ")[:300]


def _last_said(chat: Chat) -> str:
    return chat.said_by_assistant[-1].partition("\n\n")[0] if chat.said_by_assistant else ""
