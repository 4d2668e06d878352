"""The pytest glue: probes become test cases, conversations start when collection ends, a report is written at the end.

`conformance.isolation` runs it for `conformance run`. It serves a plain pytest as well:
`pytest -p conformance.plugin --pyargs conformance.probes --base-url URL --model ID`.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from conformance import history
from conformance.clients import AGENTS, CLIENTS, PROFILES, Client
from conformance.config import UsageError, find_endpoint, unknown
from conformance.conversation import Depth
from conformance.gate_options import OPTIONS, policy_of
from conformance.judge import Observation, cases_of, conversations_of, judge
from conformance.output import write
from conformance.probe import AREAS, Outcome, Probe, probe_of
from conformance.reporters._log import log_summary
from conformance.run import (
    Settings,
    all_cases,
    complete,
    conclude_run,
    plan,
    schedule_for,
    with_output,
)
from conformance.wire.limits import Limits
from conformance.wire.schedule import Schedule

QUIET_CODES = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)


class Unmet(Exception):
    """A requirement does not hold; the text is the observation, not a traceback of ours."""


class ProbeCase(pytest.Item):
    """One case of one probe as a pytest item."""

    def __init__(self, *, probe: Probe, case: str, conformance: Session, **rest: Any) -> None:
        super().__init__(**rest)
        self.probe, self.case, self.conformance = probe, case, conformance
        self.extra_keyword_matches.update({probe.id, case})
        self.add_marker(probe.area)

    def runtest(self) -> None:
        """Waits for the evidence and judges it."""
        observation = self.conformance.judge(self)
        if observation is None:
            pytest.skip("nothing of this kind was seen")
        if observation.outcome in (Outcome.BLOCKED, Outcome.NOT_APPLICABLE):
            pytest.skip(f"{observation.outcome}: {observation.reason}")
        if observation.outcome is not Outcome.PASSED:
            raise Unmet(f"{observation.probe.id}: {observation.actual or observation.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was seen, without our own stack."""
        if isinstance(excinfo.value, Unmet):
            return f"{excinfo.value}\nrequirement: {self.probe.requirement}\nremedy: {self.probe.remedy}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the probe stands."""
        return self.path, self.probe.function.__code__.co_firstlineno - 1, self.name


