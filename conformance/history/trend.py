"""The runs of an endpoint over time: charts, what each run changed, which requirements failed when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from statistics import median
from typing import Any

from conformance.history.chart import NOTHING, cells, line, ruler
from conformance.history.database import Run
from conformance.history.diff import FASTER, changed_timing
from conformance.report.tables import Page, Table, measured

_NAMED = 5  # requirements named in one change
_EARLIER = 10  # runs that a timing is compared with
_FEWEST = 3  # of them, to know how much it varies
_LEGEND = (
    "Each column is a run. W works, D degraded, F fails or failed, U unknown; C complete, P partial, N none;"
    f" Q quick, S standard, T thorough; ! something changed; {NOTHING} no value. Lines and bars start at 0."
)


def by_endpoint(runs: Sequence[Run]) -> list[tuple[tuple[str, str], list[Run]]]:
    """The runs of each endpoint and model, the oldest first."""
    ordered = sorted(runs, key=_endpoint)
    return [(endpoint, list(group)) for endpoint, group in groupby(ordered, key=_endpoint)]


def _endpoint(run: Run) -> tuple[str, str]:
    return run.endpoint, run.model


def changes(runs: Sequence[Run]) -> list[str]:
    """What changed in each run since the one before it of the same depth; "" for no change and for the first run.

    Incomplete runs are skipped.
    """
    before: dict[str, list[Run]] = {}
    texts = []
    for run in runs:
        earlier = before.setdefault(run.depth, [])
        texts.append("; ".join(_changed(earlier, run)) if run.complete and earlier else "")
        if run.complete:
            earlier.append(run)
    return texts


def _changed(earlier: Sequence[Run], new: Run) -> Iterator[str]:
    old = earlier[-1]
    if old.version != new.version:
        yield f"version of this suite {old.version} → {new.version}"
    for name, verdict in new.verdicts.items():
        if old.verdicts.get(name, verdict) != verdict:
            yield f"{name} {old.verdicts[name]} → {verdict}"
    if old.tool_calling != new.tool_calling:
        yield f"tool calling {old.tool_calling} → {new.tool_calling}"
    yield from _named("newly failing", [id for id in new.failures if id not in old.failures])
    yield from _named("fixed", [id for id in old.failures if id not in new.failures])
    yield from _timings(earlier, new)


def _named(change: str, ids: Sequence[str]) -> Iterator[str]:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    if ids:
        yield f"{change}: {', '.join(ids[:_NAMED])}{more}"


def _timings(earlier: Sequence[Run], new: Run) -> Iterator[str]:
    """Timings that changed beyond noise, both from all runs before and from the last of them."""
    for name in FASTER:
        values = [v for run in earlier if (v := getattr(run, name)) is not None][-_EARLIER:]
        now = getattr(new, name)
        if now is None or len(values) < _FEWEST:
            continue
        was, last, is_ = _spread(values), _spread(values[-1:]), _spread([now])
        if changed_timing(name, last, is_) and (change := changed_timing(name, was, is_)):
            values_now = f"{name.replace('_', ' ')} {measured(was['median'])} → {measured(now)}"
            yield f"{values_now}, {change} than in the {len(values)} runs before"


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "low": min(values), "high": max(values)}


def page(runs: Sequence[Run], last: int) -> Page:
    """The history of every endpoint, the `last` runs of each."""
    groups = by_endpoint(runs)
    tables = [table for (name, model), group in groups for table in _tables(name, model, group, last)]
    return Page(f"Runs in this history: {len(runs)}, endpoints: {len(groups)}", [_LEGEND] if runs else [], tables)


def _tables(name: str, model: str, group: Sequence[Run], last: int) -> Iterator[Table]:
    """The chart, the changes, the failed requirements and the runs of one endpoint."""
    numbers = list(range(1, len(group) + 1))
    shown, changed = list(zip(numbers, group, strict=True))[-last:], changes(group)[-last:]
    head = ("", f"last {len(shown)} of {len(group)} runs", "first", "last", "lowest", "highest")
    yield Table(f"{name}: {model}", head, [*_charts(shown, changed)])
    rows = [(*_which(n, run), text) for (n, run), text in zip(shown, changed, strict=True) if text]
    yield Table("What changed", ("run", "when (UTC)", "changed"), rows)
    yield Table(
        "Failed requirements", ("requirement", "runs", "failed in", "first", "last"), [*_failures(shown, group)]
    )
    clients = _clients([run for _, run in shown])
    facts = ("run", "when (UTC)", "depth", "tool calling", *clients, "failed requirements", "first token")
    yield Table("Runs", facts, [(*_which(n, run), *_row(run, clients)) for n, run in shown])


def _which(n: int, run: Run) -> tuple[str, str]:
    return str(n), _when(run)


def _when(run: Run) -> str:
    """To the second, in UTC."""
    return run.started[:19].replace("T", " ")


def _charts(shown: Sequence[tuple[int, Run]], changed: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A row for each fact about the runs: words as cells, numbers as a line."""
    runs, titles = [run for _, run in shown], [_titled(n, run) for n, run in shown]
    yield "run", ruler([n for n, _ in shown]), "", "", "", ""
    words = {
        "changed": ["!" if text else "" for text in changed],
        "depth": [run.depth if run.complete else "" for run in runs],
        **{name: [run.verdicts.get(name, "") for run in runs] for name in _clients(runs)},
        "tool calling": [run.tool_calling for run in runs],
    }
    for what, states in words.items():
        ends = (states[0], states[-1]) if what not in ("changed", "depth") else ("", "")
        yield what, cells(what, states, titles), *ends, "", ""
    numbers: dict[str, list[float | None]] = {
        "failed requirements": [len(run.failures) for run in runs],
        "first token (s)": [run.first_token for run in runs],
        "tokens per second": [run.tokens_per_second for run in runs],
    }
    for what, values in numbers.items():
        yield what, line(what, values, titles), *_ends(values)


