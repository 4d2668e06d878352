"""The mock must be able to do what the suite asks: a changed prompt would else look like a defect of the mock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.probes.conversations import chat, offered, params, tools

FIXTURES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("aimock.json").read_text("utf-8"))[
    "fixtures"
]


def answer_to(question: str, tool: str | None = None) -> dict[str, Any]:
    """The response of the first fixture for this question; the rest of the mock's matching is not needed here."""
    for fixture in FIXTURES:
        match = fixture["match"]
        if match.keys() & {"hasToolResult", "responseFormat"} or match.get("toolName") not in (None, tool):
            continue
        if match.get("userMessage", "") in question:
            response: dict[str, Any] = fixture["response"]
            return response
    raise AssertionError(question)


def calls(question: str, tool: offered.Tool) -> list[tuple[str, Any]]:
    response = answer_to(question, tool["function"]["name"])
    return [(call["name"], call["arguments"]) for call in response["toolCalls"]]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        (offered.READ_FILE, offered.READ_ARGUMENTS),
        (offered.WRITE_FILE, {"path": "src/main.py", "content": offered.LONG_CODE}),
    ],
)
def test_the_call_that_is_asked_for_is_made(tool: offered.Tool, arguments: dict[str, Any]) -> None:
    asked = offered.call_request(tool, arguments)
    assert calls(asked, tool) == [(tool["function"]["name"], arguments)]


def test_two_calls_are_made_when_two_are_asked_for() -> None:
    cities = [arguments["city"] for _, arguments in calls(tools.TWO[0]["content"], offered.GET_WEATHER)]
    assert cities == ["Paris", "Oslo"]


def test_the_text_to_repeat_is_repeated() -> None:
    assert answer_to(chat.REPEAT[-1]["content"])["content"] == offered.NASTY_TEXT


def test_it_counts_as_far_as_it_is_asked_to() -> None:
    assert answer_to(params.COUNT[0]["content"])["content"].split() == [str(n) for n in range(1, 101)]
