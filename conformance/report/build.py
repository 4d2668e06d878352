"""The one report of a run, as plain data: everything that is shown or exported is rendered from it.

`build` says what happened in the words of `schemas/conformance/report.json`. It never grows beyond `LIMIT`:
long evidence is cut and says so. Numbers and texts are made safe here once (no NaN, no lone surrogates), so
that every report can be written as JSON and read back.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.errors import UsageError
from conformance.evidence.exchange import Exchange
from conformance.evidence.truncate import excerpts, fitted, level, shorten, size
from conformance.judging.client_settings import ClientSettings
from conformance.judging.conclusions import Conclusions
from conformance.judging.judge import Observation
from conformance.judging.root_causes import Step
from conformance.judging.timeline import Turn
from conformance.requirements.categories import CATEGORIES
from conformance.requirements.outcome import Outcome
from conformance.requirements.requirement import Blame, Requirement
from conformance.schema import violations

SCHEMA = "conformance/report/1"
LIMIT = 3_900_000  # bytes of report.json: mail, artefact stores and browsers all take it
_MESSAGES = 1_000_000  # bytes of it that what was seen and why may take together
_LONGEST = 2_000  # characters of one message


@dataclass(frozen=True)
class EndpointFacts:
    """What was tested, as the user configured it; `configuration` holds no secret. `advice` is about the base URL."""

    name: str
    base_url: str
    model: str
    chat_url: str
    configuration: Mapping[str, Any] = field(default_factory=dict)
    advice: Sequence[str] = ()


@dataclass(frozen=True)
class TalkFacts:
    """What became of one conversation: `requests` were sent, `blocked` says why it did not take place."""

    name: str
    asks: str
    requests: int
    seconds: float
    blocked: str = ""


@dataclass(frozen=True)
class Cost:
    """What the run used; `price` is None without configured prices, `estimated` when usage was not told."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    price: float | None = None
    estimated: bool = False


@dataclass(frozen=True)
class RunFacts:
    """What only the run itself knows. `started` is ISO 8601 in UTC, `profiles` are the clients by id.

    `documented` is what the provider documents about failures, by requirement id. `gate` says why the exit code is what it is.
    """

    version: str
    started: str
    seconds: float
    endpoint: EndpointFacts
    depth: str
    exit_code: int
    profiles: Mapping[str, Client] = field(default_factory=lambda: CURRENT)
    turns: tuple[Turn, ...] = ()
    settings: Mapping[str, ClientSettings] = field(default_factory=dict)
    arguments: Mapping[str, Any] | None = None
    timings: Mapping[str, Any] | None = None
    gate: str = ""
    documented: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conversations: tuple[TalkFacts, ...] = ()
    cost: Cost = Cost()


def build(run: RunFacts, concluded: Conclusions) -> dict[str, Any]:
    """The report of one run."""
    seen = concluded.observations
    report = {
        "schema": SCHEMA,
        "tool": {"version": run.version},
        "started": run.started,
        "seconds": run.seconds,
        "depth": run.depth,
        "exit_code": int(run.exit_code),
        "complete": not concluded.incomplete,
        "incomplete": concluded.incomplete,
        "gate": run.gate,
        "endpoint": asdict(run.endpoint),
        **_conclusions(run, concluded),
        "first": list(map(_step, concluded.advice)),
        "probes": {o.requirement.id: requirement_facts(o.requirement) for o in seen},
        "observations": _observations(seen, run.documented),
        "turns": [asdict(turn) for turn in run.turns],
        "settings": {id: asdict(found) for id, found in run.settings.items()},
        "arguments": run.arguments,
        "timings": run.timings,
        "conversations": [_brief(talk) for talk in run.conversations],
        "cost": asdict(run.cost),
    }
    left = LIMIT - len(dumps(report := _safe(report)).encode())
    return {**report, "exchanges": _safe(excerpts(_by_conversation(run, concluded.exchanges), left))}


