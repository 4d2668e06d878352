"""Tool histories in the forms in which agents send them, and tool schemas in the forms in which they declare them."""

from __future__ import annotations

from typing import Any

from conformance.clients.agent_tools import NULLABLE_WAYS
from conformance.probes.conversations import offered
from conformance.probes.conversations.offered import READ_FILE, call_request, called, result, user
from conformance.requirements.conversation import Ask, Depth, conversation

ARGUMENTS = '{"path":"src/main.py","limit":20}'
ASKED = user("Read the file src/main.py.")
SHOWN = "1 | print('hello')"
ID = "call_conformance1"
READ_LINES = {"path": "src/main.py", "start_line": 1, "end_line": 20}


async def _continue(ask: Ask, *messages: dict[str, Any], tools: bool = True) -> None:
    offer: dict[str, Any] = {"tools": [READ_FILE]} if tools else {}
    await ask.chat(messages=list(messages), max_tokens=64, **offer)


@conversation("completion")
async def history_empty_content(ask: Ask) -> None:
    """An assistant message with a tool call and content ""."""
    await _continue(ask, ASKED, called(ID, "read_file", ARGUMENTS, ""), result(ID, SHOWN))


@conversation("completion")
async def history_null_content(ask: Ask) -> None:
    """An assistant message with a tool call and content null."""
    await _continue(ask, ASKED, called(ID, "read_file", ARGUMENTS, None), result(ID, SHOWN))


@conversation("completion", prompt_tokens=300)
async def history_foreign_ids(ask: Ask) -> None:
    """Two earlier tool calls with ids from other servers: `functions_read_file_0` and nine letters."""
    first = [called("functions_read_file_0", "read_file", ARGUMENTS), result("functions_read_file_0", SHOWN)]
    second = [called("a1B2c3D4e", "read_file", ARGUMENTS), result("a1B2c3D4e", SHOWN)]
    await _continue(ask, ASKED, *first, *second)


@conversation("completion")
async def history_empty_result(ask: Ask) -> None:
    """A tool result that is an empty string."""
    await _continue(ask, ASKED, called(ID, "read_file", ARGUMENTS), result(ID, ""))


@conversation("completion")
async def history_then_user(ask: Ask) -> None:
    """A user message right after the tool result, where agents describe the state of the editor."""
    details = user([{"type": "text", "text": "<environment_details>Mode: code</environment_details>"}])
    await _continue(ask, ASKED, called(ID, "read_file", ARGUMENTS), result(ID, SHOWN), details)


@conversation("completion")
async def history_reasoning(ask: Ask) -> None:
    """An assistant message that sends back its `reasoning_content`."""
    turn = called(ID, "read_file", ARGUMENTS, reasoning_content="I should look at the file.")
    await _continue(ask, ASKED, turn, result(ID, SHOWN))


@conversation("completion")
async def history_text_parts(ask: Ask) -> None:
    """A tool result as an array of text parts."""
    await _continue(ask, ASKED, called(ID, "read_file", ARGUMENTS), result(ID, [{"type": "text", "text": SHOWN}]))


@conversation("completion")
async def history_without_tools(ask: Ask) -> None:
    """A history with tool calls in a request that offers no tools, as agents send it for summaries."""
    question = user("Summarise what happened so far in one sentence.")
    await _continue(ask, ASKED, called(ID, "read_file", ARGUMENTS), result(ID, SHOWN), question, tools=False)


@conversation("response", depth=Depth.THOROUGH, once=True)
async def history_function_role(ask: Ask) -> None:
    """A call and its result in the older form: `function_call`, and a message with the role `function`."""
    call = {"name": "read_file", "arguments": ARGUMENTS}
    turn = {"role": "assistant", "content": None, "function_call": call}
    await _continue(ask, ASKED, turn, {"role": "function", "name": "read_file", "content": SHOWN})


async def _offer(ask: Ask, tools: list[offered.Tool]) -> None:
    await ask.chat(messages=[user("Say hello in one short sentence.")], tools=tools, max_tokens=64)


@conversation("completion", prompt_tokens=300)
async def schema_nullable(ask: Ask) -> None:
    """A tool with a parameter of type ["string", "null"]."""
    await _offer(ask, [offered.NULLABLE])


@conversation("tool_completion", depth=Depth.THOROUGH, requests=4, tokens=512, prompt_tokens=1_200)
async def nullable_ways(ask: Ask) -> None:
    """read_file with a path and two numbers that may be null, in each of the four forms of a nullable schema."""
    for tool in NULLABLE_WAYS.values():
        declared = offered.function(tool.name, tool.description, tool.parameters)
        await ask.chat(messages=[user(call_request(declared, READ_LINES))], tools=[declared], tool_choice="auto")


@conversation("completion", prompt_tokens=300)
async def schema_any_of(ask: Ask) -> None:
    """A tool whose schema has $schema, anyOf with null, default and format."""
    await _offer(ask, [offered.ANY_OF])


@conversation("completion")
async def schema_bare(ask: Ask) -> None:
    """A tool with a name and nothing else."""
    await _offer(ask, [offered.BARE])


@conversation("completion", tokens=256)
async def tool_names(ask: Ask) -> None:
    """A tool name of 64 characters with capitals and double hyphens, as bridged MCP tools have."""
    wanted = user(offered.call_request(offered.HYPHENATED, {"title": "It crashes at the start"}))
    await ask.chat(messages=[wanted], tools=[offered.HYPHENATED], max_tokens=256)


@conversation("completion", prompt_tokens=14_000)
async def many_tools(ask: Ask) -> None:
    """Twenty tools with descriptions of two kilobytes each, and one of twelve."""
    await _offer(ask, offered.many_tools())
