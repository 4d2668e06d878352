"""report.json as a file: written line by line, read back and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.evidence.exchange import shorten
from conformance.schema import violations

SCHEMA = "conformance/report/1"


def dumps(report: Mapping[str, Any]) -> str:
    """The report as JSON, one line per observation, exchange and so on, so that line tools work."""
    return "{" + ",\n".join(f"{_json(key)}: {_lines(value)}" for key, value in report.items()) + "}\n"


def load(path: Path | str) -> dict[str, Any]:
    """The report in a file; raises UsageError when the file holds none."""
    report = parsed(read(path), path)
    if found := violations("conformance/report", report):
        raise UsageError(f"{path}: not a valid report: {shorten(str(found[0]), 300)}")
    return report


def read(path: Path | str) -> bytes:
    """The bytes of a file; raises UsageError."""
    try:
        return Path(path).read_bytes()
    except IsADirectoryError:
        raise UsageError(f"{path}: a folder; name the report.json in it") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


def parsed(text: bytes, path: Path | str) -> dict[str, Any]:
    """The report in a text, checked only for its `schema` member; raises UsageError."""
    try:
        report = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not a report: not JSON") from None
    said = str(report.get("schema")) if isinstance(report, dict) else ""
    if said != SCHEMA and said.startswith("conformance/report/"):
        raise UsageError(f"{path}: written in the format {said[:40]!r}, and this version reads {SCHEMA}")
    if said != SCHEMA:
        raise UsageError(f"{path}: not a report: it does not say {SCHEMA!r}")
    return dict(report)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode()  # files from elsewhere may hold lone surrogates


def _lines(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(map(_json, value)) + "\n]"
    if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
        return "{\n" + ",\n".join(f"{_json(key)}: {_json(inner)}" for key, inner in value.items()) + "\n}"
    return _json(value)
