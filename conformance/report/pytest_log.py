"""The summary at the top of pytest's log: the verdicts in the words of report.html, and a link to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from conformance.report.text import answers, chosen, line, totals


def log_summary(report: Mapping[str, Any]) -> list[str]:
    """The pieces of HTML for the summary of pytest-html, which inserts them unescaped."""
    lines = [
        Markup("<li>{}: {}</li>").format(answer, ", ".join(line(client["name"], 60) for _, client in clients))
        for _, answer, clients in answers(chosen(report))
    ]
    level = report["tool_calling"]["level"]
    pieces = (
        Markup('<p><a href="report.html">report.html</a> explains the result; this is the log of pytest.</p>'),
        Markup("<ul>{}<li>native tool calling: {}</li></ul>").format(Markup("").join(lines), level),
        Markup("<p>{}. Cases that are blocked, not applicable or without evidence are skipped in this log.</p>").format(
            totals(report)
        ),
    )
    return [str(piece) for piece in pieces]
