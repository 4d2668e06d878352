"""Decompresses a body as it arrives. A decompression bomb never fills the memory, and broken data stays as it came."""

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
    """Decompresses one unit: a gzip member, a zstd frame, or a whole body of another encoding."""

    @property
    def eof(self) -> bool:
        """True when the unit has ended."""

    @property
    def unused_data(self) -> bytes:
        """The bytes after its end."""

    def decompress(self, data: bytes, most: int, /) -> bytes:
        """The decompressed bytes, at most about `most` of them."""


class _Brotli:
    """Brotli with the interface of the others. Nothing follows the end of a Brotli body."""

    def __init__(self) -> None:
        self._unpack: Any = brotli.Decompressor()
        self.eof, self.unused_data = False, b""

    def decompress(self, data: bytes, most: int, /) -> bytes:
        unpacked: bytes = self._unpack.process(data, output_buffer_limit=most)
        self.eof = self._unpack.is_finished()
        return unpacked


def _deflate(first: int) -> Any:
    """Deflate with or without the zlib header, by its first byte: some servers omit it, and clients accept that."""
    return zlib.decompressobj(-zlib.MAX_WBITS if first & 0x0F != 8 else zlib.MAX_WBITS | 32)


UNPACKERS: Mapping[str, Callable[[int], Unpacker]] = {  # each takes the first byte of a unit
    "gzip": lambda _: zlib.decompressobj(zlib.MAX_WBITS | 32),
    "x-gzip": lambda _: zlib.decompressobj(zlib.MAX_WBITS | 32),
    "deflate": _deflate,
    "br": lambda _: _Brotli(),
    "zstd": lambda _: zstd.ZstdDecompressor(),
}
EVERYWHERE = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})  # every client decodes these
AGAIN = {0x1F, 0x28}  # the first byte of another gzip member or zstd frame; other bytes after one are padding


class Decoder:
    """Decodes a Content-Encoding as the bytes arrive, and passes on the raw bytes when it cannot.

    `asked` is the Accept-Encoding of the request: it must name an encoding that not every client decodes. `failed` is
    the encoding that could not be decoded, or "".
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
        """The decoder for an answer, by the headers of both sides, which must ignore the case of names."""
        return cls(answer.get("content-encoding", ""), most, request.get("accept-encoding", ""))

    def decode(self, raw: bytes) -> bytes:
        """The decoded bytes, hardly more than the limit, so that a bomb never fills the memory."""
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
        """The unpacker for these bytes, a new one when a new unit begins; None for padding."""
        if self.unpacker is None or (self.unpacker.eof and raw[0] in AGAIN):
            self.unpacker = UNPACKERS[self.encoding](raw[0])
        return None if self.unpacker.eof else self.unpacker
