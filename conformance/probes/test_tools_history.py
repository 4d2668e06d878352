"""The second turn: tool results and schemas in the forms in which agents send them."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.clients.agent_tools import NULLABLE_WAYS
from conformance.evidence.exchange import shown
from conformance.evidence.kinds import as_reply
from conformance.probes.sources import (
    AI_SDK_CHAT,
    KILO,
    OPENAI_TOOLS,
    ROO_HISTORY,
    ROO_PROVIDER,
    ROO_TOOLS,
    issue,
)
from conformance.requirements.categories import TOOL_CALLING_ERRORS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.requirements.talk import Talk

ROO_FAMILY = {ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS}
AI_FAMILY = {KILO_CODE: BREAKS, AI_SDK: BREAKS}


def _accepted(talk: Talk) -> None:
    """Holds when the conversation's last request was answered with success."""
    assert talk.answered.ok, talk.answered.summary


@probe(
    "tools.history-empty-content",
    category=TOOL_CALLING_ERRORS,
    severity=ROO_FAMILY,
    source=[ROO_HISTORY, issue("vercel/ai", 13744)],
    remedy='Accept assistant messages with content "" beside tool_calls.',
)
def test_empty_content_beside_calls(history_empty_content: Talk) -> None:
    """A history whose assistant message has content "" beside its call is accepted.

    Roo Code always writes it so.
    """
    _accepted(history_empty_content)


@probe(
    "tools.history-null-content",
    category=TOOL_CALLING_ERRORS,
    severity=AI_FAMILY | {CLINE: BREAKS, OPENAI_PYTHON: BREAKS},
    source=[AI_SDK_CHAT, issue("ml-explore/mlx-lm", 186)],
    remedy="Accept assistant messages with content null beside tool_calls.",
)
def test_null_content_beside_calls(history_null_content: Talk) -> None:
    """A history whose assistant message has content null beside its call is accepted.

    The AI SDK, and Kilo Code with it, always writes it so.
    """
    _accepted(history_null_content)


@probe(
    "tools.history-foreign-ids",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[
        "https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/utils/tool-id.ts",
        issue("jundot/omlx", 1997),
        issue("anomalyco/opencode", 1680),
    ],
    remedy="Take tool-call ids as opaque texts that only have to pair up.",
)
def test_ids_of_any_form(history_foreign_ids: Talk) -> None:
    """A history with call ids of another form than the server mints is accepted when they pair up.

    Roo Code rewrites ids, and conversations move from model to model.
    """
    _accepted(history_foreign_ids)


@probe(
    "tools.history-empty-result",
    category=TOOL_CALLING_ERRORS,
    severity=ROO_FAMILY | {KILO_CODE: BREAKS},
    source=[ROO_HISTORY, issue("RooCodeInc/Roo-Code", 10672)],
    remedy='Accept tool messages with content "".',
)
def test_empty_results(history_empty_result: Talk) -> None:
    """A tool result that is an empty text is accepted.

    Commands without output are common.
    """
    _accepted(history_empty_result)


@probe(
    "tools.history-then-user",
    category=TOOL_CALLING_ERRORS,
    severity=ROO_FAMILY | {CLINE: BREAKS},
    source=[ROO_HISTORY, issue("deepseek-ai/DeepSeek-V3", 1588), issue("eclipse-theia/theia", 17104)],
    remedy="Accept a user message right after tool messages; do not demand that roles alternate.",
)
def test_a_user_message_after_results(history_then_user: Talk) -> None:
    """A user message right after a tool result is accepted.

    Roo Code adds one with the state of the editor to every tool result.
    """
    _accepted(history_then_user)


@probe(
    "tools.history-reasoning",
    category=TOOL_CALLING_ERRORS,
    severity=AI_FAMILY,
    source=[AI_SDK_CHAT, f"{KILO}/provider/transform.ts"],
    remedy="Accept (and ignore or use) `reasoning_content` in assistant messages.",
)
def test_echoed_reasoning(history_reasoning: Talk) -> None:
    """A history whose assistant message echoes `reasoning_content` is accepted.

    Kilo Code sends it back whenever the model had reasoned.
    """
    _accepted(history_reasoning)


@probe(
    "tools.history-text-parts",
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: DEGRADES},
    source=[OPENAI_TOOLS, issue("Neroued/ninfer", 57)],
    remedy="Accept tool messages whose content is an array of text parts.",
)
def test_results_as_parts(history_text_parts: Talk) -> None:
    """A tool result whose content is an array of text parts is accepted."""
    _accepted(history_text_parts)


@probe(
    "tools.history-without-tools",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES},
    source=[f"{KILO}/session/llm/request.ts"],
    remedy="Accept tool calls in the history of a request that offers no tools.",
)
def test_history_without_tools(history_without_tools: Talk) -> None:
    """A history with tool calls is accepted when the request itself offers no tools.

    Kilo Code asks for titles and summaries like this.
    """
    _accepted(history_without_tools)


