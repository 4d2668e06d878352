"""Runs one server as a process of its own: waits until it answers, and ends it whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

POLL, LONGEST_POLL = 0.1, 2.0  # seconds between two looks at the health URL, and for one look
GRACE = 5.0  # seconds to end by itself before it is killed
LOG_LINES = 30


class ServerError(Exception):
    """A server did not get ready or did not stay alive; the message ends with what it last wrote."""


@dataclass(frozen=True)
class Launch:
    """How a server is started: its words, what it finds in the environment, and the URL that answers 200 when ready."""

    name: str
    command: Sequence[str]
    health: str
    log: Path
    patience: float = 60.0
    environment: Mapping[str, str] = field(default_factory=dict)


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(launch: Launch) -> Iterator[None]:
    """The server runs and is ready inside the `with` block, and is gone after it."""
    with launch.log.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 our own words
            launch.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **launch.environment},
            start_new_session=True,  # so that its workers can be ended with it
        )
        try:
            _wait_until_ready(process, launch)
            try:
                yield
            finally:  # what went wrong with the asking then has this cause
                _still_alive(process, launch, "while it was asked")
        finally:
            _end(process)


def _wait_until_ready(process: subprocess.Popen[bytes], launch: Launch) -> None:
    deadline = time.monotonic() + launch.patience
    while time.monotonic() < deadline:
        _still_alive(process, launch, "before it was ready")
        if _answers(launch.health):
            return
        time.sleep(POLL)
    raise ServerError(f"{launch.name} was not ready after {launch.patience:g} s\n{_tail(launch.log)}")


def _still_alive(process: subprocess.Popen[bytes], launch: Launch, moment: str) -> None:
    if process.poll() is not None:
        raise ServerError(f"{launch.name} ended with {process.returncode} {moment}\n{_tail(launch.log)}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=LONGEST_POLL) as response:  # noqa: S310 a loopback URL of ours
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks the server and its workers to end, and ends them when they do not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            continue
        break
    process.wait()


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"  | {line}" for line in lines[-LOG_LINES:]) or "  | (it wrote nothing)"
