"""Parameters that clients send: accepted, and obeyed where their effect is visible."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.exchange import MISSING, Exchange, parse_json, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.params import CAP
from conformance.probes.readable import accepted
from conformance.probes.sources import AI_SDK_CHAT, CLINE_PROVIDER, KILO, OPENAI_CHAT, ROO_PROVIDER, issue
from conformance.requirements import BREAKS, DEGRADES, TOOL_CALLING_ERRORS, UNEXPECTED_RESULTS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

LOOSE = 3  # tokenizers differ; at three times the limit, in four-letter tokens, no limit was applied


@probe(
    "params.max-tokens",
    failure="`max_tokens` is refused.",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: BREAKS, AI_SDK: BREAKS, CLINE: BREAKS, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, AI_SDK_CHAT, f"{KILO}/provider/transform.ts"],
    remedy="Accept `max_tokens`.",
)
def test_max_tokens_is_accepted(max_tokens: Talk) -> None:
    """`max_tokens` is accepted.

    Kilo Code and the AI SDK send it with every turn.
    """
    accepted(max_tokens)


@probe(
    "params.max-completion-tokens",
    failure="`max_completion_tokens` is refused.",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES},
    source=[OPENAI_CHAT, ROO_PROVIDER],
    remedy="Accept `max_completion_tokens` like `max_tokens`.",
)
def test_max_completion_tokens_is_accepted(max_completion_tokens: Talk) -> None:
    """`max_completion_tokens` is accepted.

    It is the only token limit that Roo Code sends, once the user sets one.
    """
    accepted(max_completion_tokens)


@probe(
    "params.cap-obeyed",
    failure="An answer is longer than its token limit allows.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_CHAT, ROO_PROVIDER, AI_SDK_CHAT],
    remedy="End the answer after `max_tokens` or `max_completion_tokens` tokens.",
    over=["max_tokens", "max_completion_tokens"],
)
def test_the_token_limit_is_obeyed(talk: Talk) -> None:
    """An answer is no longer than its token limit allows.

    A runaway answer costs time and money, and overflows the context of the next turn.
    """
    reply = as_reply(talk.answered)
    if reply is None:
        raise Blocked(f"no answer to measure: {talk.answered.summary}")
    written = len(reply.text + reply.reasoning)
    counted = (reply.usage or {}).get("completion_tokens")
    by_count = isinstance(counted, int) and counted > CAP * LOOSE
    counts = f"{counted} tokens, " if by_count else ""
    over = by_count or written > CAP * 4 * LOOSE
    assert not over, f"{counts}{written} characters, but the limit is {CAP} tokens"


@probe(
    "params.length-reason",
    failure="An answer that is cut at its token limit has another finish_reason than `length`.",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES, AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES, CLINE: DEGRADES},
    source=[OPENAI_CHAT, issue("mudler/LocalAI", 10448), issue("InternLM/lmdeploy", 3727)],
    remedy="Send finish_reason `length` when a token limit ends the answer.",
    over=["max_tokens", "max_completion_tokens"],
)
def test_a_cut_answer_has_the_finish_reason_length(talk: Talk) -> None:
    """An answer that is cut at its token limit has the finish_reason `length`.

    With another one, half a file looks like a whole one.
    """
    reply = as_reply(talk.answered)
    if reply is None or reply.finish_reason is None:
        raise Blocked(f"no finish_reason in the answer: {talk.answered.summary}")
    if " 100" in reply.text or len(reply.text) > CAP * 4 * LOOSE:
        raise Blocked("the answer was not cut")
    by_itself = not reply.text[-1:].isdigit() and not reply.text.rstrip().endswith((",", " "))
    if reply.finish_reason == "stop" and by_itself and reply.text:
        raise Blocked("the model ended its answer before the limit", Blame.MODEL)
    assert reply.finish_reason == "length", f"finish_reason is {reply.finish_reason!r} after {shorten(reply.text)!r}"


@probe(
    "params.stream-options",
    failure="`stream_options` is refused.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, ROO_PROVIDER, issue("anomalyco/opencode", 4698)],
    remedy="Accept `stream_options`, or at least ignore it.",
)
def test_stream_options_are_accepted(chat_stream: Talk) -> None:
    """`stream_options: {"include_usage": true}` is accepted.

    All agents send it with every turn.
    """
    assert chat_stream.answered.ok, chat_stream.answered.summary


@probe(
    "params.stop",
    failure="An answer continues after a stop sequence.",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT],
    remedy="End the answer before a stop sequence.",
)
def test_a_stop_sequence_is_obeyed(stop_sequence: Talk) -> None:
    """An answer ends before a stop sequence."""
    text = accepted(stop_sequence).text
    if not text.lstrip().startswith("1"):
        raise Blocked(f"the model did not count: {shorten(text)!r}", Blame.MODEL)
    assert " 9" not in text, f"the answer continues after ' 9': {shorten(text)!r}"


@probe(
    "params.text-parts",
    failure="Messages with an array of text parts are refused.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, ROO_PROVIDER, issue("qualcomm/GenieX", 683)],
    remedy="Accept an array of text parts as `content` of system and user messages.",
)
def test_text_parts_are_accepted(text_parts: Talk) -> None:
    """System and user messages with an array of text parts are accepted.

    Roo Code sends every user message this way.
    """
    accepted(text_parts)


@probe(
    "params.developer-role",
    failure="Messages with the role `developer` are refused.",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES, CLINE: DEGRADES},
    source=[OPENAI_CHAT, ROO_PROVIDER],
    remedy="Treat the role `developer` like `system`.",
)
def test_the_developer_role_is_accepted(developer_role: Talk) -> None:
    """Messages with the role `developer` are accepted.

    Roo Code and Cline send their system prompt this way for every model id that contains o1, o3 or o4, such as
    `solar-pro3`.
    """
    accepted(developer_role)


@probe(
    "params.temperature",
    failure="`temperature: 0` is refused.",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS},
    source=[OPENAI_CHAT, ROO_PROVIDER],
    remedy="Accept `temperature: 0`.",
)
def test_temperature_zero_is_accepted(echo: Talk) -> None:
    """`temperature: 0` is accepted.

    Roo Code sends it with every turn.
    """
    accepted(echo)


@probe(
    "params.parallel-tool-calls",
    failure="`parallel_tool_calls` is refused.",
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: BREAKS, OPENAI_PYTHON: DEGRADES, AI_SDK: DEGRADES},
    source=[ROO_PROVIDER, CLINE_PROVIDER, issue("RooCodeInc/Roo-Code", 10553)],
    remedy="Accept `parallel_tool_calls`, or at least ignore it.",
    over=["parallel", "parallel_off"],
)
def test_parallel_tool_calls_is_accepted(talk: Talk) -> None:
    """`parallel_tool_calls` is accepted, both true and false.

    Roo Code always sends true, Cline always false.
    """
    accepted(talk)


@probe(
    "params.unknown-field",
    failure="A request with an unknown field fails without an error that names the field.",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES},
    source=[OPENAI_CHAT, issue("RooCodeInc/Roo-Code", 673)],
    remedy="Ignore unknown fields, or refuse them with a 400 that names the field.",
)
def test_an_unknown_field_is_ignored_or_named(unknown_field: Talk) -> None:
    """An unknown field is ignored, or refused with a 400 that names it."""
    answer = unknown_field.answered
    named = answer.status in (400, 422) and "conformance_unknown_field" in answer.text
    assert answer.ok or named, answer.summary


@probe(
    "params.nulls",
    failure="Null in an optional field crashes the server.",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("LostRuins/koboldcpp", 1503)],
    remedy="Treat null in an optional field as if the field were absent.",
)
def test_null_fields_do_not_crash_the_server(null_fields: Talk) -> None:
    """Optional fields that are null are accepted or refused with 400, and do not crash the server."""
    exchange = null_fields.last
    assert exchange.response is not None, exchange.summary
    assert exchange.ok or exchange.status in (400, 422), exchange.summary


@probe(
    "params.json-mode",
    failure="In JSON mode the answer is not a JSON object.",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("waybarrios/vllm-mlx", 357), issue("peonist-ai/halogen-flash-server", 14)],
    remedy="Constrain the answer to a JSON object, or refuse `response_format` with a 400 that names it.",
)
def test_json_mode_gives_a_json_object(json_mode: Talk) -> None:
    """`response_format: {"type": "json_object"}` gives a bare JSON object, or is refused with a 400 that names it."""
    answer = json_mode.answered
    if not answer.ok:
        assert _names(answer, "response_format"), answer.summary
        return
    text = accepted(json_mode).text
    assert parse_json(text) is not MISSING and text.strip().startswith("{"), f"not a JSON object: {shorten(text)!r}"


def _names(answer: Exchange, field: str) -> bool:
    return answer.status in (400, 422) and field in answer.text
