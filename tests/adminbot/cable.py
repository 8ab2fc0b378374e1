"""A cable to the database that can be pulled and plugged in again."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit, urlunsplit


class Cable:
    """A proxy on loopback; while it is pulled, connections are cut and refused."""

    def __init__(self, dsn: str) -> None:
        self._dsn = urlsplit(dsn)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._port = 0

    async def plug(self) -> str:
        """Let connections through; the DSN that leads through here."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        login, _, _ = self._dsn.netloc.rpartition("@")
        return urlunsplit(self._dsn._replace(netloc=f"{login}@127.0.0.1:{self._port}"))

    async def pull(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._dsn.hostname, self._dsn.port)
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
