"""Bodies of whole turns: the ways in which clients differ in one table, and the situations that a provider must handle."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.clients.agent_tools import TOOLS
from conformance.clients.talk import Options, Prompt, Result, Tool, User
from conformance.clients.tool_schema import may_be_null
from conformance.schema import violations
from tests.clients.prompts import LOOK, PNG, REQUESTS

Body = dict[str, Any]
ABSENT = "absent"
EACH = pytest.mark.parametrize("client", REQUESTS)
READ = Tool(
    "read_file",
    "Reads a file.",
    {
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "until": {"type": ["integer", "null"], "description": "Last line"},
            "from": {"type": ["integer", "null"]},
        },
        "required": ["path", "until"],
    },
)
MCP = replace(READ, name="find-it", description="", server="my server")
WITH_TOOLS = replace(LOOK, tools=(READ, MCP))
FULL = replace(LOOK, tools=TOOLS)


def turn(client: str, prompt: Prompt = WITH_TOOLS, **options: Any) -> Body:
    """A turn of a client with these options."""
    body: Body = REQUESTS[client].turn(Options(**{"model": "m"} | options), prompt)
    return body


def roles(body: Body) -> list[str]:
    return [message["role"] for message in body["messages"]]


def functions(body: Body) -> dict[str, Body]:
    return {tool["function"]["name"]: tool["function"] for tool in body["tools"]}


USAGE = {"include_usage": True}
DIFFERENCES: dict[str, tuple[Any, ...]] = {
    # field:            (roo-code, kilo-code-legacy, kilo-code, cline, openai-python, ai-sdk)
    "stream": (True, True, True, True, True, True),
    "stream_options": (USAGE, USAGE, USAGE, USAGE, ABSENT, USAGE),
    "temperature": (0, 0, ABSENT, ABSENT, ABSENT, ABSENT),
    "tool_choice": ("auto", "auto", "auto", "auto", ABSENT, "auto"),
    "parallel_tool_calls": (True, ABSENT, ABSENT, False, ABSENT, ABSENT),
    "max_tokens": (ABSENT, ABSENT, 32000, ABSENT, ABSENT, ABSENT),
    "max_completion_tokens": (ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT),
    "reasoning_effort": (ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT),
}
WITH_A_CAP: dict[str, tuple[Any, ...]] = {
    "max_tokens": (ABSENT, ABSENT, 500, 500, ABSENT, 500),
    "max_completion_tokens": (500, 500, ABSENT, ABSENT, 500, ABSENT),
}
NOT_STREAMED: dict[str, tuple[Any, ...]] = {
    "stream": (ABSENT, ABSENT, True, True, ABSENT, ABSENT),
    "stream_options": (ABSENT, ABSENT, USAGE, USAGE, ABSENT, ABSENT),
    "temperature": (ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT),
    "reasoning_effort": (ABSENT, ABSENT, "high", ABSENT, "high", "high"),
}
WITH_AN_EFFORT = {"reasoning_effort": ("high", "high", "high", ABSENT, "high", "high")}


@pytest.mark.parametrize(
    ("options", "table"),
    [
        ({}, DIFFERENCES),
        ({"max_output_tokens": 500}, WITH_A_CAP),
        ({"streaming": False, "reasoning_effort": "high"}, NOT_STREAMED),
        ({"reasoning_effort": "high"}, WITH_AN_EFFORT),
    ],
    ids=["by default", "with a cap", "not streamed", "with an effort"],
)
def test_the_settings_of_a_turn_differ_between_clients(options: Body, table: dict[str, tuple[Any, ...]]) -> None:
    bodies = [turn(client, **options) for client in REQUESTS]
    assert {field: tuple(body.get(field, ABSENT) for body in bodies) for field in table} == table


LINE = {"type": "integer", "description": "Last line"}
BOUNDS = {"minimum": -(2**53 - 1), "maximum": 2**53 - 1}


def either(**kind: Any) -> Body:
    return {"anyOf": [kind, {"type": "null"}]}


UNTIL = {  # a member that must be given and may be null
    "roo-code": LINE,
    "kilo-code-legacy": {**LINE, "type": ["integer", "null"]},
    "kilo-code": {"description": "Last line"} | either(type="integer", **BOUNDS),
    "cline": LINE,
    "openai-python": {**LINE, "type": ["integer", "null"]},
    "ai-sdk": {"description": "Last line"} | either(type="integer", **BOUNDS),
}
FROM = {  # one that need not be given either
    "roo-code": {"type": "integer"},
    "kilo-code-legacy": {"type": ["integer", "null"]},
    "kilo-code": {"type": "integer", **BOUNDS},
    "cline": {"type": "integer"},
    "openai-python": {"type": ["integer", "null"]},
    "ai-sdk": either(type="integer", **BOUNDS),
}
REQUIRED = {
    "roo-code": ["path", "until", "from"],
    "kilo-code-legacy": ["path", "until", "from"],
    "kilo-code": ["path", "until"],
    "cline": ["path"],
    "openai-python": ["path", "until"],
    "ai-sdk": ["path", "until"],
}
BEYOND = {  # what a schema and its tool say beside the members
    "roo-code": (True, False, ABSENT),
    "kilo-code-legacy": (True, False, ABSENT),
    "kilo-code": (ABSENT, False, "https://json-schema.org/draft/2020-12/schema"),
    "cline": (False, False, ABSENT),
    "openai-python": (ABSENT, ABSENT, ABSENT),
    "ai-sdk": (ABSENT, False, "http://json-schema.org/draft-07/schema#"),
}


@EACH
def test_every_client_writes_the_schema_of_a_tool_in_its_own_way(client: str) -> None:
    tool = functions(turn(client))["read_file"]
    schema = tool["parameters"]
    members = {"path": {"type": "string"}, "until": UNTIL[client], "from": FROM[client]}
    assert schema["properties"] == members
    assert schema["required"] == REQUIRED[client]
    beyond = (tool.get("strict", ABSENT), schema.get("additionalProperties", ABSENT), schema.get("$schema", ABSENT))
    assert beyond == BEYOND[client]


BRIDGED = {  # name, description, strict, the member that may be null
    "roo-code": ("mcp--my_server--find-it", ABSENT, False, either(type="integer")),
    "kilo-code-legacy": ("mcp--my_server--find-it", ABSENT, False, either(type="integer")),
    "kilo-code": ("my_server_find-it", "", ABSENT, {"type": ["integer", "null"]}),
    "cline": (
        "c" + hashlib.sha256(b"my server").hexdigest()[:5] + "0mcp0find-it",
        "my server: find-it",
        False,
        {"type": ["integer", "null"], "description": ""},
    ),
    "openai-python": ("find-it", ABSENT, ABSENT, {"type": ["integer", "null"]}),
    "ai-sdk": ("find-it", ABSENT, ABSENT, {"type": ["integer", "null"]}),
}


@EACH
def test_every_client_passes_on_a_tool_of_an_mcp_server_in_its_own_way(client: str) -> None:
    name, description, strict, start = BRIDGED[client]
    tool = functions(turn(client))[name]
    assert (tool.get("description", ABSENT), tool.get("strict", ABSENT)) == (description, strict)
    assert tool["parameters"]["properties"]["from"] == start
    assert tool["parameters"]["required"] == ["path", "until"]


HISTORY = {  # content of the first user, content beside calls, reasoning, ids and arguments, content of an empty result
    "roo-code": (["Look.", "It is noon."], "", ABSENT, "functions_read_file_0", '{"path":"a.py"}', "(empty)"),
    "kilo-code-legacy": (["Look.", "It is noon."], "", ABSENT, "functions_read_file_0", '{"path":"a.py"}', "(empty)"),
    "kilo-code": (["Look.", "It is noon."], None, "I should look.", "functions.read_file:0", '{"path":"a.py"}', ""),
    "cline": (["Look.", "It is noon."], None, ABSENT, "functions.read_file:0", '{"path":"a.py"}', ""),
    "openai-python": (["Look.", "It is noon."], None, ABSENT, "functions.read_file:0", '{ "path" : "a.py" }', ""),
    "ai-sdk": (["Look.", "It is noon."], None, "I should look.", "functions.read_file:0", '{"path":"a.py"}', ""),
}


@EACH
def test_every_client_writes_the_history_in_its_own_way(client: str) -> None:
    body = turn(client)
    user, answer, first, second = body["messages"][1:5]
    call = answer["tool_calls"][0]
    assert roles(body) == ["system", "user", "assistant", "tool", "tool", "user"]
    assert (
        [part["text"] for part in user["content"]],
        answer["content"],
        answer.get("reasoning_content", ABSENT),
        call["id"],
        call["function"]["arguments"],
        second["content"],
    ) == HISTORY[client]
    assert [first["tool_call_id"], second["tool_call_id"]] == [one["id"] for one in answer["tool_calls"]]


SMALL = {
    "roo-code": {"model": "m", "messages": [{"role": "user", "content": "Why?"}]},
    "kilo-code-legacy": {"model": "m", "messages": [{"role": "user", "content": "Why?"}]},
}


@pytest.mark.parametrize("client", SMALL)
def test_a_small_request_of_roo_code_is_one_string_and_nothing_else(client: str) -> None:
    assert REQUESTS[client].small(Options("m"), "Why?") == SMALL[client]
    assert REQUESTS[client].small(Options("m", max_output_tokens=-1), "Why?")["max_completion_tokens"] == -1


def test_kilo_code_asks_for_a_title_as_a_stream_without_tools() -> None:
    body = REQUESTS["kilo-code"].small(Options("m", streaming=False), "Why?")
    assert {k: v for k, v in body.items() if k != "messages"} == {
        "model": "m",
        "max_tokens": 32000,
        "stream": True,
        "stream_options": USAGE,
    }
    assert roles(body) == ["system", "user"]
    assert body["messages"][1]["content"].endswith("1. Why?")


def test_clients_without_small_requests_say_so_by_having_none() -> None:
    assert [client for client, module in REQUESTS.items() if not hasattr(module, "small")] == [
        "cline",
        "openai-python",
        "ai-sdk",
    ]


OVERSIZE = Prompt("Be brief.", (User(("All of it: " + "word " * 400_000,)),))
SITUATIONS: dict[str, tuple[Callable[[], Body], Callable[[Body], bool]]] = {
    "1 Roo Code's turn": (
        lambda: turn("roo-code", FULL),
        lambda body: body["parallel_tool_calls"] is True and body["temperature"] == 0 and len(body["tools"]) > 15,
    ),
    "2 Roo Code after two calls": (
        lambda: turn("roo-code", FULL),
        lambda body: roles(body)[2:] == ["assistant", "tool", "tool", "user"],
    ),
    "3 Roo Code for R1": (
        lambda: turn("roo-code", FULL, r1_format=True),
        lambda body: roles(body) == ["user", "assistant", "tool", "tool", "user"] and body["temperature"] == 0.3,
    ),
    "4 Roo Code for an id that looks like the o-series": (
        lambda: turn("roo-code", FULL, model="solar-pro3"),
        lambda body: body["messages"][0]["role"] == "developer" and "temperature" not in body,
    ),
    "5 Roo Code without streaming": (
        lambda: turn("roo-code", FULL, streaming=False),
        lambda body: set(body) == {"model", "messages", "tools", "tool_choice", "parallel_tool_calls"},
    ),
    "5 Roo Code's enhanced prompt": (
        lambda: REQUESTS["roo-code"].small(Options("m"), "Why?"),
        lambda body: set(body) == {"model", "messages"},
    ),
    "6 Roo Code with prompt caching": (
        lambda: turn("roo-code", FULL, prompt_caching=True),
        lambda body: str(body["messages"]).count("cache_control") == 3,
    ),
    "7 Kilo Code before its rebuild": (
        lambda: turn("kilo-code-legacy", FULL),
        lambda body: may_be_null(functions(body)["execute_command"]["parameters"]["properties"]["cwd"]),
    ),
    "8 Kilo Code": (
        lambda: turn("kilo-code", FULL),
        lambda body: body["messages"][2]["reasoning_content"] == "I should look." and "strict" not in str(body),
    ),
    "9 Kilo Code's title": (
        lambda: REQUESTS["kilo-code"].small(Options("m"), "Why?"),
        lambda body: "tools" not in body and body["stream"],
    ),
    "10 Cline with native tools": (
        lambda: turn("cline", FULL, max_output_tokens=4096),
        lambda body: body["max_tokens"] == 4096 and body["parallel_tool_calls"] is False,
    ),
    "11 the Python SDK's helper": (
        lambda: REQUESTS["openai-python"].helper_turn(Options("m"), FULL),
        lambda body: all(tool["function"]["strict"] for tool in body["tools"]),
    ),
    "12 pictures": (
        lambda: turn("roo-code", Prompt("Be brief.", (User(("What?",), (PNG,)),), TOOLS), images=True),
        lambda body: body["messages"][1]["content"][1] == {"type": "image_url", "image_url": {"url": PNG}},
    ),
    "13 more than any context holds": (
        lambda: turn("kilo-code", OVERSIZE, context_window=128_000),
        lambda body: body["max_tokens"] == 32000 and len(body["messages"][1]["content"]) > 2_000_000,
    ),
    "14 a tool with hyphens and no description": (
        lambda: turn("roo-code", FULL),
        lambda body: "description" not in functions(body)["mcp--issue-tracker--list-projects"],
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_situation_that_a_provider_meets_can_be_made(situation: str) -> None:
    build, holds = SITUATIONS[situation]
    body = build()
    assert holds(body)
    assert violations("openai/chat-completion-request", body) == []


@EACH
def test_an_agents_whole_turn_is_a_request_as_openai_defines_it(client: str) -> None:
    assert violations("openai/chat-completion-request", turn(client, FULL, images=True)) == []


def test_kilo_codes_mark_on_a_call_for_claude_is_not_in_openais_schema() -> None:
    waiting = replace(WITH_TOOLS, history=LOOK.history[:2])
    wrong = violations("openai/chat-completion-request", turn("kilo-code", waiting, model="claude-opus"))
    assert [line.split(":")[0] for line in wrong] == ["messages[2].tool_calls[1].cache_control"]


@EACH
def test_a_prompt_without_tools_offers_none(client: str) -> None:
    body = turn(client, Prompt(LOOK.system, (User(("hello",)), Result("x", "late"))))
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & set(body)


@EACH
def test_headers_of_the_user_are_laid_over_the_clients_own(client: str) -> None:
    sent = REQUESTS[client].headers(Options("m", headers={"user-agent": "mine/1", "X-Gateway": "a"}))
    assert [value for name, value in sent.items() if name.lower() == "user-agent"] == ["mine/1"]
    assert sent["X-Gateway"] == "a"
    assert "authorization" not in {name.lower() for name in sent}
