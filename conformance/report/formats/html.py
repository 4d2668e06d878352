"""The report as one page that opens offline: nothing loaded, nothing foreign taken as markup.

The one script is ours and is allowed by its hash; it filters and unfolds. Without it the page is as complete.

The page is meant to be mailed and attached to issues, so it stays below `LIMIT`: when the evidence is long, what
nobody complained of is shown shorter, then all of it is, and `report.json` has the rest.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from conformance.report.page.arrivals import telling
from conformance.report.page.evidence import Room, complaints, cut, shown_exchange, told_before
from conformance.report.page.markup import between_tags, linked, moment, prose
from conformance.report.page.matrix import matrix
from conformance.report.page.pictures import curve
from conformance.report.page.turns import clients_at_work
from conformance.report.page.waterfall import rows, waterfall
from conformance.report.text import (
    OUTCOMES,
    answers,
    arrival,
    chosen,
    counts,
    documented,
    hurt,
    line,
    reason,
    seconds,
    sentence,
    spent,
    tally,
    visible,
    worst,
)

LIMIT = 1_500_000  # bytes
_SHARES = (  # of the usual length: for what was complained of, and for the rest; the first that fits
    *((1.0, 1.0), (1.0, 0.5), (0.7, 0.3), (0.4, 0.15), (0.2, 0.1)),
    *((0.1, 0.05), (0.03, 0.02), (0.0, 0.0)),
)
_WRONG = ("failed", "error")  # shown unfolded: of what is blocked there may be hundreds, all for one reason
_STEPS = 7
_CURVES = 4  # answers whose arrival is drawn
_BLOCK = 4_000  # characters of settings to paste
_PAGE = Path(__file__).parents[1] / "page"
_SCRIPT = (_PAGE / "page.js").read_text("utf-8")
_POLICY = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_TITLES = {
    "url": "Base URL",
    "auth": "API key",
    "models": "Model list",
    "chat": "Plain answers",
    "stream": "Streaming",
    "tools": "Tool calls",
    "toolstream": "Streamed tool calls",
    "params": "Parameters",
    "images": "Images",
    "usage": "Token usage",
    "errors": "Errors",
    "limits": "Limits",
    "load": "Load",
    "client": "Whole turns of a client",
}


def render(report: Mapping[str, Any]) -> str:
    """The report as an HTML page."""
    page, anchors = "", _anchors(report)
    pictures = _pictures(report, anchors)
    for share, rest in _SHARES:
        shown = {
            **_view(report, anchors, Room.of(share)),
            "talks": _talks(report, anchors, Room.of(share), Room.of(rest)),
        }
        page = _template().render({**shown, **pictures})
        if len(page.encode("utf-8", "backslashreplace")) <= LIMIT:
            break
    return page


class _Unindented(FileSystemLoader):
    """The templates without the indentation that is there for whoever reads them: a page repeats it a thousandfold."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Any]:
        """The source of a template, its file, and whether that is still current."""
        source, file, current = super().get_source(environment, template)
        return re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE), file, current


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        loader=_Unindented(_PAGE),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(prose=prose, linked=linked, visible=visible, line=line)
    environment.filters.update(between_tags=between_tags, moment=moment, seconds=seconds)
    environment.filters.update(reason=reason, sentence=sentence, block=partial(cut, most=_BLOCK))
    return environment.get_template("report.html.j2")


def _anchors(report: Mapping[str, Any]) -> dict[str, str]:
    """Where each exchange stands on the page."""
    return {exchange["id"]: f"x{n}" for n, exchange in enumerate(report["exchanges"])}


def _view(report: Mapping[str, Any], anchors: Mapping[str, str], room: Room) -> dict[str, Any]:
    """All that the template shows but for the evidence itself."""
    shown = chosen(report)
    return {
        "report": report,
        "script": Markup(_SCRIPT),  # noqa: S704 - our own file
        "policy": _POLICY,
        "answers": answers(shown),
        "chosen": shown,
        "others": {key: c for key, c in report["clients"].items() if key not in shown},
        "steps": [_step(step, report) for step in report["first"][:_STEPS]],
        "more_steps": max(len(report["first"]) - _STEPS, 0),
        "arrival": arrival(report),
        "clients": clients_at_work(report, anchors, room),
        "settings": _settings(report, shown),
        "titles": _TITLES,
        "anchors": anchors,
        "areas": _areas(report, anchors, room),
        "tally": f"{_failing(report)}; case by case {tally(report)}",
        "counts": counts(report),
        "spent": spent(report),
        "room": room,
    }


def _pictures(report: Mapping[str, Any], anchors: Mapping[str, str]) -> dict[str, Any]:
    """What is drawn: it is small whatever was sent, so no share of the page is set aside for it."""
    arrivals = telling(report["exchanges"], _CURVES)
    return {
        "matrix": matrix(report),
        "curves": [(arrival, curve(arrival)) for arrival in arrivals],
        "gaps": any(arrival.gap for arrival in arrivals),
        "waterfall": waterfall(rows(report["exchanges"]), anchors),
    }


