"""How judging recorded traffic grows with the number of exchanges: its time should grow as they do, its memory hardly.

    python bench/recorded.py [N ...]

A log of so many exchanges (a question, a stream, a call, a streamed call in turn) is judged by a process of its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

SIZES = (500, 1000, 2000)
STEEPEST = 1.3  # times the exchanges may take longer by at most this much more
URL = "http://127.0.0.1/v1/chat/completions"
TOOL = {"name": "read_file", "parameters": {"type": "object", "properties": {"path": {"type": "string"}}}}
CALL = {"name": "read_file", "arguments": '{"path": "src/app.py"}'}
WORDS = [f"word {n} " for n in range(60)]


def main(arguments: list[str]) -> int:
    """Exit code 0 when the time grows no faster than the exchanges."""
    sizes = [int(word) for word in arguments] or list(SIZES)
    with tempfile.TemporaryDirectory() as folder:
        taken = [measure(Path(folder), size) for size in sizes]
    print(f"{'exchanges':>9} {'MB':>6} {'seconds':>8} {'ms each':>8} {'peak MB':>8}")
    for size, (megabytes, seconds, peak) in zip(sizes, taken, strict=True):
        print(f"{size:>9} {megabytes:>6.1f} {seconds:>8.2f} {1000 * seconds / size:>8.2f} {peak:>8.0f}")
    growth = (taken[-1][1] / taken[0][1]) / (sizes[-1] / sizes[0])
    print(f"growth {growth:.2f}, at most {STEEPEST}: {'OK' if growth <= STEEPEST else 'TOO STEEP'}")
    return 0 if growth <= STEEPEST else 1


def measure(folder: Path, size: int) -> tuple[float, float, float]:
    """Megabytes of the log, seconds of processor time, peak megabytes of memory."""
    file = folder / f"{size}.jsonl"
    file.write_text("".join(f"{json.dumps(entry)}\n" for entry in islice(cycle(entries()), size)), "utf-8")
    command = [sys.executable, "-m", "conformance", "judge", str(file), "--output", str(folder / "report")]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 our own words
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"judging ended with {process.returncode} after {time.monotonic() - began:.1f} s")
    return file.stat().st_size / 1e6, used.ru_utime + used.ru_stime, _megabytes(used)


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def entries() -> Iterator[dict[str, Any]]:
    """A question, a stream, a call, a streamed call; all sound."""
    text = {"role": "assistant", "content": "".join(WORDS)}
    call = {"id": "call_1", "type": "function", "function": CALL}
    yield _entry({}, _completion(text, "stop"))
    yield _entry({"stream": True}, _events([{"content": word} for word in WORDS], "stop"))
    tools = {"tools": [{"type": "function", "function": TOOL}]}
    yield _entry(tools, _completion({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"))
    yield _entry({**tools, "stream": True}, _events([{"tool_calls": [{"index": 0, **call}]}], "tool_calls"))


def _entry(asked: dict[str, Any], body: Any) -> dict[str, Any]:
    message = {"role": "user", "content": "Do something."}
    headers = {"content-type": "text/event-stream" if isinstance(body, str) else "application/json"}
    return {
        "request": {"method": "POST", "url": URL, "body": {"model": "m", "messages": [message], **asked}},
        "response": {"status": 200, "headers": headers, "body": body},
    }


def _completion(message: dict[str, Any], reason: str) -> dict[str, Any]:
    choice = {"index": 0, "message": message, "finish_reason": reason}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    return {**_head("chat.completion"), "choices": [choice], "usage": usage}


def _events(deltas: list[dict[str, Any]], reason: str) -> str:
    said: list[tuple[dict[str, Any], str | None]] = [({"role": "assistant", "content": ""}, None)]
    said += [(delta, None) for delta in deltas]
    choices = [{"index": 0, "delta": delta, "finish_reason": end} for delta, end in [*said, ({}, reason)]]
    chunks = [{**_head("chat.completion.chunk"), "choices": [choice]} for choice in choices]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


def _head(kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_700_000_000, "model": "m"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
