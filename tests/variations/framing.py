"""The same events in other bytes."""

from __future__ import annotations

import json

from conformance.reference.stages import Frames, Send, Wire
from tests.variations import variation


def chunk_of(frame: bytes) -> bytes:
    return frame.removeprefix(b"data: ").rstrip()


@variation("frames")
def comments_keep_the_stream_alive(frames: Frames) -> None:  # openai/openai-go#227
    frames[:] = [b": OPENROUTER PROCESSING\n\n", *(part for f in frames for part in (f, b": ping\n\n"))]


@variation("frames")
def no_blank_after_the_colon(frames: Frames) -> None:  # envoyproxy/ai-gateway#2470
    frames[:] = [frame.replace(b"data: ", b"data:", 1) for frame in frames]


@variation("frames")
def carriage_returns_and_line_feeds(frames: Frames) -> None:  # Perplexity
    frames[:] = [frame.replace(b"\n", b"\r\n") for frame in frames]


@variation("frames")
def json_over_several_data_lines(frames: Frames) -> None:  # SamSaffron/term-llm#454
    def spread(frame: bytes) -> bytes:
        value = chunk_of(frame)
        if value == b"[DONE]":
            return frame
        lines = json.dumps(json.loads(value), indent=1).split("\n")
        return b"".join(b"data: " + line.encode() + b"\n" for line in lines) + b"\n"

    frames[:] = [spread(frame) for frame in frames]


@variation("frames")
def escaped_characters(frames: Frames) -> None:  # xorbitsai/inference#1732
    frames[:] = [
        frame
        if chunk_of(frame) == b"[DONE]"
        else b"data: " + json.dumps(json.loads(chunk_of(frame))).encode() + b"\n\n"
        for frame in frames
    ]


@variation("frames")
def no_done(frames: Frames) -> None:  # ggml-org/llama.cpp#9459, Perplexity
    frames[:] = [frame for frame in frames if chunk_of(frame) != b"[DONE]"]


@variation("frames")
def done_without_its_blank_line(frames: Frames) -> None:  # koboldcpp
    frames[-1] = b"data: [DONE]"


@variation("wire")
def bytes_split_anywhere(wire: Wire) -> None:  # alexrudall/ruby-openai#332
    if not wire.streams:
        return
    body = b"".join(wire[n].data for n in wire.sends[1:])  # type: ignore[union-attr]
    step = max(7, len(body) // 20_000)
    wire[wire.sends[1] :] = [Send(body[n : n + step]) for n in range(0, len(body), step)]
