"""Builds the timeline that a client's user sees for the client's own turns. Pure."""

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
    """One answer to a client's own request: which client asked (`profile`), what for, and what its user saw when.

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
    """What a client's user reads for this answer; "" when nothing looks wrong, apart from the cap that the suite set."""
    if exchange.request.is_chat:
        reply = as_reply(exchange)
        cut_by_cap = reply is not None and reply.capped and reply.finish_reason == "length"
        return "" if cut_by_cap else client.read(exchange).complaint
    listing = exchange.request.method == "GET" and client.listed
    return listing(exchange).complaint if listing else ""
