"""Every option of every command, said once as data.

The parsers of the commands, the plugin for a plain pytest, the options that a run of several endpoints passes on, the
inputs of `action.yml` and the tables of the documents are all made from `OPTIONS`.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.history.pages import FORMATS
from conformance.judging.policy.gate import FAIL_ON
from conformance.report.formats import names as report_formats
from conformance.requirements.conversation import Depth
from conformance.runner.option import Option, Value, switch
from conformance.runner.values import last_day, path, patience, port, positive, report_file, seconds

PYTEST = "pytest"  # in place of a command: a plain pytest has the option, too
RUNS = ("run", "demo")
JUDGED = (*RUNS, "replay")
GATED = (*JUDGED, "gate", PYTEST)
SHOWN = ("diff", "compare", "history")

ID, NAME, URL = Value("ID"), Value("NAME"), Value("URL")
DIR, FILE, REPORT = Value("DIR", path), Value("FILE", path), Value("REPORT", report_file)
COUNT, SECONDS = Value("N", positive), Value("S", seconds)

CLIENT = Option(
    "--client",
    "client whose verdict decides the exit code, as ID or ID@VERSION",
    ("run", "judge", "capture", PYTEST),
    ID,
    shown="roo-code, kilo-code",
    repeatable=True,
    several=True,
    action="clients",
)
MODEL = Option("--model", "model id", ("run", "url", PYTEST), ID, action="model")
OUTPUT = Option(
    "--output", "folder for the report", (*JUDGED, PYTEST), DIR, shown="reports/ENDPOINT-TIME", action="output"
)
RECORD = Option("--record", "folder to record the run in, for conformance replay", RUNS, DIR)
KNOWN = Option("--known", "file of accepted failures", GATED, FILE, several=True, action="known")
FORMAT = Option("--format", "output format", SHOWN, Value(choices=FORMATS), "terminal")
WRITE = Option("--output", "file to write to", SHOWN, FILE, shown="standard output")

OF_ONE_ENDPOINT = (
    Option("--base-url", "base URL, as you type it into a client", ("run", PYTEST), URL, action="base-url"),
    MODEL,
    Option(
        "--provider",
        "provider whose preset fills in the base URL and the key variable",
        ("run", PYTEST),
        NAME,
        action="provider",
    ),
    Option(
        "--api-key-env",
        "environment variable that holds the API key",
        ("run", PYTEST),
        Value("VAR"),
        shown="CONFORMANCE_API_KEY or OPENAI_API_KEY",
    ),
)
OPTIONS = (
    Option("--endpoint", "name of an endpoint in conformance.toml", (PYTEST,), NAME, action="endpoint"),
    *OF_ONE_ENDPOINT,
    switch("--all", "judge every endpoint of conformance.toml", "run"),
    Option("--at-once", "of several endpoints, how many to judge at once", ("run",), COUNT, 4),
    Option("--per-host", "of those on one host, how many to judge at once", ("run",), COUNT, 1),
    # what is asked
    CLIENT,
    replace(CLIENT, commands=("demo",), shown="all clients"),
    replace(CLIENT, commands=("replay",), shown="those of the recorded run"),
    Option(
        "--depth",
        "how much to ask",
        (*RUNS, PYTEST),
        Value(choices=tuple(depth.name.lower() for depth in Depth)),
        "standard",
        several=True,
        action="depth",
    ),
    Option(
        "-k",
        "judge only matching probes and cases, such as 'toolstream.index or auth'",
        JUDGED,
        Value("EXPR"),
        "",
        dest="keyword",
        several=True,
    ),
    Option("--concurrency", "requests in parallel", (*RUNS, PYTEST), COUNT, 8, several=True),
    Option(
        "--patience",
        "longest silence of the server to wait for, in seconds",
        (*RUNS, PYTEST),
        Value("S", patience),
        60.0,
        several=True,
    ),
    switch("--plan", "print what would be sent and its highest cost; send nothing", *RUNS, several=True),
    # what is written
    OUTPUT,
    RECORD,
    Option("--history", "history file to append the run to", (*JUDGED, PYTEST), FILE, several=True),
    switch("--print-settings", "print the settings to type into each client", *JUDGED, several=True),
    # what decides the exit code
    Option(
        "--fail-on",
        "exit 1 if a client fails, if one is degraded, or on any failure",
        GATED,
        Value(choices=FAIL_ON),
        "fails",
        several=True,
        action="fail-on",
    ),
    Option(
        "--strict", "short for --fail-on degraded", (*JUDGED, "gate"), default="fails", dest="fail_on", const="degraded"
    ),
    Option(
        "--require",
        "exit 1 below this level: tool-calling=complete, or a client such as cline=works",
        GATED,
        Value("NAME=LEVEL"),
        repeatable=True,
        several=True,
        action="require",
    ),
    KNOWN,
    Option(
        "--allow-flaky",
        "tolerate a failure seen in at most K of every 3 repetitions, but not in all",
        GATED,
        Value("K", positive),
        0,
        several=True,
        action="allow-flaky",
    ),
    Option(
        "--baseline",
        "earlier report; ignore requirements and severities that are not in it",
        GATED,
        REPORT,
        several=True,
        action="baseline",
    ),
    # demo and serve
    Option("--fault", "give the reference provider this fault", ("demo", "serve"), NAME, repeatable=True),
    Option("--every", "with --fault: only one answer in N is faulty", ("demo", "serve"), COUNT, 1),
    Option("--variation", "let it answer in this legitimate form", ("demo", "serve"), NAME, repeatable=True),
    Option(
        "--replay",
        "judge a recording that comes with the suite, without opening a port; without NAME: reference",
        ("demo",),
        NAME,
        const="reference",
    ),
    Option("--port", "port to listen on; 0 picks a free one", ("serve", "capture"), Value("PORT", port), 8080),
    Option("--api-key", "API key to require", ("serve",), Value("K"), shown="none"),
    replace(MODEL, commands=("serve",), default="reference-1"),
    Option("--latency", "seconds before the first byte of an answer", ("serve",), SECONDS, 0.0),
    Option("--token-gap", "seconds between the events of a stream", ("serve",), SECONDS, 0.0),
    switch("--list-faults", "list the faults, and the probes that detect them", "serve"),
    switch("--list-variations", "list the legitimate forms", "serve"),
    # recorded traffic
    Option("--upstream", "base URL of the provider, as you type it into a client", ("capture",), URL, required=True),
    Option("--host", "address to listen on", ("capture",), Value("ADDRESS"), "127.0.0.1"),
    replace(RECORD, help="folder for the session", commands=("capture",), shown="captures/HOST-TIME"),
    replace(OUTPUT, commands=("judge",), shown="reports/HOST-TIME"),
    switch("--strict", "exit 1 if a client is degraded, too", "judge"),
    # stored reports
    replace(
        CLIENT,
        help="client to rank the reports for",
        commands=("compare",),
        default="roo-code",
        shown="",
        repeatable=False,
    ),
    Option("--endpoint", "show only this endpoint", ("history",), NAME),
    Option("--last", "runs to show of each endpoint", ("history",), COUNT, 20),
    FORMAT,
    replace(FORMAT, commands=("report",), value=Value(choices=tuple(report_formats()))),
    WRITE,
    replace(WRITE, help="file to write to; for bugs, a folder", commands=("report",)),
    Option(
        "--probe", "accept only this failure", ("known",), ID, shown="all that affect a chosen client", repeatable=True
    ),
    Option("--reason", "why these failures are accepted", ("known",), Value("TEXT"), required=True),
    Option("--owner", "who is responsible for them", ("known",), NAME, required=True),
    Option("--until", "last day, such as 2027-01-31", ("known",), Value("DATE", last_day)),
    replace(KNOWN, help="file to add them to", commands=("known",), default=path("known.toml")),
    # lists
    Option("--area", "list only this area", ("probes",), ID, repeatable=True),
    replace(CLIENT, help="list only what affects this client", commands=("probes",), shown=""),
    Option("--category", "list only this troubleshooting heading", ("probes",), ID, repeatable=True),
    replace(FORMAT, commands=("probes",), value=Value(choices=("text", "json", "markdown")), default="text"),
    replace(CLIENT, help="show only this client", commands=("url",), shown=""),
)


def options_of(command: str) -> list[Option]:
    """The options of a command, or of `PYTEST`."""
    return [option for option in OPTIONS if command in option.commands]


def passed_on(options: object) -> list[str]:
    """The options, parsed for `run`, that a run of several endpoints passes on to the run of each."""
    given = [(option, getattr(options, option.key)) for option in options_of("run") if option.several]
    return [
        option.name if option.value is None else f"{option.name}={value}"
        for option, values in given
        for value in (values if option.repeatable else [values])
        if value != option.default
    ]
