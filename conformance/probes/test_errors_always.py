"""Every request gets an answer, in words, the first time and when it is sent again."""

from __future__ import annotations

from conformance.evidence.exchange import Exchange, error_message, parse_json, shorten
from conformance.probes.sources import HTTP, NODE_CLIENT, OPENAI_ERRORS, issue
from conformance.requirements import (
    BREAKS,
    CONNECTION_ERRORS,
    DEGRADES,
    UNEXPECTED_RESULTS,
    Blocked,
    NotApplicable,
    everyone,
)
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "errors.answered",
    failure="A request gets no answer: the connection closes or stays silent.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[HTTP, issue("LostRuins/koboldcpp", 1503), issue("envoyproxy/ai-gateway", 2549)],
    remedy="Answer every request, a failed one with 5xx. Send the headers, and comments in a stream, while a "
    "long prompt is read.",
    over=(
        *("chat_stream", "echo", "max_tokens", "text_parts", "developer_role", "json_mode", "stop_sequence"),
        *("null_fields", "unknown_field", "agent_turn", "forced_call", "forced_call_stream", "tool_named"),
        *("parallel", "parallel_stream", "long_arguments", "many_tools", "tool_loop", "crowd"),
        *("history_null_content", "history_then_user", "history_text_parts", "schema_any_of"),
    ),
)
def test_every_request_is_answered(talk: Talk) -> None:
    """Every request gets an answer: the connection neither closes before it nor stays silent.

    Clients report a failed connection and send the request again, and so does the user.
    """
    if not talk.exchanges:
        raise Blocked(talk.blocked or "no request was sent", talk.blocked_by)
    for exchange in talk.exchanges:
        assert exchange.response is not None, exchange.summary


@probe(
    "errors.again",
    failure="A request that failed with 5xx gets no answer when it is sent again.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_CLIENT, issue("ollama/ollama", 17883)],
    remedy="Free the slot of a failed request, so that the same request can be sent again.",
)
def test_a_failed_request_can_be_sent_again(asked_again: Talk) -> None:
    """A request that failed with 5xx is answered when it is sent again, even if with the same error.

    SDKs retry automatically. If the second request hangs, so does the agent.
    """
    if not asked_again.exchanges:
        raise NotApplicable("no request failed with 5xx")
    for exchange in asked_again.exchanges:
        assert exchange.response is not None, f"sent again: {exchange.summary}"


@probe(
    "errors.broken-text",
    failure="A prompt that is not valid UTF-8 crashes the server.",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("ggml-org/llama.cpp", 9195)],
    remedy="Answer a body that is not UTF-8 with 400, or decode it with replacement characters.",
)
def test_invalid_utf_8_does_not_crash_the_server(broken_text: Talk) -> None:
    """A prompt that is not valid UTF-8 is answered or refused with 4xx, and does not crash the server."""
    exchange = broken_text.last
    assert exchange.response is not None, exchange.summary
    assert exchange.status is not None and exchange.status < 500, exchange.summary


@probe(
    "errors.words",
    failure="The message of an error is the JSON of another error.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_ERRORS, issue("caozhiyuan/copilot-api", 188)],
    remedy="Extract the message from the upstream server's error before you pass it on.",
)
def test_error_messages_are_plain_text(error: Exchange) -> None:
    """The message of an error is plain text, not the JSON of another error.

    Users see escaped quotes and braces instead of the reason.
    """
    said = error_message(error.json)
    assert not isinstance(parse_json(said), dict), f"the message is JSON: {shorten(said)}"
