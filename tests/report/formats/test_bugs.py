"""Bug reports need no other file: the command repeats the request, the response shows the failure, and a provider's text stays text."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from conformance.evidence.exchange import Request
from conformance.judging.observation import Observation
from conformance.report.bodies import around
from conformance.report.curl import curl
from conformance.report.formats import files, render
from conformance.report.json_file import dumps
from conformance.requirements import Outcome
from tests.command import Command
from tests.report.formats import examples

SHOWN = 'curl() { printf "%s\\0" "$@"; }\n'


def sent_by(command: str) -> list[str]:
    """The arguments that a shell passes to curl."""
    ran = subprocess.run(
        ["/bin/sh", "-c", SHOWN + command], env={"API_KEY": "k e y"}, capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
    return ran.stdout.split("\0")[:-1]


def test_one_document_for_each_root_cause() -> None:
    found = files("bugs", examples.failing())
    assert found is not None
    assert list(found) == ["01-toolstream-delta-index.md", "02-usage-stream-totals.md"]
    first = found["01-toolstream-delta-index.md"]
    assert first.startswith("# Streamed tool-call deltas have no `index`\n")
    titles = re.findall("^## (.*)$", first, re.MULTILINE)
    assert titles == [*("Expected", "Actual", "How to reproduce", "Response", "Who is affected", "Suggested fix")]
    assert "Every streamed tool-call delta carries an integer `index`." in first
    assert "It failed in 2 of 2 judged cases: `tool_stream`, `parallel_tools`." in first
    assert "- <https://platform.openai.com/docs/api-reference/chat>" in first
    assert '"tool_calls": [{"id": "call_1"' in first
    assert found["02-usage-stream-totals.md"].startswith("# A stream that was asked for usage ends with")
    assert render("bugs", examples.failing()).count("\n---\n") == 1


def test_a_folder_gets_a_file_for_each_and_no_file_is_overwritten(command: Command, here: Path) -> None:
    (here / "report.json").write_text(dumps(examples.failing()), encoding="utf-8")
    assert command("report", "report.json", "--format", "bugs", "--output", "bugs").code == 0
    assert sorted(f.name for f in (here / "bugs").iterdir()) == [
        "01-toolstream-delta-index.md",
        "02-usage-stream-totals.md",
    ]
    (here / "taken").write_text("kept")
    ran = command("report", "report.json", "--format", "bugs", "--output", "taken")
    assert (ran.code, ran.err.count("\n"), (here / "taken").read_text()) == (4, 1, "kept")
    assert command("report", "report.json", "--format", "badge", "--output", "bugs").code == 4


def test_failures_in_the_users_settings_make_no_bug_report() -> None:
    assert files("bugs", examples.unreachable()) == {}
    assert render("bugs", examples.working()) == "No failure is for the provider or the model to fix.\n"


def test_the_command_repeats_the_request_with_the_key_from_the_variable() -> None:
    report = examples.failing()
    arguments = sent_by(curl(report["exchanges"][0]))
    assert arguments[:4] == ["-sS", "-i", "-N", "https://api.acme.example/v1/chat/completions"]
    assert "authorization: Bearer k e y" in arguments
    assert arguments[arguments.index("--data-raw") + 1] == report["exchanges"][0]["request"]["body"]


@pytest.mark.parametrize("text", [examples.HOSTILE, "'; touch pwned; '", "$(touch pwned)`touch pwned`", "***$API_KEY"])
def test_a_shell_runs_nothing_but_curl(text: str) -> None:
    request = Request("POST", f"https://api.acme.example/{text}", ((text, text),), text.encode("utf-8", "replace"))
    seen = [Observation(examples.INDEX, "tool_stream", Outcome.FAILED, "x", exchanges=("tool_stream#1",))]
    report = examples.report(examples.run(), examples.judgement(), seen, [examples.exchange(request=request)])
    arguments = sent_by(curl(report["exchanges"][0]))
    assert [a for a in arguments if a.startswith("-")][:3] == ["-sS", "-i", "-N"]
    assert len(arguments) == 8


def test_a_providers_text_cannot_end_its_code_block() -> None:
    text = render("bugs", examples.hostile("```\n````sh\n</details>\n::error::pwned\n<img src=x>"))
    outside = re.sub(r"(?ms)^(`{3,})(sh)?\n.*?^\1$", "", text)
    assert "::error" not in "".join(row for row in text.splitlines() if row.startswith(":"))
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", outside.replace("\\`", ""))
    assert not re.findall(r"(?<!\\)<(?!https://)[^>]*>?", outside)


def test_the_response_is_cut_around_the_failure() -> None:
    rows = [f'data: {{"n":{n},"filler":"{"x" * 80}"}}' for n in range(500)]
    rows[321] = 'data: {"tool_calls":[{"id":"call_zebra"}]}'
    shown = around("\n\n".join(rows), 'delta 0 has no index: {"id": "call_zebra"}', 900)
    assert "call_zebra" in shown
    assert len(shown) < 1_000
    assert "characters before" in shown
    assert around("short", "anything", 900) == "short"
