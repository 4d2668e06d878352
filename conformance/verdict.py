"""From observations to verdicts: per client, for native tool calling, and per troubleshooting heading. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from conformance.probe import Blame


class Verdict(StrEnum):
    """Whether one client will work with the endpoint."""

    WORKS = "works"
    DEGRADED = "degraded"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """How far native tool calling goes."""

    NONE = "none"
    PARTIAL = "partial"
    COMPLETE = "complete"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """The state of one troubleshooting heading."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ClientVerdict:
    """The verdict for one client, the probe ids that decided it (worst first), and one sentence why."""

    verdict: Verdict
    because: tuple[str, ...]
    summary: str


@dataclass(frozen=True)
class ToolCalling:
    """How far native tool calling goes, the probe ids that decided it, whose fault a shortfall is."""

    level: Level
    because: tuple[str, ...]
    blame: Blame | None
    summary: str


@dataclass(frozen=True)
class CategoryState:
    """One troubleshooting heading: its state, the failed probe ids under it, and what to do."""

    status: Status
    probes: tuple[str, ...]
    advice: str


@dataclass(frozen=True)
class Judgement:
    """Everything a run concluded; keys are client ids and category ids. `exit_code` as documented in the README."""

    clients: Mapping[str, ClientVerdict]
    tool_calling: ToolCalling
    categories: Mapping[str, CategoryState]
    exit_code: int
