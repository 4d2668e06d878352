"""Tool calls printed as text: the family of each is recognised, and prose and code are not calls."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence.chat import Completion
from conformance.evidence.exchange import Exchange, Request
from conformance.evidence.markup import FAMILIES, printed_calls, tool_markup, unasked_call
from conformance.probes.conversations.offered import LONG_CODE

CALL = '{"name": "read_file", "arguments": {"path": "a.py"}}'
LLAMA = '{"name": "read_file", "parameters": {"path": "a.py"}}'
EXAMPLES = {
    "hermes": [f"<tool_call>\n{CALL}\n</tool_call>", '<tool_call>{"arguments": {}, "name": "read_file"}</tool_call>'],
    "qwen3-coder": [
        "<tool_call>\n<function=read_file>\n<parameter=path>\na.py\n</parameter>\n</function>\n</tool_call>",
        "<function=read_file>\n<parameter=path>\na.py\n</parameter>\n</function>",
    ],
    "seed-oss": [
        "<seed:tool_call>\n<function=read_file>\n<parameter=path>a.py</parameter>\n</function>\n</seed:tool_call>"
    ],
    "llama-custom": ['<function=read_file>{"path": "a.py"}</function>'],
    "glm45": ["<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>a.py</arg_value>\n</tool_call>"],
    "mistral": [
        f"[TOOL_CALLS] [{CALL}]",
        f"[TOOL_CALLS][{CALL}, {CALL}]",
        '[TOOL_CALLS]read_file[ARGS]{"path": "a.py"}',
        '[TOOL_CALLS]read_file[CALL_ID]a1b2c3d4e[ARGS]{"path": "a.py"}',
        '[TOOL_CALLS]read_file{"path": "a.py"}',
    ],
    "llama3-json": [f"<|python_tag|>{LLAMA}", LLAMA, f"\n{CALL}"],
    "deepseek-v3": [
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>read_file\n"
        '```json\n{"path": "a.py"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
    ],
    "deepseek-v31": [
        '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>read_file<｜tool▁sep｜>{"path": "a.py"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
    ],
    "deepseek-v32": [
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="read_file">\n'
        '<｜DSML｜parameter name="path" string="true">a.py</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>'
    ],
    "kimi-k2": [
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>"
        '{"path": "a.py"}<|tool_call_end|><|tool_calls_section_end|>'
    ],
    "harmony": [
        '<|channel|>commentary to=functions.read_file <|constrain|>json<|message|>{"path": "a.py"}<|call|>',
        '<|start|>assistant to=functions.read_file<|channel|>commentary json<|message|>{"path": "a.py"}<|call|>',
    ],
    "minimax-m2": [
        '<minimax:tool_call>\n<invoke name="read_file">\n<parameter name="path">a.py</parameter>\n</invoke>\n</minimax:tool_call>'
    ],
    "invoke": [
        '<function_calls>\n<invoke name="read_file">\n<parameter name="path">a.py</parameter>\n</invoke>\n</function_calls>'
    ],
    "gemma4": ['<|tool_call>call:read_file{path:<|"|>a.py<|"|>}<tool_call|>'],
    "granite": [f"<|tool_call|>[{CALL}]"],
    "phi4-mini": [f"functools[{CALL}]"],
    "internlm": [f"<|action_start|><|plugin|>\n{LLAMA}<|action_end|>"],
    "jamba": [f"<tool_calls>\n[{CALL}]\n</tool_calls>"],
    "lfm2": ['<|tool_call_start|>[read_file(path="a.py")]<|tool_call_end|>'],
    "llama4-pythonic": ['<|python_start|>[read_file(path="a.py")]<|python_end|>'],
    "pythonic": ['[read_file(path="a.py"), read_file(path="b.py")]'],
    "xlam": [f"[{CALL}]"],
    "fenced": [f"I will look.\n\n```json\n{CALL}\n```", f"```\n[{CALL}]\n```"],
}
EACH = [pytest.param(id, text, id=f"{id}-{n}") for id, texts in EXAMPLES.items() for n, text in enumerate(texts)]
NOT_CALLS = {
    "the page of code that is asked for": LONG_CODE,
    "prose about the tags": "Qwen wraps its calls in <tool_call> and </tool_call>, Mistral writes [TOOL_CALLS] first.",
    "a function that was not offered": '<tool_call>{"name": "delete_all", "arguments": {}}</tool_call>',
    "a template with a placeholder": '<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>',
    "JSON that only has a name": '{"name": "read_file", "version": "1.0"}',
    "a list of names in JSON": '[{"name": "read_file"}, {"name": "write_file"}]',
    "Python that calls it": 'Use it so:\n\nread_file(path="a.py")\n',
    "a fenced package file": '```json\n{"name": "read_file", "dependencies": {}}\n```',
    "XML of another kind": "<function=read_file> is how Llama begins.",
    "words": "I read the file with read_file: it prints hello.",
}


def reply_to(*messages: str) -> Completion:
    """An answer to these messages, with read_file offered."""
    asked = {
        "messages": [{"role": "user", "content": message} for message in messages],
        "tools": [{"type": "function", "function": {"name": "read_file"}}],
    }
    return Completion(Exchange("e#1", "e", Request("POST", "http://h/v1", body=json.dumps(asked).encode())))


def test_every_family_has_an_example() -> None:
    assert EXAMPLES.keys() == {family.id for family in FAMILIES}


@pytest.mark.parametrize(("id", "text"), EACH)
def test_a_printed_call_is_whole_and_of_its_family(id: str, text: str) -> None:
    calls = printed_calls(text, {"read_file", "write_file"})
    assert {(call.family.id, call.function, call.whole) for call in calls} == {(id, "read_file", True)}


@pytest.mark.parametrize(("id", "text"), EACH)
def test_a_call_that_is_cut_after_its_name_is_not_whole(id: str, text: str) -> None:
    cut = text[: text.index("a.py")] if "a.py" in text else text[: text.rindex("}")]
    calls = printed_calls(cut, {"read_file"})
    assert [(call.family.id, call.whole) for call in calls[:1]] == [(id, False)]


@pytest.mark.parametrize("text", NOT_CALLS.values(), ids=NOT_CALLS.keys())
def test_code_and_prose_with_the_markup_are_not_calls(text: str) -> None:
    assert printed_calls(text, {"read_file"}) == ()


def test_a_call_whose_argument_contains_the_closing_tag_is_one_whole_call() -> None:
    text = f"<tool_call>{json.dumps({'name': 'write_file', 'arguments': {'content': LONG_CODE}})}</tool_call>"
    (call,) = printed_calls(text, {"write_file"})
    assert (call.family.id, call.whole, call.text + "</tool_call>") == ("hermes", True, text)


def test_without_declared_functions_only_forms_with_markup_count() -> None:
    assert printed_calls(f"[TOOL_CALLS] [{CALL}]")
    assert not printed_calls(CALL)


def test_a_call_that_the_request_contains_is_a_repetition() -> None:
    text = EXAMPLES["hermes"][0]
    assert unasked_call(text, reply_to(f"Repeat exactly: {text}")) is None
    assert unasked_call(text, reply_to("Read a.py.", "Do not write <tool_call>."))


def test_special_tokens_are_markup_but_not_calls() -> None:
    assert tool_markup("<|im_start|>assistant\nHello") == "<|im_start|>"
    assert tool_markup("Hello") == ""


PIECES = st.sampled_from(
    [
        *(text for texts in EXAMPLES.values() for text in texts),
        "<tool_call>",
        "{",
        "[",
        '"name": "read_file"',
        "</",
        " ",
        "\n",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=8).map("".join))
def test_calls_in_any_text_are_pieces_of_it_that_do_not_overlap(text: str) -> None:
    end = 0
    for call in printed_calls(text, {"read_file"}):
        assert call.text == text[call.at : call.end]
        assert call.at >= end
        end = call.end


def test_a_long_text_of_markup_without_calls_has_none() -> None:
    text = "".join(f"{sign}{' ' * 50}" for sign in ("<tool_call>{", "[TOOL_CALLS]", "```json\n[") * 5_000)
    assert printed_calls(text, {"read_file"}) == ()
