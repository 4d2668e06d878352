"""The page: it loads nothing, runs nothing of a provider, keeps hostile text as text, and stays small."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from typing import Any

import pytest

from conformance.clients import CLIENTS
from conformance.clients.reading import Moment
from conformance.evidence.exchange import Request
from conformance.judging.observation import Observation
from conformance.report.formats import render
from conformance.report.formats.html import LIMIT
from conformance.requirements import Outcome
from tests.report.formats import examples
from tests.report.formats.page import ATTRIBUTES, TAGS, Page

EXAMPLES = examples.every_example()
HEADINGS = ["h1", "h2", "h3", "h4"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_only_known_elements_and_attributes_are_in_the_page(example: str) -> None:
    page = Page(render("html", EXAMPLES[example]))
    assert {tag for tag, _ in page.found} <= TAGS
    assert {name for _, attributes in page.found for name in attributes} <= ATTRIBUTES


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_is_loaded_and_links_point_into_the_page_or_to_the_web(example: str) -> None:
    text = render("html", EXAMPLES[example])
    page = Page(text)
    links = [a["href"] or "" for tag, a in page.found if tag == "a"]
    assert not [link for link in links if not re.match(r"#|https?://|pytest\.html$", link)]
    assert not re.search(r"url\(|@import|image-set", text.split("</style>")[0])
    policy = [a["content"] for tag, a in page.found if tag == "meta" and "http-equiv" in a]
    (script,) = page.within("script")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == [
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    ]


def test_every_link_into_the_page_has_a_target() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    targets = {a["id"] for _, a in page.found if a.get("id")}
    assert {(a["href"] or "")[1:] for tag, a in page.found if tag == "a" and (a["href"] or "")[0] == "#"} <= targets


def test_hostile_text_is_shown_as_text() -> None:
    text = "".join(Page(render("html", EXAMPLES["hostile"])).text)
    assert "<script>alert(1)</script><svg onload=x>" in text
    assert "\\x1b[31mred" in text
    assert "\\u202egnp.exe" in text
    assert "{{ 7*7 }} {% raw %}" in text


def test_a_failed_requirement_is_headed_by_what_happens_with_the_requirement_below() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    shown = "".join(page.within("summary"))
    assert "Streamed tool-call deltas have no index.Required: Every streamed tool-call delta carries" in shown
    assert "A stream that was asked for usage ends with a chunk that carries it.usage.stream-totals" in shown


def test_only_failed_requirements_are_open() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    assert ["open" in probe for probe in page.all("details", "probe")] == [False, True, False, True, False]
    assert ["open" in area for area in page.all("details", "area")] == [False, True, False, True, False]
    assert not any("open" in exchange for exchange in page.all("details", "exchange"))


def test_the_sections_are_in_the_order_of_a_users_questions() -> None:
    text = render("html", EXAMPLES["failing"])
    titles = re.findall("<h2>(.*?)</h2>", text)
    assert titles == [
        "Does it work with my client?",
        "Native tool calling",
        "Troubleshooting headings",
        "What to fix first",
        "Settings to paste",
        "What the users of each client see",
        "Failures by area and client",
        "How the answers arrived",
        "Requests over time",
        "All requirements",
        "Evidence",
    ]
    (answer,) = re.findall('<ul class="answer">(.*?)</ul>', text, re.DOTALL)
    assert "does not work with Roo Code, Kilo Code, OpenAI Python SDK" in "".join(Page(answer).text)


def test_what_the_user_sees_is_a_quote_and_the_reason_does_not_repeat_it() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    assert set(page.within("blockquote")) == {examples.CRASH}
    reasons = [text for text in page.within("article") if text.startswith("Streamed tool calls cannot")]
    assert len(reasons) == 6 + 1
    assert "its user reads" not in "".join(page.text)


def test_a_turn_lists_its_steps_and_marks_its_error_message() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    assert page.within("q") == [examples.CRASH]
    steps = "".join(page.within("li"))
    assert "0.20 s read_file appears0.90 s its path is complete1.70 s read_file runs" in steps
    assert "0.90 s its path is complete1.70 s ✗ its user sees " in steps
    labels = [a["aria-label"] for tag, a in page.found if tag == "svg" and (a.get("class") or "").startswith("bar")]
    assert labels == ["Timeline of 1.70 s with 3 steps"] * 2 + ["Timeline of 1.70 s with 2 steps and an error message"]
    assert [(a["x1"], a["x2"]) for tag, a in page.found if tag == "line"][:2] == [("0", "11.8%"), ("11.8%", "100.0%")]


def test_clients_without_a_problem_are_folded() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    settings, turns = page.all("details", "fold")[:3], page.all("details", "fold")[3:5]
    assert ["open" in client for client in turns] == [False, True]
    assert "2 answers, no problem" in page.text
    assert "1 of 1 answer wrong" in page.text
    assert not any("open" in client for client in settings)


def test_a_turn_with_too_many_steps_still_ends_with_its_error_message() -> None:
    moments = tuple(Moment(n / 10, f"call_{n} runs") for n in range(60))
    long = examples.turn(complaint="It was too much.", moments=moments)
    page = Page(render("html", examples.report(examples.run(turns=(long,)), examples.judgement(), [], [])))
    assert "48 more" in page.text
    assert page.within("q") == ["It was too much."]


def test_settings_are_shown_with_reasons_and_ready_to_paste() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    pasted = [text for text in page.within("pre") if text.startswith("Base URL: ")]
    assert pasted == ["Base URL: https://api.acme.example/v1\nR1: off"] * 3
    cells = page.within("td")
    assert {"https://api.acme.example/v1", "leads to the API", "the turn in that form fails"} <= set(cells)
    assert page.text.count("1 to avoid") == 3


def test_sections_without_content_are_left_out() -> None:
    page = Page(render("html", EXAMPLES["unreachable"]))
    assert "Settings to paste" not in page.text
    assert "This run sent none of the clients' own requests; a run with --depth standard does." in page.text
    assert page.within("blockquote") == []


def test_advice_on_what_was_typed_is_below_the_verdicts() -> None:
    text = "".join(Page(render("html", EXAMPLES["unreachable"])).text)
    assert text.index("could not be judged for") < text.index("It ends in a slash.") < text.index("Does it work")


def test_the_arrival_of_long_arguments_is_described_in_numbers() -> None:
    page = Page(render("html", EXAMPLES["working"]))
    assert (
        "A call with 9,144 characters of arguments arrived in 2,286 pieces over 1.50 s, after a wait of 0.21 s. After "
        "half of that time 48 % had arrived; the largest piece held less than 0.1 %. The arguments are complete."
    ) in page.text


def test_arguments_in_one_piece_have_no_half_time() -> None:
    at_once = examples.ARRIVAL | {"bursts": 1, "took": 0.0, "by_half_time": 1.0, "largest_burst": 1.0, "intact": False}
    text = render("html", examples.report(examples.run(arguments=at_once), examples.judgement(), [], []))
    assert "arguments arrived in one piece, after a wait of 0.21 s. The arguments are damaged.<" in text


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_heading_skips_a_level(example: str) -> None:
    levels = [HEADINGS.index(tag) for tag, _ in Page(render("html", EXAMPLES[example])).found if tag in HEADINGS]
    assert [b for a, b in itertools.pairwise([-1, *levels]) if b > a + 1] == []


def test_hostile_turns_settings_and_error_messages_stay_text() -> None:
    page = Page(render("html", EXAMPLES["hostile"]))
    for tag in ("q", "blockquote", "td", "h4"):
        assert [text for text in page.within(tag) if text.startswith("<script>alert(1)</script><svg onload=x>")]
    assert [text for text in page.within("pre") if "\n::error::pwned\n" in text]


def test_long_streams_and_bodies_are_cut_with_a_note() -> None:
    long = examples.exchange("plain_stream", 1, [b"data: " + b"y" * 500 + b"\n\n"] * 60)
    text = render("html", examples.report(examples.run(), examples.judgement(), [], [long]))
    assert "20 more" in text
    assert "characters more" in text
    assert len(text) < 60_000


@pytest.mark.parametrize("flood", [b"\x01" * 65_536, b'"&<' * 21_845, b"\xff\xfe" * 32_768, "\u202e".encode() * 21_845])
def test_the_page_stays_below_the_limit_whatever_a_provider_sends(flood: bytes) -> None:
    text = flood[:3_000].decode("utf-8", "replace")
    one = examples.exchange(chunks=[flood] * 64, request=Request("POST", "http://x/", (("a", text),) * 50, flood))
    exchanges = [replace(one, id=f"tool_stream#{n}") for n in range(120)]
    cases = [
        Observation(p, str(n), Outcome.FAILED, text, text, exchanges=tuple(x.id for x in exchanges))
        for p in (examples.INDEX, examples.USAGE, examples.LONG)
        for n in range(300)
    ]
    page = render("html", examples.report(examples.run(), examples.judgement(summary=text), cases, exchanges))
    assert len(page.encode()) <= LIMIT
    Page(page)


def test_hundreds_of_long_turns_stay_below_the_limit_and_no_failing_one_is_left_out() -> None:
    moments = tuple(Moment(n / 10, "<&>" * 300) for n in range(60))
    turns = [
        examples.turn(client.id, f"tool_stream#{n}", f"Broken {n}." if n > 130 else "", moments=moments)
        for client in CLIENTS
        for n in range(140)
    ]
    page = render("html", examples.report(examples.run(turns=tuple(turns)), examples.judgement(), [], []))
    assert len(page.encode()) <= LIMIT
    assert {f"Broken {n}." for n in range(131, 140)} <= set(Page(page).within("q"))


def test_malformed_evidence_in_a_report_from_elsewhere_is_shown() -> None:
    report: dict[str, Any] = EXAMPLES["failing"]
    odd = {**report["exchanges"][0], "chunks": [[0.1, {"base64": "?"}]]}
    odd["request"] = {**odd["request"], "url": "http://[half"}
    assert "[not base64]" in render("html", {**report, "exchanges": [odd]})
