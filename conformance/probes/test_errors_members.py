"""What errors and answers carry beside their message: type, param, a request id, the state of a rate limit."""

from __future__ import annotations

import re

from conformance.clients import AI_SDK, KILO_CODE
from conformance.evidence.calls import object_or_empty
from conformance.evidence.exchange import Exchange, shorten
from conformance.evidence.kinds import as_completion
from conformance.probes.sources import AI_SDK_CHAT, OPENAI_DEBUGGING, OPENAI_ERRORS, OPENAI_RATE_LIMITS
from conformance.requirements.categories import UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.requirement import DEGRADES
from conformance.requirements.talk import Talk

COUNT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:[,;].*)?\Z")  # some gateways add their policy behind a comma
TIME = re.compile(r"(\d+(\.\d+)?(ms|us|ns|[dhms])?)+\Z|\d{4}-\d\d-\d\d[T ].*|[A-Z][a-z]{2}, .*GMT\Z")
COUNTED = re.compile(
    r"x-ratelimit-remaining-.+"
)  # a limit of nothing named is a rate, and a burst may leave more
FORMS = {"x-ratelimit-limit": COUNT, "x-ratelimit-remaining": COUNT, "x-ratelimit-reset": TIME}


@probe(
    "errors.type-text",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES, AI_SDK: DEGRADES},
    source=[OPENAI_ERRORS, AI_SDK_CHAT],
    remedy="Send `type` as a text or null; the status has a place of its own.",
)
def test_the_type_of_an_error_is_a_text(error: Exchange) -> None:
    """The `type` of an error is a text or null, if it is there.

    The AI SDK checks errors against a schema, and shows only the status of one that does not fit.
    """
    inner = object_or_empty(object_or_empty(error.json).get("error"))
    kind = inner.get("type")
    assert isinstance(kind, str | None), f"type is {kind!r}: HTTP {error.status}: {shorten(error.text)}"


@probe(
    "errors.request-id",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_DEBUGGING],
    remedy="Send `x-request-id` with every answer, so that one can be spoken about.",
)
def test_an_answer_has_a_request_id(preflight: Talk) -> None:
    """An answer has the header `x-request-id`.

    Nothing breaks without it; the SDKs show it, and whoever reports a fault has nothing else to name the answer by.
    """
    if as_completion(preflight.answered) is None:
        raise Blocked(preflight.answered.summary)
    assert preflight.answered.header("x-request-id"), "no x-request-id"


@probe(
    "errors.rate-limit-headers",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_RATE_LIMITS],
    remedy="Send whole numbers in x-ratelimit-limit-* and -remaining-*, and a duration (`6m0s`) in -reset-*.",
)
def test_rate_limit_headers_can_be_read(response: Exchange) -> None:
    """Headers that tell of a rate limit can be read: numbers, no more left than allowed, and a time.

    Programs may slow down by them. No client here reads them: agents and SDKs wait for Retry-After alone.
    """
    told = {k.lower(): v.strip() for k, v in response.response.headers} if response.response else {}
    limits = {name: value for name, value in told.items() if name.startswith(tuple(FORMS))}
    if not limits:
        raise NotApplicable("no answer told of a rate limit")
    for name, value in limits.items():
        form = next(form for start, form in FORMS.items() if name.startswith(start))
        assert form.match(value), f"{name} is {shorten(value)!r}"
    for name in (name for name in limits if COUNTED.fullmatch(name)):
        left, most = _count(limits[name]), _count(limits.get(name.replace("remaining", "limit"), ""))
        assert left <= most or most <= 0, (
            f"{name} is {limits[name]}, although no more than {most:g} are allowed"
        )


def _count(value: str) -> float:
    found = COUNT.match(value)
    return float(found[1]) if found else 0.0
