"""Judges recorded traffic of other programs: every probe that takes a kind of exchange, and every client's reader.

Exchanges are judged one by one and dropped, unless one shows a failure. Probes of named conversations do not apply,
because the purpose of a recorded request is unknown; nor do requirements on the model, for the same reason.
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
from conformance.judging.charged import charged, softened
from conformance.judging.conclusions import Conclusions, conclude
from conformance.judging.judge import frequency, judge_view, kind_taken
from conformance.judging.observation import Observation
from conformance.judging.verdict import Verdict
from conformance.probes.catalogue import catalogue
from conformance.report import build as report
from conformance.requirements import MOST_SERIOUS_FIRST, Blame, Outcome, Severity
from conformance.requirements.probe import Probe
from conformance.traffic.client_reads import reads
from conformance.traffic.evidence import Skipped, evidence
from conformance.traffic.files import read
from conformance.traffic.recorded import Unreadable

WRONG = (Outcome.FAILED, Outcome.ERROR)
KEPT_OF_A_CASE = 3  # exchanges that show one failure in one file
KEPT = 300  # exchanges in all: a report shows no more


@dataclass
class FileResult:
    """The result of judging one file so far; `trouble` says why it could not be read (to its end)."""

    name: str
    format: str = ""
    trouble: str = ""
    judged: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    first: dict[str, Observation] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    others: dict[str, Observation] = field(default_factory=dict)
    kept: dict[str, Exchange] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)

    def add(self, observed: Observation, exchange: Exchange) -> None:
        """Add what one probe observed on one exchange."""
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
        """Every failure, with how often it occurred in this file."""
        return [replace(o, actual=o.actual + self._often(id)) for id, o in self.first.items()]

    def _often(self, id: str) -> str:
        many = self.counted[id] > 1 and self.first[id].outcome is Outcome.FAILED
        return f" ({frequency(self.failures[id], self.counted[id])})" if many else ""

    @property
    def facts(self) -> report.TalkFacts:
        """The file in the report: its format, how much was judged, and what was skipped and why."""
        skipped = [f"{n} skipped: {why}" for why, n in self.skipped.items()]
        reason = "; ".join(filter(None, (self.trouble, *skipped)))
        return report.TalkFacts(self.name, self.format or "cannot be read", self.judged, 0.0, reason)


def probes_for(profiles: Mapping[str, Client]) -> list[Probe]:
    """Every probe that can judge an exchange without its purpose."""
    universal = [p for p in catalogue().values() if kind_taken(p) and p.blame is Blame.PROVIDER]
    return [*universal, *reads(profiles)]


def judge_file(path: Path, probes: Sequence[Probe], profiles: Mapping[str, Client] = CURRENT) -> FileResult:
    """Judges one file; raises nothing: `trouble` of the result says what is wrong with the file itself."""
    result = FileResult(str(path))
    try:
        result.format, recorded = read(path)
        for n, one in enumerate(recorded, 1):
            try:
                _judge(result, evidence(one, f"{path}#{n}", result.name), probes, profiles)
            except Skipped as why:
                result.skipped[str(why)] += 1
    except Unreadable as why:
        result.trouble = str(why)
    return result


def _judge(result: FileResult, exchange: Exchange, probes: Sequence[Probe], profiles: Mapping[str, Client]) -> None:
    result.judged += 1
    result.hosts.setdefault(exchange.request.url, str(exchange.request.field("model") or ""))
    views = {name: kind.view(exchange) for name, kind in KINDS.items()}
    for probe in probes:
        kind = kind_taken(probe)
        view = views[kind.name] if kind else None
        if view is not None:
            observed = judge_view(probe, result.name, exchange, view)
            if observed.outcome is Outcome.FAILED:
                observed = charged(observed, [exchange], profiles)
                observed = softened(observed, {exchange.id: exchange}, profiles.values())
            result.add(observed, exchange)


@dataclass
class Totals:
    """The results of all files: failures file by file, everything else once for each requirement."""

    files: list[report.TalkFacts] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    wrong: list[Observation] = field(default_factory=list)
    others: dict[str, Observation] = field(default_factory=dict)
    kept: list[Exchange] = field(default_factory=list)
    hosts: dict[str, str] = field(default_factory=dict)

    def add(self, result: FileResult) -> None:
        """Add the result of one file."""
        self.files.append(result.facts)
        self.unreadable += [f"{result.name}: {result.trouble}"] if result.trouble else []
        self.wrong += result.wrong
        self.kept += list(result.kept.values())[: KEPT - len(self.kept)]
        self.hosts = result.hosts | self.hosts if len(self.hosts) < KEPT else self.hosts
        for id, observed in result.others.items():
            better = [o for o in (self.others.get(id), replace(observed, case="", exchanges=())) if o]
            self.others[id] = min(better, key=lambda o: MOST_SERIOUS_FIRST.index(o.outcome))

    @property
    def unjudged(self) -> list[str]:
        """A line for each file that could not be read; when nothing was judged, one for each file with skipped parts."""
        blocked = [f"{file.name}: {file.blocked}" for file in self.files if file.blocked]
        return self.unreadable if self.judged else blocked

    @property
    def judged(self) -> int:
        """How many exchanges were judged."""
        return sum(file.requests for file in self.files)


def judge_files(
    paths: Iterable[Path], clients: Sequence[Client], profiles: Mapping[str, Client], *, strict: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """The report on these files, and a line for each that was not judged (`unjudged`)."""
    started, totals, probes = datetime.now(UTC), Totals(), probes_for(profiles)
    for path in paths:
        totals.add(judge_file(path, probes, profiles))
    return concluded(totals, started, clients, profiles, strict=strict), totals.unjudged


def concluded(
    totals: Totals, started: datetime, clients: Sequence[Client], profiles: Mapping[str, Client], *, strict: bool
) -> dict[str, Any]:
    """The report on what was judged."""
    observations = [*sorted(totals.wrong, key=_mildness), *totals.others.values()]
    incomplete = f"only {totals.judged} recorded exchanges were judged; run the suite to see whether it works"
    concluded = conclude(observations, clients, exchanges=totals.kept, incomplete=incomplete)
    code = exit_code(totals, concluded, strict=strict)
    return report.build(_facts(totals, started, code, profiles), concluded)


def _mildness(observed: Observation) -> int:
    """A sort key, smaller for a failure that breaks more clients: the worst case represents its requirement."""
    return -list(observed.severity.values()).count(Severity.BREAKS)


def exit_code(totals: Totals, concluded: Conclusions, *, strict: bool) -> ExitCode:
    """Whether something in the recorded traffic breaks a chosen client (or degrades it, when `strict`).

    Where nothing was judged: wrong usage when a file could not be read, else not judged.
    """
    if any(o.outcome is Outcome.ERROR for o in concluded.observations):
        return ExitCode.INTERNAL_ERROR
    if not totals.judged:
        return ExitCode.WRONG_USAGE if totals.unreadable else ExitCode.NOT_JUDGED
    chosen = concluded.chosen
    degraded = any(
        o.outcome is Outcome.FAILED and o.severity[client.id] is Severity.DEGRADES
        for o in concluded.observations
        for client in chosen
    )
    fails = any(concluded.clients[client.id].verdict is Verdict.FAILS for client in chosen)
    return ExitCode.FAILED if fails or (strict and degraded) else ExitCode.OK


def _facts(totals: Totals, started: datetime, code: ExitCode, profiles: Mapping[str, Client]) -> report.RunFacts:
    return report.RunFacts(
        version=__version__,
        started=started.isoformat(timespec="seconds"),
        seconds=(datetime.now(UTC) - started).total_seconds(),
        endpoint=endpoint_facts(totals.hosts),
        depth="recorded",
        exit_code=code,
        profiles=profiles,
        documented=documented(provider_at(totals.hosts)),
        conversations=tuple(totals.files),
        cost=report.Cost(totals.judged),
    )


def endpoint_facts(urls: Mapping[str, str]) -> report.EndpointFacts:
    """The host and the model of the traffic, or how many of them there are."""
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
