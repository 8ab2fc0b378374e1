"""Two endpoints to ask: one that answers what it is told to, and the sandbox's scripted models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from salesbot import settings
from salesbot.clock import SystemClock
from salesbot.llm.client import ModelClient
from sandbox.model.server import ModelServer
from sandbox.world.world import World

MakeClient = Callable[..., ModelClient]


@dataclass
class Endpoint:
    """Answers with ``response()``, and remembers the requests."""

    url: str = ""
    response: Callable[[], web.StreamResponse] = field(default=lambda: web.json_response(completion()))
    hold: asyncio.Event | None = None
    """While it is not set, no answer comes."""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _arrived: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def arrived(self, count: int = 1) -> None:
        """Return once so many more requests have come."""
        for _ in range(count):
            await self._arrived.acquire()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.headers.append(request.headers)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self._arrived.release()
        try:
            if self.hold is not None:
                await self.hold.wait()
            return self.response()
        finally:
            self._now -= 1


def completion(content: Any = "Hello", finish: str | None = "stop", **also: Any) -> dict[str, Any]:
    """The body of a good answer, as OpenRouter sends it."""
    message = {"role": "assistant", "content": content, "refusal": None}
    usage = {"prompt_tokens": 120, "completion_tokens": 7, "total_tokens": 127, "cost": 0.00042}
    return {
        "id": "gen-1",
        "object": "chat.completion",
        "created": 1,
        "model": "some/model-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": usage,
        **also,
    }


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    told = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", told.handle)
    async with TestServer(app) as server:
        told.url = str(server.make_url("/v1"))
        yield told
        if told.hold is not None:
            told.hold.set()


@dataclass(frozen=True)
class Models:
    """The scripted models, with the world whose faults get in their way."""

    url: str
    world: World


@pytest.fixture
async def models() -> AsyncIterator[Models]:
    world = World()
    app = web.Application()
    app.add_routes(ModelServer(world).routes())
    async with TestServer(app) as server:
        yield Models(str(server.make_url("/v1")), world)


@pytest.fixture
async def make_client() -> AsyncIterator[MakeClient]:
    """Makes clients of an endpoint, with settings as the product reads them."""
    made: list[ModelClient] = []

    def make(url: str, **changed: str) -> ModelClient:
        told = {
            "API_ID": "1",
            "API_HASH": "hash",
            "BOT_TOKEN": "1:token",
            "ADMIN_TELEGRAM_ID": "1",
            "OPENROUTER_API_KEY": "the-key",
            "LLM_BASE_URL": url,
            **changed,
        }
        made.append(ModelClient(settings.load(told, Path("no.env")), SystemClock()))
        return made[-1]

    yield make
    for client in made:
        await client.close()
