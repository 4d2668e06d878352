"""What every SDK is made to ask the reference provider under each of its faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from conformance.endpoint.config import Endpoint
from conformance.evidence.exchange import Exchange
from conformance.probes.conversations.chat import USAGE
from conformance.probes.conversations.offered import AGENT_TOOLS, GET_WEATHER, READ_FILE, user
from conformance.probes.conversations.tools import READ, SYSTEM, TWO
from conformance.reference import Provider, serve
from conformance.wire.asking import Network, request_headers
from conformance.wire.http import open_transport
from conformance.wire.limits import Limits

MODEL, KEY = "reference-1", "sk-test-0123456789abcdefghij"
# As patient as the SDKs are made.
LIMITS = Limits(connect=2, first_byte=1.5, silence=1.5, total=8, after_done=1.5)
Body = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """One request; without fields it is for the list of models."""

    name: str
    fields: Body
    key: str = KEY

    @property
    def body(self) -> Body | None:
        """What is sent."""
        return {"model": MODEL, **self.fields} if self.fields else None


HELLO = [user("Say hello in one short sentence.")]
STREAM: Body = {"stream": True, "stream_options": USAGE}
FORCED: Body = {"messages": READ, "tools": [READ_FILE, GET_WEATHER], "tool_choice": "required"}
AUTO: Body = {"messages": [SYSTEM, *READ], "tools": AGENT_TOOLS, "tool_choice": "auto", "parallel_tool_calls": True}
PAIR: Body = {"messages": TWO, "tools": [GET_WEATHER], "tool_choice": "required", "parallel_tool_calls": True}
SCENARIOS = (
    Scenario("question", {"messages": HELLO, **STREAM}),
    Scenario("agent turn", {**AUTO, **STREAM}),
    Scenario("forced call", {**FORCED, **STREAM}),
    Scenario("two calls", {**PAIR, **STREAM}),
    Scenario("plain question", {"messages": HELLO}),
    Scenario("plain forced call", FORCED),
    Scenario("wrong key", {"messages": HELLO, **STREAM}, "sk-wrong-0123456789abcdef"),
    Scenario("unknown model", {"messages": HELLO, "model": "no-such-model", **STREAM}),
    Scenario("models", {}),
)


@contextmanager
def provider(fault: str) -> Iterator[str]:
    """The base URL of a fresh provider with that fault; "" is the sound one."""
    with serve(Provider(MODEL, KEY, faults=(fault,) if fault else ())) as server:
        yield server.base_url


def evidence(fault: str, scenarios: Iterable[Scenario] = SCENARIOS) -> dict[str, Exchange]:
    """What our own way of asking leaves of each scenario."""
    with provider(fault) as base_url:
        return asyncio.run(asked(base_url, scenarios))


async def asked(base_url: str, scenarios: Iterable[Scenario]) -> dict[str, Exchange]:
    """The exchange of each scenario, one after the other."""
    wire = Network(Endpoint(base_url, MODEL, key=KEY), open_transport(base_url, 1), LIMITS, 1)
    return {scenario.name: await exchange_of(scenario, wire) for scenario in scenarios}


async def exchange_of(scenario: Scenario, wire: Network) -> Exchange:
    """The exchange of one scenario."""
    body = scenario.body
    headers = request_headers(wire.endpoint, scenario.key, with_body=body is not None)
    if body is None:
        return await wire.ask(scenario.name, "GET", f"{wire.endpoint.base_url}/models", headers, b"")
    return await wire.ask(scenario.name, "POST", wire.endpoint.chat_url, headers, json.dumps(body).encode())