def _titled(n: int, run: Run) -> str:
    return f"run {n}, {_when(run)}"


def _clients(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(name for run in runs for name in run.verdicts))


def _ends(values: Sequence[float | None]) -> tuple[str, ...]:
    """The first, last, lowest and highest value."""
    there = [value for value in values if value is not None]
    return tuple(map(measured, (there[0], there[-1], min(there), max(there)))) if there else ("",) * 4


def _failures(shown: Sequence[tuple[int, Run]], group: Sequence[Run]) -> Iterator[tuple[str, ...]]:
    """The requirements that failed in a shown run: in which of these, in how many of all, and in which first and last."""
    titles = [_titled(n, run) for n, run in shown]
    for id in dict.fromkeys(id for _, run in shown for id in run.failures):
        where = [n for n, run in enumerate(group, 1) if id in run.failures]
        states = ["failed" if id in run.failures else "" for _, run in shown]
        ends = [f"{n}, {_when(group[n - 1])}" for n in (where[0], where[-1])]
        yield id, cells(id, states, titles), f"{len(where)} of {len(group)}", *ends


def _row(run: Run, clients: Sequence[str]) -> tuple[str, ...]:
    verdicts = (run.verdicts.get(name, "") for name in clients)
    first = "" if run.first_token is None else f"{measured(run.first_token)} s"
    cut = "" if run.complete else " (incomplete)"
    return f"{run.depth}{cut}", run.tool_calling, *verdicts, str(len(run.failures)), first


def as_data(runs: Sequence[Run]) -> dict[str, Any]:
    """The runs for programs: each with what it changed."""
    changed = [(run, text) for _, group in by_endpoint(runs) for run, text in zip(group, changes(group), strict=True)]
    return {"schema": "conformance/history/1", "runs": [{**asdict(run), "changed": text} for run, text in changed]}
