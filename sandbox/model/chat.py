"""What a request for a chat completion says, read once and kept as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]
"""An object as JSON gives it: what is in it is not known until it was looked at."""


class BadRequest(ValueError):
    """The request is not one that a chat completion could answer."""


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Chat:
    """The conversation of one request: the instructions, what was said, and the shape asked for."""

    systems: tuple[str, ...]
    """The system messages."""
    turns: tuple[Turn, ...]
    schema: JsonObject | None = None
    """The JSON schema of the reply; None for plain text."""
    json_object: bool = False
    """JSON was asked for without a schema."""

    @property
    def system(self) -> str:
        return "\n\n".join(self.systems)

    @property
    def instructions(self) -> str:
        """The first system message: what is the same in every call."""
        return self.systems[0] if self.systems else ""

    @property
    def situation(self) -> str:
        """The last of several system messages: what changes with every call."""
        return self.systems[-1] if len(self.systems) > 1 else ""

    @property
    def said_by_user(self) -> tuple[str, ...]:
        return tuple(turn.text for turn in self.turns if turn.role is Role.USER)

    @property
    def said_by_assistant(self) -> tuple[str, ...]:
        return tuple(turn.text for turn in self.turns if turn.role is Role.ASSISTANT)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages of the scenario, where the answer has to name one."""
        properties = self.schema.get("properties", {}) if self.schema else {}
        return tuple(properties.get("stage", {}).get("enum", ()))

    @property
    def wants_summary(self) -> bool:
        """Whether notes on a conversation are asked for instead of a reply."""
        return self.schema is not None and "summary" in self.schema.get("properties", {})

    @property
    def unanswered(self) -> tuple[str, ...]:
        """What the user said since the assistant last spoke."""
        lines: list[str] = []
        for turn in reversed(self.turns):
            if turn.role is Role.ASSISTANT:
                break
            lines.append(turn.text)
        return tuple(reversed(lines))


ROLES = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
    "tool": None,
    "function": None,
}


def read_chat(body: Mapping[str, Any]) -> Chat:
    """The conversation of a request's body. Raises BadRequest. Tools are accepted and never called."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("Input required: specify a non-empty list of messages")
    system: list[str] = []
    turns: list[Turn] = []
    for number, message in enumerate(messages):
        role, text = _read_message(number, message)
        if role is Role.SYSTEM:
            system.append(text)
        elif role is not None:
            turns.append(Turn(role, text))
    schema, json_object = _read_format(body.get("response_format"))
    return Chat(tuple(system), tuple(turns), schema, json_object)


def _read_message(number: int, message: object) -> tuple[Role | None, str]:
    if not isinstance(message, dict):
        raise BadRequest(f"messages[{number}] is not an object")
    name = message.get("role")
    if name not in ROLES:
        raise BadRequest(f"messages[{number}].role: {name!r} is not one of {', '.join(ROLES)}")
    return ROLES[name], _read_content(number, message.get("content"))


def _read_content(number: int, content: object) -> str:
    match content:
        case None:
            return ""
        case str():
            return content
        case list():
            texts = [part.get("text", "") for part in content if isinstance(part, dict) and part.get("type") == "text"]
            return "\n".join(str(text) for text in texts)
        case _:
            raise BadRequest(f"messages[{number}].content is neither a text nor a list of parts")


def _read_format(wanted: object) -> tuple[JsonObject | None, bool]:
    match wanted:
        case None | {"type": "text"}:
            return None, False
        case {"type": "json_object"}:
            return None, True
        case {"type": "json_schema", "json_schema": {"name": str(), "schema": dict(schema)}}:
            return schema, False
        case _:
            raise BadRequest("response_format is none of text, json_object, json_schema (with a name and a schema)")


def count_tokens(texts: Sequence[str]) -> int:
    """A plausible count: four letters a token, and a few for each message's envelope."""
    return sum(len(text) // 4 + 4 for text in texts)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A field that is learnt about the person, and the words of theirs that prove it."""

    field: str
    value: str
    quote: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What a human will have to do, and until when, on the person's clock."""

    what: str
    until: datetime | None = None

    def as_object(self) -> JsonObject:
        return {"what": self.what, "until": self.until and self.until.strftime("%Y-%m-%dT%H:%M")}


@dataclass(frozen=True, slots=True)
class Said:
    """What a scripted model answers, before it takes the shape that was asked for."""

    parts: tuple[str, ...]
    stage: str = "introduction"
    outcome: str = "none"
    handoff: str | None = None
    facts: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    learnt: tuple[Learnt, ...] = ()
    promise: Promise | None = None
    opt_out: bool = False

    def shaped(self, chat: Chat) -> str:
        """The content of the reply: JSON by the schema, any JSON, or the parts as paragraphs."""
        if chat.schema is None and not chat.json_object:
            return "\n\n".join(self.parts)
        known: JsonObject = {
            "parts": list(self.parts),
            "stage": self.stage,
            "outcome": self.outcome,
            "handoff": self.handoff,
            "facts": list(self.facts),
            "sums": list(self.sums),
            "learnt": [{"field": one.field, "value": one.value, "quote": one.quote} for one in self.learnt],
            "promise": self.promise.as_object() if self.promise else None,
            "opt_out": self.opt_out,
            "summary": "\n".join(self.parts),
        }
        value = known if chat.schema is None else fill(chat.schema, known)
        return json.dumps(value, ensure_ascii=False)


STAGES = {
    "introduction": ("introduction", "opening", "greeting", "hello", "intro", "new"),
    "qualification": ("qualification", "qualifying", "discovery", "interest"),
    "needs": ("needs", "discovery", "wishes", "interest"),
    "presentation": ("presentation", "proposal", "offer", "pitch", "proposing"),
    "objections": ("objections", "objection", "negotiation", "negotiating", "doubts"),
    "next_step": ("next_step", "next step", "call", "appointment", "booking", "commitment", "agreement", "closing"),
    "closing": ("closing", "close", "done", "closed", "finished", "end", "ended", "farewell", "won"),
}
"""The seller's stages, and what a scenario may call them."""


def fill(schema: Mapping[str, Any], known: JsonObject) -> JsonObject:
    """An object that satisfies the schema: what is known where it fits, else the plainest value of its type."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    return {name: _value(name, kind, known) for name, kind in properties.items()}


def _value(name: str, kind: Mapping[str, Any], known: JsonObject) -> object:
    choices: list[object] = kind.get("enum", [])
    if name == "stage" and choices:
        return stage_of(str(known.get("stage", "introduction")), [str(choice) for choice in choices])
    if name in known and (not choices or known[name] in choices):
        return known[name]
    return choices[0] if choices else _plainest(kind)


def stage_of(stage: str, choices: Sequence[str]) -> str:
    """What a scenario calls one of the seller's stages: by a name that means it, else the one as far along the way."""
    if stage in choices:
        return stage
    synonyms, order = STAGES.get(stage, ()), list(STAGES)
    place = order.index(stage) / (len(order) - 1) if stage in order else 0.0
    return next((one for one in choices if one in synonyms), choices[round(place * (len(choices) - 1))])


def _plainest(kind: Mapping[str, Any]) -> object:
    types = kind.get("type", [option.get("type") for option in kind.get("anyOf", [])])
    names = [types] if isinstance(types, str) else list(types)
    if "null" in names:
        return None
    match names:
        case ["object", *_]:
            return fill(kind, {})
        case ["array", *_]:
            return []
        case ["integer" | "number", *_]:
            return 0
        case ["boolean", *_]:
            return False
        case _:
            return ""
