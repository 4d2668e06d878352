"""Asking: rate limits are obeyed and kept, the user's own headers win, no secret becomes evidence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Ended, Exchange, Request, Response
from conformance.evidence.redaction import leaks
from conformance.requirements.conversation import Key
from conformance.wire import asking
from conformance.wire.again import ATTEMPTS, DEFAULT_WAIT, retry_after
from conformance.wire.asking import Asker, Network, Throttle
from conformance.wire.http import open_transport
from conformance.wire.limits import Limits
from tests.wire.raw_server import JSON, OK, Caller, Handler, RawServer, answer, chunk, raw_server

KEY = "sk-canary-0123456789-Abc/Def+ghi"
DONE = answer(b'{"choices": []}', JSON)


def refusal(*headers: bytes) -> bytes:
    """A 429 with these headers."""
    return answer(b'{"error": {"message": "slow down"}}', JSON, *headers, status=b"429 Too Many Requests")


def in_turn(*answers: bytes) -> Handler:
    """A handler that gives one answer after the other, and the last one from then on."""
    left = list(answers)

    async def handle(caller: Caller) -> None:
        await caller.request()
        await caller.send(left.pop(0) if len(left) > 1 else left[0])

    return handle


def wire_to(server: RawServer, width: int = 8, **endpoint: object) -> Network:
    """The wire to a raw server."""
    to = replace(Endpoint(f"{server.url}/v1", "model-1", key=KEY), **endpoint)  # type: ignore[arg-type]
    return Network(to, open_transport(to.chat_url, width), Limits(), width)


Asking = Callable[[Asker], Awaitable[object]]


def asked(handler: Handler, ask: Asking, **endpoint: object) -> tuple[Asker, RawServer]:
    """The asker and the server after a conversation."""

    async def go(server: RawServer) -> Asker:
        asker = Asker(wire_to(server, **endpoint), "talk", 1)
        await ask(asker)
        return asker

    with raw_server(handler) as server:
        return asyncio.run(go(server)), server


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The waits that were made, none of which takes any time."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(asking, "asyncio", SimpleNamespace(sleep=sleep, Condition=asyncio.Condition))
    return waits  # type: ignore[return-value]


def chat(asker: Asker) -> Awaitable[Exchange]:
    return asker.chat(messages=[])


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (b"Retry-After: 2\r\n", 2.0),
        (b"retry-after: 0\r\n", 0.0),
        (b"Retry-After: 1.5\r\n", 1.5),
        (b"Retry-After: -7\r\n", 0.0),
        (b"Retry-After: soon\r\n", DEFAULT_WAIT),
        (b"Retry-After: nan\r\n", 0.0),
        (b"", DEFAULT_WAIT),
        (b"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 0.0),
        (b"Retry-After: Wed, 99 Nil 2015\r\n", DEFAULT_WAIT),
    ],
)
def test_a_rate_limit_is_waited_for_and_asked_again(slept: list[float], said: bytes, wait: float) -> None:
    asker, server = asked(in_turn(refusal(said), DONE), chat)
    assert slept == [wait]
    assert [e.status for e in asker.exchanges] == [429, 200]
    assert [e.id for e in asker.exchanges] == ["talk#1", "talk#2"]
    assert len({caller.body for caller in server.requests}) == 1, "asked something else the second time"


def test_a_date_is_waited_for(slept: list[float]) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    asked(in_turn(refusal(b"Retry-After: %s\r\n" % date.encode()), DONE), chat)
    assert len(slept) == 1
    assert 5 < slept[0] <= 20


@pytest.mark.parametrize("said", [b"86400", b"inf", b"1e300", b"Fri, 01 Jan 2100 00:00:00 GMT"])
def test_an_absurd_wait_is_not_obeyed_and_the_refusal_stays_the_answer(slept: list[float], said: bytes) -> None:
    asker, server = asked(in_turn(refusal(b"Retry-After: %s\r\n" % said), DONE), chat)
    assert slept == []
    assert [e.status for e in asker.exchanges] == [429]
    assert len(server.requests) == 1


def test_a_server_that_always_refuses_is_asked_a_few_times_only(slept: list[float]) -> None:
    asker, server = asked(in_turn(refusal()), chat)
    assert [e.status for e in asker.exchanges] == [429] * ATTEMPTS
    assert len(server.requests) == ATTEMPTS
    assert len(slept) == ATTEMPTS - 1


def test_every_rate_limit_halves_what_goes_at_once(slept: list[float]) -> None:
    async def twice(asker: Asker) -> None:
        wire = asker._wire
        assert isinstance(wire, Network)
        widths.append(wire.throttle.width)
        for _ in range(2):
            await asker.chat(messages=[])
            widths.append(wire.throttle.width)

    widths: list[int] = []
    asked(in_turn(refusal(), DONE, refusal(), DONE), twice)
    assert widths == [8, 4, 2]
    assert len(slept) == 2


@given(said=st.text(st.characters(max_codepoint=255)) | st.floats().map(str) | st.datetimes().map(str))
@settings(derandomize=True, deadline=None, database=None, max_examples=200)
def test_no_retry_after_is_too_odd(said: str) -> None:
    response = Response(429, (("Retry-After", said),))
    wait = retry_after(Exchange("a#1", "a", Request("POST", "http://h/v1"), response), datetime.now(UTC))
    assert wait is not None
    assert wait >= 0


def test_no_other_status_is_a_rate_limit() -> None:
    response = Response(500, (("Retry-After", "1"),))
    assert retry_after(Exchange("a#1", "a", Request("POST", "http://h/v1"), response), datetime.now(UTC)) is None


def test_the_throttle_keeps_its_width_and_narrows_for_waiting_requests() -> None:
    """Each visitor stays until the loop has turned often enough for everybody who may come in to be in."""
    inside, peaks = 0, [0, 0]

    async def visit(throttle: Throttle, n: int) -> None:
        nonlocal inside
        async with throttle:
            inside += 1
            narrowed = throttle.width < 4
            for _ in range(30):
                await asyncio.sleep(0)
            peaks[narrowed] = max(peaks[narrowed], inside)
            inside -= 1
            if n == 7:
                throttle.narrow()

    async def go() -> None:
        throttle = Throttle(4)
        await asyncio.gather(*(visit(throttle, n) for n in range(40)))

    asyncio.run(go())
    assert peaks == [4, 2]


def test_the_throttle_never_closes() -> None:
    throttle = Throttle(1)
    throttle.narrow()
    assert throttle.width == 1


def test_a_request_carries_what_clients_send() -> None:
    asker, server = asked(in_turn(DONE), lambda ask: ask.chat(messages=[], stream=True))
    (caller,) = server.requests
    assert caller.target == "/v1/chat/completions"
    assert json.loads(caller.body) == {"model": "model-1", "messages": [], "stream": True}
    assert caller.header("authorization") == f"Bearer {KEY}"
    assert caller.header("content-type") == "application/json"
    assert (caller.header("user-agent") or "").startswith("provider-conformance/")
    assert asker.exchanges[0].request.json == json.loads(caller.body)


def header_lines(caller: Caller, name: str) -> list[str]:
    """Every value of a header of the request."""
    lines = [line.partition(": ") for line in caller.head.decode().split("\r\n")[1:]]
    return [value for key, _, value in lines if key.lower() == name]


def test_the_users_own_headers_win() -> None:
    own = {"user-AGENT": "mine/1", "ACCEPT": "*/*", "HTTP-Referer": "https://kilo.ai", "authorization": "Token t"}
    _, server = asked(in_turn(DONE), chat, headers=own)
    (caller,) = server.requests
    assert {name: header_lines(caller, name.lower()) for name in own} == {k: [v] for k, v in own.items()}


def test_a_wrong_key_replaces_a_header_of_the_user() -> None:
    """Otherwise the user's own Authorization would let every wrong key pass."""

    async def ask(asker: Asker) -> None:
        await asker.chat(messages=[], key="wrong-key")
        await asker.chat(messages=[], key=Key.NONE)
        await asker.chat(messages=[], key="")

    _, server = asked(in_turn(DONE), ask, headers={"authorization": f"Bearer {KEY}", "X-Title": "Kilo"})
    assert [header_lines(c, "authorization") for c in server.requests] == [["Bearer wrong-key"], [], ["Bearer"]]
    assert [header_lines(c, "x-title") for c in server.requests] == [["Kilo"]] * 3


