"""Recording: writes each finished conversation into its own cassette, and a manifest about the run.

The run does not wait for it: a worker thread writes the exchanges, which already hold the times of their chunks.
What cannot be written is reported at the end; the run itself never fails for it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.clients.client import Client
from conformance.endpoint.config import Endpoint
from conformance.endpoint.redactor import redactor_for
from conformance.errors import UsageError
from conformance.requirements.talk import Talk
from conformance.schema import violations
from conformance.wire.cassette import written

MANIFEST = "recording.json"
SCHEMA = "conformance/recording/1"
RUNS_OWN = ("depth", "repeats", "profiles", "tool", "endpoint")  # repeated in each cassette
NOTHING = -1  # instead of a descriptor
SAME = ("base_url", "model")  # endpoints are the same when these are equal


def manifest_of(
    endpoint: Endpoint, depth: str, repeats: int, clients: Sequence[Client], keyword: str
) -> dict[str, Any]:
    """The manifest of a run; `keyword` is the `-k` that narrowed it. It never contains a secret."""
    return {
        "schema": SCHEMA,
        "complete": False,
        "started": now(),
        "seconds": 0.0,
        "tool": __version__,
        "depth": depth,
        "repeats": repeats,
        "profiles": [client.profile for client in clients],
        "keyword": keyword,
        "endpoint": _described(endpoint),
    }


def now() -> str:
    """The current time in UTC, in the format of reports."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _described(endpoint: Endpoint) -> dict[str, Any]:
    """The endpoint with its secrets masked; `key` only says whether there is one."""
    hide = redactor_for(endpoint)
    settings = {f.name: getattr(endpoint, f.name) for f in fields(endpoint)}
    masked = {
        "base_url": hide.url(endpoint.base_url),
        "headers": dict(hide.headers(tuple(endpoint.headers.items()))),
        "key": endpoint.key is not None,
    }
    return {name: value for name, value in (settings | masked).items() if value is not None}


def manifest_in(folder: Path, option: str = "") -> dict[str, Any] | None:
    """The manifest of a recording, or None without one; raises UsageError when it cannot be used."""
    shown = f"{option}{folder / MANIFEST}"
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{shown}: not JSON") from None
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA and str(schema).startswith("conformance/recording/"):
        raise UsageError(f"{shown}: written in the format {schema!r}, but this version reads {SCHEMA}")
    if problems := violations("conformance/recording", found):
        raise UsageError(f"{shown}: {problems[0]}")
    try:
        datetime.fromisoformat(found["started"])
    except ValueError:
        raise UsageError(f"{shown}: started: not a valid time") from None
    return dict(found)


class Recorder:
    """Writes the conversations of one run into a folder, which it locks; used as a context manager.

    A narrowed run adds its conversations to an existing recording and keeps that recording's manifest.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any], narrowed: bool) -> None:
        self.folder, self.manifest = folder, dict(manifest)
        self._facts = {name: manifest[name] for name in RUNS_OWN}
        self.lost: dict[str, str] = {}
        self.kept = 0
        self._narrowed, self._adds = narrowed, False
        self._missing: set[str] = set()
        self._writer = ThreadPoolExecutor(1, "recorder")
        self._lock = NOTHING

    def __enter__(self) -> Recorder:
        """Makes the folder and locks it; raises UsageError when another run or another endpoint uses it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder)
            self._take()
            self._write(MANIFEST, self._manifest_text())
        except OSError as error:
            self._release()
            raise UsageError(
                f"--record {self.folder}: cannot be written ({error.strerror}); name another folder"
            ) from None
        except UsageError:
            self._release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.shutdown()
        self._release()

    def _take(self) -> None:
        there = manifest_in(self.folder, "--record ")
        if there is None and (strange := sorted(self.folder.glob("*.yaml"))):
            raise UsageError(
                f"--record {self.folder}: {strange[0].name} is not part of a recording; name another folder"
            )
        if there and any(there["endpoint"][name] != self.manifest["endpoint"][name] for name in SAME):
            where = " at ".join(there["endpoint"][name] for name in reversed(SAME))
            raise UsageError(f"--record {self.folder}: has a recording of {where}; name another folder")
        if there and self._narrowed:
            self._adds, self.manifest = True, there

    def _release(self) -> None:
        if self._lock != NOTHING:
            os.close(self._lock)
            self._lock = NOTHING

    def expect(self, names: Iterable[str]) -> None:
        """Names the planned conversations; a recording without one of them is not complete."""
        self._missing.update(names)

    def keep(self, talk: Talk, asked_for: bool) -> None:
        """Writes a conversation, unless it never took place, or a narrowed run did not ask for it and it is there."""
        self._missing.discard(talk.conversation)
        there = self._adds and not asked_for and (self.folder / f"{talk.conversation}.yaml").exists()
        called_off = not talk.exchanges and bool(talk.blocked or talk.error)
        if not there and not called_off:
            self._writer.submit(self._keep, talk)

    def _keep(self, talk: Talk) -> None:
        try:
            self._write(f"{talk.conversation}.yaml", written(talk, self._facts | {"recorded": now()}))
            self.kept += 1
        except Exception as problem:  # the run continues without it and reports it
            self.lost[talk.conversation] = getattr(problem, "strerror", None) or type(problem).__name__

    def finish(self, started: str, seconds: float) -> None:
        """Waits until everything is written, then completes the manifest."""
        self._writer.shutdown()
        if not self._adds:
            complete = not self.lost and not self._missing
            self.manifest |= {"started": started, "seconds": seconds, "complete": complete}
        try:
            self._write(MANIFEST, self._manifest_text())
        except OSError as error:
            self.lost[MANIFEST] = str(error.strerror)

    @property
    def summary(self) -> str:
        """The result, in one line."""
        why = "; ".join(sorted(set(self.lost.values())))
        lost = f"; not written: {', '.join(self.lost)}: {why}" if self.lost else ""
        missing = f"; {len(self._missing)} did not end" if self._missing else ""
        return f"recording: {self.folder} ({self.kept} conversations{missing}{lost})"

    def _manifest_text(self) -> str:
        return json.dumps(self.manifest, indent=1) + "\n"

    def _write(self, name: str, text: str) -> None:
        """Writes all or nothing: a concurrent reader finds the previous file."""
        new = self.folder / f".{name}.new"
        try:
            new.write_text(text, encoding="utf-8")
            os.replace(new, self.folder / name)
        except OSError:
            with suppress(OSError):
                new.unlink()
            raise


def _locked(folder: Path) -> int:
    """Locks a folder until the descriptor is closed, at the latest by the end of the process; raises UsageError."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock and cannot open folders
        return NOTHING
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if not isinstance(error, BlockingIOError):
            raise
        raise UsageError(
            f"--record {folder}: another run is recording there; wait for it, or name another folder"
        ) from None
    return descriptor
