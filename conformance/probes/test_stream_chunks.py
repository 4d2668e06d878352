"""What the objects of a stream hold: types, roles, identity, finish reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.clients import AI_SDK, CLINE, KILO_CODE, OPENAI_PYTHON
from conformance.evidence.calls import Json
from conformance.evidence.chat import FINISH_REASONS, Stream
from conformance.evidence.exchange import Ended, shorten, shown
from conformance.probes.sources import (
    AI_SDK_CHAT,
    OPENAI_CHUNK,
    PYTHON_ACCUMULATOR,
    ROO_PROVIDER,
    issue,
)
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, everyone

VALIDATING = {KILO_CODE: BREAKS, AI_SDK: BREAKS}


def _pieces(stream: Stream) -> Stream:
    """The stream, when it holds chunks at all; raises Blocked otherwise."""
    if not stream.choices:
        raise Blocked("the stream holds no chunk with choices")
    return stream


@probe(
    "stream.delta",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHUNK, ROO_PROVIDER],
    remedy="Send `delta` in the choices of a stream, not `message`.",
)
def test_text_comes_in_deltas(stream: Stream) -> None:
    """The choices of a stream carry their text in `delta`, not in `message`.

    Clients read `delta` only; everything else is an empty answer.
    """
    has_delta = any(isinstance(choice.get("delta"), dict) for _, choice in _pieces(stream).choices)
    assert has_delta, f"no choice has a delta: {shown(stream.choices[0][1])}"


@probe(
    "stream.delta-present",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES, CLINE: DEGRADES},
    source=[OPENAI_CHUNK, issue("cline/cline", 9432)],
    remedy="Give every choice a `delta`, an empty object when there is nothing new, or send `choices: []`.",
)
def test_every_choice_has_a_delta(stream: Stream) -> None:
    """Every choice of a stream has a `delta` object.

    Code that reads `choices[0].delta.content`, as every example does, fails at the chunk that has none. Chunks that
    only carry content-filter results are excepted: Azure OpenAI sends them.
    """
    bare = [c for _, c in _pieces(stream).choices if not isinstance(c.get("delta"), dict) and not _filter(c)]
    has_any = len(bare) < len(stream.choices)
    assert not bare or not has_any, f"a choice without delta: {shown(bare[0])}"


def _filter(choice: Json) -> bool:
    return any(name.startswith("content_filter") for name in choice)


@probe(
    "stream.content",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHUNK, ROO_PROVIDER, AI_SDK_CHAT, issue("vercel/ai", 17779)],
    remedy="Send delta.content as a text or null.",
)
def test_delta_content_is_text(stream: Stream) -> None:
    """`delta.content` is a text, null or absent.

    An array of parts is shown as "[object Object]".
    """
    for delta in stream.deltas:
        content = delta.value.get("content")
        assert content is None or isinstance(content, str), f"delta.content is {shown(content)}"


@probe(
    "stream.types",
    category=UNEXPECTED_RESULTS,
    severity=VALIDATING,
    source=[AI_SDK_CHAT, issue("anomalyco/opencode", 28427)],
    remedy="Send id and model as texts, created and usage as numbers, role as assistant.",
)
def test_members_have_their_types(stream: Stream) -> None:
    """In every chunk `id` and `model` are texts, `created` and usage numbers, `role` assistant, if they are there.

    The AI SDK validates every chunk and ends the turn at the first that does not fit.
    """
    for piece in stream.healthy:
        wrong = next(_mistyped(piece.value), "")
        assert not wrong, wrong


def _mistyped(value: Json) -> Iterator[str]:
    for name in ("id", "model"):
        if not isinstance(value.get(name), str | None):
            yield f"{name} is {value[name]!r}"
    if not _number(value.get("created")):
        yield f"created is {value['created']!r}"
    yield from _mistyped_usage(value.get("usage"))
    for choice in value.get("choices") or []:
        yield from _mistyped_choice(choice)


def _mistyped_usage(usage: Any) -> Iterator[str]:
    members = usage if isinstance(usage, dict) else {}
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        if not _number(members.get(name)):
            yield f"usage.{name} is {members[name]!r}"


def _mistyped_choice(choice: Any) -> Iterator[str]:
    delta = choice.get("delta") if isinstance(choice, dict) else None
    role = delta.get("role") if isinstance(delta, dict) else None
    if role not in ("assistant", "", None):
        yield f"role is {role!r}"
    for name in ("reasoning_content", "reasoning"):
        text = delta.get(name) if isinstance(delta, dict) else None
        if not isinstance(text, str | None):
            yield f"delta.{name} is {shown(text)}"


def _number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


@probe(
    "stream.choice-index",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[
        PYTHON_ACCUMULATOR,
        issue("huggingface/text-generation-inference", 1648),
        issue("envoyproxy/ai-gateway", 993),
    ],
    remedy="Send `index: 0` in every choice of a single answer.",
)
def test_the_choice_has_index_zero(stream: Stream) -> None:
    """Every choice has an integer `index`, 0 when one answer was asked for.

    The Python SDK's stream helper collects answers by it.
    """
    if stream.exchange.request.field("n") not in (None, 1):
        raise Blocked("several answers were asked for")
    for _, choice in stream.choices:
        index = choice.get("index")
        assert type(index) is int and index == 0, f"choices[].index is {index!r}"


@probe(
    "stream.identity",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHUNK, issue("ggml-org/llama.cpp", 5988)],
    remedy="Send the same id in all chunks of one answer.",
)
def test_all_chunks_have_one_id(stream: Stream) -> None:
    """All chunks of one stream have the same `id`.

    Programs that put chunks together by their id show many messages of one word. The agents take them as they come.
    """
    ids = {piece.value["id"] for piece in stream.healthy if isinstance(piece.value.get("id"), str)} - {""}
    assert len(ids) <= 1, f"{len(ids)} ids in one stream: {shorten(', '.join(sorted(ids)))}"


@probe(
    "stream.object",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 8341)],
    remedy='Send "object": "chat.completion.chunk" in every chunk.',
)
def test_chunks_say_what_they_are(stream: Stream) -> None:
    """Every chunk has `object` chat.completion.chunk."""
    for piece in stream.healthy:
        if piece.value.get("choices"):  # Azure OpenAI's first chunk has no choices and an empty object
            found = piece.value.get("object")
            assert found == "chat.completion.chunk", f"object is {found!r}"


@probe(
    "stream.error-key",
    category=UNEXPECTED_RESULTS,
    severity=VALIDATING,
    source=[AI_SDK_CHAT],
    remedy="Leave `error` out of chunks that are not errors.",
)
def test_healthy_chunks_have_no_error(stream: Stream) -> None:
    """A healthy chunk has no `error` member, not even null.

    The AI SDK takes any chunk with that member for an error and ends the turn.
    """
    found = any("error" in piece.value for piece in stream.healthy)
    assert not found, "a healthy chunk has `error: null`"


@probe(
    "stream.finish-reason",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: BREAKS, KILO_CODE: DEGRADES, CLINE: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHUNK, AI_SDK_CHAT, issue("mudler/LocalAI", 1745), issue("waybarrios/vllm-mlx", 629)],
    remedy="Send one chunk with finish_reason stop, length, tool_calls or content_filter at the end of the answer.",
)
def test_a_stream_has_one_finish_reason(stream: Stream) -> None:
    """A stream names one finish_reason: stop, length, tool_calls or content_filter.

    The current AI SDK ends a turn without one in an error; a cut answer passes for a whole one when the word is unknown.
    """
    cut = _pieces(stream).exchange.ended is not Ended.COMPLETE and not stream.done
    if cut or stream.errors:
        raise Blocked("the stream did not come to its end")
    reasons = list(dict.fromkeys(map(str, stream.finish_reasons)))
    assert reasons, "no chunk has a finish_reason"
    assert len(reasons) == 1, f"several finish reasons: {', '.join(reasons)}"
    known = stream.calls or reasons[0] in FINISH_REASONS  # beside calls another word is another requirement's
    assert known, f"finish_reason is {reasons[0]!r}"
