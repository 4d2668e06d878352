"""The terminal summary: one screen, the right things on it, and no escape sequence but our own colours."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from rich.cells import cell_len

from conformance.reporters import render
from tests.reporters import examples

EXAMPLES = examples.every_example()


def _wide() -> dict[str, Any]:
    """A report with six clients, everything wrong, and text twice as wide as it is long."""
    report = examples.hostile("日本語のとても長い文章" * 40)
    for client in report["clients"].values():
        client["chosen"] = True
    for n, heading in enumerate(report["categories"].values()):
        heading["status"] = ("problem", "problem", "problem", "unknown", "ok")[n]
    return report | {"first": report["first"] * 5}


@pytest.mark.parametrize("report", [*EXAMPLES.values(), _wide()], ids=[*EXAMPLES, "wide"])
@pytest.mark.parametrize("width", [40, 80, 160])
def test_it_fits_the_screen(report: dict[str, Any], width: int) -> None:
    lines = render("terminal", report, width=width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert len(lines) <= 24


def test_it_answers_the_questions_of_a_user() -> None:
    text = render("terminal", EXAMPLES["failing"])
    for words in (
        "acme-large at https://api.acme.example/v1",
        "All 3 clients       fails     Streamed tool calls",
        "Native tool calling partial   provider:",
        "Tool-calling errors problem",
        "Fine: Invalid API Key",
        "1. Send an integer `index`",
        "2. Honour `stream_options.include_usage`",
        "provider, toolstream.delta-index: delta 0 has no",
        "3 failed, 1 blocked, 2 passed, 1 not applicable.",
        "61 requests in 41 s, about 18,400 + 5,210 tokens, price about 0.0173.",
    ):
        assert words in text


def test_an_incomplete_run_says_so() -> None:
    assert "Incomplete: the preflight failed" in render("terminal", EXAMPLES["unreachable"])


def test_colour_comes_only_when_asked_for_and_only_from_us() -> None:
    plain = render("terminal", EXAMPLES["hostile"])
    coloured = render("terminal", EXAMPLES["hostile"], colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31mfails" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_markup_of_rich_is_only_text() -> None:
    text = render("terminal", examples.hostile("[bold]x[/bold] [/] [link=http://e]y[/link]"), width=160)
    assert "[bold]x[/bold] [/] [link=http://e]y[/link]" in text


def test_clients_that_feel_different_things_have_a_line_each() -> None:
    report = copy.deepcopy(EXAMPLES["failing"])
    names = [name for name, client in report["clients"].items() if client["chosen"]]
    report["clients"][names[1]] |= {"verdict": "works", "summary": "every requirement of this client holds"}
    text = render("terminal", report)
    first, second, third = (report["clients"][name]["name"] for name in names)
    assert f"{first:<20}fails" in text
    assert f"{second:<20}works     every requirement" in text
    assert f"{third:<20}fails     as for {first}" in text
