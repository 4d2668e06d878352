"""Plain chat answers: their form, and that their text is an answer and nothing else."""

from __future__ import annotations

import re

from conformance.clients import AI_SDK, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.chat import FINISH_REASONS, Completion, Reply
from conformance.evidence.exchange import Ended, Lost, shorten, shown
from conformance.evidence.markup import asked_for, tool_markup, unasked_call
from conformance.probes.parsers import is_parsed, lacking, settings
from conformance.probes.preflight import called_off
from conformance.probes.readable import ENDED_AT_ONCE, ended_at_once, readable
from conformance.probes.sources import AI_SDK_CHAT, NODE_CLIENT, OPENAI_CHAT, OPENAI_COMPLETION, ROO_PROVIDER, issue
from conformance.requirements import (
    BREAKS,
    DEGRADES,
    HARMLESS,
    TOOL_CALLING_ERRORS,
    UNEXPECTED_RESULTS,
    Blame,
    Blocked,
    everyone,
)
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk
from conformance.schema import violations


@probe(
    "chat.accepted",
    failure="A plain request with one user message is refused.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT],
    remedy="Accept a request with only `model` and one user message.",
)
def test_a_plain_request_is_answered(preflight: Talk) -> None:
    """A request with only `model` and one user message is answered.

    Agents send such requests for titles and summaries, and every other request builds on it.
    """
    if stopped := called_off(preflight.exchanges):
        raise Blocked(*stopped)
    assert preflight.answered.ok, preflight.answered.summary


@probe(
    "chat.json",
    failure="A non-streamed answer is not one JSON object of type application/json.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, issue("sgl-project/mini-sglang", 51)],
    remedy="Answer requests without `stream: true` with one JSON object and Content-Type application/json.",
)
def test_a_non_streamed_answer_is_one_json_object(completion: Completion) -> None:
    """A non-streamed answer is one JSON object with Content-Type application/json.

    With another type the OpenAI Node SDK, and so Roo Code, treats the body as plain text.
    """
    exchange = completion.exchange
    kind = exchange.content_type
    assert exchange.ended is Ended.COMPLETE, exchange.summary
    assert isinstance(exchange.json, dict), (
        f"not one JSON object ({kind or 'no Content-Type'}): {shorten(exchange.text)!r}"
    )
    assert kind == "application/json" or kind.endswith("+json"), f"Content-Type is {kind or 'absent'}"


@probe(
    "chat.shape",
    failure="A completion lacks a required member, or has one of the wrong type.",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: BREAKS, KILO_CODE: BREAKS, ROO_CODE: DEGRADES, KILO_CODE_LEGACY: BREAKS, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_COMPLETION, AI_SDK_CHAT, issue("huggingface/text-generation-inference", 2089)],
    remedy="Send `id`, `object`, `created`, `model` and `choices` as the API reference describes them.",
)
def test_a_completion_has_the_required_members(completion: Completion) -> None:
    """A completion has `id`, `object`, `created`, `model` and a list of `choices`, each of the right type.

    The AI SDK validates the body and rejects the whole answer when one member has the wrong type.
    """
    wrong = violations("openai/chat-completion", readable(completion).value)
    wrong = [w for w in wrong if "message" not in w and "finish_reason" not in w and "usage" not in w]
    assert not wrong, "; ".join(wrong)


@probe(
    "chat.message",
    failure="`choices[0].message` is missing, or has a wrong role or content.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_COMPLETION, ROO_PROVIDER, AI_SDK_CHAT, issue("vercel/ai", 17779)],
    remedy="Put the answer into `choices[0].message`, with role `assistant` and a string or null as `content`.",
)
def test_the_message_has_the_assistant_role_and_text_or_null(completion: Completion) -> None:
    """`choices[0].message` has the role `assistant`, and `content` that is a string or null."""
    message = readable(completion).message
    assert message, f"choices[0].message is missing: {shorten(completion.exchange.text)}"
    assert message.get("role") == "assistant", f"role is {message.get('role')!r}"
    content = message.get("content")
    assert content is None or isinstance(content, str), f"content is {shown(content)}"


