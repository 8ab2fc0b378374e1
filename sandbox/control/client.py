"""A client of the control API, for tests, benchmarks and scripts: the same words as in sandbox/README.md.

async with Control(state["control"]) as control:
    await control.say("anna", "sales", "Hello")
    answer = await control.wait_message("anna", "sales", matching="plan")
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import aiohttp

Json = Any
"""What the API answered; sandbox/README.md says what is in it."""
Who = int | str
"""A user's id or username."""


class ControlRefused(Exception):
    """The control API said no, or what was waited for did not come (status 408)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.status = status


class Control:
    def __init__(self, url: str) -> None:
        self._url = url
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._http.close()

    async def call(self, method: str, path: str, /, **fields: Json) -> Json:
        """Any call; ``as_`` stands for the field ``as``. Raises ControlRefused."""
        sent = {name.removesuffix("_"): value for name, value in fields.items()}
        query = {name: str(value) for name, value in sent.items() if value is not None} if method == "GET" else None
        async with self._http.request(
            method, self._url + path, params=query, json=None if method == "GET" else sent
        ) as response:
            answer = await response.json()
            if response.status >= 400:
                raise ControlRefused(response.status, answer["error"])
            return answer

    async def say(self, who: Who, to: Who, text: str = "", **fields: Json) -> Json:
        """The message as it stands in the sender's box. Fields: media, reply_to, quote, entities, group_id."""
        return await self.call("POST", "/say", as_=who, to=to, text=text, **fields)

    async def chat(self, who: Who, with_: Who, **fields: Json) -> Json:
        return await self.call("GET", "/chat", as_=who, with_=with_, **fields)

    async def press(self, who: Who, message_id: int, **button: Json) -> Json:
        """Press a button by its ``text`` or ``data``; what the bot answered."""
        return await self.call("POST", "/press", as_=who, message_id=message_id, **button)

    async def wait_message(self, who: Who, with_: Who, matching: str = "", **fields: Json) -> Json:
        """The first message to ``who`` that matches. Fields: above, out, media, timeout."""
        return await self.call("POST", "/wait/message", as_=who, with_=with_, matching=matching, **fields)

    async def wait_event(self, *, since: int | None = None, timeout: float = 10.0, **where: Json) -> Json:
        """The first event with these fields, for example ``kind="typing", owner=…``."""
        return await self.call("POST", "/wait/event", where=where, since=since, timeout=timeout)

    async def fault(self, api: str, action: str, **fields: Json) -> int:
        """Set a fault; its id. Fields: as sandbox/README.md has them; ``count=None``: for ever."""
        return int((await self.call("POST", "/faults", api=api, action=action, **fields))["id"])

    async def fired(self, fault: int, **fields: Json) -> Json:
        """Wait until a fault has fired. Fields: times, timeout."""
        return await self.call("POST", f"/faults/{fault}/wait", **fields)
