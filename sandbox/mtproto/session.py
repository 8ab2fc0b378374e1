"""A session: one client program's conversation under one key. Numbers and bundles what goes out.

Output is queued and leaves once per turn of the loop, as one container: that is what makes the server fast.
"""

import asyncio
import gzip
import itertools
import struct
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telethon.extensions import BinaryReader
from telethon.tl import TLObject, types

from sandbox.mtproto.crypto import encrypt

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection
    from sandbox.mtproto.keys import Key

_CONTAINER = struct.pack("<I", 0x73F1F8DC)
_GZIP = struct.pack("<I", 0x3072CFA1)
_RPC_RESULT = struct.pack("<I", 0xF35C6D01)
_TRUE, _FALSE = struct.pack("<I", 0x997275B5), struct.pack("<I", 0xBC799737)
_CONTAINER_MESSAGES = 100
_CONTAINER_BYTES = 1 << 20
_GZIP_FROM = 4096
_REMEMBERED = 500

_ordinals = itertools.count(1)


class MessageIds:
    """Server message ids: they follow the real clock, never repeat, and say by their last bits what they are."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, *, answer: bool) -> int:
        base = max(int(time.time() * 2**32) & -4, self._last + 4 & -4)
        self._last = base
        return base | (1 if answer else 3)


@dataclass(slots=True, eq=False)
class Session:
    """`ordinal` names it in events and logs. `wants_updates` from its first real call on."""

    id: int
    key: "Key"
    connection: "Connection"
    salt: int
    ordinal: int = field(default_factory=lambda: next(_ordinals))
    wants_updates: bool = False
    introduced: bool = False
    seen: deque[int] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _ids: MessageIds = field(default_factory=MessageIds)
    _content: int = 0
    _queue: list[bytes] = field(default_factory=list)

    def send(self, body: bytes, *, answer: bool = False, content: bool = True) -> None:
        """Queue one message. `answer`: it answers a client's message; `content`: the client must acknowledge it."""
        if not self._queue:
            asyncio.get_running_loop().call_soon(self.flush)
        self._queue.append(self._message(body, answer=answer, content=content))

    def send_service(self, obj: TLObject, *, answer: bool = True) -> None:
        self.send(bytes(obj), answer=answer, content=False)

    def send_result(self, msg_id: int, body: bytes) -> None:
        if len(body) >= _GZIP_FROM:
            body = _GZIP + TLObject.serialize_bytes(gzip.compress(body, 1))
        self.send(_RPC_RESULT + struct.pack("<q", msg_id) + body, answer=True)

    def send_error(self, msg_id: int, code: int, text: str) -> None:
        self.send_result(msg_id, bytes(types.RpcError(code, text)))

    def _message(self, body: bytes, *, answer: bool, content: bool) -> bytes:
        seqno = self._content * 2 + content
        self._content += content
        return struct.pack("<qii", self._ids.next(answer=answer), seqno, len(body)) + body

    def flush(self) -> None:
        """Write what is queued at once."""
        for batch in _batches(self._queue):
            if len(batch) == 1:
                message = batch[0]
            else:
                body = _CONTAINER + struct.pack("<i", len(batch)) + b"".join(batch)
                message = self._message(body, answer=False, content=False)
            self.connection.write(encrypt(self.key.key, self.salt, self.id, message))
        self._queue.clear()


def _batches(messages: list[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for message in messages:
        if batch and (len(batch) == _CONTAINER_MESSAGES or size + len(message) > _CONTAINER_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += len(message)
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a client's, out of its container and unzipped."""

    msg_id: int
    seqno: int
    body: bytes


def unpacked(message: Incoming) -> Iterator[Incoming]:
    """The messages inside, one by one: a constructor nobody knows spoils only its own message."""
    kind = message.body[:4]
    if kind == _CONTAINER:
        (count,) = struct.unpack_from("<i", message.body, 4)
        offset = 8
        for _ in range(count):
            msg_id, seqno, length = struct.unpack_from("<qii", message.body, offset)
            offset += 16
            yield from unpacked(Incoming(msg_id, seqno, message.body[offset : offset + length]))
            offset += length
    elif kind == _GZIP:
        yield Incoming(message.msg_id, message.seqno, unzipped(message.body))
    else:
        yield message


def unzipped(body: bytes) -> bytes:
    return gzip.decompress(BinaryReader(body[4:]).tgread_bytes())


def serialized(result: Any) -> bytes:
    """A result as bytes; lists become bare vectors of objects or longs, and truth values Bool."""
    match result:
        case bool():
            return _TRUE if result else _FALSE
        case list():
            head = struct.pack("<Ii", 0x1CB5C415, len(result))
            return head + b"".join(struct.pack("<i", r) if isinstance(r, int) else bytes(r) for r in result)
        case _:
            return bytes(result)