def _step(step: Step) -> dict[str, Any]:
    return {
        "probe": step.requirement.id,
        "requirement": step.requirement.text,
        "actual": fitted(shorten(step.actual, _LONGEST // 4), _LONGEST // 2),
        "remedy": step.requirement.remedy,
        "blame": step.blame,
        "clients": dict(step.clients),
        "cases": list(step.cases),
        "with": list(step.others),
    }


def dumps(report: Mapping[str, Any]) -> str:
    """The report as JSON, one line per observation, exchange and so on, so that line tools work."""
    return "{" + ",\n".join(f"{_json(key)}: {_lines(value)}" for key, value in report.items()) + "}\n"


def load(path: Path | str) -> dict[str, Any]:
    """The report in a file; raises UsageError, in one line, when the file does not hold one."""
    report = parsed(read(path), path)
    if found := violations("conformance/report", report):
        raise UsageError(f"{path}: not a valid report: {shorten(str(found[0]), 300)}")
    return report


def read(path: Path | str) -> bytes:
    """What is in a file; raises UsageError."""
    try:
        return Path(path).read_bytes()
    except IsADirectoryError:
        raise UsageError(f"{path}: a folder; name the report.json in it") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


def parsed(text: bytes, path: Path | str) -> dict[str, Any]:
    """The object in a text that calls itself a report of ours; raises UsageError."""
    try:
        report = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not a report: not JSON") from None
    said = str(report.get("schema")) if isinstance(report, dict) else ""
    if said != SCHEMA and said.startswith("conformance/report/"):
        raise UsageError(f"{path}: written in the format {said[:40]!r}, and this version reads {SCHEMA}")
    if said != SCHEMA:
        raise UsageError(f"{path}: not a report: it does not say {SCHEMA!r}")
    return dict(report)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode()  # files from elsewhere may hold lone surrogates


def _lines(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_json, value)) + "\n]"
    if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
        return "{\n" + ",\n".join(f"{_json(key)}: {_json(inner)}" for key, inner in value.items()) + "\n}"
    return _json(value)


def _safe(value: Any) -> Any:
    """The same with lone surrogates spelled out, endless numbers left out, and six digits after the point."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_safe(str(key)): _safe(inner) for key, inner in value.items()}
    return [_safe(inner) for inner in value] if isinstance(value, list | tuple) else value


def _conclusions(run: RunFacts, concluded: Conclusions) -> dict[str, Any]:
    chosen = {client.id for client in concluded.chosen}
    verdicts = {id: (c, concluded.clients[id]) for id, c in run.profiles.items() if id in concluded.clients}
    return {
        "clients": {
            id: {**_profile(client), "chosen": id in chosen, **_brief(verdict)}
            for id, (client, verdict) in verdicts.items()
        },
        "tool_calling": _brief(concluded.tool_calling),
        "categories": {
            c.id: {"heading": c.heading, **_brief(concluded.categories[c.id])}
            for c in CATEGORIES
            if c.id in concluded.categories
        },
    }


def _profile(client: Client) -> dict[str, Any]:
    """Whose knowledge it is: the client, its version, and where that was taken from."""
    names = ("name", "version", "as_of", "sdk")
    facts = {name: getattr(client, name) for name in names}
    return facts | {"sources": list(client.sources), "retries": client.retries.told}


def _brief(facts: Any) -> dict[str, Any]:
    """A dataclass as a dictionary; its sentences may quote the provider, so they are kept short."""
    return {k: shorten(v, _LONGEST // 2) if isinstance(v, str) else v for k, v in asdict(facts).items()}


def requirement_facts(probe: Requirement) -> dict[str, Any]:
    """What is said about a probe, as plain data."""
    return {
        "area": probe.area,
        "category": probe.category.id,
        "requirement": probe.text,
        **({"failure": probe.failure} if probe.failure else {}),
        "why": probe.why,
        "remedy": probe.remedy,
        "blame": probe.blame,
        "severity": dict(probe.severity),
        "source": list(probe.sources),
    }


def _observations(
    observations: Sequence[Observation], documented: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    texts = [shorten(text, _LONGEST) for o in observations for text in (o.actual, o.reason)]
    room = level([size(text) for text in texts], _MESSAGES)
    return [{**_observation(o, room), **_note(o, documented)} for o in observations]


def _note(observation: Observation, documented: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """What the provider documents about a failure."""
    known = documented.get(observation.requirement.id) if observation.outcome is Outcome.FAILED else None
    return {"documented": dict(known)} if known else {}


def _observation(observation: Observation, room: int) -> dict[str, Any]:
    probe = observation.requirement
    return {
        "probe": probe.id,
        "case": observation.case,
        "area": probe.area,
        "category": probe.category.id,
        "outcome": observation.outcome,
        "requirement": probe.text,
        "actual": fitted(shorten(observation.actual, _LONGEST), room),
        "reason": fitted(shorten(observation.reason, _LONGEST), room),
        "remedy": probe.remedy,
        "blame": _blame(observation),
        "severity": dict(probe.severity),
        "exchanges": list(observation.exchanges),
        **_often(observation),
    }


def _often(observation: Observation) -> dict[str, Any]:
    """Of a failure that was looked for more than once, how often it was seen."""
    failed, judged = observation.times
    return {"times": {"failed": failed, "judged": judged}} if failed and judged > 1 else {}


def _blame(observation: Observation) -> Blame | None:
    """Who has to change something; nobody when the requirement holds or the bug is ours."""
    by = {Outcome.FAILED: observation.requirement.blame, Outcome.BLOCKED: observation.blocked_by}
    return by.get(observation.outcome)


def _by_conversation(run: RunFacts, exchanges: Sequence[Exchange]) -> list[Exchange]:
    """In the order of the conversations, which does not depend on which of them ended first."""
    rank = {talk.name: n for n, talk in enumerate(run.conversations)}
    return sorted(exchanges, key=lambda e: rank.get(e.conversation, len(rank)))
