"""One call, one answer or one error of ours: against a server that answers as providers do, on bad days too."""

from __future__ import annotations

import asyncio
import socket
from decimal import Decimal
from typing import Any, NoReturn

import aiohttp
import pytest
from aiohttp import web

from salesbot.errors import ModelRefused, ModelUnavailable
from salesbot.llm.client import Completion, ModelClient, UnusableCompletion
from salesbot.llm.prompt import ChatMessage, Role
from salesbot.llm.reply import response_format
from tests.llm.conftest import Endpoint, MakeClient, completion
from tests.talk import TEAPOTS

MESSAGES = (ChatMessage(Role.SYSTEM, "Sell teapots."), ChatMessage(Role.USER, "Привет"))
FORM = response_format(TEAPOTS)


async def ask(client: ModelClient) -> Completion:
    return await client.complete("some/model", MESSAGES, FORM)


def error(status: int, *, headers: dict[str, str] | None = None, **metadata: str) -> web.Response:
    body = {"error": {"code": status, "message": "it is so", "metadata": metadata}}
    return web.json_response(body, status=status, headers=headers)


async def test_an_answer_comes_with_its_cost(endpoint: Endpoint, make_client: MakeClient) -> None:
    answer = await ask(make_client(endpoint.url))
    assert answer.text == "Hello"
    assert answer.model_used == "some/model-2026"
    assert (answer.prompt_tokens, answer.completion_tokens) == (120, 7)
    assert answer.cost == Decimal("0.00042")
    assert answer.latency_ms >= 0


async def test_the_request_is_a_plain_completion_with_a_limit(endpoint: Endpoint, make_client: MakeClient) -> None:
    await ask(make_client(endpoint.url, LLM_MAX_TOKENS="77"))
    assert endpoint.bodies == [
        {
            "model": "some/model",
            "messages": [{"role": "system", "content": "Sell teapots."}, {"role": "user", "content": "Привет"}],
            "response_format": FORM,
            "max_tokens": 77,
        }
    ]
    assert endpoint.headers[0]["Authorization"] == "Bearer the-key"


async def test_the_sdk_reads_nothing_of_the_environment(
    endpoint: Endpoint, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "from-the-environment")
    await ask(make_client(endpoint.url))
    assert "from-the-environment" not in str(dict(endpoint.headers[0]))


@pytest.mark.parametrize(
    "usage", [None, {}, "unknown", {"prompt_tokens": 1, "completion_tokens": None, "cost": "many"}]
)
async def test_a_provider_may_keep_the_cost_to_itself(endpoint: Endpoint, make_client: MakeClient, usage: Any) -> None:
    endpoint.response = lambda: web.json_response(completion(usage=usage, model=None))
    answer = await ask(make_client(endpoint.url))
    assert answer.cost is None
    assert answer.model_used == "some/model"
    assert answer.completion_tokens == 0


@pytest.mark.parametrize(
    ("response", "retry_after"),
    [
        (lambda: error(408), None),
        (lambda: error(409), None),
        (lambda: error(429), None),
        (lambda: error(429, headers={"Retry-After": "7"}), 7.0),
        (lambda: error(429, headers={"Retry-After": "1.5"}), 1.5),
        (lambda: error(429, headers={"Retry-After": "86400"}), 3600.0),
        (lambda: error(429, headers={"Retry-After": "soon"}), None),
        (lambda: error(429, headers={"Retry-After": "nan"}), None),
        (
            lambda: error(
                503,
                headers={"Date": "Sat, 21 Nov 2026 09:00:00 GMT", "Retry-After": "Sat, 21 Nov 2026 09:00:30 GMT"},
            ),
            30.0,
        ),
        (lambda: error(402, headers={"Retry-After": "3"}, limit_source="openrouter_in_flight_budget"), 3.0),
        (lambda: error(404), None),
        (lambda: error(500), None),
        (lambda: web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html"), None),
        (lambda: error(529), None),
        (lambda: web.Response(text="<html>Sign in to the Wi-Fi</html>", content_type="text/html"), None),
        (lambda: web.Response(text='{"id": "gen-1", "cho', content_type="application/json"), None),
        (lambda: web.Response(text="[" * 100_000, content_type="application/json"), None),
        (lambda: web.Response(text="[]", content_type="application/json"), None),
        (lambda: web.Response(text="null", content_type="application/json"), None),
        (lambda: web.json_response({}), None),
        (lambda: web.json_response(completion(choices=None)), None),
        (lambda: web.json_response(completion(choices=[])), None),
        (lambda: web.json_response(completion(choices="none")), None),
        (lambda: web.json_response(completion(choices=["none"])), None),
        (lambda: web.json_response(completion(choices=[{"index": 0, "message": "none"}])), None),
        (lambda: web.json_response(completion(choices=[{"index": 0}])), None),
        (lambda: web.json_response(completion(choices=[{"index": 0, "message": None}])), None),
        (lambda: web.json_response(completion(finish="error")), None),
        (lambda: web.json_response({"error": {"code": 502, "message": "Provider returned error"}}), None),
        (lambda: web.json_response({"error": {"code": "overloaded", "message": "later"}}), None),
        (lambda: web.json_response({"error": "later"}), None),
        (lambda: web.json_response(completion(error={"code": 429, "message": "later"})), None),
    ],
)
async def test_what_may_work_later_or_elsewhere(
    endpoint: Endpoint, make_client: MakeClient, response: Any, retry_after: float | None
) -> None:
    endpoint.response = response
    with pytest.raises(ModelUnavailable) as caught:
        await ask(make_client(endpoint.url))
    assert caught.value.retry_after == retry_after
    assert len(endpoint.bodies) == 1, "nothing is retried behind our back"


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (lambda: error(400), "bad_request"),
        (lambda: error(413), "bad_request"),
        (lambda: error(422), "bad_request"),
        (lambda: error(401), "key"),
        (lambda: error(402), "no_credit"),
        (lambda: error(402, limit_source="openrouter_credits"), "no_credit"),
        (lambda: error(403), "moderation"),
        (lambda: error(403, limit_source="openrouter_key_limit"), "no_credit"),
        (lambda: web.Response(status=401, text="no"), "key"),
        (lambda: web.json_response({"error": {"code": 402, "message": "Insufficient credits"}}), "no_credit"),
        (lambda: web.json_response({"error": {"code": 403, "message": "flagged"}}), "moderation"),
    ],
)
async def test_what_no_model_will_answer(endpoint: Endpoint, make_client: MakeClient, response: Any, code: str) -> None:
    endpoint.response = response
    with pytest.raises(ModelRefused) as caught:
        await ask(make_client(endpoint.url))
    assert caught.value.code == code
    assert "the-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (completion(content=""), "empty"),
        (completion(content=None), "empty"),
        (completion(content=" \n"), "empty"),
        (completion(content=["Hello"]), "empty"),
        (completion(content='{"parts": ["Hel', finish="length"), "length"),
        (completion(finish="content_filter"), "content_filter"),
    ],
)
async def test_a_paid_answer_that_cannot_be_used_keeps_its_cost(
    endpoint: Endpoint, make_client: MakeClient, body: dict[str, Any], code: str
) -> None:
    endpoint.response = lambda: web.json_response(body)
    with pytest.raises(UnusableCompletion) as caught:
        await ask(make_client(endpoint.url))
    assert caught.value.code == code
    assert caught.value.completion.cost == Decimal("0.00042")


