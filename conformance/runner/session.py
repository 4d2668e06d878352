"""One run inside pytest: probes become items, conversations start when collection ends, and a report is written at the end.

It serves `conformance run`, through `isolation`, and a plain pytest, through `conformance.plugin`.
"""

from __future__ import annotations

import signal
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.history import database as history
from conformance.judging.judge import cases_of, conversations_of, judge
from conformance.judging.observation import Observation
from conformance.report.output import write
from conformance.report.pytest_log import log_summary
from conformance.requirements import Outcome
from conformance.requirements.probe import Probe, probe_of
from conformance.runner.console import show_message
from conformance.runner.plan import all_cases, plan, schedule_for
from conformance.runner.run import complete, conclude_run
from conformance.runner.settings import Settings
from conformance.wire.schedule import Schedule

QUIET_CODES = (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED)


class Unmet(Exception):
    """A requirement does not hold; the text is the observation, without a traceback of the suite."""


class ProbeCase(pytest.Item):
    """One case of one probe as a pytest item."""

    def __init__(self, *, probe: Probe, case: str, conformance: Session, **rest: Any) -> None:
        super().__init__(**rest)
        self.probe, self.case, self.conformance = probe, case, conformance
        self.extra_keyword_matches.update({probe.id, case, f"{probe.id}[{case}]"})  # what -k selects it by
        self.add_marker(probe.area)

    def runtest(self) -> None:
        """Waits for the evidence and judges it."""
        observation = self.conformance.judge(self)
        if observation is None:
            pytest.skip("nothing of this kind occurred")
        if observation.outcome in (Outcome.BLOCKED, Outcome.NOT_APPLICABLE):
            pytest.skip(f"{observation.outcome}: {observation.reason}")
        if observation.outcome is not Outcome.PASSED:
            raise Unmet(f"{observation.requirement.id}: {observation.actual or observation.reason}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was seen, without the stack of the suite."""
        if isinstance(excinfo.value, Unmet):
            return f"{excinfo.value}\nrequirement: {self.probe.text}\nwhat to do: {self.probe.remedy}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File and line of the probe."""
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
        """One case; its id is given as text, because pytest distinguishes it from an id with parameters (`--lf`)."""
        id = f"{collector.nodeid}::{name}"
        return ProbeCase.from_parent(collector, name=name, nodeid=id, probe=probe, case=case, conformance=self)

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
        """Lets an interrupt act between two cases; a second one acts at once."""
        if self.interrupted or self.schedule is None:
            signal.default_int_handler(number, frame)
        self.interrupted = True
        self.schedule.cancel()

    def judge(self, item: ProbeCase) -> Observation | None:
        """Judges one case when its conversations have ended."""
        assert self.schedule is not None
        talks = {name: self.schedule.talk(name) for name in conversations_of(item.probe, item.case)}
        if self.interrupted:
            raise KeyboardInterrupt
        observation = judge(item.probe, item.case, talks, self.settings.profiles)
        self.judged.append((item.probe, observation))
        return observation

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Writes the report, and sets the exit code that the gate decided."""
        if self.schedule is None or exitstatus in QUIET_CODES:
            return
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
        self.schedule.stop()
        incomplete = self._incomplete(session, exitstatus)
        observations = complete(self.judged)
        self.report = conclude_run(self.settings, self.started, observations, self.schedule.finished(), incomplete)
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = self.report["exit_code"]
        self.report["exit_code"] = int(session.exitstatus)
        if self.settings.output:
            write(self.settings.output, self.report)
        if self.settings.history:
            self._append(self.settings.history, self.report)

    def _append(self, file: Path, made: Mapping[str, Any]) -> None:
        """Appends the run to the history; a failure is reported and does not change the exit code."""
        try:
            history.append(file, made)
        except UsageError as error:
            show_message(str(error))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """What the gate says, and where the report is, below pytest's own summary."""
        if self.report:
            lines = [self.report["gate"], f"report: {self.settings.output}/report.html"]
            terminalreporter.write_line("\n".join(filter(None, lines)))

    def _incomplete(self, session: pytest.Session, exitstatus: int) -> str:
        """Why not every case of the plan was judged; "" when it was."""
        planned, judged = len(all_cases(self.settings.depth, self.settings.clients)), len(self.judged)
        if exitstatus == pytest.ExitCode.INTERRUPTED and not session.shouldfail:
            return f"interrupted after {judged} of {planned} cases"
        if judged < len(session.items):
            return f"stopped after {judged} of {planned} cases"
        return f"only {judged} of {planned} cases were selected" if judged < planned else ""

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keeps an internal error, as there may be no terminal reporter to show it; never with values of variables."""
        self.crash = "".join(traceback.format_exception(excinfo.value))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module of probes that cannot be imported is an internal error, too."""
        if report.failed:
            self.crash = report.longreprtext

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """pytest.html is the log of the run; report.html is what people read."""
        report.title = f"Log of the run against {self.settings.endpoint.name}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """The log begins with the conclusions of the report."""
        if self.report:
            prefix.extend(log_summary(self.report))

    @pytest.hookimpl(optionalhook=True)
    def pytest_metadata(self, metadata: dict[str, Any]) -> None:
        """Keeps the environment of this machine out of the log."""
        metadata.clear()
