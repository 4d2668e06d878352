"""Is the model known, is the list readable, and is a wrong model id told apart."""

from __future__ import annotations

from conformance.clients import AI_SDK, CLINE, KILO_CODE, KILO_CODE_LEGACY, ROO_CODE
from conformance.evidence.chat import Stream
from conformance.evidence.exchange import MISSING, Exchange, shorten, shown
from conformance.evidence.kinds import as_reply
from conformance.probes.on_purpose import UNKNOWN_MODELS
from conformance.probes.preflight import hold, listed_ids
from conformance.probes.sources import KILO, OPENAI_ERRORS, OPENAI_MODELS, ROO_PROVIDER, issue
from conformance.requirements.categories import MODEL_NOT_FOUND
from conformance.requirements.outcome import Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.requirements.talk import Talk

BROWSING = dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), DEGRADES)


@probe(
    "models.known",
    category=MODEL_NOT_FOUND,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS],
    remedy="Use one of the model ids that the provider lists.",
    blame=Blame.SETTINGS,
)
def test_the_model_is_known(preflight: Talk) -> None:
    """The configured model id is accepted."""
    hold("models.known", preflight.exchanges)


@probe(
    "models.list",
    category=MODEL_NOT_FOUND,
    severity=BROWSING,
    source=[OPENAI_MODELS, ROO_PROVIDER, f"{KILO}/provider/provider.ts", issue("xorbitsai/inference", 1127)],
    remedy='Serve GET {base URL}/models as {"object": "list", "data": [{"id": ...}]} with the same key as chat.',
)
def test_models_are_listed_in_the_standard_form(models: Talk) -> None:
    """GET {base URL}/models answers {"object": "list", "data": [{"id": text}]} with at least one model.

    The agents fill their model menu from `data[].id`; anything else leaves it empty without a word.
    """
    answer = _listing(models)
    value = answer.json if isinstance(answer.json, dict) else {}
    assert answer.ok, f"GET {answer.request.url}: {answer.summary}"
    assert isinstance(value.get("data"), list), f"no list under `data`: {shorten(answer.text)}"
    assert value.get("object") == "list", f"`object` is {value.get('object')!r}, not 'list'"
    bad = [
        entry for entry in value["data"] if not (isinstance(entry, dict) and isinstance(entry.get("id"), str))
    ]
    assert value["data"], "the list is empty"
    assert not bad, f"entries without a text id: {shown(bad)}"


def _listing(models: Talk) -> Exchange:
    if not models.exchanges and not models.blocked:
        raise NotApplicable("the base URL is a full endpoint URL: nobody can know where its model list is")
    return models.answered


def _ids(models: Talk) -> list[str]:
    ids = listed_ids(_listing(models))
    if not ids:
        raise Blocked(f"the model list could not be read: {models.answered.summary}")
    return ids


@probe(
    "models.listed",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_MODELS, issue("ollama/ollama", 16556)],
    remedy="List every model id exactly as chat requests accept it.",
)
def test_the_model_is_listed(models: Talk, preflight: Talk) -> None:
    """The configured model id is in the model list.

    Users pick from the list; an id that works but is not listed cannot be found, one that is listed in another form
    fails when it is picked.
    """
    ids, model = _ids(models), preflight.last.request.field("model")
    assert model in ids, f"{model!r} is not among the {len(ids)} listed: {shorten(', '.join(ids))}"


@probe(
    "models.unique",
    category=MODEL_NOT_FOUND,
    severity=BROWSING | {AI_SDK: DEGRADES},
    source=[OPENAI_MODELS, f"{KILO}/provider/provider.ts"],
    remedy="List every id once.",
)
def test_listed_ids_are_unique(models: Talk) -> None:
    """Every listed model id appears once."""
    ids = _ids(models)
    twice = sorted({id for id in ids if ids.count(id) > 1})
    assert not twice, f"listed more than once: {', '.join(twice)}"


@probe(
    "models.unknown-refused",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("EricLBuehler/mistral.rs", 1509), issue("router-for-me/CLIProxyAPI", 5928)],
    remedy="Refuse model ids that are not served instead of answering from another model.",
    over=UNKNOWN_MODELS,
)
def test_an_unknown_model_is_not_answered_by_another(talk: Talk) -> None:
    """A model id that does not exist is not answered by some other model.

    A typing mistake in the settings otherwise runs for weeks on the wrong model, at the wrong price.
    """
    reply = as_reply(talk.answered)
    answered = reply is not None and bool(reply.text or reply.calls or reply.reasoning)
    model = _served(talk.answered)
    assert not answered, (
        f"HTTP {talk.answered.status}, answered as {model!r}: {shorten(reply.text) if reply else ''!r}"
    )


def _served(exchange: Exchange) -> object:
    if isinstance(exchange.json, dict):
        return exchange.json.get("model")
    return next((piece.value.get("model") for piece in Stream(exchange).pieces), None)


@probe(
    "models.unknown-status",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("mudler/LocalAI", 9133)],
    remedy="Refuse an unknown model with HTTP 404 (or 400) before any part of a stream is sent.",
    over=UNKNOWN_MODELS,
)
def test_an_unknown_model_is_refused_by_status(talk: Talk) -> None:
    """An unknown model is refused with 404, or 400 or 422, before a stream begins.

    With 401 or 403 users go looking for their key, with 5xx clients retry for minutes, in a stream the message is lost.
    """
    answer = talk.answered
    reply = as_reply(answer)
    if reply is not None and (reply.text or reply.calls):
        raise Blocked("another model answered")
    assert answer.status in (400, 404, 422), answer.summary


@probe(
    "models.unknown-explained",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_ERRORS, issue("ggml-org/llama.cpp", 17968)],
    remedy='Send {"error": {"code": "model_not_found", "message": ...}} with the id that was asked for in the message.',
    over=UNKNOWN_MODELS,
)
def test_an_unknown_model_is_named(talk: Talk) -> None:
    """The refusal of an unknown model says so: code `model_not_found`, or a message that speaks of the model."""
    answer = talk.answered
    if answer.ok:
        raise Blocked("the model was not refused by status")
    error = answer.json.get("error") if isinstance(answer.json, dict) else MISSING
    code = error.get("code") if isinstance(error, dict) else None
    assert code == "model_not_found" or "model" in answer.text.lower(), answer.summary
