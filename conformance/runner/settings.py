"""Everything that decides one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from conformance.clients import CLIENTS, CURRENT, Client
from conformance.endpoint.config import Endpoint
from conformance.history import database as history
from conformance.judging.policy.gate import Policy
from conformance.report.output import new_output, prepare
from conformance.requirements.conversation import REPEATS, Depth
from conformance.requirements.talk import Talk
from conformance.wire.http import Transport, open_transport
from conformance.wire.limits import Limits
from conformance.wire.recording import Recorder
from conformance.wire.replay import Recording


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run.

    `output` is the folder for its files, None for a new one under `reports/`; `history` is a file that the run is appended to.
    A thorough run holds every conversation `repeats` times. `transport` opens the connections: it takes a URL and how many.
    `recorder` keeps what is asked and answered; `recording` answers in place of the endpoint.
    """

    endpoint: Endpoint
    depth: Depth = Depth.STANDARD
    clients: tuple[Client, ...] = CLIENTS
    limits: Limits = Limits()
    concurrency: int = 8
    policy: Policy = Policy()
    output: Path | None = None
    history: Path | None = None
    pytest_args: tuple[str, ...] = ()
    repeats: int = REPEATS
    transport: Callable[[str, int], Transport] = open_transport
    progress: Callable[[Talk], None] = field(default=lambda talk: None)
    recorder: Recorder | None = None
    recording: Recording | None = None

    @property
    def profiles(self) -> Mapping[str, Client]:
        """The profile of each client by its id: the chosen version, else the current one, with this user's settings."""
        chosen = CURRENT | {client.id: client for client in self.clients}
        if self.endpoint.streaming is not False:
            return chosen
        return {id: replace(client, streaming=False) for id, client in chosen.items()}


def with_output(settings: Settings, started: datetime) -> Settings:
    """The settings with an output folder that exists; raises UsageError when something that the end of the run needs is missing."""
    if settings.policy.baseline:
        settings.policy.baseline.check(settings.depth, settings.clients)
    if settings.history:
        history.check(settings.history)
    return replace(settings, output=prepare(settings.output or new_output(settings.endpoint, started)))
