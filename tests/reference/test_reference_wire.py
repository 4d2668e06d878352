"""The shape of answers, streams, and the server itself, over real sockets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from conformance.reference import Provider, serve

TEXT = {"type": "string"}
CODE = "def f():\n\treturn \"}]\" + '{' # </tool_call> ``` <<<<<<< 🎉\n" * 60


def tool(name: str, *properties: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": dict.fromkeys(properties, TEXT), "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": "A tool.", "parameters": schema}}


TOOLS = [
    tool("get_weather", "city"),
    tool("read_file", "path"),
    tool("write_file", "path", "content"),
    tool("get_current_time"),
]
PROMPTS = [
    "Count from 1 to 40",
    'Repeat exactly the following text:\nGrüße 👋 你好 "x" \\n – end.',
    "Read the file src/main.py",
    "Call get_weather for Paris and for Oslo in parallel.",
    "Call write_file with exactly these arguments: " + json.dumps({"path": "a", "content": CODE}),
    "Call get_current_time.",
]


def events(text: str) -> list[str]:
    assert text.endswith("\n\n")
    frames = text.removesuffix("\n\n").split("\n\n")
    assert all(frame.startswith("data: ") and "\n" not in frame for frame in frames)
    return [frame.removeprefix("data: ") for frame in frames]


def chunks(response: httpx.Response) -> list[dict[str, Any]]:
    *pieces, done = events(response.text)
    assert done == "[DONE]"
    return [json.loads(piece) for piece in pieces]


def assembled(pieces: list[dict[str, Any]], index: int = 0) -> dict[str, Any]:
    called: dict[int, dict[str, Any]] = {}
    text, reason = "", None
    for choice in (one for piece in pieces for one in piece["choices"] if one["index"] == index):
        assert reason is None
        text += choice["delta"].get("content") or ""
        for entry in choice["delta"].get("tool_calls", []):
            call = called.setdefault(entry["index"], {"arguments": ""})
            assert ("id" in entry) == ("name" not in call)
            call.setdefault("name", entry["function"].get("name"))
            call["arguments"] += entry["function"]["arguments"]
        reason = choice["finish_reason"]
    return {"text": text, "calls": [called[n] for n in sorted(called)], "reason": reason}


@pytest.mark.parametrize("prompt", PROMPTS, ids=range(len(PROMPTS)))
def test_a_stream_is_the_plain_answer_in_pieces(sound: Any, prompt: str) -> None:
    plain = sound.chat(prompt, tools=TOOLS).json()
    response = sound.chat(prompt, tools=TOOLS, stream=True, stream_options={"include_usage": True})
    pieces = chunks(response)
    message = plain["choices"][0]["message"]
    whole = assembled(pieces)
    assert whole["text"] == (message["content"] or "")
    assert whole["calls"] == [call["function"] for call in message.get("tool_calls", [])]
    assert whole["reason"] == plain["choices"][0]["finish_reason"]
    assert pieces[-1]["choices"] == []
    assert pieces[-1]["usage"] == plain["usage"]
    assert all(piece["usage"] is None for piece in pieces[:-1])


def test_the_shape_of_a_stream(sound: Any) -> None:
    response = sound.chat("Count from 1 to 9", stream=True)
    pieces = chunks(response)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["transfer-encoding"] == "chunked"
    assert len({piece["id"] for piece in pieces}) == 1
    assert {piece["object"] for piece in pieces} == {"chat.completion.chunk"}
    assert all("usage" not in piece for piece in pieces)
    assert pieces[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert pieces[-1]["choices"][0]["delta"] == {}


def test_every_event_is_a_chunk_of_its_own(sound: Any) -> None:
    url = sound.server.base_url + "/chat/completions"
    body = {"model": "reference-1", "stream": True, "messages": [{"role": "user", "content": "Count from 1 to 60"}]}
    with sound.http.stream("POST", url, json=body) as response:
        raw = list(response.iter_raw())
    assert len(raw) > 2


def test_the_shape_of_a_completion(sound: Any) -> None:
    body = sound.chat("Say hello", n=2, logprobs=True, top_logprobs=1).json()
    assert body["object"] == "chat.completion"
    assert [choice["index"] for choice in body["choices"]] == [0, 1]
    tokens = body["choices"][0]["logprobs"]["content"]
    assert "".join(one["token"] for one in tokens) == body["choices"][0]["message"]["content"]
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    pieces = chunks(sound.chat("Say hello", n=2, stream=True))
    assert assembled(pieces, 0) == assembled(pieces, 1)


def test_call_ids_differ(sound: Any) -> None:
    two = [sound.message(PROMPTS[3], tools=TOOLS)["tool_calls"], sound.message(PROMPTS[2], tools=TOOLS)["tool_calls"]]
    ids = [call["id"] for calls in two for call in calls]
    assert len(set(ids)) == len(ids) == 3


def test_tools_count_as_prompt(sound: Any) -> None:
    without, offered = sound.chat("Say hello").json(), sound.chat("Say hello", tools=TOOLS).json()
    assert offered["usage"]["prompt_tokens"] > without["usage"]["prompt_tokens"] + 50


def test_half_a_surrogate_pair_survives(sound: Any) -> None:
    url, headers = sound.server.base_url + "/chat/completions", {"content-type": "application/json"}
    raw = rb'{"model":"reference-1","messages":[{"role":"user","content":"Repeat exactly: a\ud83db"}]}'
    response = sound.http.post(url, content=raw, headers=headers)
    assert rb"a\ud83db" in response.content


def test_what_is_ignored(sound: Any) -> None:
    nothing = dict.fromkeys(("temperature", "stop", "stream", "tools", "tool_choice", "response_format", "n"))
    message = {
        "role": "user",
        "content": [{"type": "text", "text": "Say hello", "cache_control": {"type": "ephemeral"}}],
    }
    assert sound.message([message], **nothing, no_such_field=1)["content"] == "hello"


def test_models(sound: Any) -> None:
    listed = sound.get("/models").json()
    assert listed == sound.get("//models").json()
    assert listed["data"][0] == sound.get("/models/reference-1").json()
    assert sound.get("/models/other").json()["error"]["code"] == "model_not_found"


def test_a_large_body(sound: Any) -> None:
    body = json.dumps({"model": "reference-1", "messages": [{"role": "user", "content": "Say hello"}]}).encode()
    url, headers = sound.server.base_url + "/chat/completions", {"content-type": "application/json"}
    assert sound.http.post(url, content=body + b" " * 25_000_000, headers=headers).status_code == 200


def test_an_open_provider_needs_no_key() -> None:
    with serve(Provider("m", None)) as server:
        body = {"model": "m", "messages": [{"role": "user", "content": "Say hello"}]}
        assert httpx.post(server.base_url + "/chat/completions", json=body, trust_env=False).status_code == 200


def test_what_the_server_has_seen(serving: Callable[..., Any]) -> None:
    asking = serving()
    asking.get("/models?x=1")
    seen = asking.server.seen[-1]
    assert (seen.method, seen.target, asking.server.peak) == ("GET", "/v1/models?x=1", 1)
    assert ("authorization", "Bearer sk-reference-0123456789") in seen.headers


def test_many_at_once(serving: Callable[..., Any]) -> None:
    asking = serving(latency=1)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: asking.message(f"Repeat exactly: {n}")["content"], range(20)))
    assert answers == [str(n) for n in range(20)]
    assert asking.server.peak > 5


def test_the_pace_of_a_stream(serving: Callable[..., Any]) -> None:
    asking = serving(token_gap=0.01)
    begun = time.monotonic()
    pieces = chunks(asking.chat("Count from 1 to 20", stream=True))
    assert time.monotonic() - begun >= 0.01 * (len(pieces) - 1)


def test_stopping_drops_hanging_connections() -> None:
    server_context = serve(Provider("reference-1", None, latency=600))
    server = server_context.__enter__()
    body = {"model": "reference-1", "messages": [{"role": "user", "content": "Say hello"}]}
    failures: list[Exception] = []

    def ask() -> None:
        try:
            httpx.post(server.base_url + "/chat/completions", json=body, trust_env=False, timeout=None)
        except httpx.HTTPError as failure:
            failures.append(failure)

    thread = threading.Thread(target=ask)
    thread.start()
    while not server.concurrent:
        time.sleep(0.001)
    server_context.__exit__(None, None, None)
    thread.join(60)
    assert failures


def test_a_taken_port_is_the_callers_problem(server: Any) -> None:
    with pytest.raises(OSError, match="in use"), serve(Provider("m", None), port=server.port):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_until_a_signal(number: signal.Signals) -> None:
    code = "from conformance.reference import Provider, run_forever; run_forever(Provider('m', None))"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:")
    assert httpx.get(line.split()[-1] + "/models", trust_env=False).status_code == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")
