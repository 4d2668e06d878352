"""Streams as a whole: whether they come, arrive over time and complete, and whether their text is undamaged."""

from __future__ import annotations

from conformance.clients import KILO_CODE, KILO_CODE_LEGACY, ROO_CODE
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import Ended, Lost, shorten, shown
from conformance.evidence.kinds import as_completion, as_stream
from conformance.probes.conversations.offered import NASTY_TEXT
from conformance.probes.readable import with_events
from conformance.probes.sources import KILO, NODE_STREAMING, OPENAI_CHAT, OPENAI_CHUNK, SSE, issue
from conformance.requirements import BREAKS, CONNECTION_ERRORS, DEGRADES, UNEXPECTED_RESULTS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "stream.accepted",
    failure="A request with `stream: true` fails.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_CHAT],
    remedy="Answer requests with `stream: true` with a stream.",
)
def test_a_streamed_request_is_accepted(stream_bare: Talk) -> None:
    """A request with `stream: true` is accepted.

    Agents stream every turn unless the user turns streaming off.
    """
    assert stream_bare.answered.ok, stream_bare.answered.summary


@probe(
    "stream.is-sse",
    failure="The answer to `stream: true` contains no server-sent events.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[SSE, NODE_STREAMING, OPENAI_CHUNK],
    remedy="Answer `stream: true` with server-sent events: a line `data: {...}` and a blank line for every chunk.",
)
def test_a_stream_consists_of_events(stream: Stream) -> None:
    """An answer to `stream: true` consists of server-sent events, not a completion, a web page or nothing.

    Clients look for lines that begin with `data:`. When there are none, they show an empty answer and no error.
    """
    exchange = stream.exchange
    if exchange.ended is not Ended.COMPLETE and not exchange.body:
        raise Blocked(f"no body arrived: {exchange.ended}: {exchange.detail}")
    assert any(e.has_data for e in stream.events), f"the body has no events: {shorten(exchange.text)!r}"


@probe(
    "stream.content-type",
    failure="A stream has the wrong Content-Type.",
    category=CONNECTION_ERRORS,
    severity={KILO_CODE: DEGRADES},
    source=[SSE, f"{KILO}/provider/provider.ts"],
    remedy="Send streams with the header `Content-Type: text/event-stream`.",
    needs=[Lost.TYPE],
)
def test_a_stream_has_the_content_type_of_event_streams(stream: Stream) -> None:
    """A stream has the Content-Type text/event-stream.

    Kilo Code detects a silent stream only with this type, and proxies buffer other types.
    """
    kind = with_events(stream).exchange.content_type
    assert kind == "text/event-stream", f"Content-Type is {kind or 'absent'}"


@probe(
    "stream.whole",
    failure="A stream breaks off before it is complete.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[NODE_STREAMING, issue("vercel/ai", 19169), issue("waybarrios/vllm-mlx", 302)],
    remedy="Send the answer to its end: a finish_reason, [DONE], and the proper end of the HTTP body.",
    needs=[Lost.ENDING],
)
def test_a_stream_arrives_complete(stream: Stream) -> None:
    """A stream arrives complete: it is not cut, reset or left hanging, and it marks its end.

    Clients discard a turn that breaks off and send the request again. They take a stream that ends early, without a
    finish_reason or [DONE], for a complete answer.
    """
    exchange = stream.exchange
    if exchange.ended is Ended.COMPLETE and not with_events(stream).pieces:
        raise Blocked("the body has no readable events")
    open_after_done = exchange.ended is Ended.TIMED_OUT and stream.done
    assert exchange.ended is Ended.COMPLETE or open_after_done, f"{exchange.ended}: {exchange.detail}"
    assert stream.done or stream.finish_reasons or stream.errors, (
        "the stream ends without a finish_reason and without [DONE]"
    )


@probe(
    "stream.closes",
    failure="The connection stays open after [DONE].",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES) | {ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS},
    source=[NODE_STREAMING, issue("EricLBuehler/mistral.rs", 1875)],
    remedy="End the response right after [DONE].",
    needs=[Lost.ENDING],
)
def test_the_body_ends_after_done(stream: Stream) -> None:
    """The body ends within two seconds of [DONE].

    Roo Code runs a tool only when the stream has ended, so an open connection delays every turn.
    """
    still_open = stream.exchange.ended is Ended.TIMED_OUT and stream.done
    assert not still_open, stream.exchange.detail


