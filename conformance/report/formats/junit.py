"""JUnit XML for build servers: one test case per observation.

A case that could not be judged is an error, never skipped: build servers show skipped cases as green.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from conformance.report.text import failure, line, visible

_WORST_FIRST = ("breaks", "degrades", "harmless")
_TAGS = {"failed": "failure", "blocked": "error", "error": "error", "not-applicable": "skipped"}


def render(report: Mapping[str, Any]) -> str:
    """The observations as one test suite."""
    suite = ElementTree.Element("testsuite", _summary(report))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _facts(report).items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": line(value)})
    for observation in report["observations"]:
        _add(suite, observation, report)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _summary(report: Mapping[str, Any]) -> dict[str, str]:
    tags = [_TAGS.get(o["outcome"]) for o in report["observations"]]
    return {
        "name": "conformance",
        "tests": str(len(tags)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
        "time": f"{report['seconds'] or 0:.3f}",
        "timestamp": line(report["started"]),
    }


def _facts(report: Mapping[str, Any]) -> dict[str, str]:
    endpoint = report["endpoint"]
    about = {"base_url": endpoint["base_url"], "model": endpoint["model"], "version": report["tool"]["version"]}
    verdicts = {f"verdict.{key}": client["verdict"] for key, client in report["clients"].items()}
    reads = {f"reads.{key}": client["sees"] for key, client in report["clients"].items() if client["sees"]}
    return about | verdicts | reads | {"tool_calling": report["tool_calling"]["level"]}


def _add(suite: ElementTree.Element, observation: Mapping[str, Any], report: Mapping[str, Any]) -> None:
    probe, case = observation["probe"], observation["case"]
    name = f"{probe}[{case}]" if case else probe
    testcase = ElementTree.SubElement(
        suite, "testcase", {"classname": f"conformance.{line(observation['area'])}", "name": line(name), "time": "0"}
    )
    if tag := _TAGS.get(observation["outcome"]):
        what = failure(report, probe, observation["actual"]) if tag == "failure" else observation["reason"]
        attributes = {"message": line(what, 500), "type": _type(observation, report)}
        ElementTree.SubElement(testcase, tag, attributes).text = _body(observation)


def _type(observation: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """The outcome; for a failure, its worst severity for a chosen client."""
    if observation["outcome"] != "failed":
        return str(observation["outcome"])
    severities = [s for c, s in observation["severity"].items() if report["clients"].get(c, {}).get("chosen")]
    return min(severities, key=_WORST_FIRST.index, default="harmless")


def _body(observation: Mapping[str, Any]) -> str:
    keys = ("requirement", "actual", "reason", "remedy", "blame")
    rows = [(key, observation[key]) for key in keys] + [("exchanges", ", ".join(observation["exchanges"]))]
    return "\n" + "".join(f"{key}: {visible(value)}\n" for key, value in rows if value)
