"""Faults of chunks that strict readers notice: members that are missing, repeated, or combined in one chunk."""

from __future__ import annotations

import json
from typing import Any

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Reply
from conformance.reference.turns import AI_SDK, TITLE

NOTHING = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
INTRODUCTION = "I will look into the file before I change anything."


def _usage(reply: Reply) -> dict[str, Any]:
    return next((chunk["usage"] for chunk in reply.streamed if chunk.get("usage")), NOTHING)


@fault("created-moves", caught_by={"chat.created"}, source=issue("ollama/ollama", 17485))
def let_the_time_pass(reply: Reply) -> None:
    """`created` of every chunk is its own time, and an empty chunk comes before the last one."""
    for n, chunk in enumerate(reply.streamed):
        chunk["created"] += n
    if len(reply.text_deltas) > 1 and reply.chunks:
        stray = json.loads(json.dumps(reply.chunks[1]))
        stray["choices"][0]["delta"] = {"content": ""}
        reply.chunks.insert(-1, stray)


@fault("created-milliseconds", caught_by={"chat.created"}, source=issue("EricLBuehler/mistral.rs", 1887))
def count_milliseconds(reply: Reply) -> None:
    """`created` of a chunk is in milliseconds."""
    for chunk in reply.streamed:
        chunk["created"] *= 1000


@fault("finish-key-missing", caught_by={"stream.finish-key"}, source=issue("mudler/LocalAI", 1745))
def leave_out_what_is_empty(reply: Reply) -> None:
    """The choices of a stream have no `finish_reason` until the last."""
    for choice in reply.streamed_choices:
        if choice["finish_reason"] is None:
            del choice["finish_reason"]


@fault("usage-zero-in-every-chunk", caught_by={"usage.numbers", "usage.once"}, source=issue("mudler/LocalAI", 9815))
def count_nothing_in_every_chunk(reply: Reply) -> None:
    """Every chunk reports zero tokens, requested or not. Only the last has the real counts, if requested."""
    for chunk in reply.streamed:
        chunk["usage"] = chunk.get("usage") or NOTHING


@fault("usage-in-every-chunk", caught_by={"usage.once"}, source=issue("agno-agi/agno", 6059))
def count_in_every_chunk(reply: Reply) -> None:
    """Every chunk reports the tokens so far."""
    usage = _usage(reply)
    for n, chunk in enumerate(reply.streamed if usage is not NOTHING else []):
        chunk["usage"] = chunk["usage"] or {**usage, "completion_tokens": n, "total_tokens": usage["prompt_tokens"] + n}


@fault("usage-choice-without-delta", caught_by={"stream.delta-present"}, source=issue("cline/cline", 9432))
def count_beside_a_bare_choice(reply: Reply) -> None:
    """The chunk with the usage has a choice without `delta`."""
    for chunk in reply.streamed:
        if chunk.get("usage"):
            chunk["choices"] = [{"index": 0, "finish_reason": None}]


@fault("stream-without-role", caught_by={"stream.role"}, source=issue("BerriAI/litellm", 24221))
def never_say_who_speaks(reply: Reply) -> None:
    """No delta of a stream has a role."""
    for delta in reply.deltas:
        delta.pop("role", None)


@fault("reasoning-beside-text", caught_by={"stream.reasoning-apart"}, source=issue("ollama/ollama", 14648))
def think_and_talk_at_once(reply: Reply) -> None:
    """The end of the reasoning and the start of the answer come in one delta."""
    for delta in reply.text_deltas[:1]:
        delta["reasoning_content"] = "So I greet them."


@fault(
    "reasoning-as-object",
    caught_by={"chat.reasoning-text", "stream.types"} | AI_SDK | TITLE,
    source=issue("envoyproxy/ai-gateway", 2524),
)
def think_in_objects(reply: Reply) -> None:
    """`reasoning_content` is an object, in messages and in deltas."""
    thought = {"reasoningContent": {"reasoningText": {"text": "The user wants an answer."}}}
    for part in [*reply.messages, *list(reply.deltas)[:1]]:
        part["reasoning_content"] = thought


@fault("text-resent-with-calls", caught_by={"stream.only-new-text"}, source=issue("mudler/LocalAI", 9470))
def say_it_again_with_the_call(reply: Reply) -> None:
    """The text before a call is sent again, in full, together with the call's arguments."""
    calling = [delta for delta in reply.deltas if delta.get("tool_calls")]
    for delta in (calling[0], calling[-1]) if len(calling) > 1 else ():
        delta["content"] = INTRODUCTION


@fault("text-withheld-with-tools", caught_by={"stream.same-text-with-tools"}, source=issue("mudler/LocalAI", 9999))
def wait_for_calls(reply: Reply) -> None:
    """When tools are offered, a streamed text ends after its first token."""
    if reply.request.tools:
        for delta in reply.text_deltas[1:]:
            delta["content"] = ""


@fault("finish-lost-with-logprobs", caught_by={"stream.finish-reason"}, source=issue("BerriAI/litellm", 10686))
def lose_the_finish_reason(reply: Reply) -> None:
    """Streams with log probabilities have no finish_reason."""
    for choice in reply.streamed_choices if reply.request.body.get("logprobs") else ():
        choice["finish_reason"] = None
