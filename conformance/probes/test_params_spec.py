"""Parameters of the specification that agents seldom send: heeded, or refused by name."""

from __future__ import annotations

import re
from typing import Any

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.calls import object_or_empty
from conformance.evidence.chat import Completion
from conformance.evidence.exchange import MISSING, parse_json, shorten, shown
from conformance.evidence.kinds import as_completion
from conformance.probes.conversations.spec import CITY
from conformance.probes.readable import readable
from conformance.probes.refusals import refused_by_name, taken
from conformance.probes.sources import (
    AI_SDK_CHAT,
    ANTHROPIC_COMPATIBLE,
    KILO,
    OPENAI_CHAT,
    OPENAI_COMPLETION,
    ROO_PROVIDER,
    issue,
)
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.requirement import DEGRADES
from conformance.requirements.talk import Talk
from conformance.schema import misfits

PROGRAMS = {OPENAI_PYTHON: DEGRADES}  # no agent sends it; programs of one's own do


def _completion(talk: Talk, *names: str) -> Completion | None:
    """The completion; None when the parameter was refused by name, which is a clear answer too."""
    if not taken(talk.answered, *names):
        return None
    completion = as_completion(talk.answered)
    return readable(completion) if completion else None


@probe(
    "params.n",
    category=UNEXPECTED_RESULTS,
    severity=PROGRAMS,
    source=[OPENAI_CHAT, OPENAI_COMPLETION, issue("abetlen/llama-cpp-python", 1906)],
    remedy="Send as many choices as `n` asks for, numbered from 0, or refuse `n` above 1 with a 400 that names it.",
)
def test_n_gives_as_many_choices(two_choices: Talk) -> None:
    """`n: 2` gives two choices with the indices 0 and 1, or a 4xx that names `n`."""
    completion = _completion(two_choices, "n")
    if completion is None:
        return
    choices = [c for c in completion.value["choices"] if isinstance(c, dict)]
    assert len(choices) == 2, f"two choices were asked for, and {len(choices)} came"
    indices = [c["index"] for c in choices if "index" in c]
    assert indices in ([], [0, 1]), f"the indices of two choices are {shown(indices)}"


@probe(
    "params.logprobs",
    category=UNEXPECTED_RESULTS,
    severity=PROGRAMS,
    source=[OPENAI_CHAT, OPENAI_COMPLETION, issue("theroyallab/tabbyAPI", 430)],
    remedy="Send the log probability of every token of the text, or refuse `logprobs` with a 400 that names it.",
)
def test_logprobs_are_those_of_the_text(logprobs: Talk) -> None:
    """`logprobs: true` gives a number for every token of the text, or a 4xx that names `logprobs`."""
    completion = _completion(logprobs, "logprobs", "top_logprobs")
    if completion is None:
        return
    told = completion.choice.get("logprobs")
    if told is None:
        raise NotApplicable("logprobs is ignored")
    content = object_or_empty(told).get("content")
    entries = [e for e in content if isinstance(e, dict)] if isinstance(content, list) else []
    assert entries, f"no list `content` in logprobs: {shown(told)}"
    odd = [e for e in entries if not isinstance(e.get("logprob"), int | float) or e["logprob"] > 0]
    assert not odd, f"no log probability: {shown(odd[0])}"
    tokens, text = _letters("".join(str(e.get("token")) for e in entries)), _letters(completion.text)
    assert tokens in text or text in tokens, (  # either may have the reasoning before it
        f"the tokens make {shorten(tokens)!r}, the text is {shorten(completion.text)!r}"
    )


@probe(
    "params.logprobs-heeded",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHAT, ANTHROPIC_COMPATIBLE, issue("theroyallab/tabbyAPI", 430)],
    remedy="Send log probabilities, or refuse `logprobs` with a 400 that names it.",
)
def test_logprobs_are_not_ignored(logprobs: Talk) -> None:
    """`logprobs: true` is not silently ignored.

    Some providers document that they ignore it; a program that counts on it finds null.
    """
    completion = _completion(logprobs, "logprobs", "top_logprobs")
    assert completion is None or completion.choice.get("logprobs") is not None, "logprobs is null"


def _letters(text: str) -> str:
    """Only plain letters and digits: tokens may hold halves of other characters, or marks for blanks."""
    return re.sub(r"[^A-Za-z0-9]", "", text)


