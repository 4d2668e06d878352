"""Exchanges as a person reads them: decoded, made visible, and cut to the room that a page has."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from conformance.reporters._words import visible


@dataclass(frozen=True)
class Room:
    """How much is shown of what a provider said: characters of each text, rows of each table, turns of each client."""

    message: int
    body: int
    chunk: int
    chunks: int
    header: int
    headers: int
    cases: int
    turns: int
    moments: int

    @classmethod
    def of(cls, share: float) -> Room:
        """The usual room, or a share of it."""
        told = {
            "message": 1_000,
            "body": 6_000,
            "chunk": 160,
            "chunks": 40,
            "header": 300,
            "headers": 40,
            "cases": 5,
            "turns": 30,
            "moments": 12,
        }
        return cls(**{name: int(most * share) for name, most in told.items()})


def shown_exchange(exchange: Mapping[str, Any], room: Room) -> dict[str, Any]:
    """What the page shows of one exchange."""
    request, response = exchange["request"], exchange["response"]
    return {
        "id": exchange["id"],
        "method": visible(request["method"]),
        "path": visible(_path(request["url"])[: room.header]),
        "url": visible(request["url"][: room.header]),
        "sent": _headers(request, room),
        "asked": cut(_text(request["body"]), room.body),
        "status": response and f"{response['status']} {visible(response['reason'][:60])}".strip(),
        "good": bool(response) and 200 <= response["status"] < 300,
        "head": response and {**response, "headers": _headers(response, room)},
        "rows": _rows(exchange, room),
        "more_rows": max(len(exchange["chunks"]) - room.chunks, 0),
        "chunks": len(exchange["chunks"]),
        "body": cut(whole_body(exchange), room.body),
        "ended": exchange["ended"],
        "detail": visible(exchange["detail"][: room.message]),
        "undecodable": visible(exchange["undecodable"][: room.header]),
        "echoed_key": exchange["echoed_key"],
        "seconds": exchange["seconds"],
    }


def _path(url: str) -> str:
    try:
        return urlsplit(url).path or url
    except ValueError:
        return url


def _headers(head: Mapping[str, Any], room: Room) -> list[tuple[str, str]]:
    rows = [(visible(n[: room.header]), cut(v, room.header)) for n, v in head["headers"][: room.headers]]
    left = len(head["headers"]) + head["headers_cut"] - len(rows)
    return [*rows, ("…", f"{left} more")] if left else rows


def _rows(exchange: Mapping[str, Any], room: Room) -> list[dict[str, Any]]:
    """Arrival, the pause before it, and the text of the first chunks."""
    rows, before = [], 0.0
    for n, (at, entry) in enumerate(exchange["chunks"][: room.chunks]):
        gap = f"{exchange['cut']:,} bytes not kept" if n == exchange["cut_at"] else ""
        rows.append(
            {"at": at, "pause": at - before, "gap": gap, "text": cut(visible(_text(entry)), room.chunk)}
        )
        before = at
    return rows


def whole_body(exchange: Mapping[str, Any]) -> str:
    """The whole body, with a note where some is missing; characters that chunks tore apart are joined."""
    chunks, at = exchange["chunks"], exchange["cut_at"]
    if at is None:
        return _joined(chunks)
    return f"{_joined(chunks[:at])}\n[… {exchange['cut']:,} bytes not kept …]\n{_joined(chunks[at:])}"


def _joined(chunks: Sequence[Any]) -> str:
    return b"".join(_bytes(entry) for _, entry in chunks).decode("utf-8", "backslashreplace")


def _bytes(entry: Any) -> bytes:
    """The bytes that a chunk stands for; a report from elsewhere may hold bad base64."""
    if isinstance(entry, str):
        return entry.encode("utf-8", "backslashreplace")
    try:
        return base64.b64decode(entry["base64"], validate=True)
    except (binascii.Error, ValueError):
        return b"[not base64]"


def _text(entry: Any) -> str:
    return _bytes(entry).decode("utf-8", "backslashreplace")


def cut(text: str, most: int) -> str:
    """The text made visible and cut in the middle to `most` characters, line breaks kept."""
    if len(text) > most:
        head, tail = most * 3 // 4, most // 4
        text = f"{text[:head]}\n[… {len(text) - head - tail:,} characters more …]\n{text[len(text) - tail :]}"
    return visible(text, keep="\n")
