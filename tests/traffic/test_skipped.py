"""What is skipped in recorded traffic, what is judged by its form alone, and files with arbitrary content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clients import CURRENT
from conformance.requirements import Outcome
from conformance.traffic.evidence import Skipped, evidence
from conformance.traffic.files import read
from conformance.traffic.formats import vcr
from conformance.traffic.judge import judge_file, probes_for
from conformance.traffic.recorded import Unreadable
from tests.traffic.judging import SOUND, failures, judged, written
from tests.traffic.recordings import FORMATS, HI, STREAMED, Seen, vcrpy


def test_without_a_recorded_request_only_the_answer_is_judged(tmp_path: Path) -> None:
    unknown = [Seen(s.method, s.url, {}, b"", s.status, s.headers, s.body) for s in SOUND[:6]]
    result = judged(tmp_path, vcrpy(unknown))
    assert failures(result) == {}
    assert result.judged == 6
    assert result.others["chat.no-invented-calls"].outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("url", "method", "why"),
    [
        ("https://h/v1/embeddings", "POST", "embeddings"),
        ("https://h/v1/responses", "POST", "Responses API"),
        ("https://h/v1/messages", "POST", "Anthropic Messages API"),
        ("http://h/api/chat", "POST", "Ollama's own API"),
        ("https://h/v1beta/models/g:generateContent", "POST", "Gemini's own API"),
        ("https://h/v1/completions", "POST", "the older completions API"),
        ("https://h/v1/files", "GET", "other requests"),
    ],
)
def test_other_routes_are_skipped_by_name(url: str, method: str, why: str, tmp_path: Path) -> None:
    other = [Seen(method, url, {}, b'{"messages": []}', 200, {}, b"{}")] * 2
    result = judged(tmp_path, vcrpy(other))
    assert dict(result.skipped) == {why: 2}
    assert result.facts.blocked == f"2 skipped: {why}"


def reason(asked: dict[str, object], status: int, body: bytes, **headers: str) -> str:
    """Why this exchange is skipped; "" when it is judged."""
    url = "https://h/v1/chat/completions"
    one = Seen("POST", url, {}, json.dumps(asked).encode(), status, headers, body)
    (recorded,) = vcr.exchanges(yaml.safe_load(vcrpy([one], bytes)))
    try:
        evidence(recorded, "r#1", "r")
    except Skipped as why:
        return str(why)
    return ""


def test_an_exchange_that_was_not_recorded_unchanged_is_skipped() -> None:
    plain, streamed = {"messages": HI}, {"messages": HI, **STREAMED}
    assert "not recorded" in reason(plain, 200, b"")
    assert "not recorded" in reason(plain, 401, b"REDACTED")
    assert "cut" in reason(plain, 200, b'{"id": "chatcmpl-1", "cho')
    assert "cut" in reason(plain, 200, b"the answer was long")
    assert "several answers" in reason({**plain, "n": 2}, 200, SOUND[0].body)
    assert "not functions" in reason({**plain, "tools": [{"type": "web_search"}]}, 200, SOUND[0].body)
    assert "only the merged result" in reason(streamed, 200, SOUND[0].body)
    assert "cannot be decoded" in reason(plain, 200, b"\xff\x00\x01", **{"content-encoding": "br"})
    assert "own status" in reason(plain, 200, b'{"error": {"message": "filtered", "status": 400}}')
    assert "not recorded" in reason(plain, 200, b"{}")
    assert "(deferred)" in reason({**plain, "deferred": True}, 200, b'{"request_id": "1"}')
    assert reason(plain, 200, SOUND[0].body) == ""
    assert reason(plain, 200, b'{"error": {"message": "out of order"}}') == ""  # judged as a failure
    assert reason(plain, 200, b"<html>hello</html>", **{"content-type": "text/html"}) == ""


def test_errors_are_judged_by_their_form_alone(tmp_path: Path) -> None:
    body = b'{"error": {"message": "no", "type": "invalid_request_error", "param": null, "code": null}}'
    asked = json.dumps({"model": "m", "messages": HI}).encode()
    provoked = [
        Seen("POST", "https://h/v1/chat/completions", {}, asked, s, {"content-type": "application/json"}, body)
        for s in (400, 401, 403, 404, 429, 500, 503)
    ]
    assert failures(judged(tmp_path, vcrpy(provoked))) == {}


def test_an_answer_to_the_older_functions_may_have_their_form(tmp_path: Path) -> None:
    asked = json.dumps({"model": "m", "messages": HI, "functions": [{"name": "f"}], "stream": True}).encode()
    deltas = [{"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}, {}]
    chunks = [
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1_700_000_000,
            "model": "m",
            "choices": [{"index": 0, "delta": d, "finish_reason": None if d else "function_call"}],
        }
        for d in deltas
    ]
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    headers = {"content-type": "text/event-stream"}
    one = Seen("POST", "https://h/v1/chat/completions", {}, asked, 200, headers, body.encode())
    assert failures(judged(tmp_path, vcrpy([one]))) == {}


@settings(derandomize=True, deadline=None, max_examples=150, database=None)
@given(
    st.binary(max_size=300)
    | st.sampled_from([f(SOUND[:2]) for f in FORMATS.values()]).flatmap(
        lambda data: st.integers(0, len(data)).map(lambda n: data[:n])
    )
)
def test_no_file_raises_an_exception(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    result = judge_file(written(tmp_path_factory.mktemp("any"), data), probes_for(CURRENT)[:1])
    assert result.trouble or result.format


def test_the_other_entries_are_judged_despite_a_damaged_one(tmp_path: Path) -> None:
    entries = yaml.safe_load(vcrpy(SOUND[:1]))["interactions"]
    broken = {**entries[0], "response": {"status": 200, "body": {"base64_string": "a"}}}
    endless = "- request: {method: POST, uri: /chat/completions, parsed_body: &a [*a]}\n  response: {}\n"
    data = yaml.safe_dump({"interactions": [broken, *entries]}).encode() + endless.encode()
    result = judged(tmp_path, data)
    assert result.judged == 1
    assert result.skipped.total() == 2


def test_an_unreadable_file_has_a_short_reason(tmp_path: Path) -> None:
    for data, reason in (
        (b"", "is empty"),
        (b"\x7fELF\0\0\0", "is binary"),
        (b"hello: world\n", "is none of"),
        (b'{"log": {"entries": [', "breaks off"),
        (b"interactions:\n- request: {\n", "line"),
    ):
        with pytest.raises(Unreadable, match=reason):
            read(written(tmp_path, data))
