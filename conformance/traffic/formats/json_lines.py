"""Logs with one JSON object per line, as proxies and gateways write them, and files of one exchange or a list of them. Pure.

These members of an object are read: `request` and `response` (or `req`, `res`, `resp`), which are either messages with `method`,
`url`, `headers`, `status` and `body`, or the bodies themselves; or flat keys: `method`, `url`, `status`,
`request_headers`, `request_body`, `response_headers`, `response_body`. README names them.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.evidence.exchange import MISSING, Lost, parse_json
from conformance.traffic.content import Content
from conformance.traffic.recorded import Recorded, body_of, each, from_base64, number_of, pairs, text_of

NAME, DESCRIPTION, GENERIC = "log", "JSON lines of requests and responses", True
SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".log", ".txt"})
BEGINNINGS = ()
PEEKED = 4_000_000  # bytes in which the first line of a log must end
LOST = frozenset({Lost.HEADERS, Lost.BYTES})
SIDES = {"request": ("request", "req"), "response": ("response", "res", "resp")}
URLS, STATUSES = ("url", "uri", "path"), ("status", "status_code", "statusCode", "code")
BODIES = ("body", "json", "data", "content")
NOWHERE = "http://recorded.invalid/v1/chat/completions"  # if only the body says what was asked


def is_entry(value: Any) -> bool:
    """True for one object of such a log."""
    return isinstance(value, Mapping) and bool(
        _first(value, SIDES["request"]) or value.get("request_body") or "method" in value
    )


def detect(content: Content) -> Iterator[Recorded] | None:
    """The entries of a log, or the one or several exchanges of a whole JSON file."""
    first = content.data[:PEEKED].lstrip().split(b"\n", 1)[0].removeprefix(BOM_UTF8)
    if is_entry(parse_json(first)):
        return exchanges(lines(content.data))
    found = entries(content.value)
    return exchanges(found) if found else None


def entries(value: Any) -> list[Any]:
    """The exchanges of a whole JSON file, one or a list of them, that have both sides."""
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, Mapping) and all(_first(one, s) for s in SIDES.values())]


def lines(data: bytes) -> Iterator[Any]:
    """The values of a log, line by line, without lines that are not JSON."""
    return (value for line in data.splitlines() if (value := parse_json(line)) is not MISSING)


def exchanges(values: Iterable[Any]) -> Iterator[Recorded]:
    """Every value that describes a request; others are skipped."""
    return each((value for value in values if is_entry(value)), _exchange)


def _exchange(entry: Mapping[str, Any]) -> Recorded:
    asked, answered = _side(entry, "request"), _side(entry, "response")
    body, answer = asked.get("body"), answered.get("body")
    url = _first(asked, URLS) or _first(entry, URLS)
    status = number_of(_first(answered, STATUSES) or _first(entry, STATUSES))
    surely = (url and status is not None) or (status or 0) >= 400
    return Recorded(
        text_of(asked.get("method") or entry.get("method") or "POST").upper(),
        text_of(url or (NOWHERE if "messages" in _object(body) else "")),
        pairs(asked.get("headers")),
        body,
        status or (200 if answer else None),
        pairs(answered.get("headers")),
        answer if surely or _may_be_an_answer(answer) else None,
        LOST,
    )


def _may_be_an_answer(body: bytes | None) -> bool:
    """False for JSON of another form: without URL or status it may belong to another API or to the program itself."""
    return "choices" in _object(body) or parse_json(body or b"") is MISSING


def _object(body: bytes | None) -> Mapping[str, Any]:
    value = parse_json(body or b"")
    return value if isinstance(value, dict) else {}


def _side(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    """One half of an exchange: `method`, `url`, `status`, `headers`, and `body` as bytes or None."""
    found = _first(entry, SIDES[name])
    if isinstance(found, Mapping) and not {"messages", "choices", "error", "object"} & found.keys():
        return {**found, "body": _bytes(found, _first(found, BODIES))}
    whole = found if found is not None else entry.get(f"{name}_body")
    return {"headers": entry.get(f"{name}_headers"), "body": _bytes({}, whole)}


def _bytes(message: Mapping[str, Any], body: Any) -> bytes | None:
    coded = message.get("encoding") == "base64" or message.get("body_encoding") == "base64"
    return from_base64(body) if coded and isinstance(body, str) else body_of(body)


def _first(value: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)
