"""The changes from one report to a newer one: verdicts, tool calling, requirements case by case, and timings. Pure.

Timings vary from run to run, so one counts as changed only when the medians differ by more than a quarter (a time: and by more
than 50 ms) and the ranges that hold the middle half of each run's values do not overlap. They never decide the exit code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.report.states import rank
from conformance.report.tables import Page, Table, measured
from conformance.report.text import failure

_OTHER = {  # other reasons why two reports may differ
    "model": "model",
    "depth": "depth",
    "version": "version of this suite",
    "profiles": "version of a client",
}
_SHARE, _SECONDS = 0.25, 0.05  # the least change of a timing that counts
FASTER = {"first_token": False, "tokens_per_second": True}  # whether a larger value is better
_RULE = "A timing counts as changed when the medians differ by more than a quarter (a time: and by more than 0.05 s) and the middle halves of the two runs do not overlap."


def change(old: str, new: str) -> str:
    """worse, better or same; unjudged for a failure that is not judged any more, which is no improvement."""
    if rank("unknown") == rank(new) < rank(old):
        return "unjudged"
    return "worse" if rank(new) > rank(old) else "better" if rank(new) < rank(old) else "same"


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that changed; `worse` is true when a verdict, tool calling or a requirement got worse."""
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
    return {"old": old, "new": new, "change": change(old, new)}


def _clients(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for id, client in new["clients"].items():
        if id in old["clients"]:
            yield {"client": id, "name": client["name"], **_changed(old["clients"][id]["verdict"], client["verdict"])}


def _probes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One entry for each requirement and kind of change of its cases, in the order of the newer report."""
    before, after = _cases(old), _cases(new)
    nowhere: dict[str, Any] = {"cases": {}}
    for id in dict.fromkeys([*after, *before]):
        there, here = before.get(id, nowhere)["cases"], after.get(id, nowhere)["cases"]
        for kind, cases in _by_change(there, here).items():
            what = {"probe": id, "requirement": (after.get(id) or before[id])["requirement"], "change": kind}
            yield {**what, "cases": cases, **_seen({c: here.get(c) or there[c] for c in cases})}


def _by_change(there: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, list[str]]:
    """The cases by how they changed. Of a requirement in both reports, a case in only one counts when it failed."""
    found: dict[str, list[str]] = {}
    for case in {**here, **there}:
        if case in here and case in there:
            found.setdefault(change(there[case][0], here[case][0]), []).append(case)
        elif not (here and there) or (here.get(case) or there[case])[0] == "failed":
            found.setdefault("new" if case in here else "gone", []).append(case)
    return found


def _cases(report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Outcome of every case, and what happened in it, by probe."""
    found: dict[str, dict[str, Any]] = {}
    for o in report["observations"]:
        entry = found.setdefault(o["probe"], {"requirement": o["requirement"], "cases": {}})
        failed = o["outcome"] == "failed"
        seen = failure(report, o["probe"], o["actual"]) if failed else o["actual"] or o["reason"]
        entry["cases"][o["case"]] = (o["outcome"], seen)
    return found


def _seen(cases: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """How many cases have each outcome, and the evidence of the worst."""
    worst = max(cases.values(), key=lambda case: rank(case[0]))
    return {"outcomes": dict(Counter(outcome for outcome, _ in cases.values())), "seen": worst[1]}


def _timings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    before, after = old.get("timings") or {}, new.get("timings") or {}
    for name in FASTER:
        was, now = before.get(name), after.get(name)
        if was and now and (kind := changed_timing(name, was, now)):
            yield {"timing": name, "old": was, "new": now, "change": kind}


def changed_timing(name: str, was: Mapping[str, float], now: Mapping[str, float]) -> str:
    """Better or worse for a change beyond noise, else ""."""
    more_is_better = FASTER[name]
    if not _beyond_noise(was, now, 0 if more_is_better else _SECONDS):
        return ""
    return "better" if (now["median"] > was["median"]) is more_is_better else "worse"


def _beyond_noise(was: Mapping[str, float], now: Mapping[str, float], least: float) -> bool:
    """True when two spreads do not overlap and their medians differ by more than `least` and by more than a quarter."""
    apart = abs(now["median"] - was["median"])
    overlapping = was["low"] <= now["high"] and now["low"] <= was["high"]
    return not overlapping and apart > least and apart > _SHARE * min(was["median"], now["median"])


def page(found: Mapping[str, Any]) -> Page:
    """The changes as tables."""
    notes = [
        f"{side.capitalize()}: {a['model']} at {a['base_url']}, {a['started']}, depth {a['depth']}"
        for side, a in ((side, found[side]) for side in ("old", "new"))
    ]
    notes += [f"The {name} differs." for what, name in _OTHER.items() if found["old"][what] != found["new"][what]]
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
        (t["change"], t["timing"].replace("_", " "), *(measured(t[side]["median"]) for side in ("old", "new")))
        for t in found["timings"]
    ]


def _requirements(found: Mapping[str, Any]) -> Iterator[Table]:
    titles = {
        "worse": "Got worse",
        "unjudged": "Failed before, not judged now",
        "better": "Got better",
        "new": "New",
        "gone": "Gone",
    }
    for change, title in titles.items():
        rows = [
            (p["probe"], ", ".join(f"{n} {o}" for o, n in p["outcomes"].items()), p["seen"] or p["requirement"])
            for p in found["probes"]
            if p["change"] == change
        ]
        yield Table(title, ("requirement", "cases", "what happens"), rows)
