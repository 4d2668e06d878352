"""What Kilo Code 7.5.11 shows its user about an error of the AI SDK, and how it reacts by itself.

Sources: https://github.com/Kilo-Org/kilocode, packages/opencode/src: provider/error.ts, session/network.ts, session/retry.ts
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from conformance.clients.ai_sdk import json_text
from conformance.clients.ai_sdk.failure import Failure, written
from conformance.clients.v8_json import NotJson
from conformance.evidence.exchange import Ended, Exchange, shorten

RETRIES = 5
LONGEST = 400  # characters of a message on one line


@dataclass(frozen=True)
class Trouble:
    """An error. `overflow`: the conversation is compacted and sent again instead, and the user reads nothing."""

    message: str
    overflow: bool = False
    retried: bool = False

    @property
    def shown(self) -> str:
        """What the user reads."""
        return "" if self.overflow else self.message


def trouble(failure: Failure, exchange: Exchange) -> Trouble:
    """An error as Kilo Code treats it."""
    if failure.connection:
        return _connection(failure, exchange)
    if failure.name == "AI_APICallError":
        return _refusal(failure)
    message = failure.brief if failure.name else written(failure.brief)
    unquoted = message.lower()
    again = any(word in unquoted for word in _BUSY) or bool(_PASSING.search(failure.message))
    return Trouble(message, retried=again)


_CONNECTION = {
    Ended.REFUSED: "Connection refused",
    Ended.UNRESOLVED: "Host not found",
    Ended.TIMED_OUT: "Request timed out",
    Ended.RESET: "Connection reset by server",
    Ended.CLOSED_EARLY: "Connection reset by server",
}


def _connection(failure: Failure, exchange: Exchange) -> Trouble:
    if exchange.ended is Ended.TLS_FAILURE:  # no known code, so its own message is shown and nothing is retried
        return Trouble(exchange.detail or failure.brief)
    return Trouble(_CONNECTION.get(exchange.ended, failure.brief), retried=True)


def _refusal(failure: Failure) -> Trouble:
    message = json_text.joined(_message(failure)).strip() or "Unknown error"
    body = _object(failure.body or "")
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if failure.status == 413 or code == "context_length_exceeded" or _OVERFLOW.search(message):
        return Trouble(shorten(message, LONGEST), overflow=True, retried=True)
    return Trouble(shorten(message, LONGEST), retried=_is_passing(failure, message))


def _is_passing(failure: Failure, message: str) -> bool:
    """True for what is retried, up to RETRIES times; any text that looks like a temporary error is enough."""
    body = failure.body or ""
    if "FreeUsageLimitError" in body:
        return False
    return (
        failure.retryable
        or (failure.status or 0) >= 500
        or bool(body and (_PASSING.search(message) or _PASSING.search(body)))
    )


def _message(failure: Failure) -> str:
    """The server's message; if the SDK found none, the reason phrase with the rest of the body."""
    body, phrase = failure.body or "", _PHRASES.get(failure.status or 0, "")
    if not failure.message:
        return body or phrase
    if not body or failure.message != phrase:
        return failure.message
    found = _object(body)
    said = found.get("message") or found.get("error")
    if isinstance(said, str) and said:
        return f"{phrase}: {said}"
    if re.match(r"\s*<(!doctype|html)", body, re.IGNORECASE):
        return f"{phrase}: {_GATEWAY[phrase]}" if phrase in _GATEWAY else phrase
    return f"{phrase}: {body}"


def _object(text: str) -> dict[str, Any]:
    try:
        value = json_text.parse(text)
    except NotJson:
        return {}
    return value if isinstance(value, dict) else {}


_GATEWAY = {
    "Unauthorized": "request was blocked by a gateway or proxy. Your authentication token may be missing or expired.",
    "Forbidden": "request was blocked by a gateway or proxy. You may not have permission to access this resource.",
}
_PHRASES = {  # Node's, from which Kilo Code knows whether a message says more than the status
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_OVERFLOW = re.compile(
    r"prompt is too long|input is too long for requested model|exceeds the context window"
    r"|input token count.*exceeds the maximum|maximum prompt length is \d|reduce the length of the messages"
    r"|maximum context length is \d+ tokens|exceeds the limit of \d|exceeds the available context size"
    r"|greater than the context length|context window exceeds limit|exceeded model token limit"
    r"|context[_ ]length[_ ]exceeded|request entity too large|context length is only \d+ tokens"
    r"|input length.*exceeds.*context length|prompt too long; exceeded (max )?context length"
    r"|too large for model with \d+ maximum context length|model_context_window_exceeded"
    r"|\A4(00|13)\s*(status code)?\s*\(no body\)",
    re.IGNORECASE | re.ASCII,
)
_BUSY = ("too_many_requests", "exhausted", "unavailable")
_PASSING = re.compile(
    r"\b(429|500|502|503|504|524)\b"
    r"|rate increased too quickly|rate[-_ ]limit|too many requests"
    r"|overloaded|service[-_ ]unavailable|internal[_ ]error|internal server error|server[-_ ]error"
    r"|provider[-_ ]returned[-_ ]error"
    r"|terminated|fetch failed|failed to fetch|network[-_\s]error|upstream connect"
    r"|connection (error|refused|lost)|socket connection was closed|socket hang up|reset before headers"
    r"|getaddrinfo|enotfound|eai_again|econnrefused|econnreset|etimedout"
    r"|\Atimeout\Z|\b(request|response|connection|network|stream|read) (timeout|timed out|time out)\b"
    r"|try your request again|retry your request|resource[_ ]exhausted"
    r"|\btry again (later|in\b)|\b(currently|temporarily) at capacity\b",
    re.IGNORECASE | re.ASCII,
)
