"""What tests of the command share: a folder of its own, the command in this process, a sound provider."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import cli
from conformance.reference import Provider, Server, serve
from tests.command import KEY, Command, Ran
from tests.sweep import Sweep


def pytest_configure(config: pytest.Config) -> None:
    """Without paths and without -m only the quick set runs. Compiled modules go where every process of it finds them."""
    if "PYTHONPYCACHEPREFIX" not in os.environ:
        os.environ["PYTHONPYCACHEPREFIX"] = compiled = tempfile.mkdtemp(prefix="conformance-compiled-")
        config.add_cleanup(lambda: shutil.rmtree(compiled))
    if config.args_source is config.ArgsSource.TESTPATHS and not config.option.markexpr:
        config.option.markexpr = "not full"


def pytest_report_header(config: pytest.Config) -> str | None:
    """How to run what is left out."""
    left_out = config.option.markexpr == "not full"
    return "the quick tests; for the rest: pytest -n auto -m full" if left_out else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests begin first, so that no worker waits for one at the end; last are those that read what others have run."""
    items.sort(key=lambda item: bool(item.get_closest_marker("last")) - bool(item.get_closest_marker("long")))


@pytest.fixture(scope="session")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """The runs of this session, shared by its workers."""
    mine = tmp_path_factory.getbasetemp()
    return Sweep((mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "sweep")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with no key in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONFORMANCE_API_KEY", "OPENAI_API_KEY", "PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def command(here: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process."""

    def run(*arguments: str) -> Ran:
        assert Path.cwd() == here.resolve(), "somebody moved to another folder"
        capfd.readouterr()
        code = cli.main(arguments)
        return Ran(code, *capfd.readouterr())

    return run


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sound provider that wants a key."""
    with serve(Provider("reference-1", KEY)) as one:
        yield one


@pytest.fixture
def sound(server: Server, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments of a run against it."""
    monkeypatch.setenv("MY_KEY", KEY)
    return ["run", "--base-url", server.base_url, "--model", "reference-1", "--api-key-env", "MY_KEY"]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection can be made, and no port be opened."""

    def refuse(*_: Any) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "bind", "listen"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a few conversations, and the report of that run beside it; made once."""
    from conformance import cli

    folder = tmp_path_factory.mktemp("recorded")
    arguments = ["demo", "--depth", "quick", "--output", str(folder / "live"), "--record", str(folder / "rec")]
    assert cli.main(arguments) == 0
    return folder


@pytest.fixture
def rec(recorded: Path, here: Path) -> Path:
    """A copy of it, to be spoiled."""
    shutil.copytree(recorded, here, dirs_exist_ok=True)
    return here / "rec"
