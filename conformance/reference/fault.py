"""Faults: named ways to spoil the provider, each with the probes that must notice.

A fault is one small function in a module of `faults/`. The name of its only parameter says at which stage it
works (`request`, `reply`, `frames` or `wire`), its docstring says what is wrong, its source where that was seen.
Writing the function is all there is to do: the catalogue is made by walking the folder.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Any

STAGES = ("request", "reply", "frames", "wire")
_registered: dict[str, Fault] = {}


@dataclass(frozen=True)
class Fault:
    """One way to be wrong."""

    name: str
    stage: str
    area: str
    summary: str
    caught_by: frozenset[str]
    source: str
    spoil: Callable[[Any], None]


class UnknownFault(KeyError):
    """A name that is no fault, with the names that were perhaps meant."""

    def __init__(self, name: str, nearest: Iterable[str]) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = tuple(nearest)

    def __str__(self) -> str:
        hint = f" (did you mean {', '.join(self.nearest)}?)" if self.nearest else ""
        return f"unknown fault {self.name!r}{hint}"


Spoil = Callable[[Any], None]


def fault(name: str, *, caught_by: set[str], source: str) -> Callable[[Spoil], Spoil]:
    """Put a function into the catalogue, under a name that says what is wrong."""

    def register(spoil: Spoil) -> Spoil:
        (stage,) = inspect.signature(spoil).parameters
        if stage not in STAGES:
            raise TypeError(f"{name}: the parameter must be one of {', '.join(STAGES)}, not {stage}")
        if name in _registered:
            raise ValueError(f"{name}: this fault exists already")
        summary = inspect.cleandoc(spoil.__doc__ or "")
        area = spoil.__module__.rpartition(".")[2]
        _registered[name] = Fault(name, stage, area, summary, frozenset(caught_by), source, spoil)
        return spoil

    return register


@cache
def catalogue() -> Mapping[str, Fault]:
    """Every fault by its name, in the order of the modules and of the functions in them."""
    package = import_module("conformance.reference.faults")
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        import_module(module.name)
    return dict(_registered)


def select(names: Iterable[str]) -> tuple[Fault, ...]:
    """The faults of these names."""
    return tuple(_find(name) for name in names)


def _find(name: str) -> Fault:
    known = catalogue()
    if name not in known:
        raise UnknownFault(name, get_close_matches(name, known, n=3, cutoff=0.5))
    return known[name]
