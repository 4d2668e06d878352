"""However the bytes of a cassette are cut, joined and framed, a replay comes to the same observations, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

import pytest

from conformance.evidence.exchange import Chunk, Exchange, Lost
from conformance.requirements.conversation import Depth
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from conformance.wire.replay import Recording, recording_in, shipped

NAMES = ("reference", "reference-delta-without-index", "reference-calls-as-text")
KEEP_ALIVE = b": keep-alive\n\n"
Change = Callable[[Exchange], Exchange]


def chunked(change: Callable[[Chunk], Iterable[bytes]]) -> Change:
    """Every chunk becomes these pieces, which come when it came."""
    return lambda exchange: replace(
        exchange, chunks=tuple(Chunk(c.at, piece) for c in exchange.chunks for piece in change(c))
    )


def events(chunk: Chunk, ends: bytes = b"\n", before: bytes = b"") -> list[bytes]:
    """The chunk with other ends of lines, and something before every event; JSON never holds a bare line feed."""
    framed = (before + event + b"\n\n" for event in chunk.data.split(b"\n\n") if event)
    return [piece.replace(b"\n", ends) for piece in framed]


def untimed(exchange: Exchange) -> Exchange:
    return replace(exchange, lost=exchange.lost | {Lost.TIMES})


def joined(exchange: Exchange) -> Exchange:
    """All in one piece, as many recorders keep it: when its parts came is gone."""
    return untimed(replace(exchange, chunks=exchange.chunks and (Chunk(exchange.chunks[-1].at, exchange.body),)))


CHANGES: dict[str, Change] = {
    "cut at every byte": chunked(lambda c: (c.data[n : n + 1] for n in range(len(c.data)))),
    "joined": joined,
    "with CR": chunked(lambda c: events(c, b"\r")),
    "with CRLF": chunked(lambda c: events(c, b"\r\n")),
    "with a comment in every event": chunked(lambda c: events(c, before=b": of the event\n")),
    "with keep-alives": chunked(lambda c: events(c, before=KEEP_ALIVE)),
}


def changed(recording: Recording, change: Change) -> Recording:
    """The recording with every event stream in it changed."""
    streams = {
        name: replace(talk, exchanges=tuple(change(e) if is_stream(e) else e for e in talk.exchanges))
        for name, talk in recording.talks.items()
    }
    return replace(recording, talks=streams)


def is_stream(exchange: Exchange) -> bool:
    return "text/event-stream" in (exchange.header("content-type") or "")


def outcomes(recording: Recording) -> dict[tuple[str, str], str]:
    then = recording.manifest
    run = Settings(recording.endpoint, Depth[then["depth"].upper()], repeats=then["repeats"], recording=recording)
    return {(o.requirement.id, o.case): str(o.outcome) for o in observe(run)[0]}


@cache
def unchanged(name: str, timed: bool) -> dict[tuple[str, str], str]:
    recording = recording_in(shipped()[name])
    return outcomes(recording if timed else changed(recording, untimed))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", CHANGES)
def test_the_same_events_in_other_bytes_change_no_observation(name: str, how: str) -> None:
    recording = recording_in(shipped()[name])
    again = changed(recording, CHANGES[how])
    assert again.talks["chat_stream"].last.chunks != recording.talks["chat_stream"].last.chunks
    assert outcomes(again) == unchanged(name, timed=how != "joined")


def test_the_compared_observations_reveal_a_faulty_provider() -> None:
    assert "failed" not in unchanged("reference", timed=True).values()
    assert unchanged("reference-delta-without-index", timed=False)["toolstream.index", "agent_turn"] == "failed"
