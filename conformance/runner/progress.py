"""Shows the progress of a run on stderr: one changing line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TextIO

from conformance.requirements.talk import Talk


class Progress:
    """Counts the conversations that are over; `settled` is called from the thread that sends requests."""

    STEP = 20  # conversations between two lines, where lines cannot change

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.live = out.isatty()
        self.conversations = self.requests = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            print("\r\x1b[K", end="", file=self.out, flush=True)

    def settled(self, talk: Talk) -> None:
        """Counts one more conversation."""
        with self._lock:
            self.conversations += 1
            self.requests += len(talk.exchanges)
            with suppress(OSError):  # the run goes on when its reader has left
                self._show(talk)

    def _show(self, talk: Talk) -> None:
        if self.live:
            print(f"\r\x1b[K{self._line(talk)}", end="", file=self.out, flush=True)
        elif self.conversations % self.STEP == 0:
            print(self._line(talk), file=self.out, flush=True)

    def _line(self, talk: Talk) -> str:
        return f"{self.conversations} conversations, {self.requests} requests, last: {talk.conversation} ({talk.seconds:.1f} s)"
