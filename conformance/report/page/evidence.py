"""Exchanges as the page shows them: decoded, made visible, and cut to the room that the page has."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from conformance.report.bodies import body_text, row_of, whole_body
from conformance.report.curl import curl
from conformance.report.text import cut, visible

_KEPT = 24  # characters that stay of a part that a chunk repeats, to recognise it
_COMMAND = 3_000  # characters of a command that is still convenient to paste
_BARE = 1_000  # characters of a command without its body
_PICK = "'.exchanges[] | select(.id == $id).request.body'"  # of jq


@dataclass(frozen=True)
class Room:
    """How much of a provider's text is shown: characters of each text, rows of each table, turns of each client."""

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
        usual = {
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
        room = cls(**{name: int(most * share) for name, most in usual.items()})
        return replace(room, chunk=int(usual["chunk"] * min(1.0, 3 * share)))  # fewer rows, still legible


def failures_by_exchange(report: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What failed in each exchange, by its id: the probe and the evidence."""
    found: dict[str, list[dict[str, str]]] = {}
    for seen in report["observations"]:
        for id in seen["exchanges"] if seen["outcome"] == "failed" else ():
            found.setdefault(id, []).append({"probe": seen["probe"], "actual": seen["actual"]})
    return found


def first_with_same_request(exchanges: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """For each exchange the id of the first with the same whole `request`, and with the same `headers`; "" for itself.

    The page shows each request once, and each set of headers.
    """
    firsts: dict[Any, str] = {}
    found: dict[str, dict[str, str]] = {}
    for exchange in exchanges:
        request, id = exchange["request"], exchange["id"]
        headers = tuple(map(tuple, request["headers"]))
        whole = (request["method"], request["url"], headers, body_text(request["body"]), request["cut"])
        same = {"request": firsts.setdefault(whole, id), "headers": firsts.setdefault(headers, id)}
        found[id] = {what: first if first != id else "" for what, first in same.items()}
    return found


def shown_exchange(
    exchange: Mapping[str, Any], room: Room, failures: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    """What the page shows of one exchange; `failures` are those found in it."""
    request, response = exchange["request"], exchange["response"]
    return {
        "id": exchange["id"],
        "method": visible(request["method"]),
        "path": visible(_path(request["url"])[: room.header]),
        "url": visible(request["url"][: room.header]),
        "sent": _headers(request, room),
        "asked": cut(body_text(request["body"]), room.body),
        "status": response and f"{response['status']} {visible(response['reason'][:60])}".strip(),
        "good": bool(response) and 200 <= response["status"] < 300,
        "head": response and {**response, "headers": _headers(response, room)},
        "rows": _rows(exchange, room, _marks(exchange, failures[: room.cases])),
        "failures": failures[: room.cases],
        "curl": _command(exchange, min(room.body, _COMMAND)),
        "request_cut": request["cut"],
        "chunks": len(exchange["chunks"]),
        "at_once": exchange["chunks"][0][0] if len(exchange["chunks"]) == 1 else None,
        "body": cut(whole_body(exchange), room.body // (3 if len(exchange["chunks"]) > 1 else 1)),
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


def _command(exchange: Mapping[str, Any], most: int) -> str:
    """The `curl` command that repeats it; for a body too long for the room, the command reads it from report.json.

    "" where no command would send the same: for a body that is not text, and for very long headers.
    """
    request = exchange["request"]
    if not most or not isinstance(request["body"], str):
        return ""
    whole = curl(exchange)
    if len(whole) <= most:
        return whole
    bare = curl({**exchange, "request": {**request, "body": ""}})
    pick = f"jq -j --arg id {shlex.quote(visible(exchange['id']))} {_PICK} report.json"
    command = f"{pick} |\n{bare} \\\n  --data-binary @-"
    return command if len(command) <= most + _BARE else ""


def _marks(exchange: Mapping[str, Any], failures: Sequence[Mapping[str, str]]) -> set[int]:
    """The chunks that the failures are about."""
    if len(exchange["chunks"]) < 2:
        return set()
    texts = [body_text(entry) for _, entry in exchange["chunks"]]
    found = {row_of(texts, evidence) for evidence in {failure["actual"] for failure in failures}}
    return {n for n in found if n is not None}


def _rows(exchange: Mapping[str, Any], room: Room, marks: set[int]) -> list[dict[str, Any]]:
    """Arrival, pause and text of the first chunks and of those around a mark."""
    chunks, rows, last = exchange["chunks"], [], -1
    around = {n for mark in marks for n in (mark - 1, mark, mark + 1)} if room.chunks else set()
    for n in sorted({*range(min(room.chunks, len(chunks))), *around} & set(range(len(chunks)))):
        rows.append(_row(exchange, n, room, marked=n in marks, skipped=n - last - 1))
        last = n
    if left := len(chunks) - last - 1:
        rows.append({"gap": f"{left:,} more", "text": None})
    return rows


def _row(exchange: Mapping[str, Any], n: int, room: Room, *, marked: bool, skipped: int) -> dict[str, Any]:
    at, entry = exchange["chunks"][n]
    text = body_text(entry)
    if n and not marked:
        text = new_part(text, body_text(exchange["chunks"][n - 1][1]))
    gaps = [f"{skipped:,} more"] if skipped else []
    gaps += [f"{exchange['cut']:,} bytes not kept"] if n == exchange["cut_at"] else []
    return {
        "at": at,
        "pause": at - (exchange["chunks"][n - 1][0] if n else 0.0),
        "gap": ", ".join(gaps),
        "marked": marked,
        "text": cut(visible(text), room.chunk * (8 if marked else 1)),
    }


def new_part(text: str, before: str) -> str:
    """The text with the beginning and end that it repeats from the one before it shortened, so that the new part shows."""
    head = _alike(text, before)
    tail = _alike(text[head:][::-1], before[head:][::-1])
    end = len(text) - tail
    shown = text[head - _KEPT : end] if head > 2 * _KEPT else text[:end]
    return f"{'… ' if head > 2 * _KEPT else ''}{shown}{_shortened(text[end:])}"


def _alike(one: str, other: str) -> int:
    """How many characters both begin with; found by halving, since texts may be long."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shortened(tail: str) -> str:
    return f"{tail[:_KEPT]} …" if len(tail) > 2 * _KEPT else tail
