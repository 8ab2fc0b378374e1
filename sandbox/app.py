"""The composition of the sandbox: one world, the MTProto server beside one HTTP server, and the state file.

    async with Sandbox.running(Options()) as sandbox:
        sandbox.state()["bot_api"]

Everything listens on loopback only.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox import people
from sandbox.automatic import Automatic
from sandbox.botapi.server import BotApi
from sandbox.control.server import ControlServer
from sandbox.model.server import ModelServer
from sandbox.mtproto.address import DC_ID, HOST
from sandbox.mtproto.crypto import ServerKey
from sandbox.mtproto.server import MTProtoServer
from sandbox.web.server import page_routes
from sandbox.world import Role, World

LARGEST_BODY = 64 * 1024 * 1024
STOP_PATIENCE = 0.1
"""Seconds a cancelled request may take to end once the sandbox is told to stop."""


@dataclass(frozen=True, slots=True)
class Options:
    data: Path | None = None
    mtproto_port: int = 0
    http_port: int = 0
    seed: int | None = None
    users: Path | None = None
    key: ServerKey | None = None
    """The server's RSA key; made, or read from the data, unless given."""


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page from elsewhere, open in the same browser, must not steer the sandbox: neither by itself nor by a name
    of its own for this address."""
    origin = urlsplit(request.headers.get("Origin") or f"//{request.host}").netloc
    if origin != request.host or urlsplit(f"//{request.host}").hostname not in (HOST, "localhost"):
        return web.json_response({"error": "the sandbox answers its own page and programs only"}, status=403)
    return await handler(request)


class Sandbox:
    """A running sandbox; made by `running`."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.world = World(seed=options.seed, data=options.data)
        people.settle(self.world, options.users)
        self.mtproto = MTProtoServer(self.world, rsa=options.key, data=options.data)
        self.bots = BotApi(self.world)
        self.models = ModelServer(self.world)
        self.automatic = Automatic(self.world)
        self.control = ControlServer(self.world, self.bots, self.models, self.mtproto)
        self._runner = web.AppRunner(
            self._http(), access_log=None, handler_cancellation=True, shutdown_timeout=STOP_PATIENCE
        )
        self._http_port = 0
        self._requests: set[asyncio.Task[object]] = set()

    @classmethod
    @contextlib.asynccontextmanager
    async def running(cls, options: Options) -> AsyncIterator[Sandbox]:
        sandbox = cls(options)
        try:
            await sandbox._start()
            yield sandbox
        finally:
            await sandbox._stop()

    def state(self) -> dict[str, Any]:
        """Where everything is and who lives here: what the state file holds."""
        base = f"http://{HOST}:{self._http_port}"
        users = list(self.world.users)
        bot = next((user for user in users if user.role is Role.BOT), None)
        return {
            "mtproto": {
                "host": HOST, "port": self.mtproto.port, "dc_id": DC_ID, "public_key": self.mtproto.public_key,
            },
            "bot_api": f"{base}/botapi",
            "model": f"{base}/v1",
            "web": f"{base}/",
            "control": f"{base}/control",
            "bot": {"token": bot.token, "username": bot.username, "id": bot.id} if bot else None,
            "users": [
                {
                    "id": user.id, "phone": user.phone, "code": user.code,
                    "username": user.username, "name": user.name, "role": user.role,
                }
                for user in users
                if not user.is_bot
            ],
        }  # fmt: skip

    def write_state(self, file: Path) -> None:
        """Write the state file at once: whoever waits for it never reads half of it."""
        fresh = file.with_name(f".{file.name}.{os.getpid()}")
        fresh.write_text(json.dumps(self.state(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(file)

    def _http(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[only_from_here, self._noted])
        app.add_routes(self.bots.routes("/botapi"))
        app.add_routes(self.models.routes())
        app.add_routes(self.control.routes("/control"))
        app.add_routes(page_routes())
        return app

    async def _start(self) -> None:
        await self.mtproto.start(self._options.mtproto_port)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._options.http_port).start()
        self._http_port = self._runner.addresses[0][1]
        self.automatic.start()

    @web.middleware
    async def _noted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep hold of each request while it lasts: event streams and long polls do not end by themselves."""
        task = asyncio.current_task()
        if task is None:
            return await handler(request)
        self._requests.add(task)
        try:
            return await handler(request)
        finally:
            self._requests.discard(task)

    async def _stop(self) -> None:
        for request in self._requests:
            request.cancel()
        self.automatic.stop()
        await self.mtproto.stop()
        await self._runner.cleanup()
        self.world.close()
