"""A console whose encoding lacks characters, or a locale without any, never ends in a traceback."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.command import conformance
from tests.example_report import STORED
from tests.quick import only

COMMANDS = {
    "demo": ("demo", "--replay", "reference-delta-without-index", "--output", "out"),
    "report": ("report", "report.json", "--format", "terminal"),
    "explain": ("explain", "toolstream.index"),
    "error text": ("explain", "Expected \u2018id\u2019 to be a string \u2192 \u4e2d"),
    "probes": ("probes",),
    "mistake": ("explain", "unknown\u2192"),
}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A folder with a report whose model has a name of characters that few encodings have."""
    text = gzip.decompress(STORED.read_bytes()).decode()
    (tmp_path / "report.json").write_text(text.replace("reference-1", "\u6a21\u578b\u2192"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("console", only(["ascii", "cp1252"], "ascii".__eq__))
@pytest.mark.parametrize("command", only(COMMANDS, {"demo", "error text"}.__contains__))
def test_what_an_encoding_lacks_is_replaced(report: Path, command: str, console: str) -> None:
    ran = conformance(*COMMANDS[command], cwd=report, env={"PYTHONIOENCODING": console})
    assert "Traceback" not in ran.err
    assert ran.code == {"demo": 1, "mistake": 4}.get(command, 0), ran.err


def test_what_a_locale_lacks_is_replaced_and_the_rest_is_shown(report: Path) -> None:
    bare = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    ran = conformance("report", "report.json", cwd=report, env=bare)
    assert (ran.code, ran.err) == (0, "")
    assert "???" in ran.out
    assert "Roo Code" in ran.out
