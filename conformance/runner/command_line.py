"""Builds the parser of each command from its options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from conformance.errors import UsageError
from conformance.runner.options import options_of


class Parser(argparse.ArgumentParser):
    """argparse that raises UsageError, in one line, for wrong usage."""

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def add_command(
    parsers: Any, name: str, run: Callable[[argparse.Namespace], int], about: str, epilog: str = ""
) -> Parser:
    """Adds a command with its options; what it takes besides is added to the parser that is returned."""
    description = f"{about[0].upper()}{about[1:]}."
    parser: Parser = parsers.add_parser(name, help=about, description=description, epilog=epilog)
    for option in options_of(name):
        parser.add_argument(option.name, **option.arguments())
    parser.set_defaults(run=run)
    return parser


def split_off_pytest(argv: list[str]) -> tuple[list[str], list[str]]:
    """The arguments before `--`, and those after it, which are for pytest."""
    at = argv.index("--") if "--" in argv else len(argv)
    return argv[:at], argv[at + 1 :]
