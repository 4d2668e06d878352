"""The page stays small: a repeated request is shown once, and a thorough run stays below the limit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conformance.clients import CLIENTS
from conformance.evidence.exchange import Request
from conformance.explain.explain import endpoint_of
from conformance.judging.observation import Observation
from conformance.reference import Provider
from conformance.report.formats import render
from conformance.report.formats.html import LIMIT
from conformance.report.page.evidence import new_part
from conformance.requirements import Outcome
from conformance.requirements.conversation import Depth
from conformance.runner.run import conclude_run, observe
from conformance.runner.settings import Settings
from tests.command import KEY
from tests.inprocess import InProcess
from tests.report.formats import examples
from tests.report.formats.page import Page


def page_of(*requests: Request) -> Page:
    exchanges = [examples.exchange("talk", n, request=request) for n, request in enumerate(requests, 1)]
    return Page(render("html", examples.report(examples.run(), examples.judgement(), [], exchanges)))


ASKED = Request("POST", "https://x.example/v1", (("x-one", "1"),), b'{"question": "first"}')
OTHER = Request("POST", "https://x.example/v1", (("x-one", "1"),), b'{"question": "second"}')


def test_a_repeated_request_is_shown_once_and_linked_to() -> None:
    page = page_of(ASKED, ASKED, ASKED)
    assert [text for text in page.within("pre") if text == '{"question": "first"}'] == ['{"question": "first"}']
    assert len([text for text in page.within("pre") if text.startswith("curl ")]) == 1
    assert page.text.count("Same as ") == 2
    assert [a["href"] for tag, a in page.found if tag == "a" and (a["href"] or "").startswith("#x")] == ["#x0"] * 2


def test_quotes_in_evidence_are_not_escaped_and_make_no_markup() -> None:
    evil = Request("POST", "https://x.example/v1", (), b"\"><img src=x onerror=alert(1)>&quot;<b a='")
    exchange = examples.exchange("talk", request=evil)
    text = render("html", examples.report(examples.run(), examples.judgement(), [], [exchange]))
    assert "\"&gt;&lt;img src=x onerror=alert(1)&gt;&amp;quot;&lt;b a='</pre>" in text
    assert not [tag for tag, _ in Page(text).found if tag == "img"]


def test_another_body_is_shown_though_its_headers_are_shown_elsewhere() -> None:
    page = page_of(ASKED, OTHER)
    assert {'{"question": "first"}', '{"question": "second"}'} <= set(page.within("pre"))
    assert page.within("th").count("x-one") == 1
    assert page.text.count("Same headers as ") == 1


@pytest.mark.full
def test_a_thorough_run_stays_below_the_limit() -> None:
    provider = Provider("reference-1", KEY, faults=("delta-without-index", "usage-total-wrong"))
    settings = Settings(
        endpoint_of(provider, "http://127.0.0.1:8080/v1"),
        Depth.THOROUGH,
        CLIENTS,
        transport=lambda *_: InProcess(provider),
    )
    report = conclude_run(settings, datetime.now(UTC), *observe(settings), "")
    page = Page(text := render("html", report))
    assert report["cost"]["requests"] > 250
    assert len(text.encode()) < LIMIT <= 1_500_000
    assert len(page.all("details", "exchange")) == len(report["exchanges"])
    assert len([text for text in page.within("pre") if "curl -sS" in text]) > 90


def test_failed_exchanges_are_shown_in_full_while_others_are_shortened() -> None:
    talks = [
        examples.exchange(f"talk_{n}", 1, [b"data: %d %d %s\n\n" % (n, m, b"<" * 90) for m in range(60)])
        for n in range(150)
    ]
    seen = Observation(examples.INDEX, "talk_7", Outcome.FAILED, "no index", exchanges=("talk_7#1",))
    page = Page(text := render("html", examples.report(examples.run(), examples.judgement(), [seen], talks)))
    assert len(text.encode()) < LIMIT
    left = [text for text in page.text if text.endswith(" more")]
    assert left.count("20 more") == 1
    assert {"20 more", "40 more"} <= set(left)


@pytest.mark.parametrize(
    ("text", "before", "shown"),
    [
        ("short", "short", "short"),
        ("a" * 60 + "new" + "z" * 60, "a" * 60 + "old!" + "z" * 60, f"… {'a' * 24}new{'z' * 24} …"),
        ("a" * 60 + "new", "a" * 60 + "old", f"… {'a' * 24}new"),
        ("new" + "z" * 60, "old" + "z" * 60, f"new{'z' * 24} …"),
        ("x" * 100, "x" * 100, f"… {'x' * 24}"),
        ("x" * 100, "x" * 70, f"… {'x' * 54}"),
        ("other", "", "other"),
    ],
)
def test_only_the_new_part_of_a_repeated_chunk_is_shown(text: str, before: str, shown: str) -> None:
    assert new_part(text, before) == shown
