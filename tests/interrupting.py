"""Interrupts a run as a user does, while the server that it asks lets it wait."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.command import Ran, environment
from tests.wire.raw_server import JSON, Caller, answer, raw_server

COMPLETION = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


def interrupted(arguments: Callable[[str], Sequence[str]], here: Path, by: signal.Signals = signal.SIGINT) -> Ran:
    """`conformance ARGUMENTS` of this base URL, interrupted while all requests but the first one wait."""
    asked = threading.Semaphore(0)

    async def answer_the_first_only(caller: Caller) -> None:
        await caller.request()
        if caller is one.callers[0]:
            await caller.send(answer(json.dumps(COMPLETION).encode(), JSON))
            return
        asked.release()
        await caller.gone()

    with raw_server(answer_the_first_only) as one:
        process = subprocess.Popen(  # noqa: S603 our own words
            [sys.executable, "-m", "conformance", *arguments(f"{one.url}/v1")],
            cwd=here,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_heed_interrupts,
        )
        try:
            assert asked.acquire(timeout=300)
            process.send_signal(by)
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
    return Ran(process.returncode, out, err)


def _heed_interrupts() -> None:
    """What a shell starts in the background ignores SIGINT, and hands that down; a user's terminal does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
