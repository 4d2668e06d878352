"""Changes: named functions that alter how the provider answers. Faults and variations are both changes.

A change is one small function in a module of its catalogue's package. The name of its only parameter says at which
stage it works (`request`, `reply`, `frames` or `wire`). Its docstring says what it does, its source where that was
seen. Writing the function is enough: a catalogue is built by walking its package.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from typing import Any, Generic, TypeVar

STAGES = ("request", "reply", "frames", "wire")
Apply = Callable[[Any], None]


@dataclass(frozen=True)
class Change:
    """One way to alter an answer; `area` is the name of its module."""

    name: str
    stage: str
    area: str
    summary: str
    source: str
    apply: Apply


ChangeT = TypeVar("ChangeT", bound=Change)


class UnknownChange(KeyError):
    """A name that no change has, with the nearest names."""

    def __init__(self, kind: str, name: str, nearest: Iterable[str]) -> None:
        super().__init__(name)
        self.kind = kind
        self.name = name
        self.nearest = tuple(nearest)

    def __str__(self) -> str:
        hint = f" (did you mean {', '.join(self.nearest)}?)" if self.nearest else ""
        return f"unknown {self.kind} {self.name!r}{hint}"


class Catalogue(Generic[ChangeT]):
    """The changes of one kind: those in the modules of one package."""

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._entered: dict[str, ChangeT] = {}

    def enter(self, change: ChangeT) -> None:
        """Add a change; raises TypeError for an unknown stage, ValueError for a name that is taken."""
        if change.stage not in STAGES:
            raise TypeError(f"{change.name}: the parameter must be one of {', '.join(STAGES)}, not {change.stage}")
        if change.name in self._entered:
            raise ValueError(f"{change.name}: this {self.kind} already exists")
        self._entered[change.name] = change

    @cached_property
    def known(self) -> Mapping[str, ChangeT]:
        """Every change by name, in the order of the modules and of the functions in them."""
        package = import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            import_module(module.name)
        return dict(self._entered)

    def select(self, names: Iterable[str]) -> tuple[ChangeT, ...]:
        """The changes with these names, in this order; raises UnknownChange."""
        return tuple(self._find(name) for name in names)

    def _find(self, name: str) -> ChangeT:
        if name not in self.known:
            nearest = get_close_matches(name, self.known, n=3, cutoff=0.5)
            raise UnknownChange(self.kind, name, nearest)
        return self.known[name]


def described(apply: Apply) -> tuple[str, str, str]:
    """The stage, the area and the summary of a change, read from its function."""
    (stage,) = inspect.signature(apply).parameters
    return stage, apply.__module__.rpartition(".")[2], inspect.cleandoc(apply.__doc__ or "")
