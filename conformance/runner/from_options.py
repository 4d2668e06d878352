"""Makes the endpoint, the policy and the settings of a run from parsed options, of a command or of a plain pytest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conformance.clients import AGENTS, Client
from conformance.clients.named import clients_named
from conformance.endpoint.config import Endpoint, find_endpoint
from conformance.errors import UsageError
from conformance.judging.policy.accepted_failures import load
from conformance.judging.policy.baseline import Baseline, baseline_of
from conformance.judging.policy.gate import Policy, requirement
from conformance.report.json_file import load as report_in
from conformance.requirements.conversation import Depth
from conformance.runner.settings import Settings
from conformance.wire.limits import Limits


def endpoint_from(options: Any, name: str | None) -> Endpoint:
    """The endpoint of that name in conformance.toml, or the one that the options describe; raises UsageError."""
    return find_endpoint(
        name,
        base_url=options.base_url,
        model=options.model,
        api_key_env=options.api_key_env,
        provider=options.provider,
        directory=Path.cwd(),
        environ=os.environ,
    )


def settings_from(options: Any, endpoint: Endpoint, clients: tuple[Client, ...] = AGENTS) -> Settings:
    """The settings of a run; `clients` are those to judge for when no option names any. Raises UsageError."""
    return Settings(
        endpoint=endpoint,
        depth=Depth[options.depth.upper()],
        clients=clients_named(options.client, clients),
        limits=Limits.patient_for(options.patience),
        concurrency=options.concurrency,
        policy=policy_from(options),
        output=options.output,
        history=options.history,
    )


def policy_from(options: Any) -> Policy:
    """What fails the build; raises UsageError for an unknown level, and for a file that cannot be used."""
    return Policy(
        options.fail_on,
        dict(map(requirement, options.require)),
        load(options.known) if options.known else (),
        options.allow_flaky,
        _baseline(options.baseline) if options.baseline else None,
    )


def _baseline(file: Path) -> Baseline:
    report = report_in(file)
    with naming(file):
        return baseline_of(report)


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Puts the name of the file before a UsageError about what is in it."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None
