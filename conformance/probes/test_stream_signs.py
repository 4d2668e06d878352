"""Signs by which strict readers find their way in a stream; clients do without, so a missing one breaks nobody's turn."""

from __future__ import annotations

from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Ended, shown
from conformance.probes.sources import OPENAI_CHUNK, SSE, issue
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe


@probe(
    "stream.done",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, SSE, issue("ggml-org/llama.cpp", 9459), issue("LostRuins/koboldcpp", 1031)],
    remedy="End every stream with `data: [DONE]` and a blank line.",
)
def test_a_stream_ends_with_done(stream: Stream) -> None:
    """A stream that comes to its end says `data: [DONE]`, with a blank line after it.

    Readers that wait for it take a stream without it for one that broke off.
    """
    if stream.exchange.ended is not Ended.COMPLETE or not stream.finish_reasons or stream.errors:
        raise Blocked("the stream did not come to its end")
    told = [event for event in stream.sse.dispatched if event.data.strip() == "[DONE]"]
    assert told, "[DONE] has no blank line after it" if stream.done else "[DONE] does not come"


@probe(
    "stream.role",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, issue("BerriAI/litellm", 24221)],
    remedy="Send role `assistant` with the first delta.",
)
def test_a_stream_says_who_speaks(stream: Stream) -> None:
    """Some delta of a stream has the role `assistant`."""
    if not stream.deltas:
        raise Blocked("the stream holds no deltas")
    assert any(delta.value.get("role") for delta in stream.deltas), "no delta has a role"


@probe(
    "stream.finish-key",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 1745)],
    remedy="Send `finish_reason: null` in every choice before the last.",
)
def test_every_choice_has_the_finish_reason(stream: Stream) -> None:
    """Every choice of a stream has the member `finish_reason`, null until the last.

    Readers with strict types, which the specification promises the member, refuse the chunk.
    """
    for _, choice in stream.choices:
        assert "finish_reason" in choice, f"a choice without finish_reason: {shown(choice)}"


@probe(
    "stream.reasoning-apart",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[issue("ollama/ollama", 14648)],
    remedy="Send the last of the reasoning and the first of the answer in two deltas.",
)
def test_reasoning_and_text_come_apart(stream: Stream) -> None:
    """No delta holds reasoning and text at once.

    Readers that look for the one or the other lose the first word of the answer.
    """
    for delta in stream.deltas:
        thought = delta.value.get("reasoning_content") or delta.value.get("reasoning")
        assert not (thought and delta.value.get("content")), f"both in one delta: {shown(delta.value)}"