async def test_a_silent_server_is_given_up(endpoint: Endpoint, make_client: MakeClient) -> None:
    endpoint.hold = asyncio.Event()
    with pytest.raises(ModelUnavailable, match=r"no answer in 0\.2 s"):
        await ask(make_client(endpoint.url, LLM_TIMEOUT="0.2"))


async def test_a_server_that_is_not_there_is_unavailable(make_client: MakeClient, unused_tcp_port: int) -> None:
    with pytest.raises(ModelUnavailable, match=r"ClientConnectorError$"):
        await ask(make_client(f"http://127.0.0.1:{unused_tcp_port}/v1"))


async def test_a_misspelt_address_is_called_one(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", resolve)
    with pytest.raises(ModelUnavailable, match=r"ClientConnectorDNSError$"):
        await ask(make_client("http://modle.example/v1"))


async def test_a_name_that_is_not_resolved_has_no_longer_than_a_connection(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that never got there was not paid for, and does not keep its slot for as long as an answer may take."""

    async def resolve(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(aiohttp.DefaultResolver, "resolve", resolve)
    monkeypatch.setattr("salesbot.llm.client.CONNECT_TIMEOUT", 0.1)
    with pytest.raises(ModelUnavailable, match=r"ConnectionTimeoutError$") as caught:
        await ask(make_client("http://model.example/v1", LLM_TIMEOUT="5"))
    assert caught.value.code == "unavailable"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!",
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n"\xff\xfe"',
        b"HTTP/1.1 307 Elsewhere\r\nLocation: gopher://nowhere/\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["nothing", "another protocol", "cut off", "a broken chunk", "a broken encoding", "no text", "sent elsewhere"],
)
async def test_a_server_that_does_not_keep_to_the_protocol_is_unavailable(make_client: MakeClient, said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        with pytest.raises(ModelUnavailable):
            await ask(make_client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"))


async def test_no_more_calls_at_once_than_the_setting_allows(endpoint: Endpoint, make_client: MakeClient) -> None:
    client = make_client(endpoint.url, LLM_CONCURRENCY="3")
    endpoint.hold = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(12):
            tasks.create_task(ask(client))
        await endpoint.arrived(3)
        endpoint.hold.set()
    assert len(endpoint.bodies) == 12
    assert endpoint.most_at_once == 3


async def test_a_cancelled_call_gives_its_slot_back(endpoint: Endpoint, make_client: MakeClient) -> None:
    client = make_client(endpoint.url, LLM_CONCURRENCY="1")
    endpoint.hold = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        call = tasks.create_task(ask(client))
        await endpoint.arrived()
        call.cancel()
    endpoint.hold.set()
    assert (await ask(client)).text == "Hello"


async def test_openrouter_is_asked_for_endpoints_that_know_the_schema(make_client: MakeClient) -> None:
    at_openrouter = make_client("https://openrouter.ai/api/v1")
    elsewhere = make_client("https://notopenrouter.ai/api/v1")
    assert at_openrouter.extra_body == {"provider": {"require_parameters": True}}
    assert elsewhere.extra_body is None
