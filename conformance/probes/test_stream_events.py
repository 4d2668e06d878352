"""Streams event by event: how events are separated, and whether each carries one JSON object."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import MISSING, Ended, parse_json, shorten, shown
from conformance.evidence.sse import SseEvent
from conformance.probes.readable import with_events
from conformance.probes.sources import AI_SDK_CHAT, NODE_STREAMING, OPENAI_CHUNK, PYTHON_STREAMING, SSE, issue
from conformance.requirements import BREAKS, UNEXPECTED_RESULTS, everyone
from conformance.requirements.probe import probe


@probe(
    "stream.separated",
    failure="The blank line after an event is missing.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[SSE, NODE_STREAMING, issue("mudler/LocalAI", 7182)],
    remedy="End every event with a blank line, the last one too.",
)
def test_every_event_ends_with_a_blank_line(stream: Stream) -> None:
    """Every event ends with a blank line, the last one too.

    Clients never deliver events with only one line end between them. Without the last blank line they lose the last
    chunk, with the finish reason or the usage.
    """
    with_events(stream)
    last = stream.sse.unterminated
    lost = last is not None and last.has_data and last.data.strip() != "[DONE]"
    run_together = [e for e in stream.events if e.data_lines > 1 and parse_json(e.data) is MISSING and _many(e)]
    assert not run_together, f"events with only one line end between them: {shorten(run_together[0].data)!r}"
    cut = stream.exchange.ended is not Ended.COMPLETE
    assert cut or not lost, f"no blank line after the last event: {shorten(last.data) if last else ''!r}"


def _many(event: SseEvent) -> bool:
    """True when each data line is a complete value: then several events ran together."""
    return all(line.strip() == "[DONE]" or parse_json(line) is not MISSING for line in event.data.split("\n"))


@probe(
    "stream.event-data",
    failure="An event contains something other than one JSON object or [DONE].",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[NODE_STREAMING, PYTHON_STREAMING, issue("Routstr/routstr-core", 543)],
    remedy="Put exactly one JSON object, or [DONE], into every event. Keep connections alive with comment lines (`: ping`).",
)
def test_every_event_is_one_json_object(stream: Stream) -> None:
    """The data of every event is exactly one JSON object or [DONE].

    Empty or invalid data ends the turn with a SyntaxError in Roo Code and a JSONDecodeError in Python.
    """
    for event in with_events(stream).events:
        if event is stream.sse.unterminated or (_many(event) and event.data_lines > 1) or not event.has_data:
            continue  # stream.whole and stream.separated judge what was cut
        whole = event.data.strip() == "[DONE]" or isinstance(parse_json(event.data), dict)
        assert whole, f"an event's data is {shorten(event.data)!r}"


@probe(
    "stream.named-events",
    failure="An event has a name but no data.",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS, CLINE: BREAKS, OPENAI_PYTHON: BREAKS},
    source=[NODE_STREAMING, PYTHON_STREAMING, issue("router-for-me/CLIProxyAPI", 5171)],
    remedy="Keep connections alive with comment lines (`: ping`), not with named events that have no data.",
)
def test_an_event_with_a_name_has_data(stream: Stream) -> None:
    """An event that has a name (`event: ping`) has data as well.

    The standard says to ignore events without data. The OpenAI SDKs for Node and Python parse the missing data as
    JSON, and Roo Code's turn ends with "Unexpected end of JSON input".
    """
    for event in with_events(stream).events:
        if event is not stream.sse.unterminated and "event" in event.fields:
            assert event.has_data, f"an event has no data (its fields: {', '.join(event.fields)})"


@probe(
    "stream.lone-fields",
    failure="An event consists only of `retry` or `id` lines.",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: BREAKS},
    source=[PYTHON_STREAMING],
    remedy="Send `retry:` and `id:` lines together with data, or leave them out.",
)
def test_retry_and_id_come_with_data(stream: Stream) -> None:
    """`retry` and `id` lines come only in events that have data.

    The standard says to ignore events without data. The OpenAI Python SDK parses the missing data as JSON.
    """
    for event in with_events(stream).events:
        lone = event is not stream.sse.unterminated and "event" not in event.fields and event.fields
        assert not lone or event.has_data, f"an event has no data (its fields: {', '.join(event.fields)})"


@probe(
    "stream.vendor-events",
    failure="An object in a stream has no `choices` array.",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: BREAKS, AI_SDK: BREAKS},
    source=[AI_SDK_CHAT, issue("Kilo-Org/kilocode", 12269)],
    remedy="Give every data object a `choices` array (it may be empty). Send anything else as a comment, or leave it out.",
)
def test_every_object_has_choices(stream: Stream) -> None:
    """Every object of a stream has a `choices` array, or is an error.

    The AI SDK, and Kilo Code with it, ends the turn with "Type validation failed" at the first object without it.
    """
    for piece in with_events(stream).healthy:
        choices = piece.value.get("choices")
        assert isinstance(choices, list) or "message" in piece.value, f"no `choices` array: {shown(piece.value)}"


@probe(
    "stream.no-ids",
    failure="Events have an `id:` line.",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: BREAKS},
    source=[PYTHON_STREAMING, OPENAI_CHUNK],
    remedy="Remove the `id:` lines from the stream.",
)
def test_events_have_no_ids(stream: Stream) -> None:
    """Events have no `id:` line.

    The Python SDK remembers the id and then decodes every blank line or comment as an event with empty data.
    """
    found = next((e for e in with_events(stream).events if "id" in e.fields), None)
    assert found is None, f"an event has the id {found.id if found else ''!r}"
