"""`conformance capture`, over real sockets: what it records and what it prints."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import yaml
from openai import OpenAI

from conformance import cli
from conformance.reference import Provider, serve
from conformance.runner.capture import CAPTURES, base_url
from conformance.schema import violations
from conformance.traffic.judge import judge_file
from conformance.wire.cassette import opened
from conformance.wire.limits import MIB, Limits
from tests.command import KEY, ROOT, Command, environment
from tests.traffic.capturing import HELLO, STREAM, asked, capturing, kept, raw, request
from tests.wire.raw_server import CHUNKED, EVENTS, JSON, OK, Caller, answer, chunk, raw_server, says

HALF = b'data: {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "reference-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hel"}, "finish_reason": null}]}\n\n'


def streamed() -> bytes:
    """A request for a stream, with the key."""
    return request(json.dumps(STREAM).encode(), f"Authorization: Bearer {KEY}\r\n".encode())


def test_no_key_is_written_or_printed(tmp_path: Path) -> None:
    """Keys of no known form: in a header, in a query, repeated in the answer, and later again without a header."""
    keys = ["my-own-secret-4711-abcdef", "querysecret-0815-xyz", "azure-secret-1234-qwer"]
    said = json.dumps({"error": {"message": f"wrong key {keys[0]} or {keys[1]} or {keys[2]}"}}).encode()
    headers = f"Authorization: Bearer {keys[0]}\r\napi-key: {keys[2]}\r\n".encode()
    first = request(b"{}", headers).replace(b"completions ", b"completions?key=%s " % keys[1].encode())
    with (
        raw_server(says(answer(said, JSON, status=b"401 Unauthorized"))) as server,
        capturing(server.url, tmp_path) as running,
    ):
        assert raw(running.url, first).endswith(said)
        running.wait()
        raw(running.url, request(b"{}"))
        assert keys[0] in (server.callers[0].header("authorization") or "")
    seen = kept(tmp_path) + "\n".join(running.lines).encode()
    assert [key for key in keys if key.encode() in seen] == []
    assert b"wrong key *****" in seen


def test_an_unfinished_answer_is_captured_up_to_the_end_of_the_capture(tmp_path: Path) -> None:
    async def endless(caller: Caller) -> None:
        await (await caller.request()).send(OK + EVENTS + CHUNKED + b"\r\n" + chunk(b"data: 1\n\n"))
        await caller.gone()

    with raw_server(endless) as server, httpx.Client(trust_env=False) as client:
        with capturing(server.url, tmp_path) as running:
            url = running.url + "/v1/chat/completions"
            reply = client.send(client.build_request("POST", url, json=STREAM), stream=True)
            coming = reply.iter_raw()
            assert next(coming) == b"data: 1\n\n"
        reply.close()
    assert running.lines[0].endswith("hung-up: the capture ended")
    assert b"data: 1" in kept(tmp_path)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("stream-cut", "closed-early: the connection was closed in the middle of the answer"),
        ("stream-reset", "reset: the connection was reset"),
        ("bad-chunk-size", "not-http: the body is framed wrongly"),
    ],
)
def test_a_broken_stream_fails_the_same_requirements_as_in_a_run(tmp_path: Path, fault: str, words: str) -> None:
    with (
        serve(Provider("reference-1", KEY, faults=[fault])) as server,
        capturing(f"http://127.0.0.1:{server.port}", tmp_path) as running,
        suppress(ConnectionResetError),  # one of the faults resets
    ):
        raw(running.url, streamed())
    assert words in running.lines[0]
    assert running.lines[1].startswith("    stream.whole (breaks roo-code, kilo-code, ")
    assert words in running.lines[1]
    assert running.capture.exit_code == 1


@pytest.mark.parametrize("sent", [b"", b"data: ", HALF])
def test_a_client_that_disconnects_is_not_a_failure_of_the_provider(tmp_path: Path, sent: bytes) -> None:
    async def endless(caller: Caller) -> None:
        await (await caller.request()).send(OK + EVENTS + CHUNKED + b"\r\n", *([chunk(sent)] if sent else []))
        await caller.gone()

    with raw_server(endless) as server, capturing(server.url, tmp_path) as running:
        with httpx.stream("POST", running.url + "/v1/chat/completions", json=STREAM, trust_env=False) as reply:
            if sent:
                next(reply.iter_raw())
        running.wait()
    assert [line.partition(", ")[2] for line in running.lines] == ["hung-up: the client hung up"]
    assert running.capture.exit_code == 0


@pytest.mark.full
def test_a_stream_larger_than_what_is_kept_is_not_a_failure_of_the_provider(tmp_path: Path) -> None:
    many = chunk(HALF * 1000) * (Limits().stream // len(HALF * 1000) + 1)
    end = chunk(b"data: [DONE]\n\n") + chunk(b"")
    with (
        raw_server(says(OK + EVENTS + CHUNKED + b"\r\n" + many + end)) as server,
        capturing(server.url, tmp_path) as running,
    ):
        raw(running.url, streamed())
    assert "over-limit: " in running.lines[0]
    assert not [line for line in running.lines if "stream.whole" in line]


def test_the_official_client_gets_its_stream(tmp_path: Path) -> None:
    with (
        serve(Provider("reference-1", KEY)) as server,
        capturing(f"http://127.0.0.1:{server.port}", tmp_path) as running,
        OpenAI(base_url=f"{running.url}/v1", api_key=KEY, max_retries=0) as client,
    ):
        listed = [model.id for model in client.models.list()]
        stream = client.chat.completions.create(**STREAM)  # type: ignore[call-overload]
        said = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        answered = client.chat.completions.create(**HELLO).choices[0].message.content  # type: ignore[call-overload]
    assert "reference-1" in listed
    assert said
    assert answered
    assert [line.split()[:3] for line in running.lines] == [
        ["GET", "/v1/models", "200"],
        ["POST", "/v1/chat/completions", "200"],
        ["POST", "/v1/chat/completions", "200"],
    ]


def test_replay_of_a_capture_points_to_judge(command: Command, here: Path) -> None:
    with serve(Provider("reference-1", KEY)) as server, capturing(f"http://127.0.0.1:{server.port}", here) as running:
        asked(running.url)
    ran = command("replay", str(here))
    assert ran.code == 4
    assert ran.err.splitlines() == [
        f"conformance: {here}: has captured exchanges, not a run; judge them with `conformance judge {here}`"
    ]


@pytest.mark.parametrize("fault", ["", "completion-without-usage"])
def test_judge_finds_the_failures_that_capture_printed(tmp_path: Path, fault: str) -> None:
    with (
        serve(Provider("reference-1", KEY, faults=[fault] if fault else [])) as server,
        capturing(f"http://127.0.0.1:{server.port}", tmp_path) as running,
    ):
        for body in (STREAM, HELLO):
            asked(running.url, body)
    printed = [line.split()[0] for line in running.lines if line.startswith("    ")]
    files = sorted(tmp_path.glob("*.yaml"))
    results = [judge_file(file, running.capture._probes) for file in files]
    assert [result.judged for result in results] == [1, 1]
    for file in files:
        assert violations("conformance/cassette", yaml.safe_load(file.read_text("utf-8"))) == []
        assert opened(file.read_text("utf-8"))[0].conversation == file.stem
    assert [o.requirement.id for result in results for o in result.wrong] == printed
    assert bool(printed) == bool(fault)


def test_the_command_prints_its_address_and_a_summary_and_exits_with_the_verdict(tmp_path: Path) -> None:
    with serve(Provider("reference-1", KEY, faults=["delta-without-index"])) as server:
        arguments = ("capture", "--upstream", server.base_url, "--port", "0", "--record", "tape")
        with subprocess.Popen(
            [sys.executable, "-m", "conformance", *arguments],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            first = process.stdout.readline()
            tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
            asked(first.split()[2].removesuffix("/v1"), {**STREAM, "tools": [tool], "tool_choice": "required"})
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
    assert re.fullmatch(rf"capturing on http://127\.0\.0\.1:\d+/v1 -> {server.base_url}\n", first)
    assert "POST /v1/chat/completions 200 0." in rest
    assert "    toolstream.index (breaks " in rest
    assert "captured 1 exchange in tape; " in rest
    assert process.returncode == 1


def test_the_guide_says_what_the_command_does() -> None:
    section = (ROOT / "docs" / "capture-a-session.md").read_text("utf-8")
    typed = re.search(r"^conformance (capture .*)$", section, re.MULTILINE)
    assert typed
    options = cli.parser().parse_args(shlex.split(typed[1]))
    base = base_url(options.host, options.port, options.upstream)
    assert f"`capturing on {base} -> {options.upstream}`" in section
    assert f"up to {Limits().stream // MIB} MiB of an answer" in section
    assert f"a folder in `{CAPTURES}/`" in section


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--upstream", "nowhere"], "--upstream: "),
        (["--upstream", "http://127.0.0.1:1/v1", "--record", "taken"], "already holds old.yaml"),
        (["--upstream", "http://127.0.0.1:1/v1", "--host", "192.0.2.1", "--record", "new"], "--host 192.0.2.1"),
    ],
)
def test_wrong_arguments_give_one_line(command: Command, here: Path, arguments: list[str], why: str) -> None:
    (here / "taken").mkdir()
    (here / "taken" / "old.yaml").touch()
    ran = command("capture", *arguments)
    assert ran.code == 4
    assert why in ran.err
    assert len(ran.err.splitlines()) == 1
