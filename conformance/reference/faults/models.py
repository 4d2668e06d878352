"""Faults of the model id: unknown, not checked, or not listed under the id that requests use."""

from __future__ import annotations

from typing import Any

from conformance.reference.fault import fault
from conformance.reference.sources import ERRORS, MODELS, issue
from conformance.reference.stages import Reply, Request


def _refuses_model(reply: Reply) -> bool:
    return reply.request.is_chat and isinstance(reply.body, dict) and _code(reply.body) == "model_not_found"


def _code(body: dict[str, Any]) -> object:
    error = body.get("error")
    return error.get("code") if isinstance(error, dict) else None


@fault("model-unknown", caught_by={"models.known"}, source=issue("ollama/ollama", 16556))
def forget_the_model(reply: Reply) -> None:
    """The requested model does not exist, although it is listed."""
    if reply.completes:
        name = reply.request.body["model"]
        message = f"The model `{name}` does not exist or you do not have access to it."
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": "model_not_found"}
        reply.json(404, {"error": error})


@fault("any-model-accepted", caught_by={"models.unknown-refused"}, source=issue("EricLBuehler/mistral.rs", 1509))
def ignore_the_model_id(request: Request) -> None:
    """The model id is not checked: the loaded model answers under any id."""
    if isinstance(request.body.get("model"), str):
        request.body["model"] = request.right_model


@fault(
    "unknown-model-stream-accepted",
    caught_by={"models.unknown-refused"},
    source=issue("lmstudio-ai/lmstudio-bug-tracker", 619),
)
def ignore_the_model_id_of_streams(request: Request) -> None:
    """The model id is not checked when the request asks for a stream."""
    if request.streams:
        request.body["model"] = request.right_model


@fault("unknown-model-401", caught_by={"models.unknown-status"}, source=ERRORS)
def refuse_the_model_as_a_key(reply: Reply) -> None:
    """An unknown model is refused with 401, which looks like a wrong key."""
    if _refuses_model(reply):
        reply.status = 401


@fault(
    "unknown-model-500",
    caught_by={"models.unknown-status", "errors.no-server-error"},
    source=issue("mudler/LocalAI", 9133),
)
def crash_on_an_unknown_model(reply: Reply) -> None:
    """An unknown model gets a server error."""
    if _refuses_model(reply):
        reply.status = 500


@fault("unknown-model-unexplained", caught_by={"models.unknown-explained"}, source=ERRORS)
def refuse_the_model_without_a_reason(reply: Reply) -> None:
    """An unknown model is refused with 404 and a message that does not mention the model."""
    if _refuses_model(reply):
        reply.json(404, {"error": {"message": "Not found", "type": "error", "param": None, "code": None}})


@fault("unknown-model-in-stream", caught_by={"models.unknown-status"}, source=issue("router-for-me/CLIProxyAPI", 5928))
def refuse_the_model_in_a_stream(reply: Reply) -> None:
    """An unknown model is refused inside a stream that began with status 200."""
    if _refuses_model(reply) and reply.request.streams:
        reply.status, reply.chunks, reply.body = 200, [reply.body], None
        reply.headers["content-type"] = "text/event-stream"


@fault("models-as-map", caught_by={"models.list"}, source=issue("xorbitsai/inference", 1127))
def list_models_as_a_map(reply: Reply) -> None:
    """The model list is an object whose keys are the ids: clients find no ids, but the connection works."""
    if reply.request.is_models and reply.status == 200:
        reply.json(200, {entry["id"]: entry for entry in reply.body["data"]})


@fault("models-bare-array", caught_by={"models.list"}, source=MODELS)
def list_models_as_an_array(reply: Reply) -> None:
    """The model list is an array instead of an object with `data`."""
    if reply.request.is_models and reply.status == 200:
        reply.json(200, reply.body["data"])


@fault("models-empty", caught_by={"models.list"}, source=MODELS)
def list_no_models(reply: Reply) -> None:
    """The model list is empty."""
    if reply.request.is_models and reply.status == 200:
        reply.body["data"] = []


@fault("models-other-ids", caught_by={"models.listed"}, source=issue("ollama/ollama", 16556))
def list_models_under_other_ids(reply: Reply) -> None:
    """The list has the model under an id that differs from the one that requests must use."""
    if reply.request.is_models and reply.status == 200:
        reply.body["data"] = [{**entry, "id": f"models/{entry['id']}"} for entry in reply.body["data"]]


@fault("models-doubled", caught_by={"models.unique"}, source=MODELS)
def list_models_twice(reply: Reply) -> None:
    """Every model is listed twice."""
    if reply.request.is_models and reply.status == 200:
        reply.body["data"] = reply.body["data"] * 2
