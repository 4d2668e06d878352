"""What the log of pytest says at its top: what came of the run, in the words of report.html, and the way there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from conformance.report.text import answers, chosen, line, tally


def log_summary(report: Mapping[str, Any]) -> list[str]:
    """The pieces of HTML for the summary of pytest-html, which takes them as they are."""
    lines = [
        Markup("<li>{}: {}</li>").format(said, ", ".join(line(client["name"], 60) for _, client in clients))
        for _, said, clients in answers(chosen(report))
    ]
    level = report["tool_calling"]["level"]
    told = (
        Markup('<p><a href="report.html">report.html</a> says what this means; here is what pytest did.</p>'),
        Markup("<ul>{}<li>native tool calling: {}</li></ul>").format(Markup("").join(lines), level),
        Markup(
            "<p>{}. Skipped below is what is blocked or not applicable there, and every case of which nothing was seen.</p>"
        ).format(tally(report)),
    )
    return [str(piece) for piece in told]
