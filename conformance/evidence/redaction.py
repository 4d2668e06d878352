"""The only place that removes secrets, before anything is kept, shown or written.

Secrets are masked in the places for them (credential headers, query values) and found by value everywhere else, also
when a chunk border or two streamed deltas cut them in two. A mask is as long as what it covers, so that lengths,
offsets and chunk borders stay true.
"""

from __future__ import annotations

import base64
import html
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

from conformance.evidence.secret_patterns import (
    FEWEST_DISTINCT,
    SCHEMES,
    SHAPES,
    SHORTEST,
    Form,
    Span,
    forms_of,
    worth_masking,
)

Headers = tuple[tuple[str, str], ...]

URL_HEADERS = frozenset({"location", "content-location", "referer", "link"})
# By the end of the name, because gateways invent names (`cf-aig-authorization`, `x-portkey-api-key`).
# `x-ratelimit-limit-tokens` and `idempotency-key` are evidence, not secrets.
_SECRET_HEADER = re.compile(
    r"(?:set-)?cookie|openai-(?:organization|project)|anthropic-organization-id|cf-access-client-id|helicone-auth|"
    r".*(?:authorization|(?:api|subscription|virtual)[-_]?key)|(?:.*[-_])?(?:token|secret|password)"
)
_SECRET_QUERY = re.compile(
    r"code|(?:.*[-_])?(?:key|apikey|token|sig|signature|secret|password|credential|authorization)"
)
_USERINFO = re.compile(r"(?P<before>[A-Za-z][A-Za-z0-9+.-]{0,20}://(?:[^/?#@:]*:(?=[^/?#]*@))?)(?P<value>[^/?#]*)(?=@)")
_PARAMETER = re.compile(r"(?P<before>[?&;#](?P<name>[^=&;#?]{1,200})=)(?P<value>[^&;#]*)")
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z-]+)(?P<gap>[ \t]+)(?P<rest>.+)", re.DOTALL)


class _Piece(NamedTuple):
    """A JSON string of a stream: its key, the nearest index before it, all indexes of its line, its place."""

    key: bytes
    nearest: bytes
    indexes: tuple[bytes, ...]
    span: Span


_LINE = re.compile(rb"[^\r\n]+")
_PLAIN_DATA = re.compile(rb"data: ?+(?![\[{])")
_INDEX = re.compile(rb'"index"[ \t]*:[ \t]*(\d{1,9})')
_STRING = re.compile(
    rb'"index"[ \t]*:[ \t]*(?P<index>\d{1,9})|'
    rb'"(?P<key>[^"\\\r\n]{1,64})"[ \t]*:[ \t]*"(?P<value>(?:[^"\\\r\n]++|\\[^\r\n])*+)'
)


def _pieces(data: bytes) -> Iterator[_Piece]:
    """The strings of a stream, in order, not decoded: the patterns of a form know the escapes."""
    for line in _LINE.finditer(data):
        start, end = line.span()
        plain = _PLAIN_DATA.match(data, start, end)
        if plain:
            yield _Piece(b"", b"", (), (plain.end(), end))
        nearest, indexes = b"", tuple(_INDEX.findall(data, start, end))
        for found in _STRING.finditer(data, start, end):
            if found["key"] is None:
                nearest = found["index"]
            else:
                yield _Piece(found["key"], nearest, indexes, found.span("value"))


def _joined_strings(data: bytes) -> Iterator[list[Span]]:
    """The strings that a client would join to one text: all of one key, then also those of one key and index."""
    pieces = list(_pieces(data))
    ways: list[Callable[[_Piece], Any]] = [lambda piece: piece.key]
    if len({index for piece in pieces for index in piece.indexes}) > 1:
        # Parallel calls and choices come interleaved, with their index before or after the string.
        ways += [lambda piece: (piece.key, piece.nearest), lambda piece: (piece.key, piece.indexes)]
    for way in ways:
        groups: dict[Any, list[Span]] = {}
        for piece in pieces:
            groups.setdefault(way(piece), []).append(piece.span)
        yield from (spans for spans in groups.values() if _length(spans) >= SHORTEST)


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


