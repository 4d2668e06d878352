"""Cassettes of vcrpy and its relatives (VCR for Ruby, go-vcr), as YAML or JSON, whatever the serializer. Pure.

Formats: https://vcrpy.readthedocs.io/, https://github.com/vcr/vcr, https://github.com/dnaeon/go-vcr
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.evidence.exchange import Ended, Lost
from conformance.traffic.recorded import (
    Course,
    Recorded,
    body_of,
    each,
    number_of,
    pairs,
    text_of,
    written,
)
from conformance.wire.cassette import OURS

DROPPED = frozenset({Lost.HEADERS})  # those who record filter the headers as they please

REPLACED = (
    "\ufffd".encode()
)  # written down in place of bytes that are no text, by the recorder or by the provider


def is_cassette(value: Any) -> bool:
    """True for the content of a cassette."""
    return isinstance(value, Mapping) and any(isinstance(found, list) for found in _lists(value))


def _lists(value: Mapping[str, Any]) -> Iterator[Any]:
    yield value.get("interactions")
    yield value.get("http_interactions")
    yield value.get("requests") and value.get("responses")


def exchanges(value: Mapping[str, Any]) -> Iterator[Recorded]:
    """Every interaction that has a request."""
    found = (entry for entry in _interactions(value) if isinstance(entry, Mapping))
    return each((entry for entry in found if isinstance(entry.get("request"), Mapping)), _exchange)


def _interactions(value: Mapping[str, Any]) -> Iterator[Any]:
    """The interactions; some serializers keep requests and responses in two lists."""
    yield from value.get("interactions") or value.get("http_interactions") or ()
    asked, answered = value.get("requests"), value.get("responses")
    if isinstance(asked, list) and isinstance(answered, list):
        yield from ({"request": q, "response": a} for q, a in zip(asked, answered, strict=False))


def _exchange(entry: Mapping[str, Any]) -> Recorded:
    request, told = entry["request"], entry.get("response")
    response: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    body, course = _body(response), _course(response)
    status = response.get("status_code", response.get("code", response.get("status")))
    return Recorded(
        text_of(request.get("method")).upper(),
        text_of(request.get("uri") or request.get("url")),
        pairs(request.get("headers")),
        _body(request),
        number_of(status),
        pairs(response.get("headers")),
        body,
        DROPPED | ({Lost.BYTES} if REPLACED in (body or b"") and not course else set()),
        course,
    )


def _course(response: Mapping[str, Any]) -> Course | None:
    """How the answer came, where the cassette is one of ours."""
    told: Any = response.get(OURS)
    try:
        pieces = tuple((float(at), int(length)) for at, length in told["chunks"])
        return Course(
            float(told["at"]), pieces, float(told["seconds"]), Ended(told["ended"]), str(told["detail"])
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _body(message: Mapping[str, Any]) -> bytes | None:
    """The body, or what a serializer has made of it."""
    if "parsed_body" in message:
        return written(message["parsed_body"])
    return body_of(message.get("body", message.get("content")))
