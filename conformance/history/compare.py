"""Reports of several endpoints or models side by side, those first that suit one client best. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from conformance.history.diff import RANK
from conformance.report.summary import FEATURES
from conformance.report.tables import Page, Table

_EDGES = ("limits.", "load.")
_WINDOWS = ("Context Window Size", "limit.context")  # what clients call the number of tokens that fit
_ORDER = "Ordered for {}: by its verdict, how far tool calling goes, how many troubleshooting headings have a problem, the time to the first token, and the price."


def comparison(reports: Sequence[tuple[str, Mapping[str, Any]]], client: str) -> dict[str, Any]:
    """What each report (with the name of its file) comes to, in the order that suits the client."""
    entries = sorted(
        (_entry(file, report, client) for file, report in reports), key=lambda e: _place(e, client)
    )
    return {"schema": "conformance/compare/1", "client": client, "reports": entries}


def _entry(file: str, report: Mapping[str, Any], client: str) -> dict[str, Any]:
    endpoint, timings = report["endpoint"], report.get("timings") or {}
    problems = {id: c for id, c in report["categories"].items() if c["status"] == "problem"}
    told = endpoint["configuration"]
    return {
        "file": file,
        **{name: endpoint[name] for name in ("name", "model", "base_url")},
        **{name: report[name] for name in ("started", "depth", "complete")},
        "clients": {id: {"name": c["name"], "verdict": c["verdict"]} for id, c in report["clients"].items()},
        "tool_calling": report["tool_calling"]["level"],
        "features": {name: _shown(report, probe) for name, probe in FEATURES.items()},
        "problems": [c["heading"] for c in problems.values()],
        "context_window": _window(report),
        "limits": [id for c in problems.values() for id in c["probes"] if id.startswith(_EDGES)],
        "first_token": (timings.get("first_token") or {}).get("median"),
        "tokens_per_second": (timings.get("tokens_per_second") or {}).get("median"),
        "price": {
            "input": _number(told.get("input_price")),
            "output": _number(told.get("output_price")),
            "turn": _turn(report, client),
            "run": report["cost"]["price"],
        },
    }


def _shown(report: Mapping[str, Any], probe: str) -> bool | None:
    """Whether a feature is there, by the requirement that shows it; None where that could not be judged."""
    outcomes = {o["outcome"] for o in report["observations"] if o["probe"] == probe}
    return False if "failed" in outcomes else True if "passed" in outcomes else None


def _turn(report: Mapping[str, Any], client: str) -> float | None:
    """What a turn of the client costs, the median of those that it took."""
    prices = [t["price"] for t in report["turns"] if t["client"] == client and t["price"] is not None]
    return median(prices) if prices else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _window(report: Mapping[str, Any]) -> int | None:
    """How many tokens fit, as a client's settings have it."""
    rows = [row for settings in report["settings"].values() for row in settings["use"]]
    found = (row["value"] for row in rows if row["name"] in _WINDOWS and row["value"].isdecimal())
    return next((int(value[:12]) for value in found), None)


def _place(entry: Mapping[str, Any], client: str) -> tuple[Any, ...]:
    prices = [p for p in (entry["price"]["input"], entry["price"]["output"]) if p is not None]
    return (
        RANK[_verdict(entry, client)],
        RANK[entry["tool_calling"]],
        len(entry["problems"]),
        math.inf if entry["first_token"] is None else entry["first_token"],
        sum(prices) if prices else math.inf,
        entry["model"],
        entry["file"],
    )


def _verdict(entry: Mapping[str, Any], client: str) -> str:
    return str(entry["clients"].get(client, {"verdict": "unknown"})["verdict"])


def page(found: Mapping[str, Any]) -> Page:
    """The comparison as people read it."""
    entries, client = found["reports"], found["client"]
    names = {id: c["name"] for e in entries for id, c in e["clients"].items()}
    columns = sorted(names, key=lambda id: id != client)
    notes = [_ORDER.format(names.get(client, client))]
    if len({entry["depth"] for entry in entries}) > 1:
        notes.append("These runs are of different depths: a deeper one finds more.")
    verdicts = [
        (_title(n, e), *(_verdict(e, id) for id in columns), e["tool_calling"], ", ".join(e["problems"]))
        for n, e in enumerate(entries, 1)
    ]
    head = ("endpoint", *(names[id] for id in columns), "tool calling", "problems")
    return Page(
        f"Reports side by side: {len(entries)}",
        notes,
        [Table("Verdicts", head, verdicts), _features(entries), _measured(entries)],
    )


def _title(place: int, entry: Mapping[str, Any]) -> str:
    cut = "" if entry["complete"] else " (incomplete)"
    return f"{place}. {entry['model']} at {entry['name']}{cut}"


def _features(entries: Sequence[Mapping[str, Any]]) -> Table:
    """A row for each endpoint; a feature that no report tells of has no column."""
    told = [name for name in FEATURES if any(entry["features"][name] is not None for entry in entries)]
    words = {True: "yes", False: "no", None: ""}
    rows = [(_title(n, e), *(words[e["features"][name]] for name in told)) for n, e in enumerate(entries, 1)]
    return Table("Features", ("endpoint", *told), rows if told else [])


def _measured(entries: Sequence[Mapping[str, Any]]) -> Table:
    head = (
        "endpoint",
        "context",
        "first token",
        "tokens/s",
        "price in/out",
        "a turn",
        "the run",
        "depth",
        "started",
        "report",
        "limits not met",
    )
    return Table("Limits, speed and price", head, [_numbers(n, e) for n, e in enumerate(entries, 1)])


def _numbers(place: int, entry: Mapping[str, Any]) -> tuple[str, ...]:
    price = entry["price"]
    both = [price["input"], price["output"]]
    return (
        _title(place, entry),
        _told(entry["context_window"], "{:,}"),
        _told(entry["first_token"], "{:.2f} s"),
        _told(entry["tokens_per_second"], "{:,.0f}"),
        "" if both == [None, None] else " / ".join(_told(p, "{:g}") or "?" for p in both),
        _told(price["turn"], "{:.4f}"),
        _told(price["run"], "{:.4f}"),
        entry["depth"],
        entry["started"],
        entry["file"],
        ", ".join(entry["limits"]),
    )


def _told(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