@probe(
    "stream.no-error",
    failure="An error interrupts a stream that has begun.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[NODE_STREAMING, issue("sterlp/eclipse-peon-ai", 75)],
    remedy="Find out why the server fails in the middle of a stream. Refuse what it cannot answer before the stream begins.",
    needs=[Lost.PURPOSE],
)
def test_no_error_interrupts_a_stream(stream: Stream) -> None:
    """No error interrupts a stream that has begun.

    Clients discard what has arrived and send the request again.
    """
    assert not stream.errors, f"the stream contains an error: {shorten(stream.errors[0].data)}"


@probe(
    "stream.incremental",
    failure="A long answer arrives all at once at the end.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[OPENAI_CHUNK, issue("airblackbox/airblackbox", 9)],
    remedy="Flush after every event; turn off response buffering in proxies (nginx: proxy_buffering off, "
    "X-Accel-Buffering: no).",
)
def test_a_long_answer_arrives_bit_by_bit(long_stream: Talk) -> None:
    """A long answer arrives bit by bit, not all at once at the end.

    Users watch the agent work, and clients give up on connections that stay silent for minutes.
    """
    stream = with_events(_stream_of(long_stream))
    if not stream.done and not stream.finish_reasons:
        raise Blocked(f"the stream is incomplete: {stream.exchange.detail or 'no finish_reason, no [DONE]'}")
    times = [d.at for d in stream.deltas if d.value.get("content")]
    if len(stream.text) < 60:
        raise Blocked(f"the model wrote only {shorten(stream.text)!r}", Blame.MODEL)
    waited, spread = times[0], times[-1] - times[0]
    arrivals = len({chunk.at for chunk in stream.exchange.chunks})
    in_one_go = arrivals <= 2 or (waited > 0.5 and spread < waited / 50)
    assert not in_one_go, f"nothing for {waited:.2f} s, then {len(times)} chunks of text within {spread * 1000:.0f} ms"


def _stream_of(talk: Talk) -> Stream:
    exchange = talk.answered
    if not exchange.ok:
        raise Blocked(exchange.summary)
    return as_stream(exchange) or Stream(exchange)


@probe(
    "stream.unicode",
    failure="Streamed text contains broken characters.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(DEGRADES),
    source=[SSE, issue("mudler/LocalAI", 5539)],
    remedy="Hold back the bytes of an incomplete character until the rest has arrived.",
    needs=[Lost.BYTES],
)
def test_characters_arrive_undamaged(stream: Stream) -> None:
    """Streamed text is valid UTF-8 and no character is replaced by U+FFFD.

    Broken characters in code end up in the user's files.
    """
    damaged = next((d for d in stream.deltas if "\ufffd" in repr(d.value)), None)
    assert not stream.sse.bad_utf8 and damaged is None, (
        f"broken characters: {shown(damaged.value) if damaged else 'the body is not valid UTF-8'}"
    )


@probe(
    "stream.same-text",
    failure="Streaming loses, repeats or changes text.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[issue("mudler/LocalAI", 9299), issue("anomalyco/opencode", 13515), issue("LostRuins/koboldcpp", 1031)],
    remedy="Send every token exactly once, in streams as well.",
)
def test_a_streamed_text_is_the_same_as_a_plain_one(echo: Talk, echo_stream: Talk) -> None:
    """A text that the model repeats arrives in a stream exactly as in a plain answer.

    Agents write what arrives into files.
    """
    streamed = _stream_of(echo_stream)
    if streamed.exchange.ended is not Ended.COMPLETE or streamed.errors or not streamed.finish_reasons:
        raise Blocked(f"the stream is incomplete: {streamed.exchange.ended}")
    plain = as_completion(echo.answered)
    if streamed.text.strip() == NASTY_TEXT.strip() or plain is None:
        return
    if plain.text.strip() not in (NASTY_TEXT.strip(), streamed.text.strip()):
        raise Blocked("the model did not repeat the text, so there is nothing to compare", Blame.MODEL)
    same = streamed.text.strip() == plain.text.strip()
    assert same, f"streamed {shorten(streamed.text)!r}, not streamed {shorten(plain.text)!r}"
