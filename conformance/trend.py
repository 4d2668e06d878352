"""The runs of an endpoint as a trend: a table, a chart of characters, and which run changed what. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from conformance.history import Run
from conformance.tables import Page, Table

BARS = "▁▂▃▄▅▆▇█"
NOTHING = "·"  # a run that did not measure it
_NAMED = 5  # requirements of one change


def by_endpoint(runs: Sequence[Run]) -> list[tuple[tuple[str, str], list[Run]]]:
    """The runs of each endpoint and model, the oldest first."""
    ordered = sorted(runs, key=_whose)
    return [(whose, list(group)) for whose, group in groupby(ordered, key=_whose)]


def _whose(run: Run) -> tuple[str, str]:
    return run.endpoint, run.model


def chart(values: Sequence[float | None]) -> str:
    """One bar for each value, from nothing to the largest."""
    most = max((value for value in values if value is not None), default=0) or 1
    return "".join(
        NOTHING if v is None else BARS[min(int(v / most * len(BARS)), len(BARS) - 1)] for v in values
    )


def changes(runs: Sequence[Run]) -> list[str]:
    """What each run changed against the one before it of the same depth; "" for nothing or nothing to compare with.

    Runs that were cut short neither tell of a change nor are compared with.
    """
    before: dict[str, Run] = {}
    told = []
    for run in runs:
        told.append(
            "; ".join(_changed(before[run.depth], run)) if run.complete and run.depth in before else ""
        )
        if run.complete:
            before[run.depth] = run
    return told


def _changed(old: Run, new: Run) -> Iterator[str]:
    for name, verdict in new.verdicts.items():
        if old.verdicts.get(name, verdict) != verdict:
            yield f"{name} {old.verdicts[name]} → {verdict}"
    if old.tool_calling != new.tool_calling:
        yield f"tool calling {old.tool_calling} → {new.tool_calling}"
    yield from _named("fails now", [id for id in new.failures if id not in old.failures])
    yield from _named("holds now", [id for id in old.failures if id not in new.failures])


def _named(what: str, ids: Sequence[str]) -> Iterator[str]:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    if ids:
        yield f"{what}: {', '.join(ids[:_NAMED])}{more}"


def page(runs: Sequence[Run], last: int) -> Page:
    """The trend of every endpoint, the `last` runs of each."""
    endpoints = len(by_endpoint(runs))
    tables = [
        table for (name, model), group in by_endpoint(runs) for table in _tables(name, model, group, last)
    ]
    title = f"Runs: {len(runs)}, endpoints: {endpoints}"
    return Page(title, [], tables)


def _tables(name: str, model: str, group: Sequence[Run], last: int) -> Iterator[Table]:
    """Its charts, its changes, its runs."""
    shown, told = group[-last:], changes(group)[-last:]
    lines: dict[str, list[float | None]] = {
        "failing requirements": [len(run.failures) for run in shown],
        "first token (s)": [run.first_token for run in shown],
        "tokens a second": [run.tokens_per_second for run in shown],
    }
    charts = [(what, chart(values), *_ends(values)) for what, values in lines.items()]
    yield Table(f"{name}: {model}", ("", f"last {len(shown)} runs", "first", "last"), charts)
    yield Table(
        "What changed", ("run", "changed"), [(r.started, c) for r, c in zip(shown, told, strict=True) if c]
    )
    yield Table(
        "Runs",
        ("run", "depth", "tool calling", "clients", "failing", "first token"),
        [_row(r) for r in shown],
    )


def _ends(values: Sequence[float | None]) -> tuple[str, str]:
    told = [f"{value:.3g}" for value in values if value is not None] or [""]
    return told[0], told[-1]


def _row(run: Run) -> tuple[str, ...]:
    clients = ", ".join(f"{name} {verdict}" for name, verdict in run.verdicts.items())
    first = "" if run.first_token is None else f"{run.first_token:.3g} s"
    cut = "" if run.complete else " (cut short)"
    return run.started, f"{run.depth}{cut}", run.tool_calling, clients, str(len(run.failures)), first


def as_data(runs: Sequence[Run]) -> dict[str, Any]:
    """The same for programs: every run with what it changed."""
    told = [
        (run, text) for _, group in by_endpoint(runs) for run, text in zip(group, changes(group), strict=True)
    ]
    return {
        "schema": "conformance/history/1",
        "runs": [{**asdict(run), "changed": text} for run, text in told],
    }
