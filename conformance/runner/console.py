"""What the program writes to the console: messages, and output that its reader may not want or its encoding cannot show."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MESSAGES = "CONFORMANCE_MESSAGES"  # the variable with which a run of several endpoints names a file to each of its runs


def show_message(message: str) -> None:
    """Writes a message to stderr; its first line also to the file of messages, if there is one."""
    print(f"conformance: {message}", file=sys.stderr)
    if file := os.environ.get(MESSAGES):
        Path(file).write_text(message.partition("\n")[0], encoding="utf-8", errors="replace")


def show_internal_error(trace: str) -> None:
    """Writes a traceback to stderr, with what to do about it."""
    trace = trace.strip()
    error = trace.splitlines()[-1].removeprefix("E  ").strip()  # pytest marks the line of the error
    show_message(f"internal error, please report it: {error}\n{trace}")


def replace_what_cannot_be_shown() -> None:
    """Makes characters that the console's encoding lacks appear as `?`, instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Output whose reader may leave early (`| head`): that is no error, and changes no verdict."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
