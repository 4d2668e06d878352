"""The base URL that a user typed: a run names the clients that call another URL than the judged one."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.clients import CLIENTS, KILO_CODE, ROO_CODE
from conformance.clients.advice import detour
from conformance.reference import Server
from tests.command import Command, report_in

JUDGED = "https://api.provider.example/v1/chat/completions"


@pytest.mark.parametrize(
    "base", ["https://api.provider.example/v1", "https://api.provider.example/v1/", "HTTPS://API.provider.example/v1"]
)
def test_with_the_usual_base_url_clients_call_the_judged_url(base: str) -> None:
    assert detour(ROO_CODE, base, "m", JUDGED) == ""


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_with_a_full_endpoint_url_every_client_calls_another_url(client: object) -> None:
    detoured = detour(client, JUDGED, "m", JUDGED)  # type: ignore[arg-type]
    assert f"calls {JUDGED}/chat/completions instead of {JUDGED}" in detoured
    assert "type https://api.provider.example/v1" in detoured


def test_a_client_that_calls_nothing_says_so() -> None:
    assert detour(KILO_CODE, "api.provider.example/v1", "m", JUDGED).startswith(
        "With this base URL Kilo Code says 'Base URL must start with http:// or https://'"
    )


def test_azures_hosts_need_no_advice() -> None:
    base = "https://team.openai.azure.com/openai"
    assert detour(ROO_CODE, base, "m", f"{base}/chat/completions?api-version=2024-10-21") == ""


def test_a_run_with_a_full_endpoint_url_says_what_to_type_instead(
    command: Command, sound: list[str], server: Server, here: Path
) -> None:
    typed = f"{server.base_url}/chat/completions"
    ran = command(*["run", "--base-url", typed, *sound[3:]], "--depth", "quick", "--output", "out")
    report = report_in(here / "out")
    assert ran.code == report["exit_code"] == 1
    assert {client["verdict"] for client in report["clients"].values()} == {"fails"}
    assert f"type {server.base_url}" in report["clients"]["roo-code"]["summary"]
    assert report["endpoint"]["advice"][0] in report["clients"]["roo-code"]["summary"]
    assert report["categories"]["connection-errors"]["status"] == "problem"
    assert report["tool_calling"]["level"] == "complete", "the endpoint behind the URL was judged all the same"


@pytest.mark.full
def test_a_run_reports_a_harmless_oddity_of_a_base_url(
    command: Command, sound: list[str], server: Server, here: Path
) -> None:
    ran = command("run", "--base-url", f"{server.base_url}/", *sound[3:], "--depth", "quick", "--output", "out")
    assert ran.code == 0
    (advice,) = report_in(here / "out")["endpoint"]["advice"]
    assert advice.startswith("It ends in a slash")
