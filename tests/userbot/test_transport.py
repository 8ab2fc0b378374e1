"""Law 3 at the wire: without the lease nothing is written, and a reset delivers nothing later."""

from __future__ import annotations

import asyncio
import collections
import logging

import pytest

from salesbot.userbot.transport import GuardedConnection, Wire

LOADS, LOAD = 200, b"x" * 65536


class Listener:
    """A server that reads only when told to."""

    def __init__(self) -> None:
        self.reader: asyncio.Future[asyncio.StreamReader] = asyncio.get_running_loop().create_future()
        self.server: asyncio.Server | None = None

    async def start(self) -> int:
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=65536)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader.set_result(reader)

    async def rest(self) -> tuple[int, BaseException | None]:
        """How much can still be read, and how the connection ended."""
        reader, read = await self.reader, 0
        try:
            while data := await reader.read(1 << 20):
                read += len(data)
        except ConnectionError as exc:
            return read, exc
        return read, None

    def stop(self) -> None:
        assert self.server is not None
        self.server.close()


async def connected(wire: Wire, listener: Listener) -> GuardedConnection:
    loggers = collections.defaultdict(lambda: logging.getLogger("telethon"))
    connection = wire.connection_class()("127.0.0.1", await listener.start(), 2, loggers=loggers)
    await connection.connect(timeout=5)
    await listener.reader
    return connection


async def test_a_reset_drops_what_is_still_buffered() -> None:
    listener, wire = Listener(), Wire(lambda: True)
    connection = await connected(wire, listener)
    for _ in range(LOADS):
        connection._send(LOAD)
    wire.reset()
    read, end = await listener.rest()
    assert read < LOADS * len(LOAD), "everything buffered was delivered after the reset"
    assert isinstance(end, ConnectionResetError), f"the connection ended with {end!r}, not with a reset"
    with pytest.raises(ConnectionResetError):
        connection._send(b"more")
    await connection.disconnect()
    listener.stop()


async def test_whatever_goes_wrong_in_a_write_ends_the_connection() -> None:
    """Telethon's loop that writes stands still after any error that it does not take for one of the network."""
    listener, ends = Listener(), []
    connection = await connected(Wire(lambda: True, lambda: ends.append("lost")), listener)
    connection._reader.set_exception(ValueError("broken"))
    with pytest.raises(ConnectionResetError, match="ValueError"):
        await connection.send(b"hello")
    assert ends
    listener.stop()


async def test_telethons_own_disconnect_is_a_reset_too() -> None:
    listener, ends = Listener(), []
    connection = await connected(Wire(lambda: True, lambda: ends.append("lost")), listener)
    connection._send(b"hello")
    await connection.disconnect()
    _, end = await listener.rest()
    assert isinstance(end, ConnectionResetError)
    assert ends
    listener.stop()


async def test_nothing_is_written_once_the_lease_is_over() -> None:
    listener, lease = Listener(), [True]
    connection = await connected(Wire(lambda: lease[0]), listener)
    lease[0] = False
    with pytest.raises(ConnectionResetError):
        connection._send(b"too late")
    assert (await listener.rest())[0] == 0
    await connection.disconnect()
    listener.stop()


async def test_a_wire_that_was_reset_connects_no_more() -> None:
    listener, wire = Listener(), Wire(lambda: True)
    connection = wire.connection_class()(
        "127.0.0.1", await listener.start(), 2, loggers=collections.defaultdict(logging.getLogger)
    )
    wire.reset()
    with pytest.raises(ConnectionResetError):
        await connection.connect(timeout=5)
    listener.stop()
