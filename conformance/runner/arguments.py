"""What the command line takes: the parser, and the values of its options. What is wrong with one is told in a line."""

from __future__ import annotations

import argparse
from typing import NoReturn

from conformance.errors import UsageError


class Parser(argparse.ArgumentParser):
    """argparse with one line and exit code 4 for wrong usage."""

    def error(self, message: str) -> NoReturn:
        """Wrong usage."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def split_off_pytest(argv: list[str]) -> tuple[list[str], list[str]]:
    """The arguments before `--`, and those for pytest behind it."""
    at = argv.index("--") if "--" in argv else len(argv)
    return argv[:at], argv[at + 1 :]


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def port(text: str) -> int:
    """A port, or 0 for any free one."""
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds, 0 allowed."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def patience(text: str) -> float:
    """A number of seconds that a server can keep."""
    if not (value := seconds(text)):
        raise argparse.ArgumentTypeError("0 seconds are too few for any server")
    return value
