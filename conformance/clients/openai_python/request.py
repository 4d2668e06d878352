"""What a program with the OpenAI Python SDK 3.54.0 sends: what it is given, and little else.

`turn` is `chat.completions.create(stream=True)` in a loop that sends back what it received. `helper_turn` is
`chat.completions.stream()` with tools made of pydantic models: strict ones, since it parses the arguments of no others.
"""

from __future__ import annotations

from typing import Any

from conformance.clients.headers import merged
from conformance.clients.messages import Message, call, image, result, text
from conformance.clients.talk import Assistant, Options, Prompt, Result, Said, User
from conformance.clients.tool_schema import Schema, branched, closed, each, function, strict

Body = dict[str, Any]


def headers(options: Options) -> dict[str, str]:
    """All but the key."""
    own = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "OpenAI/Python 3.54.0",
        "X-Stainless-Lang": "python",
        "X-Stainless-Package-Version": "3.54.0",
        "X-Stainless-OS": "Linux",
        "X-Stainless-Arch": "x64",
        "X-Stainless-Runtime": "CPython",
        "X-Stainless-Runtime-Version": "3.12.11",
        "x-stainless-async": "false",
        "x-stainless-retry-count": "0",
        "x-stainless-read-timeout": "600",
    }
    return merged(own, options.headers)


def helper_headers(options: Options) -> dict[str, str]:
    """Those of `chat.completions.stream()`, which adds its name."""
    return merged(headers(options), {"X-Stainless-Helper-Method": "chat.completions.stream"})


def turn(options: Options, prompt: Prompt) -> Body:
    """A turn of an agent. Usage is only streamed to programs that ask for it, and this one does not."""
    tools = [function(one.name, one.description, one.parameters) for one in prompt.tools]
    return _body(options, prompt, tools) | ({"stream": True} if options.streaming else {})


def helper_turn(options: Options, prompt: Prompt) -> Body:
    """The same through the helper, with tools as `pydantic_function_tool` writes them, but for their titles."""
    tools = [function(one.name, one.description, _pydantic(one.parameters), strict=True) for one in prompt.tools]
    return _body(options, prompt, tools) | {"stream": True}


def _pydantic(schema: Schema) -> Schema:
    found: Schema = each(each(strict({"properties": {}, **schema}, nulls=True), closed), branched)
    return found


def _body(options: Options, prompt: Prompt, tools: list[Schema]) -> Body:
    cap, effort = options.max_output_tokens, options.reasoning_effort
    return {
        "model": options.model,
        "messages": [{"role": "system", "content": prompt.system}, *map(_message, prompt.history)],
        **({"tools": tools} if tools else {}),
        **({} if cap is None else {"max_completion_tokens": cap}),
        **({"reasoning_effort": effort} if effort else {}),
    }


def _message(one: Said) -> Message:
    if isinstance(one, Result):
        return result(one.id, one.content)
    if isinstance(one, Assistant):
        calls = [call(made.id, made.name, made.arguments) for made in one.calls]
        return {"role": "assistant", "content": one.text or None, **({"tool_calls": calls} if calls else {})}
    return {"role": "user", "content": _content(one)}


def _content(user: User) -> str | list[Message]:
    parts = [*map(text, user.texts), *map(image, user.images)]
    return user.texts[0] if len(parts) == 1 and user.texts else parts