@probe(
    "params.seed",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHAT],
    remedy="Nothing breaks: the specification promises only that servers try. Hand `seed` on to the sampler.",
)
def test_the_same_seed_gives_the_same_text(same_seed: Talk) -> None:
    """The same seed at temperature 0 gives the same text twice, or a 4xx that names `seed`.

    Servers that batch requests cannot always promise it.
    """
    if not all(taken(exchange, "seed", "temperature") for exchange in same_seed.exchanges):
        return
    texts = [readable(c).text for e in same_seed.exchanges if (c := as_completion(e))]
    if len(texts) < 2:
        raise Blocked(f"two answers are needed: {same_seed.last.summary}")
    assert texts[0] == texts[1], f"first {shorten(texts[0], 80)!r}, then {shorten(texts[1], 80)!r}"


@probe(
    "params.json-schema",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, AI_SDK_CHAT, issue("ggml-org/llama.cpp", 24097)],
    remedy="Constrain the answer to the schema, or refuse response_format json_schema with a 400 that names it.",
)
def test_an_answer_follows_its_schema(json_schema: Talk) -> None:
    """`response_format` with a strict schema gives JSON that fits the schema, or a 4xx that names it."""
    completion = _completion(json_schema, "response_format", "json_schema")
    if completion is None:
        return
    value = _written(completion)
    if value is MISSING:
        raise NotApplicable(f"the schema is ignored: {shorten(completion.text)!r}")
    wrong = misfits(CITY, value)
    assert not wrong, f"{'; '.join(wrong)}: {shown(value)}"


@probe(
    "params.json-schema-heeded",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHAT, ANTHROPIC_COMPATIBLE],
    remedy="Constrain the answer to the schema, or refuse response_format json_schema with a 400 that names it.",
)
def test_a_schema_is_not_ignored(json_schema: Talk) -> None:
    """`response_format` with a schema is not silently ignored: the answer is JSON, or a 4xx names it.

    Some providers document that they ignore it; a program that counts on it gets prose.
    """
    completion = _completion(json_schema, "response_format", "json_schema")
    if completion is not None:
        assert _written(completion) is not MISSING, f"not JSON: {shorten(completion.text)!r}"


def _written(completion: Completion) -> Any:
    """The JSON that the answer is, or MISSING; raises Blocked for an answer that was cut."""
    if completion.finish_reason == "length" or not completion.text:
        raise Blocked(f"the answer did not come to its end: {shorten(completion.text)!r}")
    return parse_json(completion.text)


@probe(
    "params.unset-cap",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES},
    source=[ROO_PROVIDER, OPENAI_CHAT],
    remedy="Take max_completion_tokens -1 for no cap at all, or refuse it with a 400 that names it.",
)
def test_a_cap_of_minus_one_is_no_cap(unset_cap: Talk) -> None:
    """`max_completion_tokens: -1` leaves the answer whole, or is refused with a 4xx that names it.

    Roo Code sends it when the limit is ticked and no number was filled in.
    """
    completion = _completion(unset_cap, "max_completion_tokens", "max_tokens", "max_new_tokens")
    if completion is None:
        return
    cut = completion.finish_reason == "length" or not (completion.text or completion.reasoning)
    assert not cut, f"finish_reason {completion.finish_reason!r} after {shorten(completion.text)!r}"


@probe(
    "params.reasoning-effort",
    category=UNEXPECTED_RESULTS,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), DEGRADES),
    source=[OPENAI_CHAT, ROO_PROVIDER, f"{KILO}/provider/transform.ts", issue("nguyenphutrong/quotio", 287)],
    remedy="Ignore a reasoning_effort that the model does not know, or refuse it with a 400 that names it.",
)
def test_every_effort_is_taken_or_named(efforts: Talk) -> None:
    """Every `reasoning_effort` that clients offer is taken or ignored, or refused with a 4xx that names it.

    That is none, minimal, medium, xhigh and max; users find by the message which they have to choose.
    """
    if not efforts.exchanges:
        raise Blocked(efforts.last.summary)
    for exchange in efforts.exchanges:
        effort = exchange.request.field("reasoning_effort")
        clear = exchange.ok or refused_by_name(
            exchange, "reasoning_effort", "reasoning", "effort", "thinking"
        )
        assert exchange.response is None or clear, f"{effort}: {exchange.summary}"


@probe(
    "params.cache-marks",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES},
    source=[f"{KILO}/provider/transform.ts", ROO_PROVIDER, issue("routatic/proxy", 53)],
    remedy="Ignore `cache_control` where nothing is cached.",
)
def test_cache_marks_are_ignored(cache_marks: Talk) -> None:
    """`cache_control` on messages is accepted.

    Kilo Code sends it with every turn when the model's id says claude or anthropic.
    """
    assert cache_marks.answered.ok, cache_marks.answered.summary
