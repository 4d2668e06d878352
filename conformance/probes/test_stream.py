"""Streams as bytes and events: framing, order, completeness, arrival."""

from __future__ import annotations

from conformance.categories import CONNECTION_ERRORS, UNEXPECTED_RESULTS
from conformance.clients import AI_SDK, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import MISSING, Ended, parse_json, shorten, shown
from conformance.evidence.kinds import as_completion, as_stream
from conformance.evidence.sse import SseEvent
from conformance.judge import Talk
from conformance.probe import BREAKS, DEGRADES, Blame, Blocked, everyone, probe
from conformance.probes.conversations.offered import NASTY_TEXT
from conformance.probes.sources import (
    AI_SDK_CHAT,
    KILO,
    NODE_STREAMING,
    OPENAI_CHAT,
    OPENAI_CHUNK,
    PYTHON_STREAMING,
    SSE,
    issue,
)


@probe(
    "stream.accepted",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT],
    remedy="Answer requests with `stream: true`.",
)
def test_a_stream_is_accepted(stream_bare: Talk) -> None:
    """A request with `stream: true` is accepted.

    The agents stream every turn unless the user turns it off.
    """
    assert stream_bare.answered.ok, stream_bare.answered.summary


@probe(
    "stream.is-sse",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[SSE, NODE_STREAMING, OPENAI_CHUNK],
    remedy="Answer `stream: true` with server-sent events: `data: {...}` and a blank line for every chunk.",
)
def test_a_stream_holds_events(stream: Stream) -> None:
    """An answer to `stream: true` holds server-sent events, not a completion, a page or nothing.

    Clients look for lines that begin with `data:`. Finding none they raise no error but show an empty answer.
    """
    assert any(e.has_data for e in stream.events), f"no event in the body: {shorten(stream.exchange.text)!r}"


def _events(stream: Stream) -> Stream:
    """The stream, when it holds events at all; raises Blocked otherwise."""
    if not any(event.has_data for event in stream.events):
        raise Blocked("the body holds no events")
    return stream


@probe(
    "stream.content-type",
    category=CONNECTION_ERRORS,
    severity={KILO_CODE: DEGRADES},
    source=[SSE, f"{KILO}/provider/provider.ts"],
    remedy="Send Content-Type: text/event-stream with streams.",
)
def test_a_stream_has_its_content_type(stream: Stream) -> None:
    """A stream has the Content-Type text/event-stream.

    Kilo Code's guard against silent streams works only then; proxies buffer other types.
    """
    kind = _events(stream).exchange.content_type
    assert kind == "text/event-stream", f"Content-Type is {kind or 'absent'}"


@probe(
    "stream.separated",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[SSE, NODE_STREAMING, issue("mudler/LocalAI", 7182)],
    remedy="End every event, the last one too, with a blank line.",
)
def test_events_are_separated_by_blank_lines(stream: Stream) -> None:
    """Every event ends with a blank line, the last one too.

    Events that are separated by a single line end are never delivered; without the last blank line the last chunk, with
    the finish reason or the usage, is lost.
    """
    _events(stream)
    last = stream.sse.unterminated
    lost = last is not None and last.has_data and last.data.strip() != "[DONE]"
    run_together = [
        e for e in stream.events if e.data_lines > 1 and parse_json(e.data) is MISSING and _many(e)
    ]
    assert not run_together, f"events with a single line end between: {shorten(run_together[0].data)!r}"
    cut = stream.exchange.ended is not Ended.COMPLETE
    assert cut or not lost, f"no blank line after the last event: {shorten(last.data) if last else ''!r}"


def _many(event: SseEvent) -> bool:
    """True when each data line is a value of its own, so that several events ran together."""
    return all(line.strip() == "[DONE]" or parse_json(line) is not MISSING for line in event.data.split("\n"))


@probe(
    "stream.event-data",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_STREAMING, PYTHON_STREAMING, issue("Routstr/routstr-core", 543)],
    remedy="Put exactly one JSON object, or [DONE], into every event; keep connections alive with comment lines.",
)
def test_every_event_is_one_json_object(stream: Stream) -> None:
    """Every event carries exactly one JSON object or [DONE] as its data.

    An event without data, or with data that is not JSON, ends the turn with a SyntaxError in Roo Code and a
    JSONDecodeError in Python.
    """
    for event in _events(stream).events:
        if event is stream.sse.unterminated or (_many(event) and event.data_lines > 1):
            continue  # what the connection or a missing blank line cut is another requirement's
        assert event.has_data, f"an event without data (fields: {', '.join(event.fields) or 'none'})"
        whole = event.data.strip() == "[DONE]" or isinstance(parse_json(event.data), dict)
        assert whole, f"an event's data is {shorten(event.data)!r}"


@probe(
    "stream.vendor-events",
    category=CONNECTION_ERRORS,
    severity={KILO_CODE: BREAKS, AI_SDK: BREAKS},
    source=[AI_SDK_CHAT, issue("Kilo-Org/kilocode", 12269)],
    remedy="Give every data object a `choices` array (it may be empty); send anything else as a comment or not at all.",
)
def test_every_object_has_choices(stream: Stream) -> None:
    """Every object of a stream has a `choices` array, or is an error.

    The AI SDK, and Kilo Code with it, ends the turn with "Type validation failed" at the first event that has none.
    """
    for piece in _events(stream).healthy:
        choices = piece.value.get("choices")
        assert isinstance(choices, list) or "message" in piece.value, (
            f"no `choices` array: {shown(piece.value)}"
        )


