"""The reply asked of the model: its JSON schema, and the way from what came back to a ``Reply``."""

from __future__ import annotations

import json
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from salesbot.dialog.model import Outcome, Reply
from salesbot.dialog.scenario import Scenario
from salesbot.errors import InvalidReply

TELEGRAM_LIMIT = 4096
"""UTF-16 units in one message."""

FENCE = re.compile(r"\A\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""PostgreSQL does not take the first of them, Telegram takes some away (a part must stand in the chat as it stands in
its row), and the others can hide a price or a link from the guard."""
STRAY_JOINER = re.compile(r"(?:\A|(?<=[\w\s.,]))\u200d+")
"""The same, where it does not join the pieces of an emoji."""
BORDERS = ("\n\n", "\n", ". ", "! ", "? ", "… ")


class _Draft(BaseModel):
    """The schema below, as it is validated. An endpoint may ignore the schema, so what can be missing may be."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    parts: list[str]
    stage: str
    outcome: Literal["none", "won", "lost"] = "none"
    handoff: str | None = None


def response_format(scenario: Scenario) -> dict[str, object]:
    """``response_format`` for this scenario. Limits of number and length stand in words: not every provider's
    strict mode knows ``maxItems``, and ``parse`` tests them anyway."""
    parts = f"The messages to send, in order: one to {scenario.max_parts}, plain text."
    stage = "The stage of the conversation after this reply."
    outcome = "won: agreed to the goal; lost: a clear no; else none."
    handoff = "Why a human colleague must go on, in one sentence; null if none is needed."
    properties: dict[str, object] = {
        "parts": {"type": "array", "items": {"type": "string"}, "description": parts},
        "stage": {"type": "string", "enum": [one.name for one in scenario.stages], "description": stage},
        "outcome": {"type": "string", "enum": ["none", "won", "lost"], "description": outcome},
        "handoff": {"type": ["string", "null"], "description": handoff},
    }
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}


def parse(text: str, scenario: Scenario) -> Reply:
    """What the model answered, as a Reply. Raises InvalidReply with a message that tells the model what to mend."""
    fenced = FENCE.match(text)
    draft = _draft(fenced[1] if fenced else text)
    parts = [part for part in map(_clean, draft.parts) if part]
    if not parts:
        raise InvalidReply("empty", "The reply has no parts: write at least one message.")
    if draft.stage not in {one.name for one in scenario.stages}:
        names = ", ".join(one.name for one in scenario.stages)
        raise InvalidReply("stage", f"There is no such stage; use one of: {names}.")
    handoff = _clean(draft.handoff or "") or None
    return Reply(_fitted(parts, scenario), draft.stage, Outcome(draft.outcome), handoff)


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _draft(text: str) -> _Draft:
    """The validated object; read and written once more on the way, which drops halves of surrogate pairs."""
    try:
        plain = json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8", "ignore")
        return _Draft.model_validate_json(plain)
    except ValidationError as exc:
        problem = _problem(exc)
    except (ValueError, RecursionError):
        problem = "not JSON"
    # Raised out here: what came may hold a person's words, and a chained error would carry them into the log.
    raise InvalidReply("schema", f"Not the JSON object that was asked for ({problem}). Answer with that object only.")


def _clean(text: str) -> str:
    return "\n".join(STRAY_JOINER.sub("", UNSEEN.sub("", text)).splitlines()).strip()


def _problem(exc: ValidationError) -> str:
    error = exc.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(step) for step in error['loc']) or 'the answer'}: {error['msg']}"


def _fitted(parts: list[str], scenario: Scenario) -> tuple[str, ...]:
    """The parts with long ones divided at paragraphs or sentences, if the number of parts allows that."""
    limit = min(scenario.max_part_chars, TELEGRAM_LIMIT)
    fitted = tuple(piece for part in parts for piece in _pieces(part, limit))
    if len(fitted) > scenario.max_parts:
        raise InvalidReply(
            "too_long",
            f"Too much at once: at most {scenario.max_parts} parts of at most {limit} characters each.",
        )
    return fitted


def _pieces(text: str, limit: int) -> list[str]:
    pieces = []
    while units(text) > limit:
        cut = _border(text, limit)
        pieces.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*pieces, text]


def _border(text: str, limit: int) -> int:
    """Where to divide: after the last border within the limit, the coarsest kind first."""
    window = text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")
    for border in BORDERS:
        if (found := window.rfind(border)) > 0:
            return found + len(border)
    raise InvalidReply("too_long", f"A part has more than {limit} characters and no sentence ends within them.")
