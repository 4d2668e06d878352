"""Runs the probes in an isolated pytest: it ignores the current folder's settings and plugins, and prints nothing itself."""

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
from conformance.exit_codes import ExitCode
from conformance.report.output import REPORTS, point_latest
from conformance.requirements.probe import Probe
from conformance.runner.console import show_internal_error
from conformance.runner.session import ProbeCase, Session
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
        code = _pytest(session, arguments(settings.output, settings.pytest_args))
    finally:
        if session.report is None:
            _clear(settings.output)
    if session.report and settings.output.parent == REPORTS:
        point_latest(settings.output)
    return code, session.report, settings


def selected(settings: Settings) -> tuple[int, list[tuple[Probe, str]]]:
    """The exit code of pytest, and the cases that a run with these settings would judge; nothing is sent or written.

    Raises UsageError when pytest does not understand its arguments.
    """
    collected = Collected()
    listing = arguments(REPORTS / "none", ("--collect-only", *settings.pytest_args))
    return _pytest(Session(settings), listing, collected), collected.cases


def _clear(output: Path) -> None:
    """Removes the log and the empty folder of a run that wrote no report."""
    with suppress(OSError):
        if not (output / "report.json").exists():
            (output / "pytest.html").unlink(missing_ok=True)
            output.rmdir()


def _pytest(session: Session, arguments: list[str], *plugins: object) -> int:
    """The exit code of pytest; raises UsageError, in one line, for arguments that it does not understand."""
    said = io.StringIO()
    with _without("PYTEST_ADDOPTS", "PYTEST_PLUGINS"), redirect_stderr(said):
        code = int(pytest.main(arguments, plugins=[session, Silence(session.settings), *plugins]))
    if code == pytest.ExitCode.USAGE_ERROR:
        raise UsageError(f"arguments for pytest: {_first_error(said.getvalue())}")
    print(said.getvalue(), end="", file=sys.stderr)
    if session.crash:
        show_internal_error(session.crash)
        return ExitCode.INTERNAL_ERROR
    return code


def _first_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["not understood"]
    error = next((line.partition(": error: ")[2] for line in lines if ": error: " in line), lines[0])
    return error.removeprefix("ERROR: ")


def arguments(output: Path, more: tuple[str, ...]) -> list[str]:
    """The arguments of the inner pytest. It captures nothing: probes print nothing, and progress must show."""
    probes = str(PACKAGE / "probes")
    log = [] if any(arg in LISTS for arg in more) else [f"--html={output / 'pytest.html'}", "--self-contained-html"]
    return [
        *("-c", str(Path(__file__).with_name("pytest.ini")), "--rootdir", probes, "--confcutdir", probes),
        *("--disable-plugin-autoload", *(part for name in HTML for part in ("-p", name))),
        *("--assert=plain", "--capture=no"),
        *("-o", f"cache_dir={output.parent.resolve() / '.conformance-cache'}"),  # pytest refuses a path with ..
        *log,
        *more,
        probes,
    ]


class Collected:
    """Notes the cases that pytest has collected and selected."""

    def __init__(self) -> None:
        self.cases: list[tuple[Probe, str]] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Notes them."""
        self.cases = [(item.probe, item.case) for item in session.items if isinstance(item, ProbeCase)]


class Silence:
    """Hides pytest's own terminal output, unless the user asked pytest to show something."""

    def __init__(self, settings: Settings) -> None:
        self.wanted = any(arg.startswith(SHOWS) for arg in settings.pytest_args)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Replaces the terminal reporter by one whose output is discarded."""
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
