"""Parameters of the specification that agents rarely send: obeyed, or refused by name."""

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
from conformance.probes.refusals import accepted_or_named, refused_by_name
from conformance.probes.sources import (
    AI_SDK_CHAT,
    ANTHROPIC_COMPATIBLE,
    KILO,
    OPENAI_CHAT,
    OPENAI_COMPLETION,
    ROO_PROVIDER,
    issue,
)
from conformance.requirements import DEGRADES, UNEXPECTED_RESULTS, Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk
from conformance.schema import misfits

PROGRAMS = {OPENAI_PYTHON: DEGRADES}  # no agent sends it; users' own programs do


def _completion(talk: Talk, *names: str) -> Completion | None:
    """The completion; None when the parameter was refused by name, which is allowed."""
    if not accepted_or_named(talk.answered, *names):
        return None
    completion = as_completion(talk.answered)
    return readable(completion) if completion else None


@probe(
    "params.n",
    failure="`n: 2` gives something other than two choices with the indices 0 and 1.",
    category=UNEXPECTED_RESULTS,
    severity=PROGRAMS,
    source=[OPENAI_CHAT, OPENAI_COMPLETION, issue("abetlen/llama-cpp-python", 1906)],
    remedy="Send as many choices as `n` says, numbered from 0, or refuse `n` above 1 with a 400 that names it.",
)
def test_n_gives_that_many_choices(two_choices: Talk) -> None:
    """`n: 2` gives two choices with the indices 0 and 1, or is refused with a 4xx that names `n`."""
    completion = _completion(two_choices, "n")
    if completion is None:
        return
    choices = [c for c in completion.value["choices"] if isinstance(c, dict)]
    assert len(choices) == 2, f"the answer has {len(choices)} choices instead of 2"
    indices = [c["index"] for c in choices if "index" in c]
    assert indices in ([], [0, 1]), f"the indices of the two choices are {shown(indices)}"


@probe(
    "params.logprobs",
    failure="The log probabilities are not numbers, or not those of the answer's text.",
    category=UNEXPECTED_RESULTS,
    severity=PROGRAMS,
    source=[OPENAI_CHAT, OPENAI_COMPLETION, issue("theroyallab/tabbyAPI", 430)],
    remedy="Send the log probability of every token of the text, or refuse `logprobs` with a 400 that names it.",
)
def test_logprobs_match_the_text(logprobs: Talk) -> None:
    """`logprobs: true` gives a number for every token of the text, or is refused with a 4xx that names it."""
    completion = _completion(logprobs, "logprobs", "top_logprobs")
    if completion is None:
        return
    logs = completion.choice.get("logprobs")
    if logs is None:
        raise NotApplicable("logprobs is ignored")
    content = object_or_empty(logs).get("content")
    entries = [e for e in content if isinstance(e, dict)] if isinstance(content, list) else []
    assert entries, f"no list `content` in logprobs: {shown(logs)}"
    odd = [e for e in entries if not isinstance(e.get("logprob"), int | float) or e["logprob"] > 0]
    assert not odd, f"not a log probability: {shown(odd[0])}"
    tokens, text = _letters("".join(str(e.get("token")) for e in entries)), _letters(completion.text)
    assert tokens in text or text in tokens, (  # one of them may start with the reasoning
        f"the tokens form {shorten(tokens)!r}, the text is {shorten(completion.text)!r}"
    )


@probe(
    "params.logprobs-heeded",
    failure="`logprobs: true` is silently ignored.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHAT, ANTHROPIC_COMPATIBLE, issue("theroyallab/tabbyAPI", 430)],
    remedy="Send log probabilities, or refuse `logprobs` with a 400 that names it.",
)
def test_logprobs_are_sent_or_refused(logprobs: Talk) -> None:
    """`logprobs: true` gives log probabilities, or is refused with a 4xx that names it.

    Some providers document that they ignore it. A program that relies on it gets null.
    """
    completion = _completion(logprobs, "logprobs", "top_logprobs")
    assert completion is None or completion.choice.get("logprobs") is not None, "logprobs is null"


def _letters(text: str) -> str:
    """Only ASCII letters and digits: tokens may contain parts of other characters, or marks for blanks."""
    return re.sub(r"[^A-Za-z0-9]", "", text)


