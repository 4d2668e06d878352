"""Every mistake of a user is one line on stderr and exit code 4, without a traceback and without a key."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from tests.command import KEY, Command, Ran, conformance


def one_line(ran: Ran, *words: str) -> None:
    """Wrong usage: one line on stderr with these words, nothing on stdout, exit code 4."""
    assert ran.code == 4, ran
    assert ran.out == ""
    assert ran.err.count("\n") == 1, ran.err
    assert ran.err.startswith("conformance: ")
    missing = [word for word in words if word not in ran.err]
    assert not missing, ran.err


WHERE = ["--base-url", "http://127.0.0.1:9/v1"]
WHICH = ["--model", "m"]
WRONG: dict[str, tuple[list[str], list[str]]] = {
    "no command": ([], ["COMMAND"]),
    "unknown command": (["rum"], ["'rum'", "run", "serve"]),
    "unknown option": (["run", "--frob"], ["--frob"]),
    "nothing at all": (["run"], ["--base-url URL --model ID", "conformance.toml"]),
    "no base URL": (["run", *WHICH], ["--base-url URL"]),
    "no model": (["run", *WHERE], ["no model id", "--model ID"]),
    "empty model": (["run", *WHERE, "--model", " "], ["--model", "empty"]),
    "empty base URL": (["run", "--base-url", "", *WHICH], ["--base-url", "empty"]),
    "named, no file": (["run", "prod"], ["'prod'", "no conformance.toml"]),
    "no scheme": (["run", "--base-url", "localhost:8080/v1", *WHICH], ["write http://localhost:8080/v1"]),
    "other scheme": (["run", "--base-url", "ftp://h/v1", *WHICH], ["ftp://", "http://"]),
    "URL with a blank": (["run", "--base-url", "http://h /v1", *WHICH], ["space"]),
    "URL with a line break": (["run", "--base-url", "http://h/v1\n", *WHICH], ["line break"]),
    "URL with a placeholder": (["run", "--base-url", "https://<host>/v1", *WHICH], ["'<'"]),
    "URL with a password": (["run", "--base-url", "https://me:pw@h/v1", *WHICH], ["before the @"]),
    "URL with a bad port": (["run", "--base-url", "http://h:99999/v1", *WHICH], ["port"]),
    "key variable unset": (["run", *WHERE, *WHICH, "--api-key-env", "NO_KEY"], ["NO_KEY is not set"]),
    "key in place of its variable": (["run", *WHERE, *WHICH, "--api-key-env", KEY], ["must be the name"]),
    "unknown client": (["run", *WHERE, *WHICH, "--client", "roo-kode"], ["'roo-kode'", "roo-code"]),
    "unknown version of a client": (
        ["run", *WHERE, *WHICH, "--client", "ai-sdk@2.0.47"],
        ["profile 'ai-sdk@2.0.47'", "ai-sdk@2.0.48"],
    ),
    "two versions of a client": (
        ["run", *WHERE, *WHICH, "--client", "ai-sdk", "--client", "ai-sdk@2.0.48"],
        ["ai-sdk", "two versions"],
    ),
    "unknown fault": (["demo", "--fault", "single-newline"], ["'single-newline'", "single-newlines"]),
    "unknown fault to serve": (["serve", "--fault", "single-newline"], ["single-newlines"]),
    "unknown probe": (["explain", "stream.closed"], ["'stream.closed'", "stream.closes"]),
    "unknown depth": (["demo", "--depth", "deep"], ["'deep'", "standard"]),
    "concurrency 0": (["demo", "--concurrency", "0"], ["--concurrency", "'0'"]),
    "concurrency in words": (["demo", "--concurrency", "two"], ["--concurrency", "'two'"]),
    "patience in words": (["demo", "--patience", "long"], ["--patience", "'long'"]),
    "patience of nothing": (["demo", "--patience", "0"], ["--patience"]),
    "patience without end": (["demo", "--patience", "inf"], ["--patience", "'inf'"]),
    "empty output": (["demo", "--output", ""], ["--output", "the path is empty"]),
    "blank output": (["demo", "--output", " "], ["--output", "the path is empty"]),
    "empty recording": (["demo", "--record", ""], ["--record", "the path is empty"]),
    "empty history": (["demo", "--history", ""], ["--history", "the path is empty"]),
    "empty file of accepted failures": (["demo", "--known", ""], ["--known", "the path is empty"]),
    "empty baseline": (["demo", "--baseline", ""], ["--baseline", "the path is empty"]),
    "empty folder to capture to": (
        ["capture", "--upstream", "http://h/v1", "--record", ""],
        ["--record", "the path is empty"],
    ),
    "empty report": (["report", ""], ["REPORT", "the path is empty"]),
    "empty report to compare": (["diff", "a.json", ""], ["NEW", "the path is empty"]),
    "empty file to judge": (["judge", ""], ["FILE", "the path is empty"]),
    "empty folder to replay": (["replay", ""], ["DIR", "the path is empty"]),
    "port in words": (["serve", "--port", "http"], ["--port", "'http'"]),
    "port too high": (["serve", "--port", "65536"], ["--port", "65535"]),
    "negative latency": (["serve", "--latency", "-1"], ["--latency"]),
    "no report": (["report", "none.json"], ["none.json", "No such file"]),
    "a folder without a report": (["report", "."], ["report.json", "No such file"]),
    "unknown format": (["report", "none.json", "--format", "pdf"], ["'pdf'", "html"]),
    "bad -k": (["demo", "-k", "and and"], ["-k", "and and"]),
    "bad -k of a plan": (["demo", "--plan", "-k", "and and"], ["-k", "and and"]),
    "a day that does not exist": (
        ["known", "add", "r.json", "--reason", "r", "--owner", "o", "--until", "2027-02-30"],
        ["--until", "'2027-02-30'"],
    ),
    "unknown option of pytest": (["demo", "--", "--frob"], ["unrecognized arguments: --frob"]),
    "bad number for pytest": (["demo", "--", "--maxfail=many"], ["maxfail", "many"]),
    "no such file for pytest": (["demo", "--", "test_none.py"], ["test_none.py"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_line(command: Command, here: Path, case: str) -> None:
    arguments, words = WRONG[case]
    ran = command(*arguments)
    one_line(ran, *words)
    assert KEY not in ran.err
    assert not list(here.glob("reports/[!.]*")), "a report of nothing"
    assert not (here / "report.json").exists(), "a report in the current folder"


TOML: dict[str, tuple[str, list[str]]] = {
    "malformed": ('[endpoint.prod]\nbase_url = "http://h/v1\n', ["conformance.toml, line 2, column"]),
    "malformed at the end": ("[endpoint.prod", ["conformance.toml, line 1, column 15"]),
    "unknown key": ('[endpoint.prod]\nbase_ulr = "http://h/v1"\n', ["base_ulr", "base_url"]),
    "wrong type": ('[endpoint.prod]\nbase_url = "http://h/v1"\nmodel = 7\n', ["endpoint.prod.model"]),
    "unknown endpoint": ('[endpoint.prot]\nbase_url = "http://h/v1"\nmodel = "m"\n', ["'prod'", "prot"]),
    "no base URL": ('[endpoint.prod]\nmodel = "m"\n', ["endpoint.prod has no base_url"]),
    "no model": ('[endpoint.prod]\nbase_url = "http://h/v1"\n', ["endpoint.prod has no model"]),
    "key variable unset": (
        '[endpoint.prod]\nbase_url = "http://h/v1"\nmodel = "m"\napi_key_env = "NO_KEY"\n',
        ["NO_KEY is not set"],
    ),
}


@pytest.mark.parametrize("case", TOML)
def test_a_mistake_in_the_configuration_is_one_line(command: Command, here: Path, case: str) -> None:
    text, words = TOML[case]
    (here / "conformance.toml").write_text(text)
    one_line(command("run", "prod"), *words)


def test_a_configuration_that_is_not_text_is_one_line(command: Command, here: Path) -> None:
    (here / "conformance.toml").write_bytes(b"\xff\xfe[\0e\0")
    one_line(command("run", "prod"), "conformance.toml", "UTF-8")


NO_KEYS = {
    "": "empty",
    "sk abc": "space",
    "sk-abc\n": "line break",
    "sk-\u043a\u043b\u044e\u0447": "Latin-1",
    "Bearer sk-abc": "Bearer",
    "sk-\x07abc": "control character",
}


@pytest.mark.parametrize("key", NO_KEYS)
def test_an_invalid_key_is_one_line_without_the_key(
    command: Command, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    ran = command("run", *WHERE, *WHICH, "--api-key-env", "OPENAI_API_KEY")
    one_line(ran, "OPENAI_API_KEY", NO_KEYS[key])
    assert not key.strip() or key.strip() not in ran.err
    if key:  # an empty variable that no option names counts as unset
        assert command("run", *WHERE, *WHICH) == ran


def test_a_file_in_the_way_of_the_output_is_one_line(command: Command, here: Path) -> None:
    (here / "file").touch()
    one_line(command("demo", "--output", "file"), "--output file", "file is a file; name another folder")
    one_line(command("demo", "--output", "file/below"), "--output file/below", "file is a file; name another folder")


def test_a_folder_that_cannot_be_written_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)
    one_line(command("demo", "--output", "out"), "--output out", "Permission denied")


def test_a_full_disk_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Path.write_text

    def full(self: Path, *text: Any, **how: Any) -> int:
        if self.name == "report.json":
            raise OSError(28, "No space left on device")
        return written(self, *text, **how)

    monkeypatch.setattr(Path, "write_text", full)
    ran = command("demo", "--depth", "quick", "--output", "out")
    assert ran.code == 4
    assert ran.err.splitlines()[-1] == (
        "conformance: --output out: the report cannot be written (No space left on device)"
    )


def test_a_port_in_use_is_one_line(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        one_line(command("serve", "--port", port), f"--port {port}", "in use")


def test_a_file_that_is_not_a_report_is_one_line(command: Command, here: Path) -> None:
    for text in ("", "{}", "[1", '{"schema": "conformance/report/1"}'):
        (here / "report.json").write_text(text)
        one_line(command("report", "report.json"), "report.json: not a")
    (here / "report.json").write_text('{"schema": "conformance/report/9"}')
    one_line(command("report", "report.json"), "report.json: written in the format 'conformance/report/9'")


def test_the_same_lines_come_from_a_process(here: Path) -> None:
    one_line(conformance("run", "prod", cwd=here), "'prod'")
