"""However a stream is written and wherever it is cut, the same events lead to the same observations, one by one.

Without a fault everything passes; with one the same cases fail, and no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby, product
from random import Random
from typing import Any

import pytest

from conformance.reference import Provider, known_variations
from conformance.reference.stages import Action, Send
from conformance.requirements.conversation import Depth
from tests.sweep import KEY, held

NOTED = ("no-done", "done-without-blank-line")  # the two forms of which a requirement speaks
FRAMING = [one.name for one in known_variations().values() if one.area == "framing" and one.name not in NOTED]
FAULTS = ((), ("delta-without-index",), ("vendor-events",), ("stream-unfinished",))


class Recut(Provider):
    """A provider behind a network that joins what is sent and cuts it again, at random places."""

    def __init__(self, faults: tuple[str, ...], varied: tuple[str, ...], drawn: Random, most: int) -> None:
        super().__init__("reference-1", KEY, faults=faults, variations=varied)
        self.random, self.most = drawn, most

    def handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> list[Action]:  # type: ignore[override]
        wire = super().handle(method, target, headers, body)
        return [piece for same, actions in groupby(wire, type) for piece in self.cut(same, list(actions))]

    def cut(self, kind: type, actions: list[Action]) -> Iterator[Action]:
        if kind is not Send:
            yield from actions
            return
        rest = b"".join(action.data for action in actions if isinstance(action, Send))
        most = max(self.most, len(rest) // 10_000)
        while rest:
            size = self.random.randint(1, most)
            yield Send(rest[:size])
            rest = rest[size:]


def outcomes(provider: Provider) -> dict[tuple[str, str], str]:
    return {(o.requirement.id, o.case): str(o.outcome) for o in held(provider, Depth.STANDARD)[0]}


@cache
def uncut(faults: tuple[str, ...]) -> dict[tuple[str, str], str]:
    return outcomes(Provider("reference-1", KEY, faults=faults))


def cases() -> Iterator[Any]:
    """Every form of framing, three or four together, under every fault; one is in the quick set."""
    for start, faults in product(range(4), FAULTS):
        marks = () if (start, faults) == (3, FAULTS[1]) else pytest.mark.full
        yield pytest.param(FRAMING[start::4], faults, marks=marks, id=f"{start}-{'-'.join(faults) or 'sound'}")


@pytest.mark.parametrize(("forms", "faults"), list(cases()))
def test_other_bytes_of_the_same_events_change_no_observation(forms: list[str], faults: tuple[str, ...]) -> None:
    drawn = Random(f"{forms} {faults}")
    network = Recut(faults, tuple(forms), drawn, most=drawn.choice([8, 60, 900]))
    assert outcomes(network) == uncut(faults), f"{forms}, pieces of at most {network.most} bytes"
