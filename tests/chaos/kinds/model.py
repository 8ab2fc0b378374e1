"""The model refuses, talks nonsense, or does not answer: the person sees none of it, and is answered once.

Nonsense would reach the person as a part without a token, or with too much around it: ``_only_words`` looks at each.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.chaos.arena import Arena
from tests.chaos.kinds import Case, Kind, always
from tests.chaos.record import Expect

WHO, OTHER = "anna", "boris"
USUAL = re.compile(r"(?:[A-Z]+-\d+ ?)+|ok")
"""What `sandbox/echo-parts` says; after the first part of a dialog comes the sentence that discloses what writes it."""
WRONG_SCHEMA = json.dumps({"answer": 1})
NONSENSE: Mapping[str, Mapping[str, Any]] = {
    "no_choices": {"action": "empty"},
    "error_body": {"action": "error_body", "code": 502},
    "credits_body": {"action": "error_body", "code": 402, "metadata": {"limit_source": "openrouter_credits"}},
    "empty_text": {"action": "content", "text": ""},
    "blank_text": {"action": "content", "text": " \n\n "},
    "broken_json": {"action": "broken_json"},
    "fenced": {"action": "content", "text": "```json\n{reply}\n```"},
    "prose_around": {"action": "content", "text": "Sure: {reply}"},
    "wrong_schema": {"action": "content", "text": WRONG_SCHEMA},
    "endless": {"action": "say", "text": "{reply} " + "a" * 20_000},
    "echo": {"action": "say", "text": "{prompt}"},
}
MOST_WAIT = 60


async def _begin(arena: Arena) -> int:
    """Two dialogs at rest; the number of the first."""
    await arena.start()
    number = await arena.open(WHO)
    await arena.open(OTHER)
    return number


async def _end(arena: Arena) -> None:
    """The trouble is over: whoever wrote is answered; nothing was heard but the model's words and the safe sentence."""
    await arena.line(OTHER)
    await arena.line(WHO)
    await arena.answered()
    _only_words(arena)


def _only_words(arena: Arena) -> None:
    for line in arena.witness.lines:
        if line.by_product:
            words, _, disclosed = line.text.partition("\n\n")
            known = USUAL.fullmatch(words) or words in arena.scenario["safe_sentence"].values()
            assert known and disclosed in ("", *arena.scenario["disclosure"].values()), f"heard: {line.text[:300]!r}"


async def _given_back(arena: Arena, number: int) -> None:
    await arena.status(number, "handoff")
    await arena.ask(f"/give {number}", f"№ {number}: the model speaks again")


async def refuses(arena: Arena, case: Case) -> bool:
    """Errors by status: those that pass are waited out, those that concern what was said call a human."""
    number = await _begin(arena)
    fields = {key: value for key, value in case.items() if key not in ("action", "human")}
    fault = await arena.control.fault("model.chat", case["action"], **fields)
    await arena.line(WHO, tokens=2)
    await arena.control.fired(fault, times=case.get("count", 1), timeout=MOST_WAIT)
    if case.get("human"):
        await _given_back(arena, number)
    await _end(arena)
    return True


async def nonsense(arena: Arena, case: Case) -> bool:
    """Answers that are none: mended by the model, asked for again, or handed to a human."""
    number = await _begin(arena)
    fault = await arena.control.fault("model.chat", **NONSENSE[case["says"]], count=case["times"])
    await arena.line(WHO, tokens=arena.chance.choice((1, 3)))
    await arena.control.fired(fault, times=case["times"], timeout=MOST_WAIT)
    if case.get("human"):
        await _given_back(arena, number)
    await _end(arena)
    return True


async def hangs(arena: Arena, case: Case) -> bool:
    """No answer, a late one, half of one; somebody goes on writing, or kills the product meanwhile."""
    await _begin(arena)
    fields = {"bytes": arena.chance.randrange(400)} if case["action"] == "cut_at" else {}
    if case["action"] == "delay":
        fields = {"seconds": case["seconds"]}
    fault = await arena.control.fault("model.chat", case["action"], **fields)
    await arena.line(WHO, tokens=2)
    await arena.control.fired(fault, timeout=MOST_WAIT)
    await asyncio.sleep(arena.chance.uniform(0.0, 1.0))
    match case.get("meanwhile"):
        case "writes":
            await arena.line(WHO)
        case "edits":
            said = await arena.line(WHO, Expect.AT_MOST_ONCE)
            await arena.control.call("POST", "/edit", as_=WHO, message_id=said["id"], text="Something else, please")
        case "kill":
            arena.keeper.kill()
    if case["action"] in ("hold", "hold_answer"):
        await asyncio.sleep(case["seconds"])
        await arena.control.call("POST", f"/faults/{fault}/release")
    await _end(arena)
    return True


def _error(code: int, count: int = 1, **fields: Any) -> Case:
    return {"action": "error", "code": code, "count": count, **fields}


def _limit(source: str) -> dict[str, Any]:
    return {"metadata": {"limit_source": source}}


KINDS = (
    Kind(
        "model.refuses",
        23,
        refuses,
        always(
            {"action": "flood_wait", "seconds": 2},
            {"action": "flood_wait", "seconds": 8},
            _error(429),
            _error(429, count=2),
            _error(402, seconds=2, **_limit("openrouter_in_flight_budget")),
            _error(402, **_limit("openrouter_credits")),
            _error(402, **_limit("openrouter_key_limit")),
            _error(402),
            _error(403, metadata={"reasons": ["violence"], "flagged_input": "Please confirm"}, human=True),
            _error(400, human=True),
            _error(401),
            _error(500),
            _error(502, count=2),
            _error(503),
        ),
    ),
    Kind(
        "model.nonsense",
        23,
        nonsense,
        always(
            *({"says": says, "times": 1} for says in NONSENSE),
            *(
                {"says": says, "times": 2, "human": True}
                for says in (
                    "empty_text",
                    "blank_text",
                    "broken_json",
                    "prose_around",
                    "wrong_schema",
                    "endless",
                    "echo",
                )
            ),
        ),
    ),
    Kind(
        "model.hangs",
        23,
        hangs,
        always(
            {"action": "hang"},
            {"action": "hang", "meanwhile": "writes"},
            {"action": "delay", "seconds": 2, "meanwhile": "writes"},
            {"action": "delay", "seconds": 8},
            {"action": "cut_before"},
            {"action": "cut_after"},
            {"action": "cut_at"},
            {"action": "drop_answer", "meanwhile": "edits"},
            {"action": "hold", "seconds": 1, "meanwhile": "writes"},
            {"action": "hold", "seconds": 6},
            {"action": "hold_answer", "seconds": 2, "meanwhile": "edits"},
            {"action": "hang", "meanwhile": "kill"},
            {"action": "hold_answer", "seconds": 1, "meanwhile": "kill"},
        ),
    ),
)
