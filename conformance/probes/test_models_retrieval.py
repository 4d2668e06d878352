"""One model asked for by its id, and the list as one page."""

from __future__ import annotations

from conformance.clients import CLINE, KILO_CODE, KILO_CODE_LEGACY, OPENAI_PYTHON, ROO_CODE
from conformance.evidence.calls import object_or_empty
from conformance.evidence.exchange import Exchange, shorten
from conformance.probes.sources import KILO, OPENAI_MODEL, OPENAI_MODELS, ROO_PROVIDER, issue
from conformance.requirements.categories import MODEL_NOT_FOUND
from conformance.requirements.outcome import Blocked, NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.requirement import DEGRADES
from conformance.requirements.talk import Talk


def _pair(talk: Talk) -> tuple[Exchange, Exchange]:
    """The answers about the configured model and about one that nobody has."""
    if not talk.exchanges and not talk.blocked:
        raise NotApplicable("the base URL is a full endpoint URL: nobody can know where its models are")
    if len(talk.exchanges) < 2 or talk.answered.response is None or talk.exchanges[0].response is None:
        raise Blocked(talk.last.summary)
    return talk.exchanges[0], talk.exchanges[1]


@probe(
    "models.retrieved",
    category=MODEL_NOT_FOUND,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_MODEL, issue("FlashML-org/FreeToken", 108)],
    remedy='Serve GET {base URL}/models/{id} as {"id": ..., "object": "model", "created": ..., "owned_by": ...}.',
)
def test_the_model_can_be_asked_for(models_one_by_one: Talk) -> None:
    """GET {base URL}/models/{id} tells of the configured model.

    Programs ask so whether their model is there; agents only read the list.
    """
    known, _ = _pair(models_one_by_one)
    id = object_or_empty(known.json).get("id")
    model = known.request.url.split("?")[0].rpartition("/models/")[2]
    assert known.ok and isinstance(id, str) and id, f"GET /models/{model}: {shorten(known.summary)}"


@probe(
    "models.retrieved-unknown",
    category=MODEL_NOT_FOUND,
    severity={OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_MODEL],
    remedy="Answer GET {base URL}/models/{id} with 404 when there is no such model.",
)
def test_a_model_that_nobody_has_is_not_told_of(models_one_by_one: Talk) -> None:
    """GET {base URL}/models/{id} refuses a model that does not exist with 4xx."""
    known, unknown = _pair(models_one_by_one)
    if not known.ok:
        raise NotApplicable("models are not served one by one")
    assert unknown.status is not None and 400 <= unknown.status < 500, unknown.summary


@probe(
    "models.one-page",
    category=MODEL_NOT_FOUND,
    severity=dict.fromkeys((ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE), DEGRADES),
    source=[OPENAI_MODELS, ROO_PROVIDER, f"{KILO}/provider/provider.ts"],
    remedy="List all models in one answer: no client asks for a second page.",
)
def test_the_list_is_one_page(model_list: Exchange) -> None:
    """The model list is whole: it does not say that there are more pages."""
    more = object_or_empty(model_list.json).get("has_more")
    assert not more, f"has_more is {more!r}"
