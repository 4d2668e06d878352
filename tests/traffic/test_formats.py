"""Every format gives the exchanges that were on the wire; what it cannot show is said, and nothing is made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clients import CURRENT
from conformance.evidence.exchange import Chunk, Ended, Exchange, Lost, Request, Response
from conformance.judge import Talk
from conformance.judge_traffic import Sheet, judge_file, probes_for
from conformance.probe import Outcome
from conformance.traffic import vcr
from conformance.traffic.evidence import PassedOver, evidence
from conformance.traffic.reading import read
from conformance.traffic.recorded import Unreadable
from conformance.wire import cassette
from tests.traffic.recordings import FORMATS, HI, STREAMED, Seen, har, traffic, vcrpy

SOUND = traffic()


def written(folder: Path, data: bytes) -> Path:
    file = folder / "recorded"
    file.write_bytes(data)
    return file


def exchanges(file: Path) -> list[Exchange]:
    return [evidence(one, f"{file}#{n}", "c") for n, one in enumerate(read(file)[1], 1)]


def judged(folder: Path, data: bytes) -> Sheet:
    sheet = judge_file(written(folder, data), probes_for(CURRENT))
    assert not sheet.trouble
    return sheet


def felt(sheet: Sheet) -> dict[str, str]:
    """What is wrong, with what was seen."""
    return {
        o.probe.id: o.actual or o.reason
        for o in sheet.wrong
        if o.outcome is Outcome.ERROR or set(o.probe.severity.values()) - {"harmless"}
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_gives_what_was_on_the_wire(name: str, tmp_path: Path) -> None:
    found = exchanges(written(tmp_path, FORMATS[name](SOUND)))
    assert [e.status for e in found] == [one.status for one in SOUND]
    assert [e.request.url for e in found] == [one.url for one in SOUND]
    for exchange, one in zip(found, SOUND, strict=True):
        assert (exchange.request.json or {}) == (json.loads(one.asked) if one.asked else {})
        same = exchange.body == one.body if one.is_stream else exchange.json == json.loads(one.body)
        assert same
        assert exchange.content_type == one.headers["content-type"].split(";")[0]
        assert exchange.ended is Ended.COMPLETE


@pytest.mark.parametrize("name", FORMATS)
def test_sound_traffic_is_found_sound(name: str, tmp_path: Path) -> None:
    sheet = judged(tmp_path, FORMATS[name](SOUND))
    assert felt(sheet) == {}
    assert (sheet.judged, dict(sheet.passed_over)) == (len(SOUND), {})


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("fault", "probe"),
    [
        ("delta-without-index", "toolstream.index"),
        ("error-null", "stream.error-key"),
        ("closing-brace-missing", "tools.arguments-json"),
        ("finish-reason-eos", "chat.finish-reason"),
        ("errors-string", "errors.envelope"),
    ],
)
def test_a_defect_is_found_in_every_format(name: str, fault: str, probe: str, tmp_path: Path) -> None:
    assert probe in felt(judged(tmp_path, FORMATS[name](traffic(fault))))


def test_what_a_client_chokes_on_is_said_in_its_words(tmp_path: Path) -> None:
    found = felt(judged(tmp_path, vcrpy(traffic("delta-without-index"))))
    assert "Expected" in found["client.kilo-code-reads"] or "Invalid" in found["client.kilo-code-reads"]


def test_no_recording_shows_times_or_how_the_connection_ended(tmp_path: Path) -> None:
    for exchange in exchanges(written(tmp_path, har(SOUND, exact=True))):
        assert {Lost.TIMES, Lost.ENDING, Lost.PURPOSE} <= exchange.lost


def ours(asked: bytes, pieces: list[bytes], **how: Any) -> bytes:
    """A cassette of our own, of one answer that came in these pieces."""
    request = Request("POST", "http://127.0.0.1:9/v1/chat/completions", (), asked)
    response = Response(200, (("Content-Type", "text/event-stream"),), "OK", at=0.5)
    chunks = tuple(Chunk(float(n), piece) for n, piece in enumerate(pieces, 1))
    exchange = Exchange("plain#1", "plain", request, response, chunks, seconds=9.0, **how)
    return cassette.written(Talk("plain", (exchange,)), {}).encode()


ASKED = json.dumps({"model": "reference-1", "messages": HI, "stream": True}).encode()
PIECES = [b'data: {"id": "1"}\n\n', b"", b'data: {"id": "1"}\n', b"\ndata"]


@pytest.mark.parametrize("ended", [Ended.COMPLETE, Ended.RESET, Ended.CLOSED_EARLY, Ended.TIMED_OUT])
def test_our_own_cassettes_show_times_and_how_the_connection_ended(ended: Ended, tmp_path: Path) -> None:
    (found,) = exchanges(written(tmp_path, ours(ASKED, PIECES, ended=ended, detail="so")))
    assert not {Lost.TIMES, Lost.ENDING} & found.lost
    assert (found.ended, found.detail, found.seconds) == (ended, "so", 9.0)
    assert [(chunk.at, chunk.data) for chunk in found.chunks] == [*enumerate(PIECES, 1)]
    assert found.response
    assert found.response.at == 0.5


@pytest.mark.parametrize("ended", [Ended.HUNG_UP, Ended.OVER_LIMIT])
def test_how_a_stream_would_have_ended_that_we_did_not_hear_out_is_not_shown(
    ended: Ended, tmp_path: Path
) -> None:
    sheet = judged(tmp_path, ours(ASKED, PIECES, ended=ended))
    assert sheet.others["stream.whole"].outcome is Outcome.NOT_APPLICABLE


def test_a_completion_that_broke_off_is_one_only_where_the_recording_shows_it(tmp_path: Path) -> None:
    asked = json.dumps({"model": "reference-1", "messages": HI}).encode()
    broken = judged(tmp_path, ours(asked, [b'{"id": "chat'], ended=Ended.RESET, detail="so"))
    assert "reset: so" in felt(broken)["chat.json"]
    cut = judged(tmp_path, ours(asked, [b'{"id": "chat'], ended=Ended.HUNG_UP, detail="so"))
    assert (cut.judged, sum(cut.passed_over.values())) == (0, 1)


@pytest.mark.parametrize(
    "told",
    [
        None,
        "text",
        {"chunks": 1},
        {"chunks": [[0, 10**9]]},
        {"chunks": [[0, -1], [0, 1]]},
        {"ended": "otherwise"},
        {"at": "soon"},
    ],
)
def test_a_cassette_of_ours_that_was_edited_is_read_as_any_other(told: Any, tmp_path: Path) -> None:
    tape = yaml.safe_load(ours(ASKED, PIECES, ended=Ended.RESET))
    response = tape["interactions"][0]["response"]
    response[vcr.OURS] = {**response[vcr.OURS], **told} if isinstance(told, dict) else told
    (found,) = exchanges(written(tmp_path, yaml.safe_dump(tape).encode()))
    assert {Lost.TIMES, Lost.ENDING} <= found.lost


@pytest.mark.parametrize("probe", ["stream.whole", "stream.closes"])
def test_what_only_a_connection_shows_is_not_applicable(probe: str, tmp_path: Path) -> None:
    sheet = judged(tmp_path, vcrpy(SOUND))
    assert sheet.others[probe].outcome is Outcome.NOT_APPLICABLE
    assert "the recording does not show" in sheet.others[probe].reason


def test_a_header_that_was_dropped_is_no_finding_and_no_pass(tmp_path: Path) -> None:
    bare = [Seen(s.method, s.url, {}, s.asked, s.status, {}, s.body) for s in SOUND]
    sheet = judged(tmp_path, vcrpy(bare))
    assert felt(sheet) == {}
    assert sheet.others["stream.content-type"].outcome is Outcome.NOT_APPLICABLE


def test_a_header_that_is_there_and_wrong_is_a_finding(tmp_path: Path) -> None:
    assert "stream.content-type" in felt(judged(tmp_path, vcrpy(traffic("stream-content-type"))))


@pytest.mark.parametrize("word", ["REDACTED", "**REDACTED**", "***", "<CONTENT_TYPE>", "[Filtered]"])
def test_a_header_that_was_masked_counts_as_dropped(word: str, tmp_path: Path) -> None:
    masked = [
        Seen(
            s.method,
            s.url,
            dict.fromkeys(s.sent, word),
            s.asked,
            s.status,
            dict.fromkeys(s.headers, word),
            s.body,
        )
        for s in SOUND
    ]
    assert felt(judged(tmp_path, vcrpy(masked))) == {}


@settings(derandomize=True, deadline=None, max_examples=80, database=None)
@given(st.integers(0, 4_000))
def test_a_stream_of_which_only_the_beginning_was_recorded_is_not_blamed(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    whole = [one for one in SOUND if one.is_stream]
    cuts = [Seen(s.method, s.url, s.sent, s.asked, s.status, s.headers, s.body[:cut]) for s in whole]
    assert felt(judged(tmp_path_factory.mktemp("cut"), vcrpy(cuts))) == {}


def test_a_stream_that_was_recorded_up_to_its_finish_reason_is_not_blamed(tmp_path: Path) -> None:
    whole = next(one for one in SOUND if one.is_stream)
    events = whole.body.split(b"\n\n")
    last = max(n for n, event in enumerate(events) if b'"finish_reason":"stop"' in event)
    body = b"\n\n".join(events[: last + 1]) + b"\n\n"
    cut = Seen("POST", whole.url, {}, whole.asked, 200, whole.headers, body)
    assert felt(judged(tmp_path, vcrpy([cut]))) == {}


def test_a_stream_whose_last_line_ends_were_trimmed_is_whole(tmp_path: Path) -> None:
    trimmed = [Seen(s.method, s.url, s.sent, s.asked, s.status, s.headers, s.body.rstrip()) for s in SOUND]
    found = exchanges(written(tmp_path, vcrpy(trimmed)))
    assert {e.ended for e in found} == {Ended.COMPLETE}
    assert felt(judged(tmp_path, vcrpy(trimmed))) == {}


def test_where_no_request_was_recorded_only_the_answer_is_judged(tmp_path: Path) -> None:
    unknown = [Seen(s.method, s.url, {}, b"", s.status, s.headers, s.body) for s in SOUND[:6]]
    sheet = judged(tmp_path, vcrpy(unknown))
    assert felt(sheet) == {}
    assert sheet.judged == 6
    assert sheet.others["chat.no-invented-calls"].outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("url", "method", "why"),
    [
        ("https://h/v1/embeddings", "POST", "embeddings"),
        ("https://h/v1/responses", "POST", "Responses API"),
        ("https://h/v1/messages", "POST", "Anthropic Messages API"),
        ("http://h/api/chat", "POST", "Ollama's own API"),
        ("https://h/v1beta/models/g:generateContent", "POST", "Gemini's own API"),
        ("https://h/v1/completions", "POST", "completions without chat"),
        ("https://h/v1/files", "GET", "other requests"),
    ],
)
def test_other_routes_are_passed_over_by_name(url: str, method: str, why: str, tmp_path: Path) -> None:
    other = [Seen(method, url, {}, b'{"messages": []}', 200, {}, b"{}")] * 2
    sheet = judged(tmp_path, vcrpy(other))
    assert dict(sheet.passed_over) == {why: 2}
    assert sheet.told.blocked == f"2 passed over: {why}"


def reason(asked: dict[str, object], status: int, body: bytes, **headers: str) -> str:
    """Why such an exchange is passed over; "" when it is judged."""
    url = "https://h/v1/chat/completions"
    one = Seen("POST", url, {}, json.dumps(asked).encode(), status, headers, body)
    (recorded,) = vcr.exchanges(yaml.safe_load(vcrpy([one], bytes)))
    try:
        evidence(recorded, "r#1", "r")
    except PassedOver as why:
        return str(why)
    return ""


def test_what_is_not_there_as_it_came_is_passed_over() -> None:
    plain, streamed = {"messages": HI}, {"messages": HI, **STREAMED}
    assert "not recorded" in reason(plain, 200, b"")
    assert "not recorded" in reason(plain, 401, b"REDACTED")
    assert "cut" in reason(plain, 200, b'{"id": "chatcmpl-1", "cho')
    assert "cut" in reason(plain, 200, b"the answer was long")
    assert "several answers" in reason({**plain, "n": 2}, 200, SOUND[0].body)
    assert "no functions" in reason({**plain, "tools": [{"type": "web_search"}]}, 200, SOUND[0].body)
    assert "only the sum" in reason(streamed, 200, SOUND[0].body)
    assert "cannot be undone" in reason(plain, 200, b"\xff\x00\x01", **{"content-encoding": "br"})
    assert "own status" in reason(plain, 200, b'{"error": {"message": "filtered", "status": 400}}')
    assert "not recorded" in reason(plain, 200, b"{}")
    assert "(deferred)" in reason({**plain, "deferred": True}, 200, b'{"request_id": "1"}')
    assert reason(plain, 200, SOUND[0].body) == ""
    assert reason(plain, 200, b'{"error": {"message": "out of order"}}') == ""  # is told as a failure
    assert reason(plain, 200, b"<html>hello</html>", **{"content-type": "text/html"}) == ""


def test_errors_that_somebody_provoked_are_judged_by_their_form_alone(tmp_path: Path) -> None:
    body = b'{"error": {"message": "no", "type": "invalid_request_error", "param": null, "code": null}}'
    asked = json.dumps({"model": "m", "messages": HI}).encode()
    provoked = [
        Seen(
            "POST", "https://h/v1/chat/completions", {}, asked, s, {"content-type": "application/json"}, body
        )
        for s in (400, 401, 403, 404, 429, 500, 503)
    ]
    assert felt(judged(tmp_path, vcrpy(provoked))) == {}


def test_the_older_functions_are_answered_in_their_form(tmp_path: Path) -> None:
    asked = json.dumps({"model": "m", "messages": HI, "functions": [{"name": "f"}], "stream": True}).encode()
    deltas = [
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {},
    ]
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
    assert felt(judged(tmp_path, vcrpy([one]))) == {}


@settings(derandomize=True, deadline=None, max_examples=150, database=None)
@given(
    st.binary(max_size=300)
    | st.sampled_from([f(SOUND[:2]) for f in FORMATS.values()]).flatmap(
        lambda data: st.integers(0, len(data)).map(lambda n: data[:n])
    )
)
def test_whatever_a_file_holds_nothing_is_raised(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    sheet = judge_file(written(tmp_path_factory.mktemp("any"), data), probes_for(CURRENT)[:1])
    assert sheet.trouble or sheet.format


def test_a_damaged_entry_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    entries = yaml.safe_load(vcrpy(SOUND[:1]))["interactions"]
    broken = {**entries[0], "response": {"status": 200, "body": {"base64_string": "a"}}}
    endless = "- request: {method: POST, uri: /chat/completions, parsed_body: &a [*a]}\n  response: {}\n"
    data = yaml.safe_dump({"interactions": [broken, *entries]}).encode() + endless.encode()
    sheet = judged(tmp_path, data)
    assert sheet.judged == 1
    assert sheet.passed_over.total() == 2


def test_an_unknown_file_is_told_in_a_few_words(tmp_path: Path) -> None:
    for data, told in (
        (b"", "is empty"),
        (b"\x7fELF\0\0\0", "is binary"),
        (b"hello: world\n", "is none of"),
        (b'{"log": {"entries": [', "breaks off"),
        (b"interactions:\n- request: {\n", "line"),
    ):
        with pytest.raises(Unreadable, match=told):
            read(written(tmp_path, data))
