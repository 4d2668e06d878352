"""Stands between a client and its provider for one live session: relays it, records it, and judges it meanwhile.

Each exchange becomes a cassette without its secrets, and what is said about it is what `judge` says about that file.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.endpoint.config import slug
from conformance.endpoint.input_checks import split_url, url_problems
from conformance.errors import UsageError
from conformance.evidence.exchange import Ended, Exchange, Request, header_of, shorten
from conformance.evidence.redaction import Redactor, secrets_in
from conformance.exit_codes import ExitCode
from conformance.judging.observation import Observation
from conformance.requirements import Severity
from conformance.requirements.talk import Talk
from conformance.traffic.judge import Totals, concluded, judge_file, probes_for
from conformance.wire.asking import masked
from conformance.wire.cassette import written
from conformance.wire.http import Received
from conformance.wire.recording import now
from conformance.wire.replay import CAPTURED

CAPTURES = Path("captures")
SWITCH = 0.0005  # seconds after which judging yields to arriving data; a tenth of Python's default


def capture_session(upstream: str, clients: Sequence[Client], record: Path | None, host: str, port: int) -> Capture:
    """Captures until Ctrl-C, into `record` or a new folder; raises UsageError for a URL, folder or port it cannot use."""
    if problem := next(url_problems(upstream), ""):
        raise UsageError(f"--upstream: {problem}")
    folder = _prepared(record or CAPTURES / f"{slug(upstream)}-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    sys.setswitchinterval(SWITCH)
    with Capture(folder, upstream, clients) as capture:
        asyncio.run(_listen(capture, host, port))
    return capture


def _prepared(folder: Path) -> Path:
    """The folder, made if needed, which must not hold another session; raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = sorted(folder.glob("*.yaml"))
        writable = os.access(folder, os.W_OK)
    except OSError as error:
        raise UsageError(f"--record {folder}: cannot be made ({error.strerror}); name another") from None
    if taken or not writable:
        why = f"already holds {taken[0].name}" if taken else "cannot be written"
        raise UsageError(f"--record {folder}: {why}; name another folder")
    return folder


async def _listen(capture: Capture, host: str, port: int) -> None:
    from conformance.wire.relay import at_signals, listening, relay

    try:
        listener = listening(host, port)
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"--host {host} --port {port}: {why}; choose another port, or 0") from None
    stopping = at_signals()
    base = base_url(host, listener.getsockname()[1], capture.shown)
    print(f"capturing on {base} -> {capture.shown}", flush=True)
    await relay(split_url(capture.upstream)[0], listener, capture.take, stopping)


def base_url(host: str, port: int, upstream: str) -> str:
    """The base URL to type into the client; it has the path of the provider's, so requests are relayed unchanged."""
    _, path, query = split_url(upstream)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{path}{query}"


class Capture:
    """Stores, judges and prints each finished exchange, on a worker thread."""

    def __init__(
        self, folder: Path, upstream: str, clients: Sequence[Client], show: Callable[[str], None] | None = None
    ) -> None:
        self.folder, self.upstream, self.clients = folder, upstream, clients
        self.shown = Redactor(secrets_in((), upstream)).url(upstream)
        self.total, self.count, self.lost = Totals(), 0, 0
        self._show = show or _print
        self._profiles = CURRENT | {client.id: client for client in clients}
        self._probes = probes_for(self._profiles)
        self._secrets: dict[str, None] = {}
        self._started = datetime.now(UTC)
        self._worker = ThreadPoolExecutor(1, "capture")

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        """Waits until every exchange is written, judged and printed."""
        self._worker.shutdown()

    def take(self, request: Request, received: Received) -> None:
        """Hands an exchange to the worker thread; returns at once."""
        self._worker.submit(self._take, request, received)

    def _take(self, request: Request, received: Received) -> None:
        self.count += 1
        name = f"{CAPTURED}{self.count:04}"
        exchange = masked(f"{name}#1", request, received, self._redactor(request, received))
        self._show(exchange_line(exchange))
        file = self.folder / f"{name}.yaml"
        try:
            file.write_text(written(Talk(name, (exchange,)), self._facts(exchange)), encoding="utf-8")
        except Exception as problem:  # the session goes on without it
            self.lost += 1
            why = getattr(problem, "strerror", None) or type(problem).__name__
            self._show(f"    {file}: neither written nor judged: {why}")
            return
        self._judge(file)

    def _redactor(self, request: Request, received: Received) -> Redactor:
        """Removes the secrets of this exchange and of all earlier ones."""
        headers = (*request.headers, *(received.response.headers if received.response else ()))
        body = b"".join(chunk.data for chunk in received.chunks)
        self._secrets |= dict.fromkeys(secrets_in(headers, request.url, request.body, body))
        return Redactor(tuple(self._secrets))

    def _judge(self, file: Path) -> None:
        sheet = judge_file(file, self._probes, self._profiles)
        self.total.add(sheet)
        for observed in sheet.wrong:
            self._show(f"    {failure_line(observed)}")

    def _facts(self, exchange: Exchange) -> Mapping[str, Any]:
        """What the cassette says about its run: nothing was planned, and each request was sent once."""
        endpoint = {
            "name": slug(self.shown),
            "base_url": self.shown,
            "model": str(exchange.request.field("model") or ""),
            "key": header_of(exchange.request.headers, "authorization") is not None,
            "headers": {},
        }
        profiles = [client.profile for client in self.clients]
        run = {"tool": __version__, "depth": "quick", "repeats": 1, "profiles": profiles, "endpoint": endpoint}
        return {**run, "recorded": now()}

    @property
    def exit_code(self) -> int:
        """The exit code of `judge`, but OK when there was nothing to judge."""
        made = concluded(self.total, self._started, self.clients, self._profiles, strict=False)
        nothing = not self.total.judged or made["exit_code"] == ExitCode.NOT_JUDGED
        return ExitCode.OK if nothing else int(made["exit_code"])

    @property
    def summary(self) -> str:
        """One line: how many exchanges were captured, and how to judge them again."""
        lost = f", {self.lost} of them not written" if self.lost else ""
        many = "exchange" if self.count == 1 else "exchanges"
        again = f"conformance judge {self.folder} judges them again"
        return f"captured {self.count} {many} in {self.folder}{lost}; {again}"


def exchange_line(exchange: Exchange) -> str:
    """One line on an exchange: `POST /v1/chat/completions 200 3.2 s`, and how it ended unless it was complete."""
    _, path, query = split_url(exchange.request.url)
    line = f"{exchange.request.method} {path}{query} {exchange.status or '-'} {exchange.seconds:.1f} s"
    return line if exchange.ended is Ended.COMPLETE else f"{line}, {exchange.ended}: {exchange.detail}"


def failure_line(observed: Observation) -> str:
    """One line on a failed requirement: its id, the clients it affects, what was seen."""
    affected = "; ".join(_affected(observed)) or "affects no client"
    return f"{observed.requirement.id} ({affected}): {shorten(observed.actual or observed.reason)}"


def _affected(observed: Observation) -> Iterator[str]:
    for how, word in ((Severity.BREAKS, "breaks"), (Severity.DEGRADES, "degrades")):
        if clients := [id for id, severity in observed.severity.items() if severity is how]:
            yield f"{word} {', '.join(clients)}"


def _print(line: str) -> None:
    with suppress(BrokenPipeError):  # the session goes on when its reader has left
        print(line, flush=True)
