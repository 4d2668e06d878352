"""Replies that can be judged; other requirements judge a body that is no completion or stream at all."""

from __future__ import annotations

from typing import TypeVar

from conformance.evidence.calls import ToolDelta
from conformance.evidence.chat import Completion, Reply, Stream
from conformance.evidence.kinds import as_reply
from conformance.requirements import Blocked
from conformance.requirements.talk import Talk

ReplyT = TypeVar("ReplyT", bound=Reply)


def readable(reply: ReplyT) -> ReplyT:
    """The reply; raises Blocked when it is a completion without choices or a stream without deltas."""
    if isinstance(reply, Completion) and not reply.choice:
        raise Blocked(f"the answer is no completion: {reply.exchange.summary}")
    if isinstance(reply, Stream) and not reply.deltas:
        raise Blocked(f"the answer has no chunks: {reply.exchange.summary}")
    return reply


ENDED_AT_ONCE = "the model ended its answer at once: 0 completion tokens"


def ended_at_once(reply: Reply) -> bool:
    """True when the server counts no token: then the model said nothing, and the server lost nothing."""
    return bool(reply.usage) and (reply.usage or {}).get("completion_tokens") == 0


def with_events(stream: Stream) -> Stream:
    """The stream; raises Blocked when it has no events."""
    if not any(event.has_data for event in stream.events):
        raise Blocked("the body contains no events")
    return stream


def tool_deltas(stream: Stream) -> tuple[ToolDelta, ...]:
    """The tool-call deltas that are objects; raises Blocked when there are none."""
    found = tuple(delta for delta in stream.tool_deltas if isinstance(delta.value, dict))
    if not found:
        raise Blocked("no tool-call delta is an object")
    return found


def accepted(talk: Talk) -> Reply:
    """The reply to a request that must be accepted.

    Raises AssertionError with the refusal, or Blocked when the answer is a success that cannot be judged.
    """
    assert talk.answered.ok, talk.answered.summary
    reply = as_reply(talk.answered)
    if reply is None:
        raise Blocked(talk.answered.summary)
    return readable(reply)


def is_part(text: str, whole: str) -> bool:
    """True when the text is the whole with some characters left out."""
    rest = iter(whole)
    return all(character in rest for character in text)
