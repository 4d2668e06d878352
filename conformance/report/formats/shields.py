"""The badge as JSON for the endpoint of shields.io, which draws it: https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.report.formats._badge import badge


def render(report: Mapping[str, Any]) -> str:
    """The badge as the endpoint of shields.io reads it."""
    label, message, colour = badge(report)
    told = {"schemaVersion": 1, "label": label, "message": message, "color": colour}
    return json.dumps(told, ensure_ascii=False) + "\n"
