"""How many of the unseen defects a run notices: the part of the figures that nobody tuned to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.probes.catalogue import catalogue as probes
from conformance.requirements.conversation import Depth
from tests.detection.unseen.shown import UNSEEN
from tests.sweep import Concluded, concluded, held, provider

FILE = Path(__file__).with_name("unseen.toml")
FIRST = FILE.with_name("unseen_first.txt")  # the figure of the first run, before any requirement was made for them


@dataclass(frozen=True)
class Seen:
    """One unseen defect, by its key: whether it is noticed, and whether under its heading by what affects those it hurts."""

    key: str
    noticed: bool
    in_category: bool


def records() -> Mapping[str, Mapping[str, Any]]:
    """The records by key."""
    return tomllib.loads(FILE.read_text("utf-8"))


def run(key: str) -> Concluded:
    """A thorough run against the provider with this defect."""
    return concluded(*held(UNSEEN.spoil(provider(), key), Depth.THOROUGH))


def seen(key: str, record: Mapping[str, Any], found: Concluded) -> Seen:
    """What a run says of a defect."""
    counting = found.felt if record["verdict"] == "fail" else found.failed
    return Seen(key, bool(found.failed), any(probes()[id].category.id == record["category"] for id in counting))


def measure(pool: Executor) -> list[Seen]:
    """All of them."""
    known = records()
    return [seen(key, known[key], found) for key, found in zip(known, pool.map(run, known), strict=True)]


def summary(all_seen: Sequence[Seen]) -> str:
    """The figures in one line."""
    noticed, right = sum(one.noticed for one in all_seen), sum(one.in_category for one in all_seen)
    many = len(all_seen)
    return f"unseen defects of 2026: {many}, noticed {noticed} ({noticed / many:.0%}), under the right heading {right} ({right / many:.0%})\n"
