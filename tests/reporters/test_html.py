"""The page: it loads nothing, runs nothing, keeps hostile text as text, and stays small."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from conformance.evidence.exchange import Request
from conformance.judge import Observation
from conformance.probe import Outcome
from conformance.report import build
from conformance.reporters import render
from conformance.reporters.html import LIMIT
from tests.reporters import examples

EXAMPLES = examples.every_example()
VOID = {"meta", "br"}
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "footer",
        "section",
        "article",
        "div",
        "span",
    ),
    *("h1", "h2", "h3", "h4", "p", "small", "strong", "code", "pre", "a", "br", "details", "summary"),
    *("table", "tr", "th", "td", "ul", "ol", "li", "dl", "dt", "dd"),
}
ATTRIBUTES = {
    "class",
    "id",
    "href",
    "rel",
    "open",
    "scope",
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
}


class Page(HTMLParser):
    """Every element of a page, checking that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.inside == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str, name: str) -> list[dict[str, str | None]]:
        return [
            attributes for found, attributes in self.found if found == tag and attributes.get("class") == name
        ]


@pytest.mark.parametrize("example", EXAMPLES)
def test_only_our_own_elements_and_attributes_are_in_the_page(example: str) -> None:
    page = Page(render("html", EXAMPLES[example]))
    assert {tag for tag, _ in page.found} <= TAGS
    assert {name for _, attributes in page.found for name in attributes} <= ATTRIBUTES


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_is_loaded_and_links_lead_to_the_page_or_the_web(example: str) -> None:
    text = render("html", EXAMPLES[example])
    page = Page(text)
    links = [a["href"] or "" for tag, a in page.found if tag == "a"]
    assert not [link for link in links if not re.match(r"#|https?://", link)]
    assert not re.search(r"url\(|@import|image-set", text.split("</style>")[0])
    policy = [a["content"] for tag, a in page.found if tag == "meta" and "http-equiv" in a]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_every_link_into_the_page_has_a_target() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    targets = {a["id"] for _, a in page.found if a.get("id")}
    assert {
        (a["href"] or "")[1:] for tag, a in page.found if tag == "a" and (a["href"] or "")[0] == "#"
    } <= targets


def test_hostile_text_is_shown_as_text() -> None:
    text = "".join(Page(render("html", EXAMPLES["hostile"])).text)
    assert "<script>alert(1)</script><svg onload=x>" in text
    assert "\\x1b[31mred" in text
    assert "\\u202egnp.exe" in text
    assert "{{ 7*7 }} {% raw %}" in text


def test_only_what_did_not_pass_is_open() -> None:
    page = Page(render("html", EXAMPLES["failing"]))
    assert ["open" in probe for probe in page.all("details", "probe")] == [False, True, True, True, True]
    assert ["open" in area for area in page.all("details", "area")] == [False, True, False, True, True]
    assert not any("open" in exchange for exchange in page.all("details", "exchange"))


def test_it_comes_in_the_order_in_which_a_user_asks() -> None:
    text = render("html", EXAMPLES["failing"])
    titles = re.findall("<h2>(.*?)</h2>", text)
    assert titles == [
        "Can I use it with my client?",
        "Native tool calling",
        "Which troubleshooting entries apply",
        "What to do first",
        "Every requirement",
        "The evidence",
    ]
    assert "This endpoint does not work with Roo Code, Kilo Code and OpenAI Python SDK." in text


def test_long_streams_and_bodies_are_cut_with_a_note() -> None:
    long = examples.exchange("plain_stream", 1, [b"data: " + b"y" * 500 + b"\n\n"] * 60)
    text = render("html", build(examples.run(), examples.judgement(), [], [long]))
    assert "20 more" in text
    assert "characters more" in text
    assert len(text) < 60_000


@pytest.mark.parametrize(
    "flood", [b"\x01" * 65_536, b'"&<' * 21_845, b"\xff\xfe" * 32_768, "\u202e".encode() * 21_845]
)
def test_the_page_stays_small_whatever_a_provider_sends(flood: bytes) -> None:
    text = flood[:3_000].decode("utf-8", "replace")
    one = examples.exchange(
        chunks=[flood] * 64, request=Request("POST", "http://x/", (("a", text),) * 50, flood)
    )
    exchanges = [replace(one, id=f"tool_stream#{n}") for n in range(120)]
    cases = [
        Observation(p, str(n), Outcome.FAILED, text, text, exchanges=tuple(x.id for x in exchanges))
        for p in (examples.INDEX, examples.USAGE, examples.LONG)
        for n in range(300)
    ]
    page = render("html", build(examples.run(), examples.judgement(summary=text), cases, exchanges))
    assert len(page.encode()) <= LIMIT
    Page(page)


def test_evidence_of_a_report_from_elsewhere_may_be_odd() -> None:
    report: dict[str, Any] = EXAMPLES["failing"]
    odd = {**report["exchanges"][0], "chunks": [[0.1, {"base64": "?"}]]}
    odd["request"] = {**odd["request"], "url": "http://[half"}
    assert "[not base64]" in render("html", {**report, "exchanges": [odd]})
