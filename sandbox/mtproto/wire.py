"""The TCP transports, without I/O: bytes in, packets out, and back.

Full, abridged, intermediate and padded intermediate, plain or obfuscated. The client's first bytes tell which.
https://core.telegram.org/mtproto/mtproto-transports
"""

import os
import struct
from collections.abc import Iterator
from typing import Protocol
from zlib import crc32

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

MAX_PACKET = 1 << 24
_ABRIDGED, _INTERMEDIATE, _PADDED = b"\xef", b"\xee\xee\xee\xee", b"\xdd\xdd\xdd\xdd"
_WORD = 4
_LONG_FORM = 0x7F
_HEADER = 64


class WireError(Exception):
    """The peer does not speak any transport we know, or garbled one."""


class Codec(Protocol):
    def split(self, buffer: bytearray) -> bytes | None:
        """Take one packet off the front of the buffer; None: more bytes are needed."""

    def pack(self, packet: bytes) -> bytes: ...


class Full:
    def __init__(self) -> None:
        self._sent = 0

    def split(self, buffer: bytearray) -> bytes | None:
        if len(buffer) < _WORD:
            return None
        (length,) = struct.unpack_from("<i", buffer)
        if not 12 <= length <= MAX_PACKET:  # the frame itself takes twelve bytes
            raise WireError(f"bad length {length}")
        if len(buffer) < length:
            return None
        frame = bytes(buffer[:length])
        del buffer[:length]
        if crc32(frame[:-4]) != struct.unpack("<I", frame[-4:])[0]:
            raise WireError("bad checksum")
        return frame[8:-4]

    def pack(self, packet: bytes) -> bytes:
        frame = struct.pack("<ii", len(packet) + 12, self._sent) + packet
        self._sent += 1
        return frame + struct.pack("<I", crc32(frame))


class Abridged:
    def split(self, buffer: bytearray) -> bytes | None:
        if not buffer:
            return None
        head, words = 1, buffer[0] & 0x7F  # the top bit only asks for a quick acknowledgement
        if words == _LONG_FORM:
            if len(buffer) < _WORD:
                return None
            head, words = 4, int.from_bytes(buffer[1:4], "little")
        return _cut(buffer, head, words * _WORD)

    def pack(self, packet: bytes) -> bytes:
        words = len(packet) // _WORD
        if words < _LONG_FORM:
            return bytes([words]) + packet
        return bytes([_LONG_FORM]) + words.to_bytes(3, "little") + packet


class Intermediate:
    def __init__(self, *, padded: bool = False) -> None:
        self._padded = padded

    def split(self, buffer: bytearray) -> bytes | None:
        if len(buffer) < _WORD:
            return None
        length = struct.unpack_from("<I", buffer)[0] & 0x7FFFFFFF
        packet = _cut(buffer, _WORD, length)
        if packet is None or not self._padded:
            return packet
        return packet[: len(packet) - len(packet) % _WORD]

    def pack(self, packet: bytes) -> bytes:
        if self._padded:
            packet += os.urandom(packet[-1] % _WORD)
        return struct.pack("<I", len(packet)) + packet


def _cut(buffer: bytearray, head: int, length: int) -> bytes | None:
    if length > MAX_PACKET:
        raise WireError(f"bad length {length}")
    if len(buffer) < head + length:
        return None
    packet = bytes(buffer[head : head + length])
    del buffer[: head + length]
    return packet


class Transport:
    """One connection's framing: feed it what came, get packets; pack what goes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._codec: Codec | None = None
        self._decrypt: CipherContext | None = None
        self._encrypt: CipherContext | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Packets completed by these bytes. Raises WireError."""
        self._buffer += self._decrypt.update(data) if self._decrypt else data
        while self._codec or self._recognise():
            assert self._codec
            packet = self._codec.split(self._buffer)
            if packet is None:
                return
            yield packet

    def pack(self, packet: bytes) -> bytes:
        assert self._codec, "the client speaks first"
        data = self._codec.pack(packet)
        return self._encrypt.update(data) if self._encrypt else data

    def error(self, code: int) -> bytes:
        """A transport error such as 404: four bytes in place of a packet."""
        return self.pack(struct.pack("<i", -code))

    def _recognise(self) -> bool:
        start = bytes(self._buffer[:8])
        if start[:1] == _ABRIDGED:
            return self._choose(Abridged(), 1)
        if len(start) < 8:  # length and sequence number of a full frame
            return False
        if start[:4] == _INTERMEDIATE:
            return self._choose(Intermediate(), 4)
        if start[:4] == _PADDED:
            return self._choose(Intermediate(padded=True), 4)
        if start[4:] == bytes(4):
            return self._choose(Full(), 0)
        return len(self._buffer) >= _HEADER and self._deobfuscate(bytes(self._buffer[:_HEADER]))

    def _choose(self, codec: Codec, skip: int) -> bool:
        self._codec = codec
        del self._buffer[:skip]
        return True

    def _deobfuscate(self, header: bytes) -> bool:
        mirrored = header[55:7:-1]
        self._decrypt = Cipher(algorithms.AES(header[8:40]), modes.CTR(header[40:56])).decryptor()
        self._encrypt = Cipher(algorithms.AES(mirrored[:32]), modes.CTR(mirrored[32:48])).encryptor()
        opened = self._decrypt.update(bytes(self._buffer))
        match opened[56:60]:
            case b"\xef\xef\xef\xef":
                codec: Codec = Abridged()
            case b"\xee\xee\xee\xee":
                codec = Intermediate()
            case b"\xdd\xdd\xdd\xdd":
                codec = Intermediate(padded=True)
            case _:
                raise WireError("no transport we know")
        self._buffer[:] = opened
        return self._choose(codec, _HEADER)
