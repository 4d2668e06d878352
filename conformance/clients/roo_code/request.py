"""What Roo Code 3.52.1 sends with its provider "OpenAI Compatible" (src/api/providers/openai.ts)."""

from __future__ import annotations

import re
from typing import Any

from conformance.clients.headers import openai_node
from conformance.clients.messages import Message
from conformance.clients.roo_code.messages import for_reasoner, usual, with_cache_marks
from conformance.clients.talk import Options, Prompt, Tool
from conformance.clients.tool_schema import Schema, each, function, normalized, strict
from conformance.clients.url import host_of

Body = dict[str, Any]
LONGEST_NAME = 64


def headers(options: Options) -> dict[str, str]:
    """All but the key, which is `Authorization: Bearer`, or `api-key` alone at Azure."""
    ours = {
        "HTTP-Referer": "https://github.com/RooVetGit/Roo-Cline",
        "X-Title": "Roo Code",
        "User-Agent": "RooCode/3.52.1",
    }
    return openai_node(ours, options.headers)


def turn(options: Options, prompt: Prompt) -> Body:
    """A turn of the agent. Parallel calls are always allowed; a token limit is sent only if the user set one."""
    tools = [tool(one, strict(one.parameters, nulls=False)) for one in prompt.tools]
    offered = {"tools": tools, "tool_choice": "auto", "parallel_tool_calls": True} if tools else {}
    return agent_turn(options, prompt, offered)


def small(options: Options, text: str) -> Body:
    """What enhances a prompt or writes a commit message: a single user's string, not streamed."""
    return {"model": options.model, "messages": [{"role": "user", "content": text}], **_cap(options)}


def tool(one: Tool, parameters: Schema) -> Schema:
    """A tool as it is sent: its own strictly with `parameters`, those of MCP servers almost unchanged."""
    if not one.bridged:
        return function(one.name, one.description, parameters, strict=True)
    return function(bridged_name(one), one.description, each(one.parameters, normalized), strict=False)


def bridged_name(one: Tool) -> str:
    """The name of a tool of an MCP server (src/utils/mcp-name.ts::buildMcpToolName): hyphens stay, 64 characters at most."""
    return f"mcp--{_plain(one.server)}--{_plain(one.name)}"[:LONGEST_NAME]


def _plain(name: str) -> str:
    kept = re.sub("-{2,}", "-", re.sub(r"[^A-Za-z0-9_-]", "", re.sub(r"\s+", "_", name)))
    return kept if re.match("[A-Za-z_]", kept) else f"_{kept or 'unnamed'}"


def agent_turn(options: Options, prompt: Prompt, offered: Body) -> Body:
    """The body with the fields that offer tools, which is where Kilo Code before its rebuild differs."""
    return {
        "model": options.model,
        **_temperature(options),
        "messages": _messages(options, prompt),
        **_streaming(options),
        **_effort(options),
        **offered,
        **_cap(options),
    }


def _of_o_series(options: Options) -> bool:
    """True for o1, o3 or o4 anywhere in the id, in solar-pro3 too."""
    return bool(re.search("o[134]", options.model))


def _reasoner(options: Options) -> bool:
    return options.r1_format or "deepseek-reasoner" in options.model


def _messages(options: Options, prompt: Prompt) -> list[Message]:
    if _of_o_series(options):
        system = {"role": "developer", "content": f"Formatting re-enabled\n{prompt.system}"}
        return [system, *usual(options, prompt)]
    if _reasoner(options):
        return for_reasoner(options, prompt)
    if options.prompt_caching and options.streaming:
        return with_cache_marks(prompt.system, usual(options, prompt))
    return [{"role": "system", "content": prompt.system}, *usual(options, prompt)]


def _temperature(options: Options) -> Body:
    if _of_o_series(options) or not options.streaming:
        return {}
    return {"temperature": 0.3 if _reasoner(options) else 0}


def _streaming(options: Options) -> Body:
    """Any host with x.ai in its name is treated as xAI, which is not asked for usage."""
    if not options.streaming:
        return {}
    usage = {} if "x.ai" in host_of(options.base_url) else {"stream_options": {"include_usage": True}}
    return {"stream": True, **usage}


def _effort(options: Options) -> Body:
    sent = options.reasoning_effort and (options.streaming or _of_o_series(options))
    return {"reasoning_effort": options.reasoning_effort} if sent else {}


def _cap(options: Options) -> Body:
    """Never as max_tokens; -1 is sent on as it is."""
    return {} if options.max_output_tokens is None else {"max_completion_tokens": options.max_output_tokens}
