"""Traffic of the reference provider in every form that recorders use. No recording of a third party is here."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import yaml

from conformance.reference import Provider
from tests.command import KEY
from tests.inprocess import InProcess
from tests.packing import PACK

BASE = "https://api.provider.example/v1"
HI = [{"role": "user", "content": "Say hello in one short sentence."}]
READ = [{"role": "user", "content": "Read the file src/app.py with the tool."}]
PATH = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
TOOLS = [{"type": "function", "function": {"name": "read_file", "description": "Reads.", "parameters": PATH}}]
FORCED = {"messages": READ, "tools": TOOLS, "tool_choice": "required"}
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
ASKED: tuple[dict[str, Any] | None, ...] = (  # None asks for the model list
    {"messages": HI},
    {"messages": HI, **STREAMED},
    FORCED,
    {**FORCED, **STREAMED},
    {"messages": HI, "model": "unknown-1"},
    {"messages": "hello"},
    None,
)


@dataclass(frozen=True)
class Seen:
    """One exchange as it was on the wire."""

    method: str
    url: str
    sent: dict[str, str]
    asked: bytes
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_stream(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/event-stream")


def traffic(*faults: str, asked: Sequence[dict[str, Any] | None] = ASKED, variations: Sequence[str] = ()) -> list[Seen]:
    """The answers of the provider with these faults to these requests."""
    return asyncio.run(_ask(Provider("reference-1", KEY, faults=faults, variations=variations), asked))


async def _ask(provider: Provider, asked: Sequence[dict[str, Any] | None]) -> list[Seen]:
    async with httpx.AsyncClient(transport=InProcess(provider)) as client:
        return [await _one(client, body) for body in asked]


async def _one(client: httpx.AsyncClient, asked: dict[str, Any] | None) -> Seen:
    sent = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    body = json.dumps({"model": "reference-1", **asked}).encode() if asked else b""
    method, url = ("POST", f"{BASE}/chat/completions") if asked else ("GET", f"{BASE}/models")
    answer = await client.request(
        method, url, headers=sent, content=body, extensions={"target": httpx.URL(url).raw_path}
    )
    return Seen(method, url, sent, body, answer.status_code, dict(answer.headers), answer.content)


def har(seen: Sequence[Seen], *, exact: bool = False) -> bytes:
    """A HAR file; `exact` stores bodies as base64."""

    def entry(one: Seen) -> dict[str, Any]:
        text = base64.b64encode(one.body).decode() if exact else one.body.decode()
        content = {"size": len(one.body), "mimeType": one.headers.get("content-type", ""), "text": text}
        return {
            "time": 12,
            "request": {
                "method": one.method,
                "url": one.url,
                "headers": [{"name": k, "value": v} for k, v in one.sent.items()],
                "postData": {"mimeType": "application/json", "text": one.asked.decode()},
            },
            "response": {
                "status": one.status,
                "headers": [{"name": k, "value": v} for k, v in one.headers.items()],
                "content": {**content, "encoding": "base64"} if exact else content,
            },
        }

    return json.dumps({"log": {"version": "1.2", "entries": [entry(one) for one in seen]}}).encode()


def _interaction(one: Seen, body: Any, asked: Any = None) -> dict[str, Any]:
    return {
        "request": {
            "method": one.method,
            "uri": one.url,
            "headers": {name: [value] for name, value in one.sent.items()},
            "body": asked if asked is not None else one.asked.decode() or None,
        },
        "response": {
            "status": {"code": one.status, "message": "OK"},
            "headers": {name: [value] for name, value in one.headers.items()},
            "body": body,
        },
    }


def vcrpy(seen: Sequence[Seen], store: Callable[[bytes], Any] = bytes.decode) -> bytes:
    """A cassette of vcrpy in YAML; `store` turns a body into the value that is written."""
    found = [_interaction(one, {"string": store(one.body)}) for one in seen]
    return yaml.safe_dump({"interactions": found, "version": 1}).encode()


def labelled(seen: Sequence[Seen], encoding: str) -> list[Seen]:
    """The same with a Content-Encoding, for bodies whose compression only that header shows."""
    return [replace(one, headers={**one.headers, "content-encoding": encoding}) for one in seen]


def vcrpy_json(seen: Sequence[Seen]) -> bytes:
    """The same by its JSON serializer."""
    found = [_interaction(one, {"string": one.body.decode()}) for one in seen]
    return json.dumps({"version": 1, "interactions": found}, indent=2).encode()


def vcrpy_httpx(seen: Sequence[Seen]) -> bytes:
    """As older vcrpy stored answers to httpx: `status_code` and `content`."""
    found = [_interaction(one, None) for one in seen]
    for one, entry in zip(seen, found, strict=True):
        headers = entry["response"]["headers"]
        entry["response"] = {
            "status_code": one.status,
            "http_version": "HTTP/1.1",
            "headers": headers,
            "content": one.body.decode(),
        }
    return yaml.safe_dump({"interactions": found, "version": 1}).encode()


def parsed(seen: Sequence[Seen]) -> bytes:
    """As written by serializers that parse JSON bodies (`parsed_body`) and keep streams as text."""
    found = [_interaction(one, {"string": one.body.decode()}) for one in seen]
    for one, entry in zip(seen, found, strict=True):
        if one.asked:
            del entry["request"]["body"]
            entry["request"]["parsed_body"] = json.loads(one.asked)
        if not one.is_stream:
            del entry["response"]["body"]
            entry["response"]["parsed_body"] = json.loads(one.body)
    return yaml.safe_dump({"interactions": found, "version": 1}).encode()


def typed(seen: Sequence[Seen]) -> bytes:
    """As written by serializers that store the type of a body with its content."""

    def typed_body(body: bytes, *, text: bool) -> dict[str, Any]:
        return {"type": "text", "content": body.decode()} if text else {"type": "json", "content": json.loads(body)}

    found = [
        _interaction(
            one, typed_body(one.body, text=one.is_stream), typed_body(one.asked, text=False) if one.asked else None
        )
        for one in seen
    ]
    return yaml.safe_dump({"version": 1, "interactions": found}).encode()


def two_lists(seen: Sequence[Seen]) -> bytes:
    """Compressed, with requests and responses in two lists."""
    found = [_interaction(one, {"string": one.body}) for one in seen]
    lists = {"requests": [f["request"] for f in found], "responses": [f["response"] for f in found]}
    return gzip.compress(yaml.safe_dump(lists).encode())


def ruby(seen: Sequence[Seen]) -> bytes:
    """A cassette of VCR for Ruby."""
    found = [
        _interaction(
            one, {"encoding": "UTF-8", "string": one.body.decode()}, {"encoding": "UTF-8", "string": one.asked.decode()}
        )
        for one in seen
    ]
    for entry in found:
        entry["request"]["method"] = entry["request"]["method"].lower()
    return yaml.safe_dump({"http_interactions": found, "recorded_with": "VCR 6.3.1"}).encode()


def go_vcr(seen: Sequence[Seen]) -> bytes:
    """A cassette of go-vcr: `url`, `code`, and unchanged bodies."""
    found = []
    for n, one in enumerate(seen):
        entry = _interaction(one, one.body.decode())
        entry["request"]["url"] = entry["request"].pop("uri")
        entry["response"] |= {"status": f"{one.status} OK", "code": one.status, "duration": "1.2s"}
        found.append({"id": n, **entry})
    return yaml.safe_dump({"version": 2, "interactions": found}).encode()


def curl(seen: Sequence[Seen]) -> bytes:
    """Terminal output of `curl -v`, each call after its command."""
    return b"\n".join(_printed(one) for one in seen)


def _printed(one: Seen) -> bytes:
    host, _, path = one.url.removeprefix("https://").partition("/")
    data = f" \\\n  -d '{one.asked.decode()}'" if one.asked else ""
    sent = "".join(f"> {name}: {value}\n" for name, value in {"Host": host, **one.sent}.items())
    received = "".join(f"< {name}: {value}\n" for name, value in one.headers.items())
    head = (
        f"$ curl -v -N {one.url}{data}\n* Host {host} was resolved.\n* Connected to {host} port 443\n"
        f"> {one.method} /{path} HTTP/1.1\n{sent}> \n* upload completely sent off: 9 bytes\n"
        f"< HTTP/1.1 {one.status} OK\n{received}< \n{{ [120 bytes data]\n"
    )
    return head.encode() + one.body + b"* Connection #0 to host " + host.encode() + b" left intact\n"


def log(seen: Sequence[Seen]) -> bytes:
    """One object per line: request and response as messages."""
    return _lines(
        {
            "ts": 1,
            "request": {"method": one.method, "url": one.url, "headers": one.sent, "body": _value(one.asked)},
            "response": {"status": one.status, "headers": one.headers, "body": _value(one.body)},
        }
        for one in seen
    )


def flat_log(seen: Sequence[Seen]) -> bytes:
    """One object per line, with flat keys and without headers."""
    return _lines(
        {
            "method": one.method,
            "path": one.url,
            "status_code": one.status,
            "request_body": _value(one.asked),
            "response_body": _value(one.body),
        }
        for one in seen
    )


def _lines(entries: Any) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode() or None


FORMATS: dict[str, Callable[[Sequence[Seen]], bytes]] = {
    "har": har,
    "har-base64": lambda seen: har(seen, exact=True),
    "vcrpy": vcrpy,
    "vcrpy-bytes": lambda seen: vcrpy(seen, bytes),
    "vcrpy-gzip": lambda seen: vcrpy(seen, gzip.compress),
    "vcrpy-gzip-parts": lambda seen: vcrpy(seen, lambda b: gzip.compress(b[:9]) + gzip.compress(b[9:])),
    "vcrpy-br": lambda seen: vcrpy(labelled(seen, "br"), PACK["br"]),
    "vcrpy-zstd": lambda seen: vcrpy(labelled(seen, "zstd"), PACK["zstd"]),
    "vcrpy-json": vcrpy_json,
    "vcrpy-httpx": vcrpy_httpx,
    "parsed": parsed,
    "typed": typed,
    "two-lists": two_lists,
    "ruby": ruby,
    "go-vcr": go_vcr,
    "curl": curl,
    "log": log,
    "flat-log": flat_log,
}
