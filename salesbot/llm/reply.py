"""The reply asked of the model: its JSON schema, and the way from what came back to a ``Reply``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from salesbot.dialog.model import Learnt, Outcome, Promise, Reply
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


MOST_LEARNT = 20
MOST_SUMS = 10
WHAT_LENGTH = 500
"""Of a promise, in characters."""


Schema: TypeAlias = Mapping[str, object]


class _Lenient(BaseModel):
    """An endpoint may ignore the schema, so what can be missing may be, and nobody minds what is beside it."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


class _Learnt(_Lenient):
    field: str
    value: str | int | float | None
    quote: str = ""


class _Promise(_Lenient):
    what: str
    until: str | None = None


class _Draft(_Lenient):
    """The schema below, as it is validated."""

    parts: list[str]
    stage: str
    outcome: Literal["none", "won", "lost"] = "none"
    handoff: str | None = None
    facts: list[str] | None = None
    sums: list[str] | None = Field(None, max_length=MOST_SUMS)
    learnt: list[_Learnt] | None = Field(None, max_length=MOST_LEARNT)
    promise: _Promise | None = None
    opt_out: bool = False


def response_format(scenario: Scenario) -> Mapping[str, object]:
    """``response_format`` for this scenario, made once. Limits of number and length stand in words: not every
    provider's strict mode knows ``maxItems``, and ``parse`` tests them anyway."""
    return scenario.kept(_response_format)


def _response_format(scenario: Scenario) -> dict[str, object]:
    text: Schema = {"type": "string"}
    parts = f"The messages to send, in order: one to {scenario.max_parts}, plain text."
    sums = "Sums that the parts name, over ids of priced facts, not worked out: 3 * id + other_id, 3 * (id + other_id)."
    learnt = _object(field=_one_of([one.name for one in scenario.fields]), value=text, quote=text)
    promise = _object(what=text, until={"type": ["string", "null"]})
    properties: dict[str, Schema] = {
        "parts": _list(text, parts),
        "stage": _one_of([one.name for one in scenario.stages], "The stage of the conversation after this reply."),
        "outcome": _one_of(["none", "won", "lost"], "won: agreed to the goal; lost: a clear no; else none."),
        "handoff": {
            "type": ["string", "null"],
            "description": "Why a human colleague must go on and what they should know, in a sentence or two; or null.",
        },
        "facts": _list(_one_of([one.id for one in scenario.facts]), "Ids of the facts that the parts use."),
        "sums": _list(text, sums),
        "learnt": _list(learnt, "What they told about themselves; quote: their own words that say it, unchanged."),
        "promise": {
            "anyOf": [promise, {"type": "null"}],
            "description": "What a colleague will have to do because the parts say so; until: their local time, "
            "YYYY-MM-DDTHH:MM, or null; null if nothing was promised.",
        },
        "opt_out": {"type": "boolean", "description": "They do not want to be written to any more."},
    }
    schema = _object(**properties)
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}


def parse(text: str, scenario: Scenario, zone: tzinfo = UTC) -> Reply:
    """What the model answered, as a Reply; ``zone`` is the person's, in which times are promised.

    Raises InvalidReply with a message that tells the model what to mend. Facts and fields that do not exist are left
    out: without them less may be said and less is known, which harms nobody.
    """
    fenced = FENCE.match(text)
    draft = _draft(fenced[1] if fenced else text)
    parts = [part for part in map(_clean, draft.parts) if part]
    if not parts and not draft.opt_out:  # who wants no messages is told so by the program
        raise InvalidReply("empty", "The reply has no parts: write at least one message.")
    if draft.stage not in {one.name for one in scenario.stages}:
        names = ", ".join(one.name for one in scenario.stages)
        raise InvalidReply("stage", f"There is no such stage; use one of: {names}.")
    return Reply(
        _fitted(parts, scenario),
        draft.stage,
        Outcome(draft.outcome),
        _clean(draft.handoff or "") or None,
        facts=_known(draft.facts or (), {one.id for one in scenario.facts}),
        sums=tuple(cleaned for one in draft.sums or () if (cleaned := _clean(one))),
        learnt=tuple(_learnt(draft.learnt or (), scenario)),
        promise=_promise(draft.promise, zone),
        opt_out=draft.opt_out,
    )


@dataclass(frozen=True, slots=True)
class Outline:
    """What an answer says and leads to, whatever scenario it was given for."""

    parts: tuple[str, ...] = ()
    stage: str = ""
    outcome: Outcome = Outcome.NONE
    handoff: str = ""


def outline(text: str) -> Outline:
    """Of an answer as it came, good for something or not; an empty one for what is none."""
    try:
        fenced = FENCE.match(text)
        draft = _draft(fenced[1] if fenced else text)
    except InvalidReply:
        return Outline()
    parts = tuple(part for part in map(_clean, draft.parts) if part)
    return Outline(parts, draft.stage, Outcome(draft.outcome), _clean(draft.handoff or ""))


def _known(ids: Sequence[str], known: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in ids if one in known))


def _learnt(found: Sequence[_Learnt], scenario: Scenario) -> list[Learnt]:
    fields = {one.name for one in scenario.fields}
    named = [(one.field, _clean(str(one.value if one.value is not None else "")), _clean(one.quote)) for one in found]
    return [Learnt(field, value, quote) for field, value, quote in named if field in fields and value and quote]


def _promise(found: _Promise | None, zone: tzinfo) -> Promise | None:
    """The promise with its moment; a time that is none of ours stays in its words, for the human who keeps it."""
    what = _clean(found.what)[:WHAT_LENGTH] if found else ""
    if found is None or not what:
        return None
    until = _clean(found.until or "")
    try:
        at = datetime.fromisoformat(until) if until else None
        return Promise(what, (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC) if at else None)
    except (ValueError, OverflowError):
        return Promise(f"{what} ({until})"[:WHAT_LENGTH])


def _object(**properties: Schema) -> Schema:
    """An object as strict modes want it: everything is demanded, nothing else allowed."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def _one_of(names: Sequence[str], description: str = "") -> Schema:
    """One of these texts; any where there are none, since an empty enum is refused."""
    enum = {"enum": list(names)} if names else {}
    return {"type": "string", **enum, **({"description": description} if description else {})}


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
