"""Judges several named endpoints: a process, a folder and a report for each, and a comparison at the end.

A wrong key, a crash or a hanging server ends the process of that endpoint alone. Different hosts are judged at the same
time. Endpoints of one host take turns unless more are allowed: they share its rate limits, and would distort each other's
times. What a process has to say comes through its exit code, its report.json and its file of messages.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from conformance.clients import AGENTS
from conformance.endpoint.config import endpoint_names, find_endpoint
from conformance.endpoint.input_checks import split_url
from conformance.errors import UsageError, check_known
from conformance.exit_codes import ExitCode, most_serious
from conformance.history.compare import comparison, page
from conformance.report.output import REPORTS, prepare, write_text
from conformance.report.summary import conclusions
from conformance.report.tables import as_html, as_json, as_markdown, as_terminal
from conformance.runner.console import MESSAGES
from conformance.runner.from_options import policy_from
from conformance.runner.options import OF_ONE_ENDPOINT, passed_on
from conformance.runner.values import REPORT

_PROGRAM = (sys.executable, "-P", "-m", "conformance")  # -P: imports nothing from the current folder


@dataclass(frozen=True)
class EndpointRun:
    """The finished run of one endpoint: its exit code, its report if it wrote one, its message, and its output."""

    name: str
    code: int
    report: Path | None = None
    message: str = ""
    out: str = ""

    @property
    def line(self) -> str:
        """One line: where the report is, or why there is none."""
        where = self.report.with_name("report.html") if self.report else self.message or "nothing was sent"
        return f"{self.name}: exit code {self.code}, {where}"


@dataclass
class Batch:
    """What all the runs share."""

    output: Path
    flags: Sequence[str]
    record: Path | None = None
    stopped: Event = field(default_factory=Event)
    under_way: list[subprocess.Popen[str]] = field(default_factory=list)

    def one_after_the_other(self, names: Iterable[str]) -> list[EndpointRun]:
        """Judges these endpoints in turn, until none is left or the user interrupts."""
        return [self.judge(name) for name in names if not self.stopped.is_set()]

    def judge(self, name: str) -> EndpointRun:
        """Judges one endpoint in its own process."""
        report = self.output / name / REPORT
        before = _stamp(report)
        with tempfile.TemporaryDirectory() as folder:
            messages = Path(folder) / "messages"
            code, out, err = self._run(name, messages)
            message = messages.read_text("utf-8") if messages.exists() else ""
        if code < 0:
            code, message = ExitCode.INTERNAL_ERROR, f"ended by signal {-code}"
        if code not in set(ExitCode):
            code = ExitCode.INTERNAL_ERROR
        if code == ExitCode.INTERNAL_ERROR:
            print(err, end="", file=sys.stderr)
        print(f"{name}: exit code {code}", file=sys.stderr, flush=True)
        return EndpointRun(name, code, report if _stamp(report) != before else None, message, out)

    def _run(self, name: str, messages: Path) -> tuple[int, str, str]:
        """The exit code and the output of one process; it writes its messages to that file, too."""
        own = ["--output", str(self.output / name)]
        own += ["--record", str(self.record / name)] if self.record else []
        process = subprocess.Popen(
            [*_PROGRAM, "run", name, *own, *self.flags],
            env=_environment(messages),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,  # else Ctrl-C would reach it twice, and the second one ends it at once
        )
        self.under_way.append(process)
        out, err = process.communicate()
        return process.returncode, out, err

    def stop(self) -> None:
        """Starts no further run and interrupts the others, which still write their reports."""
        self.stopped.set()
        for process in self.under_way:
            if process.poll() is None:
                process.terminate()


def _stamp(file: Path) -> int:
    """When the file was written last, in nanoseconds; 0 when there is none."""
    return file.stat().st_mtime_ns if file.exists() else 0


def _environment(messages: Path) -> Mapping[str, str]:
    """The same environment, with the file of messages, and a path on which this very package is found."""
    path = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path), MESSAGES: str(messages)}


def run(options: argparse.Namespace) -> int:
    """Judges the endpoints that are named, or all of them; returns the most serious exit code."""
    names = _names(options)
    policy_from(options)  # a wrong policy is reported once, before anything is sent
    output = options.output or REPORTS / f"several-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    flags = [*passed_on(options), "--", *options.pytest_args]
    batch = Batch(output if options.plan else prepare(output), flags, options.record)
    ways = lanes(hosts(names), options.per_host)
    runs = sorted(_judged(batch, ways, options.at_once), key=lambda run: names.index(run.name))
    _show(runs, batch.output, options)
    return ExitCode.INTERRUPTED if batch.stopped.is_set() else most_serious(run.code for run in runs)


def _names(options: argparse.Namespace) -> list[str]:
    """The endpoints to judge, each once; raises UsageError."""
    for option in OF_ONE_ENDPOINT:
        if getattr(options, option.key) is not None:
            raise UsageError(f"{option.name} is for one endpoint; define several in conformance.toml")
    if options.all and options.name:
        raise UsageError(f"--all means every endpoint: leave out --all or {options.name[0][:80]}")
    known = endpoint_names(Path.cwd())
    check_known("endpoint", options.name, known)
    return known if options.all else list(dict.fromkeys(options.name))


def hosts(names: Iterable[str]) -> list[list[str]]:
    """The endpoints, grouped by host; one that cannot be used is a group by itself, and its process says why."""
    found: dict[str, list[str]] = {}
    for name in names:
        try:
            endpoint = find_endpoint(name, directory=Path.cwd(), environ=os.environ)
            host = split_url(endpoint.base_url)[0].lower()
        except UsageError:
            host = f"unusable {name}"
        found.setdefault(host, []).append(name)
    return list(found.values())


def lanes(groups: Sequence[Sequence[str]], per_host: int) -> list[Iterator[str]]:
    """The lanes in which endpoints are judged one after the other, at most `per_host` for a host.

    The lanes of a host share its endpoints: each takes the next that is left. Every host gets its first lane before any
    gets a second.
    """
    shared = [(iter(group), len(group)) for group in groups]
    return [names for n in range(per_host) for names, many in shared if n < many]


def _judged(batch: Batch, ways: Sequence[Iterable[str]], at_once: int) -> list[EndpointRun]:
    """The finished runs; after an interrupt, those that had started."""
    with ThreadPoolExecutor(at_once) as pool:
        under_way = [pool.submit(batch.one_after_the_other, names) for names in ways]
        try:
            return [run for future in under_way for run in future.result()]
        except KeyboardInterrupt:
            batch.stop()
            pool.shutdown(cancel_futures=True)
            return [run for future in under_way if not future.cancelled() for run in future.result()]


def _show(runs: Sequence[EndpointRun], output: Path, options: argparse.Namespace) -> None:
    """Prints the reports side by side, then one line for each endpoint."""
    if options.plan or options.print_settings:
        print("\n".join(f"{run.name}\n\n{run.out}" for run in runs if run.out))
    files = [run.report for run in runs if run.report]
    if files:
        client = options.client[0].partition("@")[0] if options.client else AGENTS[0].id
        found = comparison([(str(file), conclusions(file)) for file in files], client)
        shown = page(found)
        write_text(output / "compare.json", as_json(found))
        write_text(output / "compare.html", as_html(shown))
        write_text(output / "compare.md", as_markdown(shown))
        print(as_terminal(shown))
    print("\n".join(run.line for run in runs))
    if files:
        print(f"comparison: {output / 'compare.html'}")
