"""JUnit XML: well formed whatever is in it, and nothing that was not judged looks green."""

from __future__ import annotations

from xml.etree import ElementTree

from conformance.reporters import render
from tests.reporters import examples


def test_each_outcome_gets_its_element() -> None:
    suite = ElementTree.fromstring(render("junit", examples.failing()))[0]
    found = {case.get("name"): [(c.tag, c.get("type")) for c in case] for case in suite.iter("testcase")}
    assert found == {
        "stream.role-first[plain_stream]": [],
        "stream.role-first[tool_stream]": [],
        "toolstream.delta-index[tool_stream]": [("failure", "breaks")],
        "toolstream.delta-index[parallel_tools]": [("failure", "breaks")],
        "usage.stream-totals[plain_stream]": [("failure", "degrades")],
        "limits.context-overflow[long_prompt]": [("error", "blocked")],
        "images.data-url[image]": [("skipped", "not-applicable")],
    }
    counted = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": "7", "failures": "3", "errors": "1", "skipped": "1"}


def test_hostile_text_keeps_the_document_well_formed() -> None:
    suite = ElementTree.fromstring(render("junit", examples.hostile()).encode())[0]
    failure = next(suite.iter("failure"))
    assert "\\x00\\x0b\\x85\\ufffe" in str(failure.get("message"))
    assert "<script>alert(1)</script>" in str(failure.text)
    assert [e.get("type") for e in suite.iter("error")] == ["blocked", "error"]


def test_an_error_of_ours_is_an_error() -> None:
    suite = ElementTree.fromstring(render("junit", examples.unreachable()))[0]
    assert suite.get("errors") == "3"
    assert {e.get("message") for e in suite.iter("error")} == {"url.reachable failed"}


def test_what_users_read_is_a_property() -> None:
    suite = ElementTree.fromstring(render("junit", examples.failing()))[0]
    told = {found.get("name"): found.get("value") for found in suite.iter("property")}
    assert told["reads.roo-code"] == examples.CRASH
    assert "reads.roo-code" not in render("junit", examples.working())
