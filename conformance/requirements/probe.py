"""What a probe is: a requirement with the function that judges it.

`@probe` makes one of a test function. The first paragraph of the docstring is the requirement, the rest says why it matters.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from conformance.clients import CLIENTS, Client
from conformance.evidence.exchange import Lost
from conformance.requirements.categories import Category
from conformance.requirements.requirement import HARMLESS, Blame, Requirement, Severity

PARAMETERS = {client.id.replace("-", "_"): client.id for client in CLIENTS}  # a probe may ask for a profile


@dataclass(frozen=True, kw_only=True)
class Probe(Requirement):
    """A requirement and the function that judges it.

    `over` names the conversations of a battery: the function takes each of them in turn as `talk`. `needs` is what an
    exchange that somebody else recorded has to show to be judged. `readers` are the clients whose profiles the function
    takes: parameter name to client id.
    """

    function: Callable[..., None]
    over: tuple[str, ...] = ()
    needs: frozenset[Lost] = frozenset()
    readers: Mapping[str, str]


Function = TypeVar("Function", bound=Callable[..., None])


def probe(
    id: str,
    *,
    category: Category,
    severity: Mapping[Client, Severity],
    source: Sequence[str],
    remedy: str,
    failure: str = "",
    blame: Blame = Blame.PROVIDER,
    over: Sequence[str] = (),
    needs: Sequence[Lost] = (),
) -> Callable[[Function], Function]:
    """Makes the decorated test function a probe.

    Clients that `severity` leaves out feel nothing (harmless). `source` are public references that a user can open.
    `failure` is one sentence about what happens when the requirement does not hold.
    """

    def declare(function: Function) -> Function:
        text, _, why = _paragraphs(function).partition("\n\n")
        names = list(inspect.signature(function).parameters)
        function.__probe__ = Probe(  # type: ignore[attr-defined]
            id=id,
            text=text,
            why=why,
            failure=failure,
            category=category,
            severity={client.id: severity.get(client, HARMLESS) for client in CLIENTS},
            remedy=remedy,
            blame=blame,
            sources=tuple(source),
            evidence=tuple(name for name in names if name not in PARAMETERS),
            function=function,
            over=tuple(over),
            needs=frozenset(needs),
            readers={name: PARAMETERS[name] for name in names if name in PARAMETERS},
        )
        return function

    return declare


def _paragraphs(function: Callable[..., None]) -> str:
    """The docstring with each paragraph on one line."""
    return "\n\n".join(" ".join(p.split()) for p in (inspect.getdoc(function) or "").split("\n\n"))


def probe_of(function: object) -> Probe | None:
    """The probe that a function was declared as, or None."""
    found = getattr(function, "__probe__", None)
    return found if isinstance(found, Probe) else None
