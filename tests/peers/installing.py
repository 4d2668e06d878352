"""Installs the peers into a cache folder of their own, so that none of their packages meets ours.

The folder is `.peers/` of the checkout, or what the variable CONFORMANCE_PEERS names. An installation is
finished when its stamp file says so; a changed version changes the stamp and is installed anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
STAMP = "installed.txt"


class InstallationError(RuntimeError):
    """A package client failed; the message ends with what it printed last."""


def cache() -> Path:
    """Where peers are installed; created, and invisible to git."""
    folder = Path(os.environ.get("CONFORMANCE_PEERS") or CHECKOUT / ".peers").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n")
    return folder


def python_with(name: str, *requirements: str) -> Path:
    """The Python of a virtual environment that holds `requirements`."""
    folder = cache() / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not _installed(folder, requirements):
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements)
        _stamp(folder, requirements)
    return python


def npm_with(name: str, package: str) -> Path:
    """The `node_modules` folder that holds `package`; without a lock file, which would record addresses."""
    folder = cache() / name
    if not _installed(folder, [package]):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        quiet = ("--no-fund", "--no-audit", "--no-package-lock", "--loglevel=error")
        _run("npm", "install", "--prefix", str(folder), *quiet, package)
        _stamp(folder, [package])
    return folder / "node_modules"


def _installed(folder: Path, requirements: Sequence[str]) -> bool:
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text().split() == list(requirements)


def _stamp(folder: Path, requirements: Sequence[str]) -> None:
    (folder / STAMP).write_text("\n".join(requirements) + "\n")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise InstallationError(f"{' '.join(command)} exited with {done.returncode}\n{last}")
