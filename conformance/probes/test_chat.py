"""Plain chat answers: their form, and that they hold an answer and nothing that belongs elsewhere."""

from __future__ import annotations

import re

from conformance.clients import AI_SDK, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.chat import FINISH_REASONS, Completion, Reply
from conformance.evidence.exchange import Ended, Lost, shorten, shown
from conformance.evidence.markup import asked_for, tool_markup, unasked_call
from conformance.probes.parsers import is_parsed, lacking, settings
from conformance.probes.preflight import called_off
from conformance.probes.readable import readable
from conformance.probes.sources import (
    AI_SDK_CHAT,
    NODE_CLIENT,
    OPENAI_CHAT,
    OPENAI_COMPLETION,
    ROO_PROVIDER,
    issue,
)
from conformance.requirements.categories import TOOL_CALLING_ERRORS, UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, HARMLESS, everyone
from conformance.requirements.talk import Talk
from conformance.schema import violations


@probe(
    "chat.accepted",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT],
    remedy="Answer a request with nothing but `model` and one user message.",
)
def test_a_plain_question_is_accepted(preflight: Talk) -> None:
    """A request with one user message and nothing else is answered.

    Agents ask like this for titles and summaries, and every other request builds on it.
    """
    if stopped := called_off(preflight.exchanges):
        raise Blocked(*stopped)
    assert preflight.answered.ok, preflight.answered.summary


@probe(
    "chat.json",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, issue("sgl-project/mini-sglang", 51)],
    remedy="Answer requests without `stream: true` as one JSON object with Content-Type application/json.",
)
def test_a_completion_is_one_json_object(completion: Completion) -> None:
    """An answer that was not asked to stream is one JSON object of Content-Type application/json.

    The OpenAI Node SDK, and Roo Code with it, hands the body over as mere text when the type is another.
    """
    exchange = completion.exchange
    kind = exchange.content_type
    assert exchange.ended is Ended.COMPLETE, exchange.summary
    assert isinstance(exchange.json, dict), (
        f"not one JSON object ({kind or 'no type'}): {shorten(exchange.text)!r}"
    )
    assert kind == "application/json" or kind.endswith("+json"), f"Content-Type is {kind or 'absent'}"


@probe(
    "chat.shape",
    category=UNEXPECTED_RESULTS,
    severity={
        AI_SDK: BREAKS,
        KILO_CODE: BREAKS,
        ROO_CODE: DEGRADES,
        KILO_CODE_LEGACY: BREAKS,
        OPENAI_PYTHON: DEGRADES,
    },
    source=[OPENAI_COMPLETION, AI_SDK_CHAT, issue("huggingface/text-generation-inference", 2089)],
    remedy="Send id, object, created, model and choices as the API reference describes them.",
)
def test_a_completion_has_its_members(completion: Completion) -> None:
    """A completion has `id`, `object`, `created`, `model` and a list of `choices`, each of its type.

    The AI SDK validates the body and refuses the whole answer when one member is of another type.
    """
    wrong = violations("openai/chat-completion", readable(completion).value)
    wrong = [w for w in wrong if "message" not in w and "finish_reason" not in w and "usage" not in w]
    assert not wrong, "; ".join(wrong)


@probe(
    "chat.message",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_COMPLETION, ROO_PROVIDER, AI_SDK_CHAT, issue("vercel/ai", 17779)],
    remedy="Put the answer into choices[0].message with role assistant and content as a text or null.",
)
def test_the_message_is_an_assistants_text(completion: Completion) -> None:
    """`choices[0].message` has the role `assistant` and `content` that is a text or null."""
    message = readable(completion).message
    assert message, f"choices[0].message is missing: {shorten(completion.exchange.text)}"
    assert message.get("role") == "assistant", f"role is {message.get('role')!r}"
    content = message.get("content")
    assert content is None or isinstance(content, str), f"content is {shown(content)}"


