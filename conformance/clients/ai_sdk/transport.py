"""What the AI SDK does if no answer arrives, the server refuses, or a body breaks off.

Source: https://github.com/vercel/ai/blob/main/packages/provider-utils/src/post-to-api.ts
"""

from __future__ import annotations

from dataclasses import replace

from conformance.clients.ai_sdk import json_text, shape
from conformance.clients.ai_sdk.failure import Failure, plain
from conformance.clients.reading import Reading
from conformance.clients.v8_json import NotJson
from conformance.evidence.exchange import Ended, Exchange, shorten

API_ERROR = "AI_APICallError"
REDIRECTS = (301, 302, 303, 307, 308)
PACKED = frozenset({"gzip", "x-gzip", "deflate"})
RETRIED = (408, 409, 429)
_CAUSES = {  # Node's messages, where they say more than the evidence
    Ended.TIMED_OUT: "Headers Timeout Error",
    Ended.CLOSED_EARLY: "other side closed",
    Ended.RESET: "read ECONNRESET",
    Ended.REFUSED: "connect ECONNREFUSED",
    Ended.UNRESOLVED: "getaddrinfo ENOTFOUND",
}


def refused(exchange: Exchange) -> Failure | None:
    """The exception for an exchange without a usable answer; None if there is a body to read."""
    response = exchange.response
    if response is None:
        cause = _CAUSES.get(exchange.ended) or exchange.detail or str(exchange.ended)
        failed = plain(API_ERROR, f"Cannot connect to API: {cause}", exchange.seconds)
        return replace(failed, retryable=True, connection=True)
    if not exchange.ok:
        return _refusal(exchange, response.status, response.reason)
    if exchange.request.streamed and response.status in (204, 205):
        return _failed("Failed to process successful response", exchange)
    return None


def elsewhere(exchange: Exchange) -> str:
    """Where a redirect leads and how it is followed; its result is not part of this exchange. "" for others."""
    location = exchange.header("location")
    if exchange.status not in REDIRECTS or location is None:
        return ""
    how = "again" if keeps_request(exchange) else "with GET and without the body"
    return f"HTTP {exchange.status}: {shorten(location)} is asked {how}."


def keeps_request(exchange: Exchange) -> bool:
    """True for a redirect after which the same request is sent, which may succeed."""
    return exchange.request.method != "POST" or exchange.status in (307, 308)


def redirected(exchange: Exchange) -> Reading | None:
    """The failure of a redirect; None for anything else."""
    words = elsewhere(exchange)
    failure = "" if keeps_request(exchange) else words
    return Reading(failure=failure, complaint=words, ended_at=exchange.seconds) if words else None


def _refusal(exchange: Exchange, status: int, reason: str) -> Failure:
    if broken_off(exchange):
        return _failed("Failed to process error response", exchange)
    text = body_text(exchange)
    message = _error_message(text)
    return replace(
        plain(API_ERROR, reason if message is None else message, exchange.seconds),
        status=status,
        body=text,
        retryable=retries(status),
    )


def retries(status: int) -> bool:
    """True for a status after which the SDK retries."""
    return status in RETRIED or status >= 500


def _error_message(text: str) -> str | None:
    """`error.message` of a body of exactly the required shape; other bodies are ignored."""
    try:
        value = json_text.parse(text)
    except NotJson:
        return None
    return None if shape.ERROR(value) else json_text.joined(value["error"]["message"])


def _failed(message: str, exchange: Exchange) -> Failure:
    status = exchange.status
    return replace(
        plain(API_ERROR, message, exchange.seconds), status=status, retryable=bool(status and retries(status))
    )


def broken_off(exchange: Exchange) -> bool:
    """True when the connection failed within the body, or the body cannot be unpacked.

    Node takes a body of unknown length for whole when the connection ends and the server had announced that with
    `Connection: close`.
    """
    if exchange.undecodable in PACKED or exchange.ended is Ended.COMPLETE:
        return exchange.undecodable in PACKED
    announced = "close" in (exchange.header("connection") or "").lower()
    closed = exchange.ended in (Ended.CLOSED_EARLY, Ended.RESET)
    return not (closed and announced and exchange.header("content-length") is None)


def body_text(exchange: Exchange) -> str:
    """The body as JavaScript reads it: as UTF-8, without a byte order mark."""
    return exchange.text.removeprefix("\ufeff")


def terminated(exchange: Exchange) -> Failure:
    """The exception of a stream whose connection fails."""
    return replace(plain("TypeError", "terminated", exchange.seconds), connection=True)


def unread(message: str, exchange: Exchange) -> Failure:
    """The exception for an answer of 2xx that cannot be used."""
    return replace(_failed(message, exchange), body=body_text(exchange))
