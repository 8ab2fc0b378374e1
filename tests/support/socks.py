"""A small real SOCKS5 server (RFC 1928, 1929): what a proxy does for us, and what it may do to us."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

NO_LOGIN, BY_PASSWORD, NONE_OF_THESE = 0, 2, 0xFF
SUCCEEDED, NOT_ALLOWED, REFUSED = 0, 2, 5
IPV4, NAME, IPV6 = 1, 3, 4


@dataclass
class Socks5:
    """``login``: only whoever has it may pass. ``forbids``: it lets nobody through. ``wanted``: where they wanted to
    go, as they said it. ``names`` are looked up here, as a proxy does."""

    login: tuple[str, str] | None = None
    forbids: bool = False
    names: dict[str, str] = field(default_factory=dict)
    port: int = 0
    wanted: list[tuple[str, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _links: set[asyncio.StreamWriter] = field(default_factory=set)

    def url(self, login: str = "") -> str:
        return f"socks5://{f'{login}@' if login else ''}127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Every connection that goes through it now is lost."""
        for writer in tuple(self._links):
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._links.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):  # who comes here may leave at any moment
                if await self._let_in(reader, writer):
                    await self._lead(reader, writer)
        finally:
            self._links.discard(writer)
            writer.close()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        _version, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        method = BY_PASSWORD if self.login else NO_LOGIN
        if method not in offered:
            self.failures.append("no common method")
            writer.write(bytes([5, NONE_OF_THESE]))
            await writer.drain()
            return False
        writer.write(bytes([5, method]))
        if self.login is None:
            return True
        await reader.readexactly(1)
        given = tuple([(await reader.readexactly((await reader.readexactly(1))[0])).decode() for _ in range(2)])
        if given != self.login:
            self.failures.append("wrong login")
        writer.write(bytes([1, given != self.login]))
        await writer.drain()
        return given == self.login

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _version, _command, _reserved, kind = await reader.readexactly(4)
        size = {IPV4: 4, IPV6: 16}.get(kind) or (await reader.readexactly(1))[0]
        raw = await reader.readexactly(size)
        host = raw.decode() if kind == NAME else str(ipaddress.ip_address(raw))
        port = int.from_bytes(await reader.readexactly(2))
        self.wanted.append((host, port))
        if self.forbids:
            return await self._answer(writer, NOT_ALLOWED)
        try:
            there, back = await asyncio.open_connection(self.names.get(host, host), port)
        except OSError:
            return await self._answer(writer, REFUSED)
        self._links.add(back)
        await self._answer(writer, SUCCEEDED)
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            self._links.discard(back)
            back.close()

    async def _answer(self, writer: asyncio.StreamWriter, code: int) -> None:
        writer.write(bytes([5, code, 0, IPV4, 0, 0, 0, 0, 0, 0]))
        await writer.drain()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    finally:
        target.transport.abort()


@asynccontextmanager
async def socks5(**what: object) -> AsyncIterator[Socks5]:
    """A proxy that listens; at the end nothing of it is left."""
    proxy = Socks5(**what)  # type: ignore[arg-type]
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut()
        await server.wait_closed()
