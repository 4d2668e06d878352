"""Clients' own turns: is each client's own request accepted, and does the client get what its user expects.

The clients' folders declare the turns and what must hold of them; this module makes probes of these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.clients import CLIENTS, Client
from conformance.clients.own_turns import OwnTurn, TurnRequirement
from conformance.probes.conversations.turns import OWN_TURNS, name_of
from conformance.probes.whole_turns import judge_turn
from conformance.requirements import CATEGORIES, HARMLESS, Blame, Severity
from conformance.requirements.probe import Probe
from conformance.requirements.talk import Talk

TRIALS = "refused_parts"  # the conversation that looks for the part of a request that is refused
PARAMETER = "client"
CATEGORY = {category.id: category for category in CATEGORIES}


def _probe(client: Client, turn: OwnTurn, wanted: TurnRequirement) -> Callable[..., None]:
    name = name_of(client, turn)

    def judge(**given: Any) -> None:
        judge_turn(wanted, given[PARAMETER], given[name], given.get(TRIALS, Talk(TRIALS)))

    judge.__name__ = f"test_{client.id}_{wanted.slug}".replace("-", "_")
    judge.__probe__ = Probe(  # type: ignore[attr-defined]
        id=f"client.{client.id}-{wanted.slug}",
        text=wanted.text,
        why=wanted.why,
        failure=wanted.failure,
        category=CATEGORY[wanted.category],
        severity={c.id: Severity(wanted.severity) if c is client else HARMLESS for c in CLIENTS},
        remedy=wanted.remedy,
        blame=Blame.PROVIDER,
        sources=client.sources,
        evidence=(name,) if turn.thorough else (name, TRIALS),
        function=judge,
        readers={PARAMETER: client.id},
    )
    return judge


globals().update(  # pytest and the catalogue read the members of this module
    (judge.__name__, judge)
    for judge in (_probe(client, turn, wanted) for client, turn in OWN_TURNS for wanted in turn.requirements)
)
