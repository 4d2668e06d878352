"""Cassettes of vcrpy and its relatives (VCR for Ruby, go-vcr), as YAML or JSON, whatever the serializer. Pure.

Formats: https://vcrpy.readthedocs.io/, https://github.com/vcr/vcr, https://github.com/dnaeon/go-vcr
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.evidence.exchange import Ended, Lost
from conformance.traffic.content import Content
from conformance.traffic.recorded import Course, Recorded, body_of, each, number_of, pairs, text_of, written
from conformance.wire.cassette import OURS

NAME, DESCRIPTION, GENERIC = "cassette", "vcrpy cassette", False
SUFFIXES = frozenset({".yaml", ".yml", ".json"})
BEGINNINGS = (b"interactions:", b"http_interactions:", b'{"interactions"', b'{"version"')
DROPPED = frozenset({Lost.HEADERS})  # recorders filter headers
# What a recorder, or a provider, writes in place of bytes that are not text.
REPLACED = "\ufffd".encode()


def detect(content: Content) -> Iterator[Recorded] | None:
    """Every interaction of a cassette that has a request."""
    value = content.value
    cassette = isinstance(value, Mapping) and any(isinstance(found, list) for found in _lists(value))
    return exchanges(value) if cassette else None


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
    request, given = entry["request"], entry.get("response")
    response: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
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
    """How the answer came, if this suite recorded the cassette."""
    given: Any = response.get(OURS)
    try:
        pieces = tuple((float(at), int(length)) for at, length in given["chunks"])
        return Course(float(given["at"]), pieces, float(given["seconds"]), Ended(given["ended"]), str(given["detail"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _body(message: Mapping[str, Any]) -> bytes | None:
    """The body, or what a serializer made of it."""
    if "parsed_body" in message:
        return written(message["parsed_body"])
    return body_of(message.get("body", message.get("content")))
