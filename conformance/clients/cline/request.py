"""What Cline 3.89.2 sends with its provider "OpenAI Compatible" when it calls tools natively.

Source: apps/vscode/src/core/api/providers/openai.ts, transform/openai-format.ts, r1-format.ts, system-prompt/spec.ts.
"""

from __future__ import annotations

import hashlib
from typing import Any

from conformance.clients.headers import openai_node
from conformance.clients.messages import Message, call, gathered, joined, parts, result, rounds, stringified
from conformance.clients.talk import Assistant, Options, Prompt, Tool, User
from conformance.clients.tool_schema import Schema, function, may_be_null, without_null

Body = dict[str, Any]
RESPONSES_ID, LONGEST_ID = (53, 40)  # characters of an id of OpenAI's other API, and of the longest allowed here
LONGEST_NAME = 64


def headers(options: Options) -> dict[str, str]:
    """All but the key."""
    return openai_node({"User-Agent": "Cline/3.89.2"}, options.headers)


def turn(options: Options, prompt: Prompt) -> Body:
    """A turn of the agent: always streamed, without temperature, one call at a time."""
    tools = [found for one in prompt.tools if (found := tool(one))]
    cap, effort = options.max_output_tokens or 0, options.reasoning_effort
    return {
        "model": options.model,
        "messages": _messages(options, prompt),
        **({"max_tokens": cap} if cap > 0 else {}),
        **({"reasoning_effort": effort} if effort not in ("", "none") and _reasons(options.model) else {}),
        "stream": True,
        "stream_options": {"include_usage": True},
        **({"tools": tools, "tool_choice": "auto", "parallel_tool_calls": False} if tools else {}),
    }


def _reasons(model: str) -> bool:
    return any(name in model for name in ("o1", "o3", "o4", "gpt-5")) and "chat" not in model


def _messages(options: Options, prompt: Prompt) -> list[Message]:
    if _reasons(options.model):
        return [{"role": "developer", "content": prompt.system}, *_usual(options, prompt)]
    if options.r1_format or "deepseek-reasoner" in options.model:
        return _for_reasoner(options, prompt)
    return [{"role": "system", "content": prompt.system}, *_usual(options, prompt)]


def _usual(options: Options, prompt: Prompt) -> list[Message]:
    found: list[Message] = []
    for part in rounds(prompt.history):
        if isinstance(part, Assistant):
            found.append(_answer(part))
        else:
            found += [result(_id(one.id), one.content) for one in part.results]
            said = [one for user in part.said for one in _parts(options, user)]
            found += [{"role": "user", "content": said}] if said else []
    return found


def _answer(answer: Assistant) -> Message:
    """An answer without text has no content: null beside calls, otherwise left out."""
    calls = [call(_id(one.id), one.name, stringified(one.value or {})) for one in answer.calls]
    words = answer.text if answer.text.strip() else None
    content = {"content": words} if words or calls else {}
    return {"role": "assistant", **content, **({"tool_calls": calls} if calls else {})}


def _for_reasoner(options: Options, prompt: Prompt) -> list[Message]:
    """Text only: calls and results are left out, reasoning precedes the text, roles alternate."""
    found: list[Message] = [{"role": "user", "content": prompt.system}]
    for part in rounds(prompt.history):
        if isinstance(part, Assistant):
            words = [some for some in (part.reasoning, part.text) if some.strip()]
            message: Message = {"role": "assistant", "content": "\n".join(words)}
        else:
            said = [one for user in part.said for one in _parts(options, user)]
            message = {"role": "user", "content": gathered(said)}
        if found[-1]["role"] == message["role"]:
            message = {**message, "content": joined(found.pop()["content"], message["content"])}
        found.append(message)
    return found


def _parts(options: Options, user: User) -> list[Message]:
    """A model without image support never gets pictures."""
    return parts(user if options.images else User(user.texts))


def _id(id: Any) -> str:
    """An id of the Responses API is shortened; all others are sent back unchanged."""
    known = str(id)
    foreign = known.startswith("fc_") and len(known) == RESPONSES_ID
    return f"call_{known[len('call_') - LONGEST_ID :]}" if foreign else known


def tool(one: Tool) -> Schema | None:
    """A tool as it is sent; None for one of an MCP server whose name would be too long."""
    if not one.bridged:
        return function(one.name, one.description, _own(one.parameters), strict=False)
    # Cline gives every server a short random id; this one is derived from the name, so it stays the same.
    name = f"c{hashlib.sha256(one.server.encode()).hexdigest()[:5]}0mcp0{one.name}"
    if len(name) > LONGEST_NAME:
        return None
    description = f"{one.server}: {one.description or one.name}"
    return function(name, description, _foreign(one.parameters), strict=False)


def _own(schema: Schema) -> Schema:
    """Members that may be null become optional instead; the inside of a member is sent unchanged."""
    members = schema["properties"]
    required = [name for name in schema["required"] if not may_be_null(members[name])]
    return _object({name: without_null(member) for name, member in members.items()}, required)


def _foreign(schema: Schema) -> Schema:
    """Only the members are used; one without a type becomes a string."""
    members = schema.get("properties", {})
    required = [name for name in members if name in schema.get("required", ())]
    properties = {name: {"type": "string", "description": "", **member} for name, member in members.items()}
    return _object(properties, required)


def _object(members: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}
