"""Whole turns as their users live through them: each answer read by the client that asked, moment by moment. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.clients.client import Client
from conformance.clients.fields import refused
from conformance.clients.reading import Moment, Reading
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_reply
from conformance.probes.catalogue import conversations
from conformance.requirements.talk import Talk

MOMENTS = 60  # of one turn; more would be no timeline


@dataclass(frozen=True)
class Turn:
    """One answer to a client's own request: who asked (`profile`), what for, and what its user saw when.

    `ending` is one of answer, calls, broken, empty, failed; `complaint` what the user reads when something is wrong.
    `price` is in US dollars, None where no prices are configured.
    """

    client: str
    profile: str
    conversation: str
    exchange: str
    ending: str
    complaint: str
    moments: tuple[Moment, ...]
    price: float | None = None


def turns(talks: Sequence[Talk], profiles: Mapping[str, Client]) -> list[Turn]:
    """Every answer to a client's own request, in the order of the conversations."""
    return [turn for talk in talks for turn in _turns(talk, profiles)]


def _turns(talk: Talk, profiles: Mapping[str, Client]) -> Iterator[Turn]:
    asked = conversations().get(talk.conversation)
    client = profiles.get(asked.client) if asked else None
    if client is None:
        return
    for exchange in talk.exchanges:
        yield _turn(client, exchange, client.read(exchange))


def _turn(client: Client, exchange: Exchange, reading: Reading) -> Turn:
    return Turn(
        client.id,
        client.profile,
        exchange.conversation,
        exchange.id,
        "refused" if refused(exchange) else str(reading.ending),
        reading.complaint,
        reading.moments[:MOMENTS],
    )


def seen_by(client: Client, exchange: Exchange) -> str:
    """What the user of a client reads when it gets this answer; "" when nothing looks wrong but the cap that we had set."""
    if exchange.request.is_chat:
        reply = as_reply(exchange)
        cut_by_us = reply is not None and reply.capped and reply.finish_reason == "length"
        return "" if cut_by_us else client.read(exchange).complaint
    listing = exchange.request.method == "GET" and client.listed
    return listing(exchange).complaint if listing else ""
