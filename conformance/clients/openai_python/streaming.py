"""The SDK's reading of an event stream: which events it sees, and what it raises on the way.

It is stricter than the standard in one point: anything that ends in a blank line must have JSON as its data once there was an
`event`, a `retry` or, at any time before, an `id`. So keep-alives that other clients ignore end the answer here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from conformance.clients.openai_python.models import build
from conformance.clients.openai_python.response import Raised, is_broken, lost, open_answer
from conformance.evidence.exchange import Chunk, Ended, Exchange

_LINE_END = re.compile(rb"[\r\n]")
_NO_MESSAGE = "An error occurred during streaming"


class Stream:
    """The chunks of one answer, as the SDK yields and raises them; `at` is when the latest of that happened."""

    def __init__(self, exchange: Exchange) -> None:
        open_answer(exchange, streamed=True)
        self._exchange = exchange
        self.at = exchange.response.at if exchange.response else exchange.seconds

    def __iter__(self) -> Iterator[Any]:
        for event, data in self._events():
            if data.startswith("[DONE]"):
                return
            yield _chunk(event, data)

    def _events(self) -> Iterator[tuple[str, str]]:
        exchange, decoder = self._exchange, Decoder()
        unpacked = () if exchange.undecodable and is_broken(exchange) else exchange.chunks
        for self.at, line in lines(unpacked, whole=exchange.ended is Ended.COMPLETE):
            if decoder.take(line.decode()):
                yield decoder.event()
        self.at = exchange.seconds
        if is_broken(exchange):
            raise lost(exchange)


def lines(chunks: tuple[Chunk, ...], *, whole: bool) -> Iterator[tuple[float, bytes]]:
    """The lines by LF, CR and CRLF, each with its arrival; the rest after the last line end only of a `whole` body."""
    rest, after_cr, at = b"", False, 0.0
    for chunk in chunks:
        at = chunk.at
        start = 0
        for found in _LINE_END.finditer(chunk.data):
            is_second_half = after_cr and found[0] == b"\n" and not rest and found.start() == start
            if not is_second_half:
                yield at, rest + chunk.data[start : found.start()]
            rest, after_cr, start = b"", found[0] == b"\r", found.end()
        after_cr = after_cr and start == len(chunk.data)
        rest += chunk.data[start:]
    if whole and rest:
        yield at, rest


class Decoder:
    """The fields since the last blank line, and the last `id`, which is kept."""

    def __init__(self) -> None:
        self._data: list[str] = []
        self._event = self._id = ""
        self._retry: int | None = None

    def take(self, line: str) -> bool:
        """One line; True if it completes an event."""
        if not line:
            return bool(self._event or self._data or self._id) or self._retry is not None
        name, _, value = line.partition(":")
        self._field(name, value.removeprefix(" "))
        return False

    def _field(self, name: str, value: str) -> None:
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry":
            try:
                self._retry = int(value)
            except ValueError:
                return

    def event(self) -> tuple[str, str]:
        """The event's type and data; resets for the next."""
        done = self._event, "\n".join(self._data)
        self._event, self._data, self._retry = "", [], None
        return done


def _chunk(event: str, data: str) -> Any:
    """One chunk; raises for data that is not JSON and for an `error` that says anything."""
    value = json.loads(data)
    if event.startswith("thread."):  # of another API of OpenAI
        return build("ChatCompletionChunk", {"data": value, "event": event})
    error = value.get("error") if isinstance(value, dict) else None
    if error:
        said = error.get("message") if isinstance(error, dict) else None
        raise Raised("openai.APIError", said if said and isinstance(said, str) else _NO_MESSAGE)
    return build("ChatCompletionChunk", value)
