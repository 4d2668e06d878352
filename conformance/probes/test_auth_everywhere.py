"""The key beyond the first request: accepted every time, required on every route and by the model list."""

from __future__ import annotations

from conformance.evidence.exchange import Exchange, Lost, shorten
from conformance.probes.on_purpose import ELSEWHERE, OTHER_KEYS
from conformance.probes.preflight import NO_MODELS_URL, listed_ids
from conformance.probes.sources import KILO, OPENAI_ERRORS, issue
from conformance.requirements import BREAKS, DEGRADES, INVALID_API_KEY, NotApplicable, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "auth.key-kept",
    failure="A key that works for other requests is refused with 401.",
    category=INVALID_API_KEY,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS, issue("nyroway/nyro", 67)],
    remedy="Send 401 only when the caller's key is wrong. When the server's own key is refused upstream, send 502.",
    needs=[Lost.PURPOSE],
)
def test_the_key_is_accepted_for_every_request(error: Exchange) -> None:
    """A key that is accepted once is accepted for every request.

    A gateway that passes on the refusal of its own upstream key makes users look for a mistake in theirs.
    """
    own = error.conversation not in {*OTHER_KEYS, *ELSEWHERE, "preflight"}
    assert not own or error.status != 401, f"the key that works for other requests is refused: {error.summary}"


@probe(
    "auth.other-routes",
    failure="Another route of the server reaches the model without an API key.",
    category=INVALID_API_KEY,
    severity=everyone(DEGRADES),
    source=[issue("vllm-project/vllm", 58144), issue("waybarrios/vllm-mlx", 317)],
    remedy="Check the key on every route that reaches the model, including the routes for other clients.",
)
def test_no_other_route_reaches_the_model_without_a_key(other_routes: Talk) -> None:
    """No other route of the server reaches the model without an API key.

    Anyone who finds such a route uses the model at the owner's expense.
    """
    for exchange in other_routes.exchanges:
        body = exchange.json if isinstance(exchange.json, dict) else {}
        answered = exchange.ok and bool(body.get("choices") or body.get("content"))
        assert not answered, f"{exchange.request.url} without a key: {shorten(exchange.text)}"


@probe(
    "auth.models-tell-keys-apart",
    failure="A wrong key gets the model list.",
    category=INVALID_API_KEY,
    severity={},
    source=[f"{KILO}/provider/provider.ts", issue("decolua/9router", 3085)],
    remedy="Nothing breaks: a public list is common. Require the key for the list if a wrong key should show "
    "before the first question.",
)
def test_a_wrong_key_does_not_get_the_model_list(models_wrong_key: Talk) -> None:
    """GET /models does not return the model list to a wrong key.

    Users who test a new key by listing the models believe that it works.
    """
    if not models_wrong_key.exchanges:
        raise NotApplicable(NO_MODELS_URL)
    answer = models_wrong_key.answered
    assert not listed_ids(answer), f"with a wrong key: HTTP {answer.status} and the list"
