"""What single options, ids and histories do to a request: the rules that only one client has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.clients.agent_tools import TOOLS
from conformance.clients.reading import ReadCall
from conformance.clients.talk import Assistant, Options, Prompt, Result, Said, Tool, User
from tests.clients.prompts import LOOK, PNG, REQUESTS, called, schemas

Body = dict[str, Any]
CACHED = {"type": "ephemeral"}


def said(client: str, *history: Said, **options: Any) -> list[Body]:
    """The messages of a turn with this history."""
    body = REQUESTS[client].turn(Options(**{"model": "m"} | options), Prompt("S", history))
    messages: list[Body] = body["messages"]
    return messages


def user(*texts: str, images: tuple[str, ...] = ()) -> User:
    return User(texts, images)


def asked(*ids: Any) -> tuple[Said, ...]:
    """One answer with a call under each id, and their results."""
    return (user("Look."), Assistant("", tuple(called(id, "f", {}) for id in ids)), *[Result(id, "r") for id in ids])


@pytest.mark.parametrize(
    ("model", "role"),
    [
        ("o3-mini", "developer"),
        ("Holo1-7B", "developer"),
        ("turbo1", "developer"),
        ("gpt-5", "system"),
        ("o2", "system"),
    ],
)
def test_roo_code_takes_an_id_for_the_o_series_by_three_pairs_of_characters(model: str, role: str) -> None:
    system = said("roo-code", user("a"), model=model)[0]
    expected = "Formatting re-enabled\nS" if role == "developer" else "S"
    assert system == {"role": role, "content": expected}


@pytest.mark.parametrize(("model", "role"), [("gpt-5", "developer"), ("o1", "developer"), ("gpt-5-chat", "system")])
def test_cline_takes_gpt_5_for_one_as_well_unless_it_chats(model: str, role: str) -> None:
    assert said("cline", user("a"), model=model)[0] == {"role": role, "content": "S"}


def test_an_effort_is_sent_for_the_o_series_even_when_nothing_is_streamed() -> None:
    options = Options("o3", streaming=False, reasoning_effort="low")
    assert REQUESTS["roo-code"].turn(options, LOOK)["reasoning_effort"] == "low"


@pytest.mark.parametrize("base", ["https://api.x.ai/v1", "https://parallax.ai/v1"])
def test_roo_code_does_not_ask_a_host_with_x_ai_in_it_for_usage(base: str) -> None:
    body = REQUESTS["roo-code"].turn(Options("m", base), LOOK)
    assert body["stream"] and "stream_options" not in body


def test_roo_code_merges_everything_between_two_answers() -> None:
    history = (user("a"), user("b"), Assistant("yes"), Assistant("no"), Result("1", "late"), user("c", "d"), user("e"))
    messages = said("roo-code", *history)[1:]
    assert [message["role"] for message in messages] == ["user", "assistant", "assistant", "tool", "user"]
    assert [part["text"] for part in messages[-1]["content"]] == ["c", "d", "e"]


def test_roo_codes_pictures_stand_between_what_was_typed_and_what_it_adds() -> None:
    content = said("roo-code", user("typed", "added", images=(PNG,)), images=True)[1]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "text"]


UNSEEN = {
    "roo-code": "[Referenced image in conversation]",
    "kilo-code-legacy": "[Referenced image in conversation]",
    "kilo-code": "ERROR: Cannot read image (this model does not support image input). Inform the user.",
    "cline": None,
}


@pytest.mark.parametrize("client", UNSEEN)
def test_without_image_support_a_picture_becomes_a_text_or_nothing(client: str) -> None:
    content = said(client, user("What?", images=(PNG,)))[1]["content"]
    others = [part["text"] for part in content if part["text"] != "What?"]
    assert others == ([UNSEEN[client]] if UNSEEN[client] else [])


def test_r1_hears_the_system_prompt_from_the_user_and_never_the_same_role_twice() -> None:
    history = (user("a", "b"), Assistant("one"), Assistant("two"), user("c"), *asked("x:1")[1:], user("d"), user("e"))
    assert said("roo-code", *history, model="deepseek-reasoner") == [
        {"role": "user", "content": "S\na\nb"},
        {"role": "assistant", "content": "one\ntwo"},
        {"role": "user", "content": "c"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "x_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "x_1", "content": "r"},
        {"role": "user", "content": "d\ne"},
    ]


def test_r1_gets_an_empty_result_as_it_is_and_pictures_as_parts() -> None:
    history = (user("a", images=(PNG,)), Assistant("", (called("1", "f", {}),)), Result("1", ""))
    messages = said("roo-code", *history, r1_format=True, images=True)
    assert [part["type"] for part in messages[0]["content"]] == ["text", "text", "image_url"]
    assert messages[-1]["content"] == ""


def test_clines_r1_knows_no_calls_and_puts_reasoning_into_the_text() -> None:
    history = (user("a"), Assistant("So.", (called("1", "f", {}),), "Hm."), Result("1", "r"), user("b"))
    assert said("cline", *history, r1_format=True) == [
        {"role": "user", "content": "S\na"},
        {"role": "assistant", "content": "Hm.\nSo."},
        {"role": "user", "content": "b"},
    ]


def test_prompt_caching_marks_the_system_prompt_and_the_last_text_of_the_last_two_users() -> None:
    history = (user("a"), Assistant("x"), user("b", "c"), Assistant("y"), user("d", images=(PNG,)))
    messages = said("roo-code", *history, prompt_caching=True, images=True)
    assert messages[0]["content"] == [{"type": "text", "text": "S", "cache_control": CACHED}]
    marked = [
        part.get("text")
        for m in messages[1:]
        if m["role"] == "user"
        for part in m["content"]
        if "cache_control" in part
    ]
    assert marked == ["c", "d"]


@pytest.mark.parametrize("options", [{"streaming": False}, {"model": "o3"}, {"r1_format": True}])
def test_prompt_caching_marks_nothing_in_roo_codes_other_forms(options: Body) -> None:
    assert "cache_control" not in str(said("roo-code", user("a"), prompt_caching=True, **options))


IDS: dict[str, tuple[str, Any, Any]] = {
    "Roo Code rewrites what no id of its own has": ("roo-code", "functions.read:0", "functions_read_0"),
    "Roo Code sets no length": ("roo-code", "x" * 70, "x" * 70),
    "Kilo Code sends back what came": ("kilo-code", "functions.read:0", "functions.read:0"),
    "Cline sends back what came": ("cline", "functions.read:0", "functions.read:0"),
    "Cline shortens an id of the Responses API": ("cline", "fc_" + "0" * 15 + "1" * 35, "call_" + "1" * 35),
    "a number becomes a string in Kilo Code's older version": ("kilo-code-legacy", 7, "7"),
    "the AI SDK keeps an empty id": ("ai-sdk", "", ""),
}


@pytest.mark.parametrize("what", IDS)
def test_ids_are_sent_back_as_the_client_rewrites_them(what: str) -> None:
    client, id, sent = IDS[what]
    answer, result = said(client, *asked(id))[-2:]
    assert (answer["tool_calls"][0]["id"], result["tool_call_id"]) == (sent, sent)


@pytest.mark.parametrize(
    ("model", "sent"), [("claude-opus", "functions_read_0"), ("Mistral-Small", "functions"), ("devstral", "functions")]
)
def test_kilo_code_rewrites_ids_for_some_makers_of_models(model: str, sent: str) -> None:
    answer, result = said("kilo-code", *asked("functions.read:0"), model=model)[-2:]
    assert (answer["tool_calls"][0]["id"], result["tool_call_id"]) == (sent, sent)
    assert len(said("kilo-code", *asked("a"), model="mistral")[-1]["tool_call_id"]) == 9


def test_kilo_code_puts_an_answer_between_a_tool_and_a_user_for_mistral() -> None:
    messages = said("kilo-code", *asked("a", "b"), user("Go on."), model="mistral-large")
    assert messages[-2:] == [{"role": "assistant", "content": "Done."}, {"role": "user", "content": "Go on."}]
    assert [m["content"] for m in messages].count("Done.") == 1


def test_kilo_code_sends_reasoning_back_and_to_deepseek_even_when_there_was_none() -> None:
    history = (user("a"), Assistant("x", reasoning="Hm."), user("b"), Assistant("y"))
    sent = {
        model: [m.get("reasoning_content") for m in said("kilo-code", *history, model=model)]
        for model in ("m", "deepseek-v3")
    }
    assert sent == {"m": [None, None, "Hm.", None, None], "deepseek-v3": [None, None, "Hm.", None, ""]}


def test_kilo_code_marks_the_system_prompt_and_the_last_two_messages_for_claude() -> None:
    messages = said("kilo-code", *asked("a", "b"), user("c", "d"), model="claude-opus")
    assert messages[0] == {"role": "system", "content": "S", "cache_control": CACHED}
    assert ["cache_control" in message for message in messages[1:]] == [False, False, False, True, False]
    assert messages[-1]["content"][-1] == {"type": "text", "text": "d", "cache_control": CACHED}
    assert "cache_control" not in str(said("kilo-code", *asked("a"), model="m"))


def test_kilo_code_keeps_a_failed_call_as_a_call_of_an_internal_tool() -> None:
    broken = ReadCall("1", "read_fil", '{"path": "a"}', None, problem="no such tool")
    answer = said("kilo-code", user("a"), Assistant("", (broken,)), Result("1", "no such tool"))[2]
    assert answer["tool_calls"][0]["function"] == {
        "name": "invalid",
        "arguments": '{"tool":"read_fil","error":"no such tool"}',
    }


@pytest.mark.parametrize(
    ("options", "cap"),
    [
        ({}, 32_000),
        ({"max_output_tokens": 8192}, 8192),
        ({"max_output_tokens": 64_000}, 32_000),
        ({"max_output_tokens": 0}, 32_000),
        ({"max_output_tokens": -1}, None),
        ({"model": "openai/GPT-5-mini"}, None),
        ({"context_window": 200_000}, 32_000),
        ({"context_window": 1000}, 32_000),  # nothing would fit: the provider is left to say so
    ],
)
def test_kilo_codes_cap_is_what_is_configured_and_32000_at_most(options: Body, cap: int | None) -> None:
    assert REQUESTS["kilo-code"].turn(Options(**{"model": "m"} | options), LOOK).get("max_tokens") == cap


def test_kilo_codes_cap_makes_room_for_a_prompt_in_a_small_context() -> None:
    full = replace(LOOK, tools=TOOLS)
    caps = [
        REQUESTS["kilo-code"].turn(Options("m", context_window=n), full)["max_tokens"] for n in (16_000, 32_000, 80_000)
    ]
    assert 1024 <= caps[0] < caps[1] < caps[2] == 32_000
    assert caps[1] - caps[0] == 16_000 or caps[0] == 1024


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        ("gpt-5.1", "reasoning_effort", "medium"),
        ("gpt-5-pro", "reasoning_effort", None),
        ("qwen3-coder", "top_p", 1),
        ("gemini-2.5-pro", "top_p", 0.95),
        ("kimi-k2.5", "top_p", 0.95),
        ("llama", "top_p", None),
    ],
)
def test_kilo_code_adds_settings_by_the_id_of_the_model(model: str, field: str, value: Any) -> None:
    assert REQUESTS["kilo-code"].turn(Options(model), LOOK).get(field) == value


def test_kilo_code_offers_tools_in_the_order_of_their_names() -> None:
    tools = REQUESTS["kilo-code"].turn(Options("m"), replace(LOOK, tools=TOOLS))["tools"]
    names = [tool["function"]["name"] for tool in tools]
    assert names == sorted(names) and len(names) == len(TOOLS)


ODD = Tool(
    "odd",
    "Odd.",
    {
        "type": "object",
        "properties": {
            "level": {"type": "integer", "enum": [1, 2]},
            "day": {"type": "string", "pattern": "^(?!0)[0-9]+$"},
            "word": {"type": "string", "pattern": "^(?:a|b)$"},
            "node": {"$ref": "#/$defs/node", "description": "A node"},
        },
        "required": ["level"],
        "$defs": {"node": {"type": "object", "properties": {"x": {"type": "string"}}}},
    },
)


@pytest.mark.parametrize(
    ("model", "member", "expected"),
    [
        ("gemini-2.5-pro", "level", {"type": "string", "enum": ["1", "2"]}),
        ("kimi-k2", "node", {"$ref": "#/$defs/node"}),
        ("m", "node", {"$ref": "#/$defs/node", "description": "A node"}),
        ("m", "day", {"type": "string"}),
        ("m", "word", {"type": "string", "pattern": "^(?:a|b)$"}),
    ],
)
def test_kilo_code_adjusts_schemas_to_what_makers_of_models_refuse(model: str, member: str, expected: Body) -> None:
    tool = REQUESTS["kilo-code"].turn(Options(model), replace(LOOK, tools=(ODD,)))["tools"][0]["function"]
    properties = tool["parameters"]["properties"]
    kept = {k: v for k, v in properties[member].items() if k not in ("minimum", "maximum")}
    assert kept == expected


def test_roo_codes_strict_schemas_know_no_null_and_close_every_object() -> None:
    tools = REQUESTS["roo-code"].turn(Options("m"), replace(LOOK, tools=TOOLS))["tools"]
    strict = [tool["function"] for tool in tools if tool["function"]["strict"]]
    assert len(strict) == len(TOOLS) - 3
    for node in (node for function in strict for node in schemas(function["parameters"])):
        assert isinstance(node["type"], str) and None not in node.get("enum", ())
        if node["type"] == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])


def test_roo_code_tidies_the_schema_of_an_mcp_server() -> None:
    declared = {
        "type": "object",
        "properties": {
            "site": {"type": "string", "format": "uri"},
            "day": {"type": "string", "format": "date"},
            "tags": {"type": ["array", "null"], "items": {"type": ["string", "null"]}, "maxItems": 3},
            "free": {"type": "object", "additionalProperties": True},
        },
        "required": ["site", "gone"],
    }
    tool = Tool("x", "d", declared, "s")
    sent = REQUESTS["roo-code"].turn(Options("m"), replace(LOOK, tools=(tool,)))["tools"][0]["function"]["parameters"]
    nullable = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert sent == {
        "type": "object",
        "properties": {
            "site": {"type": "string"},
            "day": {"type": "string", "format": "date"},
            "tags": {"anyOf": [{"type": "array", "items": nullable, "maxItems": 3}, {"type": "null"}]},
            "free": {"type": "object", "properties": {}, "additionalProperties": False},
        },
        "required": ["site"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("server", "name", "sent"),
    [
        ("my server", "do it!", "mcp--my_server--do_it"),
        ("a--b", "9lives", "mcp--a-b--_9lives"),
        ("é", "x" * 70, ("mcp--_unnamed--" + "x" * 70)[:64]),
    ],
)
def test_roo_code_makes_a_name_that_every_api_allows(server: str, name: str, sent: str) -> None:
    tool = Tool(name, "d", {"type": "object"}, server)
    assert REQUESTS["roo-code"].turn(Options("m"), replace(LOOK, tools=(tool,)))["tools"][0]["function"]["name"] == sent


def test_cline_leaves_out_a_tool_whose_name_would_be_too_long() -> None:
    tool = Tool("x" * 60, "d", {"type": "object"}, "s")
    assert "tools" not in REQUESTS["cline"].turn(Options("m"), replace(LOOK, tools=(tool,)))
