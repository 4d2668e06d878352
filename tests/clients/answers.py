"""Small answers made by hand, for tests of one behaviour of a reader each."""

from __future__ import annotations

import json
from typing import Any

from conformance.evidence.exchange import Chunk, Ended, Exchange, Headers, Request, Response
from tests.clients.shapes import EVENTS, JSON, TOOLS, chunk, data


def answer(
    *parts: bytes,
    status: int = 200,
    headers: Headers = EVENTS,
    ended: Ended = Ended.COMPLETE,
    streamed: bool = True,
    model: str = "m",
    tools: Any = TOOLS,
) -> Exchange:
    """An answer whose parts arrive at 1 s, 2 s and so on; it ends a second after the last."""
    body = {"model": model, "stream": streamed, "messages": [], "tools": tools}
    return Exchange(
        "a#1",
        "a",
        Request("POST", "http://h/v1/chat/completions", (), json.dumps(body).encode()),
        Response(status, headers),
        tuple(Chunk(float(n), part) for n, part in enumerate(parts, 1)),
        ended,
        seconds=len(parts) + 1.0,
    )


def deltas(*each: Any, usage: Any = None, **more: Any) -> Exchange:
    """A stream of these deltas, one at each second, and a last chunk with the usage when there is one."""
    last = [data({"choices": [], "usage": usage})] if usage is not None else []
    return answer(*(data(chunk(delta)) for delta in each), *last, **more)


def called(*entries: Any, **more: Any) -> Exchange:
    """A stream with one entry of `tool_calls` in each delta."""
    return deltas(*({"tool_calls": [entry]} for entry in entries), **more)


def message(content: Any = None, headers: Headers = JSON, **fields: Any) -> Exchange:
    """A completion with this message."""
    body = {"choices": [{"message": {"role": "assistant", "content": content, **fields}}]}
    return answer(json.dumps(body).encode(), headers=headers, streamed=False)


def refused(status: int, text: str, **more: Any) -> Exchange:
    """A refusal in the shape of OpenAI's errors."""
    return answer(json.dumps({"error": {"message": text}}).encode(), status=status, headers=JSON, **more)
