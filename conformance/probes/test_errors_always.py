"""Whatever is asked, something is answered: in words, at the first time and at the second."""

from __future__ import annotations

from conformance.evidence.exchange import Exchange, error_message, parse_json, shorten
from conformance.probes.sources import HTTP, NODE_CLIENT, OPENAI_ERRORS, issue
from conformance.requirements.categories import CONNECTION_ERRORS, UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, everyone
from conformance.requirements.talk import Talk


@probe(
    "errors.answered",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[HTTP, issue("LostRuins/koboldcpp", 1503), issue("envoyproxy/ai-gateway", 2549)],
    remedy="Answer every request, a failed one with 5xx; send headers, and comments in a stream, while a long prompt is read.",
    over=(
        *("chat_stream", "echo", "max_tokens", "text_parts", "developer_role", "json_mode", "stop_sequence"),
        *("null_fields", "unknown_field", "agent_turn", "forced_call", "forced_call_stream", "tool_named"),
        *("parallel", "parallel_stream", "long_arguments", "many_tools", "tool_loop", "crowd"),
        *("history_null_content", "history_then_user", "history_text_parts", "schema_any_of"),
    ),
)
def test_every_request_is_answered(talk: Talk) -> None:
    """Every request gets an answer: the connection is neither closed before it nor left silent.

    Clients report a failed connection and ask again, and so does the user.
    """
    if not talk.exchanges:
        raise Blocked(talk.blocked or "nothing was asked", talk.blocked_by)
    for exchange in talk.exchanges:
        assert exchange.response is not None, exchange.summary


@probe(
    "errors.again",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, issue("ollama/ollama", 17883)],
    remedy="Free the slot of a request that failed, so that the same one can be asked again.",
)
def test_a_failed_request_can_be_asked_again(asked_again: Talk) -> None:
    """A request that ended in 5xx is answered when it is asked again, if only with the same error.

    The SDKs ask again by themselves; when the second time hangs, so does the agent.
    """
    if not asked_again.exchanges:
        raise NotApplicable("no request ended in 5xx")
    for exchange in asked_again.exchanges:
        assert exchange.response is not None, f"asked again: {exchange.summary}"


@probe(
    "errors.broken-text",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("ggml-org/llama.cpp", 9195)],
    remedy="Answer a body that is not UTF-8 with 400, or read it with a replacement character.",
)
def test_text_that_is_not_utf_8_does_no_harm(broken_text: Talk) -> None:
    """A prompt with bytes that are not UTF-8 is answered or refused with 4xx; the server does not crash on it."""
    exchange = broken_text.last
    assert exchange.response is not None, exchange.summary
    assert exchange.status is not None and exchange.status < 500, exchange.summary


@probe(
    "errors.words",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_ERRORS, issue("caozhiyuan/copilot-api", 188)],
    remedy="Unpack the error of the server behind yours before handing it on.",
)
def test_a_message_is_words(error: Exchange) -> None:
    """The message of an error is words, not the JSON of another error.

    Users read escaped quotes and braces where the reason should stand.
    """
    said = error_message(error.json)
    assert not isinstance(parse_json(said), dict), f"the message is JSON: {shorten(said)}"
