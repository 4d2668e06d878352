"""Redaction: no form of a secret remains, no length changes, and nothing else is touched."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conformance.evidence.redaction import Redactor, leaks
from conformance.evidence.secret_patterns import PLACEHOLDERS

SAME = settings(derandomize=True, deadline=None, database=None, max_examples=150)
KEY = "sk-proj-Ab3/dEf+gH1=jKlM"
STARS = "*" * len(KEY)


def basic(before: str, after: str = "") -> Callable[[str], str]:
    """The base64 of a key with something around it."""
    return lambda key: base64.b64encode(f"{before}{key}{after}".encode()).decode()


def each(write: Callable[[int], str]) -> Callable[[str], str]:
    """Every character of a key written as an escape."""
    return lambda key: "".join(write(ord(char)) for char in key)


def inner(value: str) -> str:
    """A value as it appears between the quotes of a JSON string."""
    return json.dumps(value)[1:-1]


WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": str,
    "quoted": lambda key: quote(key, safe=""),
    "quoted-but-slash": quote,
    "form-encoded": quote_plus,
    "quoted-twice": lambda key: quote(quote(key, safe=""), safe=""),
    "quoted-thrice": lambda key: quote(quote(quote(key, safe=""), safe=""), safe=""),
    "all-quoted": each(lambda n: f"%{n:02X}"),
    "all-quoted-lower": each(lambda n: f"%{n:02x}"),
    "json": inner,
    "json-slash": lambda key: inner(key).replace("/", "\\/"),
    "json-in-json": lambda key: inner(inner(key).replace("/", "\\/")),
    "json-unicode": each(lambda n: f"\\u{n:04x}"),
    "json-unicode-upper": each(lambda n: f"\\u{n:04X}"),
    "html": html.escape,
    "html-numbers": each(lambda n: f"&#{n};"),
    "html-hex": each(lambda n: f"&#x{n:X};"),
    "base64": basic(""),
    "base64-bearer": basic("Bearer "),
    "base64-no-user": basic(":"),
    "base64-user": basic("me:"),
    "base64-both": basic("user:", ":x"),
    "base64-url": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    "base64-url-no-padding": lambda key: base64.urlsafe_b64encode(f"ab:{key}".encode()).decode().rstrip("="),
    "base64-quoted": lambda key: quote(basic("x:")(key), safe=""),
    "base64-json": lambda key: basic("")(key).replace("/", "\\/"),
    "hex": lambda key: key.encode().hex(),
    "hex-upper": lambda key: key.encode().hex().upper(),
}

keys = (
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60)
    .filter(lambda key: len(set(key) - {"*"}) >= 4)
    .filter(lambda key: key.lower() not in PLACEHOLDERS)
)
written = st.sampled_from(sorted(WRITTEN)).map(WRITTEN.__getitem__)
# Noise has no digits or punctuation that could be read as a part of an escape or of base64 before the key.
noise = st.text(st.sampled_from(' \n{}[]:,"<>|\u20ac\U0001f600'), max_size=30).map(str.encode)
cuts = st.lists(st.integers(0, 400), max_size=8)


def chunked(body: bytes, places: list[int]) -> list[bytes]:
    """A body cut at the given places."""
    borders = [0, *sorted(min(place, len(body)) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(borders)]


def clean(key: str, *chunks: bytes) -> bytes:
    """The redacted body, after the checks that always hold."""
    masked = Redactor([key]).body(chunks)
    assert [len(chunk) for chunk in masked] == [len(chunk) for chunk in chunks]
    body, seen = b"".join(chunks), b"".join(masked)
    assert all(new in (old, ord("*")) for old, new in zip(body, seen, strict=True))
    assert leaks([key], seen) == []
    return seen


@pytest.mark.parametrize("name", WRITTEN)
def test_every_form_of_a_key_is_found_and_masked(name: str) -> None:
    body = f'{{"error":"no such key: {WRITTEN[name](KEY)}, sorry"}}'.encode()
    assert leaks([KEY], body)
    seen = clean(KEY, body)
    assert seen.startswith(b'{"error":"no such key: ') and seen.endswith(b', sorry"}')


@SAME
@given(keys, written, noise, noise, cuts)
def test_no_form_of_a_key_remains_wherever_chunks_are_cut(
    key: str, write: Callable[[str], str], before: bytes, after: bytes, places: list[int]
) -> None:
    assume(not leaks([key], before + after))
    body = before + write(key).encode() + after
    seen = clean(key, *chunked(body, places))
    assert seen.startswith(before) and seen.endswith(after)


@SAME
@given(keys, st.binary(max_size=5), st.binary(max_size=5), st.booleans())
def test_base64_is_found_at_every_alignment(key: str, before: bytes, after: bytes, url: bool) -> None:
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    body = b"Basic " + encode(before + key.encode() + after) + b"."
    assert leaks([key], body)
    clean(key, body)


@SAME
@given(st.lists(keys, min_size=1, max_size=3), st.binary(max_size=300), cuts)
def test_a_body_without_a_key_stays_unchanged(secrets: list[str], body: bytes, places: list[int]) -> None:
    assume(not any(key[:8].encode() in body for key in secrets) and not leaks(secrets, body))
    chunks = chunked(body, places)
    assert Redactor(secrets).body(chunks) == chunks


@SAME
@given(st.lists(st.text(max_size=20), max_size=3), st.binary(max_size=200), st.text(max_size=100))
def test_redaction_is_total(secrets: list[str], body: bytes, text: str) -> None:
    redactor = Redactor([*secrets, "\ud800abcdefgh", "\\u0041\\/bc"], ["X-Own"])
    assert len(b"".join(redactor.body([body, b"", body]))) == 2 * len(body)
    assert len(redactor.text(text)) == len(redactor.url(text)) == len(text)
    masked = redactor.headers(((text, text), ("Authorization", text), ("Location", text)))
    assert [len(value) for _, value in masked] == [len(text)] * 3


@SAME
@given(keys, written, st.text(max_size=20), st.text(max_size=20))
def test_text_keeps_its_length_in_characters(key: str, write: Callable[[str], str], before: str, after: str) -> None:
    assume(not leaks([key], (before + after).encode("utf-8", "surrogatepass")))
    text = f"{before} {write(key)} {after}"
    seen = Redactor([key]).text(text)
    assert len(seen) == len(text) and seen.startswith(before + " ") and seen.endswith(" " + after)
    assert leaks([key], seen.encode("utf-8", "surrogatepass")) == []


def delta(name: str, value: str, index: int = 0) -> dict[str, object]:
    """One streamed chunk with a piece of text or arguments."""
    if name == "arguments":
        call = {"index": index, "function": {"arguments": value}}
        return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
    if name == "index-last":
        return {"choices": [{"delta": {"content": value}, "index": index}]}
    return {"choices": [{"index": index, "delta": {name: value}}]}


def stream_of(events: list[dict[str, object]], end: str = "\n\n", slash: str = "/") -> bytes:
    """An event stream, optionally by a server that escapes slashes."""
    lines = [f"data: {json.dumps(event).replace('/', slash)}{end}" for event in events]
    return "".join([*lines, f"data: [DONE]{end}"]).encode()


def still_json(body: bytes) -> bool:
    """True when every event but the last still parses."""
    return all(json.loads(line[6:]) for line in body.splitlines() if line and not line.endswith(b"[DONE]"))


delta_names = st.sampled_from(["content", "reasoning_content", "arguments", "index-last", "refusal"])


@SAME
@given(keys, delta_names, cuts, st.sampled_from(["\n\n", "\r\n\r\n"]), st.sampled_from(["/", "\\/"]), cuts)
def test_a_key_split_over_deltas_is_masked(
    key: str, name: str, pieces: list[int], end: str, slash: str, places: list[int]
) -> None:
    said = f"it is {inner(key) if name == 'arguments' else key}!"
    parts = [part.decode() for part in chunked(said.encode(), pieces)]
    body = stream_of([delta(name, part) for part in parts], end, slash)
    seen = clean(key, *chunked(body, places))
    assert '"' in key or still_json(seen)  # a key with quotes may cover those of the JSON itself


@SAME
@given(keys, st.sampled_from(["arguments", "index-last", "content"]), cuts)
def test_a_key_split_over_interleaved_deltas_is_masked(key: str, name: str, pieces: list[int]) -> None:
    parts = [part.decode() for part in chunked(key.encode(), pieces)]
    events = [delta(name, *pair) for n, part in enumerate(parts) for pair in ((part, 1), (f"other {n} ", 0))]
    seen = clean(key, stream_of(events))
    assert '"' in key or still_json(seen)  # a key with quotes may cover those of the JSON itself
    assert all(f"other {n} ".encode() in seen for n in range(len(parts)))


def test_a_key_split_over_one_character_deltas_is_masked_and_nothing_else() -> None:
    events = [delta("content", char) for char in f"key {KEY} ok"]
    seen = clean(KEY, stream_of(events))
    assert seen == stream_of([delta("content", char) for char in f"key {STARS} ok"])


def test_parallel_calls_in_one_event_are_kept_apart() -> None:
    calls = [[(0, KEY[:9]), (1, "one ")], [(0, KEY[9:]), (1, "two ")]]
    events: list[dict[str, object]] = [
        {"tool_calls": [{"index": n, "function": {"arguments": part}} for n, part in pair]} for pair in calls
    ]
    seen = clean(KEY, stream_of([*events, delta("arguments", "", 1)]))
    assert KEY[9:].encode() not in seen and b"one " in seen and b"two " in seen


def test_an_escape_split_over_argument_deltas_is_masked() -> None:
    written = each(lambda n: f"\\u{n:04x}")(KEY)
    events = [delta("arguments", part) for part in ('{"k":"', written[:20], written[20:], '"}')]
    assert still_json(clean(KEY, stream_of(events)))


def test_plain_text_and_line_delimited_streams_are_joined_too() -> None:
    assert KEY[:12].encode() not in clean(KEY, f"data: my {KEY[:12]}\n\ndata: {KEY[12:]}\n\n".encode())
    lines = "\n".join(json.dumps({"message": {"content": part}}) for part in (KEY[:5], KEY[5:], "."))
    assert KEY[5:].encode() not in clean(KEY, lines.encode())


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("missing", [1, 5])
def test_the_beginning_of_a_key_at_the_cut_end_of_a_body_is_masked(name: str, missing: int) -> None:
    body = b'data: {"content":"' + WRITTEN[name](KEY)[:-missing].encode()
    seen = clean(KEY, body)
    # A digit or two of base64 after the key do not belong to it.
    assert seen.startswith(b'data: {"content":"') and b"*" * 9 in seen[-20:]


def test_the_beginning_of_a_key_in_the_last_deltas_is_masked() -> None:
    body = stream_of([delta("content", "so sk-p"), delta("content", "roj-Ab3")])
    assert clean(KEY, body) == stream_of([delta("content", "so ****"), delta("content", "*******")])
    short = stream_of([delta("content", KEY[:7])])
    assert clean(KEY, short) == short


def test_a_key_that_contains_an_escape_is_masked_completely() -> None:
    for key in ("a/b\"c\\d'e&f", "\\\\/\\\\/abc", "a%2Fb%25c+d", "aéb€c😀d-ef"):
        for write in (str, inner, lambda k: inner(inner(k)), lambda k: quote(k, safe=""), html.escape):
            assert clean(key, f'"{write(key)}"'.encode()) == b'"' + b"*" * len(write(key).encode()) + b'"'


def test_overlapping_secrets_are_masked_together() -> None:
    redactor = Redactor(["abcdefgh1", "efgh1jklm", "bcdefgh1"])
    assert redactor.text("é abcdefgh1jklm é") == "é ************* é"
    assert redactor.body([b"abcde", b"fgh1jklm."]) == [b"*****", b"********."]


BACKSLASHES = "k" + "\\/" * 20 + "end"


@pytest.mark.parametrize(
    ("key", "body"),
    [
        (KEY, b"the quick brown fox skips over " * 130_000),
        (KEY, b'data: {"choices":[{"index":0,"delta":{"content":"ses"},"finish_reason":null}]}\n\n' * 40_000),
        (KEY, b"\\" * 4_000_000),
        (KEY, b'data: {"a":"' + b"\\n" * 1_000_000),
        (KEY, b"sk-proj-Ab3" * 300_000),
        (BACKSLASHES, ("k" + "\\\\\\/" * 20 + "en.").encode() * 2_000),
        ("%25" * 12 + "abc", b"%25" * 500_000),
    ],
    ids=["text", "stream", "backslashes", "open-string", "beginnings", "hostile-backslashes", "hostile-percents"],
)
def test_redaction_takes_linear_time(key: str, body: bytes) -> None:
    started = time.process_time()
    Redactor([key]).body([body])
    assert time.process_time() - started < 5.0  # usually a tenth of a second; backtracking would never end


def test_leaks_names_the_form_and_ignores_empty_secrets() -> None:
    assert leaks([KEY, ""], f"{KEY}".encode())[0] == "plain"
    assert leaks([KEY], quote(KEY).encode()) == ["percent-encoded"]
    assert leaks([KEY], basic("a:")(KEY).encode()) == ["base64"]
    assert leaks([KEY], KEY.encode().hex().encode()) == ["hex"]
    assert leaks([KEY], stream_of([delta("content", KEY[:9]), delta("content", KEY[9:])])) == ["split-over-deltas"]
    assert leaks([""], b"") == leaks([KEY], STARS.encode()) == []
