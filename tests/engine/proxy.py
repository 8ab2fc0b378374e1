"""A TCP proxy in front of PostgreSQL, to take the database away at a chosen place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """Forwards, until it is told to cut what is open or to take nothing new."""

    def __init__(self, dsn: str) -> None:
        self._dsn = urlsplit(dsn)
        self._open: set[asyncio.StreamWriter] = set()
        self._left: int | None = None
        self.away = False
        self.cuts = 0

    @classmethod
    @asynccontextmanager
    async def before(cls, dsn: str) -> AsyncIterator[Proxy]:
        proxy = cls(dsn)
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        proxy._port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            proxy.cut()

    _port = 0

    @property
    def dsn(self) -> str:
        user = self._dsn.netloc.rpartition("@")[0]
        return urlunsplit(self._dsn._replace(netloc=f"{user}@127.0.0.1:{self._port}"))

    def cut(self) -> None:
        """Reset every connection."""
        self.cuts += 1
        for writer in tuple(self._open):
            writer.transport.abort()

    def cut_after(self, questions: int) -> None:
        """Cut everything once so many more packets have gone to the server, before the answer to the last."""
        self._left = questions

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.away:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(self._dsn.hostname, self._dsn.port)
        self._open |= {writer, back}
        await asyncio.gather(self._forward(reader, back, questions=True), self._forward(there, writer, questions=False))
        self._open -= {writer, back}

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, questions: bool) -> None:
        try:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
                if questions and self._left is not None:
                    self._left -= 1
                    if self._left == 0:
                        self._left = None
                        self.cut()
        except OSError:
            pass
        finally:
            sink.close()
