"""`conformance capture`: stands between a client and its provider for one real session, keeps it, and judges it as it goes.

Each exchange becomes a cassette, without its secrets, and what is told of it is what `judge` says of that very file.
"""

from __future__ import annotations

import argparse
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
from conformance.clients.named import clients_named
from conformance.endpoint.config import slug
from conformance.endpoint.input_checks import split_url, url_problems
from conformance.errors import UsageError
from conformance.evidence.exchange import Ended, Exchange, Request, header_of, shorten
from conformance.evidence.redaction import Redactor, secrets_in
from conformance.judging.judge import Observation
from conformance.requirements.requirement import Severity
from conformance.requirements.talk import Talk
from conformance.runner.arguments import port
from conformance.traffic.judge import Totals, concluded, judge_file, probes_for
from conformance.wire.asking import masked
from conformance.wire.cassette import written
from conformance.wire.http import Received
from conformance.wire.recording import now
from conformance.wire.replay import CAPTURED

CAPTURES = Path("captures")
LOOPBACK = "127.0.0.1"
SWITCH = 0.0005  # seconds after which judging makes way for what arrives meanwhile; Python's own are ten times that
NOTHING = 6  # what `judge` says where nothing could be judged; no session fails for that


def add_command(verbs: Any) -> None:
    """Adds the command to the command line."""
    command = verbs.add_parser("capture", help="pass a client's session on to its provider, and judge it")
    command.add_argument(
        "--upstream", required=True, metavar="URL", help="base URL of the provider, as a client takes it"
    )
    command.add_argument("--port", type=port, default=8080, help="0 chooses a free one (8080)")
    command.add_argument(
        "--host", default=LOOPBACK, metavar="ADDRESS", help=f"where clients are waited for ({LOOPBACK})"
    )
    command.add_argument(
        "--record", type=Path, metavar="DIR", help="where the cassettes go (captures/HOST-TIME)"
    )
    command.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="ID",
        help="client whose verdict counts; repeatable (roo-code kilo-code)",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Captures until Ctrl-C; 1 when something breaks a chosen client, 3 for a mistake of ours, else 0."""
    upstream = _checked(options.upstream)
    clients = clients_named(options.client)
    folder = _prepared(options.record or CAPTURES / f"{slug(upstream)}-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    sys.setswitchinterval(SWITCH)
    capture = Capture(folder, upstream, clients)
    with capture:
        asyncio.run(_listen(capture, options.host, options.port))
    print(capture.summary, flush=True)
    return capture.exit_code


def _checked(upstream: str) -> str:
    if problem := next(url_problems(upstream), ""):
        raise UsageError(f"--upstream: {problem}")
    return upstream


def _prepared(folder: Path) -> Path:
    """The folder, made if need be, for this session alone; raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = sorted(folder.glob("*.yaml"))
        writable = os.access(folder, os.W_OK)
    except OSError as error:
        raise UsageError(f"--record {folder}: cannot be made ({error.strerror}); name another") from None
    if taken or not writable:
        why = f"holds {taken[0].name} already" if taken else "cannot be written"
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
    """What to type into the client: the same path, so that whatever it asks for is at the same place."""
    _, path, query = split_url(upstream)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{path}{query}"


class Capture:
    """Keeps, judges and tells each exchange that is over, one after the other in a thread of its own."""

    def __init__(
        self,
        folder: Path,
        upstream: str,
        clients: Sequence[Client],
        show: Callable[[str], None] | None = None,
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
        """Waits until all is written and told."""
        self._worker.shutdown()

    def take(self, request: Request, received: Received) -> None:
        """Has an exchange kept; returns at once."""
        self._worker.submit(self._take, request, received)

    def _take(self, request: Request, received: Received) -> None:
        self.count += 1
        name = f"{CAPTURED}{self.count:04}"
        exchange = masked(f"{name}#1", request, received, self._redactor(request, received))
        self._show(told(exchange))
        file = self.folder / f"{name}.yaml"
        try:
            file.write_text(written(Talk(name, (exchange,)), self._facts(exchange)), encoding="utf-8")
        except Exception as problem:  # the session goes on without it, and says so
            self.lost += 1
            why = getattr(problem, "strerror", None) or type(problem).__name__
            self._show(f"    {file}: not written, nor judged: {why}")
            return
        self._judge(file)

    def _redactor(self, request: Request, received: Received) -> Redactor:
        """What knows the secrets of this exchange, and of all before it."""
        headers = (*request.headers, *(received.response.headers if received.response else ()))
        body = b"".join(chunk.data for chunk in received.chunks)
        self._secrets |= dict.fromkeys(secrets_in(headers, request.url, request.body, body))
        return Redactor(tuple(self._secrets))

    def _judge(self, file: Path) -> None:
        sheet = judge_file(file, self._probes, self._profiles)
        self.total.add(sheet)
        for observed in sheet.wrong:
            self._show(f"    {finding(observed)}")

    def _facts(self, exchange: Exchange) -> Mapping[str, Any]:
        """What a cassette says about its run: nobody planned anything here, and once is all there was."""
        endpoint = {
            "name": slug(self.shown),
            "base_url": self.shown,
            "model": str(exchange.request.field("model") or ""),
            "key": header_of(exchange.request.headers, "authorization") is not None,
            "headers": {},
        }
        profiles = [client.profile for client in self.clients]
        run = {
            "tool": __version__,
            "depth": "quick",
            "repeats": 1,
            "profiles": profiles,
            "endpoint": endpoint,
        }
        return {**run, "recorded": now()}

    @property
    def exit_code(self) -> int:
        """As `judge` has it, but that nothing judged is no failure."""
        made = concluded(self.total, self._started, self.clients, self._profiles, strict=False)
        return 0 if not self.total.judged or made["exit_code"] == NOTHING else int(made["exit_code"])

    @property
    def summary(self) -> str:
        """What became of the session, in one line."""
        lost = f", {self.lost} of them not written" if self.lost else ""
        return f"captured {self.count} {'exchange' if self.count == 1 else 'exchanges'} in {self.folder}{lost}; conformance judge {self.folder} judges them again"


def told(exchange: Exchange) -> str:
    """One line on an exchange: `POST /v1/chat/completions 200 3.2 s`, and how it ended when that was not its end."""
    _, path, query = split_url(exchange.request.url)
    line = f"{exchange.request.method} {path}{query} {exchange.status or '-'} {exchange.seconds:.1f} s"
    return line if exchange.ended is Ended.COMPLETE else f"{line}, {exchange.ended}: {exchange.detail}"


def finding(observed: Observation) -> str:
    """One line on a requirement that fails: its id, whom it hurts, what was seen."""
    hurt = "; ".join(_hurt(observed)) or "no client feels it"
    return f"{observed.requirement.id} ({hurt}): {shorten(observed.actual or observed.reason)}"


def _hurt(observed: Observation) -> Iterator[str]:
    for how, word in ((Severity.BREAKS, "breaks"), (Severity.DEGRADES, "degrades")):
        if clients := [id for id, felt in observed.requirement.severity.items() if felt is how]:
            yield f"{word} {', '.join(clients)}"


def _print(line: str) -> None:
    with suppress(BrokenPipeError):  # whoever read may have left: the session goes on
        print(line, flush=True)
