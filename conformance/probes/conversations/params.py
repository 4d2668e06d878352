"""Parameters, judged by their effect if they have one."""

from __future__ import annotations

from typing import Any

from conformance.probes.conversations.offered import system, user
from conformance.requirements.conversation import Ask, Depth, conversation

COUNT = [user("Count from 1 to 100. Write all the numbers, separated by single spaces, and nothing else.")]
CAP = 16


@conversation("completion", depth=Depth.QUICK, tokens=CAP, early=True)
async def max_tokens(ask: Ask) -> None:
    """A long answer, limited by `max_tokens`."""
    await ask.chat(messages=COUNT, max_tokens=CAP)


@conversation("stream", tokens=CAP, about=("`max_completion_tokens`",))
async def max_completion_tokens(ask: Ask) -> None:
    """A long streamed answer, limited by `max_completion_tokens`."""
    await ask.chat(messages=COUNT, max_completion_tokens=CAP, stream=True)


@conversation("completion", tokens=128)
async def stop_sequence(ask: Ask) -> None:
    """A long answer that contains a stop sequence."""
    await ask.chat(messages=COUNT, stop=[" 9"], max_tokens=128)


@conversation("completion", about=("content as an array of parts",))
async def text_parts(ask: Ask) -> None:
    """System and user messages with arrays of text parts."""
    parts = [{"type": "text", "text": "Say hello"}, {"type": "text", "text": "in one short sentence."}]
    await ask.chat(messages=[system([{"type": "text", "text": "You are helpful."}]), user(parts)], max_tokens=64)


@conversation("completion")
async def developer_role(ask: Ask) -> None:
    """A developer message in place of the system message."""
    messages = [{"role": "developer", "content": "You are helpful."}, user("Say hello in one short sentence.")]
    await ask.chat(messages=messages, max_tokens=64)


@conversation("response")
async def unknown_field(ask: Ask) -> None:
    """An unknown top-level field."""
    await ask.chat(messages=[user("Say hello.")], max_tokens=32, conformance_unknown_field=True)


@conversation("response")
async def null_fields(ask: Ask) -> None:
    """Optional fields that are null."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("temperature", "top_p", "seed", "stop", "max_completion_tokens", "stream_options")
    )
    await ask.chat(messages=[user("Say hello.")], **nothing)


@conversation("response")
async def json_mode(ask: Ask) -> None:
    """A question with `response_format: json_object`."""
    question = 'Answer in JSON with one key "color" whose value is the color of the sky on a clear day.'
    await ask.chat(messages=[user(question)], response_format={"type": "json_object"}, max_tokens=64)
