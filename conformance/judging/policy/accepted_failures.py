"""Failures that a team accepts: a TOML file of them, checked by a schema, read and added to.

The file is never rewritten, only added to, so that comments and order stay. Anything wrong with it is a UsageError in one
line, before anything is written.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from conformance.clients import AGENTS, CURRENT
from conformance.errors import UsageError, unknown
from conformance.judging.observation import Observation
from conformance.probes.catalogue import RENAMED, catalogue
from conformance.requirements import Outcome
from conformance.requirements.conversation import Depth
from conformance.schema import violations

HEAD = "# Accepted failures: they do not fail the gate.\n"
DEFAULT_CLIENTS = frozenset(client.id for client in AGENTS)  # of a run without --client
_DEL = "\x7f"  # TOML needs it escaped, JSON does not


@dataclass(frozen=True)
class AcceptedFailure:
    """One accepted failure, of one case or model unless these are ""; `until` is the last day.

    `flaky` failures come and go. A run sees the failure when it is at least of this `depth` and judges these `clients`.
    """

    probe: str
    reason: str
    owner: str
    case: str = ""
    model: str = ""
    until: date | None = None
    flaky: bool = False
    depth: Depth = Depth.STANDARD
    clients: frozenset[str] = DEFAULT_CLIENTS

    def covers(self, observation: Observation, model: str) -> bool:
        """True for an observation of that requirement, case and model."""
        return (
            observation.requirement.id == self.probe
            and self.case in ("", observation.case)
            and self.model in ("", model)
        )

    def is_gone(self, outcomes: AbstractSet[Outcome], depth: Depth, clients: AbstractSet[str] | None) -> bool:
        """True when the run looked wherever the failure was seen and it passed; `clients` is None for a run cut short.

        A flaky failure is never gone because one run did not see it.
        """
        looked = depth >= self.depth and (self.case or (clients is not None and self.clients <= clients))
        passed = Outcome.PASSED in outcomes and outcomes <= {Outcome.PASSED, Outcome.NOT_APPLICABLE}
        return bool(looked) and passed and not self.flaky

    @property
    def what(self) -> str:
        """The requirement, with the case if one is given."""
        return f"{self.probe}[{self.case}]" if self.case else self.probe


def load(path: Path) -> tuple[AcceptedFailure, ...]:
    """The accepted failures of a file; raises UsageError."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: cannot be read: not UTF-8 text") from None
    return parse(text, str(path))


def parse(text: str, shown: str) -> tuple[AcceptedFailure, ...]:
    """The accepted failures in a text; `shown` is its name in messages."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{shown}: not valid TOML: {error}") from None
    if problems := violations("conformance/known", values):
        raise UsageError(f"{shown}: {'; '.join(problems)}")
    return tuple(_entry(entry, shown) for entry in values.get("known", []))


def _entry(entry: dict[str, Any], shown: str) -> AcceptedFailure:
    probe = RENAMED.get(entry["probe"], entry["probe"])
    if probe not in catalogue():
        raise UsageError(f"{shown}: {unknown('probe', probe, catalogue())}")
    for client in entry.get("clients", []):
        if client not in CURRENT:
            raise UsageError(f"{shown}: {unknown('client', client, CURRENT)}")
    read: dict[str, Callable[[Any], Any]] = {
        "until": day,
        "depth": lambda word: Depth[word.upper()],
        "clients": frozenset,
    }
    given = {key: read[key](value) if key in read else value for key, value in entry.items()}
    return AcceptedFailure(**given | {"probe": probe})


def day(text: str) -> date:
    """A date as `2027-01-31`; raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text[:40]!r} is not a date like 2027-01-31") from None


def add(path: Path, entries: Sequence[AcceptedFailure]) -> list[AcceptedFailure]:
    """Adds what is missing in the file, creating it if need be; returns what was added."""
    there = load(path) if path.exists() else ()
    text = path.read_text("utf-8") if path.exists() else HEAD
    have = {(k.probe, k.case, k.model) for k in there}
    missing = [k for k in entries if (k.probe, k.case, k.model) not in have]
    if missing:
        whole = "\n".join([text.rstrip("\n"), *map(_table, missing)]) + "\n"
        parse(whole, str(path))
        _replace(path, whole)
    return missing


def _table(entry: AcceptedFailure) -> str:
    texts = {name: getattr(entry, name) for name in ("probe", "case", "model", "reason", "owner")}
    lines = [f"{n} = {_quoted(value)}" for n, value in texts.items() if value or n in ("reason", "owner")]
    lines += [f'until = "{entry.until}"'] if entry.until else []
    lines += ["flaky = true"] if entry.flaky else []
    lines += [f'depth = "{entry.depth.name.lower()}"'] if entry.depth is not Depth.STANDARD else []
    lines += [f"clients = {json.dumps(sorted(entry.clients))}"] if entry.clients != DEFAULT_CLIENTS else []
    return "\n".join(["", "[[known]]", *lines])


def _quoted(text: str) -> str:
    """A basic string of TOML: that of JSON, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace(_DEL, "\\u007f")


def _replace(path: Path, text: str) -> None:
    """Writes the whole file or nothing."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except (OSError, UnicodeEncodeError) as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from None


def expired(entries: Iterable[AcceptedFailure], today: date) -> list[AcceptedFailure]:
    """Those whose last day has passed."""
    return [k for k in entries if k.until and k.until < today]