@probe(
    "tools.round-trip",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[OPENAI_TOOLS, issue("jundot/omlx", 1997)],
    remedy="Accept the ids that the server itself gave its calls.",
)
def test_a_result_under_the_servers_own_id(tool_loop: Talk) -> None:
    """The result of a call, sent back under the id that the server gave it, is accepted.

    Without it an agent ends after its first tool.
    """
    if len(tool_loop.exchanges) < 2:
        raise Blocked(f"no call to answer: {tool_loop.answered.summary}")
    _accepted(tool_loop)


@probe(
    "tools.continues",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=["https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/core/tools/ToolRepetitionDetector.ts"],
    remedy="Use a model that is trained for tool results; check that the chat template renders tool messages.",
    blame=Blame.MODEL,
)
def test_the_model_goes_on_after_a_result(tool_loop: Talk) -> None:
    """After a tool result the model goes on: with a text or another call, not with the identical call.

    Agents stop a model that repeats itself.
    """
    replies = [r for e in tool_loop.exchanges if (r := as_reply(e))]
    if len(replies) < 2:
        raise Blocked(f"no answer after a tool result: {tool_loop.answered.summary}")
    made, after = (
        [(c.name, c.arguments) for c in replies[0].calls],
        [(c.name, c.arguments) for c in replies[-1].calls],
    )
    assert replies[-1].text or after, "nothing comes after the tool result"
    assert not after or after != made, f"the identical call again: {shown(after[0])}"


@probe(
    "tools.schema-nullable",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE_LEGACY: BREAKS, CLINE: BREAKS, KILO_CODE: BREAKS, OPENAI_PYTHON: BREAKS},
    source=[
        "https://github.com/Kilo-Org/kilocode-legacy/blob/main/src/api/providers/kilocode/openai-strict-schema.ts",
        issue("ollama/ollama", 5990),
    ],
    remedy='Accept `"type": ["string", "null"]` in tool schemas.',
)
def test_nullable_types(schema_nullable: Talk) -> None:
    """A tool schema with `"type": ["string", "null"]` is accepted.

    It is how optional arguments are written for strict mode.
    """
    _accepted(schema_nullable)


@probe(
    "tools.nullable-ways",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(DEGRADES),
    source=["https://docs.roocode.com/features/native-function-calling", OPENAI_TOOLS],
    remedy="Accept parameters that may be null in every way: a type of several, `anyOf`, `nullable: true`, not required.",
)
def test_a_number_may_be_left_out_in_every_way_schemas_write_it(nullable_ways: Talk) -> None:
    """A tool whose numbers may be null is accepted in all four ways in which schemas write that.

    The ways differ between the agents' own tools, MCP servers and documentation; a user meets all of them.
    """
    if nullable_ways.answered.status is None:
        raise Blocked(nullable_ways.last.summary)
    for exchange, way in zip(nullable_ways.exchanges, NULLABLE_WAYS, strict=False):
        assert exchange.ok, f"{way}: {exchange.summary}"


@probe(
    "tools.schema-any-of",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[ROO_TOOLS, issue("databricks/unity-gateway", 491), issue("RooCodeInc/Roo-Code", 10198)],
    remedy="Accept the keywords of JSON Schema in tools: $schema, anyOf, default, format, additionalProperties.",
)
def test_schema_keywords(schema_any_of: Talk) -> None:
    """A tool schema with `$schema`, `anyOf` with null, `default` and `format` is accepted.

    Schemas of MCP servers are passed on as they are.
    """
    _accepted(schema_any_of)


@probe(
    "tools.schema-bare",
    category=TOOL_CALLING_ERRORS,
    severity={AI_SDK: DEGRADES, KILO_CODE: DEGRADES},
    source=[OPENAI_TOOLS, issue("ggml-org/llama.cpp", 17667)],
    remedy="Accept tools without `parameters` and `description`; both are optional.",
)
def test_tools_without_parameters(schema_bare: Talk) -> None:
    """A tool without `parameters` and `description` is accepted."""
    _accepted(schema_bare)


@probe(
    "tools.names",
    category=TOOL_CALLING_ERRORS,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), BREAKS),
    source=["https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/utils/mcp-name.ts", OPENAI_TOOLS],
    remedy="Accept names of letters, digits, underscores and hyphens, up to 64 characters.",
)
def test_long_hyphenated_names(tool_names: Talk) -> None:
    """A tool name of 64 characters with double hyphens is accepted.

    Roo Code names the tools of MCP servers `mcp--server--tool`.
    """
    _accepted(tool_names)


@probe(
    "tools.many",
    category=TOOL_CALLING_ERRORS,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), BREAKS),
    source=[ROO_TOOLS, ROO_PROVIDER],
    remedy="Accept at least twenty tools with descriptions of several kilobytes.",
)
def test_many_tools(many_tools: Talk) -> None:
    """Twenty tools with descriptions of two kilobytes each, markup included, are accepted.

    That is what an agent sends with every turn.
    """
    _accepted(many_tools)
