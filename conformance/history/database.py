"""The history: a SQLite file to which each run is appended, and which `trend` reads.

The file names its application and its format version, so that neither another program's database nor a later format is
changed. Each run is one transaction that waits for any other, so two runs may end at the same time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance.errors import UsageError, unknown

APPLICATION, VERSION = 0x636F6E66, 1
WAIT = 30.0  # seconds for another run's transaction
_TABLES = """
CREATE TABLE run (
  id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, base_url TEXT NOT NULL, model TEXT NOT NULL, started TEXT NOT NULL,
  seconds REAL NOT NULL, depth TEXT NOT NULL, version TEXT NOT NULL, exit_code INTEGER NOT NULL, complete INTEGER NOT NULL,
  tool_calling TEXT NOT NULL, first_token REAL, tokens_per_second REAL
);
CREATE TABLE verdict (
  run INTEGER NOT NULL REFERENCES run, client TEXT NOT NULL, name TEXT NOT NULL, verdict TEXT NOT NULL, chosen INTEGER NOT NULL,
  PRIMARY KEY (run, client)
);
CREATE TABLE failure (
  run INTEGER NOT NULL REFERENCES run, probe TEXT NOT NULL, cases INTEGER NOT NULL, PRIMARY KEY (run, probe)
);
CREATE INDEX run_endpoint ON run (endpoint, model, started);
"""
_INSERT = """
INSERT INTO run (
  endpoint, base_url, model, started, seconds, depth, version, exit_code, complete, tool_calling, first_token,
  tokens_per_second
) VALUES (
  :endpoint, :base_url, :model, :started, :seconds, :depth, :version, :exit_code, :complete, :tool_calling, :first_token,
  :tokens_per_second
)
"""


@dataclass(frozen=True)
class Run:
    """One stored run: verdicts of the chosen clients by name, and how many cases of each failed requirement failed.

    `version` is the version of this suite.
    """

    endpoint: str
    model: str
    base_url: str
    started: str
    depth: str
    version: str
    complete: bool
    exit_code: int
    tool_calling: str
    first_token: float | None
    tokens_per_second: float | None
    verdicts: Mapping[str, str]
    failures: Mapping[str, int]


def check(path: Path) -> None:
    """Creates the file if it is missing; raises UsageError when no run can be appended to it."""
    with _opened(path):
        pass


def append(path: Path, report: Mapping[str, Any]) -> None:
    """Appends the run of a report; raises UsageError."""
    failed: dict[str, int] = {}
    for o in report["observations"]:
        if o["outcome"] == "failed":
            failed[o["probe"]] = failed.get(o["probe"], 0) + 1
    with _opened(path) as database:
        row = database.execute(_INSERT, _facts(report))
        clients = [(row.lastrowid, id, c["name"], c["verdict"], c["chosen"]) for id, c in report["clients"].items()]
        database.executemany("INSERT INTO verdict VALUES (?, ?, ?, ?, ?)", clients)
        database.executemany("INSERT INTO failure VALUES (?, ?, ?)", [(row.lastrowid, *f) for f in failed.items()])


def _facts(report: Mapping[str, Any]) -> dict[str, Any]:
    endpoint, timings = report["endpoint"], report.get("timings") or {}
    medians = {name: (timings.get(name) or {}).get("median") for name in ("first_token", "tokens_per_second")}
    return {
        **{name: report[name] for name in ("started", "seconds", "depth", "exit_code", "complete")},
        **{name: endpoint[name] for name in ("base_url", "model")},
        "endpoint": endpoint["name"],
        "version": report["tool"]["version"],
        "tool_calling": report["tool_calling"]["level"],
        **medians,
    }


def runs(path: Path, endpoint: str | None = None) -> list[Run]:
    """The runs of one endpoint, or of all, the oldest first; raises UsageError."""
    if not path.is_file() or not path.stat().st_size:
        raise UsageError(f"{path}: no such history; `conformance run --history {path}` starts one")
    with _opened(path, "ro") as database:
        known = [name for (name,) in database.execute("SELECT DISTINCT endpoint FROM run ORDER BY endpoint")]
        if endpoint is not None and endpoint not in known:
            raise unknown("endpoint", endpoint, known)
        found = database.execute(
            "SELECT id, endpoint, model, base_url, started, depth, version, complete, exit_code, tool_calling, first_token,"
            " tokens_per_second FROM run WHERE ?1 IS NULL OR endpoint = ?1 ORDER BY started, id",
            (endpoint,),
        ).fetchall()
        return [_run(database, *row) for row in found]


def _run(database: sqlite3.Connection, id: int, *facts: Any) -> Run:
    chosen = "SELECT name, verdict FROM verdict WHERE run = ? AND chosen ORDER BY rowid"
    failed = "SELECT probe, cases FROM failure WHERE run = ? ORDER BY rowid"
    results = [dict(database.execute(query, (id,)).fetchall()) for query in (chosen, failed)]
    run = Run(*facts, *results)
    return replace(run, complete=bool(run.complete))  # SQLite has no booleans


@contextmanager
def _opened(path: Path, mode: str = "rwc") -> Iterator[sqlite3.Connection]:
    """The database within a transaction; raises UsageError for everything that is wrong with it.

    `ro` only reads, and works where nothing can be written.
    """
    where = f"{path.absolute().as_uri()}?mode={mode}"
    begin = "BEGIN" if mode == "ro" else "BEGIN IMMEDIATE"
    try:
        with closing(sqlite3.connect(where, timeout=WAIT, isolation_level=None, uri=True)) as database:
            database.execute(begin)
            _prepare(database, path)
            yield database
            database.execute("COMMIT")
    except sqlite3.Error as error:
        raise UsageError(f"{path}: not usable as a history: {error}") from None


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    """Creates the tables in an empty file; raises UsageError for another program's file and for a later format."""
    (application,), (version,), (tables,) = (
        database.execute(query).fetchone()
        for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if (application, version, tables) == (0, 0, 0):
        for statement in filter(str.strip, _TABLES.split(";")):
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {VERSION}")
    elif application != APPLICATION:
        raise UsageError(f"{path}: this database belongs to another program; name another file")
    elif version > VERSION:
        raise UsageError(
            f"{path}: written by a later version of this suite (format {version}; this version reads up to {VERSION})"
        )
