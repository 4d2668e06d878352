"""The badge as JSON for the endpoint of shields.io, which draws it: https://shields.io/badges/endpoint-badge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.report.formats.badge import label_and_verdict
from conformance.report.states import look


def render(report: Mapping[str, Any]) -> str:
    """The badge as the endpoint of shields.io reads it."""
    label, verdict = label_and_verdict(report)
    badge = {"schemaVersion": 1, "label": label, "message": verdict, "color": look(verdict).shield}
    return json.dumps(badge, ensure_ascii=False) + "\n"
