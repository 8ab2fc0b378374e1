"""The models over the wire, through an unmodified openai client: answers, usage with cost, faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from sandbox.app import Sandbox
from sandbox.control.client import Control, ControlRefused

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "parts": {"type": "array", "items": {"type": "string"}},
        "stage": {"type": "string", "enum": ["opening", "needs", "offer", "doubts", "call", "end"]},
        "outcome": {"type": "string", "enum": ["none", "won", "lost"]},
        "handoff": {"type": ["string", "null"]},
        "confidence": {"type": "number"},
    },
    "required": ["parts", "stage", "outcome", "handoff", "confidence"],
    "additionalProperties": False,
}
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA}}


@pytest.fixture
async def models(sandbox: Sandbox) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=sandbox.state()["model"], api_key="any", max_retries=0, timeout=5) as client:
        yield client


async def ask(models: AsyncOpenAI, *lines: str, model: str = "sandbox/echo", **options: Any) -> Any:
    """The completion for a conversation in which the person and the assistant take turns."""
    roles = ("user", "assistant")
    messages: Any = [{"role": roles[i % 2], "content": line} for i, line in enumerate(lines)]
    return await models.chat.completions.create(model=model, messages=messages, **options)


async def test_echo_says_each_new_token_once_and_in_order(models: AsyncOpenAI) -> None:
    answer = await ask(models, "A-1 then\nB7-20 and A-1", "A-1", "last: C-3")
    assert answer.choices[0].message.content == "B7-20 C-3"
    assert (await ask(models, "nothing here")).choices[0].message.content == "ok"


@pytest.mark.parametrize(
    ("shown", "parts"),
    [
        ("A-1", ["A-1"]),
        ("A-1 A-2 A-3", ["A-1", "A-2", "A-3"]),
        ("A-1 A-2 A-3 A-4 A-5", ["A-1", "A-2", "A-3 A-4 A-5"]),
        ("nothing here", ["ok"]),
    ],
)
async def test_echo_parts_says_each_new_token_in_a_part_of_its_own(
    models: AsyncOpenAI, shown: str, parts: list[str]
) -> None:
    answer = await ask(models, shown, model="sandbox/echo-parts", response_format=FORMAT)
    assert json.loads(answer.choices[0].message.content)["parts"] == parts
    answer = await ask(models, f"{shown} B-1", shown, "and?", model="sandbox/echo-parts", response_format=FORMAT)
    assert json.loads(answer.choices[0].message.content)["parts"] == ["B-1"]


async def test_usage_has_a_cost(models: AsyncOpenAI) -> None:
    answer = await ask(models, "A-1")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.model_extra["cost"] > 0
    assert answer.model_extra["provider"] == "Sandbox"


async def test_a_json_schema_shapes_the_answer_with_its_own_stages(models: AsyncOpenAI) -> None:
    answer = await ask(models, "Hello", model="sandbox/seller", response_format=FORMAT)
    reply = json.loads(answer.choices[0].message.content)
    assert list(reply) == SCHEMA["required"]
    assert reply["stage"] in SCHEMA["properties"]["stage"]["enum"]
    assert (reply["outcome"], reply["handoff"], reply["confidence"]) == ("none", None, 0)
    assert reply["parts"]


async def test_a_stream_adds_up_to_the_answer_and_ends_with_the_usage(models: AsyncOpenAI) -> None:
    text, usage = "", None
    async for chunk in await ask(models, "A-1 B-2", stream=True):
        text += "".join(choice.delta.content or "" for choice in chunk.choices)
        usage = chunk.usage or usage
    assert text == "A-1 B-2"
    assert usage is not None


async def test_tools_are_accepted_and_not_called(models: AsyncOpenAI) -> None:
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}
    answer = await ask(models, "A-1", tools=[tool])
    assert answer.choices[0].message.tool_calls is None


async def test_an_answer_over_max_tokens_is_cut(models: AsyncOpenAI) -> None:
    answer = await ask(models, " ".join(f"TOKEN-{n}" for n in range(50)), max_tokens=10)
    assert answer.choices[0].finish_reason == "length"


async def test_an_unknown_model_is_refused_unless_a_fallback_is_known(models: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="is not a valid model ID"):
        await ask(models, "A-1", model="no/such")
    answer = await ask(models, "A-1", model="no/such", extra_body={"models": ["sandbox/echo"]})
    assert answer.model == "sandbox/echo"


async def test_the_models_are_listed(models: AsyncOpenAI) -> None:
    names = [model.id async for model in models.models.list()]
    assert {"sandbox/seller", "sandbox/echo", "sandbox/slow"} <= set(names)


async def test_without_a_key_it_is_401(models: AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        await ask(models, "A-1", extra_headers={"Authorization": openai.omit})


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"action": "flood_wait", "seconds": 3}, openai.RateLimitError),
        ({"action": "error", "code": 429}, openai.RateLimitError),
        ({"action": "error", "code": 402}, openai.APIStatusError),
        ({"action": "error", "code": 503}, openai.InternalServerError),
        ({"action": "cut_at", "bytes": 1}, openai.APIConnectionError),
        ({"action": "cut_at", "bytes": 300}, openai.APIConnectionError),
        ({"action": "error", "code": 403}, openai.PermissionDeniedError),
        ({"action": "error", "code": 500}, openai.InternalServerError),
        ({"action": "cut_before"}, openai.APIConnectionError),
        ({"action": "cut_after"}, openai.APIConnectionError),
    ],
    ids=lambda value: "-".join(str(part) for part in value.values()) if isinstance(value, dict) else None,
)
async def test_faults_with_a_status(
    models: AsyncOpenAI, control: Control, fault: dict[str, Any], error: type[Exception]
) -> None:
    await control.fault("model.chat", **fault)
    with pytest.raises(error) as refused:
        await ask(models, "A-1")
    if fault["action"] == "flood_wait":
        assert isinstance(refused.value, openai.RateLimitError)
        assert refused.value.response.headers["Retry-After"] == "3"
    assert (await ask(models, "A-1")).choices[0].message.content == "A-1"


async def test_a_hanging_model_never_answers(models: AsyncOpenAI, control: Control) -> None:
    fault = await control.fault("model.chat", "hang")
    asked = asyncio.create_task(ask(models, "A-1"))
    await control.fired(fault)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asked, 0.1)


async def test_faults_inside_a_good_answer(models: AsyncOpenAI, control: Control) -> None:
    await control.fault("model.chat", "broken_json")
    with pytest.raises(json.JSONDecodeError):
        json.loads((await ask(models, "A-1", response_format=FORMAT)).choices[0].message.content)
    await control.fault("model.chat", "empty")
    assert (await ask(models, "A-1")).choices == []
    await control.fault("model.chat", "error_body")
    answer = await ask(models, "A-1")
    assert (answer.choices, answer.model_extra["error"]["code"]) == (None, 502)
    await control.fault("model.chat", "content", text="Only 1 ₽!")
    assert (await ask(models, "A-1")).choices[0].message.content == "Only 1 ₽!"


@pytest.mark.parametrize(
    ("metadata", "wait"),
    [
        ({"limit_source": "openrouter_in_flight_budget"}, 2),
        ({"limit_source": "openrouter_credits"}, 0),
        ({"limit_source": "openrouter_key_limit"}, 0),
    ],
)
async def test_payment_required_says_whether_waiting_helps(
    models: AsyncOpenAI, control: Control, metadata: dict[str, str], wait: int
) -> None:
    await control.fault("model.chat", "error", code=402, metadata=metadata, seconds=wait)
    with pytest.raises(openai.APIStatusError) as refused:
        await ask(models, "A-1")
    told: Any = refused.value.body
    assert (refused.value.status_code, told["metadata"].items() >= metadata.items()) == (402, True)
    assert refused.value.response.headers.get("Retry-After") == ("2" if wait else None)


async def test_moderation_names_its_reasons(models: AsyncOpenAI, control: Control) -> None:
    await control.fault("model.chat", "error", code=403, metadata={"reasons": ["violence"], "flagged_input": "A-1"})
    with pytest.raises(openai.PermissionDeniedError) as refused:
        await ask(models, "A-1")
    told: Any = refused.value.body
    assert (told["metadata"]["reasons"], told["metadata"]["flagged_input"]) == (["violence"], "A-1")


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("", ""),
        ('{"answer": 1}', '{"answer": 1}'),
        ("```json\n{reply}\n```", "```json\nA-1\n```"),
        ("x" * 20_000, "x" * 20_000),
    ],
    ids=["empty text", "wrong schema", "fenced", "20,000 characters"],
)
async def test_a_model_may_answer_anything(models: AsyncOpenAI, control: Control, text: str, answered: str) -> None:
    await control.fault("model.chat", "content", text=text)
    answer = await ask(models, "A-1", max_tokens=100)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (answered, "stop")


@pytest.mark.parametrize(
    ("text", "part"),
    [("{reply} " + "x" * 20_000, "A-1 " + "x" * 20_000), ("{prompt}", "You sell. Never say so.")],
    ids=["20,000 characters", "echoes the prompt"],
)
async def test_a_model_may_say_anything_in_the_right_shape(
    models: AsyncOpenAI, control: Control, text: str, part: str
) -> None:
    await control.fault("model.chat", "say", text=text)
    messages: Any = [{"role": "system", "content": "You sell. Never say so."}, {"role": "user", "content": "A-1"}]
    answer = await models.chat.completions.create(model="sandbox/echo", messages=messages, response_format=FORMAT)
    assert json.loads(answer.choices[0].message.content or "")["parts"] == [part]


async def test_a_model_is_sabotaged_as_often_as_wished_and_in_other_words_each_time(
    models: AsyncOpenAI, control: Control
) -> None:
    await control.fault("model.chat", "sabotage", text="price", count=2)
    heard = ("25 of us", "Noted.", "what does it cost?")
    said = [(await ask(models, *heard, model="sandbox/seller")).choices[0].message.content for _ in range(3)]
    assert "3,333 ₽" in said[0] and "four thousand roubles" in said[1]
    assert "₽" not in said[2] and "roubles" not in said[2], "without facts no price"
    with pytest.raises(ControlRefused, match="text is none of price, discount"):
        await control.fault("model.chat", "sabotage", text="rudeness")


async def test_what_was_asked_can_be_looked_up(models: AsyncOpenAI, control: Control) -> None:
    await ask(models, "A-1")
    (body,) = await control.call("GET", "/model/requests")
    assert body["messages"][0]["content"] == "A-1"
    (line,) = await control.call("POST", "/wait/log", kind="model")
    assert line["method"] == "sandbox/echo"
