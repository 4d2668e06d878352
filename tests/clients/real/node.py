"""The SDKs of npm: installs them, and asks with them through one process of Node that takes requests as lines of JSON."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.peers.installs import cache_folder, node_install

PACKAGES = {
    "openai-node": "openai@5.12.2",  # of Roo Code, of the older Kilo Code and of Cline
    "ai-sdk-2": "@ai-sdk/openai-compatible@2.0.48",  # of Kilo Code
    "ai-sdk-3": "@ai-sdk/openai-compatible@3.0.35",
    "axios": "axios@1.12.2",  # of the first three, for the list of models
}
PATIENCE = 60.0  # seconds for one answer of the process; it ends every request after eight


class Node:
    """The running process; `ask` may be called from many threads at once."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._numbers = count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, sdk: str, base_url: str, key: str, body: dict[str, Any] | None) -> Any:
        """What the SDK makes of the answer to this body; None asks for the list of models."""
        future: Future[Any] = Future()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = future
            asked = {"number": number, "sdk": sdk, "base_url": base_url, "key": key, "body": body}
            self._stdin.write(json.dumps(asked) + "\n")
            self._stdin.flush()
        return future.result(PATIENCE)

    @property
    def _stdin(self) -> Any:
        return self._process.stdin

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            answer = json.loads(line)
            self._waiting.pop(answer["number"]).set_result(answer["result"])
        for future in self._waiting.values():
            future.set_exception(RuntimeError(f"node ended with {self._process.wait()}"))


@contextmanager
def node() -> Iterator[Node]:
    """The process with the SDKs of PACKAGES, which are installed when they are not yet."""
    folders = {sdk: str(node_install(cache_folder() / sdk, package)) for sdk, package in PACKAGES.items()}
    script = str(Path(__file__).with_name("measure.mjs"))
    process = subprocess.Popen(  # noqa: S603 our own words
        ["node", script, json.dumps(folders)],  # noqa: S607 the one that is first on the path
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Node(process)
    finally:
        assert process.stdin
        process.stdin.close()
        process.terminate()
        process.wait()
