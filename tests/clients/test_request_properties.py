"""Whatever was said: every request of every client is JSON, and results follow the calls that they belong to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.clients.agent_tools import TOOLS
from conformance.clients.talk import Options, Prompt, Said
from conformance.schema import violations
from tests.clients.prompts import HISTORIES, REQUESTS, USERS

EACH = pytest.mark.parametrize("client", REQUESTS)
MODELS = ["m", "deepseek-v3", "mistral-large", "qwen3", "o3", "gpt-5"]
OPTIONS = st.builds(
    Options,
    st.sampled_from(MODELS),
    streaming=st.booleans(),
    max_output_tokens=st.none() | st.integers(-1, 10**6),
    context_window=st.none() | st.integers(1, 10**6),
    images=st.booleans(),
    r1_format=st.booleans(),
    prompt_caching=st.booleans(),
    reasoning_effort=st.sampled_from(["", "none", "low", "max"]),
)


def body_of(client: str, options: Options, history: tuple[Said, ...], last: Said) -> dict[str, Any]:
    body: dict[str, Any] = REQUESTS[client].turn(options, Prompt("Be brief.", (*history, last), TOOLS[:3]))
    return body


@EACH
@given(options=OPTIONS, history=HISTORIES, last=USERS)
@settings(max_examples=60, deadline=None)
def test_results_follow_their_calls_at_once_and_ids_pair_up(
    client: str, options: Options, history: tuple[Said, ...], last: Said
) -> None:
    waiting: list[Any] = []
    for message in body_of(client, options, history, last)["messages"]:
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
        else:
            assert waiting == []
            waiting = [call["id"] for call in message.get("tool_calls", ())]
    assert waiting == []


@EACH
@given(options=OPTIONS, history=HISTORIES, last=USERS)
@settings(max_examples=60, deadline=None)
def test_a_body_is_json_that_openai_defines_and_its_arguments_are_json_too(
    client: str, options: Options, history: tuple[Said, ...], last: Said
) -> None:
    body = body_of(client, options, history, last)
    assert json.loads(json.dumps(body)) == body
    assert violations("openai/chat-completion-request", body) == []
    for message in body["messages"]:
        for call in message.get("tool_calls", ()):
            assert isinstance(json.loads(call["function"]["arguments"]), dict)


@EACH
@given(options=OPTIONS, history=HISTORIES, last=USERS)
@settings(max_examples=20, deadline=None)
def test_building_a_request_changes_nothing_that_it_is_built_from(
    client: str, options: Options, history: tuple[Said, ...], last: Said
) -> None:
    before = repr((history, TOOLS[:3]))
    assert repr(body_of(client, options, history, last)) == repr(body_of(client, options, history, last))
    assert repr((history, TOOLS[:3])) == before
