"""Token counts, from which the agents compute costs and the size of the context."""

from __future__ import annotations

from typing import Any, TypeGuard

from conformance.clients import AI_SDK, KILO_CODE, ROO_CODE
from conformance.evidence.calls import Json
from conformance.evidence.chat import Completion, Reply, Stream
from conformance.evidence.exchange import shown
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.offered import many_tools as the_tools
from conformance.probes.readable import readable
from conformance.probes.sources import KILO, OPENAI_CHUNK, OPENAI_COMPLETION, ROO_PROVIDER, issue
from conformance.requirements import DEGRADES, UNEXPECTED_RESULTS, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

COUNTING = everyone(DEGRADES)


@probe(
    "usage.completion",
    failure="A completion has no `usage`, or a token count is missing in it.",
    category=UNEXPECTED_RESULTS,
    severity=COUNTING,
    source=[OPENAI_COMPLETION],
    remedy="Send `usage` with prompt_tokens and completion_tokens in every completion.",
)
def test_a_completion_has_usage(completion: Completion) -> None:
    """A completion has `usage` with prompt_tokens and completion_tokens.

    The agents compute costs and the size of the context from these counts.
    """
    if not completion.message:
        raise Blocked(f"no completion to judge: {completion.exchange.summary}")
    usage = _counts(completion)
    assert {"prompt_tokens", "completion_tokens"} <= usage.keys(), f"usage is {shown(completion.usage)}"


def _counts(reply: Reply) -> Json:
    """The usage. Google leaves out counts of 0, so completion_tokens is 0 when an empty answer lacks it."""
    usage = reply.usage or {}
    empty = bool(usage) and not (reply.text or reply.calls)
    return {"completion_tokens": 0, **usage} if empty else usage


@probe(
    "usage.stream",
    failure="A stream ends without the `usage` that the request asks for.",
    category=UNEXPECTED_RESULTS,
    severity=COUNTING,
    source=[OPENAI_CHUNK, ROO_PROVIDER, issue("RooCodeInc/Roo-Code", 9514), issue("mudler/LocalAI", 9941)],
    remedy="Send a last chunk with `usage` when stream_options.include_usage is true.",
)
def test_a_stream_ends_with_usage(stream: Stream) -> None:
    """A stream whose request asks for usage sends it before its end.

    Without it, the agents show 0 tokens and never condense the conversation, until the context overflows.
    """
    options = stream.exchange.request.field("stream_options")
    if not (isinstance(options, dict) and options.get("include_usage")):
        return
    if stream.errors or (stream.exchange.ended != "complete" and not stream.done):
        raise Blocked("the stream is incomplete")
    usage = readable(stream).usage or {}
    assert {"prompt_tokens", "completion_tokens"} <= usage.keys(), "no usage, although include_usage is true"


@probe(
    "usage.numbers",
    failure="Token counts are missing, invalid or do not add up.",
    category=UNEXPECTED_RESULTS,
    severity=COUNTING,
    source=[OPENAI_COMPLETION, issue("xorbitsai/inference", 1420), issue("mudler/LocalAI", 9941)],
    remedy="Count prompt and answer in every mode, and send their sum as total_tokens.",
)
def test_token_counts_add_up(reply: Reply) -> None:
    """Token counts are whole numbers, prompt_tokens is above 0, total_tokens at least the sum of the two others.

    The agents compute costs and the size of the context from them. The total may be larger: some servers count
    reasoning only there.
    """
    if reply.usage is None:
        return
    usage = _counts(reply)
    prompt, completion, total = (usage.get(f"{n}_tokens") for n in ("prompt", "completion", "total"))
    assert _count(prompt) and prompt > 0, f"prompt_tokens is {prompt!r}"
    assert _count(completion), f"completion_tokens is {completion!r}"
    assert completion > 0 or not (reply.text or reply.calls), (
        f"completion_tokens is {completion!r} for an answer that is not empty"
    )
    whole = total is None or (isinstance(total, int | float) and total >= prompt + completion)
    assert whole, f"total_tokens is {total!r}, not {prompt} + {completion}"


def _count(value: Any) -> TypeGuard[int]:
    whole = type(value) is int or (type(value) is float and value.is_integer())
    return whole and value >= 0


@probe(
    "usage.details",
    failure="More cached or reasoning tokens are counted than the total that should include them.",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES, AI_SDK: DEGRADES},
    source=[OPENAI_COMPLETION, f"{KILO}/session/session.ts"],
    remedy="Include cached tokens in prompt_tokens and reasoning tokens in completion_tokens.",
)
def test_details_are_parts_of_the_counts(reply: Reply) -> None:
    """Cached tokens are part of prompt_tokens, and reasoning tokens are part of completion_tokens.

    Kilo Code subtracts them. When the total does not include them, costs become negative.
    """
    usage = reply.usage or {}
    cached = _detail(usage, "prompt_tokens_details", "cached_tokens")
    reasoning = _detail(usage, "completion_tokens_details", "reasoning_tokens")
    assert cached <= _known(usage.get("prompt_tokens")), (
        f"{cached} cached of {usage.get('prompt_tokens')} prompt tokens"
    )
    assert reasoning <= _known(usage.get("completion_tokens")), (
        f"{reasoning} reasoning of {usage.get('completion_tokens')} completion tokens"
    )


def _detail(usage: Json, group: str, name: str) -> int:
    details = usage.get(group)
    value = details.get(name) if isinstance(details, dict) else None
    return value if type(value) is int else 0


def _known(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 1 << 60


def _prompt_tokens(talk: Talk) -> int:
    reply = as_reply(talk.answered)
    value = (reply.usage or {}).get("prompt_tokens") if reply else None
    if type(value) is not int or value <= 0:
        raise Blocked(f"no prompt_tokens to compare: {talk.answered.summary if reply is None else 'no usage'}")
    return value


@probe(
    "usage.same-both-modes",
    failure="The same prompt has another token count when it is streamed.",
    category=UNEXPECTED_RESULTS,
    severity=COUNTING,
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 9941)],
    remedy="Count the same prompt the same way, streamed or not.",
)
def test_both_modes_count_alike(echo: Talk, echo_stream: Talk) -> None:
    """The same request has the same prompt_tokens, streamed or not (within a tenth).

    One of the two counts is wrong, and agents decide by it when to condense the conversation.
    """
    plain, streamed = _prompt_tokens(echo), _prompt_tokens(echo_stream)
    assert abs(plain - streamed) <= max(3, plain // 10), f"not streamed {plain}, streamed {streamed}"


@probe(
    "usage.counts-tools",
    failure="The prompt tokens do not include the tools.",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE: DEGRADES},
    source=[ROO_PROVIDER],
    remedy="Count the rendered tools as part of the prompt.",
)
def test_tools_are_counted(many_tools: Talk) -> None:
    """Tools are counted in prompt_tokens.

    They are most of an agent's prompt. Without them the agent believes that its context is nearly empty.
    """
    counted = _prompt_tokens(many_tools)
    size = sum(len(str(tool)) for tool in the_tools())
    assert counted > size // 20, f"{counted} prompt tokens for {size:,} characters of tools"
