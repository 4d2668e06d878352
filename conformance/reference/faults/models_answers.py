"""Faults of which model answers: another one, any one, or none for a reason that is not about models."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.sources import issue
from conformance.reference.stages import Reply, Request
from conformance.reference.text import prompt_tokens

SUBSTITUTE = "reference-mini"


@fault(
    "model-substituted",
    caught_by={"models.named", "models.not-substituted"},
    source=issue("router-for-me/CLIProxyAPI", 5928),
)
def answer_from_a_weaker_one(reply: Reply) -> None:
    """Another model answers, which is also in the list."""
    _answer_as(reply, SUBSTITUTE)
    if reply.request.is_models and reply.status == 200:
        reply.body["data"].append({**reply.body["data"][0], "id": SUBSTITUTE})


@fault("model-substituted-unlisted", caught_by={"models.named"}, source=issue("openai/codex", 11867))
def answer_from_a_hidden_one(reply: Reply) -> None:
    """Another model answers, which is not in the list."""
    _answer_as(reply, SUBSTITUTE)


def _answer_as(reply: Reply, model: str) -> None:
    for part in [reply.body] if reply.choices else reply.streamed:
        part["model"] = model


@fault("any-repository-accepted", caught_by={"models.unknown-refused"}, source=issue("waybarrios/vllm-mlx", 330))
def load_any_repository(request: Request) -> None:
    """Any model id in the form of a repository name is accepted."""
    if "/" in str(request.body.get("model")):
        request.body["model"] = request.right_model


@fault("unknown-model-400", caught_by={"models.unknown-code"}, source=issue("ggml-org/llama.cpp", 17968))
def refuse_the_model_as_a_bad_request(reply: Reply) -> None:
    """An unknown model is refused with 400 and a number as its code."""
    error = reply.body.get("error") if isinstance(reply.body, dict) else None
    if reply.request.is_chat and isinstance(error, dict) and error["code"] == "model_not_found":
        error = {"code": 400, "message": "model not found", "type": "invalid_request_error"}
        reply.json(400, {"error": error})


@fault(
    "short-prompt-404",
    caught_by={"limits.large-body", "models.kept", "params.nulls", "params.unknown-field"},
    source=issue("ml-explore/mlx-lm", 1327),
)
def find_no_short_prompts(request: Request) -> None:
    """A prompt of fewer than eleven tokens gets an exception that is reported as 404."""
    if request.messages and prompt_tokens(request.messages, request.body.get("tools")) < 11:
        request.refuse(404, "list index out of range")
