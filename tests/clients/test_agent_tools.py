"""The tools that agents offer: shapes and sizes that a provider meets in real life, and texts that are worth reading."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator

from conformance.clients.agent_tools import NULLABLE_WAYS, TOOLS
from conformance.clients.roo_code.request import turn
from conformance.clients.talk import Options, Prompt, Tool, User
from tests.clients.prompts import schemas

KIB = 1024
BY_NAME = {tool.name: tool for tool in TOOLS}
NATIVE = [tool for tool in TOOLS if not tool.bridged]
EACH = pytest.mark.parametrize("tool", TOOLS, ids=list(BY_NAME))


@EACH
def test_a_tool_is_declared_as_a_json_schema_of_an_object(tool: Tool) -> None:
    Draft202012Validator.check_schema(tool.parameters)
    assert tool.parameters["type"] == "object"
    for node in schemas(tool.parameters):
        assert set(node.get("required", ())) <= set(node.get("properties", {}))


def test_there_are_as_many_as_an_agent_offers_and_no_two_have_one_name() -> None:
    assert len(TOOLS) >= 16
    assert len(BY_NAME) == len(TOOLS)
    assert {"read_file", "write_to_file", "apply_diff", "execute_command", "ask_followup_question"} <= set(BY_NAME)


def test_roo_codes_tools_take_between_24_and_32_kib_of_a_request() -> None:
    tools = turn(Options("m"), Prompt("", (User(("hello",)),), TOOLS))["tools"]
    size = len(json.dumps(tools, ensure_ascii=False, separators=(",", ":")).encode())
    assert 24 * KIB <= size <= 32 * KIB


def test_descriptions_are_long_hold_markup_and_more_than_ascii() -> None:
    texts = [tool.description for tool in NATIVE]
    assert sum(len(text) > 1.8 * KIB for text in texts) >= 4
    assert "\n<<<<<<< SEARCH\n:start_line:2\n-------\n" in BY_NAME["apply_diff"].description
    assert not "".join(texts).isascii()


@pytest.mark.parametrize("tool", NATIVE, ids=[tool.name for tool in NATIVE])
def test_the_examples_in_a_description_are_calls_that_the_tool_takes(tool: Tool) -> None:
    examples = [json.loads(text) for text in re.findall(r"^\{ .* \}$", tool.description, re.MULTILINE)]
    assert examples or tool.name == "apply_diff"
    for example in examples:
        assert not list(Draft202012Validator(tool.parameters).iter_errors(example))


def test_among_the_parameters_is_every_kind_of_schema_that_agents_use() -> None:
    nodes = [node for tool in NATIVE for node in schemas(tool.parameters)]
    kinds = {kind for node in nodes for kind in (node["type"] if isinstance(node["type"], list) else [node["type"]])}
    assert kinds == {"string", "integer", "number", "boolean", "object", "array", "null"}
    modes = BY_NAME["ask_followup_question"].parameters["properties"]["follow_up"]
    assert (modes["minItems"], modes["maxItems"]) == (2, 4)
    assert None in modes["items"]["properties"]["mode"]["enum"]
    assert BY_NAME["read_file"].parameters["properties"]["indentation"]["properties"]["anchor_line"]["minimum"] == 1


def test_some_members_may_be_null_and_have_to_be_given_others_need_not_be_given() -> None:
    command, read = BY_NAME["execute_command"].parameters, BY_NAME["read_file"].parameters
    assert command["properties"]["cwd"]["type"] == ["string", "null"] and "cwd" in command["required"]
    assert read["properties"]["start_line"]["type"] == ["integer", "null"] and read["required"] == ["path"]


@pytest.mark.parametrize("way", NULLABLE_WAYS)
def test_a_line_may_be_left_out_in_every_way_that_authors_write(way: str) -> None:
    schema = NULLABLE_WAYS[way].parameters
    whole = {"path": "a.py"} if way == "not required" else {"path": "a.py", "start_line": None, "end_line": None}
    wrong = [error.message for error in Draft202012Validator(schema).iter_errors(whole)]
    assert wrong == (["None is not of type 'integer'"] * 2 if way == "nullable" else [])  # a word of OpenAPI only
    assert not list(Draft202012Validator(schema).iter_errors({"path": "a.py", "start_line": 1, "end_line": 2}))
