"""Probes are total: whatever bytes an endpoint sends, judging them never ends in an internal error.

Also: no verdict depends on where the network split the bytes.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.evidence.exchange import Chunk, Ended, Exchange, Request, Response
from conformance.judging.judge import cases_of, conversations_of, judge
from conformance.probes.catalogue import catalogue, conversations
from conformance.requirements import Outcome
from conformance.requirements.probe import Probe
from conformance.requirements.talk import Talk

settings.register_profile("total", derandomize=True, deadline=None, max_examples=25, database=None)
settings.load_profile("total")

HEADERS = (("content-type", "text/event-stream"),)
MEMBERS = st.sampled_from(
    "id object created model choices index delta message role content tool_calls function name arguments type "
    "finish_reason usage prompt_tokens completion_tokens total_tokens prompt_tokens_details cached_tokens error code "
    "data reasoning_content function_call base_resp status_msg detail".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=5),
    max_leaves=12,
)


def nested(value: Any) -> Any:
    """Puts odd values where the well-formed ones belong."""
    return {"choices": [{"index": 0, "delta": value, "message": value, "finish_reason": value}], "usage": value}


BODIES = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda v: json.dumps(v).encode()),
    JSON.map(lambda v: json.dumps(nested(v)).encode()),
    st.lists(JSON | JSON.map(nested), max_size=4).map(
        lambda vs: b"".join(b"data: " + json.dumps(v).encode() + b"\n\n" for v in vs)
    ),
    JSON.map(lambda v: json.dumps({"error": v, "data": v}).encode()),
)


def exchange(name: str, status: int, body: bytes, streamed: bool, ended: Ended, n: int = 1) -> Exchange:
    offered = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    asked = {
        "model": "m",
        "messages": [],
        "stream": streamed,
        "tools": offered,
        "stream_options": {"include_usage": True},
    }
    method, url = (
        ("GET", "http://h/v1/models") if name.startswith("models") else ("POST", "http://h/v1/chat/completions")
    )
    request = Request(method, url, (("authorization", "Bearer ****"),), json.dumps(asked).encode())
    return Exchange(f"{name}#{n}", name, request, Response(status, HEADERS), (Chunk(0.1, body),), ended)


@pytest.mark.parametrize("probe", catalogue().values(), ids=lambda p: p.id)
@settings(max_examples=10)
@given(data=st.data())
def test_no_bytes_make_a_probe_crash(probe: Probe, data: st.DataObject) -> None:
    check_that_it_judges_anything(probe, data)


@pytest.mark.full
@pytest.mark.parametrize("probe", catalogue().values(), ids=lambda p: p.id)
@given(data=st.data())
def test_no_bytes_of_many_make_a_probe_crash(probe: Probe, data: st.DataObject) -> None:
    check_that_it_judges_anything(probe, data)


def check_that_it_judges_anything(probe: Probe, data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(cases_of(probe, conversations())))
    draw = {
        name: Talk(
            name,
            tuple(
                exchange(
                    name,
                    data.draw(st.sampled_from([200, 200, 200, 400, 401, 404, 429, 500])),
                    data.draw(BODIES),
                    data.draw(st.booleans()),
                    data.draw(st.sampled_from(list(Ended))),
                    n,
                )
                for n in range(data.draw(st.integers(0, 2)))
            ),
        )
        for name in conversations_of(probe, case)
    }
    observation = judge(probe, case, draw)
    assert observation is None or observation.outcome is not Outcome.ERROR, observation.reason


@pytest.mark.full
@pytest.mark.parametrize(
    "probe",
    [p for p in catalogue().values() if p.evidence[0] in ("stream", "tool_stream", "reply")],
    ids=lambda p: p.id,
)
@given(body=BODIES, cut=st.integers(0, 200))
def test_no_verdict_depends_on_where_bytes_are_split(probe: Probe, body: bytes, cut: int) -> None:
    case = cases_of(probe, conversations())[0]
    whole = exchange(case, 200, body, streamed=True, ended=Ended.COMPLETE)
    split = replace(whole, chunks=(Chunk(0.1, body[:cut]), Chunk(0.1, body[cut:])))
    outcomes = [judge(probe, case, {case: Talk(case, (e,))}) for e in (whole, split)]
    assert outcomes[0] == outcomes[1]


def test_no_answer_at_all_is_judged_too() -> None:
    for probe in catalogue().values():
        for case in cases_of(probe, conversations()):
            silent = {
                name: Talk(name, (replace(exchange(name, 200, b"", True, Ended.TIMED_OUT), response=None, chunks=()),))
                for name in conversations_of(probe, case)
            }
            observation = judge(probe, case, silent)
            assert observation is None or observation.outcome is not Outcome.ERROR, f"{probe.id}: {observation.reason}"
