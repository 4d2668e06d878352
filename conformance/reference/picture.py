"""What the model sees of a picture: its main colour. That is enough to show that the picture arrived."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Mapping
from typing import Any

COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 160, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "orange": (255, 140, 0),
    "purple": (128, 0, 128),
}
_HEAD = 8 + 4 + 4  # bytes before the size of a PNG: its signature, and the length and name of the first chunk


def pictures_of(content: object) -> list[str]:
    """The URLs of the pictures in a message's content, in order."""
    parts = content if isinstance(content, list) else []
    pictures = [part.get("image_url") for part in parts if isinstance(part, Mapping)]
    return [str(picture.get("url")) for picture in pictures if isinstance(picture, Mapping)]


def colour_of(url: str) -> str | None:
    """The colour name of a PNG in a data URL; None for anything else, which this model cannot see."""
    try:
        pixel = _first_pixel(base64.b64decode(url.partition("base64,")[2]))
    except (binascii.Error, struct.error, zlib.error):
        return None
    return min(COLOURS, key=lambda name: _distance(COLOURS[name], pixel))


def _first_pixel(png: bytes) -> tuple[int, ...]:
    """The first pixel of a PNG with eight bits per channel; no filter of the first row refers to a row above."""
    (width,) = struct.unpack(">I", png[_HEAD : _HEAD + 4])
    start = png.index(b"IDAT") + 4 if b"IDAT" in png else len(png)
    (length,) = struct.unpack(">I", png[start - 8 : start - 4])
    row = zlib.decompressobj().decompress(png[start : start + length], 1 + 3 * width)
    return struct.unpack("BBB", row[1:4])


def _distance(left: tuple[int, ...], right: tuple[int, ...]) -> Any:
    return sum((a - b) ** 2 for a, b in zip(left, right, strict=True))
