"""What a probe is: one requirement with its metadata, said once, beside the function that judges it.

`@probe` turns the function's docstring into the requirement and its explanation; the catalogue is found by
importing every module of `conformance.probes`, so nothing has to be registered anywhere.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeVar

from conformance.categories import Category
from conformance.clients import CLIENTS, Client
from conformance.evidence.exchange import Lost

AREAS = (
    "url auth models chat stream tools toolstream params images usage errors limits load client".split()
)  # in the order a user meets them


class Severity(StrEnum):
    """What a failed requirement means to one client."""

    BREAKS = "breaks"
    DEGRADES = "degrades"
    HARMLESS = "harmless"


class Outcome(StrEnum):
    """What judging one case of a probe came to; `error` is our own bug, never the provider's."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


class Blame(StrEnum):
    """Who has to change something when a probe fails."""

    SETTINGS = "settings"
    PROVIDER = "provider"
    MODEL = "model"


PARAMETERS = {client.id.replace("-", "_"): client.id for client in CLIENTS}  # a probe may ask for a profile
BREAKS, DEGRADES, HARMLESS = Severity.BREAKS, Severity.DEGRADES, Severity.HARMLESS


class Blocked(Exception):
    """The requirement could not be judged; the text says why. `by` is who stood in the way."""

    def __init__(self, reason: str, by: Blame = Blame.PROVIDER) -> None:
        super().__init__(reason)
        self.by = by


class NotApplicable(Exception):
    """The endpoint never claimed the feature, so there is nothing to hold it to; the text says why."""


@dataclass(frozen=True)
class Probe:
    """One requirement. `takes` names the evidence its function wants; `over` the conversations of a battery.

    `needs` is what an exchange that somebody else recorded has to show to be judged by it.
    """

    id: str
    category: Category
    severity: Mapping[str, Severity]
    source: tuple[str, ...]
    remedy: str
    blame: Blame
    over: tuple[str, ...]
    function: Callable[..., None]
    needs: frozenset[Lost] = frozenset()

    @property
    def area(self) -> str:
        """The part of the id before the dot, which is also the file the probe lives in."""
        return self.id.split(".")[0]

    @property
    def requirement(self) -> str:
        """The first line of the docstring: what must hold."""
        return _paragraphs(self.function)[0]

    @property
    def explanation(self) -> str:
        """The rest of the docstring: why it matters."""
        return "\n\n".join(_paragraphs(self.function)[1:])

    @property
    def takes(self) -> tuple[str, ...]:
        """Names of the evidence the function takes: conversations, kinds of exchange, or `talk`."""
        return tuple(name for name in inspect.signature(self.function).parameters if name not in PARAMETERS)

    @property
    def clients(self) -> Mapping[str, str]:
        """The clients by whose profiles the function reads: names of parameters and ids."""
        return {n: PARAMETERS[n] for n in inspect.signature(self.function).parameters if n in PARAMETERS}


def _paragraphs(function: Callable[..., None]) -> list[str]:
    text = inspect.getdoc(function) or ""
    return [" ".join(p.split()) for p in text.split("\n\n")]


def everyone(severity: Severity) -> dict[Client, Severity]:
    """The same severity for every client; combine with `|` to tell single ones apart."""
    return dict.fromkeys(CLIENTS, severity)


Function = TypeVar("Function", bound=Callable[..., None])


def probe(
    id: str,
    *,
    category: Category,
    severity: Mapping[Client, Severity],
    source: Sequence[str],
    remedy: str,
    blame: Blame = Blame.PROVIDER,
    over: Sequence[str] = (),
    needs: Sequence[Lost] = (),
) -> Callable[[Function], Function]:
    """Declares the decorated test function a probe.

    Clients that `severity` leaves out feel nothing (harmless). `source` are public references a user can open.
    `over` names the conversations of a battery; the function then takes each of them in turn as `talk`.
    `needs` is what recorded traffic has to show for it.
    """

    def declare(function: Function) -> Function:
        told = {client.id: severity.get(client, HARMLESS) for client in CLIENTS}
        function.__probe__ = Probe(  # type: ignore[attr-defined]
            id, category, told, tuple(source), remedy, blame, tuple(over), function, frozenset(needs)
        )
        return function

    return declare


def probe_of(function: object) -> Probe | None:
    """The probe that a function was declared as, or None."""
    found = getattr(function, "__probe__", None)
    return found if isinstance(found, Probe) else None


def area_modules() -> list[str]:
    """Names of the modules that hold probes, in the order of the areas."""
    package = importlib.import_module("conformance.probes")
    names = [m.name for m in pkgutil.iter_modules(package.__path__) if m.name.startswith("test_")]
    return [f"conformance.probes.{n}" for n in sorted(names, key=_area_rank)]


def _area_rank(module: str) -> tuple[int, str]:
    area = module.removeprefix("test_").split("_")[0]
    return (AREAS.index(area), module)


@cache
def catalogue() -> dict[str, Probe]:
    """Every probe by id, in the order in which they are judged."""
    modules = [importlib.import_module(name) for name in area_modules()]
    found = [
        p for m in modules for f in vars(m).values() if (p := probe_of(f)) and f.__module__ == m.__name__
    ]
    return {p.id: p for p in found}


RENAMED: dict[str, str] = {
    "toolstream.first-delta": "toolstream.first-id"
}  # an id once published keeps answering: old id -> new id
