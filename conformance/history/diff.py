"""What is otherwise in a newer report: verdicts, tool calling, requirements case by case, and timings. Pure.

Timings move with every run, so one counts as moved only when the medians lie apart by more than 50 ms (for a time) and by more
than a quarter, and the ranges in which the middle half of each run's values lay do not touch. They never decide the exit code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.report.tables import Page, Table, measured

RANK = {
    **dict.fromkeys(("works", "complete", "passed", "not-applicable"), 0),
    **dict.fromkeys(("degraded", "partial"), 1),
    **dict.fromkeys(("unknown", "blocked", "error"), 2),
    **dict.fromkeys(("fails", "none", "failed"), 3),
}
_UNJUDGED = 2
_OTHER = {  # what else may be why two reports differ
    "model": "model",
    "depth": "depth",
    "version": "version of the suite",
    "profiles": "version of a client",
}
_SHARE, _SECONDS = 0.25, 0.05  # what a timing has to move by at least
FASTER = {"first_token": False, "tokens_per_second": True}  # whether more of it is better
_RULE = "A timing counts as moved when the medians differ by more than a quarter (a time: and by more than 0.05 s) and the middle halves of the two runs do not touch."


def moved(old: str, new: str) -> str:
    """better, worse, same, or unjudged: what was bad before and cannot be judged now has not become better."""
    if RANK[new] == _UNJUDGED and RANK[old] > _UNJUDGED:
        return "unjudged"
    return "worse" if RANK[new] > RANK[old] else "better" if RANK[new] < RANK[old] else "same"


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that differs; `worse` is true when a verdict, the tool calling or a requirement got worse."""
    clients = [entry for entry in _clients(old, new) if entry["change"] != "same"]
    tools = _changed(old["tool_calling"]["level"], new["tool_calling"]["level"])
    probes = [entry for entry in _probes(old, new) if entry["change"] != "same"]
    changes = [entry["change"] for entry in (*clients, tools, *probes)]
    return {
        "schema": "conformance/diff/1",
        "old": _about(old),
        "new": _about(new),
        "worse": "worse" in changes,
        "clients": clients,
        "tool_calling": tools,
        "probes": probes,
        "timings": list(_timings(old, new)),
    }


def _about(report: Mapping[str, Any]) -> dict[str, Any]:
    endpoint = report["endpoint"]
    named = {name: endpoint[name] for name in ("name", "base_url", "model")}
    return {
        **named,
        "started": report["started"],
        "depth": report["depth"],
        "version": report["tool"]["version"],
        "profiles": [f"{id}@{client['version']}" for id, client in report["clients"].items()],
    }


def _changed(old: str, new: str) -> dict[str, str]:
    return {"old": old, "new": new, "change": moved(old, new)}


def _clients(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for id, client in new["clients"].items():
        if id in old["clients"]:
            yield {
                "client": id,
                "name": client["name"],
                **_changed(old["clients"][id]["verdict"], client["verdict"]),
            }


def _probes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One entry for each requirement and way in which cases of it changed, in the order of the newer report."""
    before, after = _cases(old), _cases(new)
    nowhere: dict[str, Any] = {"cases": {}}
    for id in dict.fromkeys([*after, *before]):
        there, here = before.get(id, nowhere)["cases"], after.get(id, nowhere)["cases"]
        for change, cases in _by_change(there, here).items():
            told = {
                "probe": id,
                "requirement": (after.get(id) or before[id])["requirement"],
                "change": change,
            }
            yield {**told, "cases": cases, **_seen({c: here.get(c) or there[c] for c in cases})}


def _by_change(there: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, list[str]]:
    """The cases by how they changed. Of a requirement that both reports know, a case of one alone counts when it failed."""
    found: dict[str, list[str]] = {}
    for case in {**here, **there}:
        if case in here and case in there:
            found.setdefault(moved(there[case][0], here[case][0]), []).append(case)
        elif not (here and there) or (here.get(case) or there[case])[0] == "failed":
            found.setdefault("new" if case in here else "gone", []).append(case)
    return found


def _cases(report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Outcome and words of every case, by probe."""
    found: dict[str, dict[str, Any]] = {}
    for o in report["observations"]:
        entry = found.setdefault(o["probe"], {"requirement": o["requirement"], "cases": {}})
        entry["cases"][o["case"]] = (o["outcome"], o["actual"] or o["reason"])
    return found


def _seen(cases: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """How many cases came to what, and what the first of the worst says."""
    told = min(cases.values(), key=lambda case: -RANK[case[0]])
    return {"outcomes": dict(Counter(outcome for outcome, _ in cases.values())), "seen": told[1]}


def _timings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    before, after = old.get("timings") or {}, new.get("timings") or {}
    for name in FASTER:
        was, now = before.get(name), after.get(name)
        if was and now and (change := moved_timing(name, was, now)):
            yield {"timing": name, "old": was, "new": now, "change": change}


def moved_timing(name: str, was: Mapping[str, float], now: Mapping[str, float]) -> str:
    """How a timing moved, better or worse, for a spread that lies beyond noise, else ""."""
    more_is_better = FASTER[name]
    if not _beyond_noise(was, now, 0 if more_is_better else _SECONDS):
        return ""
    return "better" if (now["median"] > was["median"]) is more_is_better else "worse"


def _beyond_noise(was: Mapping[str, float], now: Mapping[str, float], least: float) -> bool:
    """True when two spreads lie apart by more than `least`, by more than a quarter, and do not touch."""
    apart = abs(now["median"] - was["median"])
    touching = was["low"] <= now["high"] and now["low"] <= was["high"]
    return not touching and apart > least and apart > _SHARE * min(was["median"], now["median"])


def page(found: Mapping[str, Any]) -> Page:
    """The difference as people read it."""
    notes = [
        f"{side.capitalize()}: {a['model']} at {a['base_url']}, {a['started']}, depth {a['depth']}"
        for side, a in ((side, found[side]) for side in ("old", "new"))
    ]
    notes += [
        f"The {told} differs." for what, told in _OTHER.items() if found["old"][what] != found["new"][what]
    ]
    head = ("change", "what", "old", "new")
    timings = Table("Timings", head, _timing_rows(found))
    tables = [Table("Verdicts", head, _verdict_rows(found)), *_requirements(found), timings]
    notes += [] if any(table.rows for table in tables) else ["Nothing changed."]
    notes += [_RULE] if timings.rows else []
    return Page("Something got worse" if found["worse"] else "Nothing got worse", notes, tables)


def _verdict_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    tools = {"name": "Native tool calling", **found["tool_calling"]}
    changed = [entry for entry in (*found["clients"], tools) if entry["change"] != "same"]
    return [(entry["change"], entry["name"], entry["old"], entry["new"]) for entry in changed]


def _timing_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            t["change"],
            t["timing"].replace("_", " "),
            *(measured(t[side]["median"]) for side in ("old", "new")),
        )
        for t in found["timings"]
    ]


def _requirements(found: Mapping[str, Any]) -> Iterator[Table]:
    titles = {
        "worse": "Got worse",
        "unjudged": "No longer judged",
        "better": "Got better",
        "new": "New",
        "gone": "Gone",
    }
    for change, title in titles.items():
        rows = [
            (
                p["probe"],
                ", ".join(f"{n} {o}" for o, n in p["outcomes"].items()),
                p["seen"] or p["requirement"],
            )
            for p in found["probes"]
            if p["change"] == change
        ]
        yield Table(title, ("requirement", "cases", "seen"), rows)