def _step(step: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    return {**step, "hurt": hurt(step, report), "documented": documented(step, report)}


def _settings(report: Mapping[str, Any], clients: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings of the clients that are shown, for those that have any."""
    found = {id: report["settings"].get(id, {"use": [], "avoid": []}) for id in clients}
    return [{**clients[id], **told} for id, told in found.items() if told["use"] or told["avoid"]]


def _failing(report: Mapping[str, Any]) -> str:
    """`3 of 173 requirements failed`: one may fail in many cases."""
    every = {o["probe"] for o in report["observations"]}
    failed = {o["probe"] for o in report["observations"] if o["outcome"] == "failed"}
    return f"{len(failed) or 'None'} of {len(every)} requirements failed"


def _areas(report: Mapping[str, Any], anchors: Mapping[str, str], room: Room) -> list[dict[str, Any]]:
    """The probes by area, each with its cases."""
    by_area = groupby(report["observations"], key=lambda o: o["area"])
    return [_area(area, list(observations), report, anchors, room) for area, observations in by_area]


def _area(
    area: str, observations: list[Any], report: Mapping[str, Any], anchors: Mapping[str, str], room: Room
) -> dict[str, Any]:
    probes = [
        _probe(id, list(cases), report, anchors, room)
        for id, cases in groupby(observations, key=lambda o: o["probe"])
    ]
    found = [probe["outcome"] for probe in probes]
    return {
        "id": area,
        "title": _TITLES.get(area, area),
        "probes": sorted(probes, key=lambda probe: OUTCOMES.index(probe["outcome"])),
        "counts": {o: found.count(o) for o in OUTCOMES if o in found},
        "open": any(o in _WRONG for o in found),
    }


def _probe(
    id: str, cases: list[Any], report: Mapping[str, Any], anchors: Mapping[str, str], room: Room
) -> dict[str, Any]:
    """One probe: what it came to over all its cases, and the cases, those that did not pass in full."""
    bad = sorted((c for c in cases if c["outcome"] != "passed"), key=lambda c: OUTCOMES.index(c["outcome"]))
    facts = report["probes"].get(id, {"why": "", "source": [], "blame": None})
    return {
        "id": id,
        "outcome": worst([c["outcome"] for c in cases]),
        "requirement": cases[0]["requirement"],
        "remedy": cases[0]["remedy"],
        "open": any(c["outcome"] in _WRONG for c in cases),
        "category": cases[0]["category"],
        "matters": [c for c, how in cases[0]["severity"].items() if how != "harmless"],
        "severity": _felt(cases[0]["severity"], report),
        "why": [paragraph for paragraph in facts["why"].split("\n\n") if paragraph],
        "source": facts["source"],
        "blame": facts["blame"],
        "documented": next((case["documented"] for case in cases if "documented" in case), None),
        "bad": [_case(case, anchors, room) for case in bad[: room.cases]],
        "more": [case["case"] for case in bad[room.cases :]][:100],
        "passed": [_case(case, anchors, room) for case in cases if case["outcome"] == "passed"][:100],
    }


def _felt(severity: Mapping[str, str], report: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names of clients by what a failure means to them."""
    names = {c: report["clients"].get(c, {"name": c})["name"] for c in severity}
    groups = {
        how: [names[c] for c in names if severity[c] == how] for how in ("breaks", "degrades", "harmless")
    }
    return {how: clients for how, clients in groups.items() if clients}


def _case(case: Mapping[str, Any], anchors: Mapping[str, str], room: Room) -> dict[str, Any]:
    links = [(id, anchors.get(id)) for id in case["exchanges"][:6]]
    said = case["actual"] if case["outcome"] == "failed" else case["reason"]
    return {**case, "said": line(said, room.message), "links": links, "named": _named(case)}


def _named(case: Mapping[str, Any]) -> bool:
    """True when the ids of its exchanges name the case already."""
    return any(id.partition("#")[0] == case["case"] for id in case["exchanges"][:1])


def _talks(
    report: Mapping[str, Any], anchors: Mapping[str, str], room: Room, rest: Room
) -> list[dict[str, Any]]:
    """The conversations with their exchanges, `rest` for those in which nothing failed; those nobody told of come last."""
    by_name: dict[str, list[Any]] = {}
    found, before = complaints(report), told_before(report["exchanges"])
    for exchange in report["exchanges"]:
        id = exchange["id"]
        entry = {
            **shown_exchange(exchange, room if id in found else rest, found.get(id, [])),
            "anchor": anchors[id],
            "before": before[id],
        }
        by_name.setdefault(exchange["conversation"], []).append(entry)
    talks = [{**talk, "exchanges": by_name.pop(talk["name"], [])} for talk in report["conversations"]]
    silent = {"asks": "", "seconds": None, "blocked": ""}
    untold = [{"name": n, "requests": len(left), **silent, "exchanges": left} for n, left in by_name.items()]
    return talks + untold
