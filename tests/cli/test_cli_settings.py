"""`--print-settings`: after the summary, what to type into each client, as a person reads it in a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import KEY, Command, report_in


def printed(out: str) -> str:
    """What follows the line that names the report."""
    return out.partition("report: out/report.html\n")[2]


def demo(command: Command, *arguments: str) -> tuple[int, str]:
    ran = command("demo", "--output", "out", "--print-settings", "--client", "roo-code", *arguments)
    assert "Traceback" not in ran.err
    return ran.code, printed(ran.out)


def test_a_sound_provider_has_settings_that_were_found_to_work(command: Command, here: Path) -> None:
    code, told = demo(command, "--client", "kilo-code")
    assert code == 0
    assert told.startswith("\nRoo Code 3.52.1: works. ")
    assert "Enable streaming            on              found to work" in told
    assert "API Provider: OpenAI Compatible\nBase URL: http://127.0.0.1:" in told
    assert json.loads(told[told.index("\n{\n") :])["provider"]["demo"]["npm"] == "@ai-sdk/openai-compatible"
    assert report_in(here / "out")["settings"]["roo-code"]["paste"] in told
    assert "Cline" not in told


def test_lines_fit_into_80_columns(command: Command) -> None:
    _, told = demo(command, "--client", "cline", "--fault", "max-completion-tokens-refused")
    assert [line for line in told.split("\n") if len(line) > 80] == []


def test_a_stream_that_is_none_is_turned_off_and_the_client_not_said_to_work(command: Command) -> None:
    code, told = demo(command, "--fault", "stream-as-completion")
    assert code == 1
    assert told.startswith("\nRoo Code 3.52.1: fails. ")
    assert "found to work" not in told
    assert "Enable streaming            off             the turn works without" in told
    assert "  Avoid:\n    Enable streaming            on " in told
    assert "\nEnable streaming: off\n" in told


def test_a_refused_cap_of_32000_is_told_to_kilo_codes_user(command: Command) -> None:
    code, told = demo(command, "--client", "kilo-code", "--fault", "max-tokens-32000-refused")
    assert code == 1
    assert "limit.output      look it up " in told
    assert "limit.output      left out        max_tokens 32000 is then sent: HTTP 400:" in told
    assert json.loads(told[told.index("\n{\n") :])["provider"]["demo"]["models"]["reference-1"]["limit"] == {
        "context": 32768,
        "output": "look it up",
    }


def test_a_refused_key_leaves_nothing_that_is_known_to_work(
    command: Command, sound: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", f"{KEY}-but-wrong")
    ran = command(*sound, "--output", "out", "--print-settings")
    assert ran.code == 6
    assert "Not fully judged, so these are not known to work:" in printed(ran.out)
    assert "found to work" not in ran.out


def test_a_full_endpoint_url_is_replaced_by_the_base_url_that_works(
    command: Command, sound: list[str]
) -> None:
    full = [f"{word}/chat/completions" if word.startswith("http") else word for word in sound]
    ran = command(*full, "--output", "out", "--print-settings")
    assert ran.code == 1
    told = printed(ran.out)
    assert "does not" in told
    assert f"\nBase URL: {sound[2]}\n" in told
    assert "found to work" in told


def test_the_same_is_made_of_a_report_later(command: Command) -> None:
    _, told = demo(command, "--depth", "quick")
    assert command("report", "out/report.json", "--format", "settings").out == told.removeprefix("\n")


def test_without_the_flag_and_without_a_report_nothing_is_printed(command: Command) -> None:
    assert printed(command("demo", "--output", "out", "--depth", "quick").out) == ""
    nothing = command("demo", "--output", "other", "--print-settings", "-k", "no_such_requirement")
    assert (nothing.code, nothing.out) == (5, "")
