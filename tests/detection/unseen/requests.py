"""Defects that trackers tell of in 2026: what servers and gateways accept, and what they do to a request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from conformance.reference.stages import Reply, Request
from conformance.reference.text import prompt_tokens, text_of
from tests.detection.unseen.shown import shown

MOST_TOOLS = 16
WINDOW = 4096  # tokens
ESCAPE = re.compile(r"\\[dDwWsSbB]")
NOT_AN_IMAGE = (
    "AiError: AiError: Invalid data for image - reason invalid base64 encoding (e06dfc06-ba30-4e1e-ae04-357dd74f48cd)"
)
TOO_MANY_TOOLS = (
    "Error from provider (Console Go): Upstream request failed: [unsupported_tool_schema] "
    "The tool schema is not supported (tool_count_limit)."
)
TEMPLATE_RAISES = (
    "\n------------\nWhile executing CallExpression at line 85, column 32 in source:\n"
    "...first %}↵            {{- raise_exception('System message must be at the beginnin...\n"
    "                                           ^\nError: Jinja Exception: System message must be at the beginning."
)
NO_MAX_TOKENS = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
)


@shown("Blaizzy/mlx-vlm#1137 last-text-part-only")
def keep_the_last_text_part(request: Request) -> None:
    """Of several text parts of a message, only the last is kept."""
    for message in request.messages:
        content = message.get("content")
        if isinstance(content, list):
            texts = [at for at, part in enumerate(content) if isinstance(part, dict) and part.get("type") == "text"]
            message["content"] = [part for at, part in enumerate(content) if at not in texts[:-1]]


@shown("jundot/omlx#789 tool-history-stripped")
def strip_the_tool_history(request: Request) -> None:
    """Calls and tool results are taken out of the history."""
    if not request.tool_messages:
        return
    request.body["messages"] = [message for message in request.messages if message.get("role") != "tool"]
    for message in request.calling_messages:
        del message["tool_calls"]
        message["content"] = message.get("content") or ""


@shown("cloudflare/ai#605 data-uri-in-text")
def read_text_as_image(reply: Reply) -> None:
    """A text that mentions data:image/ is refused as an image that cannot be decoded."""
    texts = (text_of(message.get("content")) for message in reply.request.messages)
    if reply.completes and any("data:image/" in text for text in texts):
        error = {"message": NOT_AN_IMAGE, "code": 8006}
        reply.json(400, {"errors": [error], "success": False, "result": {}, "messages": []})


@shown("anomalyco/opencode#43378 sixteen-tools-at-most")
def refuse_many_tools(request: Request) -> None:
    """More than 16 tools are refused."""
    if len(request.tools) > MOST_TOOLS:
        request.refuse(400, TOO_MANY_TOOLS, param="tools")


@shown("mudler/vllm.cpp#526 argument-names-quoted")
def quote_the_names_again(reply: Reply) -> None:
    """After a call in the history, names and strings in arguments come with quotes of their own."""
    if not any(_has_arguments(message) for message in reply.request.calling_messages):
        return
    for call in reply.calls:
        call["function"]["arguments"] = _quoted(call["function"]["arguments"])
    for index in {entry["index"] for entry in reply.call_deltas}:
        functions = [entry["function"] for entry in reply.call_deltas if entry["index"] == index]
        pieces = [function for function in functions if function["arguments"]]
        text = _quoted("".join(piece["arguments"] for piece in pieces))
        size = -(-len(text) // max(1, len(pieces)))
        for n, piece in enumerate(pieces):
            piece["arguments"] = text[n * size : (n + 1) * size]


def _has_arguments(message: dict[str, Any]) -> bool:
    calls = message["tool_calls"]
    functions = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    return any(
        function.get("arguments") not in (None, "", "{}") for function in functions if isinstance(function, dict)
    )


def _quoted(arguments: str) -> str:
    try:
        values = json.loads(arguments)
    except ValueError:
        return arguments
    if not isinstance(values, dict):
        return arguments
    return json.dumps(
        {f'"{name}"': f'"{value}"' if isinstance(value, str) else value for name, value in values.items()}
    )


@shown("lidge-jun/opencodex#2135 pattern-escape-refused")
def refuse_escapes_in_patterns(request: Request) -> None:
    """A schema whose pattern has a class such as that of digits cannot be made a grammar."""
    patterns = [pattern for tool in request.tools for pattern in _patterns(tool.get("parameters"))]
    if any(ESCAPE.search(pattern) for pattern in patterns):
        request.refuse(400, "Failed to initialize samplers: failed to parse grammar")


def _patterns(schema: object) -> Iterator[str]:
    """Every `pattern` of a schema, at any depth; a property of that name is none."""
    if isinstance(schema, list):
        for one in schema:
            yield from _patterns(one)
    elif isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for one in schema.values():
            yield from _patterns(one)


@shown("ggml-org/llama.cpp#27367 late-system-message")
def raise_for_late_system_message(request: Request) -> None:
    """The chat template raises for a system message that is not the first message."""
    if any(message.get("role") == "system" for message in request.messages[1:]):
        request.refuse(500, TEMPLATE_RAISES)


@shown("Kilo-Org/kilocode#12330 null-content-refused")
def refuse_null_content(request: Request) -> None:
    """An assistant message with content null is refused, even when it has calls."""
    for at, message in enumerate(request.messages):
        if message.get("tool_calls") and message.get("content", "") is None:
            param = f"messages[{at}].content"
            request.refuse(400, f"{param}: expected a string or an array, but got null", param=param)


@shown("ollama/ollama#18107 question-truncated-away")
def drop_the_oldest_messages(request: Request) -> None:
    """Messages beyond 4096 tokens are dropped, the oldest first; with no user message left, the request fails."""
    system = [message for message in request.messages if message.get("role") in ("system", "developer")]
    others = [message for message in request.messages if message not in system]
    kept = others[:]
    while len(kept) > 1 and prompt_tokens([*system, *kept], request.body.get("tools")) > WINDOW:
        del kept[0]
    if len(kept) == len(others):
        return
    if not any(message.get("role") == "user" for message in kept):
        request.refuse(500, "no user query found in messages")
    while len(kept) > 1 and kept[0].get("role") == "tool":
        del kept[0]
    request.body["messages"] = [*system, *kept]


@shown("caozhiyuan/copilot-api#172 max-tokens-refused")
def refuse_max_tokens(reply: Reply) -> None:
    """max_tokens is refused, with the upstream's error as text in the error's message."""
    if reply.completes and reply.request.body.get("max_tokens") is not None:
        inner = {"error": {"message": NO_MAX_TOKENS, "code": "invalid_request_body"}}
        reply.json(400, {"error": {"message": json.dumps(inner) + "\n", "type": "error"}})
