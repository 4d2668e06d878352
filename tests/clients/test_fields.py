"""The parts of a request that can be left out: each takes out what it names and nothing else, and is recognised again."""

from __future__ import annotations

import json

import pytest

from conformance.clients import CLIENTS, Client
from conformance.clients.agent_tools import TOOLS
from conformance.clients.fields import PARTS, Part, Sent, left_out, likely, parts_of, suspects_of, without
from conformance.clients.own_turns import of_a_program
from conformance.clients.talk import Options, Prompt

PROMPT = Prompt("You are an agent.", tuple(of_a_program()), TOOLS)
EACH = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)


def sent(client: Client, **options: object) -> Sent:
    asked = Options("m", **options)
    return Sent(client.turn(asked, PROMPT), client.headers(asked))


def part(name: str) -> Part:
    return next(part for part in PARTS if part.name == name)


@EACH
def test_a_part_that_was_left_out_is_gone(client: Client) -> None:
    whole = sent(client)
    assert len(parts_of(whole)) > 5
    for one in parts_of(whole):
        assert not one.is_in(one.without(whole)), one.name


@EACH
def test_leaving_parts_out_leaves_the_request_itself_alone(client: Client) -> None:
    whole, before = sent(client), sent(client)
    without(whole, PARTS)
    assert whole == before


@EACH
def test_what_is_left_without_any_part_is_still_a_chat_request(client: Client) -> None:
    bare = without(sent(client), PARTS).body
    assert {"model", "messages", "stream"} <= bare.keys()
    assert not {"tools", "tool_choice", "stream_options", "max_tokens"} & bare.keys()
    assert all(isinstance(m["content"], str) for m in bare["messages"])


@EACH
def test_the_parts_that_were_left_out_are_recognised(client: Client) -> None:
    whole = sent(client)
    for one in parts_of(whole):
        (found,) = left_out(whole, one.without(whole)) or ()
        assert found.without(whole) == one.without(whole)


def test_a_part_that_is_removed_with_another_is_not_named_beside_it() -> None:
    roo_code = sent(CLIENTS[0])
    hyphens = part("a tool name with hyphens")
    assert "`$schema` in schemas" not in {p.name for p in parts_of(hyphens.without(roo_code))}
    assert left_out(roo_code, hyphens.without(roo_code)) == (hyphens,)


def test_another_request_is_not_the_same_without_some_parts() -> None:
    roo_code, kilo_code, *_ = CLIENTS
    assert left_out(sent(roo_code), sent(kilo_code)) is None


@pytest.mark.parametrize(
    ("message", "first"),
    [
        ("Unknown parameter: 'parallel_tool_calls'", "`parallel_tool_calls`"),
        ("Function name is too long", "a tool name with hyphens"),
        ("stream_options is not supported", "`stream_options`"),
    ],
)
def test_what_the_message_names_is_suspected_first(message: str, first: str) -> None:
    suspects = suspects_of(sent(CLIENTS[0]), message)
    assert suspects[0].name == first
    assert likely(suspects, message) == 1


def test_a_message_that_speaks_of_schemas_points_at_all_keywords_of_schemas() -> None:
    suspects = suspects_of(sent(CLIENTS[0]), message := "Invalid tool schema: unsupported keyword")
    assert {one.name for one in suspects[: likely(suspects, message)]} >= {"`anyOf` in schemas", "`$schema` in schemas"}
    assert suspects[-1].name == "`tools`"


def test_a_message_that_tells_nothing_points_at_nothing() -> None:
    assert likely(suspects_of(sent(CLIENTS[0]), "Bad Request"), "Bad Request") == 0


def test_the_tools_that_the_messages_speak_of_are_kept() -> None:
    few = part("a list of more than 8 tools").without(sent(CLIENTS[1])).body
    assert "read_file" in {tool["function"]["name"] for tool in few["tools"]}
    assert len(few["tools"]) == 8


def test_headers_that_the_user_added_stay() -> None:
    whole = sent(CLIENTS[0], headers={"X-Team": "tools"})
    assert part("the client's own headers").without(whole).headers.keys() >= {"X-Team"}
    assert "RooCode" not in json.dumps(dict(part("the client's own headers").without(whole).headers))
