"""The output folder of a run: where it is, and the files in it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.endpoint.config import Endpoint
from conformance.errors import UsageError
from conformance.report.formats import render
from conformance.report.json_file import dumps

REPORTS = Path("reports")
RENDERED = {"report.html": "html", "junit.xml": "junit", "summary.md": "markdown"}


def new_output(endpoint: Endpoint, started: datetime, root: Path = REPORTS) -> Path:
    """The default folder of one run, named after the endpoint and the time."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", endpoint.name).strip("-.") or "endpoint"
    return root / f"{safe}-{started:%Y%m%d-%H%M%S}"


def prepare(output: Path) -> Path:
    """Creates the output folder if it is missing; raises UsageError when it cannot be written to."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        trial = output / ".writable"
        trial.touch()
        trial.unlink()
    except (NotADirectoryError, FileExistsError):
        file = next((one for one in (output, *output.parents) if one.is_file()), output)
        raise UsageError(f"--output {output}: {file} is a file; name another folder") from None
    except OSError as error:
        raise UsageError(f"--output {output}: cannot be written ({error.strerror}); name another folder") from None
    return output


def write(output: Path, made: Mapping[str, Any]) -> None:
    """Writes report.json and the formats rendered from it; raises UsageError when that fails."""
    try:
        (output / "report.json").write_text(dumps(made), encoding="utf-8")
        for name, reporter in RENDERED.items():
            (output / name).write_text(render(reporter, dict(made)), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output {output}: the report cannot be written ({error.strerror})") from None


def point_latest(output: Path) -> None:
    """Makes the link `latest` beside the folder point to it, where the file system has links."""
    latest = output.parent / "latest"
    try:
        if latest.is_symlink():
            latest.unlink()
        os.symlink(output.name, latest)
    except OSError:
        return  # only a convenience


def show_text(text: str, output: Path | None) -> None:
    """Prints a text, or writes it to the file given as `--output`."""
    if output is None:
        print(text.rstrip("\n"))
    else:
        prepare(output.parent)
        write_text(output, text)


def write_text(file: Path, text: str) -> None:
    """Writes a file of `--output`; raises UsageError when that fails."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output {file}: cannot be written ({error.strerror})") from None