@probe(
    "params.seed",
    failure="The same seed gives different texts.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHAT],
    remedy="Nothing breaks: the specification only asks servers to try. Pass `seed` on to the sampler.",
)
def test_the_same_seed_gives_the_same_text(same_seed: Talk) -> None:
    """The same seed at temperature 0 gives the same text twice, or is refused with a 4xx that names it.

    Servers that batch requests cannot always guarantee it.
    """
    if not all(accepted_or_named(exchange, "seed", "temperature") for exchange in same_seed.exchanges):
        return
    texts = [readable(c).text for e in same_seed.exchanges if (c := as_completion(e))]
    if len(texts) < 2:
        raise Blocked(f"two answers are needed: {same_seed.last.summary}")
    assert texts[0] == texts[1], f"first {shorten(texts[0], 80)!r}, then {shorten(texts[1], 80)!r}"


@probe(
    "params.json-schema",
    failure="The answer does not fit the JSON schema of the request.",
    category=UNEXPECTED_RESULTS,
    severity={AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, AI_SDK_CHAT, issue("ggml-org/llama.cpp", 24097)],
    remedy="Constrain the answer to the schema, or refuse `response_format` json_schema with a 400 that names it.",
)
def test_the_answer_fits_its_schema(json_schema: Talk) -> None:
    """`response_format` with a strict schema gives JSON that fits it, or is refused with a 4xx that names it."""
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
    failure="A schema in `response_format` is silently ignored.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_CHAT, ANTHROPIC_COMPATIBLE],
    remedy="Constrain the answer to the schema, or refuse `response_format` json_schema with a 400 that names it.",
)
def test_a_schema_gives_json_or_is_refused(json_schema: Talk) -> None:
    """`response_format` with a schema gives JSON, or is refused with a 4xx that names it.

    Some providers document that they ignore it. A program that relies on it gets prose.
    """
    completion = _completion(json_schema, "response_format", "json_schema")
    if completion is not None:
        assert _written(completion) is not MISSING, f"not JSON: {shorten(completion.text)!r}"


def _written(completion: Completion) -> Any:
    """The answer as JSON, or MISSING; raises Blocked when the answer was cut."""
    if completion.finish_reason == "length" or not completion.text:
        raise Blocked(f"the answer is empty or cut: {shorten(completion.text)!r}")
    return parse_json(completion.text)


@probe(
    "params.unset-cap",
    failure="`max_completion_tokens: -1` cuts the answer, or is refused without being named.",
    category=UNEXPECTED_RESULTS,
    severity={ROO_CODE: DEGRADES, KILO_CODE_LEGACY: DEGRADES},
    source=[ROO_PROVIDER, OPENAI_CHAT],
    remedy="Treat `max_completion_tokens: -1` as no limit, or refuse it with a 400 that names it.",
)
def test_a_token_limit_of_minus_one_means_no_limit(unset_cap: Talk) -> None:
    """`max_completion_tokens: -1` means no limit, or is refused with a 4xx that names it.

    Roo Code sends it when the limit is ticked and no number is filled in.
    """
    completion = _completion(unset_cap, "max_completion_tokens", "max_tokens", "max_new_tokens")
    if completion is None:
        return
    cut = completion.finish_reason == "length" or not (completion.text or completion.reasoning)
    assert not cut, f"finish_reason is {completion.finish_reason!r} after {shorten(completion.text)!r}"


@probe(
    "params.reasoning-effort",
    failure="A `reasoning_effort` that clients offer is refused without being named.",
    category=UNEXPECTED_RESULTS,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), DEGRADES),
    source=[OPENAI_CHAT, ROO_PROVIDER, f"{KILO}/provider/transform.ts", issue("nguyenphutrong/quotio", 287)],
    remedy="Ignore an unknown `reasoning_effort`, or refuse it with a 400 that names it.",
)
def test_every_reasoning_effort_is_accepted_or_named(efforts: Talk) -> None:
    """Every `reasoning_effort` that clients offer is accepted or ignored, or refused with a 4xx that names it.

    These are none, minimal, medium, xhigh and max. The message tells users which one to choose.
    """
    if not efforts.exchanges:
        raise Blocked(efforts.last.summary)
    for exchange in efforts.exchanges:
        effort = exchange.request.field("reasoning_effort")
        clear = exchange.ok or refused_by_name(exchange, "reasoning_effort", "reasoning", "effort", "thinking")
        assert exchange.response is None or clear, f"{effort}: {exchange.summary}"


@probe(
    "params.cache-marks",
    failure="Messages with `cache_control` are refused.",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES},
    source=[f"{KILO}/provider/transform.ts", ROO_PROVIDER, issue("routatic/proxy", 53)],
    remedy="Ignore `cache_control` if the server caches nothing.",
)
def test_cache_control_is_accepted(cache_marks: Talk) -> None:
    """Messages with `cache_control` are accepted.

    Kilo Code sends it with every turn when the model id contains claude or anthropic.
    """
    assert cache_marks.answered.ok, cache_marks.answered.summary
