"""The key beyond the first request: taken by every one, wanted on every way to the model, told apart in the list."""

from __future__ import annotations

from conformance.evidence.exchange import Exchange, Lost, shorten
from conformance.probes.on_purpose import ELSEWHERE, OTHER_KEYS
from conformance.probes.preflight import listed_ids
from conformance.probes.sources import KILO, OPENAI_ERRORS, issue
from conformance.requirements.categories import INVALID_API_KEY
from conformance.requirements.outcome import NotApplicable
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, everyone
from conformance.requirements.talk import Talk


@probe(
    "auth.key-kept",
    category=INVALID_API_KEY,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS, issue("nyroway/nyro", 67)],
    remedy="Answer 401 only to a wrong key of the caller. When the server's own key is refused further up, answer 502.",
    needs=[Lost.PURPOSE],
)
def test_the_key_is_accepted_by_every_request(error: Exchange) -> None:
    """A key that is accepted once is accepted by every request.

    A gateway that hands on the refusal of its own key has users look for a mistake in theirs.
    """
    own = error.conversation not in {*OTHER_KEYS, *ELSEWHERE, "preflight"}
    assert not own or error.status != 401, f"refused with the key that works elsewhere: {error.summary}"


@probe(
    "auth.other-routes",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[issue("vllm-project/vllm", 58144), issue("waybarrios/vllm-mlx", 317)],
    remedy="Check the key on every route that leads to the model, those for other clients included.",
)
def test_no_other_route_leads_to_the_model_without_a_key(other_routes: Talk) -> None:
    """No other route of the server is answered by the model without a key.

    Whoever finds it spends the money of the one who pays.
    """
    for exchange in other_routes.exchanges:
        body = exchange.json if isinstance(exchange.json, dict) else {}
        answered = exchange.ok and bool(body.get("choices") or body.get("content"))
        assert not answered, f"{exchange.request.url} without a key: {shorten(exchange.text)}"


@probe(
    "auth.models-tell-keys-apart",
    category=INVALID_API_KEY,
    severity={},
    source=[f"{KILO}/provider/provider.ts", issue("decolua/9router", 3085)],
    remedy="Nothing breaks: a public list is common. Where the list wants the key, a wrong one shows before the first question.",
)
def test_the_model_list_tells_a_wrong_key(models_wrong_key: Talk) -> None:
    """The model list is not given to a wrong key.

    Those who test a new key by listing the models are told that all is well.
    """
    if not models_wrong_key.exchanges:
        raise NotApplicable("the base URL is a full endpoint URL: nobody can know where its model list is")
    answer = models_wrong_key.answered
    assert not listed_ids(answer), f"with a wrong key: HTTP {answer.status} and a list"
