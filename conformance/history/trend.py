"""The runs of an endpoint as a trend: charts, which run changed what, which requirements failed when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from statistics import median
from typing import Any

from conformance.history.chart import NOTHING, cells, line, ruler
from conformance.history.database import Run
from conformance.history.diff import FASTER, moved_timing
from conformance.report.tables import Page, Table, measured

_NAMED = 5  # requirements of one change
_EARLIER = 10  # runs that a timing is held against
_FEWEST = 3  # of them, to know how far it moves by itself
_LEGEND = (
    "A column is a run: W works, D degraded, F fails or failed, U unknown; C complete, P partial, N none;"
    f" Q, S, T the depth; {NOTHING} nothing to show. A line reaches from nothing to its largest value."
)


def by_endpoint(runs: Sequence[Run]) -> list[tuple[tuple[str, str], list[Run]]]:
    """The runs of each endpoint and model, the oldest first."""
    ordered = sorted(runs, key=_whose)
    return [(whose, list(group)) for whose, group in groupby(ordered, key=_whose)]


def _whose(run: Run) -> tuple[str, str]:
    return run.endpoint, run.model


def changes(runs: Sequence[Run]) -> list[str]:
    """What each run changed against those before it of the same depth; "" for nothing or nothing to compare with.

    Runs that were cut short neither tell of a change nor are compared with.
    """
    before: dict[str, list[Run]] = {}
    told = []
    for run in runs:
        earlier = before.setdefault(run.depth, [])
        told.append("; ".join(_changed(earlier, run)) if run.complete and earlier else "")
        if run.complete:
            earlier.append(run)
    return told


def _changed(earlier: Sequence[Run], new: Run) -> Iterator[str]:
    old = earlier[-1]
    if old.version != new.version:
        yield f"version of the suite {old.version} → {new.version}"
    for name, verdict in new.verdicts.items():
        if old.verdicts.get(name, verdict) != verdict:
            yield f"{name} {old.verdicts[name]} → {verdict}"
    if old.tool_calling != new.tool_calling:
        yield f"tool calling {old.tool_calling} → {new.tool_calling}"
    yield from _named("fails now", [id for id in new.failures if id not in old.failures])
    yield from _named("holds now", [id for id in old.failures if id not in new.failures])
    yield from _timings(earlier, new)


def _named(what: str, ids: Sequence[str]) -> Iterator[str]:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    if ids:
        yield f"{what}: {', '.join(ids[:_NAMED])}{more}"


def _timings(earlier: Sequence[Run], new: Run) -> Iterator[str]:
    """Timings beyond all of the runs before, and not since the last of them, by more than they move by themselves."""
    for name in FASTER:
        values = [v for run in earlier if (v := getattr(run, name)) is not None][-_EARLIER:]
        now = getattr(new, name)
        if now is None or len(values) < _FEWEST:
            continue
        was, last, is_ = _spread(values), _spread(values[-1:]), _spread([now])
        if moved_timing(name, last, is_) and (change := moved_timing(name, was, is_)):
            moved = f"{name.replace('_', ' ')} {measured(was['median'])} → {measured(now)}"
            yield f"{moved}, {change} than in the {len(values)} runs before"


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "low": min(values), "high": max(values)}


def page(runs: Sequence[Run], last: int) -> Page:
    """The trend of every endpoint, the `last` runs of each."""
    groups = by_endpoint(runs)
    tables = [table for (name, model), group in groups for table in _tables(name, model, group, last)]
    return Page(f"Runs: {len(runs)}, endpoints: {len(groups)}", [_LEGEND] if runs else [], tables)


def _tables(name: str, model: str, group: Sequence[Run], last: int) -> Iterator[Table]:
    """Its chart, its changes, what failed in it, its runs."""
    numbers = list(range(1, len(group) + 1))
    shown, told = list(zip(numbers, group, strict=True))[-last:], changes(group)[-last:]
    head = ("", f"last {len(shown)} of {len(group)} runs", "first", "last", "least", "most")
    yield Table(f"{name}: {model}", head, [*_charts(shown, told)])
    changed = [(*_which(n, run), text) for (n, run), text in zip(shown, told, strict=True) if text]
    yield Table("What changed", ("run", "when (UTC)", "changed"), changed)
    yield Table(
        "Requirements that failed",
        ("requirement", "runs", "failed in", "first", "last"),
        [*_failures(shown, group)],
    )
    clients = _clients([run for _, run in shown])
    facts = ("run", "when (UTC)", "depth", "tool calling", *clients, "failing", "first token")
    yield Table("Runs", facts, [(*_which(n, run), *_row(run, clients)) for n, run in shown])


def _which(n: int, run: Run) -> tuple[str, str]:
    return str(n), _when(run)


def _when(run: Run) -> str:
    """To the second, in UTC as the runs tell it."""
    return run.started[:19].replace("T", " ")


def _charts(shown: Sequence[tuple[int, Run]], changed: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A row for all that is known of a run: words as cells, numbers as a line."""
    runs, told = [run for _, run in shown], [_titled(n, run) for n, run in shown]
    yield "run", ruler([n for n, _ in shown]), "", "", "", ""
    words = {
        "changed": ["!" if text else "" for text in changed],
        "depth": [run.depth if run.complete else "" for run in runs],
        **{name: [run.verdicts.get(name, "") for run in runs] for name in _clients(runs)},
        "tool calling": [run.tool_calling for run in runs],
    }
    for what, states in words.items():
        ends = (states[0], states[-1]) if what not in ("changed", "depth") else ("", "")
        yield what, cells(what, states, told), *ends, "", ""
    numbers: dict[str, list[float | None]] = {
        "failing requirements": [len(run.failures) for run in runs],
        "first token (s)": [run.first_token for run in runs],
        "tokens a second": [run.tokens_per_second for run in runs],
    }
    for what, values in numbers.items():
        yield what, line(what, values, told), *_ends(values)


