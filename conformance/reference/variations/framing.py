"""The same answer in other bytes: lines, comments, escapes, and where the network splits them."""

from __future__ import annotations

import json
from collections.abc import Callable

from conformance.reference.encoding import DONE, http_chunk
from conformance.reference.sources import SSE, issue
from conformance.reference.stages import Action, Actions, Frames, Send
from conformance.reference.variation import variation

MOST_PIECES = 20_000  # of one stream, so that a long one stays fast


def _data(frame: bytes) -> bytes:
    """The data of an event; b"" for a comment."""
    lines = [line[5:].removeprefix(b" ") for line in frame.splitlines() if line.startswith(b"data:")]
    return b"\n".join(lines)


def _value(frame: bytes) -> object:
    """The JSON object of an event; None for [DONE], a comment, or what a fault has put there."""
    try:
        found = json.loads(_data(frame))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@variation("comments-between-events", source=issue("openai/openai-go", 227))
def comment_between_events(frames: Frames) -> None:
    """Comments come before and between the events, as from OpenRouter while a model is slow."""
    comment = b": OPENROUTER PROCESSING\n\n"
    frames[:] = [part for frame in frames for part in (comment, frame)]


@variation("comments-while-reading", source=issue("ml-explore/mlx-lm", 362))
def comment_while_reading(frames: Frames) -> None:
    """Comments before the first event report how much of the prompt has been read."""
    frames[:0] = [b": keepalive %d/4096\n\n" % read for read in (1024, 2048, 4096)]


@variation("no-blank-after-colon", source=issue("envoyproxy/ai-gateway", 2470))
def leave_out_the_blank(frames: Frames) -> None:
    """`data:` is not followed by a space."""
    frames[:] = [frame.replace(b"data: ", b"data:", 1) for frame in frames]


@variation("crlf-line-ends", source=SSE)
def end_lines_with_both(frames: Frames) -> None:
    """Lines end with a carriage return and a line feed, as with Perplexity."""
    frames[:] = [b"".join(line + b"\r\n" for line in frame.splitlines()) for frame in frames]


@variation("cr-line-ends", source=SSE)
def end_lines_with_returns(frames: Frames) -> None:
    """Lines end with only a carriage return."""
    frames[:] = [b"".join(line + b"\r" for line in frame.splitlines()) for frame in frames]


@variation("json-over-several-lines", source=issue("SamSaffron/term-llm", 454))
def write_json_over_lines(frames: Frames) -> None:
    """The JSON of an event is split over several data lines."""
    for at, frame in enumerate(frames):
        if value := _value(frame):
            lines = json.dumps(value, indent=1, ensure_ascii=False).encode().split(b"\n")
            frames[at] = b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"


@variation("escaped-characters-streamed", source=issue("xorbitsai/inference", 1732))
def escape_the_events(frames: Frames) -> None:
    """Non-ASCII characters are escaped in the events of a stream."""
    for at, frame in enumerate(frames):
        if value := _value(frame):
            frames[at] = b"data: " + json.dumps(value).encode() + b"\n\n"


@variation("escaped-characters", source=issue("xorbitsai/inference", 1732))
def escape_the_body(wire: Actions) -> None:
    """In bodies that are not streamed, non-ASCII characters are escaped and the JSON is indented."""
    sent = [action.data for action in wire if isinstance(action, Send)]
    if wire.streams or len(sent) != 2 or not (value := _value(b"data:" + sent[1])):
        return
    body, at = json.dumps(value, indent=2).encode(), wire.sends
    said, says = (b"content-length: %d\r\n" % len(data) for data in (sent[1], body))
    wire[at[0]], wire[at[1]] = Send(sent[0].replace(said, says)), Send(body)


@variation("no-done", source=issue("ggml-org/llama.cpp", 9459))
def leave_out_done(frames: Frames) -> None:
    """A stream ends without [DONE]."""
    frames[:] = [frame for frame in frames if _data(frame) != b"[DONE]"]


@variation("done-without-blank-line", source=issue("LostRuins/koboldcpp", 1031))
def end_with_the_line_of_done(frames: Frames) -> None:
    """Nothing follows the line with [DONE], not even a blank line."""
    if frames and _data(frames[-1]) == b"[DONE]":
        frames[-1] = DONE.rstrip()


@variation("bytes-split-anywhere", source=issue("alexrudall/ruby-openai", 332))
def split_the_bytes(wire: Actions) -> None:
    """The network splits a stream anywhere: inside events, JSON, characters and HTTP chunk sizes."""
    _resend(wire, 7, _cut)


@variation("http-chunks-anywhere", source=issue("praxis-proxy/praxis", 739))
def split_the_chunks(wire: Actions) -> None:
    """A proxy splits the events of a stream over other HTTP chunks."""
    _resend(wire, 11, _rechunked)


def _rechunked(data: bytes, size: int) -> list[bytes]:
    body = data.partition(b"\r\n")[2].removesuffix(b"\r\n")
    whole = bool(body) and http_chunk(body) == data
    return [http_chunk(piece) for piece in _cut(body, size)] if whole else [data]


def _resend(wire: Actions, least: int, again: Callable[[bytes, int], list[bytes]]) -> None:
    """Send a stream, after its head, in pieces of `least` bytes, or larger ones when it is very long."""
    head = wire.sends[0] + 1 if wire.streams and wire.sends else len(wire)
    long = sum(len(action.data) for action in wire[head:] if isinstance(action, Send))
    size = max(least, long // MOST_PIECES)
    cut = [[Send(piece) for piece in again(a.data, size)] if isinstance(a, Send) else [a] for a in wire[head:]]
    wire[head:] = [action for actions in cut for action in actions]


@variation("events-joined", source=issue("alexrudall/ruby-openai", 332))
def join_the_events(wire: Actions) -> None:
    """Several events of a stream arrive together."""
    joined: list[Action] = []
    for n, action in enumerate(wire):
        last = joined[-1] if joined else None
        if wire.streams and n % 3 and isinstance(last, Send) and isinstance(action, Send):
            joined[-1] = Send(last.data + action.data)
        else:
            joined.append(action)
    wire[:] = joined