@probe(
    "chat.finish-reason",
    failure="The `finish_reason` of a completion is missing or unknown.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES) | {ROO_CODE: HARMLESS, KILO_CODE_LEGACY: HARMLESS},
    source=[OPENAI_COMPLETION, issue("earendil-works/pi", 2106), issue("openai/openai-dotnet", 267)],
    remedy="Send `stop`, `length`, `tool_calls` or `content_filter` as `finish_reason`.",
)
def test_the_finish_reason_is_a_known_value(completion: Completion) -> None:
    """The `finish_reason` of a completion is `stop`, `length`, `tool_calls` or `content_filter`.

    Clients that act on it do not know other values: they take a cut answer for a complete one.
    """
    reason = readable(completion).finish_reason
    beside_calls = reason is not None and completion.calls  # another requirement judges it beside calls
    assert beside_calls or reason in FINISH_REASONS, f"finish_reason is {reason!r}"


@probe(
    "chat.answers",
    failure="A plain question gets no text in `content`.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 4740), issue("mudler/LocalAI", 10225)],
    remedy="Put the answer into `content`; reasoning alone is not an answer.",
    needs=[Lost.PURPOSE],
)
def test_a_plain_question_is_answered_with_text(answer: Reply) -> None:
    """A plain question is answered with text in `content`.

    Agents report an empty answer, or one with only reasoning, as "no assistant messages" and ask again endlessly.
    """
    if isinstance(answer, Completion) and not isinstance(answer.message.get("content"), str | list | None):
        raise Blocked("`content` is not text")
    found = readable(answer).text.strip() or answer.calls
    if not found and ended_at_once(answer):
        raise Blocked(ENDED_AT_ONCE, Blame.MODEL)
    instead = f"only reasoning: {shorten(answer.reasoning)!r}" if answer.reasoning else answer.exchange.summary
    assert found, f"the answer is empty: {instead}"


@probe(
    "chat.no-think",
    failure="`<think>` tags appear in the visible text.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES) | {OPENAI_PYTHON: HARMLESS},
    source=[ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 7615), issue("mudler/LocalAI", 9991)],
    remedy="Send reasoning in `reasoning_content` (vLLM and SGLang: --reasoning-parser; llama.cpp: --reasoning-format).",
    needs=[Lost.REQUEST],
)
def test_reasoning_tags_are_not_in_the_text(reply: Reply) -> None:
    """The visible text contains no `<think>` or `</think>`.

    Users see the reasoning as part of the answer. Roo Code removes it only at the very beginning.
    """
    if reply.exchange.request.field("reasoning_format") == "raw":
        return
    found = re.search(r"</?think(ing)?>", reply.text)
    assert not found or asked_for(found.group(), reply.exchange.request), (
        f"the text contains {found.group()}: {shorten(reply.text[max(0, found.start() - 20) :])!r}"
    )


@probe(
    "chat.no-markup",
    failure="Tool calls or special tokens are printed as text.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("RooCodeInc/Roo-Code", 12165), issue("NousResearch/hermes-agent", 24534)],
    remedy=f"Turn on the server's tool-call parser for the model's family ({settings()}).",
    needs=[Lost.REQUEST],
)
def test_tool_markup_is_not_in_the_text(reply: Reply) -> None:
    """The visible text contains no raw tool-call markup and no special tokens of a chat template.

    No client runs a tool call that is printed as text: the agent reports that no tool was used.
    """
    if reply.exchange.request.field("tool_choice") == "none":
        return  # another requirement judges calls that the request forbids
    found = tool_markup(reply.text)
    repeated = asked_for(found, reply.exchange.request)
    if found and repeated and not reply.tools:
        return  # the prompt asks the model to print its calls
    call = unasked_call(reply.text, reply)
    if call and is_parsed(call.family):
        printed = f"a call of {call.function} is printed as text in the form of {call.family.name}"
        raise AssertionError(f"{printed}: {shorten(call.text)!r}; {lacking(call.family)}")
    assert not found or repeated, f"the text contains {found!r}: {shorten(reply.text)!r}"


@probe(
    "chat.no-invented-calls",
    failure="The answer calls a tool although the request offers none.",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, issue("huggingface/text-generation-inference", 3094)],
    remedy="Send tool calls only when the request offers tools.",
    needs=[Lost.REQUEST],
)
def test_no_tool_call_without_tools(success: Reply) -> None:
    """An answer to a request without tools contains no tool call."""
    names = [call.name for call in success.calls]
    assert success.exchange.request.field("tools") or not names, (
        f"the answer calls {names}, but the request offers no tools"
    )
