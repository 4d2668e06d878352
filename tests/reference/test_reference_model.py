"""The model does what prompts ask, whatever their exact words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

NASTY = 'Grüße 👋 你好 "quoted" \\path\\n {brace} [x]\tb <tag> & 100% – "" \'\'\' end: yes.\n\n  indented'
CODE = "def f():\n\treturn \"}]\" + '{' # </tool_call> ``` <<<<<<< 🎉\n" * 60


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def tool(name: str, description: str, **properties: Any) -> dict[str, Any]:
    function = {"name": name, "description": description, "parameters": schema(**properties)}
    return {"type": "function", "function": function}


TEXT = {"type": "string"}
WEATHER = tool("get_weather", "Get the weather of a city.", city=TEXT)
READ = tool("read_file", "Read a file of the workspace.", path=TEXT)
WRITE = tool("write_file", "Write a file.", path=TEXT, content=TEXT)
TIME = {"type": "function", "function": {"name": "get_current_time"}}
TOOLS = [WEATHER, READ, WRITE, TIME]


def calls(message: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (one["function"]["name"], json.loads(one["function"]["arguments"])) for one in message.get("tool_calls", [])
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "Repeat the following text exactly, and write nothing else:\n{}",
        "Repeat exactly the following text and write nothing else:\n{}",
        "Reply with exactly this text and nothing else: {}",
        "Copy this verbatim:\n<<<\n{}\n>>>",
        "Output exactly:\n```text\n{}\n```",
    ],
)
def test_it_repeats(sound: Any, prompt: str) -> None:
    assert sound.message(prompt.format(NASTY.replace("```", "")))["content"] == NASTY


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Count from 1 to 40", " ".join(map(str, range(1, 41)))),
        ("Count from 3 to 5, separated by commas.", "3, 4, 5"),
        ("What is 2+2?", "4"),
        ("What is 17 * 3? Answer with the number only.", "51"),
        ("Reply with exactly one word: pong", "pong"),
        ("Reply with the single word OK.", "OK"),
        ("Reply with 'ok' and nothing else.", "ok"),
        ('Answer with exactly this: "yes"', "yes"),
        ("Say hello", "hello"),
    ],
)
def test_it_answers(sound: Any, prompt: str, text: str) -> None:
    assert sound.message(prompt)["content"] == text
    assert sound.message(prompt, tools=TOOLS)["content"] == text


def test_it_writes_as_much_as_is_asked_for(sound: Any) -> None:
    assert len(sound.message("Write a text of 120 words about the sea.")["content"].split()) == 120
    assert sound.message("Who are you?")["content"]


def test_it_follows_the_system_prompt_and_remembers(sound: Any) -> None:
    rules = [{"role": "developer", "content": [{"type": "text", "text": "Always reply with the word BANANA."}]}]
    assert sound.message([*rules, {"role": "user", "content": "Hello, who are you?"}])["content"] == "BANANA"
    earlier = [{"role": "user", "content": "My name is Ada."}, {"role": "assistant", "content": "Noted."}]
    assert sound.message([*earlier, {"role": "user", "content": "What is my name?"}])["content"] == "Ada"


def test_it_writes_json(sound: Any) -> None:
    asked = sound.message('Answer in JSON with one key "color".', response_format={"type": "json_object"})
    assert json.loads(asked["content"]).keys() == {"color"}
    wanted = schema(
        name=TEXT,
        age={"type": "integer", "minimum": 18},
        kind={"enum": ["a", "b"]},
        tags={"type": "array", "items": TEXT},
    )
    wanted_format = {"type": "json_schema", "json_schema": {"name": "person", "schema": wanted, "strict": True}}
    person = json.loads(sound.message('Describe "Ada", kind b.', response_format=wanted_format)["content"])
    assert person["name"] == "Ada"
    assert person["age"] >= 18
    assert person["kind"] in ("a", "b")
    assert isinstance(person["tags"], list)


def test_it_calls_with_the_json_of_the_prompt(sound: Any) -> None:
    two = 'Call get_weather twice in one answer: once with {"city":"Paris"} and once with {"city": "Oslo"}.'
    assert calls(sound.message(two, tools=TOOLS)) == [
        ("get_weather", {"city": "Paris"}),
        ("get_weather", {"city": "Oslo"}),
    ]
    arguments = {"path": "read_file.py", "content": CODE}
    long = f"Call the tool write_file with exactly these arguments: {json.dumps(arguments)}"
    assert calls(sound.message(long, tools=TOOLS)) == [("write_file", arguments)]
    mixed = 'Call get_weather with: {"city": "Rome"} and read_file with: {"path": "x"}'
    assert calls(sound.message(mixed, tools=TOOLS)) == [("get_weather", {"city": "Rome"}), ("read_file", {"path": "x"})]


def test_it_fills_arguments_from_the_prompt(sound: Any) -> None:
    assert calls(sound.message("Read the file src/main.py", tools=TOOLS)) == [("read_file", {"path": "src/main.py"})]
    assert calls(sound.message("What is the weather in Paris?", tools=TOOLS)) == [("get_weather", {"city": "Paris"})]
    written = f'Call write_file with path "a.py" and exactly this content:\n{CODE}'
    assert calls(sound.message(written, tools=TOOLS)) == [("write_file", {"path": "a.py", "content": CODE})]
    both = 'Use read_file to read "src/main.py", then get_weather for "Rome".'
    assert calls(sound.message(both, tools=TOOLS)) == [
        ("read_file", {"path": "src/main.py"}),
        ("get_weather", {"city": "Rome"}),
    ]
    assert calls(sound.message("Call get_current_time.", tools=TOOLS)) == [("get_current_time", {})]


def test_it_fills_every_kind_of_schema(sound: Any) -> None:
    options = tool(
        "run_job",
        "Run a job.",
        mode={"type": "string", "enum": ["fast", "slow"]},
        count={"type": "integer", "minimum": 2},
        ratio={"type": "number", "maximum": 0.5},
        dry={"type": "boolean"},
        note={"type": ["string", "null"]},
        when={"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]},
        steps={"type": "array", "minItems": 2, "items": schema(text=TEXT)},
    )
    ((name, job),) = calls(sound.message("Call run_job in slow mode.", tools=[options]))
    assert (name, job["mode"], job["dry"], len(job["steps"])) == ("run_job", "slow", True, 2)
    assert job["count"] >= 2
    assert job["ratio"] <= 0.5
    assert isinstance(job["note"], str)
    assert isinstance(job["steps"][0]["text"], str)


NAMED = {"type": "function", "function": {"name": "write_file"}}
ALLOWED = {
    "type": "allowed_tools",
    "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "read_file"}}]},
}


@pytest.mark.parametrize(
    ("prompt", "choice", "names"),
    [
        ("Read the file a.py", "none", []),
        ("Read the file a.py", "auto", ["read_file"]),
        ("Say hello", "auto", []),
        ("Say hello", "required", ["get_weather"]),
        ("Read the file a.py", NAMED, ["write_file"]),
        ("What is the weather in Paris?", ALLOWED, []),
        ("Read the file a.py", ALLOWED, ["read_file"]),
        ("Do not use any tool. Read the file a.py", "auto", []),
    ],
)
def test_it_obeys_tool_choice(sound: Any, prompt: str, choice: Any, names: list[str]) -> None:
    message = sound.message(prompt, tools=TOOLS, tool_choice=choice)
    assert [name for name, _ in calls(message)] == names
    assert bool(message["content"]) == (not names)


def test_one_call_when_parallel_calls_are_off(sound: Any) -> None:
    prompt = "Call get_weather for Paris and for Oslo in parallel."
    assert len(calls(sound.message(prompt, tools=TOOLS))) == 2
    assert len(calls(sound.message(prompt, tools=TOOLS, parallel_tool_calls=False))) == 1


def history(result: Any = "42 lines", id: str = "functions.read_file:0") -> list[dict[str, Any]]:
    call = {"id": id, "type": "function", "function": {"name": "read_file", "arguments": '{"path":"a"}'}}
    turn = {"role": "assistant", "content": "", "tool_calls": [call], "reasoning_content": "hm"}
    return [
        {"role": "user", "content": "Read the file a.py"},
        turn,
        {"role": "tool", "tool_call_id": id, "content": result},
    ]


@pytest.mark.parametrize("result", ["42 lines", [{"type": "text", "text": "42 lines"}]])
def test_it_goes_on_after_a_result(sound: Any, result: Any) -> None:
    surroundings = {
        "role": "user",
        "content": [{"type": "text", "text": "<environment_details>read file</environment_details>"}],
    }
    for messages in (history(result), [*history(result), surroundings]):
        message = sound.message(messages, tools=TOOLS)
        assert "42 lines" in message["content"]
        assert "tool_calls" not in message
    assert sound.message(history(""), tools=TOOLS)["content"]
    assert sound.message(history())["content"]


def test_a_new_question_after_a_result_is_a_new_question(sound: Any) -> None:
    again = [*history(), {"role": "user", "content": 'Now call get_weather with {"city": "Oslo"}.'}]
    assert calls(sound.message(again, tools=TOOLS)) == [("get_weather", {"city": "Oslo"})]


def test_it_stops(sound: Any) -> None:
    assert sound.message("Count from 1 to 40", stop=[" 9"])["content"] == "1 2 3 4 5 6 7 8"
    assert sound.message("Count from 1 to 40", stop=" 4")["content"] == "1 2 3"


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_it_obeys_token_limits(sound: Any, field: str) -> None:
    body = sound.chat("Count from 1 to 100", **{field: 5}).json()
    assert body["choices"][0]["finish_reason"] == "length"
    assert body["usage"]["completion_tokens"] == 5
    assert body["choices"][0]["message"]["content"] == "1 2 3 4 5 6 7 8 9 10"[:20]
    called = sound.chat("Read the file src/main.py", tools=TOOLS, **{field: 6}).json()["choices"][0]
    assert called["finish_reason"] == "length"
    assert called["message"]["tool_calls"][0]["function"]["arguments"] == '{"path":"src'


def test_a_cap_beyond_the_limit_is_clamped(serving: Callable[..., Any]) -> None:
    body = serving(max_output=3).chat("Count from 1 to 100", max_tokens=32_000).json()
    assert body["usage"]["completion_tokens"] == 3
