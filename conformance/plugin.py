"""The pytest plugin: `pytest -p conformance.plugin --pyargs conformance.probes --base-url URL --model ID`.

It gives a plain pytest the options of `conformance run`; what happens in the run is in `conformance.runner.session`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pytest

from conformance.errors import UsageError
from conformance.requirements.areas import AREAS
from conformance.runner.from_options import endpoint_from, settings_from
from conformance.runner.option import Option
from conformance.runner.options import PYTEST, options_of
from conformance.runner.session import Session
from conformance.runner.settings import with_output


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of `conformance run` to a plain pytest."""
    group = parser.getgroup("conformance")
    for option in options_of(PYTEST):
        group.addoption(option.name, **option.arguments() | {"type": _reader(option)})


def _reader(option: Option) -> Callable[[str], Any]:
    """Reads the value of an option; what is wrong with it is one line, without pytest's usage around it."""
    assert option.value is not None
    value = option.value

    def read(text: str) -> Any:
        try:
            if value.choices and text not in value.choices:
                raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(value.choices)}")
            return value.read(text)
        except argparse.ArgumentTypeError as error:
            raise pytest.UsageError(f"{option.name}: {error}") from None

    return read


def pytest_configure(config: pytest.Config) -> None:
    """Makes the session of a plain pytest from its options."""
    for area in AREAS:
        config.addinivalue_line("markers", f"{area}: probes of this area")
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("pytest-xdist would send every request once per worker; leave out -n")
    try:
        session = Session(settings_from(config.option, endpoint_from(config.option, config.option.endpoint)))
        session.settings = with_output(session.settings, session.started)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(session, "conformance-session")