def _split(span: Span, places: Sequence[Span], starts: Sequence[int]) -> Iterator[Span]:
    """A span of joined strings as spans of the body; `starts` is where each string starts in the joined text."""
    for n in range(bisect_right(starts, span[0]) - 1, len(places)):
        if starts[n] >= span[1]:
            return
        shift = places[n][0] - starts[n]
        yield max(span[0] + shift, places[n][0]), min(span[1] + shift, places[n][1])


def _encode(text: str) -> bytes:
    """The bytes to search. A lone surrogate, which JSON allows in a text, raises no error."""
    return text.encode("utf-8", "surrogatepass")


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _mask(data: bytes, spans: Iterable[Span]) -> bytes:
    masked = bytearray(data)
    for start, end in spans:
        masked[start:end] = b"*" * (end - start)
    return bytes(masked)


@dataclass(frozen=True)
class Redactor:
    """Masks the given secrets, and every value in a place for secrets. Pure; keeps every length."""

    secrets: Iterable[str] = field(repr=False)
    secret_headers: Iterable[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "secrets", tuple(self.secrets))
        object.__setattr__(self, "secret_headers", tuple(name.lower() for name in self.secret_headers))

    @cached_property
    def _forms(self) -> tuple[Form, ...]:
        return tuple(form for secret in worth_masking(self.secrets) for form in forms_of(secret))

    def _found(self, data: bytes) -> list[Span]:
        return [span for form in self._forms for span in form.spans(data)]

    def _found_across(self, data: bytes, places: list[Span]) -> list[Span]:
        """Where a secret is that appears only when the strings at these places are joined."""
        found = self._found(b"".join([data[start:end] for start, end in places]))
        starts = list(accumulate((end - start for start, end in places), initial=0)) if found else []
        return [part for span in found for part in _split(span, places, starts)]

    def headers(self, headers: Headers) -> Headers:
        """Headers without credentials; the scheme (`Bearer`) stays, because it is evidence."""
        return tuple((name, self._header(name.lower(), value)) for name, value in headers)

    def _header(self, name: str, value: str) -> str:
        if name in self.secret_headers or _SECRET_HEADER.fullmatch(name):
            parts = _CREDENTIALS.fullmatch(value)
            kept = parts["scheme"] + parts["gap"] if parts and parts["scheme"].lower() in SCHEMES else ""
            return kept + "*" * (len(value) - len(kept))
        return self.url(value) if name in URL_HEADERS else self.text(value)

    def url(self, url: str) -> str:
        """A URL without passwords, values of query parameters for keys, and secrets."""
        url = _USERINFO.sub(lambda found: found["before"] + "*" * len(found["value"]), self.text(url))
        return _PARAMETER.sub(self._parameter, url)

    def _parameter(self, found: re.Match[str]) -> str:
        name = unquote(found["name"]).lower()
        secret = name in self.secret_headers or _SECRET_QUERY.fullmatch(name)
        return found["before"] + "*" * len(found["value"]) if secret else found[0]

    def text(self, text: str) -> str:
        """The text without the secrets, as long as before."""
        data, done, parts = _encode(text), 0, []
        for start, end in sorted(self._found(data)):
            if end > done:
                parts += [_decode(data[done:start]), "*" * len(_decode(data[max(start, done) : end]))]
                done = end
        return "".join([*parts, _decode(data[done:])]) if parts else text

    def body(self, chunks: Sequence[bytes]) -> list[bytes]:
        """The chunks of a body without the secrets, as many and as long as before."""
        data = b"".join(chunks)
        spans = self._found(data)
        if self._forms and (b"data:" in data or b"\n{" in data):
            for places in _joined_strings(data):
                spans += self._found_across(data, places)
        if not spans:
            return list(chunks)
        masked, ends = _mask(data, spans), accumulate(len(chunk) for chunk in chunks)
        return [masked[end - len(chunk) : end] for chunk, end in zip(chunks, ends, strict=True)]


