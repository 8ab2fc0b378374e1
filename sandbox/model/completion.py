"""A completion as OpenRouter words it: the whole object, or the chunks of a stream, with usage and cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.model.chat import Chat, JsonObject, count_tokens

PROVIDER = "Sandbox"
PROMPT_PRICE, COMPLETION_PRICE = 0.15e-6, 0.60e-6
"""US dollars a token: of the size of a small hosted model."""


@dataclass(frozen=True, slots=True)
class Completion:
    id: str
    model: str
    created: int
    content: str
    finish_reason: str
    usage: JsonObject


def complete(number: int, model: str, created: int, chat: Chat, content: str, max_tokens: int | None) -> Completion:
    """The answer with its bill; an answer longer than ``max_tokens`` is cut, as a model's is."""
    finish_reason = "stop"
    if max_tokens is not None and count_tokens([content]) > max_tokens:
        content, finish_reason = content[: max_tokens * 4], "length"
    prompt = count_tokens([chat.system, *(turn.text for turn in chat.turns)])
    completion = count_tokens([content])
    cost = prompt * PROMPT_PRICE + completion * COMPLETION_PRICE
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "cost": round(cost, 9),
        "is_byok": False,
        "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
        "cost_details": {"upstream_inference_cost": None},
    }
    return Completion(f"gen-{created}-{number:08d}", model, created, content, finish_reason, usage)


def as_object(done: Completion) -> JsonObject:
    message = {"role": "assistant", "content": done.content, "refusal": None, "reasoning": None}
    choice = {
        "index": 0, "message": message, "logprobs": None,
        "finish_reason": done.finish_reason, "native_finish_reason": done.finish_reason,
    }  # fmt: skip
    return {**_head(done, "chat.completion"), "choices": [choice], "usage": done.usage}


def as_events(done: Completion) -> Iterator[str]:
    """Server-sent events: a comment, the words, the end with the usage, ``[DONE]``."""
    yield ": OPENROUTER PROCESSING\n\n"
    words = done.content.split(" ")
    for number, word in enumerate(words):
        piece = word if number == len(words) - 1 else word + " "
        yield _event(done, {"role": "assistant", "content": piece}, None)
    yield _event(done, {"role": "assistant", "content": ""}, done.finish_reason)
    yield f"data: {_dump({**_head(done, 'chat.completion.chunk'), 'choices': [], 'usage': done.usage})}\n\n"
    yield "data: [DONE]\n\n"


def _event(done: Completion, delta: JsonObject, finish_reason: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "native_finish_reason": finish_reason}
    return f"data: {_dump({**_head(done, 'chat.completion.chunk'), 'choices': [choice]})}\n\n"


def _head(done: Completion, kind: str) -> JsonObject:
    return {"id": done.id, "provider": PROVIDER, "model": done.model, "object": kind, "created": done.created}


def _dump(value: JsonObject) -> str:
    return json.dumps(value, ensure_ascii=False)
