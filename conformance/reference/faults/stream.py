"""Faults of streams: whether there is one, how its events are framed, how it ends."""

from __future__ import annotations

from conformance.reference.encoding import DONE, LAST_CHUNK, event, http_chunk
from conformance.reference.fault import fault
from conformance.reference.sources import CHUNK, HTTP_FRAMING, SSE, issue
from conformance.reference.stages import Action, Actions, Close, Frames, Hang, Pause, Reply, Request, Reset, Send
from conformance.reference.turns import AI_SDK, EVERY_TURN, NODE, PYTHON, TITLE

UNREAD_STREAM = {"stream.is-sse"}
CUT = {"stream.whole"}


def _middle(wire: Actions) -> int:
    """The position of an event in the middle of the stream."""
    return wire.sends[len(wire.sends) // 2]


def _slowly(pieces: list[bytes]) -> list[Action]:
    return [action for piece in pieces for action in (Send(piece), Pause(0.001))]


def _is_question(frames: Frames) -> bool:
    return not frames.request.tools


@fault("bare-stream-refused", caught_by={"stream.accepted", "params.max-completion-tokens"}, source=CHUNK)
def want_stream_options(request: Request) -> None:
    """A stream without stream_options is refused."""
    if request.streams and not request.tools and "stream_options" not in request.body:
        request.refuse(400, "Streaming requires 'stream_options'.", "stream_options")


@fault(
    "stream-as-completion",
    caught_by=UNREAD_STREAM | EVERY_TURN | TITLE,
    source=issue("lmstudio-ai/lmstudio-bug-tracker", 1066),
)
def never_stream(request: Request) -> None:
    """`stream: true` is ignored: the answer is one JSON object."""
    request.body["stream"] = False
    request.body.pop("stream_options", None)


@fault(
    "stream-without-events", caught_by=UNREAD_STREAM | EVERY_TURN | TITLE, source=issue("NVIDIA-NeMo/Switchyard", 541)
)
def stream_nothing(frames: Frames) -> None:
    """A stream has its headers and an empty body."""
    frames.clear()


@fault("stream-as-json-lines", caught_by=UNREAD_STREAM | EVERY_TURN | TITLE, source=SSE)
def stream_json_lines(frames: Frames) -> None:
    """A stream is one JSON object per line, without `data:`."""
    frames[:] = [frame.removeprefix(b"data: ").rstrip(b"\n") + b"\n" for frame in frames]


@fault("stream-content-type", caught_by={"stream.content-type"}, source=SSE)
def call_events_json(reply: Reply) -> None:
    """Streams have the Content-Type application/json."""
    if reply.chunks is not None:
        reply.headers["content-type"] = "application/json"


@fault("single-newlines", caught_by={"stream.separated"} | EVERY_TURN | TITLE, source=issue("mudler/LocalAI", 7182))
def end_events_with_one_newline(frames: Frames) -> None:
    """Events end with one newline, so the whole stream is one event."""
    frames[:] = [frame.rstrip(b"\n") + b"\n" for frame in frames]


@fault(
    "last-blank-line-missing", caught_by={"stream.separated", "stream.done"}, source=issue("LostRuins/koboldcpp", 1031)
)
def forget_the_last_blank_line(frames: Frames) -> None:
    """The last event has no blank line after it, and no [DONE]."""
    frames[:] = [*frames[:-2], frames[-2].rstrip(b"\n") + b"\n"]


@fault("empty-data-events", caught_by={"stream.event-data"} | EVERY_TURN | TITLE, source=SSE)
def send_empty_data(frames: Frames) -> None:
    """Events with empty data keep the connection alive."""
    frames.insert(1, b"data: \n\n")


@fault(
    "event-only-events",
    caught_by={"stream.named-events"} | NODE | PYTHON,
    source=issue("router-for-me/CLIProxyAPI", 5171),
)
def send_events_without_data(frames: Frames) -> None:
    """Events without any data keep the connection alive."""
    frames.insert(1, b"event: ping\n\n")


@fault("lone-retry", caught_by={"stream.lone-fields"} | PYTHON, source=SSE)
def send_a_retry(frames: Frames) -> None:
    """The stream begins with an event that has only a `retry` field."""
    frames.insert(0, b"retry: 3000\n\n")


@fault("nil-data", caught_by={"stream.event-data"} | EVERY_TURN | TITLE, source=issue("mudler/LocalAI", 7182))
def send_nil(frames: Frames) -> None:
    """The data of an event is `<nil>` instead of JSON."""
    frames.insert(len(frames) // 2, b"data: <nil>\n\n")


@fault(
    "comments-as-data", caught_by={"stream.event-data"} | EVERY_TURN | TITLE, source=issue("Routstr/routstr-core", 543)
)
def relay_comments_as_data(frames: Frames) -> None:
    """Comments of another server are forwarded as data."""
    frames.insert(1, b"data: : OPENROUTER PROCESSING\n\n")


@fault(
    "two-objects-in-one-event", caught_by={"stream.event-data", "stream.same-text", "stream.role"} | TITLE, source=SSE
)
def join_two_events(frames: Frames) -> None:
    """Two chunks are on one data line."""
    if _is_question(frames):
        frames[:2] = [frames[0].rstrip(b"\n") + frames[1].removeprefix(b"data: ")]


@fault("vendor-events", caught_by={"stream.vendor-events"} | AI_SDK | TITLE, source=issue("Kilo-Org/kilocode", 12269))
def send_own_events(frames: Frames) -> None:
    """The stream has vendor-specific objects between the chunks."""
    frames.insert(1, event({"type": "ping", "queue_position": 0}))


@fault("event-ids", caught_by={"stream.no-ids"}, source=SSE)
def number_the_events(frames: Frames) -> None:
    """Every event has an `id:` field."""
    frames[:] = [b"id: %d\n%s" % (n, frame) for n, frame in enumerate(frames)]


@fault("stream-cut", caught_by=CUT | EVERY_TURN | TITLE, source=issue("vercel/ai", 19169))
def cut_the_stream(wire: Actions) -> None:
    """The connection closes in the middle of a chunk."""
    if wire.streams:
        at = _middle(wire)
        wire[at:] = [Send(b'4000\r\ndata: {"id":'), Close()]


@fault("stream-reset", caught_by=CUT | EVERY_TURN | TITLE, source=HTTP_FRAMING)
def reset_the_stream(wire: Actions) -> None:
    """The connection is reset in the middle of the stream."""
    if wire.streams:
        wire[_middle(wire) :] = [Pause(0.02), Reset()]


@fault("bad-chunk-size", caught_by=CUT | EVERY_TURN | TITLE, source=HTTP_FRAMING)
def write_a_bad_chunk_size(wire: Actions) -> None:
    """The size of an HTTP chunk in the middle of the stream is not a number."""
    if wire.streams:
        wire[_middle(wire) :] = [Send(b"zz\r\ndata: {}\n\n\r\n"), Close()]


@fault("short-content-length", caught_by=CUT | NODE | AI_SDK | TITLE, source=HTTP_FRAMING)
def announce_more_than_comes(wire: Actions) -> None:
    """The stream has a Content-Length that is larger than its body."""
    if wire.streams:
        head, *rest = [action.data for action in wire if isinstance(action, Send)]
        pieces = [data.partition(b"\r\n")[2].removesuffix(b"\r\n") for data in rest[:-1]]
        length = b"content-length: %d" % (sum(map(len, pieces)) + 100)
        wire[:] = [Send(head.replace(b"transfer-encoding: chunked", length)), *_slowly(pieces), Close()]


@fault("stream-hangs", caught_by=CUT | TITLE, source=issue("EricLBuehler/mistral.rs", 1875))
def hang_in_the_stream(wire: Actions) -> None:
    """Streams without tools stop in the middle, and the connection stays open."""
    if wire.streams and not wire.request.tools:
        wire[_middle(wire) :] = [Hang()]


@fault(
    "stream-unfinished",
    caught_by=CUT | {"stream.finish-reason"} | {"client.ai-sdk-turn"},
    source=issue("vercel/ai", 19169),
)
def end_without_a_sign(frames: Frames) -> None:
    """The stream ends without finish_reason and without [DONE]."""
    frames[:] = [frame for frame in frames if frame != DONE and b'"delta":{}' not in frame]


@fault("open-after-done", caught_by={"stream.closes"}, source=issue("EricLBuehler/mistral.rs", 1875))
def keep_the_stream_open(wire: Actions) -> None:
    """Streams without tools stay open after [DONE]."""
    if wire.streams and not wire.request.tools and wire[-1] == Send(LAST_CHUNK):
        wire[-1:] = [Hang()]


@fault("error-in-stream", caught_by={"stream.no-error"} | TITLE, source=issue("sterlp/eclipse-peon-ai", 75))
def fail_in_the_stream(frames: Frames) -> None:
    """Streams without tools have an error in the middle."""
    if _is_question(frames) and len(frames) > 25:
        frames[len(frames) // 2 :] = [event({"error": {"message": "The engine failed.", "type": "server_error"}})]


@fault(
    "error-string-in-stream",
    caught_by={"stream.no-error", "errors.stream-shape"} | TITLE,
    source=issue("vercel/ai", 18307),
)
def fail_with_a_string(frames: Frames) -> None:
    """An error in the stream is a string instead of an object."""
    if _is_question(frames) and len(frames) > 25:
        frames[len(frames) // 2 :] = [event({"error": "The engine failed."})]


@fault(
    "flat-error-in-stream",
    caught_by={"stream.no-error", "errors.stream-shape"} | TITLE,
    source=issue("vercel/ai", 11671),
)
def fail_with_a_flat_event(frames: Frames) -> None:
    """An error in the stream is a flat body in an event named `error`."""
    if _is_question(frames) and len(frames) > 25:
        flat = {"message": "The engine failed.", "code": 500}
        frames[len(frames) // 2 :] = [b"event: error\n" + event(flat)]


@fault("stream-buffered", caught_by={"stream.incremental"}, source=issue("airblackbox/airblackbox", 9))
def hold_the_stream_back(wire: Actions) -> None:
    """A stream of text is held back and sent at once at the end."""
    if wire.streams and not wire.request.tools:
        head, *rest = [action.data for action in wire if isinstance(action, Send)]
        body = b"".join(data.partition(b"\r\n")[2].removesuffix(b"\r\n") for data in rest[:-1])
        wire[:] = [Send(head), Pause(0.02), Send(http_chunk(body) + LAST_CHUNK)]


@fault(
    "characters-split",
    caught_by={"stream.unicode", "stream.same-text", "toolstream.long-arguments"},
    source=issue("mudler/LocalAI", 5539),
)
def break_characters(frames: Frames) -> None:
    """Multi-byte characters are cut in two and replaced by U+FFFD."""
    frames[:] = ["".join(c if c.isascii() else "\ufffd" * 2 for c in frame.decode()).encode() for frame in frames]


@fault("stream-not-utf-8", caught_by={"stream.unicode", "stream.same-text"}, source=SSE)
def write_another_encoding(frames: Frames) -> None:
    """Streamed text contains bytes of another encoding, which are not valid UTF-8."""
    frames[:] = [frame.replace("ü".encode(), b"\xfc").replace("–".encode(), b"\x96") for frame in frames]
