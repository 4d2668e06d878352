"""Asking for tool calls: forced, named, forbidden, automatic, parallel, long, without parameters."""

from __future__ import annotations

from typing import Any

from conformance.evidence.kinds import as_reply, as_tool_reply
from conformance.probes.conversations import offered
from conformance.probes.conversations.chat import USAGE
from conformance.probes.conversations.offered import GET_WEATHER, READ_ARGUMENTS, READ_FILE, call_request, system, user
from conformance.requirements.conversation import Ask, Depth, conversation

READ = [user(call_request(READ_FILE, READ_ARGUMENTS))]
TWO = [
    user(
        "Call the tool get_weather twice in this one answer, in parallel: "
        'once with {"city": "Paris"} and once with {"city": "Oslo"}. Do not wait for the first result.'
    )
]
SYSTEM = system("You are a coding agent. You work on the files of a workspace and act only by calling tools.")
NAMED = {"type": "function", "function": {"name": "read_file"}}


@conversation("tool_stream", depth=Depth.QUICK, tokens=128, prompt_tokens=900, tries=2, early=True)
async def agent_turn(ask: Ask) -> None:
    """An agent's turn: five tools, tool_choice auto, parallel calls allowed, text parts, temperature 0, streamed."""
    parts = [
        {"type": "text", "text": "<task>Read the file src/main.py and tell me what it does.</task>"},
        {"type": "text", "text": "<environment_details>Workspace files: src/main.py, README.md</environment_details>"},
    ]
    await _until_called(
        ask,
        1,
        messages=[SYSTEM, user(parts)],
        tools=offered.AGENT_TOOLS,
        tool_choice="auto",
        parallel_tool_calls=True,
        temperature=0,
        stream=True,
        stream_options=USAGE,
    )


async def _until_called(ask: Ask, calls: int, **fields: Any) -> None:
    """Asks again while the model makes fewer calls than the prompt asks for, which it is free to do."""
    for _ in range(ask.tries):
        exchange = await ask.chat(**fields)
        reply = as_tool_reply(exchange)
        if not exchange.ok or (reply and len(reply.calls) >= calls):
            return


@conversation("tool_completion", depth=Depth.QUICK, tokens=128, about=("`tool_choice`",))
async def forced_call(ask: Ask) -> None:
    """One call, tool_choice required, not streamed."""
    await ask.chat(messages=READ, tools=[READ_FILE, GET_WEATHER], tool_choice="required")


@conversation("tool_stream", depth=Depth.QUICK, tokens=128, early=True)
async def forced_call_stream(ask: Ask) -> None:
    """The same call, streamed."""
    await ask.chat(
        messages=READ, tools=[READ_FILE, GET_WEATHER], tool_choice="required", stream=True, stream_options=USAGE
    )


@conversation("tool_completion", tokens=128, about=("`tool_choice`",))
async def tool_named(ask: Ask) -> None:
    """One call: tool_choice names one function, the question suggests another."""
    question = "What is the weather in Paris right now?"
    await ask.chat(messages=[user(question)], tools=[GET_WEATHER, READ_FILE], tool_choice=NAMED)


@conversation("tool_stream", depth=Depth.THOROUGH, tokens=128, about=("`tool_choice`",))
async def tool_named_stream(ask: Ask) -> None:
    """The same call of a named function, streamed."""
    question = "What is the weather in Paris right now?"
    fields: dict[str, Any] = {"tools": [GET_WEATHER, READ_FILE], "tool_choice": NAMED}
    await ask.chat(messages=[user(question)], stream=True, stream_options=USAGE, **fields)


@conversation("completion", tokens=64, about=("`tool_choice`",))
async def tool_none(ask: Ask) -> None:
    """A prompt that asks for a call while tool_choice none forbids it."""
    await ask.chat(messages=READ, tools=[READ_FILE], tool_choice="none", max_tokens=64)


@conversation("tool_completion", tokens=128, about=("`parallel_tool_calls`",))
async def parallel(ask: Ask) -> None:
    """Two calls in one answer, not streamed."""
    await ask.chat(messages=TWO, tools=[GET_WEATHER], tool_choice="required", parallel_tool_calls=True)


@conversation("tool_stream", tokens=128, tries=2)
async def parallel_stream(ask: Ask) -> None:
    """Two calls in one answer, streamed."""
    await _until_called(
        ask, 2, messages=TWO, tools=[GET_WEATHER], tool_choice="required", parallel_tool_calls=True, stream=True
    )


@conversation("tool_completion", tokens=128, about=("`parallel_tool_calls`",))
async def parallel_off(ask: Ask) -> None:
    """A prompt that asks for two calls while parallel_tool_calls is false."""
    await ask.chat(messages=TWO, tools=[GET_WEATHER], tool_choice="required", parallel_tool_calls=False)


@conversation("tool_stream", tokens=64)
async def no_argument_call(ask: Ask) -> None:
    """A call of a tool that has no parameters, streamed."""
    await ask.chat(
        messages=[user("Call the tool get_current_time.")],
        tools=[offered.GET_TIME],
        tool_choice="required",
        stream=True,
    )


@conversation("tool_stream", tokens=1_100, prompt_tokens=1_200)
async def long_arguments(ask: Ask) -> None:
    """A call whose argument is a page of code with quotes, braces, tags and emoji, streamed."""
    arguments = {"path": "src/main.py", "content": offered.LONG_CODE}
    await ask.chat(
        messages=[user(call_request(offered.WRITE_FILE, arguments))],
        tools=[offered.WRITE_FILE],
        tool_choice="required",
        stream=True,
    )


@conversation("tool_stream", depth=Depth.QUICK, requests=2, tokens=192, prompt_tokens=500)
async def tool_loop(ask: Ask) -> None:
    """A call, then its result under the id that the server gave it, as an agent sends it."""
    fields: dict[str, Any] = {"tools": [READ_FILE], "stream": True, "stream_options": USAGE}
    first = await ask.chat(messages=READ, tool_choice="required", **fields)
    reply = as_reply(first)
    calls = [c for c in reply.calls if isinstance(c.id, str) and isinstance(c.arguments, str)] if reply else []
    if not calls:
        return
    history = [*READ, offered.called(calls[0].id, str(calls[0].name), calls[0].arguments)]
    answer = offered.result(calls[0].id, "1 | print('hello')\n(1 line)")
    await ask.chat(messages=[*history, answer], tool_choice="auto", **fields)


@conversation("tool_stream", depth=Depth.THOROUGH, tokens=128, prompt_tokens=500, once=True)
async def forced_call_after_error(ask: Ask) -> None:
    """A forced call in the second turn, streamed: in the first turn the tool failed."""
    failed = [offered.called("call_conformance1", "read_file", '{"path":"main.py","limit":20}')]
    failed.append(offered.result("call_conformance1", "Error: main.py: no such file"))
    await ask.chat(
        messages=[user("Read the file main.py."), *failed, *READ],
        tools=[READ_FILE, GET_WEATHER],
        tool_choice="required",
        stream=True,
    )
