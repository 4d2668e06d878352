"""What the requirements of each area came to for each client: the table that shows where a client is hurt. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any


def matrix(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each area: its id, and for each client of the report a state and the words for it."""
    by_area = groupby(report["observations"], key=lambda o: o["area"])
    return [{"id": area, "cells": _cells(list(seen), report["clients"])} for area, seen in by_area]


def _cells(seen: Sequence[Mapping[str, Any]], clients: Mapping[str, Any]) -> list[dict[str, str]]:
    return [_cell([o for o in seen if _matters(o, client)], client) for client in clients]


def _matters(observation: Mapping[str, Any], client: str) -> bool:
    return bool(observation["severity"].get(client, "harmless") != "harmless")


def _cell(seen: Sequence[Mapping[str, Any]], client: str) -> dict[str, str]:
    """The worst that happened, with the number of requirements that it happened to."""
    failed = [o for o in seen if o["outcome"] == "failed"]
    ways = (
        ("fails", "✗", ("breaks", "break"), [o for o in failed if o["severity"][client] == "breaks"]),
        ("degraded", "!", ("degrades", "degrade"), failed),
        (
            "unknown",
            "?",
            ("not judged", "not judged"),
            [o for o in seen if o["outcome"] in ("blocked", "error")],
        ),
        ("works", "✓", ("holds", "hold"), [o for o in seen if o["outcome"] == "passed"]),
    )
    for state, sign, what, found in ways:
        if count := len({o["probe"] for o in found}):
            return {"state": state, "sign": sign, "told": f"{count} {what[count > 1]}"}
    return {"state": "", "sign": "–", "told": "none"}
