"""Habits of single recorders that must not count as a provider's failure, and forms that must be read."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from conformance.clients import CURRENT
from conformance.traffic.judge import FileResult, judge_file, probes_for
from tests.traffic.recordings import HI, STREAMED, TOOLS, Seen, curl, har, log, traffic, vcrpy

SOUND = traffic()


def judged(folder: Path, data: bytes) -> FileResult:
    file = folder / "recorded"
    file.write_bytes(data)
    result = judge_file(file, probes_for(CURRENT))
    assert not result.trouble
    return result


def failures(result: FileResult) -> set[str]:
    """The failed requirements that affect a client."""
    return {o.requirement.id for o in result.wrong if {"breaks", "degrades"} & set(o.requirement.severity.values())}


def entries(seen: Sequence[Seen]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log(seen).splitlines()]


def polly(seen: Sequence[Seen]) -> bytes:
    """A HAR of Polly.JS: a compressed body is a list of its parts, each in base64."""
    value = json.loads(har(seen))
    for one, entry in zip(seen, value["log"]["entries"], strict=True):
        packed = gzip.compress(one.body)
        parts = [base64.b64encode(part).decode() for part in (packed[:10], packed[10:20], packed[20:])]
        entry["response"]["content"] |= {"encoding": "base64", "text": json.dumps(parts)}
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "form", [polly, lambda seen: json.dumps(entries(seen), indent=1).encode()], ids=["polly", "json-list"]
)
def test_every_exchange_of_the_file_is_read(form: Any, tmp_path: Path) -> None:
    result = judged(tmp_path, form(SOUND))
    assert (result.judged, dict(result.skipped), failures(result)) == (len(SOUND), {}, set())


def test_output_saved_by_powershell_is_read(tmp_path: Path) -> None:
    result = judged(tmp_path, curl(SOUND).decode().encode("utf-16"))
    assert (result.format, result.judged, failures(result)) == ("curl", len(SOUND), set())


def test_yaml_that_expands_beyond_any_memory_is_not_expanded(tmp_path: Path) -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in pairwise("abcdefghijkl")]
    request = "{method: *l, uri: *l, headers: {a: *l}, body: x}"
    rows += [f"interactions: [{{request: {request}, response: {{status: *l, headers: *l, body: x}}}}]"]
    result = judged(tmp_path, "\n".join(rows).encode())
    assert dict(result.skipped) == {"other requests": 1}


@pytest.mark.parametrize(
    "answer",
    [
        {"content": "Hello.", "seconds": 1.2},
        {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hello."}]},
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
    ],
)
def test_answers_of_other_apis_in_a_log_without_urls_are_skipped(answer: dict[str, Any], tmp_path: Path) -> None:
    entry = {"request": {"model": "m", "messages": HI}, "response": answer}
    result = judged(tmp_path, json.dumps(entry).encode())
    assert (result.judged, result.skipped.total()) == (0, 1)


def test_a_log_may_have_only_bodies(tmp_path: Path) -> None:
    bodies = [(json.loads(one.asked), one.body) for one in SOUND[:2]]
    entries = [{"request": asked, "response": answer.decode()} for asked, answer in bodies]
    result = judged(tmp_path, "\n".join(json.dumps(entry) for entry in entries).encode())
    assert (result.judged, failures(result)) == (2, set())


def test_a_file_may_have_a_single_exchange(tmp_path: Path) -> None:
    result = judged(tmp_path, json.dumps(entries(SOUND)[0], indent=2).encode())
    assert (result.format, result.judged) == ("log", 1)


def test_a_programs_object_is_not_judged_as_the_answer(tmp_path: Path) -> None:
    (entry,) = entries(SOUND[:1])
    typed = {"__type__": "library.ChatCompletion", "__data__": entry["response"]["body"]}
    bodies = [typed, [typed]]
    made = [{**entry, "response": {**entry["response"], "body": body}} for body in bodies]
    result = judged(tmp_path, json.dumps(made, indent=1).encode())
    assert dict(result.skipped) == {"the body of the answer was not recorded": 2}


@pytest.mark.parametrize("value", ["X-RATELIMIT-LIMIT-REQUESTS-XXX", "x_ratelimit_limit_requests", "XXX"])
def test_a_header_with_its_own_name_as_value_is_masked(value: str, tmp_path: Path) -> None:
    masked = replace(SOUND[0], headers={**SOUND[0].headers, "x-ratelimit-limit-requests": value})
    assert failures(judged(tmp_path, vcrpy([masked]))) == set()


def answered(text: str, *messages: dict[str, str], **asked: Any) -> Seen:
    """A completion with this text to these messages."""
    (seen,) = traffic(asked=[{"messages": [*messages, *HI], **asked}])
    answer = json.loads(seen.body)
    answer["choices"][0]["message"]["content"] = text
    return replace(seen, body=json.dumps(answer).encode())


def test_a_prompt_may_ask_a_model_to_print_its_calls(tmp_path: Path) -> None:
    printed = '<tool_call>{"name": "read_file", "arguments": {}}</tool_call>'
    taught = {"role": "system", "content": "Call a tool within <tool_call></tool_call>."}
    assert failures(judged(tmp_path, vcrpy([answered(printed, taught)]))) == set()
    seen = answered(printed, taught)
    as_go_writes = replace(seen, asked=seen.asked.replace(b"<", rb"\u003c").replace(b">", rb"\u003e"))
    assert failures(judged(tmp_path, vcrpy([as_go_writes]))) == set()
    assert "chat.no-markup" in failures(judged(tmp_path, vcrpy([answered(printed)])))
    assert "chat.no-markup" in failures(judged(tmp_path, vcrpy([answered(printed, taught, tools=TOOLS)])))


@pytest.mark.parametrize(("text", "missed"), [("", set()), ("Hello.", {"usage.completion", "usage.numbers"})])
def test_an_empty_answer_may_omit_its_token_count(text: str, missed: set[str], tmp_path: Path) -> None:
    seen = answered(text, max_tokens=9)
    answer = json.loads(seen.body)
    answer["choices"][0]["finish_reason"] = "length"
    del answer["usage"]["completion_tokens"]
    result = judged(tmp_path, vcrpy([replace(seen, body=json.dumps(answer).encode())]))
    assert failures(result) == missed


def test_a_character_that_a_recorder_may_have_replaced_is_not_a_failure(tmp_path: Path) -> None:
    (stream,) = traffic(asked=[{"messages": HI, **STREAMED}])
    raw = replace(stream, body=stream.body.replace(b"Hell", "\ufffd".encode(), 1))
    escaped = replace(stream, body=stream.body.replace(b"Hell", b"\\ufffd", 1))
    assert failures(judged(tmp_path, vcrpy([raw]))) == set()
    assert failures(judged(tmp_path, vcrpy([escaped]))) == {"stream.unicode"}


def test_an_unnamed_rate_limit_may_allow_a_burst(tmp_path: Path) -> None:
    limits = {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "19"}
    unnamed = replace(SOUND[0], headers={**SOUND[0].headers, **limits})
    assert failures(judged(tmp_path, vcrpy([unnamed]))) == set()
    named = {f"{name}-requests": value for name, value in limits.items()}
    odd = replace(SOUND[0], headers={**SOUND[0].headers, **named})
    result = judged(tmp_path, vcrpy([odd]))
    assert [o.requirement.id for o in result.wrong] == ["errors.rate-limit-headers"]
    assert failures(result) == set(), "no client reads them"
