"""Replies that can be looked into: what is no completion or stream at all is another requirement's finding."""

from __future__ import annotations

from typing import TypeVar

from conformance.evidence.calls import ToolDelta
from conformance.evidence.chat import Completion, Reply, Stream
from conformance.evidence.kinds import as_reply
from conformance.requirements.outcome import Blocked
from conformance.requirements.talk import Talk

ReplyT = TypeVar("ReplyT", bound=Reply)


def readable(reply: ReplyT) -> ReplyT:
    """The reply, when it has choices where its kind has them; raises Blocked otherwise."""
    if isinstance(reply, Completion) and not reply.choice:
        raise Blocked(f"no completion to look at: {reply.exchange.summary}")
    if isinstance(reply, Stream) and not reply.deltas:
        raise Blocked(f"no chunks to look at: {reply.exchange.summary}")
    return reply


def with_events(stream: Stream) -> Stream:
    """The stream, when it holds events at all; raises Blocked otherwise."""
    if not any(event.has_data for event in stream.events):
        raise Blocked("the body holds no events")
    return stream


def tool_deltas(stream: Stream) -> tuple[ToolDelta, ...]:
    """The tool deltas that are objects; raises Blocked when there are none."""
    found = tuple(delta for delta in stream.tool_deltas if isinstance(delta.value, dict))
    if not found:
        raise Blocked("no tool call delta is an object")
    return found


def accepted(talk: Talk) -> Reply:
    """The reply of a conversation whose request has to be accepted: fails with the refusal.

    Raises Blocked when the answer is a success but nothing that can be looked into.
    """
    assert talk.answered.ok, talk.answered.summary
    reply = as_reply(talk.answered)
    if reply is None:
        raise Blocked(talk.answered.summary)
    return readable(reply)


def is_part(text: str, whole: str) -> bool:
    """True when the text is the whole but for characters that were left out."""
    rest = iter(whole)
    return all(character in rest for character in text)
