"""Undoing the compression of a body as it arrives, so that a bomb never unfolds and what is broken stays to be seen."""

from __future__ import annotations

import zlib
from typing import Any


class Decoder:
    """Undoes gzip and deflate as the bytes arrive; passes the raw bytes on when they are not what they claim."""

    PACKED = frozenset({"gzip", "x-gzip", "deflate"})

    def __init__(self, encoding: str, most: int) -> None:
        self.encoding = encoding.strip().lower()
        self.failed = "" if self.encoding in {"", "identity", *self.PACKED} else self.encoding
        self.left = most
        self.inflate: Any = None

    def decode(self, raw: bytes) -> bytes:
        """The decoded bytes, at most one more than the limit, so that a bomb never unfolds in memory."""
        if self.encoding not in self.PACKED or self.failed:
            return raw
        parts: list[bytes] = []
        while raw and self.left >= 0 and self._unpacks(raw):
            try:
                parts.append(data := self.inflate.decompress(raw, self.left + 1))
            except zlib.error:
                self.failed = self.encoding
                return b"".join([*parts, raw])
            self.left -= len(data)
            raw = self.inflate.unused_data
        return b"".join(parts)

    def _unpacks(self, raw: bytes) -> bool:
        """Makes ready for these bytes: gzip members may follow each other, anything else behind one is padding."""
        if self.inflate is None or (self.inflate.eof and raw[0] == 0x1F):
            # Some servers send deflate without the zlib header, and clients take it: its first byte tells.
            bare = self.encoding == "deflate" and raw[0] & 0x0F != 8
            self.inflate = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS | 32)
        return not self.inflate.eof
