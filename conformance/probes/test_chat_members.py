"""Members of an answer that strict clients read: its time, and the form of its reasoning."""

from __future__ import annotations

from typing import Any

from conformance.clients import AI_SDK
from conformance.evidence.chat import Completion, Reply, Stream
from conformance.evidence.exchange import shown
from conformance.probes.readable import readable
from conformance.probes.sources import AI_SDK_CHAT, OPENAI_CHUNK, OPENAI_COMPLETION, issue
from conformance.requirements import BREAKS, UNEXPECTED_RESULTS
from conformance.requirements.probe import probe

LAST_YEAR = 4_102_444_800  # 1 January 2100 in seconds; a larger number is in another unit


@probe(
    "chat.created",
    failure="`created` is not in seconds, or changes within one answer.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_COMPLETION, OPENAI_CHUNK, issue("EricLBuehler/mistral.rs", 1887)],
    remedy="Send `created` in seconds since 1970, with the same value in every chunk of an answer.",
)
def test_created_is_one_time_in_seconds(reply: Reply) -> None:
    """`created` is a time in seconds, and the same in all chunks of an answer.

    Milliseconds overflow in typed clients. Programs that store messages by their time show one answer as several.
    """
    objects: list[Any] = (
        [p.value for p in reply.healthy] if isinstance(reply, Stream) else [readable(reply).exchange.json]
    )
    times = {o["created"] for o in objects if isinstance(o, dict) and _is_number(o.get("created"))} - {0}
    assert not any(time > LAST_YEAR for time in times), f"`created` is {max(times)}, too large for seconds"
    assert len(times) < 2, f"{len(times)} values of `created` in one answer: {min(times)} to {max(times)}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@probe(
    "chat.reasoning-text",
    failure="The reasoning of a message is not a string.",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: BREAKS},
    source=[AI_SDK_CHAT, issue("envoyproxy/ai-gateway", 2524)],
    remedy="Send `reasoning_content` as a string.",
)
def test_reasoning_is_a_string(completion: Completion) -> None:
    """`reasoning_content` and `reasoning` of a message are a string, null or absent.

    The AI SDK rejects the whole answer when one of them is an object.
    """
    for name in ("reasoning_content", "reasoning"):
        value = readable(completion).message.get(name)
        assert value is None or isinstance(value, str), f"message.{name} is {shown(value)}"
