"""Deviations that somebody has taken note of: a file of them, checked by a schema, read and added to.

A file is never rewritten, only added to, so that comments and order stay as people made them. What is wrong with one is a
UsageError, in one line, before anything is written.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from conformance.clients import AGENTS, CURRENT
from conformance.errors import UsageError, unknown
from conformance.judging.judge import Observation
from conformance.probes.catalogue import RENAMED, catalogue
from conformance.requirements.conversation import Depth
from conformance.schema import violations

HEAD = "# Deviations that are known and do not fail the gate; see the README.\n"
USUAL = frozenset(client.id for client in AGENTS)  # whom a run is about unless it is told otherwise
_DEL = "\x7f"  # TOML wants it escaped, JSON does not


@dataclass(frozen=True)
class Known:
    """One known deviation; "" for a case or a model that is not narrowed down, `until` is the last day.

    `flaky` says that it comes and goes, `depth` how deep and `clients` for whom a run has to look to see it.
    """

    probe: str
    reason: str
    owner: str
    case: str = ""
    model: str = ""
    until: date | None = None
    flaky: bool = False
    depth: Depth = Depth.STANDARD
    clients: frozenset[str] = USUAL

    def means(self, observation: Observation, model: str) -> bool:
        """True for an observation of that requirement, case and model."""
        return (
            observation.requirement.id == self.probe
            and self.case in ("", observation.case)
            and self.model in ("", model)
        )

    @property
    def what(self) -> str:
        """The requirement, with the case if one is meant."""
        return f"{self.probe}[{self.case}]" if self.case else self.probe


def load(path: Path) -> tuple[Known, ...]:
    """The deviations of a file; raises UsageError."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: cannot be read: not UTF-8 text") from None
    return parse(text, str(path))


def parse(text: str, shown: str) -> tuple[Known, ...]:
    """The deviations that a text tells; `shown` is how to call it in a message."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{shown}: not valid TOML: {error}") from None
    if problems := violations("conformance/known", values):
        raise UsageError(f"{shown}: {'; '.join(problems)}")
    return tuple(_known(entry, shown) for entry in values.get("known", []))


def _known(entry: dict[str, Any], shown: str) -> Known:
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
    told = {key: read[key](value) if key in read else value for key, value in entry.items()}
    return Known(**told | {"probe": probe})


def day(text: str) -> date:
    """A date as `2027-01-31`; raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text[:40]!r} is not a date like 2027-01-31") from None


def add(path: Path, entries: Sequence[Known]) -> list[Known]:
    """Adds what the file does not have yet; returns what was added. A file that is not there is made."""
    there = load(path) if path.exists() else ()
    text = path.read_text("utf-8") if path.exists() else HEAD
    have = {(k.probe, k.case, k.model) for k in there}
    missing = [k for k in entries if (k.probe, k.case, k.model) not in have]
    if missing:
        whole = "\n".join([text.rstrip("\n"), *map(_table, missing)]) + "\n"
        parse(whole, str(path))
        _replace(path, whole)
    return missing


def _table(entry: Known) -> str:
    told = {name: getattr(entry, name) for name in ("probe", "case", "model", "reason", "owner")}
    lines = [f"{n} = {_quoted(value)}" for n, value in told.items() if value or n in ("reason", "owner")]
    lines += [f'until = "{entry.until}"'] if entry.until else []
    lines += ["flaky = true"] if entry.flaky else []
    lines += [f'depth = "{entry.depth.name.lower()}"'] if entry.depth is not Depth.STANDARD else []
    lines += [f"clients = {json.dumps(sorted(entry.clients))}"] if entry.clients != USUAL else []
    return "\n".join(["", "[[known]]", *lines])


def _quoted(text: str) -> str:
    """A basic string of TOML, which is one of JSON but for one character."""
    return json.dumps(text, ensure_ascii=False).replace(_DEL, "\\u007f")


def _replace(path: Path, text: str) -> None:
    """Writes the file as a whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except (OSError, UnicodeEncodeError) as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from None


def expired(entries: Iterable[Known], today: date) -> list[Known]:
    """Those whose last day has passed."""
    return [k for k in entries if k.until and k.until < today]
