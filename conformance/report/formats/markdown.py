"""A summary for a pull request or the page of a build: short, and a provider's text in it cannot mention, link or format.

A provider's text stands in code spans; sentences that may quote it are escaped. The only links lead to pages where the provider
documents something; the schema restricts their addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.report.states import look
from conformance.report.text import (
    affected,
    arrival,
    chosen,
    cost,
    cut,
    documented,
    headline,
    line,
    sentence,
    totals,
    who_acts,
)

_STEPS = 5  # what to fix first; the rest is in the report
_FAILURES = 25
_ADVICE = 4
_BLOCK = 2_000  # characters of settings to paste


def render(report: Mapping[str, Any]) -> str:
    """The report as GitHub-flavoured Markdown."""
    endpoint = report["endpoint"]
    parts = [
        f"## Conformance of {code(endpoint['model'])} at {code(endpoint['base_url'])}",
        f"> **Incomplete:** {plain(report['incomplete'])}" if report["incomplete"] else "",
        plain(report.get("gate", "")),
        _advice(report),
        _clients(report),
        _tool_calling(report),
        _headings(report),
        _first(report),
        _settings(report),
        _failures(report),
        f"{totals(report)}. {cost(report)}. Depth {report['depth']}.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def code(text: str, most: int = 300) -> str:
    """Any text as a code span that it cannot end."""
    shown = line(text, most) or "(nothing)"
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def plain(text: str, most: int = 500) -> str:
    """A sentence with its `code` kept and the rest escaped; @names and addresses stay plain text."""
    pieces = line(text, most).split("`")
    if len(pieces) % 2 == 0:
        return _escaped("`".join(pieces))
    return "".join(code(piece) if n % 2 and piece else _escaped(piece) for n, piece in enumerate(pieces))


def _escaped(text: str) -> str:
    quiet = re.sub(r"(?i)(@|#|://|www\.)", lambda found: f"{found[0][0]}\0{found[0][1:]}", text)
    return re.sub(r"([\\`*_\[\]<>|~&$])", r"\\\1", quiet).replace("\0", "&#8203;")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; `|` would end a cell even in a code span, so it is escaped."""
    lines = [head, ["---"] * len(head), *([re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _advice(report: Mapping[str, Any]) -> str:
    advice = report["endpoint"]["advice"][:_ADVICE]
    title = "> **Check what you typed:** the base URL and the model id."
    return "\n".join([title, ">", *(f"> - {plain(text)}" for text in advice)]) if advice else ""


def _clients(report: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{plain(c['name'])} {plain(c['version'])}",
            _state(c["verdict"]),
            f"Its user sees {code(c['sees'])}. {why}" if c["sees"] else why,
        ]
        for c in chosen(report).values()
        for why in [plain(sentence(c["summary"]))]
    ]
    return _table(["Client", "Verdict", "Why"], rows)


def _state(state: str) -> str:
    return f"{look(state).sign} {state}"


def _tool_calling(report: Mapping[str, Any]) -> str:
    tools = report["tool_calling"]
    blame = f" ({who_acts(tools['blame'])})" if tools["blame"] else ""
    summary = f"{plain(sentence(tools['summary']))} {arrival(report)}".rstrip()
    return f"**Native tool calling:** {_state(tools['level'])}{blame}. {summary}"


def _headings(report: Mapping[str, Any]) -> str:
    rows = [
        [c["heading"], _state(c["status"]), "" if c["status"] == "ok" else plain(c["advice"])]
        for c in report["categories"].values()
    ]
    return _table(["Troubleshooting", "Status", "What to check"], rows)


def _first(report: Mapping[str, Any]) -> str:
    steps = report["first"][:_STEPS]
    left = len(report["first"]) - len(steps)
    lines = ["### What to fix first", "", *(_step(n, step, report) for n, step in enumerate(steps, 1))]
    return "\n".join([*lines, f"\n… and {left} more." if left else ""]).rstrip() if steps else ""


def _step(number: int, step: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    note = documented(report, step["probe"])
    return (
        f"{number}. **{plain(step['remedy'])}** ({who_acts(step['blame'])}; {plain(affected(step['clients'], report))})  \n"
        f"   {plain(headline(report, step['probe']))} Seen: {code(step['actual'], 240)}"
        + (f"  \n   {_link(note)} (as of {plain(note['as_of'], 20)}): {plain(note['what'])}" if note else "")
    )


def _link(note: Mapping[str, str]) -> str:
    return f"[Documented by the provider]({note['source']})"


def _settings(report: Mapping[str, Any]) -> str:
    """The settings to paste into each chosen client, folded."""
    clients = chosen(report).items()
    blocks = [
        f"{plain(c['name'])}\n\n{block(settings['paste'])}"
        for id, c in clients
        if (settings := report["settings"].get(id)) and settings["paste"]
    ]
    title = "<details><summary>Settings to paste</summary>"
    return "\n\n".join([title, *blocks, "</details>"]) if blocks else ""


def block(text: str, language: str = "", most: int = _BLOCK) -> str:
    """Lines as a code block that they cannot end; a colon at the start of a line, a command to build servers, is spelled out."""
    lines = [re.sub(r"^(\s*):", r"\1\\x3a", row) for row in cut(text, most).splitlines()]
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return "\n".join([f"{fence}{language}", *lines, fence])


def _failures(report: Mapping[str, Any]) -> str:
    failed = [o for o in report["observations"] if o["outcome"] in ("failed", "error")]
    if not failed:
        return ""
    lines = [f"- {_failure(o)}" for o in failed[:_FAILURES]]
    more = [f"- … and {len(failed) - _FAILURES} more"] if len(failed) > _FAILURES else []
    title = f"<details><summary>All failures ({len(failed)})</summary>"
    return "\n".join([title, "", *lines, *more, "", "</details>"])


def _failure(observation: Mapping[str, Any]) -> str:
    case = f" in {code(observation['case'], 80)}" if observation["case"] else ""
    evidence = observation["actual"] or observation["reason"]
    return f"{code(observation['probe'], 80)}{case}: {code(evidence, 240)}"
