"""The report as one page that opens offline: it loads nothing, and takes no text of a provider as markup.

The one script is the suite's own and is allowed by its hash; it filters and unfolds. The page is complete without it.

The page is made to be mailed and attached to issues, so it stays below `LIMIT`: when the evidence is long, exchanges without a
failure are shown shorter first, then all of them; `report.json` has the rest.
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

from conformance.report.page.arrivals import longest
from conformance.report.page.curve import curve
from conformance.report.page.evidence import Room, failures_by_exchange, first_with_same_request, shown_exchange
from conformance.report.page.markup import between_tags, linked, moment, prose
from conformance.report.page.matrix import matrix
from conformance.report.page.turns import clients_with_turns
from conformance.report.page.waterfall import rows, waterfall
from conformance.report.text import (
    OUTCOMES,
    affected,
    answers,
    arrival,
    chosen,
    cost,
    counts,
    cut,
    documented,
    headline,
    line,
    seconds,
    sentence,
    totals,
    visible,
    who_acts,
    worst,
)
from conformance.requirements.areas import title

LIMIT = 1_500_000  # bytes
_SHARES = (  # of the usual length, for exchanges with a failure and for the others; the first pair that fits
    *((1.0, 1.0), (1.0, 0.5), (0.7, 0.3), (0.4, 0.15), (0.2, 0.1)),
    *((0.1, 0.05), (0.03, 0.02), (0.0, 0.0)),
)
_UNFOLDED = ("failed", "error")  # not blocked: hundreds may be, all for one reason
_STEPS = 7
_CURVES = 4  # answers whose arrival is drawn
_BLOCK = 4_000  # characters of settings to paste
_PAGE = Path(__file__).parents[1] / "page"
_SCRIPT = (_PAGE / "page.js").read_text("utf-8")
_POLICY = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()


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
    """The templates without their indentation, which a page would repeat a thousand times."""

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
    environment.filters.update(sentence=sentence, who_acts=who_acts, block=partial(cut, most=_BLOCK))
    return environment.get_template("report.html.j2")


def _anchors(report: Mapping[str, Any]) -> dict[str, str]:
    """The anchor of each exchange on the page, by its id."""
    return {exchange["id"]: f"x{n}" for n, exchange in enumerate(report["exchanges"])}


def _view(report: Mapping[str, Any], anchors: Mapping[str, str], room: Room) -> dict[str, Any]:
    """Everything that the template shows except the evidence."""
    shown = chosen(report)
    return {
        "report": report,
        "script": Markup(_SCRIPT),  # noqa: S704 - a file of this package
        "policy": _POLICY,
        "answers": answers(shown),
        "chosen": shown,
        "others": {key: c for key, c in report["clients"].items() if key not in shown},
        "steps": [_step(step, report) for step in report["first"][:_STEPS]],
        "more_steps": max(len(report["first"]) - _STEPS, 0),
        "arrival": arrival(report),
        "clients": clients_with_turns(report, anchors, room),
        "settings": _settings(report, shown),
        "anchors": anchors,
        "areas": _areas(report, anchors, room),
        "totals": f"{_failing(report)}; of their cases {totals(report)}",
        "counts": counts(report),
        "cost": cost(report),
        "room": room,
    }


def _pictures(report: Mapping[str, Any], anchors: Mapping[str, str]) -> dict[str, Any]:
    """The pictures. They are small whatever a provider sent, so no share of the page is reserved for them."""
    arrivals = longest(report["exchanges"], _CURVES)
    return {
        "matrix": matrix(report),
        "curves": [(arrival, curve(arrival)) for arrival in arrivals],
        "gaps": any(arrival.gap for arrival in arrivals),
        "waterfall": waterfall(rows(report["exchanges"]), anchors),
    }


def _step(step: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **step,
        "headline": headline(report, step["probe"]),
        "affected": affected(step["clients"], report),
        "documented": documented(report, step["probe"]),
    }


def _settings(report: Mapping[str, Any], clients: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings of these clients, without those that have none."""
    found = {id: report["settings"].get(id, {"use": [], "avoid": []}) for id in clients}
    return [{**clients[id], **rows} for id, rows in found.items() if rows["use"] or rows["avoid"]]


