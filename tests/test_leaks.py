"""Canaries: no run shows or writes a secret, in any encoding, whatever a server does with those it was sent."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from conformance.evidence.redaction import leaks
from tests.command import Ran, conformance, report_in
from tests.quick import only
from tests.wire.raw_server import CHUNKED, EVENTS, JSON, OK, Caller, answer, chunk, raw_server

KEY = "sk-canary/0123+4567=89ab-cdef"
HEADER = "gw-canary-aa00bb11cc22dd33"
QUERY = "qk-canary-9f8e7d6c5b4a"
SECRETS = (KEY, HEADER, QUERY)


def dresses() -> list[str]:
    """Every secret as servers write them into what they say."""
    return [
        dress
        for secret in SECRETS
        for dress in (
            secret,
            quote(secret, safe=""),
            base64.b64encode(f"Bearer {secret}".encode()).decode(),
            "".join(f"\\u{ord(char):04x}" for char in secret),
            json.dumps(json.dumps({"k": secret}).replace("/", "\\/"))[1:-1],
        )
    ]


def boastful_headers() -> bytes:
    """The secrets in the head of an answer, where they are expected and where nobody expects them."""
    lines = [
        *(f"X-Echo-{n}: Bearer {secret}" for n, secret in enumerate(SECRETS)),
        *(f"Set-Cookie: session={quote(secret, safe='')}; Path=/" for secret in SECRETS),
        f"Location: https://elsewhere.example/v1?api_key={quote(KEY, safe='')}&next={QUERY}#{HEADER}",
        f"Link: <https://me:{quote(KEY, safe='')}@elsewhere.example>; rel=next",
        f"X-Debug: {base64.b64encode(f'user:{KEY}'.encode()).decode()}",
        f'WWW-Authenticate: Bearer realm="{HEADER}", error_description="{QUERY}"',
        f"{QUERY}: as a name",
    ]
    return "".join(line + "\r\n" for line in lines).encode()


def heard(caller: Caller) -> str:
    """The request as it came, for the body of an answer."""
    return caller.head.decode("latin-1") + caller.body.decode()


def refusal(caller: Caller) -> bytes:
    """A refusal that repeats everything, in its reason phrase too."""
    message = f"You sent: {heard(caller)}. Known keys: {' '.join(dresses())}"
    body = json.dumps({"error": {"message": message, "type": KEY, "code": HEADER, "param": QUERY}})
    encoding = f"Content-Encoding: {HEADER}\r\n".encode()
    return answer(body.encode(), JSON, encoding, boastful_headers(), status=f"400 Bad {KEY} {HEADER}".encode())


def completion(caller: Caller) -> bytes:
    """A completion that says the secrets, in its text and in a tool call."""
    text = " ".join(dresses()) + heard(caller)
    call = {"id": KEY, "type": "function", "function": {"name": HEADER, "arguments": json.dumps({"path": KEY})}}
    message = {"role": "assistant", "content": text, "tool_calls": [call]}
    body = {"id": QUERY, "object": "chat.completion", "created": 1, "model": KEY, "system_fingerprint": HEADER}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return answer(json.dumps({**body, "choices": [choice]}).encode(), JSON, boastful_headers())


def deltas() -> Iterator[dict[str, Any]]:
    """Every dress cut in two: in the text, in the reasoning, in the arguments of two calls at once."""
    for dress in dresses():
        for part in (dress[:5], dress[5:] + " "):
            calls = [{"index": n, "function": {"arguments": part}} for n in (0, 1)]
            yield {"content": part}
            yield {"reasoning_content": part}
            yield {"tool_calls": calls}


def streamed() -> list[bytes]:
    """The events of a stream, and after each secret written whole a chunk that ends in its middle."""
    events = [f"data: {json.dumps({'id': 'c', 'choices': [{'index': 0, 'delta': d}]})}\n\n" for d in deltas()]
    data = "".join([*events, *(f": {dress}\n\n" for dress in dresses()), "data: [DONE]\n\n"]).encode()
    cuts = sorted({0, len(data), *(data.find(secret.encode()) + 7 for secret in SECRETS)})
    return [chunk(data[start:end]) for start, end in pairwise(cuts)]


async def boast(caller: Caller) -> None:
    """Answers well enough for the run to go on, and repeats every secret."""
    await caller.request()
    if "/models" in caller.target:
        await caller.send(answer(json.dumps({"data": [{"id": s} for s in dresses()]}).encode(), JSON))
    elif caller.streams:
        await caller.send(OK + EVENTS + CHUNKED + boastful_headers() + b"\r\n", *streamed(), chunk(b""))
    elif caller.header("authorization") == f"Bearer {KEY}" and b'"model-1"' in caller.body:
        await caller.send(completion(caller))
    else:
        await caller.send(refusal(caller))


async def refuse(caller: Caller) -> None:
    """Refuses everything, at length."""
    await caller.request()
    await caller.send(refusal(caller))


async def redirect(caller: Caller) -> None:
    """Sends everybody elsewhere, with the secrets in the address."""
    await caller.request()
    await caller.send(answer(b"", boastful_headers(), status=f"302 {KEY}".encode()))


async def babble(caller: Caller) -> None:
    """Speaks no HTTP, but the secrets."""
    await caller.request()
    await caller.send(f"{KEY} {HEADER} {QUERY} 200\r\n\r\n".encode())


SERVERS = {"boasts": boast, "refuses": refuse, "redirects": redirect, "babbles": babble}


def run_against(name: str, folder: Path) -> Ran:
    """A run that sends all three secrets: a key, a header of the user's own, a query in the base URL."""
    with raw_server(SERVERS[name]) as server:
        (folder / "conformance.toml").write_text(
            f'[endpoint.canary]\nbase_url = "{server.url}/v1?api_key={QUERY}"\nmodel = "model-1"\n'
            f'api_key_env = "CANARY"\nheaders = {{ "X-Gateway-Token" = "{HEADER}", "X-Title" = "Kilo Code" }}\n'
        )
        ran = conformance(
            "run",
            "canary",
            *("--output", "all/out", "--record", "all/rec", "--print-settings"),
            cwd=folder,
            env={"CANARY": KEY},
        )
    for caller in server.requests:
        assert f"api_key={QUERY}" in caller.target
        assert caller.header("x-gateway-token") == HEADER
    assert any(caller.header("authorization") == f"Bearer {KEY}" for caller in server.requests)
    return ran


