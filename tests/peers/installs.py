"""Installs the peers into a cache outside of version control, each only once.

A stamp beside each install names what it was made from; a changed pin or another Python makes a new install.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
STAMP = "installed-from.txt"


class InstallError(Exception):
    """A peer could not be installed; the message says what was tried and what came of it."""


def cache_folder() -> Path:
    """Where installs are kept: CONFORMANCE_PEERS, else `.peers` in the checkout, which tells git to ignore it."""
    folder = Path(os.environ.get("CONFORMANCE_PEERS") or CHECKOUT / ".peers").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_relative_to(CHECKOUT):
        (folder / ".gitignore").write_text("*\n")
    return folder


def python_install(folder: Path, requirements: Sequence[str]) -> Path:
    """A virtual environment in `folder` with these requirements; returns its Python."""

    def make() -> None:
        execute(sys.executable, "-m", "venv", str(folder))
        pip = (str(folder / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check")
        execute(*pip, *requirements)

    _once(folder, [f"Python {sys.version_info.major}.{sys.version_info.minor}", *requirements], make)
    return folder / "bin/python"


def node_install(folder: Path, package: str) -> Path:
    """One npm package and its dependencies in `folder`, without a lock file; returns `node_modules`."""

    def make() -> None:
        quiet = ("--no-save", "--no-package-lock", "--no-fund", "--no-audit", "--ignore-scripts")
        execute("npm", "install", *quiet, "--prefix", str(folder), package)

    _once(folder, [package], make)
    return folder / "node_modules"


def _once(folder: Path, made_from: Sequence[str], make: Callable[[], None]) -> None:
    stamp, wanted = folder / STAMP, "\n".join([*made_from, ""])
    with _alone(folder):
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make()
        stamp.write_text(wanted)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs that share the cache install one after the other."""
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def execute(*command: str) -> None:
    """Runs a command to its end, in the checkout; raises InstallError with its last lines when it fails."""
    try:
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise InstallError(f"{command[0]} is not installed on this machine") from None
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise InstallError(f"{' '.join(command)} exited with {done.returncode}:\n{said}")
