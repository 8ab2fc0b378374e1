"""Who a customer is: read from the fenced JSON block in the instructions of the model that plays them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

_BLOCK = re.compile(r"^```json\s*\n(?P<block>.*?)\n```", re.S | re.M)


@dataclass(frozen=True, slots=True)
class Profile:
    """What of the block is acted by. Whatever is missing is as plain as it can be."""

    name: str
    kind: str
    language: str = "en"
    size: int = 12
    budget: int = 0
    """The most they would pay, of a haggler what they offer; 0: they do not talk about money."""
    patience: int = 12
    """After so many lines of theirs they stop answering."""
    trust: float = 0.5
    objection: str = ""
    need: str = ""
    """What they want it for, in a sentence of their own."""
    variant: str = ""
    """What makes this one speak differently from another of the same name."""
    now: datetime | None = None
    """The time where they live."""

    def chance(self, *about: object) -> float:
        """A number in [0, 1) for each question that is asked about them; the same question, the same number."""
        told = "\n".join(map(str, (self.name, self.variant, *about)))
        return int.from_bytes(sha256(told.encode()).digest()[:6]) / 2**48


def read(system: str) -> Profile | None:
    """The profile in these instructions; None where there is none, or one of no kind."""
    found = _BLOCK.search(system)
    if found is None:
        return None
    try:
        told = json.loads(found["block"])
    except json.JSONDecodeError:
        return None
    return _profile(told) if isinstance(told, dict) and isinstance(told.get("kind"), str) else None


def _profile(told: dict[str, Any]) -> Profile:
    plain = Profile(str(told.get("name", "")), told["kind"])
    now = str(told.get("now", ""))
    return Profile(
        plain.name,
        plain.kind,
        language="ru" if str(told.get("language", "")).lower().startswith("ru") else "en",
        size=int(told.get("size") or plain.size),
        budget=int(told.get("budget") or 0),
        patience=int(told.get("patience") or plain.patience),
        trust=float(told.get("trust", plain.trust)),
        objection=str(told.get("objection") or ""),
        need=str(told.get("need") or ""),
        variant=str(told.get("variant", "")),
        now=datetime.fromisoformat(now) if now else None,
    )
