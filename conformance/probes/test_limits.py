"""The limits: long prompts, large bodies, large token limits."""

from __future__ import annotations

import re

from conformance.clients import AI_SDK, KILO_CODE
from conformance.clients.context_limit import told_limit
from conformance.evidence.exchange import Exchange, Lost, error_message, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.refusals import OVERFLOW_WORDS
from conformance.probes.sources import KILO, OPENAI_ERRORS, ROO_OVERFLOW, issue
from conformance.requirements import BREAKS, CONNECTION_ERRORS, DEGRADES, UNEXPECTED_RESULTS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

ROOM = 16_384  # tokens that the first turn of an agent takes, with its answer


@probe(
    "limits.max-tokens",
    failure="`max_tokens: 32000` is refused without naming the limit.",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: BREAKS},
    source=[f"{KILO}/provider/transform.ts", issue("anomalyco/opencode", 1735), issue("cline/cline", 8337)],
    remedy="Lower a `max_tokens` above the model's limit to that limit, or refuse it with a 400 that names the limit.",
)
def test_max_tokens_above_the_limit_is_lowered_or_explained(large_output_cap: Talk) -> None:
    """`max_tokens: 32000` is accepted, or refused with a 400 that names the limit.

    Kilo Code sends it for every model whose limit is not configured.
    """
    answer = large_output_cap.answered
    explained = answer.status in (400, 422) and re.search(
        r"max_tokens|maximum|limit|context", answer.text, re.IGNORECASE
    )
    assert answer.ok or explained, answer.summary


@probe(
    "limits.large-body",
    failure="A request body of more than a megabyte is refused.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("open-webui/open-webui", 3273), issue("xtekky/gpt4free", 3242)],
    remedy="Raise the body limit of the server and of every proxy in front of it (nginx: client_max_body_size 32m).",
)
def test_a_body_over_a_megabyte_is_accepted(large_body: Talk) -> None:
    """A request body of more than a megabyte is accepted.

    Agents reach that size with a few files and a screenshot in the conversation.
    """
    exchange = large_body.last
    assert exchange.response is not None, f"{exchange.ended}: {exchange.detail}"
    assert exchange.ok, exchange.summary


@probe(
    "limits.overflow-refused",
    failure="A prompt beyond the context window is cut silently, or answered with 5xx.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS) | {AI_SDK: DEGRADES},
    source=[OPENAI_ERRORS, issue("ollama/ollama", 4967), issue("ardanlabs/kronk", 861)],
    remedy="Refuse a prompt that does not fit with HTTP 400, before a stream begins; never cut it silently.",
)
def test_a_prompt_beyond_the_window_is_refused(overflow: Talk) -> None:
    """A prompt beyond the context window is refused with 4xx, not cut silently and not answered with 5xx.

    An agent whose task was cut off continues without knowing what to do.
    """
    exchange = overflow.last
    reply = as_reply(exchange)
    usage = (reply.usage or {}).get("prompt_tokens") if reply else None
    assert reply is None, (
        f"answered with HTTP {exchange.status}, prompt_tokens {usage}: {shorten(reply.text) if reply else ''!r}"
    )
    assert exchange.status is not None and 400 <= exchange.status < 500, exchange.summary


@probe(
    "limits.room-for-a-turn",
    failure="The context window is too small for a first turn of a coding agent.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[ROO_OVERFLOW, issue("ggml-org/llama.cpp", 3821)],
    remedy="Raise the context window of the server to at least 32,768 tokens (llama.cpp: -c; vLLM: --max-model-len; Ollama: "
    "num_ctx; LM Studio: Context Length).",
    blame=Blame.SETTINGS,
    needs=[Lost.PURPOSE],
)
def test_a_first_turn_fits(error: Exchange) -> None:
    """The context window holds a first turn of a coding agent: its instructions, its tools and the task.

    No setting of a client helps: the server was started with too small a window, or the model has no larger one.
    """
    window = told_limit(error) if error.request.field("tools") else None
    assert window is None or window >= ROOM, error.summary


@probe(
    "limits.overflow-recognised",
    failure="Clients do not recognise the error for a prompt beyond the context window.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[ROO_OVERFLOW, f"{KILO}/provider/error.ts", issue("NVIDIA/TensorRT-LLM", 19457)],
    remedy='Answer as OpenAI does: 400, code context_length_exceeded, "maximum context length is N tokens" in '
    "the message.",
)
def test_a_context_overflow_is_recognised(overflow: Talk) -> None:
    """The error for a prompt beyond the context window is a 400 in words that clients recognise.

    Clients then condense the conversation and continue automatically. Otherwise the task ends in an error loop.
    """
    answer = overflow.answered
    if answer.ok or (answer.status or 500) >= 500:
        raise Blocked("the prompt was not refused with 4xx")
    said = error_message(answer.json) if _nested(answer) else ""
    assert answer.status == 400 and OVERFLOW_WORDS.search(said), answer.summary


def _nested(answer: Exchange) -> bool:
    return isinstance(answer.json, dict) and isinstance(answer.json.get("error"), dict)
