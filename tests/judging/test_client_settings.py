"""The settings for each client: right values, true reasons, and forms that the clients accept."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.clients import (
    AI_SDK,
    CLIENTS,
    CLINE,
    KILO_CODE,
    KILO_CODE_LEGACY,
    OPENAI_PYTHON,
    PROFILES,
    ROO_CODE,
    Client,
)
from conformance.endpoint.config import Endpoint
from conformance.judging.client_settings import ClientSettings, Found, settings_for
from conformance.judging.client_settings.values import VALUES
from conformance.probes.catalogue import catalogue
from conformance.requirements import Outcome

ROOT = "https://api.acme.example/v1"
SMALL = Endpoint(ROOT, "acme-large", name="acme", key="sk-secret-0123456789", api_key_env="ACME_KEY")
PAGES = [ROO_CODE, KILO_CODE_LEGACY, CLINE]
BASE_URL = {
    ROO_CODE.id: "Base URL",
    KILO_CODE.id: "options.baseURL",
    KILO_CODE_LEGACY.id: "Base URL",
    CLINE.id: "Base URL",
    OPENAI_PYTHON.id: "base_url",
    AI_SDK.id: "baseURL",
}


def found(*passed: str, failed: tuple[str, ...] = (), verdict: str = "works", **more: Any) -> Found:
    """A run in which these requirements held and those did not; the same verdict for every client."""
    outcomes = dict.fromkeys(passed, Outcome.PASSED) | dict.fromkeys(failed, Outcome.FAILED)
    return Found(outcomes, {client.id: verdict for client in CLIENTS}, **more)


def use(settings: ClientSettings) -> dict[str, tuple[str, str]]:
    return {row.name: (row.value, row.why) for row in settings.use}


def avoid(settings: ClientSettings) -> dict[str, str]:
    return {f"{row.name}: {row.value}": row.why for row in settings.avoid}


def kilo_code(endpoint: Endpoint, run: Found) -> tuple[ClientSettings, dict[str, Any], dict[str, Any]]:
    """Its settings, and the provider and its one model in what is to be pasted."""
    settings = settings_for(KILO_CODE, endpoint, run)
    (provider,) = json.loads(settings.paste)["provider"].values()
    return settings, provider, provider["models"][endpoint.model]


TURN = "client.roo-code-turn"


def test_every_requirement_that_settings_depend_on_exists() -> None:
    kinds = ("turn", "request", "plain", "r1", "cached", "picture")
    named = {f"client.roo-code-{kind}" for kind in kinds} | {f"client.{client.id}-turn" for client in CLIENTS}
    others = "params.max-tokens params.max-completion-tokens params.developer-role limits.max-tokens"
    assert named | {*others.split(), "models.listed", "models.known"} <= set(catalogue())


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
@pytest.mark.parametrize("typed", [ROOT, f"{ROOT}/chat/completions"])
def test_the_base_url_leads_the_client_to_the_judged_url(client: Client, typed: str) -> None:
    endpoint = replace(SMALL, base_url=typed)
    shown = use(settings_for(client, endpoint, found()))[BASE_URL[client.id]]
    assert shown[0] == ROOT
    assert client.chat(shown[0], endpoint.model).url == endpoint.chat_url
    assert ("the base URL that was typed does not" in shown[1]) == (typed != ROOT)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_a_full_endpoint_url_is_to_be_avoided(client: Client) -> None:
    full = f"{ROOT}/chat/completions"
    shown = avoid(settings_for(client, replace(SMALL, base_url=full), found()))
    assert list(shown) == [f"{BASE_URL[client.id]}: {full}"]
    assert f"type {ROOT}" in next(iter(shown.values()))


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_without_a_base_url_that_leads_to_the_judged_url_nothing_can_be_pasted(client: Client) -> None:
    settings = settings_for(client, replace(SMALL, base_url="https://acme.example/api/models/chat"), found())
    assert BASE_URL[client.id] not in use(settings)
    assert "no base URL leads it to https://acme.example/api/models/chat" in settings.avoid[0].why
    assert settings.paste == ""


def test_a_slash_at_the_end_is_removed_for_clients_that_it_misleads() -> None:
    shown = {c.id: settings_for(c, replace(SMALL, base_url=f"{ROOT}/"), found()) for c in CLIENTS}
    assert {id for id, one in shown.items() if one.avoid} == {"roo-code", "kilo-code-legacy"}
    assert use(shown["roo-code"])["Base URL"][0] == ROOT


def test_a_query_needs_a_client_with_a_setting_for_it() -> None:
    endpoint = replace(SMALL, base_url=f"{ROOT}?tenant=a")
    python = settings_for(OPENAI_PYTHON, endpoint, found())
    assert (use(python)["base_url"][0], use(python)["default_query"][0]) == (ROOT, "tenant=a")
    assert 'default_query={"tenant": "a"},' in python.paste
    assert kilo_code(endpoint, found())[1]["options"]["queryParams"] == {"tenant": "a"}
    assert "Base URL" not in use(settings_for(ROO_CODE, endpoint, found()))


def test_a_host_of_azure_is_not_judged_if_the_client_builds_another_path() -> None:
    endpoint = replace(SMALL, base_url="https://acme.openai.azure.com/openai/v1")
    shown = use(settings_for(ROO_CODE, endpoint, found()))["Base URL"]
    assert "/deployments/acme-large/" in shown[1]
    assert "not judged" in shown[1]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
@pytest.mark.parametrize("endpoint", [SMALL, replace(SMALL, images=True, max_output_tokens=4096)])
def test_what_was_not_judged_is_not_said_to_work(client: Client, endpoint: Endpoint) -> None:
    shown = settings_for(client, endpoint, Found())
    assert shown.use
    assert [row for row in shown.use if "works" in row.why or "to work" in row.why] == []


@pytest.mark.parametrize("verdict", ["fails", "unknown"])
def test_no_setting_works_for_a_client_that_fails_elsewhere(verdict: str) -> None:
    shown = settings_for(ROO_CODE, SMALL, found(TURN, "client.roo-code-cached", verdict=verdict))
    assert "see the verdict" in use(shown)["Model"][1]
    assert [row for row in shown.use if "work" in row.why] == []


def test_streaming_is_off_if_only_the_turn_without_it_works() -> None:
    broken = found("client.roo-code-plain", failed=(TURN,), verdict="fails")
    shown = settings_for(ROO_CODE, SMALL, broken)
    assert use(shown)["Enable streaming"][0] == "off"
    assert "Enable streaming: off" in shown.paste
    assert list(avoid(shown)) == ["Enable streaming: on"]


def test_a_refused_request_counts_as_a_turn_that_fails() -> None:
    refused = found("client.roo-code-plain", TURN, failed=("client.roo-code-request",), verdict="fails")
    assert use(settings_for(ROO_CODE, SMALL, refused))["Enable streaming"][0] == "off"


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("plain", "Enable streaming", "off"),
        ("r1", "Enable R1 model parameters", "on"),
        ("cached", "Prompt Caching", "on"),
    ],
)
def test_the_only_form_of_the_turn_that_fails_is_to_be_avoided(kind: str, name: str, value: str) -> None:
    shown = settings_for(ROO_CODE, SMALL, found(TURN, failed=(f"client.roo-code-{kind}",)))
    assert list(avoid(shown)) == [f"{name}: {value}"]
    assert use(shown)[name][0] != value


def test_the_r1_format_is_on_only_if_no_other_form_works() -> None:
    needed = found("client.roo-code-r1", failed=(TURN,), verdict="fails")
    assert use(settings_for(ROO_CODE, SMALL, needed))["Enable R1 model parameters"][0] == "on"
    either = found("client.roo-code-r1", "client.roo-code-plain", failed=(TURN,), verdict="fails")
    both = use(settings_for(ROO_CODE, SMALL, either))
    assert (both["Enable streaming"][0], both["Enable R1 model parameters"][0]) == ("off", "off")
    reasoner = replace(SMALL, model="deepseek-reasoner")
    assert use(settings_for(ROO_CODE, reasoner, needed))["Enable R1 model parameters"] == (
        "off",
        "no effect: Roo Code always uses that format for deepseek-reasoner",
    )


@pytest.mark.parametrize(
    ("model", "clients"),
    [
        ("solar-pro3", {"roo-code", "kilo-code-legacy", "cline"}),
        ("gpt-5-mini", {"cline"}),
        ("o3-chat", {"roo-code", "kilo-code-legacy"}),
        ("acme-large", set()),
    ],
)
def test_a_model_id_that_makes_clients_use_a_refused_role_is_to_be_avoided(model: str, clients: set[str]) -> None:
    run = found(failed=("params.developer-role",))
    shown = {c.id: avoid(settings_for(c, replace(SMALL, model=model), run)) for c in CLIENTS}
    assert {id for id, one in shown.items() if any("developer" in why for why in one.values())} == clients


def test_a_model_that_is_not_listed_has_to_be_typed() -> None:
    shown = use(settings_for(ROO_CODE, SMALL, found(TURN, failed=("models.listed",))))
    assert shown["Model"] == ("acme-large", "found to work; not in the model list, so type it")


def test_if_max_completion_tokens_is_refused_roo_codes_limit_is_off() -> None:
    run = found(TURN, failed=("params.max-completion-tokens",))
    shown = settings_for(ROO_CODE, replace(SMALL, max_output_tokens=4096), run)
    assert "Max Output Tokens" not in use(shown)
    assert use(shown)["Include max output tokens"][0] == "off"
    assert list(avoid(shown)) == ["Include max output tokens: on"]
    python = settings_for(OPENAI_PYTHON, replace(SMALL, max_output_tokens=4096), run)
    assert list(avoid(python)) == ["max_completion_tokens: any number"]
    assert "max_completion_tokens" not in python.paste


def test_every_client_sends_a_configured_limit() -> None:
    shown = {c.id: settings_for(c, replace(SMALL, max_output_tokens=4096), found()) for c in CLIENTS}
    assert [id for id, one in shown.items() if "4096" not in one.paste] == []
    assert use(shown["roo-code"])["Include max output tokens"][0] == "on"


@pytest.mark.parametrize(
    "run", [found(failed=("limits.max-tokens",)), found(cap_refusal="HTTP 400: max_tokens must be at most 8192")]
)
def test_kilo_code_needs_a_limit_if_32000_tokens_are_refused(run: Found) -> None:
    settings, _, model = kilo_code(replace(SMALL, max_output_tokens=8192), run)
    assert model["limit"] == {"context": 0, "output": 8192}
    assert list(avoid(settings)) == ["limit.output: left out"]


@pytest.mark.parametrize("configured", [None, 32_000, 64_000])
def test_an_unknown_limit_is_to_be_looked_up(configured: int | None) -> None:
    run = found(cap_refusal="HTTP 400: max_tokens must be at most 8192")
    settings, _, model = kilo_code(replace(SMALL, max_output_tokens=configured), run)
    assert use(settings)["limit.output"][0] == model["limit"]["output"] == "look it up"
    assert "at most 8192" in avoid(settings)["limit.output: left out"]


def test_a_model_for_which_kilo_code_sends_no_limit_needs_none() -> None:
    run = found(failed=("limits.max-tokens",))
    settings, _, model = kilo_code(replace(SMALL, model="gpt-5-mini"), run)
    assert "limit" not in model
    assert settings.avoid == ()


@pytest.mark.parametrize(
    ("configured", "shown", "expected"),
    [
        (None, None, "not known"),
        (None, 8192, "8192"),
        (4096, 8192, "4096"),
        (8192, None, "8192"),
        (99_000, 8192, "8192"),
    ],
)
def test_the_context_window_is_the_smaller_of_the_configured_and_the_servers(
    configured: int | None, shown: int | None, expected: str
) -> None:
    endpoint, run = replace(SMALL, context_window=configured), found(told_limit=shown)
    for client in (*PAGES, KILO_CODE):
        (row,) = (row for row in settings_for(client, endpoint, run).use if "context" in row.name.lower())
        assert row.value == expected
    model = kilo_code(endpoint, run)[2]
    assert model.get("limit", {}).get("context") == (int(expected) if expected.isdigit() else None)


@pytest.mark.parametrize(
    ("images", "outcome", "value"),
    [(None, None, "off"), (True, None, "on"), (True, Outcome.PASSED, "on"), (True, Outcome.FAILED, "off")],
)
def test_image_support_is_on_if_it_is_configured_and_no_picture_failed(
    images: bool | None, outcome: Outcome | None, value: str
) -> None:
    run = Found({"client.roo-code-picture": outcome} if outcome else {})
    endpoint = replace(SMALL, images=images)
    shown = settings_for(ROO_CODE, endpoint, run)
    assert use(shown)["Image Support"][0] == value
    assert ("not judged" in use(shown)["Image Support"][1]) == (outcome is None)
    assert list(avoid(shown)) == (["Image Support: on"] if outcome is Outcome.FAILED else [])
    model = kilo_code(endpoint, run)[2]
    assert ("image" in model.get("modalities", {}).get("input", [])) == (value == "on")


def test_computer_use_and_prices_are_as_configured() -> None:
    endpoint = replace(SMALL, computer_use=True, input_price=0.5, output_price=2)
    shown = use(settings_for(ROO_CODE, endpoint, found()))
    assert [shown[name][0] for name in ("Computer Use", "Input Price", "Output Price")] == ["on", "0.5", "2"]
    assert "no effect" in shown["Computer Use"][1]
    assert kilo_code(endpoint, found())[2]["cost"] == {"input": 0.5, "output": 2}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_settings_contain_neither_the_key_nor_the_value_of_a_header(client: Client) -> None:
    endpoint = replace(SMALL, headers={"X-Team": "team-secret-0123456789"})
    shown = settings_for(client, endpoint, found())
    assert "X-Team" in shown.paste
    assert "secret" not in str(shown)
    assert "ACME_KEY" in shown.paste


def test_without_a_key_only_clients_that_require_one_get_any_text() -> None:
    shown = {c.id: settings_for(c, replace(SMALL, key=None, api_key_env=""), found()) for c in CLIENTS}
    given = {id for id, one in shown.items() if any("any text" in row.value for row in one.use)}
    assert given == {"roo-code", "kilo-code-legacy", "cline", "openai-python"}
    assert 'api_key="none"' in shown["openai-python"].paste
    assert "apiKey" not in shown["kilo-code"].paste + shown["ai-sdk"].paste


@pytest.mark.parametrize("client", PAGES, ids=lambda client: client.id)
def test_a_page_has_one_line_per_setting(client: Client) -> None:
    shown = settings_for(client, SMALL, found())
    rows = [f"{row.name}: {row.value}" for row in shown.use]
    assert shown.paste.split("\n") == ["API Provider: OpenAI Compatible", *rows]


def test_roo_codes_page_for_a_small_endpoint() -> None:
    assert settings_for(ROO_CODE, SMALL, found(TURN)).paste.split("\n") == [
        "API Provider: OpenAI Compatible",
        f"Base URL: {ROOT}",
        "API Key: the key in ACME_KEY",
        "Model: acme-large",
        "Enable R1 model parameters: off",
        "Enable streaming: on",
        "Context Window Size: not known",
        "Image Support: off",
        "Prompt Caching: off",
    ]


def test_kilo_codes_file_for_a_small_endpoint() -> None:
    assert json.loads(settings_for(KILO_CODE, SMALL, found()).paste) == {
        "$schema": "https://app.kilo.ai/config.json",
        "provider": {
            "acme": {
                "npm": "@ai-sdk/openai-compatible",
                "options": {"baseURL": ROOT, "apiKey": "{env:ACME_KEY}"},
                "models": {"acme-large": {"name": "acme-large"}},
            }
        },
    }


@pytest.mark.parametrize(
    ("name", "id"), [("My Host.example", "my-host-example"), ("OpenAI", "my-openai"), ("汉", "endpoint")]
)
def test_kilo_codes_provider_id_has_a_form_that_it_accepts(name: str, id: str) -> None:
    assert list(json.loads(settings_for(KILO_CODE, replace(SMALL, name=name), found()).paste)["provider"]) == [id]


def test_the_python_code_can_be_run() -> None:
    endpoint = replace(SMALL, model='of "mine"\\汉', headers={"X-Team": "a"}, max_output_tokens=64)
    code = ast.parse(settings_for(OPENAI_PYTHON, endpoint, found()).paste)
    calls = [node.value for node in code.body if isinstance(node, ast.Assign)]
    given = {word.arg: ast.unparse(word.value) for call in calls for word in call.keywords}  # type: ignore[attr-defined]
    assert given["base_url"] == repr(ROOT)
    assert given["api_key"] == "os.environ['ACME_KEY']"
    assert given["model"] == repr(endpoint.model)
    assert (given["max_completion_tokens"], given["stream"]) == ("64", "True")


def test_the_code_for_the_ai_sdk_asks_for_usage() -> None:
    shown = settings_for(AI_SDK, SMALL, found()).paste
    assert f'  baseURL: "{ROOT}",\n  apiKey: process.env.ACME_KEY,\n  includeUsage: true,\n' in shown
    assert 'model: provider("acme-large")' in shown


JUDGED = [id for id in catalogue() if id.startswith(("client.", "params.", "models.", "limits."))]
ENDPOINTS = st.builds(
    Endpoint,
    base_url=st.sampled_from(
        [ROOT, f"{ROOT}/", "HTTP://[::1]:80", f"{ROOT}?a=***&&b", f"{ROOT}/chat", "https://a.azure.com/v1//"]
    ),
    model=st.sampled_from(["m", "o3", "gpt-5", "deepseek-reasoner", 'a "b" \\ 汉']),
    name=st.text(),
    key=st.none() | st.just("sk-secret-0123456789"),
    headers=st.dictionaries(st.text(min_size=1), st.just("team-secret-0123456789"), max_size=2),
    max_output_tokens=st.none() | st.integers(1, 99_999),
    context_window=st.none() | st.integers(1, 999_999),
    images=st.none() | st.booleans(),
    computer_use=st.none() | st.booleans(),
    input_price=st.none() | st.floats(0, 1_000),
    output_price=st.none() | st.floats(0, 1_000),
    streaming=st.booleans(),
    azure_api_version=st.none() | st.just("2024-10-21"),
)
RUNS = st.builds(
    Found,
    outcomes=st.dictionaries(st.sampled_from(JUDGED), st.sampled_from(Outcome), max_size=len(JUDGED)),
    verdicts=st.dictionaries(st.sampled_from([c.id for c in CLIENTS]), st.sampled_from(["works", "fails"])),
    told_limit=st.none() | st.integers(1, 99_999),
    cap_refusal=st.sampled_from(["", "HTTP 400: \x1b[31m no"]),
)


@given(st.sampled_from(PROFILES), ENDPOINTS, RUNS)
def test_settings_always_have_reasons_and_never_contradict_each_other(
    client: Client, endpoint: Endpoint, run: Found
) -> None:
    shown = settings_for(client, endpoint, run)
    assert all(row.name and row.value and row.why for row in (*shown.use, *shown.avoid))
    both = {(row.name, row.value) for row in shown.use} & {(row.name, row.value) for row in shown.avoid}
    assert {value for _, value in both} <= {endpoint.model}  # the one to avoid, where there is no other
    assert "secret" not in str(shown)
    if shown.paste and client is KILO_CODE:
        json.loads(shown.paste)
    if shown.paste and client is OPENAI_PYTHON:
        ast.parse(shown.paste)


@pytest.mark.parametrize("client", PROFILES, ids=lambda client: client.profile)
def test_every_setting_of_a_page_has_a_value(client: Client) -> None:
    assert client.settings.names.keys() <= VALUES.keys() | client.settings.fixed.keys()
