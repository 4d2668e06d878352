"""What the SDK does with an answer before a program gets it: lost connections, refusals, a body that is not JSON.

All of these raise, as in the SDK. Error texts contain only the message of the body.
"""

from __future__ import annotations

import json
import math
import re
from email.utils import mktime_tz, parsedate_tz
from typing import Any

from conformance.clients.client import Retries
from conformance.clients.openai_python.models import build
from conformance.evidence.exchange import Ended, Exchange

RETRIES = Retries(2, (408, 409, 429, 5), longest_wait=120)
_REDIRECTS = (301, 302, 303, 307, 308)
_CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
_BROKEN = {
    Ended.TIMED_OUT: ("ReadTimeout", "timed out"),
    Ended.RESET: ("ReadError", "[Errno 104] Connection reset by peer"),
}
_DAMAGED = ("DecodingError", "Error -3 while decompressing data: incorrect header check")
_CUT = "peer closed connection without sending complete message body"
_UNPACKED = ("gzip", "deflate")


class Raised(Exception):
    """An exception of the SDK or of httpx2 below it; `kind` is its class, `retried` that the SDK retried before."""

    def __init__(self, kind: str, message: str, *, retried: bool = False) -> None:
        super().__init__(message)
        self.kind = kind
        self.retried = retried


class Elsewhere(Exception):
    """The answer is a redirect, which the SDK follows: its result is not part of this exchange.

    `kept` is true if the request is sent again unchanged, and may succeed.
    """

    def __init__(self, status: int, location: str) -> None:
        self.kept = status >= 307
        how = "again" if self.kept else "with GET and without the body"
        super().__init__(f"HTTP {status}: the SDK asks {location} {how}")


def lost(exchange: Exchange, *, retried: bool = False) -> Raised:
    """What is raised if an answer does not arrive, or not completely."""
    if exchange.ended is Ended.OVER_LIMIT:
        return Raised("", f"The answer does not end: {exchange.detail}")
    if exchange.ended is Ended.TIMED_OUT:
        return Raised("openai.APITimeoutError", "Request timed out.", retried=retried)
    return Raised("openai.APIConnectionError", "Connection error.", retried=retried)


def is_broken(exchange: Exchange) -> bool:
    """True if reading the body raises an exception of httpx2. It leaves unknown encodings packed."""
    if exchange.ended is Ended.OVER_LIMIT and not exchange.ok:
        return False  # the limit is this suite's: an error page may have any length
    return exchange.ended is not Ended.COMPLETE or exchange.undecodable in _UNPACKED


def open_answer(exchange: Exchange, *, streamed: bool) -> None:
    """Raises whatever the SDK raises before it returns an answer; a stream's body is read only after that."""
    response = exchange.response
    if response is None or (not streamed and is_broken(exchange)):
        raise lost(exchange, retried=True)
    location = response.header("location")
    if response.status in _REDIRECTS and location is not None:
        raise Elsewhere(response.status, location)
    if not exchange.ok:
        raise _refusal(exchange, response.status)


def _refusal(exchange: Exchange, status: int) -> Raised:
    retried = asks_again(exchange, status)
    if is_broken(exchange):  # the body of a refused stream is read where such exceptions are not caught
        kind, message = _BROKEN.get(exchange.ended) or _cut(exchange)
        return Raised(f"httpx2.{kind}", message, retried=retried)
    kind = _CLASSES.get(status, "InternalServerError" if status >= 500 else "APIStatusError")
    said = _message(text_of(exchange).strip())
    return Raised(f"openai.{kind}", f"Error code: {status}" + (f" - {said}" if said else ""), retried=retried)


def _cut(exchange: Exchange) -> tuple[str, str]:
    if exchange.ended is Ended.COMPLETE:
        return _DAMAGED
    length = exchange.header("content-length")
    missing = f"received {len(exchange.body)} bytes, expected {length}" if length else "incomplete chunked read"
    return "RemoteProtocolError", f"{_CUT} ({missing})"


def _message(text: str) -> str:
    try:
        body = json.loads(text)
    except Exception:
        return ""
    error = body.get("error", body) if isinstance(body, dict) else None
    said = error.get("message") if isinstance(error, dict) else None
    return said if isinstance(said, str) else ""


def text_of(exchange: Exchange) -> str:
    """The body in the charset that its Content-Type names, UTF-8 otherwise."""
    found = re.search(r"charset=\"?([^\s;\"]+)", exchange.header("content-type") or "", re.IGNORECASE)
    try:
        return exchange.body.decode(found[1] if found else "utf-8", "replace")
    except (LookupError, ValueError):
        return exchange.text


def asks_again(exchange: Exchange, status: int) -> bool:
    """True for a refusal after which the SDK retries: by status, unless a header of the answer decides."""
    wait = _wait(exchange)
    if wait is not None and math.isfinite(wait) and wait > (RETRIES.longest_wait or 0):
        return False
    should_retry = exchange.header("x-should-retry")
    return should_retry == "true" or (should_retry != "false" and RETRIES.covers(status))


def _wait(exchange: Exchange) -> float | None:
    """How many seconds the answer asks to wait; None if it does not say. A date counts from the answer's own."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return float(exchange.header(name) or "") / unit
        except ValueError:
            continue
    until, now = (_seconds(exchange.header(name)) for name in ("retry-after", "date"))
    return None if until is None or now is None else until - now


def _seconds(date: str | None) -> float | None:
    try:
        parts = parsedate_tz(date or "")
        return None if parts is None else float(mktime_tz(parts))
    except (TypeError, ValueError, OverflowError, OSError, IndexError):
        return None


def parsed(exchange: Exchange, kind: str) -> Any:
    """The body as an object of that kind, with any Content-Type; its text if neither it nor its Content-Type is JSON."""
    try:
        return build(kind, json.loads(exchange.body))
    except (ValueError, RecursionError):
        if (exchange.header("content-type") or "*").split(";")[0].endswith("json"):
            raise
        return text_of(exchange)
