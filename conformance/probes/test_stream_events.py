"""Streamed answers event by event: how they are separated, and whether each carries one JSON object."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import MISSING, Ended, parse_json, shorten, shown
from conformance.evidence.sse import SseEvent
from conformance.probes.readable import with_events
from conformance.probes.sources import (
    AI_SDK_CHAT,
    NODE_STREAMING,
    OPENAI_CHUNK,
    PYTHON_STREAMING,
    SSE,
    issue,
)
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, everyone


@probe(
    "stream.separated",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[SSE, NODE_STREAMING, issue("mudler/LocalAI", 7182)],
    remedy="End every event, the last one too, with a blank line.",
)
def test_events_are_separated_by_blank_lines(stream: Stream) -> None:
    """Every event ends with a blank line, the last one too.

    Events that are separated by a single line end are never delivered; without the last blank line the last chunk, with
    the finish reason or the usage, is lost.
    """
    with_events(stream)
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
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[NODE_STREAMING, PYTHON_STREAMING, issue("Routstr/routstr-core", 543)],
    remedy="Put exactly one JSON object, or [DONE], into every event; keep connections alive with comment lines.",
)
def test_every_event_is_one_json_object(stream: Stream) -> None:
    """The data of every event is exactly one JSON object or [DONE].

    Empty data, or data that is not JSON, ends the turn with a SyntaxError in Roo Code and a JSONDecodeError in Python.
    """
    for event in with_events(stream).events:
        if event is stream.sse.unterminated or (_many(event) and event.data_lines > 1) or not event.has_data:
            continue  # what the connection or a missing blank line cut is another requirement's
        whole = event.data.strip() == "[DONE]" or isinstance(parse_json(event.data), dict)
        assert whole, f"an event's data is {shorten(event.data)!r}"


@probe(
    "stream.named-events",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: BREAKS, KILO_CODE_LEGACY: BREAKS, CLINE: BREAKS, OPENAI_PYTHON: BREAKS},
    source=[NODE_STREAMING, PYTHON_STREAMING, issue("router-for-me/CLIProxyAPI", 5171)],
    remedy="Keep connections alive with comment lines (`: ping`), not with events that have a name and no data.",
)
def test_an_event_with_a_name_has_data(stream: Stream) -> None:
    """An event that has a name (`event: ping`) has data as well.

    The standard says to pass over it. The OpenAI SDKs for Node and Python take its missing data for JSON, and Roo Code's turn
    ends with "Unexpected end of JSON input".
    """
    for event in with_events(stream).events:
        if event is not stream.sse.unterminated and "event" in event.fields:
            assert event.has_data, f"an event without data (fields: {', '.join(event.fields)})"


@probe(
    "stream.lone-fields",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: BREAKS},
    source=[PYTHON_STREAMING],
    remedy="Send `retry:` and `id:` lines together with data, or not at all.",
)
def test_no_field_stands_alone(stream: Stream) -> None:
    """No `retry` or `id` line stands in an event of its own.

    The standard says to pass over such an event. The OpenAI Python SDK takes its missing data for JSON.
    """
    for event in with_events(stream).events:
        lone = event is not stream.sse.unterminated and "event" not in event.fields and event.fields
        assert not lone or event.has_data, f"an event without data (fields: {', '.join(event.fields)})"


@probe(
    "stream.vendor-events",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: BREAKS, AI_SDK: BREAKS},
    source=[AI_SDK_CHAT, issue("Kilo-Org/kilocode", 12269)],
    remedy="Give every data object a `choices` array (it may be empty); send anything else as a comment or not at all.",
)
def test_every_object_has_choices(stream: Stream) -> None:
    """Every object of a stream has a `choices` array, or is an error.

    The AI SDK, and Kilo Code with it, ends the turn with "Type validation failed" at the first event that has none.
    """
    for piece in with_events(stream).healthy:
        choices = piece.value.get("choices")
        assert isinstance(choices, list) or "message" in piece.value, (
            f"no `choices` array: {shown(piece.value)}"
        )


@probe(
    "stream.no-ids",
    category=UNEXPECTED_RESULTS,
    severity={OPENAI_PYTHON: BREAKS},
    source=[PYTHON_STREAMING, OPENAI_CHUNK],
    remedy="Send no `id:` fields.",
)
def test_events_have_no_ids(stream: Stream) -> None:
    """Events have no `id:` field.

    The Python SDK keeps a seen id, and then decodes every blank line or comment as an event with empty data.
    """
    found = next((e for e in with_events(stream).events if "id" in e.fields), None)
    assert found is None, f"an `id:` field: {found.id if found else ''!r}"
