"""The mock must be able to do what the suite asks: a changed prompt would else look like a defect of the mock."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.clients import CLIENTS
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_reply
from conformance.explain.explain import endpoint_of
from conformance.probes.catalogue import catalogue
from conformance.probes.conversations import chat, offered, params, tools
from conformance.reference import Provider
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.wire.limits import Limits
from tests.inprocess import InProcess
from tests.peers.tiny_words import CROWD

FIXTURES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("aimock.json").read_text("utf-8"))["fixtures"]


def text_of(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def answer_to(messages: list[dict[str, Any]], *offers: offered.Tool) -> dict[str, Any]:
    """The response of the first fixture for this request, as the mock goes about it where our fixtures need it."""
    last = max(n for n, message in enumerate(messages) if message["role"] == "user")
    seen = {
        "hasToolResult": any(message["role"] == "tool" for message in messages[last:]),
        "toolName": {tool["function"]["name"] for tool in offers},
        "userMessage": text_of(messages[last]),
    }
    for fixture in FIXTURES:
        if all(fits(seen, *wanted) for wanted in fixture["match"].items()):
            response: dict[str, Any] = fixture["response"]
            return response
    raise AssertionError(seen["userMessage"])


def fits(seen: dict[str, Any], field: str, wanted: Any) -> bool:
    if field in ("userMessage", "toolName"):
        return wanted in seen[field]
    return field == "model" or seen.get(field) == wanted


def calls(response: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(call["name"], call["arguments"]) for call in response.get("toolCalls", ())]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        (offered.READ_FILE, offered.READ_ARGUMENTS),
        (offered.WRITE_FILE, {"path": "src/main.py", "content": offered.LONG_CODE}),
    ],
)
def test_the_call_that_is_asked_for_is_made(tool: offered.Tool, arguments: dict[str, Any]) -> None:
    asked = offered.user(offered.call_request(tool, arguments))
    assert calls(answer_to([asked], tool)) == [(tool["function"]["name"], arguments)]


def test_two_calls_are_made_when_two_are_asked_for() -> None:
    made = calls(answer_to(tools.TWO, offered.GET_WEATHER))
    assert [arguments["city"] for _, arguments in made] == ["Paris", "Oslo"]


@pytest.mark.parametrize("text", [offered.NASTY_TEXT, *CROWD])
def test_the_text_to_repeat_is_repeated(text: str) -> None:
    assert answer_to([offered.user(offered.repeat_request(text))])["content"] == text


def test_the_system_prompt_is_not_what_is_repeated() -> None:
    assert answer_to(chat.REPEAT)["content"] == offered.NASTY_TEXT


def test_it_counts_as_far_as_it_is_asked_to() -> None:
    assert answer_to(params.COUNT)["content"].split() == [str(n) for n in range(1, 101)]


@cache
def whole_turns() -> dict[str, Exchange]:
    """Every request of a client's own, with what the suite's own provider answers to it."""
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij")
    settings = Settings(
        endpoint_of(provider, "http://reference.invalid/v1"),
        clients=CLIENTS,
        limits=Limits.patient_for(3),
        transport=lambda *_: InProcess(provider),
    )
    _, talks = observe(settings, [p for p in catalogue().values() if p.area == "client"])
    exchanges = (exchange for talk in talks for exchange in talk.exchanges)
    return {exchange.id: exchange for exchange in exchanges if exchange.conversation != "preflight"}


def test_each_call_of_a_whole_turn_is_the_one_that_is_asked_for() -> None:
    made = [call for exchange in whole_turns().values() for call in mocked(exchange)]
    assert made == [call for exchange in whole_turns().values() for call in real(exchange)]
    assert {name for name, _ in made} == {"read_file", "attempt_completion"}


def mocked(exchange: Exchange) -> list[tuple[str, Any]]:
    body = json.loads(exchange.request.body)
    return calls(answer_to(body["messages"], *body.get("tools", ())))


def real(exchange: Exchange) -> list[tuple[str, Any]]:
    reply = as_reply(exchange)
    return [(call.name, call.parsed) for call in reply.calls] if reply else []
