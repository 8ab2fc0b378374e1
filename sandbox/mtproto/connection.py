"""One TCP connection: packets in and out, the key exchange, and the sessions that speak over it."""

import asyncio
import itertools
import logging
import os
import socket
import struct
import time
from typing import TYPE_CHECKING

from telethon.extensions import BinaryReader

from sandbox.mtproto.crypto import decrypt
from sandbox.mtproto.handshake import Handshake, HandshakeError
from sandbox.mtproto.keys import Key
from sandbox.mtproto.session import Incoming, MessageIds, Session
from sandbox.mtproto.wire import Transport, WireError
from sandbox.world import Action, Direction

if TYPE_CHECKING:
    from sandbox.mtproto.server import MTProtoServer

logger = logging.getLogger(__name__)

_UNKNOWN_KEY = 404
_SHORTEST = 40
_ESTABLISHED = 1  # of the kernel's TCP states; anything else is at least half closed

_numbers = itertools.count(1)


class Connection(asyncio.Protocol):
    def __init__(self, server: "MTProtoServer") -> None:
        self.number = next(_numbers)
        self.deaf = False
        self.key: Key | None = None
        self.sessions: dict[int, Session] = {}
        self._server = server
        self._wire = Transport()
        self._handshake = Handshake(server.rsa)
        self._plain_ids = MessageIds()
        self._transport: asyncio.Transport | None = None
        self._left: dict[Direction, int] = {}  # bytes until it is cut

    # --- the loop's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections.add(self)
        self._server.world.log.add("connect", connection=self.number)
        rule = self._server.world.faults.take("connect")
        if rule and rule.action is Action.BLACK_HOLE:
            self.deaf = True
        elif rule and rule.action is Action.CUT_AT:
            self.cut_after(rule.bytes, rule.direction)
        elif rule:
            self.reset()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._server.connections.discard(self)
        if self.key:
            self.key.connections.remove(self)
        self._server.forget_sessions(self)
        self._server.world.log.add("disconnect", connection=self.number, user=self.key.user if self.key else 0)

    def data_received(self, data: bytes) -> None:
        if self.deaf:
            return
        passing, over = self._passing(data, Direction.IN)
        try:
            for packet in self._wire.feed(passing):
                self._packet(packet)
        except Exception as exc:  # a client's bytes may break a parser in any way: only its own connection ends
            if not isinstance(exc, WireError | HandshakeError | struct.error):
                logger.exception("Connection %s broke a parser", self.number)
            self._server.world.log.add("garbage", connection=self.number, outcome=repr(exc)[:200])
            self.reset()
        if over:
            self.reset()

    # --- ours

    @property
    def heeded(self) -> bool:
        """Whether what comes over it is still carried out."""
        return not self.deaf and self._transport is not None and not self._transport.is_closing()

    @property
    def alive(self) -> bool:
        """Open, and its client has not begun to close it."""
        if self._transport is None or self._transport.is_closing():
            return False
        return _is_open(self._transport.get_extra_info("socket"))

    def write(self, packet: bytes) -> None:
        if self._transport and self.heeded:
            passing, over = self._passing(self._wire.pack(packet), Direction.OUT)
            self._transport.write(passing)
            if over:
                self.reset()

    def cut_after(self, count: int, direction: Direction = Direction.OUT) -> None:
        """Reset it once so many more bytes have gone this way."""
        self._left[direction] = count

    def reset(self) -> None:
        """End it at once: what was buffered is lost, the client sees a reset."""
        if self._transport:
            linger = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._transport.abort()

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def _passing(self, data: bytes, direction: Direction) -> tuple[bytes, bool]:
        """What of the bytes still passes, and whether the connection is to be cut then."""
        if direction not in self._left:
            return data, False
        passing = data[: self._left[direction]]
        self._left[direction] -= len(passing)
        return passing, self._left[direction] == 0

    def _packet(self, packet: bytes) -> None:
        if len(packet) < _SHORTEST and packet[:8] != bytes(8):
            raise WireError("short packet")
        (key_id,) = struct.unpack_from("<q", packet)
        if key_id == 0:
            self._exchange(packet)
            return
        key = self._server.keys.get(key_id)
        data = decrypt(key.key, packet) if key else None
        if key is None or data is None:
            self._refuse()
            return
        if self.key is not key:
            self._claim(key)
        salt, session_id, msg_id, seqno, length = struct.unpack_from("<qqqii", data)
        session = self.sessions.get(session_id) or self._server.open_session(self, key, session_id)
        self._server.dispatch.receive(session, salt, Incoming(msg_id, seqno, data[32 : 32 + length]))

    def _exchange(self, packet: bytes) -> None:
        request = BinaryReader(packet[20:]).tgread_object()
        answer = bytes(self._handshake.answer(request))
        self._server.world.log.add("handshake", connection=self.number, method=type(request).__name__)
        if self._handshake.key:
            self._server.keys.add(self._handshake.key)
            self._handshake = Handshake(self._server.rsa)
        self.write(struct.pack("<qqi", 0, self._plain_ids.next(answer=True), len(answer)) + answer)

    def _claim(self, key: Key) -> None:
        """This connection speaks for the key. A second live one kills it, as Telegram does."""
        if self._server.rules.duplicate_key_kills and any(other.alive for other in key.connections):
            self._server.keys.kill(key, "AUTH_KEY_DUPLICATED")
        if self.key:
            self.key.connections.remove(self)
        self.key = key
        key.connections.append(self)

    def _refuse(self) -> None:
        self._server.world.log.add("garbage", connection=self.number, outcome="unknown key")
        if self._transport:
            self._transport.write(self._wire.error(_UNKNOWN_KEY))
            self._transport.close()


def _is_open(peer: socket.socket) -> bool:
    if hasattr(socket, "TCP_INFO"):
        return bool(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _ESTABLISHED)
    with socket.socket(fileno=os.dup(peer.fileno())) as same:  # elsewhere: is the end of the stream what comes next?
        try:
            return same.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False


def client_time(msg_id: int) -> float:
    """By how many seconds a client's message id is ahead of our clock."""
    return msg_id / 2**32 - time.time()