def _titled(n: int, run: Run) -> str:
    return f"run {n}, {_when(run)}"


def _clients(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(name for run in runs for name in run.verdicts))


def _ends(values: Sequence[float | None]) -> tuple[str, ...]:
    """The first, the last, the least and the most of what was measured."""
    there = [value for value in values if value is not None]
    return tuple(map(measured, (there[0], there[-1], min(there), max(there)))) if there else ("",) * 4


def _failures(shown: Sequence[tuple[int, Run]], group: Sequence[Run]) -> Iterator[tuple[str, ...]]:
    """What failed in one of the runs shown: in which of them, in how many of all, and in which first and last."""
    told = [_titled(n, run) for n, run in shown]
    for id in dict.fromkeys(id for _, run in shown for id in run.failures):
        where = [n for n, run in enumerate(group, 1) if id in run.failures]
        states = ["failed" if id in run.failures else "" for _, run in shown]
        ends = [f"{n}, {_when(group[n - 1])}" for n in (where[0], where[-1])]
        yield id, cells(id, states, told), f"{len(where)} of {len(group)}", *ends


def _row(run: Run, clients: Sequence[str]) -> tuple[str, ...]:
    verdicts = (run.verdicts.get(name, "") for name in clients)
    first = "" if run.first_token is None else f"{measured(run.first_token)} s"
    cut = "" if run.complete else " (cut short)"
    return f"{run.depth}{cut}", run.tool_calling, *verdicts, str(len(run.failures)), first


def as_data(runs: Sequence[Run]) -> dict[str, Any]:
    """The same for programs: every run with what it changed."""
    told = [
        (run, text) for _, group in by_endpoint(runs) for run, text in zip(group, changes(group), strict=True)
    ]
    return {
        "schema": "conformance/history/1",
        "runs": [{**asdict(run), "changed": text} for run, text in told],
    }
