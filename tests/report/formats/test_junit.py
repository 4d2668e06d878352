"""JUnit XML: well formed whatever it holds, and a case that was not judged never looks green."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from conformance.report.formats import render
from tests.report.formats import examples

# What the common form of JUnit XML allows: attributes that must be there, those that may, and the children in their order.
NUMBER, TIME, TEXT = r"\d+", r"\d+(\.\d+)?", r"[^\n]*"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?"
MESSAGE: tuple[dict[str, str], dict[str, str], list[str]] = ({}, {"message": TEXT, "type": TEXT}, [])
COMMON: dict[str, tuple[dict[str, str], dict[str, str], list[str]]] = {
    "testsuites": ({}, {"name": TEXT, "tests": NUMBER, "time": TIME}, ["testsuite"]),
    "testsuite": (
        {"name": TEXT, "tests": NUMBER, "failures": NUMBER, "errors": NUMBER},
        {"skipped": NUMBER, "time": TIME, "timestamp": MOMENT, "hostname": TEXT},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": ({}, {}, ["property"]),
    "property": ({"name": TEXT, "value": TEXT}, {}, []),
    "testcase": (
        {"name": TEXT, "classname": TEXT},
        {"time": TIME},
        ["skipped", "error", "failure", "system-out", "system-err"],
    ),
    **dict.fromkeys(("failure", "error", "skipped"), MESSAGE),
}


def breaches(element: ElementTree.Element) -> Iterator[str]:
    """Everything in the element and below it that the common form does not allow."""
    must, may, children = COMMON[element.tag]
    yield from (f"{element.tag} has no {name}" for name in must if name not in element.attrib)
    for name, value in element.attrib.items():
        if not re.fullmatch((must | may).get(name, "(?!)"), value):
            yield f"{element.tag}: {name}={value!r}"
    places = [children.index(child.tag) if child.tag in children else -1 for child in element]
    if -1 in places or places != sorted(places):
        yield f"{element.tag} holds {[child.tag for child in element]}"
    for child in element:
        yield from breaches(child)


@pytest.mark.parametrize("example", examples.every_example())
def test_the_document_has_the_common_form(example: str) -> None:
    root = ElementTree.fromstring(render("junit", examples.every_example()[example]))
    assert list(breaches(root)) == []


def test_the_common_form_refuses_what_build_servers_refuse() -> None:
    wrong = '<testsuites><testsuite name="a" tests="x"><testcase name="b"/><properties/></testsuite></testsuites>'
    assert [text.split(" holds")[0] for text in breaches(ElementTree.fromstring(wrong))] == [
        "testsuite has no failures",
        "testsuite has no errors",
        "testsuite: tests='x'",
        "testsuite",
        "testcase has no classname",
    ]


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


def test_the_message_of_a_failure_says_what_happens() -> None:
    suite = ElementTree.fromstring(render("junit", examples.failing()))[0]
    first = next(suite.iter("failure"))
    assert str(first.get("message")).startswith("Streamed tool-call deltas have no `index` (delta 0 has")
    assert "requirement: Every streamed tool-call delta carries" in str(first.text)


def test_hostile_text_keeps_the_document_well_formed() -> None:
    suite = ElementTree.fromstring(render("junit", examples.hostile()).encode())[0]
    failure = next(suite.iter("failure"))
    assert "\\x00\\x0b\\x85\\ufffe" in str(failure.get("message"))
    assert "<script>alert(1)</script>" in str(failure.text)
    assert [e.get("type") for e in suite.iter("error")] == ["blocked", "error"]


def test_blocked_cases_are_errors() -> None:
    suite = ElementTree.fromstring(render("junit", examples.unreachable()))[0]
    assert suite.get("errors") == "3"
    assert {e.get("message") for e in suite.iter("error")} == {"url.reachable failed"}


def test_what_users_see_is_a_property() -> None:
    suite = ElementTree.fromstring(render("junit", examples.failing()))[0]
    properties = {found.get("name"): found.get("value") for found in suite.iter("property")}
    assert properties["reads.roo-code"] == examples.CRASH
    assert "reads.roo-code" not in render("junit", examples.working())
