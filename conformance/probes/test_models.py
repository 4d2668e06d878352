"""Is the model known, is the model list readable, and is an unknown model refused?"""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, ROO_CODE
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import MISSING, Exchange, shorten, shown
from conformance.evidence.kinds import as_reply
from conformance.probes.on_purpose import UNKNOWN_MODELS
from conformance.probes.preflight import NO_MODELS_URL, NOT_SERVED, check_preflight, listed_ids
from conformance.probes.sources import KILO, OPENAI_ERRORS, OPENAI_MODELS, ROO_PROVIDER, issue
from conformance.requirements import BREAKS, DEGRADES, MODEL_NOT_FOUND, Blame, Blocked, NotApplicable, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

BROWSING = dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), DEGRADES)


@probe(
    "models.known",
    failure="The endpoint does not know the model id.",
    category=MODEL_NOT_FOUND,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS],
    remedy="Choose a model id from the provider's list: `--model ID`, or `model` in conformance.toml.",
    blame=Blame.SETTINGS,
)
def test_the_model_id_is_accepted(preflight: Talk) -> None:
    """The configured model id is accepted.

    Every other request names the same model, so it would be refused too.
    """
    check_preflight("models.known", preflight.exchanges)


@probe(
    "models.list",
    failure="The model list is missing, empty or in a form that clients cannot read.",
    category=MODEL_NOT_FOUND,
    severity=BROWSING,
    source=[OPENAI_MODELS, ROO_PROVIDER, f"{KILO}/provider/provider.ts", issue("xorbitsai/inference", 1127)],
    remedy='Serve GET {base URL}/models as {"object": "list", "data": [{"id": ...}]}, with the same key as chat.',
)
def test_the_model_list_has_the_standard_form(models: Talk) -> None:
    """GET {base URL}/models returns {"object": "list", "data": [{"id": string}]} with at least one model.

    Agents fill their model menu from `data[].id`. With any other form the menu stays empty, without an error message.
    """
    answer = _listing(models)
    value = answer.json if isinstance(answer.json, dict) else {}
    assert answer.ok, f"GET {answer.request.url}: {answer.summary}"
    assert isinstance(value.get("data"), list), f"`data` is not a list: {shorten(answer.text)}"
    assert value.get("object") == "list", f"`object` is {value.get('object')!r}, not 'list'"
    bad = [entry for entry in value["data"] if not (isinstance(entry, dict) and isinstance(entry.get("id"), str))]
    assert value["data"], "the model list is empty"
    assert not bad, f"entries without a string `id`: {shown(bad)}"


def _listing(models: Talk) -> Exchange:
    if not models.exchanges and not models.blocked:
        raise NotApplicable(NO_MODELS_URL)
    if models.answered.status in NOT_SERVED:
        raise NotApplicable(f"the endpoint has no model list ({models.answered.summary}): type the model id by hand")
    return models.answered


def _ids(models: Talk) -> list[str]:
    ids = listed_ids(_listing(models))
    if not ids:
        raise Blocked(f"the model list could not be read: {models.answered.summary}")
    return ids


@probe(
    "models.listed",
    failure="The model is missing from the model list.",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_MODELS, issue("ollama/ollama", 16556)],
    remedy="List every model id exactly as chat requests accept it.",
)
def test_the_model_is_in_the_model_list(models: Talk, preflight: Talk) -> None:
    """The configured model id is in the model list.

    Users pick a model from the list. They cannot find an id that is missing there, and an id that is listed in another
    form fails when they pick it.
    """
    ids, model = _ids(models), preflight.last.request.field("model")
    assert model in ids, f"{model!r} is not among the {len(ids)} listed ids: {shorten(', '.join(ids))}"


@probe(
    "models.unique",
    failure="The model list contains the same id more than once.",
    category=MODEL_NOT_FOUND,
    severity=BROWSING | {AI_SDK: DEGRADES},
    source=[OPENAI_MODELS, f"{KILO}/provider/provider.ts"],
    remedy="List every model id once.",
)
def test_model_ids_are_listed_once(models: Talk) -> None:
    """Every model id is listed once."""
    ids = _ids(models)
    twice = sorted({id for id in ids if ids.count(id) > 1})
    assert not twice, f"listed more than once: {', '.join(twice)}"


@probe(
    "models.unknown-refused",
    failure="An unknown model id is answered by another model.",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("EricLBuehler/mistral.rs", 1509), issue("router-for-me/CLIProxyAPI", 5928)],
    remedy="Refuse unknown model ids instead of answering from another model.",
    over=UNKNOWN_MODELS,
)
def test_an_unknown_model_is_not_answered_by_another_model(talk: Talk) -> None:
    """An unknown model id is not answered by another model.

    Otherwise a mistyped model id runs for weeks on the wrong model, at the wrong price.
    """
    reply = as_reply(talk.answered)
    answered = reply is not None and bool(reply.text or reply.calls or reply.reasoning)
    model = _served(talk.answered)
    assert not answered, f"HTTP {talk.answered.status}, answered as {model!r}: {shorten(reply.text) if reply else ''!r}"


def _served(exchange: Exchange) -> object:
    if isinstance(exchange.json, dict):
        return exchange.json.get("model")
    return next((piece.value.get("model") for piece in Stream(exchange).pieces), None)


@probe(
    "models.unknown-status",
    failure="An unknown model is refused with a misleading status, or inside a stream.",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("mudler/LocalAI", 9133)],
    remedy="Refuse an unknown model with HTTP 404 (or 400) before any part of a stream is sent.",
    over=UNKNOWN_MODELS,
)
def test_an_unknown_model_is_refused_with_the_right_status(talk: Talk) -> None:
    """An unknown model is refused with 404, 400 or 422, before a stream begins.

    With 401 or 403 users check their key, with 5xx clients retry for minutes, and inside a stream the message is lost.
    """
    answer = talk.answered
    reply = as_reply(answer)
    if reply is not None and (reply.text or reply.calls):
        raise Blocked("another model answered")
    assert answer.status in (400, 404, 422), answer.summary


@probe(
    "models.unknown-explained",
    failure="The refusal of an unknown model does not mention the model.",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("ggml-org/llama.cpp", 17968)],
    remedy='Send {"error": {"code": "model_not_found", "message": ...}} and name the requested id in the message.',
    over=UNKNOWN_MODELS,
)
def test_the_refusal_of_an_unknown_model_mentions_the_model(talk: Talk) -> None:
    """The refusal of an unknown model has the code `model_not_found` or mentions the model.

    Users need it to see that the model id is wrong, and not the key or the URL.
    """
    answer = talk.answered
    if answer.ok:
        raise Blocked(f"the unknown model was not refused (HTTP {answer.status})")
    error = answer.json.get("error") if isinstance(answer.json, dict) else MISSING
    code = error.get("code") if isinstance(error, dict) else None
    assert code == "model_not_found" or "model" in answer.text.lower(), answer.summary
