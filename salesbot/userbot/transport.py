"""The wire to Telegram: nothing leaves it when this process may not write, and it is reset, never closed.

Law 3: a close delivers what the kernel still buffers, later, when another process may own the account. So the socket is
told to linger for no time and the transport is aborted: what was not delivered is gone.

Telethon puts a queue and a task between each socket and the loops that write and read it. Here they do it themselves:
fewer wake-ups for every packet, and nothing lies about between a call and the wire.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any, ClassVar
from weakref import WeakSet

from telethon.errors import InvalidBufferError, InvalidChecksumError
from telethon.network import ConnectionTcpFull

from salesbot.userbot import proxies

_NO_LINGER = struct.pack("ii", 1, 0)


class Wire:
    """All sockets of one client, and whether they may be written to. ``lost`` is called when one of them is gone."""

    def __init__(self, may_write: Callable[[], bool], lost: Callable[[], None] = lambda: None) -> None:
        self._may_write = may_write
        self.lost = lost
        self._connections: WeakSet[GuardedConnection] = WeakSet()
        self.dead = False

    def connection_class(self) -> type[GuardedConnection]:
        """A class for Telethon's ``connection=``: it makes the objects itself."""
        return type("WiredConnection", (GuardedConnection,), {"wire": self})

    def open(self) -> bool:
        return not self.dead and self._may_write()

    def add(self, connection: GuardedConnection) -> None:
        self._connections.add(connection)

    def reset(self) -> None:
        """Cut every socket now; what was not delivered never will be."""
        self.dead = True
        for connection in tuple(self._connections):
            connection.reset()


class GuardedConnection(ConnectionTcpFull):  # type: ignore[misc] # Telethon has no types
    """Telethon's own transport, with a guard before each write and a reset in place of the close."""

    wire: ClassVar[Wire]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wire.add(self)

    async def connect(self, timeout: float | None = None, ssl: Any = None) -> None:
        await self._connect(timeout=timeout, ssl=ssl)
        self._connected = True

    async def send(self, data: bytes) -> None:
        if not self._connected:
            raise ConnectionError("not connected")
        try:
            self._send(data)
            await self._writer.drain()
        except Exception as exc:  # Telethon gives up for an OSError alone: anything else would leave nobody who writes
            await self.disconnect()
            raise ConnectionResetError(f"not written: {type(exc).__name__}") from exc

    async def recv(self) -> bytes:
        if not self._connected:
            raise ConnectionError("not connected")
        try:
            return await self._recv()  # type: ignore[no-any-return] # Telethon has no types
        except (InvalidChecksumError, InvalidBufferError):
            raise  # the connection stands
        except Exception:
            await self.disconnect()
            raise

    async def _connect(self, *args: Any, **kwargs: Any) -> None:
        self._guard()
        await super()._connect(*args, **kwargs)
        if self.wire.dead:
            self.reset()
            raise ConnectionResetError("reset while connecting")

    def _send(self, data: bytes) -> None:
        self._guard()
        super()._send(data)

    def _guard(self) -> None:
        if not self.wire.open():
            self.reset()
            raise ConnectionResetError("the lease is over")

    async def _proxy_connect(self, timeout: float | None = None, local_addr: Any = None) -> socket.socket:
        return await proxies.through(self._proxy, self._ip, self._port, timeout)

    def reset(self) -> None:
        if self._writer is None:
            return
        if (sock := self._writer.get_extra_info("socket")) is not None and sock.fileno() != -1:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._writer.transport.abort()

    async def disconnect(self) -> None:
        """Telethon calls this for every end of a connection, its own and the other side's."""
        self.reset()
        self.wire.lost()
        await super().disconnect()