@probe(
    "chat.finish-reason",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES) | {ROO_CODE: HARMLESS, KILO_CODE_LEGACY: HARMLESS},
    source=[OPENAI_COMPLETION, issue("earendil-works/pi", 2106), issue("openai/openai-dotnet", 267)],
    remedy="Send one of stop, length, tool_calls, content_filter as finish_reason.",
)
def test_the_finish_reason_is_a_known_one(completion: Completion) -> None:
    """A completion's `finish_reason` is stop, length, tool_calls or content_filter.

    Clients that act on it do not know other words: a cut answer passes for a whole one.
    """
    reason = readable(completion).finish_reason
    beside_calls = reason is not None and completion.calls  # another word is another requirement's finding
    assert beside_calls or reason in FINISH_REASONS, f"finish_reason is {reason!r}"


@probe(
    "chat.answers",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 4740), issue("mudler/LocalAI", 10225)],
    remedy="Put the answer into `content`; reasoning alone is no answer.",
    needs=[Lost.PURPOSE],
)
def test_a_plain_question_gets_a_text(answer: Reply) -> None:
    """A plain question is answered with text in `content`.

    An answer of nothing, or of reasoning only, is reported as "no assistant messages" and asked again for ever.
    """
    if isinstance(answer, Completion) and not isinstance(answer.message.get("content"), str | list | None):
        raise Blocked("the content is no text at all")
    found = readable(answer).text.strip() or answer.calls
    instead = (
        f"only reasoning: {shorten(answer.reasoning)!r}" if answer.reasoning else answer.exchange.summary
    )
    assert found, f"no text in the answer: {instead}"


@probe(
    "chat.no-think",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES) | {OPENAI_PYTHON: HARMLESS},
    source=[ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 7615), issue("mudler/LocalAI", 9991)],
    remedy="Send reasoning in `reasoning_content` (vLLM and SGLang: --reasoning-parser; llama.cpp: --reasoning-format).",
    needs=[Lost.REQUEST],
)
def test_reasoning_is_not_in_the_text(reply: Reply) -> None:
    """The visible text holds no `<think>` or `</think>`.

    Except at the very beginning, where Roo Code splits it off, users see the reasoning as part of the answer.
    """
    if reply.exchange.request.field("reasoning_format") == "raw":
        return
    found = re.search(r"</?think(ing)?>", reply.text)
    assert not found or asked_for(found.group(), reply.exchange.request), (
        f"the text holds {found.group()}: {shorten(reply.text[max(0, found.start() - 20) :])!r}"
    )


@probe(
    "chat.no-markup",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("RooCodeInc/Roo-Code", 12165), issue("NousResearch/hermes-agent", 24534)],
    remedy=f"Turn on the tool-call parser of the model's family in the server ({settings()}).",
    needs=[Lost.REQUEST],
)
def test_tool_markup_is_not_in_the_text(reply: Reply) -> None:
    """The visible text holds no raw tool-call markup or special tokens of a chat template.

    A call that is printed as text is not run by any client: the agent answers that no tool was used.
    """
    if reply.exchange.request.field("tool_choice") == "none":
        return  # calls that are forbidden and come all the same, in whatever form, are another requirement's finding
    found = tool_markup(reply.text)
    repeated = asked_for(found, reply.exchange.request)
    if found and repeated and not reply.tools:
        return  # the prompt itself teaches the model to print its calls
    call = unasked_call(reply.text, reply)
    if call and is_parsed(call.family):
        told = (
            f"a call of {call.function} is printed in the form of {call.family.name}: {shorten(call.text)!r}"
        )
        raise AssertionError(f"{told}; {lacking(call.family)}")
    assert not found or repeated, f"the text holds {found!r}: {shorten(reply.text)!r}"


@probe(
    "chat.no-invented-calls",
    category=TOOL_CALLING_ERRORS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, issue("huggingface/text-generation-inference", 3094)],
    remedy="Make tool calls only when the request offers tools.",
    needs=[Lost.REQUEST],
)
def test_no_call_without_tools(success: Reply) -> None:
    """An answer to a request without tools makes no tool call."""
    names = [call.name for call in success.calls]
    assert success.exchange.request.field("tools") or not names, (
        f"calls {names} although no tools were offered"
    )
