"""Annotations for a GitHub workflow: the verdict for each chosen client, tool calling, and what to fix first.

GitHub shows ten errors, ten warnings and ten notices of a step, so the most urgent come first. Each line is a command to the
runner. A provider's text cannot begin one: it always follows the start of a command of the suite, on the same line, with the
runner's special characters encoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.report.states import look
from conformance.report.text import affected, chosen, headline, line, quoted, sentence, who_acts

_EACH = 10  # annotations of one level that GitHub shows for a step
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(report: Mapping[str, Any]) -> str:
    """The report as workflow commands, one a line."""
    verdicts = [_verdict(client) for client in chosen(report).values()]
    found = [*_gate(report), *verdicts, _tool_calling(report), *(_step(step, report) for step in report["first"])]
    levels = ("error", "warning", "notice")
    shown = [text for level in levels for text in [t for its_level, t in found if its_level == level][:_EACH]]
    return "".join(f"{text}\n" for text in shown)


def command(level: str, title: str, message: str) -> str:
    """One workflow command; the title and the message may hold any text."""
    head = line(title, 200).translate(_PROPERTY)
    return f"::{level} title={head}::{line(message, 1_000).translate(_DATA)}"


def _gate(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The decision of the gate, when the run had a policy."""
    level = "error" if report["exit_code"] else "notice"
    return [(level, command(level, "Gate", report["gate"]))] if report.get("gate") else []


def _verdict(client: Mapping[str, Any]) -> tuple[str, str]:
    level = look(client["verdict"]).level
    sees = f"Its user sees {quoted(client['sees'])} " if client["sees"] else ""
    return level, command(level, f"{client['name']}: {client['verdict']}", sees + sentence(client["summary"]))


def _tool_calling(report: Mapping[str, Any]) -> tuple[str, str]:
    tools, endpoint = report["tool_calling"], report["endpoint"]
    about = f"{sentence(tools['summary'])} {endpoint['model']} at {endpoint['base_url']}"
    return "notice", command("notice", f"Native tool calling: {tools['level']}", about)


def _step(step: Mapping[str, Any], report: Mapping[str, Any]) -> tuple[str, str]:
    level = "error" if "breaks" in step["clients"].values() else "warning"
    who = f"{who_acts(step['blame'])}; {affected(step['clients'], report)}"
    message = f"{step['remedy']} ({who}) Seen: {step['actual']}"
    return level, command(level, f"{step['probe']}: {headline(report, step['probe'])}", message)
