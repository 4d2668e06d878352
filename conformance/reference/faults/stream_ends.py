"""Faults of how streams end, stop sending, or report an error."""

from __future__ import annotations

import json

from conformance.reference.encoding import DONE, event, http_chunk
from conformance.reference.fault import fault
from conformance.reference.sources import commit, issue
from conformance.reference.stages import Actions, Frames, Hang, Reply, Send
from conformance.reference.turns import AI_SDK, NODE, TITLE

MANY = 16  # tools


def _is_long_question(frames: Frames) -> bool:
    return not frames.request.tools and len(frames) > 25


@fault("done-missing", caught_by={"stream.done"}, source=issue("ggml-org/llama.cpp", 9459))
def forget_done(frames: Frames) -> None:
    """Streams end after the finish_reason, without [DONE]."""
    frames.remove(DONE)


@fault("done-unterminated", caught_by={"stream.done"}, source=commit("LostRuins/koboldcpp", "99b7cf7d"))
def end_with_done(frames: Frames) -> None:
    """[DONE] is not followed by a blank line."""
    frames[-1] = DONE.rstrip()


@fault(
    "engine-fails-silently",
    caught_by={"stream.finish-reason", "stream.whole", "usage.stream"},
    source=issue("waybarrios/vllm-mlx", 302),
)
def end_in_the_middle(frames: Frames) -> None:
    """The engine fails in the middle of a long answer, and the stream ends there normally."""
    if _is_long_question(frames):
        del frames[len(frames) // 2 :]


@fault(
    "error-then-silence",
    caught_by={"stream.no-error", "stream.whole"} | TITLE,
    source=issue("EricLBuehler/mistral.rs", 1875),
)
def fall_silent_after_an_error(wire: Actions) -> None:
    """An error is sent in a long answer, and then the stream stays open."""
    if wire.streams and not wire.request.tools and len(wire) > 25:
        wire[len(wire) // 2 :] = [
            Send(http_chunk(event({"error": {"message": "The engine failed.", "type": "server_error"}}))),
            Hang(),
        ]


@fault(
    "error-by-status",
    caught_by={"stream.no-error"} | TITLE,
    source=issue("huggingface/text-generation-inference", 2668),
)
def name_a_status_in_the_error(frames: Frames) -> None:
    """An error in a stream has an HTTP status instead of type and code."""
    if _is_long_question(frames):
        said = {"message": "Input validation error", "http_status_code": 422}
        frames[len(frames) // 2 :] = [event({"error": said}), DONE]


@fault("finish-reason-error", caught_by={"stream.no-error"} | TITLE, source=issue("damianvtran/local-operator", 223))
def finish_with_an_error(frames: Frames) -> None:
    """A long answer stops with finish_reason `error` and an error next to `choices`."""
    if _is_long_question(frames):
        chunk = json.loads(frames[0].removeprefix(b"data: "))
        chunk["choices"] = [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]
        chunk["error"] = {"code": 502, "message": "Provider returned error"}
        frames[len(frames) // 2 :] = [event(chunk), DONE]


@fault(
    "keep-alive-events",
    caught_by={"stream.vendor-events"} | AI_SDK | TITLE,
    source=issue("router-for-me/CLIProxyAPI", 5171),
)
def keep_alive_by_events(frames: Frames) -> None:
    """Named events with vendor-specific objects keep the stream alive."""
    frames.insert(1, b"event: keepalive\n" + event({"type": "keepalive"}))


@fault(
    "long-prompts-in-silence",
    caught_by={"errors.answered", "stream.whole", "client.kilo-code-turn"} | NODE,
    source=issue("envoyproxy/ai-gateway", 2549),
)
def read_in_silence(wire: Actions) -> None:
    """While the model reads an agent's prompt with all its tools, nothing comes: a stream stops after its headers."""
    if len(wire.request.tools) > MANY:
        wire[1 if wire.streams else 0 :] = [Hang()]


@fault("length-called-stop-in-stream", caught_by={"params.length-reason"}, source=issue("InternLM/lmdeploy", 3727))
def stop_streams_at_the_cap(reply: Reply) -> None:
    """A streamed answer that its token limit cuts ends with finish_reason `stop`."""
    for choice in reply.streamed_choices:
        if choice["finish_reason"] == "length":
            choice["finish_reason"] = "stop"
