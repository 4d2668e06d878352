"""What a probe is: a requirement with the function that judges it.

`@probe` makes one of a test function. The first paragraph of the docstring is the requirement, the rest says why it matters.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from conformance.clients import CLIENTS, Client
from conformance.evidence.exchange import Lost
from conformance.requirements.categories import Category
from conformance.requirements.requirement import Blame, Requirement, Severity, severity_for


@dataclass(frozen=True, kw_only=True)
class Probe(Requirement):
    """A requirement and the function that judges it.

    `over` names several conversations that the function takes one after the other as `talk`. `needs` is what an exchange that
    somebody else recorded must show to be judged. `readers` are the clients whose profiles the function takes: parameter name
    to client id. `named` are the ids of the clients whose severity the probe says.
    """

    function: Callable[..., None]
    over: tuple[str, ...] = ()
    needs: frozenset[Lost] = frozenset()
    readers: Mapping[str, str] = field(default_factory=dict)
    named: frozenset[str] = frozenset()

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The conversations, or the kind of exchange, that it is judged on."""
        return self.over or self.evidence


Function = TypeVar("Function", bound=Callable[..., None])


def probe(
    id: str,
    *,
    category: Category,
    severity: Mapping[Client, Severity] | Mapping[Client | str, Severity],
    source: Sequence[str],
    remedy: str,
    failure: str,
    blame: Blame = Blame.PROVIDER,
    over: Sequence[str] = (),
    needs: Sequence[Lost] = (),
) -> Callable[[Function], Function]:
    """Makes the decorated test function a probe.

    Clients that `severity` leaves out are not affected (harmless). `source` are public references that a user can open.
    `failure` is one sentence about what happens when the requirement does not hold.
    """
    said = dict[Client | str, Severity](severity.items())

    def declare(function: Function) -> Function:
        text, _, why = _paragraphs(function).partition("\n\n")
        function.__probe__ = Probe(  # type: ignore[attr-defined]
            id=id,
            text=text,
            why=why,
            failure=failure,
            category=category,
            severity={client.id: severity_for(client, id, said) for client in CLIENTS},
            remedy=remedy,
            blame=blame,
            sources=tuple(source),
            evidence=tuple(inspect.signature(function).parameters),
            function=function,
            over=tuple(over),
            needs=frozenset(needs),
            named=frozenset(client.id for client in said if isinstance(client, Client)),
        )
        return function

    return declare


def _paragraphs(function: Callable[..., None]) -> str:
    """The docstring with each paragraph on one line."""
    return "\n\n".join(" ".join(p.split()) for p in (inspect.getdoc(function) or "").split("\n\n"))


def probe_of(function: object) -> Probe | None:
    """The probe that a function is declared as, or None."""
    found = getattr(function, "__probe__", None)
    return found if isinstance(found, Probe) else None
