"""Annotations for a GitHub workflow: what to do first, then one notice for each chosen client and for tool calling.

GitHub shows ten errors, ten warnings and ten notices of a step, so the most urgent come first. The lines are commands to the
runner: what a provider said cannot begin one, because it stands behind ours, on one line, with their own marks encoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.report.text import chosen, hurt, line, reason, sentence

_EACH = 10  # annotations of one level that GitHub shows for a step
_LEVELS = {"works": "notice", "degraded": "warning", "fails": "error", "unknown": "error"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(report: Mapping[str, Any]) -> str:
    """The report as workflow commands, one a line."""
    verdicts = [_verdict(client) for client in chosen(report).values()]
    found = [
        *_gate(report),
        *verdicts,
        _tool_calling(report),
        *(_step(step, report) for step in report["first"]),
    ]
    levels = ("error", "warning", "notice")
    shown = [text for level in levels for text in [t for known, t in found if known == level][:_EACH]]
    return "".join(f"{text}\n" for text in shown)


def command(level: str, title: str, message: str) -> str:
    """One workflow command; the title and the message may be anybody's words."""
    head = line(title, 200).translate(_PROPERTY)
    return f"::{level} title={head}::{line(message, 1_000).translate(_DATA)}"


def _gate(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the gate says, when it was given a policy."""
    level = "error" if report["exit_code"] else "notice"
    return [(level, command(level, "Gate", report["gate"]))] if report.get("gate") else []


def _verdict(client: Mapping[str, Any]) -> tuple[str, str]:
    level = _LEVELS[client["verdict"]]
    sees = f"Its user reads “{client['sees']}”. " if client["sees"] else ""
    return level, command(level, f"{client['name']}: {client['verdict']}", sees + sentence(reason(client)))


def _tool_calling(report: Mapping[str, Any]) -> tuple[str, str]:
    tools, endpoint = report["tool_calling"], report["endpoint"]
    about = f"{sentence(tools['summary'])} {endpoint['model']} at {endpoint['base_url']}"
    return "notice", command("notice", f"Native tool calling: {tools['level']}", about)


def _step(step: Mapping[str, Any], report: Mapping[str, Any]) -> tuple[str, str]:
    level = "error" if "breaks" in step["clients"].values() else "warning"
    message = f"{step['remedy']} ({step['blame']}; {hurt(step, report)}) Seen: {step['actual']}"
    return level, command(level, f"{step['probe']}: {step['requirement']}", message)
