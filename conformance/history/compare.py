"""Reports of several endpoints or models compared, the best for one client first. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from conformance.report.states import rank
from conformance.report.summary import FEATURES
from conformance.report.tables import Page, Table

_LIMITS = ("limits.", "load.")
_WINDOWS = ("Context Window Size", "limit.context")  # the names of this setting in the clients
_ORDER = "Ordered for {}: by its verdict, native tool calling, the number of troubleshooting headings with a problem, the time to the first token, and the price."


def comparison(reports: Sequence[tuple[str, Mapping[str, Any]]], client: str) -> dict[str, Any]:
    """The conclusions of each report (given with its file name), the best for the client first."""
    entries = sorted((_entry(file, report, client) for file, report in reports), key=lambda e: _place(e, client))
    return {"schema": "conformance/compare/1", "client": client, "reports": entries}


def _entry(file: str, report: Mapping[str, Any], client: str) -> dict[str, Any]:
    endpoint, timings = report["endpoint"], report.get("timings") or {}
    problems = {id: c for id, c in report["categories"].items() if c["status"] == "problem"}
    configuration = endpoint["configuration"]
    return {
        "file": file,
        **{name: endpoint[name] for name in ("name", "model", "base_url")},
        **{name: report[name] for name in ("started", "depth", "complete")},
        "clients": {id: {"name": c["name"], "verdict": c["verdict"]} for id, c in report["clients"].items()},
        "tool_calling": report["tool_calling"]["level"],
        "features": {name: _shown(report, probe) for name, probe in FEATURES.items()},
        "problems": [c["heading"] for c in problems.values()],
        "context_window": _window(report),
        "limits": [id for c in problems.values() for id in c["probes"] if id.startswith(_LIMITS)],
        "first_token": (timings.get("first_token") or {}).get("median"),
        "tokens_per_second": (timings.get("tokens_per_second") or {}).get("median"),
        "price": {
            "input": _number(configuration.get("input_price")),
            "output": _number(configuration.get("output_price")),
            "turn": _turn(report, client),
            "run": report["cost"]["price"],
        },
    }


def _shown(report: Mapping[str, Any], probe: str) -> bool | None:
    """Whether the endpoint has a feature, by the requirement that shows it; None where that was not judged."""
    outcomes = {o["outcome"] for o in report["observations"] if o["probe"] == probe}
    return False if "failed" in outcomes else True if "passed" in outcomes else None


def _turn(report: Mapping[str, Any], client: str) -> float | None:
    """The median price of the client's turns; None without a price."""
    prices = [t["price"] for t in report["turns"] if t["client"] == client and t["price"] is not None]
    return median(prices) if prices else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _window(report: Mapping[str, Any]) -> int | None:
    """The context window in tokens, as in the settings of a client; None when no settings have it."""
    rows = [row for settings in report["settings"].values() for row in settings["use"]]
    found = (row["value"] for row in rows if row["name"] in _WINDOWS and row["value"].isdecimal())
    return next((int(value[:12]) for value in found), None)


def _place(entry: Mapping[str, Any], client: str) -> tuple[Any, ...]:
    prices = [p for p in (entry["price"]["input"], entry["price"]["output"]) if p is not None]
    return (
        rank(_verdict(entry, client)),
        rank(entry["tool_calling"]),
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
        notes.append("The runs have different depths: a deeper run finds more.")
    verdicts = [
        (_title(n, e), *(_verdict(e, id) for id in columns), e["tool_calling"], ", ".join(e["problems"]))
        for n, e in enumerate(entries, 1)
    ]
    head = ("endpoint", *(names[id] for id in columns), "tool calling", "problems")
    return Page(
        f"Reports compared: {len(entries)}",
        notes,
        [Table("Verdicts", head, verdicts), _features(entries), _measured(entries)],
    )


def _title(place: int, entry: Mapping[str, Any]) -> str:
    cut = "" if entry["complete"] else " (incomplete)"
    return f"{place}. {entry['model']} at {entry['name']}{cut}"


def _features(entries: Sequence[Mapping[str, Any]]) -> Table:
    """A row for each endpoint; a feature that no run judged has no column."""
    judged = [name for name in FEATURES if any(entry["features"][name] is not None for entry in entries)]
    words = {True: "yes", False: "no", None: ""}
    rows = [(_title(n, e), *(words[e["features"][name]] for name in judged)) for n, e in enumerate(entries, 1)]
    return Table("Features", ("endpoint", *judged), rows if judged else [])


def _measured(entries: Sequence[Mapping[str, Any]]) -> Table:
    head = (
        "endpoint",
        "context",
        "first token",
        "tokens/s",
        "price in/out per 1M tokens",
        "price per turn",
        "price of the run",
        "depth",
        "started",
        "report",
        "failed limits",
    )
    return Table("Limits, speed and price", head, [_numbers(n, e) for n, e in enumerate(entries, 1)])


def _numbers(place: int, entry: Mapping[str, Any]) -> tuple[str, ...]:
    price = entry["price"]
    both = [price["input"], price["output"]]
    return (
        _title(place, entry),
        _text(entry["context_window"], "{:,}"),
        _text(entry["first_token"], "{:.2f} s"),
        _text(entry["tokens_per_second"], "{:,.0f}"),
        "" if both == [None, None] else " / ".join(_text(p, "{:g}") or "?" for p in both),
        _text(price["turn"], "{:.4f}"),
        _text(price["run"], "{:.4f}"),
        entry["depth"],
        entry["started"],
        entry["file"],
        ", ".join(entry["limits"]),
    )


def _text(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)
