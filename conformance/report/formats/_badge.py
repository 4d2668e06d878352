"""What a badge says: the verdict for the chosen clients in a word, and the colour for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.report.text import chosen, line

_WORST = ("fails", "unknown", "degraded", "works")
_COLOURS = {"works": "brightgreen", "degraded": "yellow", "fails": "red", "unknown": "lightgrey"}


def badge(report: Mapping[str, Any]) -> tuple[str, str, str]:
    """Label, message and the name of a colour: what most of the chosen clients can expect at the least."""
    clients = list(chosen(report).values())
    verdict = min((c["verdict"] for c in clients), key=_WORST.index, default="unknown")
    names = ", ".join(line(c["name"], 30) for c in clients)
    return names if 0 < len(clients) < 3 else f"{len(clients)} clients", verdict, _COLOURS[verdict]
