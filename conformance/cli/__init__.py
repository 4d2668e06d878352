"""The command line: which commands there are and what they take. Wrong usage is one line to stderr and exit code 4."""

from __future__ import annotations

import argparse
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from conformance import __version__
from conformance.cli import across, capture, commands
from conformance.errors import UsageError
from conformance.report.formats import names
from conformance.requirements.conversation import Depth
from conformance.runner.arguments import Parser, patience, port, positive, seconds, split_off_pytest
from conformance.runner.gate_options import add_gate_options

INTERRUPTED, CRASHED, USAGE = 2, 3, 4


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    try:
        with commands.perhaps_unread():
            return _command(list(sys.argv[1:] if argv is None else argv))
        return 0
    except UsageError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception:  # Python would exit with 1, which says that a client fails
        print(f"conformance: this is a mistake of ours\n{traceback.format_exc()}", end="", file=sys.stderr)
        return CRASHED


def _command(argv: list[str]) -> int:
    given, pytest_args = split_off_pytest(argv)
    options = parser().parse_args(given)
    options.pytest_args = tuple(pytest_args)
    return int(options.run(options))


def parser() -> Parser:
    """The command line."""
    top = Parser(
        prog="conformance", description="Does an OpenAI-compatible endpoint work with the coding agents?"
    )
    top.add_argument("--version", action="version", version=f"conformance {__version__}")
    verbs = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    _run_command(verbs)
    _demo_command(verbs)
    _replay_command(verbs)
    _judge_command(verbs)
    capture.add_command(verbs)
    _serve_command(verbs)
    _catalogue_commands(verbs)
    _url_command(verbs)
    _report_command(verbs)
    across.add_commands(verbs)
    return top


def _run_command(verbs: Any) -> None:
    run = verbs.add_parser("run", help="judge an endpoint", epilog="Arguments after -- go to pytest.")
    run.add_argument("name", nargs="*", help="a named endpoint of conformance.toml, or several")
    run.add_argument("--all", action="store_true", help="every named endpoint")
    run.add_argument(
        "--at-once",
        type=positive,
        default=4,
        metavar="N",
        help="runs at once, of several endpoints (4)",
    )
    run.add_argument(
        "--per-host", type=positive, default=1, metavar="N", help="of these, runs at one host (1)"
    )
    run.add_argument("--base-url", metavar="URL", help="base URL, as a client's settings take it")
    run.add_argument("--model", metavar="ID", help="model id")
    run.add_argument(
        "--provider",
        metavar="NAME",
        help="provider whose preset gives base URL and key variable where they are left out",
    )
    run.add_argument(
        "--api-key-env",
        metavar="VAR",
        help="variable that holds the key (CONFORMANCE_API_KEY, OPENAI_API_KEY)",
    )
    _run_options(run)
    run.set_defaults(run=commands.run_endpoint)


def _run_options(command: argparse.ArgumentParser) -> None:
    _judging_options(command)
    command.add_argument("--depth", default="standard", choices=[d.name.lower() for d in Depth])
    command.add_argument("--concurrency", type=positive, default=8, metavar="N", help="requests at once (8)")
    command.add_argument(
        "--patience",
        type=patience,
        default=60.0,
        metavar="S",
        help="longest silence of the server, in seconds (60)",
    )
    command.add_argument(
        "--plan",
        action="store_true",
        help="print what would be asked and what it costs at most; send nothing",
    )
    command.add_argument(
        "--record", type=Path, metavar="DIR", help="keep what is asked and answered, for conformance replay"
    )


def _judging_options(command: argparse.ArgumentParser) -> None:
    """What a run and its replay both take."""
    command.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="ID",
        help="client whose verdict counts, also at a version (ai-sdk@2.0.48); repeatable (roo-code kilo-code)",
    )
    command.add_argument(
        "--output", type=Path, metavar="DIR", help="where the report goes (reports/ENDPOINT-TIME)"
    )
    add_gate_options(command)
    command.add_argument("--history", type=Path, metavar="FILE", help="append the run to this file")
    command.add_argument(
        "--print-settings",
        action="store_true",
        help="print what to type into each client, and what to avoid",
    )
    command.add_argument(
        "-k", dest="keyword", default="", metavar="EXPR", help="judge only probes and cases that match"
    )


def _demo_command(verbs: Any) -> None:
    demo = verbs.add_parser("demo", help="judge the reference provider that comes with the suite")
    _run_options(demo)
    _change_options(demo)
    demo.add_argument(
        "--replay",
        nargs="?",
        const="reference",
        metavar="NAME",
        help="judge what was recorded of it, or of a real server, where no port can be opened (reference)",
    )
    demo.set_defaults(run=commands.run_demo)


