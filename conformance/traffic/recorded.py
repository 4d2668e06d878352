"""One exchange as a file stores it, and the ways in which recorders store a body. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import Any

from conformance.evidence.decoding import UNPACKERS, Decoder
from conformance.evidence.exchange import Chunk, Ended, Headers, Lost

MOST = 100_000_000  # bytes of one file, of one unpacked body, of one value written as JSON
GZIP = b"\x1f\x8b"
_LONGEST_PLACEHOLDER = 100
PLACEHOLDER = re.compile(
    r"[\s*<>\[\]()'\"_.-]*"
    r"(?:redacted|filtered|removed|masked|scrubbed|sanitized|hidden|secret|omitted|truncated|dummy|x{3,})?"
    r"[\s*<>\[\]()'\"_.-]*|<[A-Z_]+>|bearer\W+(?:redacted|filtered|masked|x{3,}|<\w+>|\*+)\W*",
    re.IGNORECASE,
)
NEVER_SHOWN = frozenset({Lost.TIMES, Lost.ENDING, Lost.PURPOSE})  # by any recording but this suite's own


class Unreadable(Exception):
    """A file, or a part of one, cannot be judged; the text says why in a few words."""


@dataclass(frozen=True)
class Course:
    """How an answer arrived, from this suite's own cassettes: seconds and length of its chunks; `at` is of its head."""

    at: float
    pieces: tuple[tuple[float, int], ...]
    seconds: float
    ended: Ended
    detail: str

    @property
    def hidden(self) -> frozenset[Lost]:
        """What even this does not show: how the server would have ended an answer that the client or the suite ended."""
        cut = self.ended in (Ended.HUNG_UP, Ended.OVER_LIMIT)
        return frozenset({Lost.PURPOSE, Lost.ENDING} if cut else {Lost.PURPOSE})

    def fits(self, body: bytes) -> bool:
        """True when the body is as long as the pieces."""
        lengths = [length for _, length in self.pieces]
        return min(lengths, default=0) >= 0 and sum(lengths) == len(body)

    def chunks(self, body: bytes) -> tuple[Chunk, ...]:
        """The body, split into its pieces."""
        cuts = pairwise(accumulate((length for _, length in self.pieces), initial=0))
        return tuple(Chunk(at, body[start:end]) for (at, _), (start, end) in zip(self.pieces, cuts, strict=True))


@dataclass(frozen=True)
class Recorded:
    """One request and its answer as recorded; None for a body or a status that is not in the file.

    `lost` is what the format cannot show, in addition to what no recording without `course` shows. Nothing is redacted yet.
    """

    method: str
    url: str
    request_headers: Headers = ()
    request_body: bytes | None = None
    status: int | None = None
    headers: Headers = ()
    body: bytes | None = None
    lost: frozenset[Lost] = frozenset()
    course: Course | None = None


def each(entries: Iterable[Any], make: Callable[[Any], Recorded]) -> Iterator[Recorded]:
    """The exchange that `make` returns for every entry; for a damaged one an exchange without an answer."""
    for entry in entries:
        try:
            yield make(entry)
        except Unreadable:
            yield Recorded("POST", "http://recorded.invalid/chat/completions", status=200)


def blanked(text: str) -> bool:
    """True for what recorders write instead of a value: nothing, stars, `REDACTED`, `<API_KEY>`."""
    return len(text) <= _LONGEST_PLACEHOLDER and PLACEHOLDER.fullmatch(text.strip()) is not None


def pairs(headers: Any) -> Headers:
    """Headers in any form that recorders use: a mapping to strings or lists, a list of pairs, or of names and values."""
    entries: Iterable[Any] = headers.items() if isinstance(headers, Mapping) else headers or ()
    found: list[tuple[str, str]] = []
    for entry in entries if isinstance(entries, Iterable) and not isinstance(entries, str | bytes) else ():
        named = (entry.get("name"), entry.get("value")) if isinstance(entry, Mapping) else entry
        if isinstance(named, list | tuple) and len(named) == 2:
            values = named[1] if isinstance(named[1], list | tuple) else [named[1]]
            found += [(text_of(named[0]), text_of(value)) for value in values]
    return tuple((name, value) for name, value in found if not masked(name, value))


