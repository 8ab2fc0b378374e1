"""Follows what happens in the sandbox while a run lasts: it keeps the last few thousand events only."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import aiohttp

from tests.chaos.record import Confirmation, Line

RECONNECT_PAUSE = 0.1
WIDEST_EVENT = 1 << 20  # bytes
WATCHED = ('"kind": "message_new"', '"kind": "message_edited"', '"kind": "messages_deleted"')
"""Looked for before an event is parsed: most are of other kinds, and there are hundreds a second."""
CONFIRMED = re.compile(
    r"^№ (\d+): (?:stopped\. Nothing of it is on its way|остановлен\. В пути (?:больше )?ничего нет)"
)

Json = dict[str, Any]


class Witness:
    """``lines`` and ``deleted`` of the account's box, and what the operator was told of stops, as they come."""

    def __init__(self, account: int, operator: int, bot: int) -> None:
        self.lines: list[Line] = []
        self.deleted: dict[int, float] = {}
        self.confirmed: list[Confirmation] = []
        self.seq = 0
        self._account = account
        self._desk = (operator, bot)
        self._news = asyncio.Condition()
        self._missed = ""

    @classmethod
    @asynccontextmanager
    async def watching(cls, control_url: str, account: int, operator: int, bot: int) -> AsyncIterator[Self]:
        """Follow a sandbox from its first event."""
        witness = cls(account, operator, bot)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http:
            following = asyncio.create_task(witness._follow(http, control_url), name="witness")
            try:
                yield witness
            finally:
                following.cancel()
                await asyncio.wait([following])
            if not following.cancelled():
                following.result()

    async def caught_up(self, seq: int) -> None:
        """Wait until everything up to this event has been seen."""
        async with self._news:
            await self._news.wait_for(lambda: self.seq >= seq or self._missed)
        assert self.seq >= seq, self._missed

    async def _follow(self, http: aiohttp.ClientSession, control_url: str) -> None:
        while not self._missed:
            with suppress(aiohttp.ClientError):
                await self._read(http, f"{control_url}/events?since={self.seq}")
            await asyncio.sleep(RECONNECT_PAUSE)

    async def _read(self, http: aiohttp.ClientSession, url: str) -> None:
        """Read server-sent events: a line ``id: …``, a line ``data: …``, an empty one."""
        seq = 0
        async with http.get(url, read_bufsize=WIDEST_EVENT) as response:
            response.raise_for_status()
            async for line in response.content:
                if line.startswith(b"id: "):
                    seq = int(line[4:])
                    if seq != self.seq + 1:
                        await self._tell(missed=f"the events between {self.seq} and {seq} are gone")
                        return
                elif line.startswith(b"data: "):
                    self._look(line[6:].decode())
                    await self._tell(seq=seq)

    async def _tell(self, *, seq: int = 0, missed: str = "") -> None:
        async with self._news:
            self.seq, self._missed = seq or self.seq, missed
            self._news.notify_all()

    def _look(self, data: str) -> None:
        if not any(kind in data for kind in WATCHED):
            return
        event: Json = json.loads(data)
        if event["owner"] == self._account:
            self._note(event)
        elif event["kind"] != "messages_deleted" and (event["owner"], event["peer"]) == self._desk:
            self._listen(event)

    def _note(self, event: Json) -> None:
        """Something in the account's box."""
        match event["kind"]:
            case "message_new":
                message = event["message"]
                self.lines.append(
                    Line(
                        seq=event["seq"],
                        at=event["at"],
                        person=event["peer"],
                        id=message["id"],
                        text=message["text"],
                        out=message["out"],
                        by_product=message["out"] and event["by_client"],
                        random_id=None if message["random_id"] is None else int(message["random_id"]),
                    )
                )
            case "messages_deleted":
                self.deleted.update(dict.fromkeys(event["ids"], event["at"]))

    def _listen(self, event: Json) -> None:
        """Something in the operator's chat with the bot, which also edits what it said. Reactions are not its."""
        found = CONFIRMED.match(event["message"]["text"])
        if found and not event["message"]["out"] and event.get("reaction_by") is None:
            self.confirmed.append(Confirmation(int(found[1]), event["seq"], event["at"]))