def secrets_in(headers: Headers, url: str, *bodies: bytes) -> list[str]:
    """The secrets of an exchange that another program recorded: values in places for secrets, and what looks like a key.

    Cookies are left out: their headers are masked anyway, and no server repeats them.
    """
    in_headers = [v for name, v in headers if _SECRET_HEADER.fullmatch(name.lower()) and "cookie" not in name.lower()]
    in_url = [f["value"] for f in _PARAMETER.finditer(url) if _SECRET_QUERY.fullmatch(unquote(f["name"]).lower())]
    shaped = [_decode(found) for body in bodies for found in SHAPES.findall(body)]
    found = dict.fromkeys(value.rpartition(" ")[2] for value in (*in_headers, *map(unquote, in_url), *shaped))
    return [value for value in found if len(set(value)) >= FEWEST_DISTINCT]


def leaks(secrets: Iterable[str], data: bytes) -> list[str]:
    """The forms in which a secret is still there. It decodes the data, so it shares no pattern with the code above."""
    text = data.decode("utf-8", "replace")
    unquoted, unescaped = unquote(text), _without_escapes(text)
    views: dict[str, Iterable[str]] = {
        "plain": [text],
        "percent-encoded": [unquoted, unquote_plus(text), unquote(unquoted), unquote(unquote(unquoted))],
        "json-escaped": [unescaped, _without_escapes(unescaped)],
        "html": [html.unescape(text)],
        "base64": _decoded_runs(r"[\w+/-]{10,}", unquoted.replace("\\/", "/"), 4, _from_base64),
        "hex": _decoded_runs(r"[0-9A-Fa-f]{16,}", text, 2, _from_hex),
        "split-over-deltas": _joined_values(text),
    }
    wanted = [secret for secret in secrets if secret]
    return [form for form, seen in views.items() if any(secret in view for view in seen for secret in wanted)]


def _without_escapes(text: str) -> str:
    plain = re.sub(r"\\(?:u([0-9A-Fa-f]{4})|([/\\\\\"']))", lambda m: chr(int(m[1], 16)) if m[1] else m[2], text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _from_base64(digits: str) -> bytes:
    return base64.b64decode((digits + "A" * (-len(digits) % 4)).replace("-", "+").replace("_", "/"))


def _from_hex(digits: str) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _decoded_runs(run: str, text: str, group: int, decode: Callable[[str], bytes]) -> Iterator[str]:
    """Every run of digits, decoded from each digit at which a group may begin."""
    for found in re.findall(run, text, re.ASCII):
        for start in range(group):
            yield decode(found[start:]).decode("utf-8", "replace")


def _joined_values(text: str) -> Iterator[str]:
    """The strings of all JSON lines, joined by key, and by key and index; other lines joined unchanged."""
    joined: dict[tuple[str, str | None], list[str]] = {}
    for line in re.split(r"[\r\n]+", text):
        content = line.removeprefix("data:").removeprefix(" ")
        try:
            _gather(json.loads(content), "", None, joined)
        except (ValueError, RecursionError):
            joined.setdefault(("", None), []).append(content)
    yield from map("".join, joined.values())


def _gather(value: Any, key: str, index: str | None, joined: dict[tuple[str, str | None], list[str]]) -> None:
    if isinstance(value, str):
        for name in {(key, None), (key, index)}:
            joined.setdefault(name, []).append(value)
    elif isinstance(value, list):
        for item in value:
            _gather(item, key, index, joined)
    elif isinstance(value, dict):
        for name, item in value.items():
            _gather(item, name, str(value.get("index", index)), joined)
