"""What is said about a base URL as typed, and the command that says it."""

from __future__ import annotations

import pytest

from conformance import cli
from conformance.clients.advice import advice

SAID = [
    ("https://h.example/v1/chat/completions", "type https://h.example/v1."),
    ("https://h.example/api/v2/models/chat", "type https://h.example/api/v2/models."),
    ("https://h.example/v1/", "Type https://h.example/v1."),
    ("https://h.example/v1?tenant=a", "It has a query"),
    ("https://h.example/v1#a", "What follows #"),
    ("h.example/v1", "type http://h.example/v1 or https://h.example/v1."),
    ("localhost:8000/v1", "It has no scheme"),
    (" https://h.example/v1 ", "type https://h.example/v1."),
    ("https://h.example/a b/v1", "sent as %20"),
    ("https://h.example", "type https://h.example/v1."),
    ("https://h.example/v1/v1", "It contains /v1 twice: type https://h.example/v1."),
    ("https://me.openai.azure.com/openai", "a host of Azure"),
    ("https://api.fox.ai/v1", "contains x.ai"),
]
FINE = ["https://api.provider.com/v1", "https://api.x.ai/v1", "http://localhost:11434/v1", "https://h/api/paas/v4"]


@pytest.mark.parametrize(("base", "words"), SAID)
def test_likely_mistakes_are_named(base: str, words: str) -> None:
    assert any(words in sentence for sentence in advice(base)), advice(base)


@pytest.mark.parametrize("base", FINE)
def test_a_correct_base_url_gets_no_advice(base: str) -> None:
    assert not advice(base, "gpt-4o")


@pytest.mark.parametrize("model", ["solar-pro3", "Holo1-7B", "openai/o3", "marco-o1"])
def test_ids_that_roo_code_treats_as_an_o_series_model(model: str) -> None:
    assert any("developer" in sentence for sentence in advice("https://h.example/v1", model))


def test_the_command_shows_every_client(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["url", "https://h.example/v1/chat/completions"]) == 0
    out = capsys.readouterr().out
    assert out.count("https://h.example/v1/chat/completions/chat/completions") == 6
    assert out.rstrip().endswith("type https://h.example/v1.")


def test_only_the_chosen_client_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["url", "https://h.example/v1/", "--client", "roo-code"]) == 0
    assert "https://h.example/v1//models" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("base", "words"),
    [("", "it is empty"), ("http://", "names no host"), ("127.0.0.1:8000/v1", "type http://127.0.0.1:8000/v1")],
)
def test_a_base_url_that_no_client_can_call_is_one_line(
    base: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["url", base]) == 4
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("model", "base", "effort"),
    [
        ("o3-mini-high", "o3-mini", "high"),
        ("openai/o4-mini-low", "openai/o4-mini", "low"),
        ("o1-medium", "o1", "medium"),
    ],
)
def test_an_id_with_an_effort_is_split(model: str, base: str, effort: str) -> None:
    lines = " ".join(advice("https://h.example/v1", model))
    assert f"type {base}, and choose the reasoning effort {effort}" in lines


@pytest.mark.parametrize("model", ["o3-mini", "gemma-high", "o3-mini-high-2025"])
def test_other_ids_name_no_effort(model: str) -> None:
    assert "names an effort" not in " ".join(advice("https://h.example/v1", model))
