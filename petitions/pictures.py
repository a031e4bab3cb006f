"""The size of a picture as its head says it, without drawing it."""

from __future__ import annotations

import struct
from typing import BinaryIO

#: Markers of a JPEG file that carry its size: starts of frames. Three of the range are others.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: Markers without a length behind them.
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN, _END = 0xDA, 0xD9


def png_pixels(file: BinaryIO) -> int | None:
    """Width x height; None if there is no sound head."""
    file.seek(0)
    head = file.read(24)
    if len(head) < 24 or head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width * height or None


def jpeg_pixels(file: BinaryIO) -> int | None:
    """Width x height; None if no frame begins before the picture does."""
    file.seek(2)
    while (marker := _next_marker(file)) is not None and marker not in (_SCAN, _END):
        if marker in _BARE:
            continue
        length = file.read(2)
        if len(length) < 2:
            return None
        size = struct.unpack(">H", length)[0] - 2
        if marker in _FRAMES:
            frame = file.read(5)
            if len(frame) < 5:
                return None
            height, width = struct.unpack(">HH", frame[1:])
            return width * height or None
        file.seek(max(size, 0), 1)
    return None


def _next_marker(file: BinaryIO) -> int | None:
    byte = file.read(1)
    if byte != b"\xff":
        return None
    while byte == b"\xff":
        byte = file.read(1)
    return byte[0] if byte else None
