"""The second turn: histories, tool results and tool schemas in the forms that agents send."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.clients.agent_tools import NULLABLE_WAYS
from conformance.evidence.exchange import shown
from conformance.evidence.kinds import as_reply
from conformance.probes.sources import AI_SDK_CHAT, KILO, OPENAI_TOOLS, ROO_HISTORY, ROO_PROVIDER, ROO_TOOLS, issue
from conformance.requirements import BREAKS, DEGRADES, TOOL_CALLING_ERRORS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

ROO_FAMILY = {ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS}
AI_FAMILY = {KILO_CODE: BREAKS, AI_SDK: BREAKS}


def _accepted(talk: Talk) -> None:
    """Fails when the last answer of the conversation is not a success."""
    assert talk.answered.ok, talk.answered.summary


@probe(
    "tools.history-empty-content",
    failure='A request fails when an assistant message has content "" next to its tool call.',
    category=TOOL_CALLING_ERRORS,
    severity=ROO_FAMILY,
    source=[ROO_HISTORY, issue("vercel/ai", 13744)],
    remedy='Accept assistant messages with content "" next to tool_calls.',
)
def test_empty_content_next_to_calls_is_accepted(history_empty_content: Talk) -> None:
    """A history whose assistant message has content "" next to its tool call is accepted.

    Roo Code always sends it like this.
    """
    _accepted(history_empty_content)


@probe(
    "tools.history-null-content",
    failure="A request fails when an assistant message has content null next to its tool call.",
    category=TOOL_CALLING_ERRORS,
    severity=AI_FAMILY | {CLINE: BREAKS, OPENAI_PYTHON: BREAKS},
    source=[AI_SDK_CHAT, issue("ml-explore/mlx-lm", 186)],
    remedy="Accept assistant messages with content null next to tool_calls.",
)
def test_null_content_next_to_calls_is_accepted(history_null_content: Talk) -> None:
    """A history whose assistant message has content null next to its tool call is accepted.

    The AI SDK, and Kilo Code with it, always sends it like this.
    """
    _accepted(history_null_content)


@probe(
    "tools.history-foreign-ids",
    failure="A request fails when tool-call ids have another form than the server's own.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[
        "https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/utils/tool-id.ts",
        issue("jundot/omlx", 1997),
        issue("anomalyco/opencode", 1680),
    ],
    remedy="Accept any string as a tool-call id. Check only that calls and results match.",
)
def test_ids_of_any_form_are_accepted(history_foreign_ids: Talk) -> None:
    """A history with tool-call ids of another form than the server's own is accepted when calls and results match.

    Roo Code rewrites ids, and users move conversations from model to model.
    """
    _accepted(history_foreign_ids)


@probe(
    "tools.history-empty-result",
    failure="A request with an empty tool result fails.",
    category=TOOL_CALLING_ERRORS,
    severity=ROO_FAMILY | {KILO_CODE: BREAKS},
    source=[ROO_HISTORY, issue("RooCodeInc/Roo-Code", 10672)],
    remedy='Accept tool messages with content "".',
)
def test_empty_results_are_accepted(history_empty_result: Talk) -> None:
    """A tool result that is an empty string is accepted.

    Commands without output are common.
    """
    _accepted(history_empty_result)


@probe(
    "tools.history-then-user",
    failure="A request fails when a user message comes right after a tool result.",
    category=TOOL_CALLING_ERRORS,
    severity=ROO_FAMILY | {CLINE: BREAKS},
    source=[ROO_HISTORY, issue("deepseek-ai/DeepSeek-V3", 1588), issue("eclipse-theia/theia", 17104)],
    remedy="Accept a user message right after tool messages. Do not require that roles alternate.",
)
def test_a_user_message_after_results_is_accepted(history_then_user: Talk) -> None:
    """A user message right after a tool result is accepted.

    Roo Code adds one with the state of the editor to every tool result.
    """
    _accepted(history_then_user)


@probe(
    "tools.history-reasoning",
    failure="A request fails when an assistant message contains `reasoning_content`.",
    category=TOOL_CALLING_ERRORS,
    severity=AI_FAMILY,
    source=[AI_SDK_CHAT, f"{KILO}/provider/transform.ts"],
    remedy="Accept `reasoning_content` in assistant messages, and use it or ignore it.",
)
def test_reasoning_in_the_history_is_accepted(history_reasoning: Talk) -> None:
    """A history whose assistant message contains `reasoning_content` is accepted.

    Kilo Code sends it back whenever the model has reasoned.
    """
    _accepted(history_reasoning)


@probe(
    "tools.history-text-parts",
    failure="A request fails when a tool result is an array of text parts.",
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: DEGRADES},
    source=[OPENAI_TOOLS, issue("Neroued/ninfer", 57)],
    remedy="Accept tool messages whose content is an array of text parts.",
)
def test_results_as_text_parts_are_accepted(history_text_parts: Talk) -> None:
    """A tool result whose content is an array of text parts is accepted."""
    _accepted(history_text_parts)


@probe(
    "tools.history-without-tools",
    failure="A request without tools fails when its history contains tool calls.",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES},
    source=[f"{KILO}/session/llm/request.ts"],
    remedy="Accept tool calls in the history of a request that offers no tools.",
)
def test_a_history_with_calls_is_accepted_without_tools(history_without_tools: Talk) -> None:
    """A history with tool calls is accepted when the request itself offers no tools.

    Kilo Code asks for titles and summaries like this.
    """
    _accepted(history_without_tools)


@probe(
    "tools.round-trip",
    failure="A request fails when a tool result comes back under the server's own call id.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[OPENAI_TOOLS, issue("jundot/omlx", 1997)],
    remedy="Accept assistant messages with `tool_calls` and tool results (messages of the role `tool`), with the ids that the "
    "server itself gave its calls.",
)
def test_a_result_under_the_servers_own_id_is_accepted(tool_loop: Talk) -> None:
    """The result of a call, sent back under the id that the server gave it, is accepted.

    Without this, an agent ends after its first tool.
    """
    if len(tool_loop.exchanges) < 2:
        raise Blocked(f"no call to answer: {tool_loop.answered.summary}")
    _accepted(tool_loop)


@probe(
    "tools.continues",
    failure="After a tool result the model sends nothing, or makes the identical call again.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=["https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/core/tools/ToolRepetitionDetector.ts"],
    remedy="Choose a model that is trained for tool results. Check that its chat template renders tool messages.",
    blame=Blame.MODEL,
)
def test_the_model_goes_on_after_a_result(tool_loop: Talk) -> None:
    """After a tool result the model goes on with a text or another call, not with the identical call.

    Agents stop a model that repeats itself.
    """
    replies = [r for e in tool_loop.exchanges if (r := as_reply(e))]
    if len(replies) < 2:
        raise Blocked(f"no answer after a tool result: {tool_loop.answered.summary}")
    made, after = ([(c.name, c.arguments) for c in r.calls] for r in (replies[0], replies[-1]))
    assert replies[-1].text or after, "nothing comes after the tool result"
    assert not after or after != made, f"the identical call again: {shown(after[0])}"


@probe(
    "tools.schema-nullable",
    failure='A tool schema with `"type": ["string", "null"]` makes the request fail.',
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE_LEGACY: BREAKS, CLINE: BREAKS, KILO_CODE: BREAKS, OPENAI_PYTHON: BREAKS},
    source=[
        "https://github.com/Kilo-Org/kilocode-legacy/blob/main/src/api/providers/kilocode/openai-strict-schema.ts",
        issue("ollama/ollama", 5990),
    ],
    remedy='Accept `"type": ["string", "null"]` in tool schemas.',
)
def test_nullable_types_are_accepted(schema_nullable: Talk) -> None:
    """A tool schema with `"type": ["string", "null"]` is accepted.

    Strict mode writes optional arguments like this.
    """
    _accepted(schema_nullable)


@probe(
    "tools.nullable-ways",
    failure="A request fails when a tool schema writes nullable numbers in one of the four usual ways.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES),
    source=["https://docs.roocode.com/features/native-function-calling", OPENAI_TOOLS],
    remedy="Accept nullable parameters in every way: a type of several, `anyOf`, `nullable: true`, not required.",
)
def test_nullable_numbers_are_accepted_however_schemas_write_them(nullable_ways: Talk) -> None:
    """A tool with nullable numbers is accepted in all four ways in which schemas write them.

    The agents' own tools, MCP servers and documentation use different ways, and a user meets all of them.
    """
    if nullable_ways.answered.status is None:
        raise Blocked(nullable_ways.last.summary)
    for exchange, way in zip(nullable_ways.exchanges, NULLABLE_WAYS, strict=False):
        assert exchange.ok, f"{way}: {exchange.summary}"


@probe(
    "tools.schema-any-of",
    failure="Keywords of JSON Schema in a tool make the request fail.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_TOOLS, issue("databricks/unity-gateway", 491), issue("RooCodeInc/Roo-Code", 10198)],
    remedy="Accept the keywords of JSON Schema in tools: $schema, anyOf, default, format, additionalProperties.",
)
def test_schema_keywords_are_accepted(schema_any_of: Talk) -> None:
    """A tool schema with `$schema`, `anyOf` with null, `default` and `format` is accepted.

    Clients pass on the schemas of MCP servers unchanged.
    """
    _accepted(schema_any_of)


@probe(
    "tools.schema-bare",
    failure="A tool without `parameters` and `description` makes the request fail.",
    category=TOOL_CALLING_ERRORS,
    severity={AI_SDK: DEGRADES, KILO_CODE: DEGRADES},
    source=[OPENAI_TOOLS, issue("ggml-org/llama.cpp", 17667)],
    remedy="Accept tools without `parameters` and `description`. Both are optional.",
)
def test_tools_without_parameters_are_accepted(schema_bare: Talk) -> None:
    """A tool without `parameters` and `description` is accepted."""
    _accepted(schema_bare)


@probe(
    "tools.names",
    failure="A tool name of 64 characters with double hyphens makes the request fail.",
    category=TOOL_CALLING_ERRORS,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), BREAKS),
    source=["https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/utils/mcp-name.ts", OPENAI_TOOLS],
    remedy="Accept tool names of letters, digits, underscores and hyphens, up to 64 characters.",
)
def test_long_hyphenated_names_are_accepted(tool_names: Talk) -> None:
    """A tool name of 64 characters with double hyphens is accepted.

    Roo Code names the tools of MCP servers `mcp--server--tool`.
    """
    _accepted(tool_names)


@probe(
    "tools.many",
    failure="A request with twenty long tools fails.",
    category=TOOL_CALLING_ERRORS,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), BREAKS),
    source=[ROO_TOOLS, ROO_PROVIDER],
    remedy="Accept at least twenty tools, and a description of twelve thousand characters.",
)
def test_many_tools_are_accepted(many_tools: Talk) -> None:
    """Twenty tools with descriptions of two kilobytes each, and one of twelve, markup included, are accepted.

    An agent sends as many with every turn.
    """
    _accepted(many_tools)
