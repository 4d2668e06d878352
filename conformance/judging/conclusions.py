"""Everything that follows from the observations of a run, computed once: the gate, settings and reports read it from here. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from conformance.clients import CLIENTS, Client
from conformance.evidence.exchange import Exchange
from conformance.judging.charged import behind_settings, excused, softened, spared, works_in_its_turns
from conformance.judging.observation import Observation
from conformance.judging.refusals import culprits, words_of
from conformance.judging.results import Result, results_of
from conformance.judging.root_causes import Step, steps
from conformance.judging.tool_calling import ToolCalling, tool_calling
from conformance.judging.verdict import CategoryState, ClientVerdict, Verdict, category_state, client_verdict
from conformance.requirements import CATEGORIES
from conformance.requirements.areas import rank


@dataclass(frozen=True)
class Conclusions:
    """What a run concluded, and from what.

    `observations` are in the order of reports, `chosen` the clients whose verdict counts. `clients` has the verdict for every
    client by its id, `served` the verdict it would have if its base URL led to what was judged, `categories` the headings by
    id, `advice` what to do first. `detours` says what to type instead, by the id of each client that the base URL leads
    elsewhere. `incomplete` says why not everything was judged; "" when it was.
    """

    observations: tuple[Observation, ...]
    exchanges: tuple[Exchange, ...]
    chosen: tuple[Client, ...]
    detours: Mapping[str, str]
    incomplete: str
    causes: tuple[frozenset[str], ...]
    results: tuple[Result, ...]
    served: Mapping[str, ClientVerdict]
    clients: Mapping[str, ClientVerdict]
    tool_calling: ToolCalling
    categories: Mapping[str, CategoryState]
    advice: tuple[Step, ...]

    def if_seen(self, observations: Iterable[Observation]) -> Conclusions:
        """The conclusions of the same run, had it seen these observations."""
        return conclude(
            observations,
            self.chosen,
            exchanges=self.exchanges,
            detours=self.detours,
            incomplete=self.incomplete,
            causes=self.causes,
        )


def conclude(
    observations: Iterable[Observation],
    chosen: Sequence[Client],
    *,
    exchanges: Sequence[Exchange] = (),
    detours: Mapping[str, str] = MappingProxyType({}),
    incomplete: str = "",
    causes: Sequence[frozenset[str]] = (),
) -> Conclusions:
    """Everything that follows from the observations: a verdict for every client, the rest for the chosen ones.

    `exchanges` is the evidence that was looked at, `causes` lists the requirements that known defects break together.
    """
    by_id = {exchange.id: exchange for exchange in exchanges}
    passed = {words_of(exchange) for exchange in exchanges if exchange.passed}
    seen = [excused(observation, passed) for observation in behind_settings(in_order(observations))]
    profiles = {client.id: client for client in (*CLIENTS, *chosen)}.values()
    proved = [client for client in profiles if works_in_its_turns(seen, client)]
    refused = culprits(exchanges)
    seen = [spared(softened(observation, by_id, proved), refused, profiles) for observation in seen]
    results = results_of(seen)
    tools = tool_calling(results, chosen, exchanges)
    others = [client for client in CLIENTS if client.id not in {c.id for c in chosen}]
    served = {c.id: client_verdict(results, c, by_id, incomplete) for c in (*chosen, *others)}
    misled = {id: ClientVerdict(Verdict.FAILS, (), instead) for id, instead in detours.items()}
    return Conclusions(
        tuple(seen),
        tuple(exchanges),
        tuple(chosen),
        detours,
        incomplete,
        tuple(causes),
        tuple(results),
        served,
        {id: misled.get(id, verdict) for id, verdict in served.items()},
        tools,
        {c.id: category_state(results, c, chosen, detours) for c in CATEGORIES},
        tuple(steps([c.id for c in chosen], seen, causes, tools.diagnosed_blame, refused)),
    )


def in_order(observations: Iterable[Observation]) -> list[Observation]:
    """By area, then by requirement, then as judged: a conversation that ends late moves nothing."""
    seen = list(observations)
    place: dict[str, int] = {}
    for observation in seen:
        place.setdefault(observation.requirement.id, len(place))
    return sorted(seen, key=lambda o: (rank(o.requirement.area), place[o.requirement.id]))