def _judge_command(verbs: Any) -> None:
    judge = verbs.add_parser("judge", help="judge traffic that somebody else recorded; nothing is sent")
    judge.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="HAR, vcrpy cassette, output of curl -v, JSON lines of requests and responses, or a folder of them",
    )
    judge.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="ID",
        help="client whose verdict counts; repeatable (roo-code kilo-code)",
    )
    judge.add_argument("--output", type=Path, metavar="DIR", help="where the report goes (reports/HOST-TIME)")
    judge.add_argument("--strict", action="store_true", help="exit 1 also when a client is only degraded")
    judge.set_defaults(run=commands.judge_traffic)


def _change_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--fault", action="append", default=[], metavar="NAME", help="spoil it; repeatable")
    command.add_argument(
        "--every", type=positive, default=1, metavar="N", help="with --fault: spoil one answer in N (1)"
    )
    command.add_argument(
        "--variation",
        action="append",
        default=[],
        metavar="NAME",
        help="have it answer in another legitimate form; repeatable",
    )


def _replay_command(verbs: Any) -> None:
    replay = verbs.add_parser(
        "replay",
        help="judge what was recorded, without the network",
        epilog="The clients are those of the recorded run, unless --client names others.",
    )
    replay.add_argument("folder", type=Path, metavar="DIR", help="folder that was given to --record")
    _judging_options(replay)
    replay.set_defaults(run=commands.replay)


def _serve_command(verbs: Any) -> None:
    serve = verbs.add_parser("serve", help="run the reference provider")
    serve.add_argument("--port", type=port, default=8080, help="0 chooses a free one (8080)")
    serve.add_argument("--api-key", metavar="K", help="the key it asks for; none by default")
    serve.add_argument("--model", default="reference-1", metavar="ID")
    serve.add_argument(
        "--latency", type=seconds, default=0.0, metavar="S", help="seconds before the first byte"
    )
    serve.add_argument(
        "--token-gap", type=seconds, default=0.0, metavar="S", help="seconds between the events of a stream"
    )
    _change_options(serve)
    serve.add_argument(
        "--list-faults", action="store_true", help="list the faults and the probes that notice them"
    )
    serve.add_argument(
        "--list-variations", action="store_true", help="list the legitimate forms that it can take"
    )
    serve.set_defaults(run=commands.serve_reference)


def _catalogue_commands(verbs: Any) -> None:
    probes = verbs.add_parser("probes", help="list the requirements")
    for name, what in (
        ("area", "of this area"),
        ("client", "that this client feels"),
        ("category", "under this heading"),
    ):
        probes.add_argument(
            f"--{name}", action="append", default=[], metavar="ID", help=f"only those {what}; repeatable"
        )
    probes.add_argument("--format", default="text", choices=list(commands.LISTINGS))
    probes.set_defaults(run=commands.list_probes)
    one = verbs.add_parser(
        "explain", help="explain a probe, with a failing example, or what an error text or log line points to"
    )
    one.add_argument(
        "words", nargs="+", metavar="PROBE|TEXT", help="id of a probe, or what a user has read, in quotes"
    )
    one.set_defaults(run=commands.explain_probe)
    providers = verbs.add_parser("providers", help="list the providers with a preset, or tell of one")
    providers.add_argument("provider", nargs="?", metavar="NAME", help="what this one documents")
    providers.set_defaults(run=commands.list_providers)


def _url_command(verbs: Any) -> None:
    url = verbs.add_parser("url", help="show the URLs that clients make of a base URL; nothing is sent")
    url.add_argument("base_url", metavar="BASE_URL", help="base URL, as a user types it")
    url.add_argument("--model", default="", metavar="ID", help="model id")
    url.add_argument("--client", action="append", default=[], metavar="ID", help="client to show; repeatable")
    url.set_defaults(run=commands.show_urls)


def _report_command(verbs: Any) -> None:
    again = verbs.add_parser("report", help="show a report.json in another form")
    again.add_argument("file", type=Path, metavar="FILE")
    again.add_argument("--format", default="terminal", choices=names())
    again.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="where to write it; a folder for bugs, which are a file each",
    )
    again.set_defaults(run=commands.render_report)


def entry() -> NoReturn:
    """The installed command. A build that is called off ends it by SIGTERM, which is taken for what Ctrl-C is."""
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main())


def _interrupt(number: int, frame: FrameType | None) -> None:
    """What an interrupt does at this moment, also where a shell has had it ignored."""
    now = signal.getsignal(signal.SIGINT)
    (now if callable(now) else signal.default_int_handler)(number, frame)
