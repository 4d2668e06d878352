"""The commands: each a few lines over a function. Wrong usage is one line to stderr and exit code 4."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from conformance import __version__, explain, isolation, plugin, report
from conformance.arguments import Parser, patience, port, positive, seconds, split_off_pytest
from conformance.config import Endpoint, UsageError, find_endpoint, unknown
from conformance.conversation import Depth
from conformance.progress import Progress
from conformance.reference import Provider, run_forever, serve
from conformance.reference import catalogue as faults
from conformance.reporters import names, render
from conformance.run import Settings, prepare
from conformance.wire.limits import Limits

INTERRUPTED, CRASHED, USAGE = 2, 3, 4
WITHOUT_REPORT = {
    INTERRUPTED: "interrupted before anything was judged",
    5: "nothing was selected: no probe or case matches",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    try:
        with _perhaps_unread():
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


@contextmanager
def _perhaps_unread() -> Iterator[None]:
    """Output whose reader may have left (`| head`): that is no error, and changes no verdict."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser() -> Parser:
    """The command line."""
    top = Parser(
        prog="conformance", description="Does an OpenAI-compatible endpoint work with the coding agents?"
    )
    top.add_argument("--version", action="version", version=f"conformance {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    _run_command(commands)
    _demo_command(commands)
    _serve_command(commands)
    _catalogue_commands(commands)
    _url_command(commands)
    _report_command(commands)
    return top


def _run_command(commands: Any) -> None:
    run = commands.add_parser("run", help="judge an endpoint", epilog="Arguments after -- go to pytest.")
    run.add_argument("name", nargs="?", help="a named endpoint of conformance.toml")
    run.add_argument("--base-url", metavar="URL", help="base URL, as a client's settings take it")
    run.add_argument("--model", metavar="ID", help="model id")
    run.add_argument(
        "--api-key-env",
        metavar="VAR",
        help="variable that holds the key (CONFORMANCE_API_KEY, OPENAI_API_KEY)",
    )
    _run_options(run)
    run.set_defaults(run=run_endpoint)


def _run_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--client", action="append", default=[], metavar="ID", help="client whose verdict counts; repeatable"
    )
    command.add_argument("--depth", default="standard", choices=[d.name.lower() for d in Depth])
    command.add_argument(
        "--output", type=Path, metavar="DIR", help="where the report goes (reports/ENDPOINT-TIME)"
    )
    command.add_argument("--concurrency", type=positive, default=8, metavar="N", help="requests at once (8)")
    command.add_argument(
        "--patience",
        type=patience,
        default=60.0,
        metavar="S",
        help="longest silence of the server, in seconds (60)",
    )
    command.add_argument("--strict", action="store_true", help="exit 1 also when a client is only degraded")
    command.add_argument(
        "--plan",
        action="store_true",
        help="print what would be asked and what it costs at most; send nothing",
    )
    command.add_argument(
        "-k", dest="keyword", default="", metavar="EXPR", help="judge only probes and cases that match"
    )


def _demo_command(commands: Any) -> None:
    demo = commands.add_parser("demo", help="judge the reference provider that comes with the suite")
    _run_options(demo)
    demo.add_argument("--fault", action="append", default=[], metavar="NAME", help="spoil it; repeatable")
    demo.set_defaults(run=run_demo)


def _serve_command(commands: Any) -> None:
    serve = commands.add_parser("serve", help="run the reference provider")
    serve.add_argument("--port", type=port, default=8080, help="0 chooses a free one (8080)")
    serve.add_argument("--api-key", metavar="K", help="the key it asks for; none by default")
    serve.add_argument("--model", default="reference-1", metavar="ID")
    serve.add_argument(
        "--latency", type=seconds, default=0.0, metavar="S", help="seconds before the first byte"
    )
    serve.add_argument(
        "--token-gap", type=seconds, default=0.0, metavar="S", help="seconds between the events of a stream"
    )
    serve.add_argument("--fault", action="append", default=[], metavar="NAME", help="spoil it; repeatable")
    serve.add_argument(
        "--list-faults", action="store_true", help="list the faults and the probes that notice them"
    )
    serve.set_defaults(run=serve_reference)


def _catalogue_commands(commands: Any) -> None:
    probes = commands.add_parser("probes", help="list the requirements")
    probes.add_argument("--format", default="text", choices=["text", "json"])
    probes.set_defaults(run=list_probes)
    told = commands.add_parser("explain", help="explain a probe, with a failing example made on demand")
    told.add_argument("probe", metavar="PROBE")
    told.set_defaults(run=explain_probe)


