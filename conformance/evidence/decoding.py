"""Undoing the compression of a body as it arrives, so that a bomb never unfolds and what is broken stays to be seen."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BROKEN = (zlib.error, brotli.error, zstd.ZstdError)


class Unpacker(Protocol):
    """What undoes one compressed whole."""

    @property
    def eof(self) -> bool:
        """True when the whole has come to its end."""

    @property
    def unused_data(self) -> bytes:
        """What came behind that."""

    def decompress(self, data: bytes, most: int, /) -> bytes:
        """The unpacked bytes, about `most` of them at most."""


class _Brotli:
    """Brotli with the interface of the others. A body of it has nothing behind its end."""

    def __init__(self) -> None:
        self._unpack: Any = brotli.Decompressor()
        self.eof, self.unused_data = False, b""

    def decompress(self, data: bytes, most: int, /) -> bytes:
        unpacked: bytes = self._unpack.process(data, output_buffer_limit=most)
        self.eof = self._unpack.is_finished()
        return unpacked


def _deflate(first: int) -> Any:
    """Some servers send deflate without the zlib header, and clients take it: its first byte tells."""
    return zlib.decompressobj(-zlib.MAX_WBITS if first & 0x0F != 8 else zlib.MAX_WBITS | 32)


UNPACKERS: Mapping[str, Callable[[int], Unpacker]] = {  # by the first byte of what is packed
    "gzip": lambda _: zlib.decompressobj(zlib.MAX_WBITS | 32),
    "x-gzip": lambda _: zlib.decompressobj(zlib.MAX_WBITS | 32),
    "deflate": _deflate,
    "br": lambda _: _Brotli(),
    "zstd": lambda _: zstd.ZstdDecompressor(),
}
EVERYWHERE = frozenset(
    {"", "identity", "gzip", "x-gzip", "deflate"}
)  # what every client undoes, asked or not
AGAIN = {
    0x1F,
    0x28,
}  # the first byte of one more gzip member or zstd frame; anything else behind one is padding


class Decoder:
    """Undoes a Content-Encoding as the bytes arrive; passes the raw bytes on when they are not what they claim.

    An encoding that not every client undoes has to stand in `asked`, the Accept-Encoding of the request.
    """

    def __init__(self, encoding: str, most: int, asked: str = "") -> None:
        self.encoding = encoding.strip().lower()
        expected = self.encoding in EVERYWHERE or self.encoding in asked.lower().replace(",", " ").split()
        known = self.encoding in UNPACKERS or self.encoding in EVERYWHERE
        self.failed = "" if expected and known else self.encoding
        self.left = most
        self.unpacker: Unpacker | None = None

    @classmethod
    def of(cls, request: Mapping[str, str], answer: Mapping[str, str], most: int) -> Decoder:
        """What undoes the body of an answer, by its headers and those of its request; both find names in any case."""
        return cls(answer.get("content-encoding", ""), most, request.get("accept-encoding", ""))

    def decode(self, raw: bytes) -> bytes:
        """The decoded bytes, hardly more than the limit, so that a bomb never unfolds in memory."""
        if self.encoding not in UNPACKERS or self.failed:
            return raw
        parts: list[bytes] = []
        while raw and self.left >= 0 and (unpacker := self._ready(raw)):
            try:
                parts.append(data := unpacker.decompress(raw, self.left + 1))
            except BROKEN:
                self.failed = self.encoding
                return b"".join([*parts, raw])
            self.left -= len(data)
            raw = unpacker.unused_data
        return b"".join(parts)

    def _ready(self, raw: bytes) -> Unpacker | None:
        """What unpacks these bytes, a new one where the one before has come to its end; None for padding."""
        if self.unpacker is None or (self.unpacker.eof and raw[0] in AGAIN):
            self.unpacker = UNPACKERS[self.encoding](raw[0])
        return None if self.unpacker.eof else self.unpacker
