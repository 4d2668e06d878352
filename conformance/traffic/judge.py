"""Judging traffic that somebody else recorded: every probe that takes a kind of exchange, and every client's reader.

One exchange is looked at after the other and let go, unless something is wrong with it. Named conversations do not apply:
nobody knows what was asked for on purpose. Nor do requirements that a model falls short of, for the same reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.endpoint.config import slug
from conformance.endpoint.input_checks import split_url
from conformance.endpoint.presets import documented, provider_at
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import KINDS
from conformance.exit_codes import ExitCode
from conformance.judging.conclusions import Conclusions, conclude
from conformance.judging.judge import Observation, frequency, judge_view, kind_taken
from conformance.judging.verdict import Verdict
from conformance.probes.catalogue import catalogue
from conformance.report import build as report
from conformance.requirements.outcome import MOST_SERIOUS_FIRST, Outcome
from conformance.requirements.probe import Probe
from conformance.requirements.requirement import Blame, Severity
from conformance.traffic.client_reads import reads, softened
from conformance.traffic.evidence import PassedOver, evidence
from conformance.traffic.files import read
from conformance.traffic.recorded import Unreadable

WRONG = (Outcome.FAILED, Outcome.ERROR)
KEPT_OF_A_CASE = 3  # exchanges that show one failure in one file
KEPT = 300  # exchanges in all: a report shows no more of them anyway


@dataclass
class Sheet:
    """What judging one file has come to so far; `trouble` says why it could not be read (to its end)."""

    name: str
    format: str = ""
    trouble: str = ""
    judged: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    first: dict[str, Observation] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    others: dict[str, Observation] = field(default_factory=dict)
    kept: dict[str, Exchange] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)

    def note(self, observed: Observation, exchange: Exchange) -> None:
        """One probe's word on one exchange."""
        id = observed.requirement.id
        self.counted[id] += observed.outcome in (Outcome.FAILED, Outcome.PASSED)
        if observed.outcome in WRONG:
            self.failures[id] += 1
            known = self.first.get(id)
            worse = known is None or _mildness(observed) < _mildness(known)
            if self.failures[id] <= KEPT_OF_A_CASE or worse:
                ids = known.exchanges if known else ()
                shown = observed if worse or known is None else known
                new = (exchange.id, *ids) if worse else (*ids, exchange.id)
                self.first[id] = replace(shown, exchanges=new)
                self.kept[exchange.id] = exchange
        else:
            better = [o for o in (self.others.get(id), observed) if o]
            self.others[id] = min(better, key=lambda o: MOST_SERIOUS_FIRST.index(o.outcome))

    @property
    def wrong(self) -> list[Observation]:
        """Every failure, with how often it was seen in this file."""
        return [replace(o, actual=o.actual + self._often(id)) for id, o in self.first.items()]

    def _often(self, id: str) -> str:
        many = self.counted[id] > 1 and self.first[id].outcome is Outcome.FAILED
        return f" ({frequency(self.failures[id], self.counted[id])})" if many else ""

    @property
    def told(self) -> report.TalkFacts:
        """The file in the report: what it is, how much was judged, and what was not and why."""
        left = [
            f"{n} passed over: {why}" if n > 1 else f"1 passed over: {why}"
            for why, n in self.passed_over.items()
        ]
        reason = "; ".join(filter(None, (self.trouble, *left)))
        return report.TalkFacts(self.name, self.format or "cannot be read", self.judged, 0.0, reason)


def probes_for(profiles: Mapping[str, Client]) -> list[Probe]:
    """Every probe that can be judged on an exchange of which nobody knows what it was asked for."""
    universal = [p for p in catalogue().values() if kind_taken(p) and p.blame is Blame.PROVIDER]
    return [*universal, *reads(profiles)]


def judge_file(path: Path, probes: Sequence[Probe], profiles: Mapping[str, Client] = CURRENT) -> Sheet:
    """Judges one file; what is wrong with the file itself is on the sheet, nothing is raised."""
    sheet = Sheet(str(path))
    try:
        sheet.format, recorded = read(path)
        for n, one in enumerate(recorded, 1):
            try:
                _judge(sheet, evidence(one, f"{path}#{n}", sheet.name), probes, profiles)
            except PassedOver as why:
                sheet.passed_over[str(why)] += 1
    except Unreadable as why:
        sheet.trouble = str(why)
    return sheet


def _judge(sheet: Sheet, exchange: Exchange, probes: Sequence[Probe], profiles: Mapping[str, Client]) -> None:
    sheet.judged += 1
    sheet.hosts.setdefault(exchange.request.url, str(exchange.request.field("model") or ""))
    views = {name: kind.view(exchange) for name, kind in KINDS.items()}
    for probe in probes:
        kind = kind_taken(probe)
        view = views[kind.name] if kind else None
        if view is not None:
            observed = judge_view(probe, sheet.name, exchange, view)
            if observed.outcome is Outcome.FAILED and (reply := views["success"]):
                observed = replace(observed, requirement=softened(probe, reply, profiles))
            sheet.note(observed, exchange)


