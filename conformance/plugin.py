"""The pytest plugin: `pytest -p conformance.plugin --pyargs conformance.probes --base-url URL --model ID`.

It gives a plain pytest the options of `conformance run`; what happens in the run is in `conformance.runner.session`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.clients.named import clients_named
from conformance.endpoint.config import find_endpoint
from conformance.errors import UsageError
from conformance.requirements.areas import AREAS
from conformance.requirements.conversation import Depth
from conformance.runner.gate_options import OPTIONS, policy_of
from conformance.runner.session import Session
from conformance.runner.settings import Settings, with_output
from conformance.wire.limits import Limits


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
