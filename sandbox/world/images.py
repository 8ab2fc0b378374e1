"""How large a picture is, read from its first bytes: PNG and JPEG, which is what gets drawn and photographed."""

from __future__ import annotations

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_NOT_A_FRAME = frozenset({0xC4, 0xC8, 0xCC})
"""Of the JPEG markers from C0 to CF, those that begin no frame."""


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None for what is no such picture."""
    try:
        if data.startswith(_PNG):
            width, height = struct.unpack_from(">II", data, 16)
            return int(width), int(height)
        return _jpeg(data) if data.startswith(b"\xff\xd8") else None
    except (struct.error, IndexError):
        return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_A_FRAME:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return int(width), int(height)
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None