Asked = Callable[[str], tuple[Ran, Path]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Runs against a server, once, and says where its files are."""

    @cache
    def run(name: str) -> tuple[Ran, Path]:
        folder = tmp_path_factory.mktemp(name)
        return run_against(name, folder), folder / "all"

    return run


@pytest.mark.full
@pytest.mark.parametrize("name", only(SERVERS, "boasts".__eq__))
def test_no_secret_reaches_a_file_or_the_screen(name: str, asked: Asked) -> None:
    ran, folder = asked(name)
    assert "Traceback" not in ran.err
    assert "X-Gateway-Token" in ran.out.partition("all/out/report.html")[2], "no settings were printed"
    assert leaks(SECRETS, (ran.out + ran.err).encode()) == []
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {"report.json", "report.html", "pytest.html", "junit.xml", "summary.md", "recording.json"} <= {
        f.name for f in files
    }
    assert [file for file in files if file.suffix == ".yaml"]
    found = {file.name: leaks(SECRETS, file.read_bytes()) for file in files}
    assert {name: forms for name, forms in found.items() if forms} == {}


@pytest.mark.full
def test_no_secret_can_be_put_together_from_the_evidence(asked: Asked) -> None:
    """The bodies as a client would read them: chunks joined, and then the deltas of each kind."""
    _, folder = asked("boasts")
    report = report_in(folder / "out")
    bodies = ["".join(text for _, text in e["chunks"] if isinstance(text, str)) for e in report["exchanges"]]
    assert sum("data: " in body for body in bodies) > 10
    leaking = [e["id"] for e, body in zip(report["exchanges"], bodies, strict=True) if leaks(SECRETS, body.encode())]
    assert leaking == []


@pytest.mark.full
def test_values_that_are_no_secret_stay_readable(asked: Asked) -> None:
    """A header that says who the client is must not star its value out of every answer."""
    _, folder = asked("refuses")
    text = (folder / "out" / "report.json").read_text("utf-8")
    assert "You sent: POST /v1/chat/completions?api_key=" in text
    assert "X-Title: Kilo Code" in text


def test_unmasked_canaries_are_found() -> None:
    """The check itself: each dress of each secret is one that `leaks` knows."""
    assert [dress for dress in dresses() if not leaks(SECRETS, dress.encode())] == []
    assert "split-over-deltas" in leaks(
        [KEY], "".join(f'data: {{"content": "{p}"}}\n\n' for p in (KEY[:5], KEY[5:])).encode()
    )
