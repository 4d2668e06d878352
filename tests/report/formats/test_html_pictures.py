"""What the page draws and marks: arrival, the table of areas, the failing chunk, the command that repeats a request."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.clients import CLIENTS
from conformance.evidence.exchange import Request
from conformance.judging.observation import Observation
from conformance.report.bodies import row_of
from conformance.report.formats import render
from conformance.report.formats.html import LIMIT
from conformance.report.page.arrivals import longest, read
from conformance.report.page.curve import curve
from conformance.report.page.matrix import matrix
from conformance.requirements import Outcome
from tests.report.formats import examples
from tests.report.formats.page import ATTRIBUTES, TAGS, Page

EXAMPLES = examples.every_example()


def event(**delta: Any) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"


def written(text: str) -> bytes:
    return event(tool_calls=[{"index": 0, "function": {"arguments": text}}])


def report_of(*exchanges: Any, observations: Any = ()) -> dict[str, Any]:
    return examples.report(examples.run(), examples.judgement(), observations, exchanges)


def exchange_of(chunks: list[bytes], **fields: Any) -> dict[str, Any]:
    (found,) = report_of(examples.exchange("s", 1, chunks, **fields))["exchanges"]
    return dict(found)


def test_text_and_arguments_are_counted_as_they_arrive() -> None:
    found = read(exchange_of([event(content="abc")] * 4 + [written("12345")] * 4))
    assert found is not None
    assert [(p.text, p.arguments) for p in found.points][3:5] == [(12, 0), (12, 5)]
    assert found.first == 0.25
    assert found.text == (
        "12 characters of text and 20 characters of arguments in 8 pieces, the first after 0.25 s, in 8 bursts, "
        "the longest pause 0.10 s"
    )


def test_an_event_torn_apart_counts_when_it_is_whole() -> None:
    one = event(content="ab")
    found = read(exchange_of([one[:20], one[20:]] * 8))
    assert found is not None
    assert [p.text for p in found.points] == list(range(2, 17, 2))
    assert found.first == 0.35


@pytest.mark.parametrize(
    "odd",
    [
        b"data: nonsense\n",
        b"data: " + b"[" * 5_000 + b"\n",
        event(content=7),
        event(tool_calls=[7]),
        event(tool_calls=7),
        b'data: {"choices": []}\n',
        b'data: {"choices": [null]}\n',
        b"\xff\xfe\n",
    ],
)
def test_malformed_events_are_skipped(odd: bytes) -> None:
    assert read(exchange_of([odd] * 10)) is None


def test_each_conversation_is_drawn_once_and_the_longest_arguments_come_first() -> None:
    shown = [
        examples.exchange("talk", 1, [event(content="a" * 100)] * 10),
        examples.exchange("talk", 2, [event(content="a" * 90)] * 10),
        examples.exchange("call", 1, [written("1")] * 10),
    ]
    assert [arrival.id for arrival in longest(report_of(*shown)["exchanges"], 4)] == ["call#1", "talk#1"]


def test_the_curve_ends_at_everything() -> None:
    found = read(exchange_of([event(content="a")] * 10))
    assert found is not None
    assert str(curve(found)).count('class="text" d="M0 100H') == 1
    assert "H100.00V0.00" in curve(found)


def test_the_curve_is_interrupted_where_a_report_left_bytes_out_and_that_is_no_pause() -> None:
    whole = exchange_of([event(content="a")] * 40)
    cut = {**whole, "chunks": whole["chunks"][:10] + whole["chunks"][30:], "cut": 1_234, "cut_at": 10}
    found = read(cut)
    assert found is not None
    assert found.gap == 10
    assert found.text.endswith("the longest pause 0.10 s; 1,234 bytes between are left out")
    picture = str(curve(found))
    assert picture.count('class="gap"') == 1
    assert "M78.31 45.00" in picture


@pytest.mark.parametrize("at", [0, 40])
def test_a_gap_at_either_end_is_no_gap_in_the_curve(at: int) -> None:
    found = read({**exchange_of([event(content="a")] * 40), "cut": 9, "cut_at": at})
    assert found is not None
    assert 'class="gap"' not in curve(found)


def test_a_long_stream_becomes_a_short_curve() -> None:
    found = read(exchange_of([event(content="a")] * 5_000))
    assert found is not None
    assert len(curve(found)) < 10_000


def test_the_names_in_a_picture_are_text_and_it_has_a_title() -> None:
    evil = "<script>alert(1)</script>\"'><svg onload=x>"
    shown = {**exchange_of([event(content=evil)] * 10), "id": evil}
    found = read(shown)
    assert found is not None
    picture = Page(curve(found))
    assert {tag for tag, _ in picture.found} <= TAGS - {"script"}
    assert {name for _, attributes in picture.found for name in attributes} <= ATTRIBUTES
    assert "<script>alert(1)</script>" in "".join(picture.within("title"))


def test_the_table_shows_the_worst_outcome_of_each_area_for_each_client() -> None:
    rows = {
        row["id"]: dict(zip((c.id for c in CLIENTS), row["cells"], strict=True)) for row in matrix(EXAMPLES["failing"])
    }
    assert rows["toolstream"]["roo-code"] == {"state": "fails", "sign": "✗", "text": "1 breaks it"}
    assert rows["limits"]["roo-code"]["state"] in ("unknown", "")
    assert {cell["state"] for row in rows.values() for cell in row.values()} <= {
        "fails",
        "degraded",
        "unknown",
        "works",
        "",
    }


def test_the_row_that_shares_rare_words_with_the_evidence_is_found() -> None:
    rows = ["data choices delta content"] * 4 + ["data choices delta call_81 read_file"] + ["data choices"] * 4
    assert row_of(rows, "delta 0 has no index: call_81 in choices") == 4
    assert row_of(rows, "data choices") is None
    assert row_of([], "anything") is None


def test_the_failing_chunk_is_marked_and_shown_even_if_it_is_late() -> None:
    chunks = [event(content="hello")] * 90 + [written("call_81 <script>")] + [event(content="hello")] * 9
    one = examples.exchange("s", 1, chunks)
    seen = Observation(examples.INDEX, "s", Outcome.FAILED, "no index: call_81", exchanges=("s#1",))
    page = Page(render("html", report_of(one, observations=[seen])))
    (marked,) = page.within("mark")
    assert "call_81 <script>" in marked
    assert "49 more" in page.text
    assert "8 more" in page.text
    assert [text for text in page.within("li") if "no index: call_81" in text]


def test_a_request_can_be_repeated_and_the_key_is_a_variable() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    commands = [text for text in page.within("pre") if text.startswith("curl ")]
    assert len(commands) == 1  # the three requests are the same
    assert all('"$API_KEY"' in text and "--data-raw" in text for text in commands)


def test_a_body_too_long_to_paste_is_read_from_the_report() -> None:
    asked = Request("POST", "https://x.example/v1", (("authorization", "Bearer ***"),), b"y" * 20_000)
    page = Page(render("html", report_of(examples.exchange(request=asked))))
    (command,) = [text for text in page.within("pre") if text.startswith("jq ")]
    assert "--arg id 'tool_stream#1'" in command
    assert command.endswith("--data-binary @-")
    assert "yyy" not in command


def test_no_command_is_shown_that_would_send_something_else() -> None:
    asked = Request("POST", "https://x.example/v1", (), b"\xff\xfe")
    page = Page(render("html", report_of(examples.exchange(request=asked))))
    assert not [text for text in page.within("pre") if "curl" in text]


@pytest.mark.full
def test_four_hundred_observations_and_ten_megabytes_of_evidence_stay_below_the_limit() -> None:
    probes = [replace(examples.INDEX, id=f"toolstream.p{n}") for n in range(400)]
    body = b'data: {"choices": [{"delta": {"content": "<b>&amp;\\u202e"}}]}\n\n' * 40
    exchanges = [
        examples.exchange("s", n, [body] * 40, request=Request("POST", "http://x/", (), b"%d" % n + b"{" * 20_000))
        for n in range(85)
    ]
    assert sum(len(c.data) for x in exchanges for c in x.chunks) + 85 * 20_000 > 10_000_000
    seen = [
        Observation(p, "s", Outcome.FAILED, "delta <0> has no index", exchanges=(exchanges[n % 85].id,))
        for n, p in enumerate(probes)
    ]
    page = render("html", report_of(*exchanges, observations=seen))
    assert len(page.encode()) <= LIMIT
    shown = Page(page)
    assert len(shown.all("details", "probe")) == 400
    assert len([text for text in shown.within("pre") if text.startswith("jq ")]) == 85
