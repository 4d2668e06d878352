"""Runs the command as a user does: in a process of its own, in a folder of its own, with nothing in the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY = "sk-test-0123456789abcdefgh"
ROOT = Path(__file__).parents[1]
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "PYTHONPYCACHEPREFIX")


@dataclass(frozen=True)
class Ran:
    """What a process left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """An environment without keys, proxies and settings of pytest; the package is found without being installed."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def python(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Runs `python ARGUMENTS` to its end."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(**(env or {})),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=600,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def conformance(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Runs `conformance ARGUMENTS` to its end."""
    return python("-m", "conformance", *arguments, cwd=cwd, env=env)


Command = Callable[..., Ran]


def report_in(folder: Path) -> dict[str, Any]:
    """The report of a run."""
    return json.loads((folder / "report.json").read_text("utf-8"))  # type: ignore[no-any-return]
