"""A TCP proxy in front of PostgreSQL: acts at exact places on the wire, and takes the database away in several manners.

TLS is declined here, so that everything can be read; the login passes through.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from tests.chaos.ends import ERROR, READY, End, Place, Statement, Talk, messages, summary

Action = Callable[[], Awaitable[None] | None]
CHUNK = 65536
ENCRYPTION = (80877103, 80877104)  # SSLRequest, GSSENCRequest


class Moment(StrEnum):
    """When, at an end, something is done."""

    BEFORE = "before"  # its message has not been forwarded, and never will be
    SENT = "sent"  # it has been forwarded; nobody waits for the answer
    UNANSWERED = "unanswered"  # the server is ready again, and the product does not hear of it
    ANSWERED = "answered"  # the product has been told


@dataclass(frozen=True, slots=True)
class Strike:
    """What to do, where and when."""

    place: Place
    moment: Moment
    action: Action


class Link:
    """One connection of a client and the one to the server that belongs to it. What it struck is over."""

    def __init__(self, proxy: WireProxy, number: int, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.number = number
        self._proxy = proxy
        self._client, self._back = client, back
        self._server: asyncio.StreamReader
        self._there: asyncio.StreamWriter | None = None
        self._talk = Talk()
        self._strike_when_ready: Strike | None = None
        self.task = asyncio.create_task(self._run(), name=f"wire-{number}")

    def reset(self) -> None:
        for writer in (self._back, self._there):
            if writer is not None:
                writer.transport.abort()
        self.task.cancel()

    async def _run(self) -> None:
        try:
            self._server, self._there = await asyncio.open_connection(*self._proxy.address)
            await self._pump(self._there)
            await self._hang_up(self._there)
        except OSError:
            pass  # one side is gone, and so is the other now
        finally:
            self._back.close()
            if self._there is not None:
                self._there.close()

    async def _pump(self, there: asyncio.StreamWriter) -> None:
        """Forward, both ways, until one of them is over."""
        ways = [
            asyncio.create_task(way, name=f"wire-{self.number}-way") for way in (self._asks(there), self._answers())
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for outcome in await asyncio.gather(*ways, return_exceptions=True):
                if isinstance(outcome, BaseException) and not isinstance(
                    outcome, (OSError, EOFError, asyncio.CancelledError)
                ):
                    raise outcome

    async def _hang_up(self, there: asyncio.StreamWriter) -> None:
        """As the kernel does it for a dead process: the server reads what was sent before it learns of the death."""
        self._back.close()
        if not self._server.at_eof():
            there.write_eof()
            while await self._server.read(CHUNK):
                pass

    async def _asks(self, there: asyncio.StreamWriter) -> None:
        await self._greet(there)
        buffer = bytearray()
        while data := await self._client.read(CHUNK):
            buffer += data
            begun = upto = 0  # what is to be forwarded
            for kind, begin, upto in messages(buffer):
                statements = self._talk.asks(kind, bytes(buffer[begin + 5 : upto]))
                if statements is None:
                    continue
                end = self._proxy.count(self.number, statements)
                strike, pause = self._proxy.disarm(end.place), self._proxy.pause_before(end)
                if strike is not None or pause:
                    await self._forward(there, buffer[begun:begin])
                    begun = begin
                if pause:
                    await asyncio.sleep(pause)
                if strike is not None:
                    if strike.moment is Moment.SENT:
                        await self._forward(there, buffer[begun:upto])
                    if strike.moment in (Moment.BEFORE, Moment.SENT):
                        return await self._strike(strike)
                    self._strike_when_ready = strike
            await self._forward(there, buffer[begun:upto])
            del buffer[:upto]
        return None

    async def _greet(self, there: asyncio.StreamWriter) -> None:
        """The packets without a type that come first: questions for encryption, then a start or a cancellation."""
        while True:
            length = await self._client.readexactly(4)
            body = await self._client.readexactly(int.from_bytes(length) - 4)
            if int.from_bytes(body[:4]) not in ENCRYPTION:
                return await self._forward(there, length + body)
            await self._forward(self._back, b"N")

    async def _answers(self) -> None:
        buffer = bytearray()
        while data := await self._server.read(CHUNK):
            buffer += data
            upto = 0
            for kind, begin, upto in messages(buffer):
                if kind in (READY, ERROR):
                    self._talk.answers(kind, bytes(buffer[begin + 5 : upto]))
                if kind == READY and (strike := self._strike_when_ready):
                    await self._forward(self._back, buffer[: begin if strike.moment is Moment.UNANSWERED else upto])
                    return await self._strike(strike)
            await self._forward(self._back, buffer[:upto])
            del buffer[:upto]
        return None

    async def _forward(self, sink: asyncio.StreamWriter, data: bytes | bytearray) -> None:
        if data:
            await self._proxy.thawed.wait()
            sink.write(data)
            await sink.drain()

    async def _strike(self, strike: Strike) -> None:
        done = strike.action()
        if inspect.isawaitable(done):
            await done
        self._back.transport.abort()
        self._proxy.struck.set()


class WireProxy:
    """Forwards and counts, until it is told something else. ``ends`` stays empty where it is not to record."""

    def __init__(self, dsn: str, *, recording: bool = True) -> None:
        self.target = dsn
        """Where new connections go; it may change."""
        self.ends: list[End] = []
        self.counts: Counter[str] = Counter()
        """Ends by signature."""
        self.struck = asyncio.Event()
        self.thawed = asyncio.Event()
        self.thawed.set()
        self._recording = recording
        self._links: dict[int, Link] = {}
        self._numbers = itertools.count(1)
        self._armed: Strike | None = None
        self._pause = 0.0
        self._away = False
        self._port = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def before(cls, dsn: str, *, recording: bool = True) -> AsyncIterator[WireProxy]:
        proxy = cls(dsn, recording=recording)
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        proxy._port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            links = [link.task for link in proxy._links.values()]
            proxy.cut()
            await asyncio.gather(*links, return_exceptions=True)

    @property
    def dsn(self) -> str:
        """What the product is given."""
        parts = urlsplit(self.target)
        return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{self._port}"))

    @property
    def address(self) -> tuple[str | None, int | None]:
        parts = urlsplit(self.target)
        return parts.hostname, parts.port

    @property
    def links(self) -> int:
        """How many connections are open."""
        return len(self._links)

    # --- at a place

    def count_anew(self) -> None:
        """From here on the first end is number one, and the first of each signature its first occurrence."""
        self.ends.clear()
        self.counts.clear()

    def strike(self, place: Place, moment: Moment, action: Action) -> None:
        """When this place comes, at that moment, call ``action``; the connection it came on ends with it. ``struck``
        tells that it was done. One at a time: a later call replaces what has not come yet."""
        self.struck.clear()
        self._armed = Strike(place, moment, action)

    def slow_commits(self, seconds: float) -> None:
        """Hold every end of a writing transaction so long before it is forwarded; 0 is the end of that."""
        self._pause = seconds

    def count(self, connection: int, statements: tuple[Statement, ...]) -> End:
        signature, label, writes = summary(statements)
        self.counts[signature] += 1
        end = End(self.counts.total(), connection, signature, label, writes, self.counts[signature])
        if self._recording:
            self.ends.append(end)
        return end

    def disarm(self, place: Place) -> Strike | None:
        """The strike meant for this place; it comes once."""
        if self._armed is None or self._armed.place != place:
            return None
        strike, self._armed = self._armed, None
        return strike

    def pause_before(self, end: End) -> float:
        return self._pause if end.writes else 0.0

    # --- at any time

    def cut(self) -> None:
        """Reset every connection."""
        for link in self._links.values():
            link.reset()

    def cut_one(self, rng: random.Random) -> bool:
        """Reset one connection; whether there was one."""
        if self._links:
            self._links[rng.choice(list(self._links))].reset()
        return bool(self._links)

    @property
    def away(self) -> bool:
        """While it is, nothing new is taken; what was open is reset when it begins."""
        return self._away

    @away.setter
    def away(self, away: bool) -> None:
        self._away = away
        if away:
            self.cut()

    def freeze(self) -> None:
        """Forward nothing, either way, on connections that stay open and may still be opened."""
        self.thawed.clear()

    def thaw(self) -> None:
        self.thawed.set()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._away:
            writer.transport.abort()
            return
        number = next(self._numbers)
        self._links[number] = link = Link(self, number, reader, writer)
        link.task.add_done_callback(lambda _: self._links.pop(number))
