"""What the AI SDK sends: `streamText` with @ai-sdk/openai-compatible 3.0.35 and tools declared in zod.

Set up as agents set it up (Cline 4 among them): `includeUsage` is on, so that usage comes with a stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.clients.headers import FETCH, NODE_VERSION, merged
from conformance.clients.messages import Message, call, image, result, stringified, text
from conformance.clients.talk import Assistant, Options, Prompt, Result, Said, Tool, User
from conformance.clients.tool_schema import Schema, bounded, branched, closed, each, function

Body = dict[str, Any]
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def headers(options: Options) -> dict[str, str]:
    """All but the key, which is left out if there is none."""
    return _headers(options, "3.0.35", "5.0.29")


def headers_2_0_48(options: Options) -> dict[str, str]:
    """The same for the older profile."""
    return _headers(options, "2.0.48", "4.0.27")


def _headers(options: Options, version: str, utils: str) -> dict[str, str]:
    agent = f"ai-sdk/openai-compatible/{version} ai-sdk/provider-utils/{utils} runtime/node.js/{NODE_VERSION}"
    own = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": agent}
    return merged(own, FETCH, options.headers)


def turn(options: Options, prompt: Prompt) -> Body:
    """A turn of an agent; `generateText`, with the same body but for the stream, when streaming is off."""
    return body(options, messages(prompt), [tool(one) for one in prompt.tools])


def body(options: Options, said: list[Message], tools: list[Schema], **settings: Any) -> Body:
    """The body of a request; `settings` are those that its program adds."""
    cap, effort = options.max_output_tokens, options.reasoning_effort
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    return {
        "model": options.model,
        **({} if cap is None else {"max_tokens": cap}),
        **settings,
        **({"reasoning_effort": effort} if effort else {}),
        "messages": said,
        **({"tools": tools, "tool_choice": "auto"} if tools else {}),
        **(streamed if options.streaming else {}),
    }


def messages(prompt: Prompt) -> list[Message]:
    """The system prompt as a string, then the history with no messages merged."""
    return [{"role": "system", "content": prompt.system}, *said_so_far(prompt.history)]


def said_so_far(history: Sequence[Said]) -> list[Message]:
    """The history: ids unchanged, reasoning sent back, null as the content of calls without text."""
    return [_message(one) for one in history]


def _message(one: Said) -> Message:
    if isinstance(one, User):
        return {"role": "user", "content": _content(one)}
    if isinstance(one, Result):
        return result(one.id, one.content)
    return _answer(one)


def _content(user: User) -> str | list[Message]:
    """A single text is a string; empty texts are left out."""
    parts = [*(text(words) for words in user.texts if words), *map(image, user.images)]
    return str(parts[0]["text"]) if len(parts) == 1 and "text" in parts[0] else parts


def _answer(answer: Assistant) -> Message:
    calls = [call(one.id, one.name, stringified(one.value or {})) for one in answer.calls]
    reasoning = {"reasoning_content": answer.reasoning} if answer.reasoning else {}
    content = answer.text or (None if calls else "")
    return {"role": "assistant", "content": content, **reasoning, **({"tool_calls": calls} if calls else {})}


def tool(one: Tool) -> Schema:
    """A tool as it is sent: its zod schema as draft 7, or the schema of an MCP server, which is only closed at its top."""
    if one.bridged:
        return function(one.name, one.description, foreign(one.parameters))
    return function(one.name, one.description, {"$schema": DRAFT_7, **zod(one.parameters)})


def zod(schema: Schema) -> Schema:
    """What zod makes of a declaration: objects closed, null as a branch, integers within JavaScript's; [] is not written."""
    for change in (closed, branched, bounded):
        schema = each(schema, change)
    return {key: value for key, value in schema.items() if (key, value) != ("required", [])}


def foreign(schema: Schema) -> Schema:
    """The schema of a tool of an MCP server, which always has members and takes no others."""
    return {"properties": {}, **schema, "type": "object", "additionalProperties": False}
