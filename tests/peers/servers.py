"""The peers: servers written by others, and how each is installed, started and asked.

Only servers with other habits than our own can show that what the suite says about the wire is true.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from tests.peers.installs import execute, node_install, python_install
from tests.peers.processes import Launch, free_port, running

HERE = Path(__file__).parent
CONTEXT = 131_072  # tokens that the tiny model takes at once


@dataclass(frozen=True)
class Endpoint:
    """What a user would type into a client to use a running peer."""

    base_url: str
    key: str
    model: str


class Peer(Protocol):
    """One server. `cache` is where installs are kept, `logs` where a start leaves what the server writes."""

    name: ClassVar[str]
    context_window: ClassVar[int | None]

    def install(self, cache: Path) -> None:
        """Installs what is missing."""

    def started(self, cache: Path, logs: Path) -> AbstractContextManager[Endpoint]:
        """The server, ready to be asked inside the `with` block."""


def new_key() -> str:
    """A key in the usual shape, good for one start."""
    return f"sk-{secrets.token_hex(24)}"


class LlamaCpp:
    """llama.cpp's own HTTP server with a model built here: a real engine, real tokens, grammars for tool calls."""

    name: ClassVar[str] = "llama.cpp"
    context_window: ClassVar[int | None] = CONTEXT
    requirements: ClassVar[tuple[str, ...]] = ("xllamacpp==2026.10.11549", "gguf==0.19.0")
    model: ClassVar[str] = "tiny-peer"
    # Its threads wait for each other at every layer. Where others have work to do, those that wait by turning in circles
    # make it ten times as slow.
    frugal: ClassVar[dict[str, str]] = {"OMP_WAIT_POLICY": "passive"}

    def install(self, cache: Path) -> None:
        """The wheel that holds the server, and the model."""
        python, made = (python_install(cache / self.name, self.requirements), cache / self.name / f"{os.getpid()}.gguf")
        execute(str(python), "-m", "tests.peers.tiny_model", str(made))
        made.replace(self._weights(cache))  # never written in place: a running server has it mapped and would die of it

    def _weights(self, cache: Path) -> Path:
        return cache / self.name / "tiny.gguf"

    @contextmanager
    def started(self, cache: Path, logs: Path) -> Iterator[Endpoint]:
        """The server with its model loaded."""
        port, key = free_port(), new_key()
        python, script = cache / self.name / "bin/python", HERE / "llama_cpp_server.py"
        launch = Launch(
            self.name,
            [str(python), str(script), str(self._weights(cache)), self.model, str(port)],
            health=f"http://127.0.0.1:{port}/health",
            log=logs / f"{self.name}.log",
            environment=self.frugal | {"PEER_KEY": key, "PEER_CONTEXT": str(CONTEXT)},
        )
        with running(launch):
            yield Endpoint(f"http://127.0.0.1:{port}/v1", key, self.model)


class Aimock:
    """aimock: answers from our fixtures, in an independent hand's idea of OpenAI's wire format."""

    name: ClassVar[str] = "aimock"
    context_window: ClassVar[int | None] = None
    package: ClassVar[str] = "@copilotkit/aimock@1.43.0"
    model: ClassVar[str] = "gpt-4o"  # one of those that it lists whatever the fixtures say

    def install(self, cache: Path) -> None:
        """The package and what it depends on."""
        node_install(cache / self.name, self.package)

    @contextmanager
    def started(self, cache: Path, logs: Path) -> Iterator[Endpoint]:
        """The mock with our fixtures."""
        port, key = free_port(), new_key()
        script = cache / self.name / "node_modules/@copilotkit/aimock/dist/cli.js"
        options = ["--host", "127.0.0.1", "--port", str(port), "--fixtures", str(HERE / "aimock.json")]
        pace = ["--chunk-size", "6", "--latency", "3"]  # small pieces over time, as a model writes
        launch = Launch(
            self.name,
            ["node", str(script), *options, *pace, "--validate-on-load"],
            health=f"http://127.0.0.1:{port}/health",
            log=logs / f"{self.name}.log",
            environment={"AIMOCK_API_KEYS": key},
        )
        with running(launch):
            yield Endpoint(f"http://127.0.0.1:{port}/v1", key, self.model)


class LiteLLM:
    """The LiteLLM proxy before llama.cpp: what a gateway does to requests, answers, streams and errors."""

    name: ClassVar[str] = "litellm"
    context_window: ClassVar[int | None] = CONTEXT
    requirements: ClassVar[tuple[str, ...]] = (
        "litellm[proxy]==1.106.2",
        "prisma==0.15.0",  # without it, a request without a key is a 500
    )
    model: ClassVar[str] = "tiny-behind-proxy"
    quiet: ClassVar[dict[str, str]] = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches one at every start
        "LITELLM_TELEMETRY": "False",
        "DISABLE_ADMIN_UI": "True",
        "LITELLM_LOG": "ERROR",
        # llama.cpp promises keep-alive on streams and closes all the same; asked on such a connection the proxy
        # says 500 now and then. No connection is used twice, so that each run is like the last.
        "AIOHTTP_KEEPALIVE_TIMEOUT": "0",
    }

    def install(self, cache: Path) -> None:
        """The proxy, and the server behind it."""
        LlamaCpp().install(cache)
        python_install(cache / self.name, self.requirements)

    @contextmanager
    def started(self, cache: Path, logs: Path) -> Iterator[Endpoint]:
        """Both servers; the endpoint is the proxy's."""
        with LlamaCpp().started(cache, logs) as behind:
            port, key = free_port(), new_key()
            settings = logs / "litellm.json"
            settings.write_text(json.dumps(self._settings(behind, key), indent=1))
            binaries, where = cache / self.name / "bin", ["--host", "127.0.0.1", "--port", str(port)]
            launch = Launch(
                self.name,
                [str(binaries / "litellm"), "--config", str(settings), *where],
                health=f"http://127.0.0.1:{port}/health/liveliness",
                log=logs / f"{self.name}.log",
                patience=120,
                environment=self.quiet,
            )
            with running(launch):
                yield Endpoint(f"http://127.0.0.1:{port}/v1", key, self.model)

    def _settings(self, behind: Endpoint, key: str) -> dict[str, object]:
        """The proxy's configuration; it reads YAML, and JSON is YAML. Nothing is tried twice behind our back."""
        upstream = {"model": f"openai/{behind.model}", "api_base": behind.base_url, "api_key": behind.key}
        return {
            "model_list": [{"model_name": self.model, "litellm_params": upstream}],
            "litellm_settings": {"num_retries": 0, "request_timeout": 180, "telemetry": False},
            "router_settings": {"num_retries": 0, "disable_cooldowns": True},
            "general_settings": {"master_key": key},
        }


PEERS: dict[str, Peer] = {peer.name: peer for peer in (LlamaCpp(), Aimock(), LiteLLM())}
