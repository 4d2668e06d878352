"""Is the key accepted, and is anything else refused in a way that clients recognise."""

from __future__ import annotations

import re

from conformance.evidence.exchange import Exchange, header_of, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.on_purpose import WITHOUT_THE_KEY
from conformance.probes.preflight import hold, listed_ids, names_key, told
from conformance.probes.sources import NODE_CLIENT, OPENAI_ERRORS, issue
from conformance.requirements.categories import INVALID_API_KEY
from conformance.requirements.outcome import Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.requirements.talk import Talk

SHA_256 = re.compile(r"\b[0-9a-fA-F]{64}\b")


@probe(
    "auth.key-accepted",
    category=INVALID_API_KEY,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS],
    remedy="Copy the key again, check that it belongs to this provider and is active, and set it in the variable named.",
    blame=Blame.SETTINGS,
)
def test_the_key_is_accepted(preflight: Talk) -> None:
    """The configured key is accepted.

    Every further answer would only repeat the refusal.
    """
    hold("auth.key-accepted", preflight.exchanges)


@probe(
    "auth.account-usable",
    category=INVALID_API_KEY,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS],
    remedy="Add credit, raise the limit of the account, or wait until it is reset.",
    blame=Blame.SETTINGS,
)
def test_the_account_may_ask_now(preflight: Talk) -> None:
    """The account behind the key may ask now: it has credit left and is within its rate limits.

    A 402, or a 429 that waiting does not end, would only be repeated.
    """
    hold("auth.account-usable", preflight.exchanges)


@probe(
    "auth.wrong-key-refused",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("maximhq/bifrost", 2904), issue("vllm-project/vllm", 58144)],
    remedy="Check the key of every request before it is answered, whatever its shape. For a server that needs no key, "
    "run without one configured.",
    over=WITHOUT_THE_KEY,
)
def test_nothing_is_answered_without_the_right_key(talk: Talk) -> None:
    """A request without the right key is not answered by the model.

    A key that is not checked hides a user's typing mistake until the bill or the leak comes.
    """
    answer = talk.answered
    reply = as_reply(answer)
    answered = reply is not None and bool(reply.text or reply.calls or reply.reasoning)
    assert not answered, (
        f"{_carried(answer)}: HTTP {answer.status}, answered {shorten(reply.text) if reply else ''!r}"
    )


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
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, NODE_CLIENT, issue("MiniMax-AI/MiniMax-01", 37)],
    remedy="Refuse a wrong or missing key with HTTP 401, before any part of a stream is sent.",
    over=WITHOUT_THE_KEY,
)
def test_a_wrong_key_is_refused_by_status(talk: Talk) -> None:
    """A wrong or missing key is refused with 401, or with 403 or 400 in words that name the key.

    Clients choose "Invalid API Key" by the status. With 404 they look for the model, with 5xx they retry for minutes,
    with 200 they show an empty answer.
    """
    answer = talk.answered
    if answer.status == 401 or (answer.ok and _is_answer(answer)):
        return  # an answer from the model is the other probe's finding
    assert answer.status in (400, 403) and names_key(answer.text), f"{_carried(answer)}: {answer.summary}"


def _is_answer(exchange: Exchange) -> bool:
    reply = as_reply(exchange)
    return reply is not None and bool(reply.text or reply.calls)


@probe(
    "auth.refusal-json",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("modal-labs/modal-examples", 1105), issue("Kilo-Org/kilocode", 2985)],
    remedy='Send {"error": {"message": ...}} with every refusal, not a login page or an empty body.',
    over=WITHOUT_THE_KEY,
)
def test_a_refusal_is_json_with_a_message(talk: Talk) -> None:
    """A refused key is explained in JSON, by the message of an `error` object.

    Of a web page or an empty body users see "401 status code (no body)", of a bare text no more than the status.
    """
    answer = talk.answered
    if answer.ok:
        raise Blocked("the key was not refused by status")
    inner = answer.json.get("error") if isinstance(answer.json, dict) else None
    assert isinstance(inner, dict) and told(answer.json), (
        f"{_carried(answer)}: HTTP {answer.status} {answer.content_type or 'without a type'}: "
        + (shorten(answer.text) or "an empty body")
    )


@probe(
    "auth.key-not-echoed",
    category=INVALID_API_KEY,
    severity={},
    source=[OPENAI_ERRORS, issue("BerriAI/litellm", 39757)],
    remedy="Name at most the first and last characters of a key in an error.",
)
def test_the_key_is_not_repeated(error: Exchange) -> None:
    """The key that was sent is not repeated in an error, neither as it is nor as its hash.

    Error texts end up in logs, screenshots and bug reports; a hash tells whoever holds the table which key it was.
    """
    assert not error.echoed_key, f"the whole key comes back in the answer: HTTP {error.status}"
    digest = SHA_256.search(error.text)
    assert error.status != 401 or not digest, f"a hash comes back in the answer: {shorten(error.text)}"


@probe(
    "auth.models-checked",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("decolua/9router", 3085)],
    remedy="Answer GET /models with 401 when the key is wrong, or with the same list as always; never with an empty one.",
)
def test_the_model_list_checks_the_key_or_is_public(models: Talk, models_wrong_key: Talk) -> None:
    """The model list answers a wrong key with 401 or 403, or is public and the same for everybody.

    Clients check a new key by listing the models: an empty list or a 5xx looks like a provider without models.
    """
    if not models_wrong_key.exchanges:
        raise NotApplicable("the base URL is a full endpoint URL: nobody can know where its model list is")
    answer = models_wrong_key.answered
    public = answer.ok and bool(listed_ids(answer)) and listed_ids(answer) == listed_ids(models.answered)
    assert answer.status in (401, 403) or public or _bad_request(answer), (
        f"with a wrong key: {answer.summary}"
    )


def _bad_request(answer: Exchange) -> bool:
    return answer.status == 400 and names_key(answer.text)
