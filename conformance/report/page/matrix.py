"""The table of failures by area and client. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from conformance.requirements.areas import title


def matrix(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each area: its id, its title, and for each client of the report a state and a text."""
    by_area = groupby(report["observations"], key=lambda o: o["area"])
    return [
        {"id": area, "title": title(area), "cells": _cells(list(seen), report["clients"])} for area, seen in by_area
    ]


def _cells(seen: Sequence[Mapping[str, Any]], clients: Mapping[str, Any]) -> list[dict[str, str]]:
    return [_cell([o for o in seen if _matters(o, client)], client) for client in clients]


def _matters(observation: Mapping[str, Any], client: str) -> bool:
    return bool(observation["severity"].get(client, "harmless") != "harmless")


def _cell(seen: Sequence[Mapping[str, Any]], client: str) -> dict[str, str]:
    """The worst that happened, and to how many requirements."""
    failed = [o for o in seen if o["outcome"] == "failed"]
    breaks = [o for o in failed if o["severity"][client] == "breaks"]
    blocked = [o for o in seen if o["outcome"] in ("blocked", "error")]
    passed = [o for o in seen if o["outcome"] == "passed"]
    ways = (
        ("fails", "✗", ("breaks it", "break it"), breaks),
        ("degraded", "!", ("degrades it", "degrade it"), failed),
        ("unknown", "?", ("not judged", "not judged"), blocked),
        ("works", "✓", ("passed", "passed"), passed),
    )
    for state, sign, words, found in ways:
        if count := len({o["probe"] for o in found}):
            return {"state": state, "sign": sign, "text": f"{count} {words[count > 1]}"}
    return {"state": "", "sign": "–", "text": "none"}
