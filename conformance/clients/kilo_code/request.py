"""What Kilo Code 7.5.11 sends to a custom provider, with @ai-sdk/openai-compatible 2.0.48.

Source: packages/opencode/src/session/llm/request.ts, provider/transform.ts, kilocode/session/llm.ts and title.ts.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from conformance.clients.ai_sdk.request import Body, body
from conformance.clients.headers import merged
from conformance.clients.kilo_code.messages import messages
from conformance.clients.kilo_code.tools import tool
from conformance.clients.messages import Message, stringified
from conformance.clients.talk import Options, Prompt, User
from conformance.clients.tool_schema import Schema

LARGEST_OUTPUT, LEAST_OUTPUT, RESERVE = 32_000, 1024, 2048  # tokens
CHARACTERS_OF_A_TOKEN, MARGIN = 4, 1.3  # of its estimate
SESSION = "ses_5f2c81d09ffeX7mQwEr2tYbN4v"  # any session's id has this form
TITLING = (
    "You name conversations. Answer with a title only: one line, at most fifty characters, in the language of the user. "
    "Never answer what is asked in the conversation."
)
TOP_P = {"qwen": 1, "minimax-m2": 0.95, "gemini": 0.95, "kimi-k2.5": 0.95, "kimi-k2p5": 0.95, "kimi-k2-5": 0.95}


def headers(options: Options) -> dict[str, str]:
    """All but the key, which is left out if there is none. Kilo Code's program runs on Bun."""
    ours = {
        "Content-Type": "application/json",
        "Accept": "*/*",
        "User-Agent": "Kilo-Code/7.5.11 ai-sdk/provider-utils/4.0.27 runtime/bun/1.3.5",
        "HTTP-Referer": "https://kilocode.ai",
        "X-Title": "Kilo Code",
        "x-session-affinity": SESSION,
        "X-Session-Id": SESSION,
    }
    return merged(ours, options.headers)


def turn(options: Options, prompt: Prompt) -> Body:
    """A turn of the agent: always streamed, with a token limit unless the id contains gpt-5, tools in the order of their names."""
    tools = sorted((tool(one, options.model) for one in prompt.tools), key=lambda one: one["function"]["name"])
    effort = options.reasoning_effort or _own_effort(options.model)
    return _body(replace(options, reasoning_effort=effort), prompt, tools)


def small(options: Options, text: str) -> Body:
    """The request for a title, often sent beside the first turn: streamed, no tools, the same token limit, the least effort."""
    said = (User((f"Generate a title for this conversation:\n\nUser messages, oldest to newest:\n1. {text}",)),)
    effort = "low" if options.reasoning_effort else ""
    return _body(replace(options, reasoning_effort=effort), Prompt(TITLING, said), [])


def _body(options: Options, prompt: Prompt, tools: list[Schema]) -> Body:
    said = messages(options, prompt)
    sent = replace(options, streaming=True, max_output_tokens=_cap(options, said, tools))
    return body(sent, said, tools, **_top_p(options.model))


def _own_effort(model: str) -> str:
    plain = "gpt-5" in model and "gpt-5-chat" not in model and "gpt-5-pro" not in model
    return "medium" if plain else ""


def _top_p(model: str) -> Body:
    """By the id. Temperature is only sent when the model's configuration says that it has one."""
    return next(({"top_p": value} for name, value in TOP_P.items() if name in model.lower()), {})


def _cap(options: Options, said: list[Message], tools: list[Any]) -> int | None:
    """max_tokens: what is configured, at most 32000, and less if the context is too small; 0 is unset."""
    wanted = min(options.max_output_tokens or LARGEST_OUTPUT, LARGEST_OUTPUT)
    if wanted <= 0 or "gpt-5" in options.model.lower():
        return None
    if not options.context_window:
        return wanted
    written = len(stringified(said)) + len(stringified(tools))
    left = options.context_window - math.ceil(written / CHARACTERS_OF_A_TOKEN * MARGIN) - RESERVE
    return wanted if left <= 0 or left >= wanted else max(LEAST_OUTPUT, left)
