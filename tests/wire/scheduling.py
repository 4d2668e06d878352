"""A schedule under way against a raw server, for the tests of what is asked when and how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Exchange
from conformance.requirements.conversation import Conversation
from conformance.wire.asking import Network
from conformance.wire.http import open_transport
from conformance.wire.limits import Limits
from conformance.wire.schedule import Gatekeeper, Schedule
from tests.wire.raw_server import JSON, Caller, Handler, RawServer, answer, raw_server

FINE = answer(b"{}", JSON)


async def fine(caller: Caller) -> None:
    """A handler that answers everything well."""
    await caller.request()
    await caller.send(FINE)


def let_all_pass(_: Sequence[Exchange]) -> None:
    """A gatekeeper who never objects."""


@contextmanager
def scheduled(
    plan: Sequence[Conversation], handler: Handler, width: int = 8, gatekeeper: Gatekeeper = let_all_pass, **more: Any
) -> Iterator[tuple[Schedule, RawServer]]:
    """A schedule under way; very patient, so that nothing ends by itself. `more` goes to the schedule."""
    with raw_server(handler) as server:
        endpoint = Endpoint(f"{server.url}/v1", "model-1")
        limits = Limits.patient_for(600)
        wire = lambda: Network(endpoint, open_transport(server.url, width), limits, width)  # noqa: E731
        schedule = Schedule(plan, wire, gatekeeper, **more)
        schedule.start()
        try:
            yield schedule, server
        finally:
            schedule.stop()
