"""The ways of asking for calls are compared, and one sentence says whether the model or the provider is at fault."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.clients import CLIENTS
from conformance.evidence.exchange import Chunk, Exchange, Request, Response
from conformance.evidence.markup import FAMILIES
from conformance.explain.explain import endpoint_of
from conformance.judging.conclusions import conclude
from conformance.judging.diagnosis.tools import diagnose, where
from conformance.judging.tool_calling import ToolCalling
from conformance.probes.catalogue import catalogue
from conformance.probes.parsers import SERVERS, is_parsed, settings
from conformance.reference import Provider
from conformance.requirements import Blame
from conformance.runner.run import observe
from conformance.runner.settings import Settings
from tests.inprocess import InProcess

NAMED = {"type": "function", "function": {"name": "read_file"}}
READ = [{"index": 0, "id": "c1", "type": "function", "function": {"name": "read_file", "arguments": "{}"}}]
OTHER = [{"index": 0, "id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}]
NATIVE: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": READ}
WORDS = {"role": "assistant", "content": "I would read the file."}
HERMES = {"role": "assistant", "content": '<tool_call>\n{"name": "read_file", "arguments": {}}\n</tool_call>'}
FENCED = {"role": "assistant", "content": '```json\n{"name": "read_file", "arguments": {}}\n```'}
REFUSED = None
TOOLS = [{"type": "function", "function": {"name": name}} for name in ("read_file", "get_weather")]


def exchange(choice: Any, streamed: bool, message: Any, n: int = 1) -> Exchange:
    """A question asked in one way, answered with this message; None is a refusal."""
    asked = {"messages": [], "tools": TOOLS, "tool_choice": choice, "stream": streamed}
    key = "delta" if streamed else "message"
    body = json.dumps({"choices": [{"index": 0, key: message, "finish_reason": "stop"}]})
    data = f"data: {body}\n\ndata: [DONE]\n\n" if streamed else body
    if message is None:
        data = '{"error": {"message": "tool_choice auto is off"}}'
    request = Request("POST", "http://h/v1/chat/completions", body=json.dumps(asked).encode())
    response = Response(400 if message is None else 200)
    return Exchange(f"e{n}#1", f"e{n}", request, response, (Chunk(0.1, data.encode()),))


def seen(auto: Any = NATIVE, required: Any = NATIVE, named: Any = NATIVE, **streamed: Any) -> list[Exchange]:
    """One exchange for each way; `streamed` is what differs in streams."""
    plain = {"auto": auto, "required": required, "named": named}
    choices = {"auto": "auto", "required": "required", "named": NAMED}
    return [
        exchange(choices[name], flag, (plain | streamed if flag else plain)[name], n)
        for n, (name, flag) in enumerate((name, flag) for name in plain for flag in (False, True))
    ]


def streams(message: Any) -> list[Exchange]:
    """Native calls in plain answers, and this in streams."""
    return [e for e in seen() if not e.request.streamed] + [
        e for e in seen(message, message, message) if e.request.streamed
    ]


CASES = {
    "automatic calls as text": (seen(auto=HERMES), "automatic ones are printed as text", "hermes", Blame.PROVIDER),
    "automatic calls in fenced JSON": (
        seen(auto=FENCED),
        "automatic ones are printed",
        "no server has a parser",
        Blame.MODEL,
    ),
    "nothing but text": (seen(HERMES, HERMES, HERMES), "no native calls", "--tool-call-parser hermes", Blame.PROVIDER),
    "streamed calls as text": (streams(HERMES), "streamed ones are printed", "misses them", Blame.PROVIDER),
    "streamed calls lost": (streams(WORDS), "streamed ones are lost", "the server's parser", Blame.PROVIDER),
    "required taken for auto": (seen(required=WORDS), "required ones do not come", "as auto", Blame.PROVIDER),
    "named taken for auto": (seen(named=WORDS), "named ones do not come", "as auto", Blame.PROVIDER),
    "another than the named one": (
        seen(named={**NATIVE, "tool_calls": OTHER}),
        "named ones do not come",
        "as auto",
        Blame.PROVIDER,
    ),
    "tool_choice not heeded at all": (
        seen(required=WORDS, named=WORDS),
        "forced ones do not come",
        "auto",
        Blame.PROVIDER,
    ),
    "automatic requests refused": (
        seen(auto=REFUSED),
        "automatic ones are refused (HTTP 400: tool_choice auto is off)",
        "vLLM",
        Blame.PROVIDER,
    ),
}


@pytest.mark.parametrize(("exchanges", "what", "why", "blame"), CASES.values(), ids=CASES.keys())
def test_a_difference_between_ways_of_asking_shows_who_can_fix_it(
    exchanges: list[Exchange], what: str, why: str, blame: Blame
) -> None:
    expected = diagnose(exchanges)
    assert expected is not None
    assert what in expected.sentence
    assert why in expected.sentence
    assert expected.blame is blame


@pytest.mark.parametrize("exchanges", [seen(), seen(auto=WORDS), seen(WORDS, WORDS, WORDS), []], ids=range(4))
def test_without_a_difference_there_is_no_diagnosis(exchanges: list[Exchange]) -> None:
    assert diagnose(exchanges) is None


def test_a_failure_only_in_streams_differs_from_one_in_all_calls() -> None:
    exchanges = seen()
    streamed = [e.id for e in exchanges if e.request.streamed]
    found = where(streamed, exchanges)
    assert found is not None
    assert (found.short, found.of_transport) == ("streamed", True)
    assert where([e.id for e in exchanges], exchanges) is None


def test_every_form_that_a_server_can_parse_names_that_server() -> None:
    ids = {family.id for family in FAMILIES}
    for server in SERVERS:
        assert server.parsers.keys() <= ids
        assert server.source.startswith("https://")
    assert {f.id for f in FAMILIES if not is_parsed(f)} == {"fenced", "invoke", "llama-custom"}
    hermes = next(f for f in FAMILIES if f.id == "hermes")
    assert "vLLM: --enable-auto-tool-choice --tool-call-parser hermes" in settings(hermes)
    assert "SGLang: --tool-call-parser qwen25" in settings(hermes)


def concluded(fault: str) -> ToolCalling:
    """What a run of the tool-calling requirements concludes about the reference provider with a fault."""
    provider = Provider("reference-1", "sk-test-0123456789abcdefghij", faults=(fault,))
    endpoint = endpoint_of(provider, "http://reference.invalid/v1")
    asked = Settings(endpoint, clients=CLIENTS, transport=lambda *_: InProcess(provider))
    probes = [p for id, p in catalogue().items() if id.startswith(("tools.", "toolstream.", "chat.no-markup"))]
    observations, talks = observe(asked, probes)
    exchanges = [e for talk in talks for e in talk.exchanges]
    return conclude(observations, CLIENTS, exchanges=exchanges).tool_calling


FAULTS = {
    "streamed-calls-lost": (Blame.PROVIDER, "plain calls are native, but streamed ones are lost"),
    "calls-not-chosen": (Blame.MODEL, "the model calls no tool by itself"),
    "calls-as-text": (Blame.PROVIDER, "streamed calls are native, but plain ones are printed as text"),
    "calls-lost-when-required": (Blame.PROVIDER, "plain required ones are lost"),
    "named-tool-ignored": (Blame.PROVIDER, "named ones do not come"),
    "tools-refused": (Blame.PROVIDER, "automatic ones are refused"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_blames_whoever_can_fix_the_fault(fault: str) -> None:
    blame, words = FAULTS[fault]
    expected = concluded(fault)
    assert words in expected.summary
    assert expected.blame is blame
    assert expected.diagnosed
