"""Whole runs against servers that misbehave as a whole: each is judged, in words, with small files and bounded memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command import python, report_in
from tests.quick import only
from tests.wire.raw_server import EVENTS, JSON, OK, Caller, Handler, answer, length, raw_server, says
from tests.wire.test_limits import bomb, endless, then_silent

MIB = 1024 * 1024
LARGEST_FILE = 5_000_000
MOST_MEMORY = 350 * MIB  # about a hundred of it is Python with everything imported
HTML = b"Content-Type: text/html\r\n"
PAGE = b"<!doctype html><title>Welcome</title><p>It works.</p>"
MESSAGE = {"role": "assistant", "content": "Hello."}
HELLO = json.dumps({"choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}]}).encode()
HALF = OK + JSON + length(10_000) + b"\r\n" + HELLO
EVENT = b'data: {"choices":[]}\n\n'
ESCAPES = b'{"error": "%s"}' % (b"\\u0041<b>" * 450_000)
BOMB = bomb(1024 * MIB)


async def hang_up(caller: Caller) -> None:
    """Reads the request and says nothing."""
    await caller.request()


def unfolding() -> Handler:
    """A megabyte of gzip that holds a gigabyte."""
    return says(OK + JSON + b"Content-Encoding: gzip\r\n" + length(BOMB) + b"\r\n", BOMB)


def failing(body: bytes) -> bytes:
    """A 500 with that body."""
    return answer(body, JSON, status=b"500 Broken")


# Servers that are no chat API: the one probe that fails, and the words it must say; the rest is blocked.
SETTINGS: dict[str, tuple[Handler, str, str]] = {
    "web page": (says(answer(PAGE, HTML)), "url.serves-api", "HTTP 200: a web page"),
    "nothing in it": (says(answer(b"", JSON)), "url.serves-api", "HTTP 200: an empty body"),
    "endless page": (endless(OK + HTML + b"\r\n" + PAGE, b"<p>" * 20_000), "url.serves-api", "a web page"),
    "never answers": (then_silent(), "url.reachable", "no answer for"),
    "closes at once": (hang_up, "url.reachable", "closed without an answer"),
    "no HTTP": (says(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "url.reachable", "the answer is not HTTP"),
    "redirect loop": (
        says(answer(b"", b"Location: /v1/chat/completions\r\n", status=b"307 Temporary Redirect")),
        "url.not-redirected",
        "the server redirects there with HTTP 307",
    ),
}
# Servers that answer the first request somehow: one probe among those that fail.
JUDGED: dict[str, tuple[Handler, str, str]] = {
    "endless body": (endless(OK + b"\r\n", b"x" * 65_536), "chat.json", "quick"),
    "endless stream": (endless(OK + EVENTS + b"\r\n", EVENT * 3000), "stream.whole", "quick"),
    "10 MB line": (says(OK + EVENTS + b"\r\ndata: ", *[b"x" * MIB] * 10), "stream.whole", "quick"),
    "a bomb": (unfolding(), "chat.json", "quick"),
    "not UTF-8": (says(answer(HELLO.replace(b"ll", b"\xc3\xff\xfe"), JSON)), "stream.is-sse", "quick"),
    "short of its length": (says(HALF), "chat.json", "quick"),
    "silent in mid-body": (then_silent(HALF), "chat.json", "quick"),
    "gzip that is none": (says(answer(HELLO, JSON, b"Content-Encoding: gzip\r\n")), "errors.decodable", "quick"),
    "null": (says(answer(b"null", JSON)), "chat.json", "quick"),
    "brackets": (says(answer(b"[" * MIB, JSON)), "chat.json", "quick"),
}
# Servers that refuse everything, at length.
REFUSING: dict[str, Handler] = {
    "30 MB errors": says(failing(b"e" * 30 * MIB)),
    "4 MB of escapes": says(failing(ESCAPES)),
}

QUICK = {"no HTTP"}
SILENT = {"never answers": "0.5", "silent in mid-body": "3"}  # seconds to wait for them

# The high-water mark of the process itself: what getrusage tells is handed down from the process that started it.
RUN = """
import re, sys
from pathlib import Path
from conformance.cli import main
code = main(sys.argv[1:])
status = Path("/proc/self/status")
peak = re.search(r"VmHWM:\\s*(\\d+) kB", status.read_text()) if status.exists() else None
print("peak", peak[1] if peak else 0, file=sys.stderr)
sys.exit(code)
"""


@dataclass(frozen=True)
class Judged:
    """What a run came to."""

    code: int
    report: dict[str, Any]

    @property
    def failed(self) -> dict[str, str]:
        """What was seen, by the probes that failed."""
        return {o["probe"]: o["actual"] for o in self.report["observations"] if o["outcome"] == "failed"}


def run_against(handler: Handler, folder: Path, depth: str, patience: str) -> Judged:
    """A run in a process of its own, held to what every run must keep to; only who never answers calls for less patience."""
    with raw_server(handler) as server:
        arguments = ["--base-url", f"{server.url}/v1", "--model", "m", "--patience", patience, "--depth", depth]
        key = {"OPENAI_API_KEY": "sk-hostile-0123456789abcdef"}
        ran = python("-c", RUN, "run", *arguments, "--output", "out", cwd=folder, env=key)
    assert "Traceback" not in ran.err, ran.err
    report = report_in(folder / "out")
    assert ran.code == report["exit_code"]
    assert report["complete"]
    assert [o for o in report["observations"] if o["outcome"] == "error"] == []
    sizes = {file.name: file.stat().st_size for file in (folder / "out").iterdir()}
    assert sizes.keys() == {"report.json", "report.html", "junit.xml", "summary.md", "pytest.html"}
    assert max(sizes.values()) < LARGEST_FILE, sizes
    peak = int(ran.err.rpartition("peak ")[2]) * 1024
    assert peak < MOST_MEMORY, f"{peak / MIB:.0f} MiB"
    return Judged(ran.code, report)


@pytest.mark.parametrize("case", only(SETTINGS, QUICK.__contains__))
def test_a_server_that_is_no_chat_api_is_told_as_such(case: str, tmp_path: Path) -> None:
    handler, probe, words = SETTINGS[case]
    judged = run_against(handler, tmp_path, "quick", SILENT.get(case, "60"))
    assert judged.code == 6
    assert judged.failed.keys() == {probe}
    assert words in judged.failed[probe]
    assert {c["verdict"] for c in judged.report["clients"].values()} == {"unknown"}
    assert judged.report["categories"]["connection-errors"]["status"] == "problem"
    assert judged.report["tool_calling"]["blame"] == "settings"
    assert judged.report["cost"]["requests"] <= 5


@pytest.mark.parametrize("case", only(JUDGED, QUICK.__contains__))
def test_a_server_that_answers_badly_is_judged(case: str, tmp_path: Path) -> None:
    handler, probe, depth = JUDGED[case]
    judged = run_against(handler, tmp_path, depth, SILENT.get(case, "60"))
    assert judged.code == 1
    assert probe in judged.failed
    assert judged.report["clients"]["roo-code"]["verdict"] == "fails"
    statuses = {c["status"] for c in judged.report["categories"].values()}
    assert "problem" in statuses


@pytest.mark.full
@pytest.mark.parametrize("case", REFUSING)
def test_a_server_that_refuses_everything_cannot_be_judged(case: str, tmp_path: Path) -> None:
    judged = run_against(REFUSING[case], tmp_path, "quick", "60")
    assert judged.code == 6
    assert "url.accepts-requests" in judged.failed
    assert judged.report["cost"]["requests"] <= 10
