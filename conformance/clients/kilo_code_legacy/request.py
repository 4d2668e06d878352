"""What Kilo Code 5.10.4 sends, the last release before its rebuild: Roo Code's body with other headers and schemas."""

from __future__ import annotations

from conformance.clients.headers import openai_node
from conformance.clients.roo_code import request as roo_code
from conformance.clients.talk import Options, Prompt
from conformance.clients.tool_schema import Schema, closed, each, strict

VERSION = "5.10.4"
small = roo_code.small


def headers(options: Options) -> dict[str, str]:
    """All but the key, which is sent as Roo Code sends it."""
    ours = {
        "HTTP-Referer": "https://kilocode.ai",
        "X-Title": "Kilo Code",
        "X-KiloCode-Version": VERSION,
        "User-Agent": f"Kilo-Code/{VERSION}",
    }
    return openai_node(ours, options.headers)


def turn(options: Options, prompt: Prompt) -> roo_code.Body:
    """A turn of the agent, without parallel_tool_calls."""
    tools = [roo_code.tool(one, parameters(one.parameters)) for one in prompt.tools]
    return roo_code.agent_turn(options, prompt, {"tools": tools, "tool_choice": "auto"} if tools else {})


def parameters(schema: Schema) -> Schema:
    """All members required, and nullable ones stay nullable (src/api/providers/kilocode/openai-strict-schema.ts)."""
    found: Schema = each(strict(schema, nulls=True), closed)
    return found
