"""What the OpenAI Node SDK 5.12.2 gives to Roo Code, the older Kilo Code and Cline: chunks, completions, errors. Pure.

It reads event streams in its own way: an event without data is a SyntaxError, the last one is lost without its blank line,
`[DONE]` is only remembered while it reads on until the connection closes, and the Content-Type is ignored.
Source: https://github.com/openai/openai-node/blob/v5.12.2/src/core/streaming.ts and its neighbours; measured on Node 20.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from conformance.clients.javascript import Thrown, maybe, number, stringify, truthy
from conformance.clients.v8_json import NotJson, parse
from conformance.evidence.exchange import Ended, Exchange

STATUSES = (408, 409, 429, 5)  # that it retries twice; 5 is every status from 500 on
_WITHOUT_BODY = (204, 205, 304)
_UNPACKED = {"gzip", "x-gzip", "deflate", "br"}  # by Node's fetch; any other encoding is left as it is
_BOM = "\ufeff"
_GAP = re.compile(rb"\n\n|\r\r|\r\n\r\n")
_LINE_END = re.compile(rb"\r\n|\r|\n")


def stream(exchange: Exchange) -> Iterator[tuple[float, Any]]:
    """The chunks with their times in seconds; raises Thrown, then or at the end, as the SDK does."""
    _refuse(exchange)
    if exchange.status in _WITHOUT_BODY:
        raise Thrown("Attempted to iterate over a response with no body", exchange.seconds)
    done = False
    for event in _Body(exchange).events():
        done = done or event.data.startswith("[DONE]")
        if not done:
            yield event.at, _chunk(event)
    _refuse_broken(exchange)


def completion(exchange: Exchange) -> Any:
    """The answer to a request without `stream`: JSON only if its Content-Type says so, else a string; None for a 204."""
    _refuse(exchange)
    if exchange.status == 204:
        return None
    _refuse_broken(exchange)
    named = ", ".join(value for key, value in _headers(exchange) if key.lower() == "content-type")
    media_type = named.split(";")[0].strip()
    if "application/json" not in media_type and not media_type.endswith("+json"):
        return _text(exchange)
    try:
        return parse(_text(exchange))
    except NotJson as error:
        raise Thrown(error.message, exchange.seconds) from None


def asks_again(exchange: Exchange) -> bool:
    """True for what the SDK retries twice by itself, within seconds."""
    if exchange.response is None:
        return True
    status, should_retry = exchange.response.status, exchange.header("x-should-retry")
    if 200 <= status < 300:
        return False
    return should_retry == "true" if should_retry in ("true", "false") else status in STATUSES or status >= 500


def message_of(status: int | None, error: Any, otherwise: str = "") -> str:
    """The message of an APIError: status and the message in `error`, the whole of `error`, or what else there is."""
    stated = maybe(error, "message")
    if truthy(stated):
        otherwise = stated if isinstance(stated, str) else stringify(stated)
    elif truthy(error):
        otherwise = stringify(error)
    if status:
        return f"{status} {otherwise or 'status code (no body)'}"
    return otherwise or "(no status code or body)"


def amount(usage: Any, *keys: str) -> int | float:
    """A number of tokens as its clients show it: 0 for none, and a text unchanged."""
    value = maybe(usage, *keys)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return number(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _refuse(exchange: Exchange) -> None:
    """Raises the error for an exchange that got no 2xx."""
    if exchange.response is None:
        late = exchange.ended is Ended.TIMED_OUT
        raise Thrown("Request timed out." if late else "Connection error.", exchange.seconds)
    if not exchange.ok:
        status = exchange.response.status
        said = "terminated" if _broken(exchange) else _text(exchange)
        try:
            body = parse(said)
        except NotJson:
            body = None
        error = maybe(body, "error")
        shown = message_of(status, error, "" if truthy(body) else said)
        raise Thrown(shown, exchange.seconds, status, maybe(error, "code"))


def _refuse_broken(exchange: Exchange) -> None:
    if _broken(exchange):
        raise Thrown("terminated", exchange.seconds)


def _broken(exchange: Exchange) -> bool:
    """True when Node's fetch fails on the body. A connection that was to be closed anyway may close at any point."""
    if exchange.undecodable.lower() in _UNPACKED:
        return True
    if exchange.ended is Ended.CLOSED_EARLY and exchange.response:
        kept = (exchange.header("connection") or exchange.response.http_version).lower()
        return kept not in ("close", "http/1.0")
    return exchange.ended not in (Ended.COMPLETE, Ended.OVER_LIMIT)  # the latter is a limit of this suite


def _headers(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    return exchange.response.headers if exchange.response else ()


def _text(exchange: Exchange) -> str:
    return "" if exchange.status in _WITHOUT_BODY else exchange.text.removeprefix(_BOM)


@dataclass(frozen=True)
class _Event:
    """One event: when its last byte is read, its name (None for none), its data."""

    at: float
    name: str | None
    data: str


def _chunk(event: _Event) -> Any:
    """The chunk that an event carries."""
    try:
        value = parse(event.data)
    except NotJson as fault:
        raise Thrown(fault.message, event.at) from None
    if event.name is not None and event.name.startswith("thread."):  # of the Assistants API
        return {"event": event.name, "data": value}
    error = maybe(value, "error")
    if truthy(error):
        raise Thrown(message_of(None, error), event.at, None, maybe(error, "code"))
    return value


@dataclass(frozen=True)
class _Body:
    """A body as the SDK reads it: an event is not read before the empty line after it."""

    exchange: Exchange

    def events(self) -> Iterator[_Event]:
        """Every event that is completed, ended by an empty line of any kind."""
        name: str | None = None
        data: list[str] = []
        for line, end in self._lines():
            if line:
                field, _, value = line.partition(":")
                name = value.removeprefix(" ") if field == "event" else name
                data += [value.removeprefix(" ")] if field == "data" else []
            elif name or data:
                ready = self._ready(end)
                if ready is None:
                    return
                yield _Event(ready, name, "\n".join(data))
                name, data = None, []

    def _lines(self) -> Iterator[tuple[str, int]]:
        """The lines, and up to which byte each needs the body; a lone CR waits for the one after it."""
        body, start = self.exchange.body, 0
        for found in _LINE_END.finditer(body):
            text = body[start : found.start()].decode("utf-8", "replace").removeprefix(_BOM)
            yield text, found.end() + (found[0] == b"\r")
            start = found.end()

    def _ready(self, offset: int) -> float | None:
        """When the bytes up to an offset are read: with the next gap, or at the end; None for never."""
        gap = bisect_left(self._gaps, offset)
        if gap == len(self._gaps):
            return None if _broken(self.exchange) else self.exchange.seconds
        chunk = bisect_right(self._ends, self._gaps[gap] - 1)
        return self.exchange.chunks[chunk].at

    @cached_property
    def _gaps(self) -> list[int]:
        """The ends of all line ends that stand twice in a row."""
        return [found.end() for found in _GAP.finditer(self.exchange.body)]

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(len(chunk.data) for chunk in self.exchange.chunks))
