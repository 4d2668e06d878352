"""The chunks of a stream: their fields, types, ids and finish reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.clients import AI_SDK, CLINE, KILO_CODE, OPENAI_PYTHON
from conformance.evidence.calls import Json
from conformance.evidence.chat import FINISH_REASONS, Stream
from conformance.evidence.exchange import Ended, shorten, shown
from conformance.probes.sources import AI_SDK_CHAT, OPENAI_CHUNK, PYTHON_ACCUMULATOR, ROO_PROVIDER, issue
from conformance.requirements import BREAKS, DEGRADES, UNEXPECTED_RESULTS, Blocked, everyone
from conformance.requirements.probe import probe

VALIDATING = {KILO_CODE: BREAKS, AI_SDK: BREAKS}


def _chunks(stream: Stream) -> Stream:
    """The stream; raises Blocked when no chunk has choices."""
    if not stream.choices:
        raise Blocked("no chunk of the stream has choices")
    return stream


@probe(
    "stream.delta",
    failure="No chunk of a stream has a `delta`.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHUNK, ROO_PROVIDER],
    remedy="Send `delta` in the choices of a stream, not `message`.",
)
def test_chunks_have_a_delta(stream: Stream) -> None:
    """The chunks of a stream carry their text in `delta`, not in `message`.

    Clients read only `delta`. Anything else is an empty answer to them.
    """
    has_delta = any(isinstance(choice.get("delta"), dict) for _, choice in _chunks(stream).choices)
    assert has_delta, f"no choice has a delta: {shown(stream.choices[0][1])}"


@probe(
    "stream.delta-present",
    failure="A choice in a stream has no `delta`.",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES, CLINE: DEGRADES},
    source=[OPENAI_CHUNK, issue("cline/cline", 9432)],
    remedy="Give every choice a `delta` (an empty object when nothing is new), or send `choices: []`.",
)
def test_every_choice_has_a_delta(stream: Stream) -> None:
    """Every choice of a stream has a `delta` object.

    Code that reads `choices[0].delta.content`, as every example does, fails at a chunk without it. Chunks that carry
    only content-filter results are exempt: Azure OpenAI sends them.
    """
    bare = [c for _, c in _chunks(stream).choices if not isinstance(c.get("delta"), dict) and not _filter(c)]
    has_any = len(bare) < len(stream.choices)
    assert not bare or not has_any, f"a choice has no delta: {shown(bare[0])}"


def _filter(choice: Json) -> bool:
    return any(name.startswith("content_filter") for name in choice)


@probe(
    "stream.content",
    failure="`delta.content` is neither a string nor null.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHUNK, ROO_PROVIDER, AI_SDK_CHAT, issue("vercel/ai", 17779)],
    remedy="Send delta.content as a string or null.",
)
def test_delta_content_is_a_string(stream: Stream) -> None:
    """`delta.content` is a string, null or absent.

    Clients show an array of parts as "[object Object]".
    """
    for delta in stream.deltas:
        content = delta.value.get("content")
        assert content is None or isinstance(content, str), f"delta.content is {shown(content)}"


@probe(
    "stream.types",
    failure="A field of a chunk has the wrong type.",
    category=UNEXPECTED_RESULTS,
    severity=VALIDATING,
    source=[AI_SDK_CHAT, issue("anomalyco/opencode", 28427)],
    remedy="Send `id` and `model` as strings, `created` and the token counts as numbers, and `role` as assistant.",
)
def test_chunk_fields_have_their_types(stream: Stream) -> None:
    """If present, `id` and `model` of a chunk are strings, `created` and token counts numbers, `role` is assistant.

    The AI SDK validates every chunk and ends the turn at the first one that does not fit.
    """
    for piece in stream.healthy:
        wrong = next(_wrong_types(piece.value), "")
        assert not wrong, wrong


def _wrong_types(value: Json) -> Iterator[str]:
    for name in ("id", "model"):
        if not isinstance(value.get(name), str | None):
            yield f"{name} is {value[name]!r}"
    if not _number(value.get("created")):
        yield f"created is {value['created']!r}"
    yield from _wrong_types_of_usage(value.get("usage"))
    for choice in value.get("choices") or []:
        yield from _wrong_types_of_choice(choice)


def _wrong_types_of_usage(usage: Any) -> Iterator[str]:
    members = usage if isinstance(usage, dict) else {}
    for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
        if not _number(members.get(name)):
            yield f"usage.{name} is {members[name]!r}"


def _wrong_types_of_choice(choice: Any) -> Iterator[str]:
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
    failure="The only choice of a stream has no index, or an index other than 0.",
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
    """Every choice has an integer `index`, 0 when the request asks for one answer.

    The Python SDK's stream helper collects answers by it.
    """
    if stream.exchange.request.field("n") not in (None, 1):
        raise Blocked("the request asks for several answers")
    for _, choice in stream.choices:
        index = choice.get("index")
        assert type(index) is int and index == 0, f"choices[].index is {index!r}"


@probe(
    "stream.identity",
    failure="The `id` of the chunks changes within a stream.",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHUNK, issue("ggml-org/llama.cpp", 5988)],
    remedy="Send the same id in all chunks of one answer.",
)
def test_all_chunks_have_the_same_id(stream: Stream) -> None:
    """All chunks of one stream have the same `id`.

    Programs that group chunks by `id` show many messages of one word each. The agents do not use it.
    """
    ids = {piece.value["id"] for piece in stream.healthy if isinstance(piece.value.get("id"), str)} - {""}
    assert len(ids) <= 1, f"{len(ids)} ids in one stream: {shorten(', '.join(sorted(ids)))}"


@probe(
    "stream.object",
    failure="A chunk has an `object` other than chat.completion.chunk.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 8341)],
    remedy='Send "object": "chat.completion.chunk" in every chunk.',
)
def test_chunks_have_the_object_of_chunks(stream: Stream) -> None:
    """Every chunk has the `object` chat.completion.chunk.

    The clients do not read it. Programs with strict types refuse another value.
    """
    for piece in stream.healthy:
        if piece.value.get("choices"):  # Azure OpenAI's first chunk has no choices and an empty object
            found = piece.value.get("object")
            assert found == "chat.completion.chunk", f"object is {found!r}"


@probe(
    "stream.error-key",
    failure="A chunk that is not an error has an `error` field.",
    category=UNEXPECTED_RESULTS,
    severity=VALIDATING,
    source=[AI_SDK_CHAT],
    remedy="Leave `error` out of chunks that are not errors.",
)
def test_only_errors_have_an_error_field(stream: Stream) -> None:
    """A chunk that is not an error has no `error` field, not even null.

    The AI SDK takes every chunk with that field for an error and ends the turn.
    """
    found = any("error" in piece.value for piece in stream.healthy)
    assert not found, "a healthy chunk has `error: null`"


@probe(
    "stream.finish-reason",
    failure="A stream has no finish_reason, several, or an unknown one.",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: BREAKS, KILO_CODE: DEGRADES, CLINE: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHUNK, AI_SDK_CHAT, issue("mudler/LocalAI", 1745), issue("waybarrios/vllm-mlx", 629)],
    remedy="Send one chunk with finish_reason stop, length, tool_calls or content_filter at the end of the answer.",
)
def test_a_stream_has_one_known_finish_reason(stream: Stream) -> None:
    """A stream names one finish_reason: stop, length, tool_calls or content_filter.

    Without one, the current AI SDK ends the turn with an error. With an unknown one, a cut answer passes for a
    complete one.
    """
    cut = _chunks(stream).exchange.ended is not Ended.COMPLETE and not stream.done
    if cut or stream.errors:
        raise Blocked("the stream is incomplete")
    reasons = list(dict.fromkeys(map(str, stream.finish_reasons)))
    assert reasons, "no chunk has a finish_reason"
    assert len(reasons) == 1, f"several values of finish_reason: {', '.join(reasons)}"
    known = stream.calls or reasons[0] in FINISH_REASONS  # with calls, tools.finish-reason judges it
    assert known, f"finish_reason is {reasons[0]!r}"