def test_azure_gets_the_key_in_a_header_of_its_own() -> None:
    async def ask(asker: Asker) -> None:
        await asker.chat(messages=[])
        await asker.chat(messages=[], key="wrong-key")
        await asker.chat(messages=[], key=Key.NONE)

    asker, server = asked(in_turn(DONE), ask, azure_api_version="2024-10-21", headers={"api-key": KEY})
    assert [header_lines(c, "api-key") for c in server.requests] == [[KEY], ["wrong-key"], []]
    assert not any(header_lines(c, "authorization") for c in server.requests)
    assert leaks([KEY], b"".join(map(every_byte, asker.exchanges))) == []


def every_byte(exchange: Exchange) -> bytes:
    """All that an exchange holds."""
    return repr(exchange).encode() + exchange.body + exchange.request.body


def test_no_secret_becomes_evidence() -> None:
    """The server gives back what it got, in its head and in two chunks that cut the secrets in two."""
    custom = "gateway-secret-987654"

    async def echo(caller: Caller) -> None:
        await caller.request()
        text = b"data: " + caller.head.replace(b"\r\n", b" ") + caller.body
        half = text.index(KEY.encode()) + 9
        reason = b"HTTP/1.1 400 %s\r\n" % KEY.encode()
        echoes = b"X-You-Sent: Bearer %s\r\nLocation: /?api_key=%s\r\n" % (KEY.encode(), KEY.encode())
        parts = chunk(text[:half]), chunk(text[half:]), chunk(b"")
        await caller.send(reason + echoes + b"Transfer-Encoding: chunked\r\n\r\n", *parts)

    def ask(asker: Asker) -> Awaitable[Exchange]:
        return asker.chat(messages=[{"role": "user", "content": f"my key is {KEY} and {custom}"}])

    asker, server = asked(echo, ask, headers={"X-Gateway-Token": custom})
    (seen,) = asker.exchanges
    assert server.requests[0].header("x-gateway-token") == custom
    assert (seen.status, seen.echoed_key) == (400, True)
    assert leaks([KEY, custom], every_byte(seen)) == []
    assert b"x-gateway-token: ***" in seen.body.lower(), "the words around a secret are evidence"


def test_every_exchange_says_when_in_the_run_its_request_was_sent() -> None:
    async def twice(ask: Asker) -> None:
        await ask.chat(messages=[])
        await ask.chat(messages=[])

    first, second = asked(in_turn(DONE), twice)[0].exchanges
    assert 0 < first.started < first.started + first.seconds <= second.started


def test_a_broken_connection_leaves_evidence_and_no_error() -> None:
    async def hang_up(caller: Caller) -> None:
        await caller.request()
        await caller.send(OK)

    asker, _ = asked(hang_up, chat)
    (seen,) = asker.exchanges
    assert (seen.ended, seen.response) == (Ended.CLOSED_EARLY, None)
    assert seen.summary == "the connection was closed without an answer"
