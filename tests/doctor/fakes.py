"""What no sandbox says: a provider with a key that is spent, a Bot API whose bot somebody else uses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Fake:
    """Answers JSON at paths; what is not among them is not found."""

    answers: dict[str, Any] = field(default_factory=dict)
    """By the end of the path: a body, or a status."""
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        found = next((body for path, body in self.answers.items() if request.path.endswith(path)), 404)
        if isinstance(found, int):
            return web.json_response({"ok": False, "description": "no", "error": {"message": "no"}}, status=found)
        return web.json_response(found, headers=self.headers)


@asynccontextmanager
async def serving(fake: Fake) -> AsyncIterator[Fake]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/v1"))
        yield fake
