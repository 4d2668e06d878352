"""HAR files: browsers' developer tools, mitmproxy, and many proxies write them. Pure.

Format: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.evidence.exchange import Lost, parse_json
from conformance.traffic.content import Content
from conformance.traffic.recorded import Recorded, body_of, each, from_base64, number_of, pairs, text_of

NAME, DESCRIPTION, GENERIC = "HAR", "HAR", False
SUFFIXES = frozenset({".har", ".json"})
BEGINNINGS = (b'{"log"',)


def detect(content: Content) -> Iterator[Recorded] | None:
    """Every entry of a HAR file that has a request."""
    log = _object(_object(content.value).get("log"))
    return _exchanges(log["entries"]) if "entries" in log else None


def _exchanges(entries: Any) -> Iterator[Recorded]:
    found = [e for e in entries if isinstance(e, Mapping)] if isinstance(entries, list) else []
    return each((e for e in found if isinstance(e.get("request"), Mapping)), _exchange)


def _exchange(entry: Mapping[str, Any]) -> Recorded:
    request, response = entry["request"], _object(entry.get("response"))
    content = _object(response.get("content"))
    exact = content.get("encoding") == "base64"
    return Recorded(
        text_of(request.get("method")).upper(),
        text_of(request.get("url")),
        pairs(request.get("headers")),
        body_of(_object(request.get("postData")).get("text")),
        number_of(response.get("status")),
        pairs(response.get("headers")) or pairs({"content-type": content.get("mimeType") or ""}),
        _exact(content.get("text")) if exact else body_of(content.get("text")),
        frozenset() if exact else frozenset({Lost.BYTES}),  # whoever writes text has to guess its encoding
    )


def _exact(text: Any) -> bytes | None:
    """The decoded body; Polly.JS writes a list of texts, one for each part that arrived."""
    parts = parse_json(text) if isinstance(text, str) and text.startswith("[") else [text]
    found = [from_base64(part) for part in parts or () if part is not None]
    return b"".join(found) if found else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
