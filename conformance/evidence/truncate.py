"""Evidence as JSON within a budget of bytes, so that a report stays small whatever a server sends.

When everything fits, nothing is cut. Otherwise the longest parts are cut first, and all cut parts end up equally long:
short exchanges stay complete next to a reply of many megabytes. A cut keeps the head and some of the tail, because
that is where faults show, and says how much is missing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

from conformance.evidence.exchange import Chunk, Exchange, Headers, Response

_COMMA = 2  # bytes between two entries
_MARK = 40  # bytes reserved for the note that says how much was cut

LONGEST_REQUEST = 60_000  # bytes: a request can be sent again, so a long body need not be kept

Entry = list[Any]


def size(value: Any) -> int:
    """The bytes that the value takes as JSON in UTF-8."""
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def level(sizes: Sequence[int], budget: int) -> int:
    """The length to which the longest must be cut so that all together fit the budget."""
    ordered = sorted(sizes)
    for n, length in enumerate(ordered):
        share = budget // (len(ordered) - n)
        if length > share:
            return max(share, 0)
        budget -= length
    return ordered[-1] if ordered else 0


def fitted(text: str, room: int) -> str:
    """The text, cut in the middle until it takes at most `room` bytes of JSON."""
    if len(text) <= room and size(text) <= room:
        return text
    return str(_body(text.encode("utf-8", "backslashreplace"), room)[0])


def truncated(exchanges: Sequence[Exchange], budget: int) -> list[dict[str, Any]]:
    """The exchanges as JSON of at most `budget` bytes, provided that their bare heads fit into it."""
    entries = [_bare(exchange) for exchange in exchanges]
    left = max(budget - sum(size(entry) + _COMMA for entry in entries), 0)
    room = _room(exchanges, left)
    for exchange, entry in zip(exchanges, entries, strict=True):
        _fill(entry, exchange, room)
    return entries


def _bare(exchange: Exchange) -> dict[str, Any]:
    """The exchange without the parts whose length the server decides; numbers take their widest form."""
    request = {"method": exchange.request.method, "url": fitted(exchange.request.url, 2_000)}
    return {
        "id": exchange.id,
        "conversation": exchange.conversation,
        "request": {**request, "headers": [], "headers_cut": 0, "body": "", "cut": 0},
        "response": exchange.response and _head(exchange.response),
        "chunks": [],
        "cut": 10**9,
        "cut_at": 10**9,
        "ended": str(exchange.ended),
        "detail": fitted(exchange.detail, 1_000),
        "seconds": round(exchange.seconds, 6),
        "started": round(exchange.started, 6),
        "undecodable": fitted(exchange.undecodable, 200),
        "echoed_key": exchange.echoed_key,
    }


def _head(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "reason": fitted(response.reason, 200),
        "http_version": fitted(response.http_version, 40),
        "headers": [],
        "headers_cut": 0,
        "at": round(response.at, 6),
    }


def _room(exchanges: Sequence[Exchange], budget: int) -> int:
    """The `level` of all parts, approached from below: a part that is cut anyway need not be measured to its end."""
    room, reached = 0, budget // (4 * len(exchanges) or 1)
    while reached > room * 1.02:
        room = reached
        costs = [cost for exchange in exchanges for cost in _costs(exchange, room)]
        fitting = [cost for cost in costs if cost <= room]
        if len(fitting) < len(costs):
            reached = (budget - sum(fitting)) // (len(costs) - len(fitting))
    return room


def _costs(exchange: Exchange, most: int) -> list[int]:
    """The bytes that each complete part would take; above `most` the exact number does not matter."""
    received = exchange.response.headers if exchange.response else ()
    return [
        _added((size(_as_json(exchange.request.body[: most + 1])),), most),
        _added((size(_header(pair)) for pair in exchange.request.headers), most),
        _added((size(_header(pair)) for pair in received), most),
        _added((size(_entry(chunk, chunk.data[: most + 1])) for chunk in exchange.chunks), most),
    ]


def _added(costs: Iterable[int], most: int) -> int:
    total = 0
    for cost in costs:
        total += cost + _COMMA
        if total > most:
            break
    return total


def _fill(entry: dict[str, Any], exchange: Exchange, room: int) -> None:
    request, response = entry["request"], entry["response"]
    request["body"], request["cut"] = _body(exchange.request.body, min(room, LONGEST_REQUEST))
    request["headers"] = _headers(exchange.request.headers, room)
    request["headers_cut"] = len(exchange.request.headers) - len(request["headers"])
    if exchange.response:
        response["headers"] = _headers(exchange.response.headers, room)
        response["headers_cut"] = len(exchange.response.headers) - len(response["headers"])
    entry["chunks"], entry["cut"], entry["cut_at"] = _chunks(exchange.chunks, room)


def _headers(headers: Headers, room: int) -> list[Entry]:
    kept: list[Entry] = []
    for pair in headers:
        room -= size(_header(pair)) + _COMMA
        if room < 0:
            break
        kept.append(_header(pair))
    return kept


def _header(pair: tuple[str, str]) -> Entry:
    return [fitted(pair[0], 200), fitted(pair[1], 2_000)]


def _body(data: bytes, room: int) -> tuple[Any, int]:
    """A body within `room`, and how many bytes were cut from its middle."""
    whole = _as_json(data) if len(data) <= room else None
    if whole is not None and size(whole) + _COMMA <= room:
        return whole, 0
    left = max(room - _MARK, 0)
    head = _part(data, left * 3 // 4)
    tail = _part(data[len(head) :], left // 4, from_end=True)
    cut = len(data) - len(head) - len(tail)
    if isinstance(_as_json(head), dict) or isinstance(_as_json(tail), dict):
        return _as_json(head), len(data) - len(head)
    return f"{head.decode()} [... {cut:,} bytes cut ...] {tail.decode()}" if room >= _MARK else "", cut


def _chunks(chunks: Sequence[Chunk], room: int) -> tuple[list[Entry], int, int | None]:
    """The chunks within `room`, how many bytes were cut, and before which of the remaining chunks."""
    if _added((size(_entry(chunk, chunk.data[: room + 1])) for chunk in chunks), room) <= room:
        return [_entry(chunk, chunk.data) for chunk in chunks], 0, None
    head = _taken(chunks, room * 3 // 4)
    tail = _taken(_after(chunks, head)[::-1], room // 4, from_end=True)[::-1]
    kept = [*head, *tail]
    cut = sum(len(chunk.data) for chunk in chunks) - sum(len(part) for _, part in kept)
    return [_entry(chunk, part) for chunk, part in kept], cut, len(head)


def _taken(chunks: Sequence[Chunk], room: int, *, from_end: bool = False) -> list[tuple[Chunk, bytes]]:
    """The first chunks that fit, the last of them cut."""
    taken: list[tuple[Chunk, bytes]] = []
    for chunk in chunks:
        room -= size(_entry(chunk, b"")) + _COMMA
        part = _part(chunk.data, room + 2, from_end=from_end)  # two quotes are counted in both
        if room < 0 or (chunk.data and not part):
            break
        taken.append((chunk, part))
        if len(part) < len(chunk.data):
            break
        room -= size(_as_json(part)) - 2
    return taken


def _after(chunks: Sequence[Chunk], head: Sequence[tuple[Chunk, bytes]]) -> list[Chunk]:
    """The chunks after `head`, beginning with the rest of its last one."""
    left = list(chunks[len(head) :])
    chunk, part = head[-1] if head else (Chunk(0, b""), b"")
    return [Chunk(chunk.at, chunk.data[len(part) :]), *left] if len(part) < len(chunk.data) else left


def _entry(chunk: Chunk, data: bytes) -> Entry:
    return [round(chunk.at, 6), _as_json(data)]


def _part(data: bytes, room: int, *, from_end: bool = False) -> bytes:
    """The beginning (or end) of data that takes at most about `room` bytes of JSON, in whole characters."""
    length = min(len(data), max(room, 0))
    while length > 0:
        part = _trimmed(data[len(data) - length :] if from_end else data[:length], from_end)
        if size(_as_json(part)) <= room:
            return part
        length = length * 9 // 10
    return b""


def _trimmed(part: bytes, from_end: bool) -> bytes:
    """The part without the pieces of a character that a cut left; unchanged when it was not UTF-8 before."""
    for n in range(min(4, len(part))):
        whole = part[n:] if from_end else part[: len(part) - n]
        if isinstance(_as_json(whole), str):
            return whole
    return part


def _as_json(data: bytes) -> str | dict[str, str]:
    """Bytes as text, or as base64 when they are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}
