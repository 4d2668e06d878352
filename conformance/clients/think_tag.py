"""`<think>` in the text of a stream, as Roo Code and the older Kilo Code separate it: at the very first character only.

With a newline before it, or a closing tag without an opening one, all of it is text.
Source: https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/utils/tag-matcher.ts
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.clients.javascript import each, nullish, text

_OPENING, _CLOSING = re.compile(r"< *think *>"), re.compile(r"< */ *think *>")
_BEGINNING = re.compile(r"< *(?:/ *)?(?:t(?:h(?:i(?:n(?:k *)?)?)?)?)?")
Piece = tuple[bool, str]  # whether it is reasoning, and the text


class ThinkTag:
    """Splits the contents of the deltas of one stream into text and reasoning, as they arrive."""

    def __init__(self) -> None:
        self._depth = 0
        self._begun = False
        self._tag: list[str] = []  # what may become a tag, and in `_shape` the same with one blank for several
        self._shape = ""
        self._kept = ""  # a tag inside reasoning, which belongs to what follows it

    def cut(self, content: Any) -> Iterator[Piece]:
        """The pieces that this content completes; raises Thrown for what is neither text nor a list."""
        characters = ["" if nullish(c) else text(c) for c in each(content, "chunk")]
        for n, character in enumerate(characters):
            if self._begun and self._depth <= 0 and not self._tag:  # no tag can begin any more
                yield False, "".join(characters[n:])
                return
            piece = self._take(character)
            if piece:
                yield self._depth > 0, piece

    def rest(self) -> Iterator[Piece]:
        """The rest at the end of the stream."""
        if self._kept or self._tag:
            yield self._depth > 0, self._kept + "".join(self._tag)

    def _take(self, character: str) -> str:
        """The text that cannot be a tag after this character."""
        may_begin = character == "<" and (not self._begun or self._depth > 0)
        self._begun = True
        if not self._tag and not may_begin:
            return self._release(character)
        self._tag.append(character)
        self._shape = (self._shape + character).replace("  ", " ")
        step = 1 if _OPENING.fullmatch(self._shape) else -1 if _CLOSING.fullmatch(self._shape) else 0
        if step:
            inner = self._depth > 0 and self._depth + step > 0
            self._kept = self._kept + "".join(self._tag) if inner else ""
            self._depth, self._tag, self._shape = self._depth + step, [], ""
        elif not _BEGINNING.fullmatch(self._shape):
            return self._release("".join(self._tag))
        return ""

    def _release(self, certain: str) -> str:
        certain, self._kept, self._tag, self._shape = self._kept + certain, "", [], ""
        return certain
