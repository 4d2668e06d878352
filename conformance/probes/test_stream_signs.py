"""Signs in a stream that strict readers need. The clients do without them, so a missing one breaks no turn."""

from __future__ import annotations

from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Ended, shown
from conformance.probes.sources import OPENAI_CHUNK, SSE, issue
from conformance.requirements import UNEXPECTED_RESULTS, Blocked
from conformance.requirements.probe import probe


@probe(
    "stream.done",
    failure="A stream ends without `data: [DONE]` and a blank line.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, SSE, issue("ggml-org/llama.cpp", 9459), issue("LostRuins/koboldcpp", 1031)],
    remedy="End every stream with `data: [DONE]` and a blank line.",
)
def test_a_stream_ends_with_done(stream: Stream) -> None:
    """A complete stream ends with `data: [DONE]` and a blank line.

    Readers that wait for it take a stream without it for one that broke off.
    """
    if stream.exchange.ended is not Ended.COMPLETE or not stream.finish_reasons or stream.errors:
        raise Blocked("the stream is incomplete")
    done = [event for event in stream.sse.dispatched if event.data.strip() == "[DONE]"]
    assert done, "[DONE] has no blank line after it" if stream.done else "[DONE] is missing"


@probe(
    "stream.role",
    failure="No delta of a stream has a role.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, issue("BerriAI/litellm", 24221)],
    remedy="Send the role `assistant` with the first delta.",
)
def test_some_delta_has_the_role(stream: Stream) -> None:
    """At least one delta of a stream has the role `assistant`.

    The clients do without it. Programs that build a message from the deltas leave its role empty.
    """
    if not stream.deltas:
        raise Blocked("the stream has no deltas")
    assert any(delta.value.get("role") for delta in stream.deltas), "no delta has a role"


@probe(
    "stream.finish-key",
    failure="A choice in a stream has no `finish_reason` field.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHUNK, issue("mudler/LocalAI", 1745)],
    remedy="Send `finish_reason: null` in every choice before the last.",
)
def test_every_choice_has_the_field_finish_reason(stream: Stream) -> None:
    """Every choice of a stream has the field `finish_reason`, which is null until the last.

    The specification promises the field, so readers with strict types refuse a chunk without it.
    """
    for _, choice in stream.choices:
        assert "finish_reason" in choice, f"a choice has no finish_reason: {shown(choice)}"


@probe(
    "stream.reasoning-apart",
    failure="A delta contains reasoning and text at once.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[issue("ollama/ollama", 14648)],
    remedy="Send the last of the reasoning and the first of the answer in two separate deltas.",
)
def test_reasoning_and_text_come_in_separate_deltas(stream: Stream) -> None:
    """Reasoning and text come in separate deltas.

    Readers that look for only one of them lose the first word of the answer.
    """
    for delta in stream.deltas:
        thought = delta.value.get("reasoning_content") or delta.value.get("reasoning")
        assert not (thought and delta.value.get("content")), f"both in one delta: {shown(delta.value)}"
