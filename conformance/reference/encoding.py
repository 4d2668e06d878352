"""Turns a reply into bytes by hand: JSON bodies, server-sent events, HTTP/1.1 framing.

No HTTP library writes a wrong Content-Length or half a chunk. Here each of these faults is one changed line.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from conformance.reference.stages import Action, Frames, Pace, Pause, Reply, Send
from conformance.reference.text import dump

DONE = b"data: [DONE]\n\n"
LAST_CHUNK = b"0\r\n\r\n"


def body_bytes(reply: Reply) -> bytes:
    """The body of a reply that is not streamed."""
    if reply.body is None:
        return b""
    return reply.body.encode() if isinstance(reply.body, str) else dump(reply.body).encode()


def event(chunk: object) -> bytes:
    """One server-sent event."""
    return b"data: " + dump(chunk).encode() + b"\n\n"


def frames_of(reply: Reply) -> Frames:
    """The events of a stream, with the terminator."""
    return Frames([event(chunk) for chunk in reply.streamed] + [DONE], reply.request)


def head_bytes(reply: Reply, framing: Iterable[tuple[str, str]]) -> bytes:
    """The status line and the headers."""
    phrase = HTTPStatus(reply.status).phrase if reply.status in HTTPStatus._value2member_map_ else ""
    lines = [f"HTTP/1.1 {reply.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in (*reply.headers.items(), *framing)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def http_chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def plain_actions(reply: Reply, pace: Pace) -> list[Action]:
    """The whole body at once, with its Content-Length."""
    body = body_bytes(reply)
    head = head_bytes(reply, [("content-length", str(len(body)))])
    sent: list[Action] = [Send(head), Send(body)] if body else [Send(head)]
    return [Pause(pace.latency), *sent] if pace.latency else sent


def stream_actions(reply: Reply, frames: Frames, pace: Pace) -> list[Action]:
    """One HTTP chunk per event, each flushed at once."""
    actions: list[Action] = [Pause(pace.latency)] if pace.latency else []
    actions.append(Send(head_bytes(reply, [("transfer-encoding", "chunked")])))
    for n, frame in enumerate(frames):
        if n and pace.token_gap:
            actions.append(Pause(pace.token_gap))
        actions.append(Send(http_chunk(frame)))
    return [*actions, Send(LAST_CHUNK)]
