"""The terminal summary: it fits one screen, has what a user needs, and no escape sequences except colours."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from rich.cells import cell_len

from conformance.report.formats import render
from tests.report.formats import examples

EXAMPLES = examples.every_example()


def _wide() -> dict[str, Any]:
    """A report with six clients that show different texts, problems everywhere, and characters two columns wide."""
    report = examples.hostile("日本語のとても長い文章" * 40)
    for name, client in report["clients"].items():
        client |= {"chosen": True, "sees": f"{name}: {client['sees']}"}
    for n, heading in enumerate(report["categories"].values()):
        heading["status"] = ("problem", "problem", "problem", "unknown", "ok")[n]
    return report | {"first": report["first"] * 5}


@pytest.mark.parametrize("report", [*EXAMPLES.values(), _wide()], ids=[*EXAMPLES, "wide"])
@pytest.mark.parametrize("width", [40, 80, 160])
def test_it_fits_the_screen(report: dict[str, Any], width: int) -> None:
    lines = render("terminal", report, width=width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert len(lines) <= 23


def test_it_answers_the_questions_of_a_user() -> None:
    text = render("terminal", EXAMPLES["failing"])
    for words in (
        "acme-large at https://api.acme.example/v1",
        "All 3 clients       fails     shows “Cannot read properties of undefined",
        "(reading 'index')”. Streamed tool calls cannot be",
        "Native tool calling partial   The provider must fix it.",
        "Tool-calling errors problem",
        "No problem: Invalid API Key",
        "1. Send an integer `index`",
        "What to fix first (1 more in the report)",
        "toolstream.delta-index, the provider must fix it: Streamed tool-call",
        "3 failed, 1 blocked, 2 passed, 1 not applicable.",
        "61 requests in 41 s, about 18,400 + 5,210 tokens, price about 0.0173.",
    ):
        assert words in text


def test_advice_on_what_was_typed_is_below_it() -> None:
    first, second, *_ = render("terminal", EXAMPLES["unreachable"]).splitlines()
    assert first == "acme-large at https://api.acme.example/v1/"
    assert second == "Check what you typed: It ends in a slash. Type it without."


def test_an_incomplete_run_says_so() -> None:
    assert "Incomplete: the preflight failed" in render("terminal", EXAMPLES["unreachable"])


def test_colour_is_used_only_if_wanted_and_never_from_a_provider() -> None:
    plain = render("terminal", EXAMPLES["hostile"])
    coloured = render("terminal", EXAMPLES["hostile"], colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31mfails" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_markup_of_rich_is_only_text() -> None:
    text = render("terminal", examples.hostile("[bold]x[/bold] [/] [link=http://e]y[/link]"), width=160)
    assert "[bold]x[/bold] [/] [link=http://e]y[/link]" in text


@pytest.mark.parametrize(
    "states", [("problem", "unknown", "ok", "ok", "ok"), ("problem", "problem", "unknown", "ok", "ok")]
)
def test_the_first_step_fits_however_long_the_texts_above_are(states: tuple[str, ...]) -> None:
    report = _wide()
    for state, heading in zip(states, report["categories"].values(), strict=True):
        heading["status"] = state
    lines = render("terminal", report).splitlines()
    assert len(lines) <= 23
    assert sum("fails     shows “" in line for line in lines) == 6
    assert any(line.startswith("1. 日本語") for line in lines)
    assert any(line.startswith("   toolstream.delta-index, the provider must fix it: ") for line in lines)


def test_clients_with_different_verdicts_have_a_line_each() -> None:
    report = copy.deepcopy(EXAMPLES["failing"])
    names = [name for name, client in report["clients"].items() if client["chosen"]]
    report["clients"][names[1]] |= {"verdict": "works", "summary": "every requirement holds", "sees": ""}
    text = render("terminal", report)
    first, second, third = (report["clients"][name]["name"] for name in names)
    assert f"{first:<20}fails" in text
    assert f"{second:<20}works     Every requirement" in text
    assert f"{third:<20}fails     same as {first}" in text
