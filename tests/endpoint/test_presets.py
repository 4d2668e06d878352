"""Every preset is usable and names its source; documented deviations are shown and excuse nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from conformance.endpoint import presets as package
from conformance.endpoint.config import find_endpoint
from conformance.endpoint.presets import Preset, documented, presets, provider_at
from conformance.errors import UsageError
from conformance.probes.catalogue import catalogue
from conformance.reference import Provider, Server, serve
from conformance.report.formats import render
from conformance.schema import violations
from tests.command import KEY, Command, report_in
from tests.report.formats import examples

MISSION = ("openai", "ollama", "lm-studio", "perplexity", "together", "anyscale")
MADE_UP = """
name = "Made Up"
base_url = "http://127.0.0.1:9/v1"
api_key_env = "MADE_UP_KEY"
documentation = "https://made-up.example/docs"
as_of = 2026-11-22

[[deviations]]
probes = ["tools.accepted", "models.list"]
what = "Tools are refused & never called."
source = "https://made-up.example/docs/tools"
as_of = 2026-10-01
"""
NOTE = {
    "what": "Tools are refused & never called.",
    "source": "https://made-up.example/docs/tools",
    "as_of": "2026-10-01",
}

every_preset = pytest.mark.parametrize("preset", presets().values(), ids=lambda preset: preset.id)


def test_the_providers_on_the_clients_own_pages_have_presets() -> None:
    assert set(MISSION) <= set(presets())


@every_preset
def test_a_preset_leads_to_an_endpoint(preset: Preset, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    asked = re.search(r"https://\S+", preset.instead)
    endpoint = find_endpoint(
        None,
        provider=preset.id,
        base_url=None if preset.base_url else (asked[0] if asked else "https://mine.example/v1"),
        model="m",
        directory=tmp_path,
        environ={preset.api_key_env: KEY} if preset.api_key_env else {"OPENAI_API_KEY": KEY},
    )
    assert endpoint.chat_url == f"{preset.base_url or endpoint.base_url}/chat/completions"
    assert (endpoint.key is None) == (preset.api_key_env is None), "no key of another provider is sent"
    assert endpoint.provider == preset.id


@every_preset
def test_a_preset_without_a_base_url_says_what_to_give(preset: Preset, tmp_path: Path) -> None:
    assert bool(preset.base_url) != bool(preset.instead)
    if preset.base_url is None:
        (tmp_path / ".git").mkdir()
        with pytest.raises(UsageError, match=f"^provider {preset.id}: .* give --base-url "):
            find_endpoint(None, provider=preset.id, model="m", directory=tmp_path, environ={})


@every_preset
def test_a_preset_is_named_and_dated(preset: Preset) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", preset.id)
    assert preset.name
    assert preset.documentation.startswith("https://")
    assert date(2026, 1, 1) <= preset.as_of <= date.today()
    assert preset.api_key_env is None or re.fullmatch(r"[A-Z][A-Z_]+", preset.api_key_env)


@every_preset
def test_deviations_have_known_requirements_and_an_address(preset: Preset) -> None:
    about = [probe for deviation in preset.deviations for probe in deviation.probes]
    assert set(about) <= set(catalogue())
    assert len(set(about)) == len(about), "two deviations about one requirement"
    for deviation in preset.deviations:
        assert deviation.probes
        assert re.fullmatch(r"https://[A-Za-z0-9._~/?#=&%+:-]{1,69}", deviation.source), "fits a terminal"
        assert type(deviation.as_of) is date and deviation.as_of <= preset.as_of
        assert deviation.what.endswith(".") and '"' not in deviation.what


@pytest.mark.parametrize(
    ("urls", "provider"),
    [
        (["https://api.openai.com/v1/chat/completions", "https://API.openai.com/v1/models"], "openai"),
        (["https://api.together.xyz/v1/chat/completions", "https://api.together.ai/v1/models"], "together"),
        (["https://mine.openai.azure.com/openai/deployments/d/chat/completions"], "azure-openai"),
        (["https://api.openai.com/v1/models", "https://api.groq.com/openai/v1/models"], None),
        (["https://api.openai.com/v1/models", "https://openai.example/v1/models"], None),
        (["https://notapi.openai.com.example/v1/models"], None),
        (["http://127.0.0.1:11434/v1/models", "http://[broken/v1"], None),
        ([], None),
    ],
)
def test_a_provider_is_recognised_by_its_host(urls: list[str], provider: str | None) -> None:
    assert provider_at(urls) == provider


def test_nothing_is_documented_without_a_provider() -> None:
    assert documented(None) == {}
    assert documented("ollama")["tools.required"]["as_of"] == "2026-08-21"


def test_providers_lists_them_and_shows_one(command: Command) -> None:
    listed = command("providers")
    assert listed.code == 0
    lines = {words[0]: words for line in listed.out.splitlines() if (words := line.split())}
    assert set(presets()) < set(lines)
    groq = presets()["groq"]
    assert lines["groq"][1:] == [groq.base_url, "GROQ_API_KEY", str(len(groq.deviations)), str(groq.as_of)]
    shown = command("providers", "groq").out
    assert all(deviation.source in shown and deviation.what in shown for deviation in groq.deviations)
    assert "closed on 2024-08-01; give --base-url" in command("providers", "anyscale").out


@pytest.mark.parametrize("typed", [["providers", "grok"], ["run", "--provider", "grok", "--model", "m"]])
def test_an_unknown_provider_gives_the_nearest_name(command: Command, typed: list[str]) -> None:
    ran = command(*typed)
    assert (ran.code, ran.out) == (4, "")
    assert "unknown provider 'grok'; did you mean groq?" in ran.err
    assert ran.err.count("\n") == 1


def test_a_provider_without_its_key_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    ran = command("run", "--provider", "groq", "--model", "m")
    error = "provider groq: the environment variable GROQ_API_KEY is not set; put the API key into it"
    assert (ran.code, ran.err) == (4, f"conformance: {error}\n")


@dataclass(frozen=True)
class MadeUp:
    """A provider that refuses tools, and the arguments of a run against it by its preset."""

    server: Server
    typed: tuple[str, ...]


@pytest.fixture
def made_up(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeUp]:
    """The only preset, with a faulty provider on the loopback behind its base URL."""
    folder = tmp_path_factory.mktemp("presets")
    monkeypatch.setattr(package, "FOLDER", folder)
    monkeypatch.setenv("MADE_UP_KEY", KEY)
    with serve(Provider("reference-1", KEY, faults=("tools-refused",))) as server:
        (folder / "made-up.toml").write_text(MADE_UP.replace("http://127.0.0.1:9/v1", server.base_url))
        presets.cache_clear()
        run = ("run", "--model", "reference-1", "--depth", "quick", "--output", "out")
        yield MadeUp(server, run)
    presets.cache_clear()


def test_a_documented_deviation_is_shown_and_still_fails_the_client(
    command: Command, made_up: MadeUp, here: Path
) -> None:
    ran = command(*made_up.typed, "--provider", "made-up")
    report = report_in(here / "out")
    assert (ran.code, report["clients"]["roo-code"]["verdict"]) == (1, "fails")
    documented = {o["probe"]: o["documented"] for o in report["observations"] if "documented" in o}
    assert documented == {"tools.accepted": NOTE}, "models.list did not fail"
    assert report["endpoint"]["configuration"]["provider"] == "made-up"
    assert "tools.accepted, documented by the provider: " in ran.out
    assert f"   {NOTE['source']}\n" in ran.out
    assert f"[Documented by the provider]({NOTE['source']}) (as of 2026-10-01): Tools are refused " in render(
        "markdown", report
    )
    page = render("html", report)
    assert page.count(f'Tools are refused &amp; never called. (<a href="{NOTE["source"]}"') == 2


@pytest.mark.full
def test_another_base_url_keeps_the_documented_deviations(command: Command, made_up: MadeUp, here: Path) -> None:
    (package.FOLDER / "made-up.toml").write_text(MADE_UP)
    presets.cache_clear()
    command(*made_up.typed, "--provider", "made-up", "--base-url", made_up.server.base_url)
    report = report_in(here / "out")
    assert report["endpoint"]["base_url"] == made_up.server.base_url
    assert NOTE in [o.get("documented") for o in report["observations"]]


@pytest.mark.full
def test_a_table_that_names_the_provider_does_the_same(command: Command, made_up: MadeUp, here: Path) -> None:
    (here / "conformance.toml").write_text('[endpoint.mine]\nprovider = "made-up"\n')
    command(made_up.typed[0], "mine", *made_up.typed[1:])
    report = report_in(here / "out")
    assert (report["endpoint"]["name"], report["endpoint"]["base_url"]) == ("mine", made_up.server.base_url)
    assert NOTE in [o.get("documented") for o in report["observations"]]


def test_a_documented_text_in_a_foreign_report_cannot_run_scripts() -> None:
    report = examples.failing()
    failed = next(o for o in report["observations"] if o["outcome"] == "failed")
    failed["documented"] = {**NOTE, "source": "https://evil.example) [b](javascript:alert"}
    assert violations("conformance/report", report)
    failed["documented"] = {**NOTE, "what": examples.HOSTILE.encode(errors="replace").decode()}
    assert not violations("conformance/report", report)
    assert "Documented by the provider" in render("markdown", report)
    assert not re.search(r"(?<!\\)<script|@e", re.sub(r"`[^`]*`", "", render("markdown", report)))
    assert render("html", report).count("<script") == 1  # its own


@pytest.mark.full
def test_without_the_provider_nothing_is_shown_as_documented(command: Command, made_up: MadeUp, here: Path) -> None:
    command(*made_up.typed, "--base-url", made_up.server.base_url, "--api-key-env", "MADE_UP_KEY")
    report = report_in(here / "out")
    assert not [o for o in report["observations"] if "documented" in o]
    assert "ocumented by the provider" not in render("html", report) + render("markdown", report)
