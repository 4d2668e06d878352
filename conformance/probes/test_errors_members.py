"""What errors and answers carry besides their message: a type, a request id, the state of a rate limit."""

from __future__ import annotations

import re

from conformance.clients import AI_SDK, KILO_CODE
from conformance.evidence.calls import object_or_empty
from conformance.evidence.exchange import Exchange, shorten
from conformance.evidence.kinds import as_completion
from conformance.probes.sources import AI_SDK_CHAT, OPENAI_DEBUGGING, OPENAI_ERRORS, OPENAI_RATE_LIMITS
from conformance.requirements import DEGRADES, UNEXPECTED_RESULTS, Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

COUNT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:[,;].*)?\Z")  # some gateways append their policy after a comma
TIME = re.compile(r"(\d+(\.\d+)?(ms|us|ns|[dhms])?)+\Z|\d{4}-\d\d-\d\d[T ].*|[A-Z][a-z]{2}, .*GMT\Z")
# A limit without a unit in its name is a rate, and after a burst more may remain.
COUNTED = re.compile(r"x-ratelimit-remaining-.+")
FORMS = {"x-ratelimit-limit": COUNT, "x-ratelimit-remaining": COUNT, "x-ratelimit-reset": TIME}


@probe(
    "errors.type-text",
    failure="The `type` of an error is not a string.",
    category=UNEXPECTED_RESULTS,
    severity={KILO_CODE: DEGRADES, AI_SDK: DEGRADES},
    source=[OPENAI_ERRORS, AI_SDK_CHAT],
    remedy="Send `type` as a string or null; the status does not belong there.",
)
def test_the_error_type_is_a_string(error: Exchange) -> None:
    """The `type` of an error is a string, null or absent.

    The AI SDK checks errors against a schema, and shows only the status of an error that does not fit.
    """
    inner = object_or_empty(object_or_empty(error.json).get("error"))
    kind = inner.get("type")
    assert isinstance(kind, str | None), f"type is {kind!r}: HTTP {error.status}: {shorten(error.text)}"


@probe(
    "errors.request-id",
    failure="Answers have no `x-request-id` header.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_DEBUGGING],
    remedy="Send `x-request-id` with every answer, so that users can refer to it.",
)
def test_answers_have_a_request_id(preflight: Talk) -> None:
    """Answers have an `x-request-id` header.

    Nothing breaks without it. SDKs show it, and users have no other name for the answer when they report a problem.
    """
    if as_completion(preflight.answered) is None:
        raise Blocked(preflight.answered.summary)
    assert preflight.answered.header("x-request-id"), "no x-request-id header"


@probe(
    "errors.rate-limit-headers",
    failure="Rate-limit headers cannot be read, or contradict each other.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[OPENAI_RATE_LIMITS],
    remedy="Send whole numbers in x-ratelimit-limit-* and x-ratelimit-remaining-*, and a duration such as "
    "`6m0s` in x-ratelimit-reset-*.",
)
def test_rate_limit_headers_can_be_read(response: Exchange) -> None:
    """Rate-limit headers can be read: numbers, no more remaining than the limit, and a time until the reset.

    Programs can use them to slow down. No client here reads them: agents and SDKs wait for Retry-After alone.
    """
    headers = {k.lower(): v.strip() for k, v in response.response.headers} if response.response else {}
    limits = {name: value for name, value in headers.items() if name.startswith(tuple(FORMS))}
    if not limits:
        raise NotApplicable("the answer has no rate-limit headers")
    for name, value in limits.items():
        form = next(form for start, form in FORMS.items() if name.startswith(start))
        assert form.match(value), f"{name} is {shorten(value)!r}"
    for name in (name for name in limits if COUNTED.fullmatch(name)):
        left, most = _count(limits[name]), _count(limits.get(name.replace("remaining", "limit"), ""))
        assert left <= most or most <= 0, f"{name} is {limits[name]}, more than the limit of {most:g}"


def _count(value: str) -> float:
    found = COUNT.match(value)
    return float(found[1]) if found else 0.0
