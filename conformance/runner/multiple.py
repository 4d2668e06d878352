"""Several named endpoints in one go: a process, a folder and a report for each, and all of them side by side at the end.

Whatever happens to one (a wrong key, a crash, a server that hangs) ends its process alone. Different hosts are judged at once.
Endpoints of one host take turns unless more are allowed, since they share its rate limits and would spoil each other's times.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from conformance.clients import AGENTS
from conformance.endpoint.config import endpoint_names, find_endpoint
from conformance.endpoint.input_checks import split_url
from conformance.errors import UsageError, unknown
from conformance.history.compare import comparison, page
from conformance.report.output import REPORTS, prepare, write_text
from conformance.report.summary import conclusions
from conformance.report.tables import as_html, as_json, as_markdown, as_terminal
from conformance.runner.gate_options import policy_of

WORST = (0, 6, 5, 1, 4, 2, 3)  # exit codes, the one that decides over all before it last
CRASHED, USAGE, INTERRUPTED = 3, 4, 2
_OF_ONE = ("base_url", "model", "provider", "api_key_env")  # flags that mean a single endpoint
_VALUES = ("depth", "concurrency", "patience", "fail_on", "known", "allow_flaky", "baseline", "history")
_SWITCHES = ("plan", "print_settings")


@dataclass(frozen=True)
class Ended:
    """How the run of one endpoint ended: its exit code, and what it printed."""

    name: str
    code: int
    out: str = ""
    err: str = ""

    @property
    def reported(self) -> bool:
        """True when this run left a report; one that lies there from another run does not count."""
        return "\nreport: " in self.out

    @property
    def said(self) -> str:
        """The last line of what it said on stderr."""
        return (self.err.strip().splitlines() or ["nothing was asked"])[-1].removeprefix("conformance: ")


@dataclass
class Batch:
    """What all runs of a batch share."""

    output: Path
    flags: Sequence[str]
    record: Path | None = None
    stopped: Event = field(default_factory=Event)
    under_way: list[subprocess.Popen[str]] = field(default_factory=list)

    def one_after_the_other(self, names: Iterable[str]) -> list[Ended]:
        """Judges endpoints of one host, until none is left of those that it may share with others."""
        return [self.judge(name) for name in names if not self.stopped.is_set()]

    def judge(self, name: str) -> Ended:
        """Judges one endpoint in a process of its own."""
        own = ["--output", str(self.output / name)]
        own += ["--record", str(self.record / name)] if self.record else []
        command = [*_PROGRAM, "run", name, *own, *self.flags]
        process = subprocess.Popen(
            command,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,  # else a terminal would interrupt it as well, and twice is at once
        )
        self.under_way.append(process)
        out, err = process.communicate()
        died = f"\nended by signal {-process.returncode}" if process.returncode < 0 else ""
        ended = Ended(name, process.returncode if process.returncode in WORST else CRASHED, out, err + died)
        print(f"{name}: exit code {ended.code}", file=sys.stderr, flush=True)
        return ended

    def stop(self) -> None:
        """Begins no other run, and interrupts those under way, which still write what they have."""
        self.stopped.set()
        for process in self.under_way:
            if process.poll() is None:
                process.terminate()


_PROGRAM = (
    sys.executable,
    "-P",
    "-m",
    "conformance",
)  # -P: nothing of the folder it is started in is imported


def _environment() -> Mapping[str, str]:
    """The same environment, in which this very package is found."""
    path = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


def run(options: argparse.Namespace) -> int:
    """Judges the endpoints that `options` name, or all there are; returns the worst exit code."""
    names = _names(options)
    policy_of(options)  # what is wrong with it is told once, and before anything is asked
    output = options.output or REPORTS / f"several-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    batch = Batch(output if options.plan else prepare(output), flags(options), options.record)
    ways = lanes(hosts(names), options.per_host)
    ended = sorted(_judged(batch, ways, options.at_once), key=lambda e: names.index(e.name))
    _tell(ended, batch.output, options)
    return INTERRUPTED if batch.stopped.is_set() else worst(e.code for e in ended)


def _names(options: argparse.Namespace) -> list[str]:
    """The endpoints that are meant, each once; raises UsageError."""
    if given := [name for name in _OF_ONE if getattr(options, name) is not None]:
        flag = given[0].replace("_", "-")
        raise UsageError(f"--{flag} is for one endpoint; several stand in conformance.toml")
    if options.all and options.name:
        raise UsageError(f"--all means every endpoint: leave it or {options.name[0][:80]} out")
    known = endpoint_names(Path.cwd())
    for name in options.name:
        if name not in known:
            raise unknown("endpoint", name, known)
    return known if options.all else list(dict.fromkeys(options.name))


def flags(options: argparse.Namespace) -> list[str]:
    """What each run is to be told of the options of all."""
    values = [(f"--{name.replace('_', '-')}", getattr(options, name)) for name in _VALUES]
    values += [("--client", client) for client in options.client]
    values += [("--require", level) for level in options.require]
    values += [("-k", options.keyword)]
    told = [f"{flag}={value}" if flag != "-k" else f"-k{value}" for flag, value in values if value]
    told += [f"--{name.replace('_', '-')}" for name in _SWITCHES if getattr(options, name)]
    return [*told, "--", *options.pytest_args] if options.pytest_args else told


def hosts(names: Iterable[str]) -> list[list[str]]:
    """The endpoints of each host; one that cannot be used is a host of its own, and its process says why."""
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
    """The endpoints of each host, shared by as many lanes as it may have: each goes to the lane that asks for it first.

    Every host has its first lane before any has its second.
    """
    shared = [(iter(group), len(group)) for group in groups]
    return [names for n in range(per_host) for names, many in shared if n < many]


def _judged(batch: Batch, ways: Sequence[Iterable[str]], at_once: int) -> list[Ended]:
    """How the runs ended; after an interrupt those that had begun, which end by themselves."""
    with ThreadPoolExecutor(at_once) as pool:
        under_way = [pool.submit(batch.one_after_the_other, names) for names in ways]
        try:
            return [ended for future in under_way for ended in future.result()]
        except KeyboardInterrupt:
            batch.stop()
            pool.shutdown(cancel_futures=True)
            return [ended for future in under_way if not future.cancelled() for ended in future.result()]


def worst(codes: Iterable[int]) -> int:
    """The exit code that stands for several."""
    return max(codes, key=WORST.index, default=0)


def _tell(ended: Sequence[Ended], output: Path, options: argparse.Namespace) -> None:
    """The reports side by side, then one line for each endpoint: where its report is, or why there is none."""
    if options.plan or options.print_settings:
        print("\n".join(f"{e.name}\n\n{e.out}" for e in ended if e.out))
    files = [str(output / e.name / "report.json") for e in ended if e.reported]
    if files:
        client = options.client[0].partition("@")[0] if options.client else AGENTS[0].id
        found = comparison([(file, conclusions(Path(file))) for file in files], client)
        shown = page(found)
        write_text(output / "compare.json", as_json(found))
        write_text(output / "compare.html", as_html(shown))
        write_text(output / "compare.md", as_markdown(shown))
        print(as_terminal(shown))
    for e in ended:
        print(f"{e.name}: exit code {e.code}, {output / e.name / 'report.html' if e.reported else e.said}")
    if files:
        print(f"comparison: {output / 'compare.html'}")