@probe(
    "stream.no-ids",
    category=CONNECTION_ERRORS,
    severity={OPENAI_PYTHON: BREAKS},
    source=[PYTHON_STREAMING, OPENAI_CHUNK],
    remedy="Send no `id:` fields.",
)
def test_events_have_no_ids(stream: Stream) -> None:
    """Events have no `id:` field.

    The Python SDK keeps a seen id, and then decodes every blank line or comment as an event with empty data.
    """
    found = next((e for e in _events(stream).events if "id" in e.fields), None)
    assert found is None, f"an `id:` field: {found.id if found else ''!r}"


@probe(
    "stream.whole",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_STREAMING, issue("vercel/ai", 19169), issue("waybarrios/vllm-mlx", 302)],
    remedy="Send the answer to its end: a finish_reason, [DONE], and the proper end of the HTTP body.",
)
def test_a_stream_ends_whole(stream: Stream) -> None:
    """A stream comes to its end: it is not cut, reset or left hanging, and says that it is finished.

    A turn that breaks off is thrown away and asked again; one that ends early without saying so passes for complete.
    """
    exchange = _events(stream).exchange
    if exchange.ended is Ended.COMPLETE and not stream.pieces:
        raise Blocked("no event can be read")
    open_after_done = exchange.ended is Ended.TIMED_OUT and stream.done
    assert exchange.ended is Ended.COMPLETE or open_after_done, f"{exchange.ended}: {exchange.detail}"
    assert stream.done or stream.finish_reasons or stream.errors, (
        "the stream ends without finish_reason and [DONE]"
    )


@probe(
    "stream.closes",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES) | {ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS},
    source=[NODE_STREAMING, issue("EricLBuehler/mistral.rs", 1875)],
    remedy="End the response right after [DONE].",
)
def test_the_connection_closes_after_done(stream: Stream) -> None:
    """The body ends within two seconds of [DONE].

    Roo Code runs a tool only when the stream has ended, so an open connection holds every turn up.
    """
    still_open = stream.exchange.ended is Ended.TIMED_OUT and stream.done
    assert not still_open, stream.exchange.detail


@probe(
    "stream.no-error",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[NODE_STREAMING, issue("sterlp/eclipse-peon-ai", 75)],
    remedy="Find out why the server fails in the middle of a stream; refuse what cannot be answered before it begins.",
)
def test_no_error_in_a_stream(stream: Stream) -> None:
    """A stream that was begun is not broken off by an error.

    Clients throw away what had arrived and ask again.
    """
    assert not stream.errors, f"an error in the stream: {shorten(stream.errors[0].data)}"


@probe(
    "stream.incremental",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES),
    source=[OPENAI_CHUNK, issue("airblackbox/airblackbox", 9)],
    remedy="Flush after every event; turn off response buffering in proxies (nginx: proxy_buffering off, "
    "X-Accel-Buffering: no).",
)
def test_a_long_answer_arrives_bit_by_bit(long_stream: Talk) -> None:
    """A long answer arrives over time, not all at once at its end.

    Users watch the agent work, and clients give up on connections that stay silent for minutes.
    """
    stream = _events(_stream_of(long_stream))
    if not stream.done and not stream.finish_reasons:
        raise Blocked(
            f"the stream did not come to its end: {stream.exchange.detail or 'no finish_reason, no [DONE]'}"
        )
    times = [d.at for d in stream.deltas if d.value.get("content")]
    if len(stream.text) < 60:
        raise Blocked(f"the model wrote only {shorten(stream.text)!r}", Blame.MODEL)
    waited, spread = times[0], times[-1] - times[0]
    arrivals = len({chunk.at for chunk in stream.exchange.chunks})
    in_one_go = arrivals <= 2 or (waited > 0.5 and spread < waited / 50)
    assert not in_one_go, (
        f"nothing for {waited:.2f} s, then {len(times)} pieces within {spread * 1000:.0f} ms"
    )


def _stream_of(talk: Talk) -> Stream:
    exchange = talk.answered
    if not exchange.ok:
        raise Blocked(exchange.summary)
    return as_stream(exchange) or Stream(exchange)


@probe(
    "stream.unicode",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[SSE, issue("mudler/LocalAI", 5539)],
    remedy="Hold back the bytes of an unfinished character until it is whole.",
)
def test_characters_arrive_whole(stream: Stream) -> None:
    """Streamed text is valid UTF-8 and no character is replaced by U+FFFD.

    Code with a broken character in it is written to the user's files.
    """
    spoilt = next((d for d in stream.deltas if "\ufffd" in repr(d.value)), None)
    assert not stream.sse.bad_utf8 and spoilt is None, (
        f"broken characters: {shown(spoilt.value if spoilt else 'bytes')}"
    )


@probe(
    "stream.same-text",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[
        issue("mudler/LocalAI", 9299),
        issue("anomalyco/opencode", 13515),
        issue("LostRuins/koboldcpp", 1031),
    ],
    remedy="Send every token once, in streams as well.",
)
def test_a_stream_loses_and_doubles_nothing(echo: Talk, echo_stream: Talk) -> None:
    """A text to be repeated arrives in a stream exactly as in a plain answer: nothing lost, nothing doubled.

    Agents write what arrives into files.
    """
    streamed = _stream_of(echo_stream)
    if streamed.exchange.ended is not Ended.COMPLETE or not streamed.finish_reasons:
        raise Blocked(f"the stream did not come to its end: {streamed.exchange.ended}")
    plain = as_completion(echo.answered)
    if streamed.text.strip() == NASTY_TEXT.strip() or plain is None:
        return
    if plain.text.strip() not in (NASTY_TEXT.strip(), streamed.text.strip()):
        raise Blocked("the model did not repeat the text, so nothing can be compared", Blame.MODEL)
    same = streamed.text.strip() == plain.text.strip()
    assert same, f"streamed {shorten(streamed.text)!r}, not streamed {shorten(plain.text)!r}"
