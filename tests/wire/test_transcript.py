"""The transcript of a connection: no bytes make it raise, it reports every exchange once and delays none."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.transcript import Refused, Transcript

ASKED = [
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
    b"HEAD /v1/models HTTP/1.1\r\nhost: x\r\nUpgrade: h2c\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\r\n",
    b"z",
]
ANSWERED = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
    b"z",
]
said = st.one_of(
    st.tuples(st.just("asked"), st.sampled_from(ASKED) | st.binary(min_size=1, max_size=9)),
    st.tuples(st.just("answered"), st.sampled_from(ANSWERED) | st.binary(min_size=1, max_size=9)),
)
ends = st.sampled_from([("closed",), ("broke", ConnectionResetError()), ("left",), ("left", "so")])


@given(st.lists(said, max_size=8), st.integers(1, 60), ends, st.booleans())
def test_each_exchange_is_reported_once_whatever_the_bytes(
    spoken: list[tuple[str, bytes]], cut: int, end: tuple[Any, ...], client_left: bool
) -> None:
    seen: list[Any] = []
    transcript = Transcript("http://127.0.0.1:1", lambda request, received: seen.append((request, received)))
    for way, data in spoken:
        for at in range(0, len(data), cut):
            with suppress(Refused):
                getattr(transcript, way)(data[at : at + cut])
    transcript.client_left = client_left
    getattr(transcript, end[0])(*end[1:])
    transcript.left()
    assert not transcript.under_way
    assert len({id(received) for _, received in seen}) == len(seen)
    assert all(received.response or received.detail for _, received in seen)


@given(st.lists(st.sampled_from(ASKED[:3]), min_size=1, max_size=4), st.integers(1, 200))
def test_requests_go_on_whole_and_named_however_they_are_cut(requests: list[bytes], cut: int) -> None:
    transcript, sent = Transcript("http://127.0.0.1:1", lambda *_: None), b"".join(requests)
    onward = b"".join(transcript.asked(sent[at : at + cut]) for at in range(0, len(sent), cut))
    named = sent.replace(b"ost: x", b"ost: 127.0.0.1:1").replace(b"Upgrade: h2c\r\n", b"")
    assert onward == named
