"""`--print-settings` prints what to type into each client, after the summary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import KEY, Command, report_in


def printed(out: str) -> str:
    """The output after the line that names the report."""
    return out.partition("report: out/report.html\n")[2]


def demo(command: Command, *arguments: str) -> tuple[int, str]:
    ran = command("demo", "--output", "out", "--print-settings", "--client", "roo-code", *arguments)
    assert "Traceback" not in ran.err
    return ran.code, printed(ran.out)


@pytest.mark.full
def test_a_correct_provider_has_settings_that_were_found_to_work(command: Command, here: Path) -> None:
    code, settings = demo(command, "--client", "kilo-code")
    assert code == 0
    assert settings.startswith("\nRoo Code 3.52.1: works. ")
    assert "Enable streaming            on              found to work" in settings
    assert "API Provider: OpenAI Compatible\nBase URL: http://127.0.0.1:" in settings
    assert json.loads(settings[settings.index("\n{\n") :])["provider"]["demo"]["npm"] == "@ai-sdk/openai-compatible"
    assert report_in(here / "out")["settings"]["roo-code"]["paste"] in settings
    assert "Cline" not in settings


@pytest.mark.full
def test_lines_fit_into_80_columns(command: Command) -> None:
    _, settings = demo(command, "--client", "cline", "--fault", "max-completion-tokens-refused")
    assert [line for line in settings.split("\n") if len(line) > 80] == []


@pytest.mark.full
def test_streaming_that_fails_is_turned_off_and_the_client_fails(command: Command) -> None:
    code, settings = demo(command, "--fault", "stream-as-completion")
    assert code == 1
    assert settings.startswith("\nRoo Code 3.52.1: fails. ")
    assert "found to work" not in settings
    assert "Enable streaming            off             the turn works without" in settings
    assert "  Avoid:\n    Enable streaming            on " in settings
    assert "\nEnable streaming: off\n" in settings


@pytest.mark.full
def test_a_refused_cap_of_32000_is_shown_to_users_of_kilo_code(command: Command) -> None:
    code, settings = demo(command, "--client", "kilo-code", "--fault", "max-tokens-32000-refused")
    assert code == 1
    assert "limit.output      look it up " in settings
    assert "limit.output      left out        max_tokens 32000 is then sent: HTTP 400:" in settings
    assert json.loads(settings[settings.index("\n{\n") :])["provider"]["demo"]["models"]["reference-1"]["limit"] == {
        "context": 32768,
        "output": "look it up",
    }


def test_after_a_refused_key_no_setting_is_said_to_work(
    command: Command, sound: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", f"{KEY}-but-wrong")
    ran = command(*sound, "--depth", "quick", "--output", "out", "--print-settings")
    assert ran.code == 6
    assert "Not fully judged, so these are not known to work:" in printed(ran.out)
    assert "found to work" not in ran.out


@pytest.mark.full
def test_a_full_endpoint_url_is_replaced_by_the_base_url_that_works(command: Command, sound: list[str]) -> None:
    full = [f"{word}/chat/completions" if word.startswith("http") else word for word in sound]
    ran = command(*full, "--output", "out", "--print-settings")
    assert ran.code == 1
    settings = printed(ran.out)
    assert "does not" in settings
    assert f"\nBase URL: {sound[2]}\n" in settings
    assert "found to work" in settings


def test_a_stored_report_prints_the_same(command: Command) -> None:
    _, settings = demo(command, "--depth", "quick")
    assert command("report", "out/report.json", "--format", "settings").out == settings.removeprefix("\n")


@pytest.mark.full
def test_without_the_flag_and_without_a_report_nothing_is_printed(command: Command) -> None:
    assert printed(command("demo", "--output", "out", "--depth", "quick").out) == ""
    nothing = command("demo", "--output", "other", "--print-settings", "-k", "no_such_requirement")
    assert (nothing.code, nothing.out) == (5, "")
