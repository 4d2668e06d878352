"""Retrieving one model by its id, and the model list as one page."""

from __future__ import annotations

from conformance.clients import CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.calls import object_or_empty
from conformance.evidence.exchange import Exchange, shorten
from conformance.probes.preflight import NO_MODELS_URL
from conformance.probes.sources import KILO, OPENAI_MODEL, OPENAI_MODELS, ROO_PROVIDER, issue
from conformance.requirements import DEGRADES, MODEL_NOT_FOUND, Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


def _pair(talk: Talk) -> tuple[Exchange, Exchange]:
    """The answers about the configured model and about one that does not exist."""
    if not talk.exchanges and not talk.blocked:
        raise NotApplicable(NO_MODELS_URL)
    if len(talk.exchanges) < 2 or talk.answered.response is None or talk.exchanges[0].response is None:
        raise Blocked(talk.last.summary)
    return talk.exchanges[0], talk.exchanges[1]


@probe(
    "models.retrieved",
    failure="GET /models/{id} does not describe the configured model.",
    category=MODEL_NOT_FOUND,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_MODEL, issue("FlashML-org/FreeToken", 108)],
    remedy='Serve GET {base URL}/models/{id} as {"id": ..., "object": "model", "created": ..., "owned_by": ...}.',
)
def test_the_model_can_be_retrieved_by_id(models_one_by_one: Talk) -> None:
    """GET {base URL}/models/{id} describes the configured model.

    Programs use it to check whether their model exists; agents read only the list.
    """
    known, _ = _pair(models_one_by_one)
    id = object_or_empty(known.json).get("id")
    model = known.request.url.split("?")[0].rpartition("/models/")[2]
    assert known.ok and isinstance(id, str) and id, f"GET /models/{model}: {shorten(known.summary)}"


@probe(
    "models.retrieved-unknown",
    failure="GET /models/{id} gives something other than 4xx for a model that does not exist.",
    category=MODEL_NOT_FOUND,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_MODEL],
    remedy="Answer GET {base URL}/models/{id} with 404 when the model does not exist.",
)
def test_retrieving_an_unknown_model_is_refused(models_one_by_one: Talk) -> None:
    """GET {base URL}/models/{id} refuses a model that does not exist with 4xx."""
    known, unknown = _pair(models_one_by_one)
    if not known.ok:
        raise NotApplicable("GET /models/{id} is not served")
    assert unknown.status is not None and 400 <= unknown.status < 500, unknown.summary


@probe(
    "models.one-page",
    failure="The model list is split into pages.",
    category=MODEL_NOT_FOUND,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), DEGRADES),
    source=[OPENAI_MODELS, ROO_PROVIDER, f"{KILO}/provider/provider.ts"],
    remedy="List all models in one answer: no client requests a second page.",
)
def test_the_model_list_is_one_page(model_list: Exchange) -> None:
    """The model list is complete: it does not announce more pages.

    Clients read only the first page.
    """
    more = object_or_empty(model_list.json).get("has_more")
    assert not more, f"has_more is {more!r}"
