"""Runs the suite over sockets against real servers, and compares its findings with what is known to be true of them.

python -m tests.peers.run [llama.cpp aimock litellm] [--runs N] [--install-only] [--output DIR] [--record DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.clients import CLIENTS
from tests.peers.comparing import conclusions, differences, expected_of, failed
from tests.peers.installs import CHECKOUT, InstallError, cache_folder
from tests.peers.processes import ServerError
from tests.peers.servers import PEERS, Endpoint, Peer

KEY_VARIABLE = "PEER_API_KEY"
JUDGED = (0, 1, 3, 6)  # exit codes after which there is a report to compare: works, fails, internal errors, not judged
LONGEST_RUN = 300.0  # seconds
PATIENCE = "180"  # seconds of silence: a machine with much to do is no defect of the server


class RunError(Exception):
    """The suite itself did not come to an end that can be compared."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every chosen peer was judged as expected, else 1."""
    options = _options(arguments)
    peers = [PEERS[name] for name in options.peers or PEERS]
    output = Path(options.output or tempfile.mkdtemp(prefix="peers-")).resolve()
    fine = [_fine(peer, output / peer.name, options) for peer in peers]
    print(f"reports and logs: {output}")
    return 0 if all(fine) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.peers.run", description=__doc__.splitlines()[0])
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(PEERS)} (all)")
    parser.add_argument("--install-only", action="store_true", help="install and start each peer, ask nothing")
    parser.add_argument(
        "--record", metavar="DIR", type=Path, help="record a quick run of each into DIR/PEER instead of comparing"
    )
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="runs in a row that must agree (1)")
    parser.add_argument("--output", metavar="DIR", help="where reports and logs go (a new temporary folder)")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.peers if name not in PEERS]:
        parser.error(f"unknown peer {unknown[0]!r} (known: {', '.join(PEERS)})")
    return options


def _fine(peer: Peer, output: Path, options: argparse.Namespace) -> bool:
    """Installs, starts and judges one peer; prints its verdict line and every difference."""
    output.mkdir(parents=True, exist_ok=True)
    cache = cache_folder()
    try:
        peer.install(cache)
        with peer.started(cache, output) as endpoint:
            if options.install_only:
                print(f"{peer.name}: installed, and it starts")
                return True
            more = _recording(options.record.resolve() / peer.name) if options.record else ()
            reports = [_judged(peer, endpoint, output, more) for _ in range(options.runs)]
    except (InstallError, ServerError, RunError, subprocess.TimeoutExpired) as error:
        print(f"{peer.name}: {error}")
        return False
    if options.record:
        print(verdict_line(peer.name, reports[0]))
        return True
    fine = [_printed(peer, report) for report in reports]  # every run is printed, also after a failure
    return all(fine) and _agree(peer, reports)


def _recording(folder: Path) -> tuple[str, ...]:
    """What has a run leave these cassettes and no older ones."""
    shutil.rmtree(folder, ignore_errors=True)
    return "--depth", "quick", "--record", str(folder)


def _judged(peer: Peer, endpoint: Endpoint, output: Path, more: Sequence[str]) -> dict[str, Any]:
    """The report of `conformance run`, with these further options, against the running peer."""
    written = output / "report/report.json"
    written.unlink(missing_ok=True)  # the report of an earlier run must not be taken for this one
    done = subprocess.run(  # noqa: S603 our own words
        [*_command(peer, endpoint, output), *more],
        cwd=output,
        env={**os.environ, KEY_VARIABLE: endpoint.key, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    (output / "terminal.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode not in JUDGED or not written.is_file():
        said = "\n".join(f"  | {line}" for line in (done.stdout + done.stderr).splitlines()[-30:])
        raise RunError(f"conformance run exited with {done.returncode}\n{said}")
    report: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return report


def _command(peer: Peer, endpoint: Endpoint, output: Path) -> list[str]:
    """The command line of a run about every client; the context window has no flag and goes into a file."""
    window = f"context_window = {peer.context_window}\n" if peer.context_window else ""
    (output / "conformance.toml").write_text(f"[endpoint.peer]\n{window}")
    where = ["--base-url", endpoint.base_url, "--model", endpoint.model, "--api-key-env", KEY_VARIABLE]
    whose = [word for client in CLIENTS for word in ("--client", client.id)]
    command = [sys.executable, "-m", "conformance", "run", "peer"]
    return [*command, *where, *whose, "--patience", PATIENCE, "--output", str(output / "report")]


def _printed(peer: Peer, report: Mapping[str, Any]) -> bool:
    found = list(differences(report, expected_of(peer.name)))
    print(verdict_line(peer.name, report))
    for line in found:
        print(f"  {peer.name}: {line}")
    return not found


def _agree(peer: Peer, reports: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all runs agree; each conclusion that differs is a line."""
    changing = expected_of(peer.name).sometimes
    concluded = [conclusions(report, changing) for report in reports]
    moved = [name for name in concluded[0] if any(other[name] != concluded[0][name] for other in concluded)]
    for name in moved:
        print(f"  {peer.name}: {name} differ: {' / '.join(str(each[name]) for each in concluded)}")
    return not moved


def verdict_line(name: str, report: Mapping[str, Any]) -> str:
    """What the run concluded, in one line."""
    clients = " ".join(f"{id}={client['verdict']}" for id, client in report["clients"].items())
    tools, ids = report["tool_calling"], failed(report)
    return (
        f"{name}: {clients}; tool calling {tools['level']}, blame {tools['blame'] or 'nobody'}; "
        f"{len(ids)} probes failed{': ' if ids else ''}{', '.join(ids)}; "
        f"{report['cost']['requests']} requests in {report['seconds']:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
