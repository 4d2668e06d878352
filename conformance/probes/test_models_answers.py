"""Which model answers, and whether it is found every time."""

from __future__ import annotations

import re

from conformance.evidence.chat import Reply, Stream
from conformance.evidence.exchange import Exchange, Lost
from conformance.evidence.kinds import as_reply
from conformance.probes.on_purpose import ELSEWHERE, OTHER_KEYS, UNKNOWN_MODELS
from conformance.probes.preflight import listed_ids
from conformance.probes.sources import OPENAI_CHAT, OPENAI_COMPLETION, OPENAI_ERRORS, issue
from conformance.requirements.categories import MODEL_NOT_FOUND
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, everyone
from conformance.requirements.talk import Talk


@probe(
    "models.kept",
    category=MODEL_NOT_FOUND,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS, issue("ml-explore/mlx-lm", 1327)],
    remedy="Answer 404 only when the model or the path does not exist; what else goes wrong has a status of its own.",
    needs=[Lost.PURPOSE],
)
def test_the_model_is_found_by_every_request(error: Exchange) -> None:
    """A model that is found once is found by every request.

    Users of a 404 go and look for another model id, whatever it was about.
    """
    own = error.request.is_chat and error.conversation not in {*ELSEWHERE, *OTHER_KEYS, "preflight"}
    assert not own or error.status != 404, f"404 for a model that answers elsewhere: {error.summary}"


@probe(
    "models.not-substituted",
    category=MODEL_NOT_FOUND,
    severity=everyone(DEGRADES),
    source=[OPENAI_CHAT, issue("router-for-me/CLIProxyAPI", 5928), issue("openai/codex", 11867)],
    remedy="Answer from the model that was asked for, or refuse; never from another one without a word.",
)
def test_no_other_listed_model_answers(models: Talk, preflight: Talk, agent_turn: Talk) -> None:
    """An answer is not from a model that the provider lists as another one.

    The user pays for one model and works with a weaker one.
    """
    listed = {id.lower() for id in listed_ids(models.answered)}
    replies = [r for e in (*preflight.exchanges, *agent_turn.exchanges) if (r := as_reply(e))]
    if not replies:
        raise Blocked(preflight.answered.summary)
    for reply in replies:
        asked, named = _ids(reply)
        assert named == asked or named.lower() not in listed or akin(asked, named), (
            f"{asked!r} was asked for; the answer is from {named!r}, which is listed as a model of its own"
        )


@probe(
    "models.named",
    category=MODEL_NOT_FOUND,
    severity={},
    source=[OPENAI_COMPLETION, issue("router-for-me/CLIProxyAPI", 5928)],
    remedy="Nothing breaks, and an alias may well be meant. If none is, answer from the model that was asked for.",
    needs=[Lost.REQUEST],
)
def test_an_answer_names_the_model_that_was_asked_for(success: Reply) -> None:
    """An answer names the model that was asked for, or a version of it.

    Another name may be that of an alias, or of a substitute that nobody was told about.
    """
    asked, named = _ids(success)
    expected = success.exchange.conversation in UNKNOWN_MODELS or akin(asked, named)
    assert expected, f"{asked!r} was asked for; the answer is from {named!r}"


def _ids(reply: Reply) -> tuple[str, str]:
    """The model id of the request, and that of the answer ("" when it names none)."""
    objects = [p.value for p in reply.pieces] if isinstance(reply, Stream) else [reply.exchange.json]
    found = (o.get("model") for o in objects if isinstance(o, dict))
    named = next((id for id in found if isinstance(id, str) and id), "")
    return str(reply.exchange.request.field("model")), named


def akin(asked: str, named: str) -> bool:
    """True when one id is part of the other, but for folders, capitals and signs: a version, a file, a deployment."""
    mine, other = _bare(asked), _bare(named)
    return not other or mine in other or other in mine


def _bare(id: str) -> str:
    return re.sub(r"[^a-z0-9]", "", id.lower().rstrip("/").rpartition("/")[2])


@probe(
    "models.unknown-code",
    category=MODEL_NOT_FOUND,
    severity={},
    source=[OPENAI_ERRORS, issue("ggml-org/llama.cpp", 17968)],
    remedy='Send 404 with {"error": {"code": "model_not_found"}}: programs cannot read the words of a message.',
    over=UNKNOWN_MODELS,
)
def test_an_unknown_model_has_its_own_code(talk: Talk) -> None:
    """An unknown model is refused with 404 or the code `model_not_found`.

    Programs that look at status and code take a bare 400 for a mistake in the request.
    """
    answer = talk.answered
    if answer.ok:
        raise Blocked("the model was not refused by status")
    error = answer.json.get("error") if isinstance(answer.json, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    assert answer.status == 404 or code == "model_not_found", answer.summary
