"""One server as a child process: started, waited for, stopped, and its last words shown when it will not start."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

LOOPBACK = "127.0.0.1"
GRACE = 10.0  # seconds between asking a server to stop and making it
# What would send loopback requests elsewhere, or hand a server this person's real keys.
NOT_INHERITED = ("proxy", "api_key", "token", "secret", "conformance")


class StartError(RuntimeError):
    """The server ended or stayed silent; the message holds the end of its log."""


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


@dataclass
class ServerProcess:
    """A command that serves HTTP on `port`; as a context manager it runs from healthy to stopped."""

    command: Sequence[str]
    port: int
    health_path: str
    log: Path
    environment: Mapping[str, str]
    patience: float = 60.0

    def __enter__(self) -> ServerProcess:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment()
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Asks the process to end, and ends it when it does not."""
        self.process.terminate()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not any(word in k.lower() for word in NOT_INHERITED)}
        return {**kept, **self.environment}

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + self.patience
        while not self._healthy():
            if self.process.poll() is not None:
                raise StartError(f"{self._name} exited with {self.process.returncode}\n{self._last_words()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self._name} was not healthy after {self.patience:g} s\n{self._last_words()}")
            time.sleep(0.1)

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", self.health_path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def _name(self) -> str:
        return " ".join(self.command[:3])

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
