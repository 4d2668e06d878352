"""The command line: one module for each command, found by walking this folder; each has `add(parsers)` and `run(options)`.

Wrong usage is one line on stderr and exit code 4.
"""

from __future__ import annotations

import pkgutil
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from types import FrameType, ModuleType
from typing import NoReturn

from conformance import __version__
from conformance.errors import UsageError
from conformance.exit_codes import ExitCode
from conformance.runner.command_line import Parser, split_off_pytest
from conformance.runner.console import reader_may_leave, replace_what_cannot_be_shown, show_internal_error, show_message

FIRST = (  # in the help; any other command follows them
    *("run", "demo", "judge", "capture", "replay", "report", "explain", "probes", "providers", "url"),
    *("compare", "diff", "gate", "known", "history", "serve"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    replace_what_cannot_be_shown()
    try:
        with reader_may_leave():
            return _run(list(sys.argv[1:] if argv is None else argv))
        return ExitCode.OK
    except UsageError as error:
        show_message(str(error))
        return ExitCode.WRONG_USAGE
    except KeyboardInterrupt:
        show_message("interrupted")
        return ExitCode.INTERRUPTED
    except Exception:  # Python would exit with 1, which means that a client fails
        show_internal_error(traceback.format_exc())
        return ExitCode.INTERNAL_ERROR


def _run(argv: list[str]) -> int:
    given, pytest_args = split_off_pytest(argv)
    options = parser().parse_args(given)
    options.pytest_args = tuple(pytest_args)
    return int(options.run(options))


def parser() -> Parser:
    """The parser of the whole command line."""
    top = Parser(
        prog="conformance", description="Checks whether an OpenAI-compatible LLM endpoint works with coding agents."
    )
    top.add_argument("--version", action="version", version=f"conformance {__version__}")
    parsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for command in commands():
        command.add(parsers)
    return top


def commands() -> list[ModuleType]:
    """The module of each command, in the order of the help."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    return [import_module(f"{__name__}.{name}") for name in found]


def entry() -> NoReturn:
    """The installed command. SIGTERM, which ends a cancelled build, acts as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main())


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Acts as an interrupt does at this moment, also where a shell has it ignored."""
    now = signal.getsignal(signal.SIGINT)
    (now if callable(now) else signal.default_int_handler)(number, frame)