def _url_command(commands: Any) -> None:
    told = commands.add_parser("url", help="show the URLs that clients make of a base URL; nothing is sent")
    told.add_argument("base_url", metavar="BASE_URL", help="base URL, as a user types it")
    told.add_argument("--model", default="", metavar="ID", help="model id")
    told.add_argument(
        "--client", action="append", default=[], metavar="ID", help="client to show; repeatable"
    )
    told.set_defaults(run=show_urls)


def _report_command(commands: Any) -> None:
    again = commands.add_parser("report", help="show a report.json in another form")
    again.add_argument("file", type=Path, metavar="FILE")
    again.add_argument("--format", default="terminal", choices=names())
    again.add_argument("--output", type=Path, metavar="FILE")
    again.set_defaults(run=render_report)


def run_endpoint(options: argparse.Namespace) -> int:
    """`conformance run`."""
    endpoint = find_endpoint(
        options.name,
        base_url=options.base_url,
        model=options.model,
        api_key_env=options.api_key_env,
        directory=Path.cwd(),
        environ=os.environ,
    )
    return judge_endpoint(endpoint, options)


def run_demo(options: argparse.Namespace) -> int:
    """`conformance demo`: the same run against the reference provider on a loopback port."""
    provider = Provider(
        "reference-1", f"sk-demo-{secrets.token_hex(16)}", faults=_known_faults(options.fault)
    )
    with serve(provider) as server:
        return judge_endpoint(explain.endpoint_of(provider, server.base_url), options)


def _known_faults(wanted: Sequence[str]) -> tuple[str, ...]:
    for name in wanted:
        if name not in faults():
            raise unknown("fault", name, faults())
    return tuple(wanted)


def judge_endpoint(endpoint: Endpoint, options: argparse.Namespace) -> int:
    """Runs the probes, shows the summary, names the report."""
    progress = Progress(sys.stderr)
    settings = Settings(
        endpoint=endpoint,
        depth=Depth[options.depth.upper()],
        clients=plugin.clients_named(options.client),
        limits=Limits.patient_for(options.patience),
        concurrency=options.concurrency,
        strict=options.strict,
        output=options.output,
        pytest_args=_pytest_args(options),
        progress=progress.settled,
    )
    if options.plan:
        print(explain.plan_text(settings))
        return 0
    with progress:
        code, made, settings = isolation.main(settings)
    if made:
        with _perhaps_unread():
            _show(made, settings)
    elif code in WITHOUT_REPORT:
        print(f"conformance: {WITHOUT_REPORT[code]}", file=sys.stderr)
    return code


def _pytest_args(options: argparse.Namespace) -> tuple[str, ...]:
    keyword = ("-k", options.keyword) if options.keyword else ()
    return (*keyword, *options.pytest_args)


def _show(made: dict[str, Any], settings: Settings) -> None:
    terminal = sys.stdout.isatty()
    width = min(os.get_terminal_size().columns, 120) if terminal else 80
    print(render("terminal", made, width=width, colour=terminal and "NO_COLOR" not in os.environ).rstrip())
    print(f"report: {settings.output}/report.html")


def serve_reference(options: argparse.Namespace) -> int:
    """`conformance serve`."""
    if options.list_faults:
        print(explain.faults_text())
        return 0
    provider = Provider(
        options.model,
        options.api_key,
        faults=_known_faults(options.fault),
        latency=options.latency,
        token_gap=options.token_gap,
    )
    try:
        run_forever(provider, port=options.port)
    except OSError as error:
        raise UsageError(
            f"--port {options.port}: {error.strerror or error}; choose another, or 0 for a free one"
        ) from None
    return 0


def list_probes(options: argparse.Namespace) -> int:
    """`conformance probes`."""
    print(explain.probes_json() if options.format == "json" else explain.probes_text())
    return 0


def show_urls(options: argparse.Namespace) -> int:
    """`conformance url BASE_URL`."""
    print(explain.url_text(options.base_url, options.model, plugin.clients_named(options.client)))
    return 0


def explain_probe(options: argparse.Namespace) -> int:
    """`conformance explain PROBE`."""
    print(explain.probe_text(options.probe))
    return 0


def render_report(options: argparse.Namespace) -> int:
    """`conformance report FILE`."""
    text = render(options.format, report.load(options.file))
    if options.output is None:
        print(text.rstrip("\n"))
        return 0
    prepare(options.output.parent)
    try:
        options.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--output {options.output}: cannot be written ({error.strerror})") from None
    return 0


def entry() -> NoReturn:
    """The installed command."""
    sys.exit(main())