def _failing(report: Mapping[str, Any]) -> str:
    """`3 of 173 requirements failed`."""
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
        _probe(id, list(cases), report, anchors, room) for id, cases in groupby(observations, key=lambda o: o["probe"])
    ]
    found = [probe["outcome"] for probe in probes]
    return {
        "id": area,
        "title": title(area),
        "probes": sorted(probes, key=lambda probe: OUTCOMES.index(probe["outcome"])),
        "counts": {o: found.count(o) for o in OUTCOMES if o in found},
        "open": any(o in _UNFOLDED for o in found),
    }


def _probe(
    id: str, cases: list[Any], report: Mapping[str, Any], anchors: Mapping[str, str], room: Room
) -> dict[str, Any]:
    """One requirement: its worst outcome, and its cases, in detail those that did not pass.

    A failed one is headed by what happens; `requirement` is then the second line.
    """
    bad = sorted((c for c in cases if c["outcome"] != "passed"), key=lambda c: OUTCOMES.index(c["outcome"]))
    facts = report["probes"].get(id, {"why": "", "source": [], "blame": None})
    return {
        "id": id,
        "outcome": (outcome := worst([c["outcome"] for c in cases])),
        "failure": facts.get("failure", "") if outcome == "failed" else "",
        "requirement": cases[0]["requirement"],
        "remedy": cases[0]["remedy"],
        "open": any(c["outcome"] in _UNFOLDED for c in cases),
        "category": cases[0]["category"],
        "matters": [c for c, how in cases[0]["severity"].items() if how != "harmless"],
        "severity": _by_severity(cases[0]["severity"], report),
        "why": [paragraph for paragraph in facts["why"].split("\n\n") if paragraph],
        "source": facts["source"],
        "blame": facts["blame"],
        "documented": next((case["documented"] for case in cases if "documented" in case), None),
        "bad": [_case(case, anchors, room) for case in bad[: room.cases]],
        "more": [case["case"] for case in bad[room.cases :]][:100],
        "passed": [_case(case, anchors, room) for case in cases if case["outcome"] == "passed"][:100],
    }


def _by_severity(severity: Mapping[str, str], report: Mapping[str, Any]) -> dict[str, list[str]]:
    """The names of the clients by what a failure means to them."""
    names = {c: report["clients"].get(c, {"name": c})["name"] for c in severity}
    groups = {how: [names[c] for c in names if severity[c] == how] for how in ("breaks", "degrades", "harmless")}
    return {how: clients for how, clients in groups.items() if clients}


def _case(case: Mapping[str, Any], anchors: Mapping[str, str], room: Room) -> dict[str, Any]:
    links = [(id, anchors.get(id)) for id in case["exchanges"][:6]]
    evidence = case["actual"] if case["outcome"] == "failed" else case["reason"]
    return {**case, "evidence": line(evidence, room.message), "links": links, "named": _named(case)}


def _named(case: Mapping[str, Any]) -> bool:
    """True when the id of its first exchange names the case already."""
    return any(id.partition("#")[0] == case["case"] for id in case["exchanges"][:1])


def _talks(report: Mapping[str, Any], anchors: Mapping[str, str], room: Room, rest: Room) -> list[dict[str, Any]]:
    """The conversations with their exchanges, with `rest` for exchanges without a failure.

    Exchanges of a conversation that the report does not list come last.
    """
    by_name: dict[str, list[Any]] = {}
    failures, same = failures_by_exchange(report), first_with_same_request(report["exchanges"])
    for exchange in report["exchanges"]:
        id = exchange["id"]
        entry = {
            **shown_exchange(exchange, room if id in failures else rest, failures.get(id, [])),
            "anchor": anchors[id],
            "same_as": same[id],
        }
        by_name.setdefault(exchange["conversation"], []).append(entry)
    talks = [{**talk, "exchanges": by_name.pop(talk["name"], [])} for talk in report["conversations"]]
    unknown = {"asks": "", "seconds": None, "blocked": ""}
    others = [{"name": n, "requests": len(left), **unknown, "exchanges": left} for n, left in by_name.items()]
    return talks + others
