"""Which model answers, and is it found by every request?"""

from __future__ import annotations

import re

from conformance.evidence.chat import Reply, Stream
from conformance.evidence.exchange import Exchange, Lost
from conformance.evidence.kinds import as_reply
from conformance.probes.on_purpose import ELSEWHERE, OTHER_KEYS, UNKNOWN_MODELS
from conformance.probes.preflight import listed_ids
from conformance.probes.sources import OPENAI_CHAT, OPENAI_COMPLETION, OPENAI_ERRORS, issue
from conformance.requirements import BREAKS, DEGRADES, MODEL_NOT_FOUND, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "models.kept",
    failure="Some requests get 404 for a model that answers other requests.",
    category=MODEL_NOT_FOUND,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS, issue("ml-explore/mlx-lm", 1327)],
    remedy="Send 404 only when the model or the path does not exist; use another status for other errors.",
    needs=[Lost.PURPOSE],
)
def test_the_model_is_found_by_every_request(error: Exchange) -> None:
    """A model that is found once is found by every request.

    With a 404 users look for another model id, whatever the real reason was.
    """
    own = error.request.is_chat and error.conversation not in {*ELSEWHERE, *OTHER_KEYS, "preflight"}
    assert not own or error.status != 404, f"the model that answers other requests is not found: {error.summary}"


@probe(
    "models.not-substituted",
    failure="Another model of the provider's list answers in place of the requested one.",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_CHAT, issue("router-for-me/CLIProxyAPI", 5928), issue("openai/codex", 11867)],
    remedy="Answer from the requested model, or refuse the request; never switch models silently.",
)
def test_no_other_listed_model_answers(models: Talk, preflight: Talk, agent_turn: Talk) -> None:
    """Answers do not come from another model of the provider's list.

    The user pays for one model and works with a weaker one.
    """
    listed = {id.lower() for id in listed_ids(models.answered)}
    replies = [r for e in (*preflight.exchanges, *agent_turn.exchanges) if (r := as_reply(e))]
    if not replies:
        raise Blocked(preflight.answered.summary)
    for reply in replies:
        asked, named = _ids(reply)
        assert named == asked or named.lower() not in listed or is_variant(asked, named), (
            f"the request names {asked!r}, the answer {named!r}, which the list has as a separate model"
        )


@probe(
    "models.named",
    failure="An answer names another model than the requested one.",
    category=MODEL_NOT_FOUND,
    severity={},
    source=[OPENAI_COMPLETION, issue("router-for-me/CLIProxyAPI", 5928)],
    remedy="Nothing breaks, and an alias may be intended. If it is not, answer from the requested model.",
    needs=[Lost.REQUEST],
)
def test_answers_name_the_requested_model(success: Reply) -> None:
    """An answer names the requested model, or a version of it.

    Another name may be an alias, or a substitute that the user does not know about.
    """
    asked, named = _ids(success)
    expected = success.exchange.conversation in UNKNOWN_MODELS or is_variant(asked, named)
    assert expected, f"the request names {asked!r}, the answer {named!r}"


def _ids(reply: Reply) -> tuple[str, str]:
    """The model id of the request, and that of the answer ("" when it names none)."""
    objects = [p.value for p in reply.pieces] if isinstance(reply, Stream) else [reply.exchange.json]
    found = (o.get("model") for o in objects if isinstance(o, dict))
    named = next((id for id in found if isinstance(id, str) and id), "")
    return str(reply.exchange.request.field("model")), named


def is_variant(asked: str, named: str) -> bool:
    """True when one id contains the other, ignoring folders, case and punctuation: a version, a file, a deployment."""
    mine, other = _bare(asked), _bare(named)
    return not other or mine in other or other in mine


def _bare(id: str) -> str:
    return re.sub(r"[^a-z0-9]", "", id.lower().rstrip("/").rpartition("/")[2])


@probe(
    "models.unknown-code",
    failure="An unknown model gets another status than 404, without the code `model_not_found`.",
    category=MODEL_NOT_FOUND,
    severity={},
    source=[OPENAI_ERRORS, issue("ggml-org/llama.cpp", 17968)],
    remedy='Send 404 with {"error": {"code": "model_not_found"}}: programs cannot interpret the words of a message.',
    over=UNKNOWN_MODELS,
)
def test_the_refusal_of_an_unknown_model_has_its_own_code(talk: Talk) -> None:
    """An unknown model is refused with 404 or with the code `model_not_found`.

    Programs that read the status and the code take a bare 400 for a mistake in the request.
    """
    answer = talk.answered
    if answer.ok:
        raise Blocked(f"the unknown model was not refused (HTTP {answer.status})")
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    assert answer.status == 404 or code == "model_not_found", answer.summary
