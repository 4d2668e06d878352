"""One line of JSON per observation, each with its endpoint and time, so that several runs can share a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def render(report: Mapping[str, Any]) -> str:
    """The observations as lines of JSON."""
    endpoint = report["endpoint"]
    about = {
        "endpoint": endpoint["name"],
        "base_url": endpoint["base_url"],
        "model": endpoint["model"],
        "started": report["started"],
    }
    rows = (json.dumps({**about, **o}, ensure_ascii=False) for o in report["observations"])
    return "".join(f"{row}\n" for row in rows)
