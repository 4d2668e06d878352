"""One request and everything that came back for it, with the arrival time of each part.

Probes judge only exchanges, so an exchange contains what a client could have seen and no more: the decoded body in
the chunks in which it arrived, the headers as received, and how it ended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

PASSING = (502, 503, 504, 529)  # 429 is a limit, which is waited for
Headers = tuple[tuple[str, str], ...]


class Ended(StrEnum):
    """How an exchange ended, from the client's side of the socket."""

    COMPLETE = "complete"
    CLOSED_EARLY = "closed-early"
    RESET = "reset"
    TIMED_OUT = "timed-out"
    REFUSED = "refused"
    UNRESOLVED = "unresolved"
    TLS_FAILURE = "tls-failure"
    NOT_HTTP = "not-http"
    OVER_LIMIT = "over-limit"
    HUNG_UP = "hung-up"  # by the client or the capture, so the ending by the server is unknown


class Lost(StrEnum):
    """What a recording of an exchange does not show. A probe that needs it does not judge that exchange."""

    TIMES = "when its parts arrived"
    HEADERS = "all headers of the answer"
    TYPE = "the Content-Type of the answer"
    BYTES = "the exact bytes of the answer"
    ENDING = "how the connection ended"
    REQUEST = "the request"
    PURPOSE = "the purpose of the request"


class _Missing:
    """The value of a body that is not JSON, which differs from the null of JSON."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()


def header_of(headers: Headers, name: str) -> str | None:
    """The first header of that name, ignoring case."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def parse_json(data: bytes | str) -> Any:
    """The JSON value of data, or MISSING when it is not exactly one (a BOM, bad UTF-8, absurd nesting, NaN as Python writes it)."""
    try:
        return json.loads(data.decode("utf-8") if isinstance(data, bytes) else data, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return MISSING


def _no_json(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


@dataclass(frozen=True)
class Chunk:
    """Bytes of the body that arrived together; `at` is seconds after the request was sent."""

    at: float
    data: bytes


@dataclass(frozen=True)
class Request:
    """A request as it was sent, with the secrets already masked."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or MISSING."""
        return parse_json(self.body)

    def field(self, name: str) -> Any:
        """One top-level field of a JSON body; None when absent."""
        return self.json.get(name) if isinstance(self.json, dict) else None

    @property
    def streamed(self) -> bool:
        """True when the request asked for a stream."""
        return self.field("stream") is True

    @property
    def is_chat(self) -> bool:
        """True for a POST whose JSON body has `messages`."""
        return self.method == "POST" and isinstance(self.json, dict) and "messages" in self.json


@dataclass(frozen=True)
class Response:
    """The head of an answer; `at` is seconds after the request was sent."""

    status: int
    headers: Headers = ()
    reason: str = ""
    http_version: str = "HTTP/1.1"
    at: float = 0.0

    def header(self, name: str) -> str | None:
        """The first header of that name, ignoring case."""
        return header_of(self.headers, name)


@dataclass(frozen=True)
class Exchange:
    """One request, its response if any, every body chunk, and how it ended.

    `id` is `conversation#n`. `detail` says in words what `ended` means here ("no byte for 60 s").
    `undecodable` names a Content-Encoding that could not be decoded; the chunks then hold the raw bytes.
    `echoed_key` says that the answer contained the whole key of the request (it is masked here). `seconds` is the time
    from sending the request to the end. `started` is when the request was sent, in seconds after the start of the run;
    0.0 when unknown. `lost` is what a recording by another program does not show. `passed` says that the same request was
    answered when it was sent again.
    """

    id: str
    conversation: str
    request: Request
    response: Response | None = None
    chunks: tuple[Chunk, ...] = ()
    ended: Ended = Ended.COMPLETE
    detail: str = ""
    undecodable: str = ""
    echoed_key: bool = False
    seconds: float = 0.0
    started: float = 0.0
    lost: frozenset[Lost] = frozenset()
    passed: bool = False

    @property
    def passing(self) -> bool:
        """True for trouble that may pass: an overloaded or loading server, or a connection lost before the answer."""
        if self.response is None:
            return self.ended in (Ended.RESET, Ended.CLOSED_EARLY)
        return self.response.status in PASSING

    @cached_property
    def body(self) -> bytes:
        """The whole body, decoded from its Content-Encoding."""
        return b"".join(chunk.data for chunk in self.chunks)

    @cached_property
    def text(self) -> str:
        """The body as UTF-8, with U+FFFD for invalid bytes."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body as one JSON value, or MISSING. Invalid UTF-8 is replaced, as JavaScript engines do."""
        return parse_json(self.text)

    @cached_property
    def views(self) -> dict[str, Any]:
        """Views of this exchange by name, kept so that a long stream is read once and not by every probe."""
        return {}

    @property
    def status(self) -> int | None:
        """The HTTP status, or None when no response came."""
        return self.response.status if self.response else None

    @property
    def ok(self) -> bool:
        """True for a 2xx answer."""
        return self.response is not None and 200 <= self.response.status < 300

    def header(self, name: str) -> str | None:
        """The first response header of that name."""
        return self.response.header(name) if self.response else None

    @property
    def content_type(self) -> str:
        """The media type of the answer in lower case, without parameters; "" when absent."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()

    @cached_property
    def summary(self) -> str:
        """What came back, in one line for reasons and messages: `HTTP 400: Unknown parameter`."""
        if self.response is None:
            return self.detail or str(self.ended)
        ending = "" if self.ended is Ended.COMPLETE else f" ({self.ended}{': ' if self.detail else ''}{self.detail})"
        said = shorten(error_message(self.json) or self.text)
        return f"HTTP {self.response.status}{': ' + said if said else ''}{ending}"


def error_message(value: Any) -> str:
    """The message of an error body, in any of the shapes that servers use; "" when there is none."""
    if not isinstance(value, dict):
        return ""
    error = value.get("error")
    candidates: Iterable[Any] = (
        error.get("message") if isinstance(error, dict) else error,
        value.get("message"),
        value.get("detail"),
    )
    return next((c for c in candidates if isinstance(c, str) and c), "")


_VARYING = re.compile(r"[0-9a-f-]{8,}|\d+")  # ids, counts and times differ from one error to the next


def same_words(text: str) -> str:
    """A text without what differs from one error to the next, to compare errors by."""
    return _VARYING.sub("#", text)


def shown(value: Any) -> str:
    """A value as JSON on one line, shortened; a value that JSON cannot express as Python writes it."""
    try:
        return shorten(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return shorten(repr(value))


def shorten(text: str, most: int = 200) -> str:
    """Text on one line, cut in the middle to `most` characters, so that a message stays readable."""
    line = " ".join(text[: most * 20].split())
    if len(line) <= most:
        return line
    return f"{line[: most * 2 // 3]} ... {line[-most // 4 :]}"