class Session:
    """One run inside pytest: the plugin object that all hooks share."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started = datetime.now(UTC)
        self.schedule: Schedule | None = None
        self.judged: list[tuple[Probe, Observation | None]] = []
        self.report: dict[str, Any] | None = None
        self.crash = ""
        self.interrupted = False
        self._handler: Any = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Collector, name: str, obj: object) -> Any:
        """A probe becomes one item per case; its evidence comes from conversations, not from fixtures."""
        probe = probe_of(obj)
        if probe is None:
            return None
        own = isinstance(collector, pytest.Module) and collector.obj.__name__ == obj.__module__
        cases = cases_of(probe, plan(self.settings.depth, self.settings.clients)) if own else []
        return [self._item(collector, f"{name}[{case}]" if case else name, probe, case) for case in cases]

    def _item(self, collector: pytest.Collector, name: str, probe: Probe, case: str) -> ProbeCase:
        """One case; its id is given as a text, because pytest tells it from one with parameters (`--lf`)."""
        id = f"{collector.nodeid}::{name}"
        return ProbeCase.from_parent(
            collector, name=name, nodeid=id, probe=probe, case=case, conformance=self
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Collection has ended: starts the conversations that the selected cases need."""
        cases = [(item.probe, item.case) for item in session.items if isinstance(item, ProbeCase)]
        if cases and not session.config.option.collectonly and not session.testsfailed:
            self.schedule = schedule_for(self.settings, cases)
            self.schedule.start()
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                self._handler = signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Lets an interrupt act between two cases, not wherever pytest happens to be; a second one acts at once."""
        if self.interrupted or self.schedule is None:
            signal.default_int_handler(number, frame)
        self.interrupted = True
        self.schedule.cancel()

    def judge(self, item: ProbeCase) -> Observation | None:
        """Judges one case when its conversations are over."""
        assert self.schedule is not None
        talks = {name: self.schedule.talk(name) for name in conversations_of(item.probe, item.case)}
        if self.interrupted:
            raise KeyboardInterrupt
        observation = judge(item.probe, item.case, talks, self.settings.profiles)
        self.judged.append((item.probe, observation))
        return observation

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Writes the report of what was judged, and lets the verdict decide the exit code."""
        if self.schedule is None or exitstatus in QUIET_CODES:
            return
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
        self.schedule.stop()
        incomplete = self._incomplete(session, exitstatus)
        observations = complete(self.judged)
        self.report = conclude_run(
            self.settings, self.started, observations, self.schedule.finished(), incomplete
        )
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = self.report["exit_code"]
        self.report["exit_code"] = int(session.exitstatus)
        if self.settings.output:
            write(self.settings.output, self.report)
        if self.settings.history:
            self._append(self.settings.history, self.report)

    def _append(self, file: Path, made: Mapping[str, Any]) -> None:
        """Adds the run to a history; where that cannot be done any more it is told, and the verdict stays."""
        try:
            history.append(file, made)
        except UsageError as error:
            print(f"conformance: {error}", file=sys.stderr)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """What the gate says, and where the report is, below what pytest says."""
        if self.report:
            told = [self.report["gate"], f"report: {self.settings.output}/report.html"]
            terminalreporter.write_line("\n".join(filter(None, told)))

    def _incomplete(self, session: pytest.Session, exitstatus: int) -> str:
        """Why not every case of the plan was judged; "" when it was."""
        planned, judged = len(all_cases(self.settings.depth, self.settings.clients)), len(self.judged)
        if exitstatus == pytest.ExitCode.INTERRUPTED and not session.shouldfail:
            return f"interrupted after {judged} of {planned} cases"
        if judged < len(session.items):
            return f"stopped after {judged} of {planned} cases"
        return f"only {judged} of {planned} cases were selected" if judged < planned else ""

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Notes a crash of ours, for there may be no terminal reporter to show it; never with values of variables."""
        self.crash = "".join(traceback.format_exception(excinfo.value))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module of probes that cannot be imported is a crash of ours, too."""
        if report.failed:
            self.crash = report.longreprtext

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """pytest.html is the log of the run; report.html is what people read."""
        report.title = f"Log of the run against {self.settings.endpoint.name}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """The log begins with what came of the run, in the words of the report."""
        if self.report:
            prefix.extend(log_summary(self.report))

    @pytest.hookimpl(optionalhook=True)
    def pytest_metadata(self, metadata: dict[str, Any]) -> None:
        """No environment of this machine in the log."""
        metadata.clear()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `conformance run` for a plain pytest."""
    group = parser.getgroup("conformance")
    group.addoption("--base-url", help="base URL of the endpoint")
    group.addoption("--model", help="model id")
    group.addoption("--provider", help="provider whose preset gives base URL and key variable")
    group.addoption("--endpoint", help="named endpoint of conformance.toml")
    group.addoption("--api-key-env", help="variable that holds the key")
    group.addoption("--client", action="append", default=[], help="client whose verdict counts (repeatable)")
    group.addoption("--depth", default="standard", choices=[d.name.lower() for d in Depth])
    group.addoption("--concurrency", type=int, default=8)
    group.addoption("--patience", type=float, default=60.0, help="longest silence of the server, in seconds")
    group.addoption("--output", type=Path, default=None, help="folder for the report")
    group.addoption("--history", type=Path, default=None, help="append the run to this file")
    for name, told in OPTIONS.items():
        group.addoption(name, **told)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the session of a plain pytest from its options."""
    for area in AREAS:
        config.addinivalue_line("markers", f"{area}: probes of this area")
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError(
            "pytest-xdist would ask the endpoint everything once per worker; leave -n out"
        )
    try:
        session = Session(settings_from(config))
        session.settings = with_output(session.settings, session.started)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(session, "conformance-session")


def settings_from(config: pytest.Config) -> Settings:
    """The settings that the options of a plain pytest describe; raises UsageError."""
    option = config.option
    return Settings(
        endpoint=find_endpoint(
            option.endpoint,
            base_url=option.base_url,
            model=option.model,
            api_key_env=option.api_key_env,
            provider=option.provider,
            directory=Path.cwd(),
            environ=os.environ,
        ),
        depth=Depth[option.depth.upper()],
        clients=clients_named(option.client),
        limits=Limits.patient_for(option.patience),
        concurrency=option.concurrency,
        policy=policy_of(option),
        output=option.output,
        history=option.history,
    )


def clients_named(wanted: Sequence[str], otherwise: tuple[Client, ...] = AGENTS) -> tuple[Client, ...]:
    """The clients that are named by id or by profile (`ai-sdk@2.0.48`); raises UsageError for an unknown one."""
    found = [_client_named(name) for name in dict.fromkeys(wanted)]
    for client in found:
        if sum(other.id == client.id for other in found) > 1:
            raise UsageError(f"--client {client.id} is given at two versions; a run judges by one of them")
    return tuple(found) or otherwise


def _client_named(name: str) -> Client:
    known = {client.id: client for client in CLIENTS} | {client.profile: client for client in PROFILES}
    if name not in known:
        id = name.partition("@")[0]
        versions = {client.profile: client for client in PROFILES if client.id == id}
        raise unknown("client", name, known) if not versions else unknown("profile", name, versions)
    return known[name]
