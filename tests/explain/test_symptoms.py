"""Error texts and log lines lead to requirements, also those that users of the clients read under the faults."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cli import main
from conformance.exit_codes import ExitCode
from conformance.explain.symptoms import SYMPTOMS, Symptom, likely_requirements
from conformance.probes.catalogue import catalogue
from conformance.reference import catalogue as faults
from conformance.requirements.areas import AREAS
from tests.sweep import Sweep

SHARE = 0.9  # of the texts under the faults must lead to a requirement that fails
FIRST = 3  # causes, among which that requirement must be

ZOD = """Type validation failed: Value: {"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":"0"}]}}]}.
Error message: [{"code":"invalid_union","errors":[[{"expected":"number","code":"invalid_type",
"path":["choices",0,"delta","tool_calls",0,"index"],"message":"Invalid input: expected number, received string"}]]}]"""
TEXTS = {  # texts from users and logs, and the first cause
    "Expected 'id' to be a string.": "toolstream.first-id",
    ZOD: "toolstream.index-number",
    "Type validation failed: choices[0].delta.role: Invalid option": "stream.types",
    "[ERROR] You did not use a tool in your previous response! Please retry with a tool use.": "chat.no-markup",
    "Model Response Incomplete": "chat.no-markup",
    "Unexpected API Response: The language model did not provide any assistant messages.": "stream.is-sse",
    "401 status code (no body)": "auth.refusal-json",
    "403 status code (no body)": "auth.refusal-json",
    "OpenAI completion error: 400 status code (no body)": "errors.envelope",
    "OpenAI completion error: Connection error.": "url.reachable",
    "connect ECONNREFUSED 127.0.0.1:8000": "url.reachable",
    "AttributeError: 'str' object has no attribute 'choices'": "errors.not-in-200",
    'Error code: 400 - {"message": "\\"auto\\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"}': "tools.accepted",
    "500 tools param requires --jinja flag": "tools.accepted",
    "registry.ollama.ai/library/gemma3:4b does not support tools": "tools.accepted",
    "ERROR serving_chat.py: Error trying to handle streaming tool call.": "toolstream.native",
    "the request exceeds the available context size, try increasing it": "limits.overflow-recognised",
    "This model's maximum context length is 8192 tokens.": "limits.overflow-recognised",
    "Jinja Exception: After the optional system message, conversation roles must alternate": "tools.history-then-user",
    "json: cannot unmarshal array into Go struct field .type of type string": "tools.schema-nullable",
    "litellm.AuthenticationError: Invalid proxy server token passed": "auth.key-accepted",
    'model "llama9" not found, try pulling it first': "models.known",
    "<html><head><title>413 Request Entity Too Large</title></head>": "limits.large-body",
    "upstream timed out (110: Connection timed out) while reading response header": "stream.whole",
    "SSL: CERTIFICATE_VERIFY_FAILED self-signed certificate": "url.reachable",
    "429 Too Many Requests": "auth.account-usable",
    "<tool_call>\n{'name': 'read_file'}\n</tool_call>": "chat.no-markup",
}


@pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda s: s.pattern.pattern)
def test_a_symptom_names_requirements_that_exist_and_who_says_it(symptom: Symptom) -> None:
    assert symptom.probes
    assert set(symptom.probes) <= catalogue().keys()
    assert symptom.author
    assert symptom.shows
    assert not symptom.shows.endswith(".")
    assert re.fullmatch(r"(https://[\w.-]+/\S+)?", symptom.source)


@pytest.mark.parametrize(("text", "first"), TEXTS.items(), ids=[text[:50] for text in TEXTS])
def test_a_known_text_leads_to_its_likeliest_cause(text: str, first: str) -> None:
    assert likely_requirements(text)[0].probe == first


@pytest.mark.full
@pytest.mark.last
def test_error_texts_under_the_faults_lead_to_a_requirement_that_fails(sweep: Sweep) -> None:
    runs = {fault: sweep.fault(name) for name, fault in faults().items()}
    read = [(fault, text) for fault, run in runs.items() if run.usual for text in run.sees.values() if text]
    assert len(read) > len(faults()), "too few texts were read to judge by"
    missed = [
        f"{fault.name}: {text[:100]}"
        for fault, text in read
        if not {cause.probe for cause in likely_requirements(text)[:FIRST]} & fault.caught_by
    ]
    assert len(missed) <= (1 - SHARE) * len(read), f"{len(missed)} of {len(read)}: {missed}"


@given(st.text() | st.sampled_from([*TEXTS]).map(lambda text: text * 3))
def test_whatever_the_text_no_cause_is_named_twice(text: str) -> None:
    named = [cause.probe for cause in likely_requirements(text)]
    assert len(named) == len(set(named))


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["explain", *words]) == 0
    return capsys.readouterr().out


def test_an_error_text_is_explained_by_heading_causes_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explained(capsys, "Expected 'id' to be a string.")
    probe = catalogue()["toolstream.first-id"]
    for words in (probe.category.heading, f"1. {probe.id}", probe.text, probe.remedy, "AI SDK", "-k"):
        assert words in explanation


def test_words_need_no_quotes_and_a_single_one_that_is_known_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, "connection", "refused") == explained(capsys, "connection refused")
    assert "url.reachable" in explained(capsys, "ECONNREFUSED")


def test_a_call_that_was_printed_names_the_parser_that_the_server_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explained(capsys, '[TOOL_CALLS] [{"name": "read_file", "arguments": {"path": "a.py"}}]')
    assert "--tool-call-parser mistral" in explanation


def test_an_unknown_text_gets_an_answer_that_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "No known cause" in explained(capsys, "the cat sat on the mat")


@pytest.mark.parametrize("area", AREAS)
def test_a_mistyped_id_is_no_error_text(area: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", f"{area}.timeout-401"]) == ExitCode.WRONG_USAGE
    assert "unknown probe" in capsys.readouterr().err
