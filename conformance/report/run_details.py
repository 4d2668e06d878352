"""The parts of a report about the run itself: endpoint, conversations, arrival of arguments, cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from conformance.clients.advice import advice
from conformance.endpoint.config import Endpoint
from conformance.endpoint.redactor import redactor_for
from conformance.evidence.arrival import arrival_of
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_reply, as_stream
from conformance.evidence.tokens import estimated, estimated_answer
from conformance.judging.observation import Observation
from conformance.judging.timeline import Turn
from conformance.probes.catalogue import conversations
from conformance.report import build as report
from conformance.requirements import Outcome
from conformance.requirements.talk import Talk

LONG_ARGUMENTS = "long_arguments"  # the conversation whose arrival the report measures
SECRET_FIELDS = {"key", "headers", "base_url", "model", "name"}


def arrival_facts(talks: Sequence[Talk], observations: Sequence[Observation]) -> dict[str, Any] | None:
    """How the long arguments arrived, and whether they are intact; None when there was no such call."""
    streams = [as_stream(e) for talk in talks for e in talk.exchanges if talk.conversation == LONG_ARGUMENTS]
    found = next((arrival for stream in streams if stream and (arrival := arrival_of(stream))), None)
    whole = any(o.requirement.id == "toolstream.long-arguments" and o.outcome is Outcome.PASSED for o in observations)
    return asdict(found) | {"intact": whole} if found else None


def talk_facts(talk: Talk) -> report.TalkFacts:
    """One conversation: what it asks, how long it took, and why it left nothing, if so."""
    asks = conversations()[talk.conversation].asks
    reason = talk.blocked or talk.not_applicable or talk.error
    return report.TalkFacts(talk.conversation, asks, len(talk.exchanges), talk.seconds, reason)


def endpoint_facts(endpoint: Endpoint) -> report.EndpointFacts:
    """The endpoint as the report shows it, without secrets."""
    hide = redactor_for(endpoint)
    given = {f.name: getattr(endpoint, f.name) for f in fields(endpoint) if f.name not in SECRET_FIELDS}
    configuration = {name: value for name, value in given.items() if value is not None}
    headers = dict(hide.headers(tuple(endpoint.headers.items())))
    return report.EndpointFacts(
        name=endpoint.name,
        base_url=hide.url(endpoint.base_url),
        model=endpoint.model,
        chat_url=hide.url(endpoint.chat_url),
        configuration=configuration | ({"headers": headers} if headers else {}),
        advice=[hide.text(text) for text in advice(endpoint.base_url, endpoint.model)],
    )


def priced(turns: Sequence[Turn], endpoint: Endpoint, exchanges: Sequence[Exchange]) -> list[Turn]:
    """The turns with their prices in US dollars."""
    by_id = {exchange.id: exchange for exchange in exchanges}
    return [replace(turn, price=cost(endpoint, [by_id[turn.exchange]]).price) for turn in turns]


def cost(endpoint: Endpoint, exchanges: Sequence[Exchange]) -> report.Cost:
    """Requests, tokens as the server counted them (estimated where it did not), and the price in US dollars."""
    counted = [_tokens(exchange) for exchange in exchanges]
    prompt, completion = sum(c[0] for c in counted), sum(c[1] for c in counted)
    prices = (endpoint.input_price, endpoint.output_price)
    price = None
    if prices[0] is not None and prices[1] is not None:
        price = (prompt * prices[0] + completion * prices[1]) / 1_000_000
    return report.Cost(len(exchanges), prompt, completion, price, any(c[2] for c in counted))


def _tokens(exchange: Exchange) -> tuple[int, int, bool]:
    reply = as_reply(exchange)
    if reply is None:
        return 0, 0, False
    usage = reply.usage or {}
    counted = [n for n in (usage.get("prompt_tokens"), usage.get("completion_tokens")) if type(n) is int and n >= 0]
    if len(counted) == 2:
        return counted[0], counted[1], False
    return estimated(len(b" ".join(exchange.request.body.split()))), estimated_answer(reply), True
