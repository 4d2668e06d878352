"""Faults of the token counts: missing, impossible, or inconsistent."""

from __future__ import annotations

from typing import Any

from conformance.reference.fault import fault
from conformance.reference.sources import COMPLETION, issue
from conformance.reference.stages import Reply, Request
from conformance.reference.text import prompt_tokens


def _usages(reply: Reply) -> list[dict[str, Any]]:
    holders = [reply.body] if reply.choices else reply.streamed
    return [holder["usage"] for holder in holders if holder.get("usage")]


def _set_prompt_tokens(usage: dict[str, Any], count: int) -> None:
    usage["prompt_tokens"] = count
    usage["total_tokens"] = count + usage["completion_tokens"]


@fault("completion-without-usage", caught_by={"usage.completion"}, source=COMPLETION)
def drop_usage(reply: Reply) -> None:
    """Completions have no `usage`."""
    if reply.choices:
        del reply.body["usage"]


@fault("stream-without-usage", caught_by={"usage.stream"}, source=issue("mudler/LocalAI", 9941))
def ignore_include_usage(request: Request) -> None:
    """`include_usage` is accepted and ignored."""
    request.body.pop("stream_options", None)


@fault("usage-negative", caught_by={"usage.numbers"}, source=issue("xorbitsai/inference", 1420))
def count_backwards(reply: Reply) -> None:
    """Token counts are -1."""
    for usage in _usages(reply):
        usage.clear()
        usage.update(prompt_tokens=-1, completion_tokens=-1, total_tokens=-1)


@fault("usage-total-wrong", caught_by={"usage.numbers"}, source=COMPLETION)
def add_wrongly(reply: Reply) -> None:
    """total_tokens is not the sum of the two other counts."""
    for usage in _usages(reply):
        usage["total_tokens"] = usage["prompt_tokens"]


@fault("usage-zero-with-tools", caught_by={"usage.numbers"}, source=issue("mudler/LocalAI", 9941))
def count_nothing_with_tools(reply: Reply) -> None:
    """In streams with tools all token counts are 0."""
    if reply.request.tools:
        for usage in _usages(reply) if reply.streamed else []:
            usage.update(prompt_tokens=0, completion_tokens=0, total_tokens=0)


@fault("usage-cached-beyond-prompt", caught_by={"usage.details"}, source=COMPLETION)
def cache_more_than_there_is(reply: Reply) -> None:
    """More tokens are cached than the prompt has."""
    for usage in _usages(reply):
        usage["prompt_tokens_details"]["cached_tokens"] = usage["prompt_tokens"] + 64


@fault("usage-reasoning-beyond-completion", caught_by={"usage.details"}, source=COMPLETION)
def think_more_than_is_written(reply: Reply) -> None:
    """There are more reasoning tokens than completion tokens."""
    for usage in _usages(reply):
        usage["completion_tokens_details"]["reasoning_tokens"] = usage["completion_tokens"] + 64


@fault("usage-differs-in-stream", caught_by={"usage.same-both-modes"}, source=issue("agno-agi/agno", 6059))
def count_streams_double(reply: Reply) -> None:
    """The prompt of a stream is counted twice."""
    for usage in _usages(reply) if reply.streamed else []:
        _set_prompt_tokens(usage, usage["prompt_tokens"] * 2)


@fault("usage-without-tools", caught_by={"usage.counts-tools"}, source=COMPLETION)
def count_messages_only(reply: Reply) -> None:
    """The prompt tokens do not include the tools."""
    if reply.completes:
        for usage in _usages(reply):
            _set_prompt_tokens(usage, prompt_tokens(reply.request.messages, None))
