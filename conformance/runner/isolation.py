"""One run in a pytest of its own: nothing of the folder it is started in takes part, and pytest itself stays silent."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.report.output import REPORTS, point_latest
from conformance.runner.session import Session
from conformance.runner.settings import Settings, with_output

PACKAGE = Path(__file__).parents[1]
HTML = ("pytest_metadata.plugin", "pytest_html.plugin", "pytest_html.fixtures")
LISTS = ("--collect-only", "--co")
SHOWS = ("-v", *LISTS, "--fixtures", "--markers", "--durations", "--help", "-h", "--version", "--cache-show")


def main(settings: Settings) -> tuple[int, dict[str, Any] | None, Settings]:
    """Runs pytest on the probes; returns the exit code, the report, and the settings with the folder used.

    Raises UsageError when pytest does not understand its arguments.
    """
    session = Session(settings)
    session.settings = settings = with_output(settings, session.started)
    assert settings.output is not None
    try:
        code = _pytest(arguments(settings.output, settings.pytest_args), [session, Silence(settings)])
    finally:
        if session.report is None:
            _clear(settings.output)
    if session.crash:
        print(f"conformance: this is a mistake of ours\n{session.crash}", file=sys.stderr)
        code = int(pytest.ExitCode.INTERNAL_ERROR)
    if session.report and settings.output.parent == REPORTS:
        point_latest(settings.output)
    return code, session.report, settings


def _clear(output: Path) -> None:
    """Where no report was written, neither a log of nothing nor an empty folder stays behind."""
    with suppress(OSError):
        if not (output / "report.json").exists():
            (output / "pytest.html").unlink(missing_ok=True)
            output.rmdir()


def _pytest(arguments: list[str], plugins: list[object]) -> int:
    """The exit code of pytest; what it says on stderr of wrong arguments becomes one line."""
    said = io.StringIO()
    with _without("PYTEST_ADDOPTS", "PYTEST_PLUGINS"), redirect_stderr(said):
        code = int(pytest.main(arguments, plugins=plugins))
    if code == pytest.ExitCode.USAGE_ERROR:
        raise UsageError(f"arguments for pytest: {_first_error(said.getvalue())}")
    print(said.getvalue(), end="", file=sys.stderr)
    return code


def _first_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["not understood"]
    told = next((line.partition(": error: ")[2] for line in lines if ": error: " in line), lines[0])
    return told.removeprefix("ERROR: ")


def arguments(output: Path, more: tuple[str, ...]) -> list[str]:
    """The command line of the inner pytest. Nothing is captured: probes print nothing, and progress must show."""
    probes = str(PACKAGE / "probes")
    log = (
        []
        if any(arg in LISTS for arg in more)
        else [f"--html={output / 'pytest.html'}", "--self-contained-html"]
    )
    return [
        *("-c", str(Path(__file__).with_name("pytest.ini")), "--rootdir", probes, "--confcutdir", probes),
        *("--disable-plugin-autoload", *(part for name in HTML for part in ("-p", name))),
        *("--assert=plain", "--capture=no"),
        *("-o", f"cache_dir={output.parent.absolute() / '.conformance-cache'}"),
        *log,
        *more,
        probes,
    ]


class Silence:
    """Keeps pytest's own terminal output away, unless the user asked pytest for something to be shown."""

    def __init__(self, settings: Settings) -> None:
        self.wanted = any(arg.startswith(SHOWS) for arg in settings.pytest_args)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Replaces the terminal reporter by one that writes to nowhere."""
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None and not self.wanted:
            config.pluginmanager.unregister(reporter)
            config.pluginmanager.register(type(reporter)(config, io.StringIO()), "terminalreporter")


@contextmanager
def _without(*names: str) -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