def masked(name: str, value: str) -> bool:
    """True for what recorders write instead of a header's value; some write its name, `X-REQUEST-ID-XXX`."""
    rest = value.lower().replace("_", "-").removeprefix(name.lower())
    return blanked(value) or (len(rest) < len(value) and blanked(rest))


def text_of(value: Any) -> str:
    """A method, a URL, or a header's name or value as text, on one line; "" for a value that is not single."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return " ".join(str(text).split()) if isinstance(text, str | int | float | date) else ""


def body_of(value: Any) -> bytes | None:
    """A body in any form that recorders use: text, bytes, `{string: ...}`, `{base64_string: ...}`, or a JSON value."""
    if isinstance(value, Mapping) and "base64_string" in value:
        return from_base64(value["base64_string"])
    if isinstance(value, Mapping) and "string" in value and value.keys() <= {"string", "encoding"}:
        return body_of(value["string"])
    if isinstance(value, Mapping) and value.keys() == {"type", "content"}:
        content = value["content"]
        return from_base64(content) if value["type"] in ("base64", "binary") else body_of(content)
    if isinstance(value, Mapping) and isinstance(value.get("state"), list) and value["state"]:
        return body_of(value["state"][0])  # a Python file object, pickled
    if isinstance(value, bytes) or value is None or _is_object(value):
        return value if isinstance(value, bytes) else None
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else written(value)


def _is_object(value: Any) -> bool:
    """True for a program's object, stored with its type instead of the body: the real body is unknown."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, Mapping) and {"__type__", "__data__"} <= first.keys()


def written(value: Any) -> bytes:
    """A JSON value that a recorder has parsed, as text again; raises Unreadable when that is too large or endless."""
    parts, length = [], 0
    encoder = json.JSONEncoder(ensure_ascii=False, default=str, skipkeys=True)
    try:
        for part in encoder.iterencode(value):
            parts.append(part)
            length += len(part)
            if length > MOST:
                raise Unreadable("a body that is too large")
    except (ValueError, RecursionError):
        raise Unreadable("a body that contains itself") from None
    return "".join(parts).encode("utf-8", "surrogatepass")


def from_base64(value: Any) -> bytes:
    """The bytes behind base64; raises Unreadable for invalid base64."""
    try:
        return base64.b64decode(value if isinstance(value, bytes) else text_of(value))
    except (binascii.Error, ValueError):
        raise Unreadable("a body that is not valid base64") from None


def unpacked(body: bytes, encoding: str = "") -> bytes:
    """The body without compression. Most recorders store it unpacked but keep its Content-Encoding.

    An incomplete body gives what it has. Raises Unreadable when its compression cannot be decoded.
    """
    encoding = "gzip" if body.startswith(GZIP) else encoding.strip().lower()
    packed = body.startswith(GZIP) if encoding.endswith("gzip") else not _is_text(body)
    if encoding not in UNPACKERS or not packed:
        return body
    decoder = Decoder(encoding, MOST, asked=encoding)
    data = decoder.decode(body)
    if decoder.failed:
        raise Unreadable(f"a body whose compression ({encoding}) cannot be decoded")
    if decoder.left < 0:
        raise Unreadable(f"a body that unpacks to more than {MOST // 1_000_000} MB")
    return data


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in body


def number_of(value: Any) -> int | None:
    """A status as a number: 200, "200 OK", {"code": 200}."""
    if isinstance(value, Mapping):
        return number_of(value.get("code"))
    found = re.match(r"\d{3}\b", text_of(value))
    return int(found.group()) if found else None
