"""Is the key accepted, and is every other key refused in a way that clients recognise?"""

from __future__ import annotations

import re

from conformance.evidence.exchange import Exchange, header_of, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.on_purpose import WITHOUT_THE_KEY
from conformance.probes.preflight import NO_MODELS_URL, NOT_SERVED, check_preflight, error_text, listed_ids, names_key
from conformance.probes.sources import NODE_CLIENT, OPENAI_ERRORS, issue
from conformance.requirements import BREAKS, DEGRADES, INVALID_API_KEY, Blame, Blocked, NotApplicable, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

SHA_256 = re.compile(r"\b[0-9a-fA-F]{64}\b")


@probe(
    "auth.key-accepted",
    failure="The API key is refused, or missing.",
    category=INVALID_API_KEY,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS],
    remedy="Copy the key again, check that it is active and belongs to this provider, and set it in "
    "`CONFORMANCE_API_KEY` or in the variable that `--api-key-env` names.",
    blame=Blame.SETTINGS,
)
def test_the_key_is_accepted(preflight: Talk) -> None:
    """The configured API key is accepted.

    If it is refused, every other request is refused too.
    """
    check_preflight("auth.key-accepted", preflight.exchanges)


@probe(
    "auth.account-usable",
    failure="The endpoint accepts no requests now: no credit, a rate limit, or overload.",
    category=INVALID_API_KEY,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS],
    remedy="Add credit, raise the limit of the account, or wait until the limit resets. "
    "If the account has a plan, type the base URL of that plan: the general one does not know it.",
    blame=Blame.SETTINGS,
)
def test_the_account_can_send_requests(preflight: Talk) -> None:
    """The account behind the key can send requests now: it has credit and is within its rate limits.

    Every other request would get the same 402, or the same 429 that waiting does not end.
    """
    check_preflight("auth.account-usable", preflight.exchanges)


@probe(
    "auth.wrong-key-refused",
    failure="A wrong, missing or empty API key is accepted.",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("maximhq/bifrost", 2904), issue("vllm-project/vllm", 58144)],
    remedy="Check the key of every request before you answer it, whatever its shape. If the server needs no "
    "key, run the suite without one.",
    over=WITHOUT_THE_KEY,
)
def test_requests_without_the_right_key_are_not_answered(talk: Talk) -> None:
    """A request with a wrong, missing or empty API key is not answered by the model.

    If keys are not checked, users do not notice a mistyped key, and strangers can use the model at the owner's expense.
    """
    answer = talk.answered
    reply = as_reply(answer)
    answered = reply is not None and bool(reply.text or reply.calls or reply.reasoning)
    assert not answered, f"{_carried(answer)}: HTTP {answer.status}, answered {shorten(reply.text) if reply else ''!r}"


def _carried(exchange: Exchange) -> str:
    value = header_of(exchange.request.headers, "authorization")
    return (
        "without an Authorization header"
        if value is None
        else "with a wrong key"
        if " " in value
        else "with an empty key"
    )


@probe(
    "auth.refusal-status",
    failure="A wrong or missing key is refused with a status that clients misread.",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, NODE_CLIENT, issue("MiniMax-AI/MiniMax-01", 37)],
    remedy="Refuse a wrong or missing key with HTTP 401, before any part of a stream is sent.",
    over=WITHOUT_THE_KEY,
)
def test_a_wrong_key_is_refused_with_the_right_status(talk: Talk) -> None:
    """A wrong or missing key is refused with 401, or with 403 or 400 and words that name the key.

    Clients show "Invalid API Key" by the status. With 404 users look for another model, with 5xx clients retry for
    minutes, with 200 they show an empty answer.
    """
    answer = talk.answered
    if answer.status == 401 or (answer.ok and _is_answer(answer)):
        return  # auth.wrong-key-refused judges answers from the model
    assert answer.status in (400, 403) and names_key(answer.text), f"{_carried(answer)}: {answer.summary}"


def _is_answer(exchange: Exchange) -> bool:
    reply = as_reply(exchange)
    return reply is not None and bool(reply.text or reply.calls)


@probe(
    "auth.refusal-json",
    failure="The refusal of a key has no JSON error message.",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("modal-labs/modal-examples", 1105), issue("Kilo-Org/kilocode", 2985)],
    remedy='Send {"error": {"message": ...}} with every refusal, instead of a login page or an empty body.',
    over=WITHOUT_THE_KEY,
)
def test_the_refusal_of_a_key_is_json_with_a_message(talk: Talk) -> None:
    """The refusal of a key is JSON with a message in an `error` object.

    For a web page or an empty body users see "401 status code (no body)"; for plain text they see only the status.
    """
    answer = talk.answered
    if answer.ok:
        raise Blocked(f"the key was not refused (HTTP {answer.status})")
    inner = answer.json.get("error") if isinstance(answer.json, dict) else None
    assert isinstance(inner, dict) and error_text(answer.json), (
        f"{_carried(answer)}: HTTP {answer.status} {answer.content_type or 'without Content-Type'}: "
        + (shorten(answer.text) or "an empty body")
    )


@probe(
    "auth.key-not-echoed",
    failure="An error contains the API key that was sent, or its hash.",
    category=INVALID_API_KEY,
    severity={},
    source=[OPENAI_ERRORS, issue("BerriAI/litellm", 39757)],
    remedy="Show at most the first and last characters of a key in an error.",
)
def test_errors_do_not_contain_the_key(error: Exchange) -> None:
    """Errors contain neither the API key that was sent nor its hash.

    Error texts end up in logs, screenshots and bug reports. A hash identifies the key to anyone who has the table of
    hashes.
    """
    assert not error.echoed_key, f"the answer contains the whole key (HTTP {error.status})"
    digest = SHA_256.search(error.text)
    assert error.status != 401 or not digest, f"the answer contains a hash: {shorten(error.text)}"


@probe(
    "auth.models-checked",
    failure="With a wrong key, GET /models returns another list or a misleading error.",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("decolua/9router", 3085)],
    remedy="Answer GET /models with 401 when the key is wrong, or with the same list for everybody; never with "
    "an empty list.",
)
def test_the_model_list_refuses_a_wrong_key_or_is_public(models: Talk, models_wrong_key: Talk) -> None:
    """GET /models refuses a wrong key with 401 or 403, or returns the same public list to everybody.

    Clients check a new key by listing the models. An empty list or a 5xx looks like a provider without models.
    """
    if not models_wrong_key.exchanges:
        raise NotApplicable(NO_MODELS_URL)
    if models.answered.status in NOT_SERVED:
        raise NotApplicable(f"the endpoint has no model list ({models.answered.summary})")
    answer = models_wrong_key.answered
    public = answer.ok and bool(listed_ids(answer)) and listed_ids(answer) == listed_ids(models.answered)
    assert answer.status in (401, 403) or public or _bad_request(answer), f"with a wrong key: {answer.summary}"


def _bad_request(answer: Exchange) -> bool:
    return answer.status == 400 and names_key(answer.text)
