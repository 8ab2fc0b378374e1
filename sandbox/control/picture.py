"""A small picture to send where a photo is wanted and none is at hand: a soft gradient, as a PNG."""

from __future__ import annotations

import struct
import zlib
from functools import cache


@cache
def picture(width: int = 64, height: int = 42) -> bytes:
    across, down = [64 * x // width for x in range(width)], [42 * y // height for y in range(height)]
    rows = b"".join(
        b"\0" + bytes(channel for x in across for channel in (190 - 2 * y, 150 + x, 140 + y + x // 2)) for y in down
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