@dataclass
class Total:
    """What all files together have come to: failures file by file, everything else once for each requirement."""

    files: list[report.TalkFacts] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    wrong: list[Observation] = field(default_factory=list)
    others: dict[str, Observation] = field(default_factory=dict)
    kept: list[Exchange] = field(default_factory=list)
    hosts: dict[str, str] = field(default_factory=dict)

    def add(self, sheet: Sheet) -> None:
        """Takes over what a sheet says."""
        self.files.append(sheet.told)
        self.unreadable += [f"{sheet.name}: {sheet.trouble}"] if sheet.trouble else []
        self.wrong += sheet.wrong
        self.kept += list(sheet.kept.values())[: KEPT - len(self.kept)]
        self.hosts = sheet.hosts | self.hosts if len(self.hosts) < KEPT else self.hosts
        for id, observed in sheet.others.items():
            better = [o for o in (self.others.get(id), replace(observed, case="", exchanges=())) if o]
            self.others[id] = min(better, key=lambda o: MOST_SERIOUS_FIRST.index(o.outcome))

    @property
    def unjudged(self) -> list[str]:
        """What there is to say of files of which no table tells."""
        told = [f"{file.name}: {file.blocked}" for file in self.files if file.blocked]
        return self.unreadable if self.judged else told

    @property
    def judged(self) -> int:
        """How many exchanges were judged."""
        return sum(file.requests for file in self.files)


def judge_files(
    paths: Iterable[Path], clients: Sequence[Client], profiles: Mapping[str, Client], *, strict: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """The report on these files, and a line for each that could not be read; of each, when nothing was judged at all."""
    started, total, probes = datetime.now(UTC), Total(), probes_for(profiles)
    for path in paths:
        total.add(judge_file(path, probes, profiles))
    return concluded(total, started, clients, profiles, strict=strict), total.unjudged


def concluded(
    total: Total,
    started: datetime,
    clients: Sequence[Client],
    profiles: Mapping[str, Client],
    *,
    strict: bool,
) -> dict[str, Any]:
    """The report on what was judged."""
    observations = [*sorted(total.wrong, key=_mildness), *total.others.values()]
    told = f"only {total.judged} recorded exchanges were judged; run the suite to see whether it works"
    concluded = conclude(observations, clients, exchanges=total.kept, incomplete=told)
    code = exit_code(total, concluded, strict=strict)
    return report.build(_facts(total, started, code, profiles), concluded)


def _mildness(observed: Observation) -> int:
    """Less for what breaks more clients: the worst case of a requirement stands for it."""
    return -list(observed.requirement.severity.values()).count(Severity.BREAKS)


def exit_code(total: Total, concluded: Conclusions, *, strict: bool) -> ExitCode:
    """Whether something in the recorded traffic breaks a chosen client (or degrades it, when `strict`).

    Where nothing was judged: wrong usage when a file could not be read, else not judged.
    """
    if any(o.outcome is Outcome.ERROR for o in concluded.observations):
        return ExitCode.INTERNAL_ERROR
    if not total.judged:
        return ExitCode.WRONG_USAGE if total.unreadable else ExitCode.NOT_JUDGED
    chosen = concluded.chosen
    degraded = any(
        o.outcome is Outcome.FAILED and o.requirement.severity[client.id] is Severity.DEGRADES
        for o in concluded.observations
        for client in chosen
    )
    fails = any(concluded.clients[client.id].verdict is Verdict.FAILS for client in chosen)
    return ExitCode.FAILED if fails or (strict and degraded) else ExitCode.OK


def _facts(
    total: Total, started: datetime, code: ExitCode, profiles: Mapping[str, Client]
) -> report.RunFacts:
    return report.RunFacts(
        version=__version__,
        started=started.isoformat(timespec="seconds"),
        seconds=(datetime.now(UTC) - started).total_seconds(),
        endpoint=endpoint_facts(total.hosts),
        depth="recorded",
        exit_code=code,
        profiles=profiles,
        documented=documented(provider_at(total.hosts)),
        conversations=tuple(total.files),
        cost=report.Cost(total.judged),
    )


def endpoint_facts(urls: Mapping[str, str]) -> report.EndpointFacts:
    """What was talked to, as far as it is one: the host and the model, or how many there are."""
    bases = {url: split_url(url)[0] for url in urls}
    hosts, models = list(dict.fromkeys(bases.values())), list(dict.fromkeys(filter(None, urls.values())))
    name = slug(hosts[0]) if len(hosts) == 1 else f"{len(hosts)}-hosts" if hosts else "recorded"
    return report.EndpointFacts(
        name=name,
        base_url=_one_of(hosts, "hosts"),
        model=_one_of(models, "models"),
        chat_url=next(iter(urls), "") if len(hosts) == 1 else "",
    )


def _one_of(found: Sequence[str], what: str) -> str:
    return found[0] if len(found) == 1 else f"{len(found)} {what}"
