"""Every format gives the original exchanges, names what it cannot show, and invents nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.evidence.exchange import Chunk, Ended, Exchange, Lost, Request, Response
from conformance.requirements import Outcome
from conformance.requirements.talk import Talk
from conformance.wire import cassette
from conformance.wire.cassette import OURS
from tests.traffic.judging import SOUND, exchanges, failures, judged, written
from tests.traffic.recordings import FORMATS, HI, Seen, har, traffic, vcrpy


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_gives_the_original_exchanges(name: str, tmp_path: Path) -> None:
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
def test_correct_traffic_has_no_failures(name: str, tmp_path: Path) -> None:
    result = judged(tmp_path, FORMATS[name](SOUND))
    assert failures(result) == {}
    assert (result.judged, dict(result.skipped)) == (len(SOUND), {})


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
    assert probe in failures(judged(tmp_path, FORMATS[name](traffic(fault))))


def test_what_breaks_a_client_is_shown_in_its_own_words(tmp_path: Path) -> None:
    found = failures(judged(tmp_path, vcrpy(traffic("delta-without-index"))))
    assert "Expected" in found["client.kilo-code-reads"] or "Invalid" in found["client.kilo-code-reads"]


def test_no_recording_shows_times_or_how_the_connection_ended(tmp_path: Path) -> None:
    for exchange in exchanges(written(tmp_path, har(SOUND, exact=True))):
        assert {Lost.TIMES, Lost.ENDING, Lost.PURPOSE} <= exchange.lost


def ours(asked: bytes, pieces: list[bytes], **how: Any) -> bytes:
    """A cassette of this suite, with one answer that arrived in these pieces."""
    request = Request("POST", "http://127.0.0.1:9/v1/chat/completions", (), asked)
    response = Response(200, (("Content-Type", "text/event-stream"),), "OK", at=0.5)
    chunks = tuple(Chunk(float(n), piece) for n, piece in enumerate(pieces, 1))
    exchange = Exchange("plain#1", "plain", request, response, chunks, seconds=9.0, **how)
    return cassette.written(Talk("plain", (exchange,)), {}).encode()


ASKED = json.dumps({"model": "reference-1", "messages": HI, "stream": True}).encode()
PIECES = [b'data: {"id": "1"}\n\n', b"", b'data: {"id": "1"}\n', b"\ndata"]


@pytest.mark.parametrize("ended", [Ended.COMPLETE, Ended.RESET, Ended.CLOSED_EARLY, Ended.TIMED_OUT])
def test_cassettes_of_this_suite_show_times_and_how_the_connection_ended(ended: Ended, tmp_path: Path) -> None:
    (found,) = exchanges(written(tmp_path, ours(ASKED, PIECES, ended=ended, detail="so")))
    assert not {Lost.TIMES, Lost.ENDING} & found.lost
    assert (found.ended, found.detail, found.seconds) == (ended, "so", 9.0)
    assert [(chunk.at, chunk.data) for chunk in found.chunks] == [*enumerate(PIECES, 1)]
    assert found.response
    assert found.response.at == 0.5


@pytest.mark.parametrize("ended", [Ended.HUNG_UP, Ended.OVER_LIMIT])
def test_the_end_of_a_stream_that_was_not_read_to_its_end_is_unknown(ended: Ended, tmp_path: Path) -> None:
    result = judged(tmp_path, ours(ASKED, PIECES, ended=ended))
    assert result.others["stream.whole"].outcome is Outcome.NOT_APPLICABLE


def test_a_broken_completion_fails_only_where_the_recording_shows_the_break(tmp_path: Path) -> None:
    asked = json.dumps({"model": "reference-1", "messages": HI}).encode()
    broken = judged(tmp_path, ours(asked, [b'{"id": "chat'], ended=Ended.RESET, detail="so"))
    assert "reset: so" in failures(broken)["chat.json"]
    cut = judged(tmp_path, ours(asked, [b'{"id": "chat'], ended=Ended.HUNG_UP, detail="so"))
    assert (cut.judged, sum(cut.skipped.values())) == (0, 1)


@pytest.mark.parametrize(
    "edit",
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
def test_an_edited_cassette_of_this_suite_is_read_as_any_other(edit: Any, tmp_path: Path) -> None:
    tape = yaml.safe_load(ours(ASKED, PIECES, ended=Ended.RESET))
    response = tape["interactions"][0]["response"]
    response[OURS] = {**response[OURS], **edit} if isinstance(edit, dict) else edit
    (found,) = exchanges(written(tmp_path, yaml.safe_dump(tape).encode()))
    assert {Lost.TIMES, Lost.ENDING} <= found.lost


@pytest.mark.parametrize("probe", ["stream.whole", "stream.closes"])
def test_what_only_a_connection_shows_is_not_applicable(probe: str, tmp_path: Path) -> None:
    result = judged(tmp_path, vcrpy(SOUND))
    assert result.others[probe].outcome is Outcome.NOT_APPLICABLE
    assert "the recording does not show" in result.others[probe].reason


def test_a_dropped_header_neither_fails_nor_passes(tmp_path: Path) -> None:
    bare = [Seen(s.method, s.url, {}, s.asked, s.status, {}, s.body) for s in SOUND]
    result = judged(tmp_path, vcrpy(bare))
    assert failures(result) == {}
    assert result.others["stream.content-type"].outcome is Outcome.NOT_APPLICABLE


def test_a_wrong_header_is_a_failure(tmp_path: Path) -> None:
    assert "stream.content-type" in failures(judged(tmp_path, vcrpy(traffic("stream-content-type"))))


@pytest.mark.parametrize("word", ["REDACTED", "**REDACTED**", "***", "<CONTENT_TYPE>", "[Filtered]"])
def test_a_masked_header_counts_as_dropped(word: str, tmp_path: Path) -> None:
    masked = [
        Seen(s.method, s.url, dict.fromkeys(s.sent, word), s.asked, s.status, dict.fromkeys(s.headers, word), s.body)
        for s in SOUND
    ]
    assert failures(judged(tmp_path, vcrpy(masked))) == {}


@settings(derandomize=True, deadline=None, max_examples=80, database=None)
@given(st.integers(0, 4_000))
def test_a_stream_with_only_its_beginning_recorded_is_not_a_failure(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    whole = [one for one in SOUND if one.is_stream]
    cuts = [Seen(s.method, s.url, s.sent, s.asked, s.status, s.headers, s.body[:cut]) for s in whole]
    assert failures(judged(tmp_path_factory.mktemp("cut"), vcrpy(cuts))) == {}


def test_a_stream_recorded_up_to_its_finish_reason_is_not_a_failure(tmp_path: Path) -> None:
    whole = next(one for one in SOUND if one.is_stream)
    events = whole.body.split(b"\n\n")
    last = max(n for n, event in enumerate(events) if b'"finish_reason":"stop"' in event)
    body = b"\n\n".join(events[: last + 1]) + b"\n\n"
    cut = Seen("POST", whole.url, {}, whole.asked, 200, whole.headers, body)
    assert failures(judged(tmp_path, vcrpy([cut]))) == {}


def test_a_stream_with_trimmed_line_ends_is_complete(tmp_path: Path) -> None:
    trimmed = [Seen(s.method, s.url, s.sent, s.asked, s.status, s.headers, s.body.rstrip()) for s in SOUND]
    found = exchanges(written(tmp_path, vcrpy(trimmed)))
    assert {e.ended for e in found} == {Ended.COMPLETE}
    assert failures(judged(tmp_path, vcrpy(trimmed))) == {}
