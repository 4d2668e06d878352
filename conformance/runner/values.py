"""Reads the values of options and arguments. What cannot be read raises ArgumentTypeError, with a text of one line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path

from conformance.errors import UsageError
from conformance.judging.policy.accepted_failures import day

REPORT = "report.json"


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def port(text: str) -> int:
    """A port, or 0 for any free one."""
    if not text.isdecimal() or int(text) > 65_535:
        raise ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds, 0 allowed."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def patience(text: str) -> float:
    """A number of seconds above 0."""
    if not (value := seconds(text)):
        raise ArgumentTypeError("a server needs more than 0 seconds to answer")
    return value


def last_day(text: str) -> date:
    """A date such as `2027-01-31`."""
    try:
        return day(text)
    except UsageError as error:
        raise ArgumentTypeError(str(error)) from None


def path(text: str) -> Path:
    """A file or folder. An empty path, which Python takes for the current folder, is refused."""
    if not text.strip():
        raise ArgumentTypeError("the path is empty")
    return Path(text)


def report_file(text: str) -> Path:
    """A report.json, given by its own path or by the folder that holds it."""
    given = path(text)
    return given / REPORT if given.is_dir() else given
