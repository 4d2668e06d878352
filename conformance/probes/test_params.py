"""Parameters that clients send: accepted, and obeyed where their effect can be seen."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.exchange import MISSING, Exchange, parse_json, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.params import CAP
from conformance.probes.readable import accepted
from conformance.probes.sources import AI_SDK_CHAT, CLINE_PROVIDER, KILO, OPENAI_CHAT, ROO_PROVIDER, issue
from conformance.requirements.categories import TOOL_CALLING_ERRORS, UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.requirements.talk import Talk

LOOSE = 3  # tokenizers differ: three times the cap in four-letter tokens is a cap that nobody applied


@probe(
    "params.max-tokens",
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
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES},
    source=[OPENAI_CHAT, ROO_PROVIDER],
    remedy="Accept `max_completion_tokens` like `max_tokens`.",
)
def test_max_completion_tokens_is_accepted(max_completion_tokens: Talk) -> None:
    """`max_completion_tokens` is accepted.

    It is the only cap that Roo Code sends, once the user sets one.
    """
    accepted(max_completion_tokens)


@probe(
    "params.cap-obeyed",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_CHAT, ROO_PROVIDER, AI_SDK_CHAT],
    remedy="End the answer at `max_tokens` or `max_completion_tokens` tokens.",
    over=["max_tokens", "max_completion_tokens"],
)
def test_a_cap_is_obeyed(talk: Talk) -> None:
    """An answer is not longer than its cap allows.

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
    assert not over, f"{counts}{written} characters although {CAP} tokens were allowed"


@probe(
    "params.length-reason",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES, AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES, CLINE: DEGRADES},
    source=[OPENAI_CHAT, issue("mudler/LocalAI", 10448), issue("InternLM/lmdeploy", 3727)],
    remedy="Say finish_reason `length` when a cap ends the answer.",
    over=["max_tokens", "max_completion_tokens"],
)
def test_a_cut_answer_says_length(talk: Talk) -> None:
    """An answer that its cap cuts says finish_reason `length`.

    Otherwise half a file passes for a whole one.
    """
    reply = as_reply(talk.answered)
    if reply is None or reply.finish_reason is None:
        raise Blocked(f"no finish_reason to look at: {talk.answered.summary}")
    if " 100" in reply.text or len(reply.text) > CAP * 4 * LOOSE:
        raise Blocked("the answer was not cut")
    by_itself = not reply.text[-1:].isdigit() and not reply.text.rstrip().endswith((",", " "))
    if reply.finish_reason == "stop" and by_itself and reply.text:
        raise Blocked("the model ended its answer before the cap", Blame.MODEL)
    assert reply.finish_reason == "length", (
        f"finish_reason is {reply.finish_reason!r} after {shorten(reply.text)!r}"
    )


@probe(
    "params.stream-options",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, ROO_PROVIDER, issue("anomalyco/opencode", 4698)],
    remedy="Accept (or at least ignore) `stream_options`.",
)
def test_stream_options_are_accepted(chat_stream: Talk) -> None:
    """`stream_options: {"include_usage": true}` is accepted.

    All the agents send it with every turn.
    """
    assert chat_stream.answered.ok, chat_stream.answered.summary


@probe(
    "params.stop",
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
    assert " 9" not in text, f"the answer goes on after ' 9': {shorten(text)!r}"


@probe(
    "params.text-parts",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT, ROO_PROVIDER, issue("qualcomm/GenieX", 683)],
    remedy="Accept content as an array of text parts in system and user messages.",
)
def test_text_parts_are_accepted(text_parts: Talk) -> None:
    """System and user content is accepted as an array of text parts.

    Roo Code sends every user message so.
    """
    accepted(text_parts)


@probe(
    "params.developer-role",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES, CLINE: DEGRADES},
    source=[OPENAI_CHAT, ROO_PROVIDER],
    remedy="Treat the role `developer` like `system`.",
)
def test_the_developer_role_is_accepted(developer_role: Talk) -> None:
    """A message with the role `developer` is accepted.

    Roo Code and Cline send their system prompt so for every model id with o1, o3 or o4 in it, `solar-pro3` included.
    """
    accepted(developer_role)


@probe(
    "params.temperature",
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
    category=TOOL_CALLING_ERRORS,
    severity={CLINE: BREAKS, OPENAI_PYTHON: DEGRADES, AI_SDK: DEGRADES},
    source=[ROO_PROVIDER, CLINE_PROVIDER, issue("RooCodeInc/Roo-Code", 10553)],
    remedy="Accept (or at least ignore) `parallel_tool_calls`.",
    over=["parallel", "parallel_off"],
)
def test_parallel_tool_calls_is_accepted(talk: Talk) -> None:
    """`parallel_tool_calls` is accepted, true and false.

    Roo Code always sends true, Cline false.
    """
    accepted(talk)


@probe(
    "params.unknown-field",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES},
    source=[OPENAI_CHAT, issue("RooCodeInc/Roo-Code", 673)],
    remedy="Ignore fields that are not known, or refuse them with a 400 that names the field.",
)
def test_an_unknown_field_is_ignored_or_named(unknown_field: Talk) -> None:
    """A field that nobody knows is ignored, or refused with 400 in words that name it."""
    answer = unknown_field.answered
    named = answer.status in (400, 422) and "conformance_unknown_field" in answer.text
    assert answer.ok or named, answer.summary


@probe(
    "params.nulls",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("LostRuins/koboldcpp", 1503)],
    remedy="Take null for an optional field as if the field were absent.",
)
def test_null_is_taken_for_absent(null_fields: Talk) -> None:
    """Optional fields that are null are accepted, or refused with 400; the request does not crash the server."""
    exchange = null_fields.last
    assert exchange.response is not None, exchange.summary
    assert exchange.ok or exchange.status in (400, 422), exchange.summary


@probe(
    "params.json-mode",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("waybarrios/vllm-mlx", 357), issue("peonist-ai/halogen-flash-server", 14)],
    remedy="Constrain the answer to a JSON object, or refuse response_format with a 400 that says so.",
)
def test_json_mode_gives_json(json_mode: Talk) -> None:
    """`response_format: {"type": "json_object"}` gives a bare JSON object, or a 400 that refuses it."""
    answer = json_mode.answered
    if not answer.ok:
        assert _names(answer, "response_format"), answer.summary
        return
    text = accepted(json_mode).text
    assert parse_json(text) is not MISSING and text.strip().startswith("{"), (
        f"not a JSON object: {shorten(text)!r}"
    )


def _names(answer: Exchange, field: str) -> bool:
    return answer.status in (400, 422) and field in answer.text
