"""Defects that trackers tell of in 2026: keys, models, errors, limits, firewalls and connections."""

from __future__ import annotations

import json

from conformance.reference.stages import Frames, Reply, Request, objects_in
from tests.detection.unseen.shown import shown

MEBIBYTE = 1024 * 1024
LONG_ARGUMENTS = 10_000  # characters
BLOCKED = (
    "<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>"
    "<body><h1>Sorry, you have been blocked</h1><p>You are unable to access this website.</p></body></html>"
)
IN_COOLDOWN = "No deployments available for selected model, Try again in 60 seconds. Passed model={}."


@shown("mnfst/llm-gateway#2126 large-body-not-found")
def find_no_route_for_large_bodies(reply: Reply) -> None:
    """A request of more than 1 MiB is answered 404, as if the path did not exist."""
    request = reply.request
    if request.is_chat and len(request.raw) > MEBIBYTE:
        reply.headers.clear()
        reply.json(404, {"message": f"Cannot POST {request.path}", "error": "Not Found", "statusCode": 404})


@shown("openclaw/openclaw#42870 backticks-blocked")
def block_backticks(reply: Reply) -> None:
    """A firewall answers every request that holds a backtick with its 403 page."""
    if reply.request.is_chat and b"`" in reply.request.raw:
        reply.headers.clear()
        reply.headers |= {"server": "cloudflare", "cf-ray": "8c5e1f0a2b3d4e5f-FRA"}
        reply.page(403, BLOCKED)


@shown("BerriAI/litellm#40578 stream-error-swallowed")
def finish_failed_streams_empty(reply: Reply) -> None:
    """Every fifth stream fails upstream, and is passed on as an empty answer that stopped normally."""
    if reply.completes and reply.chunks and reply.request.number % 5 == 0:
        shared = {name: value for name, value in reply.chunks[0].items() if name not in ("choices", "usage")}
        choice = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
        reply.chunks = [{**shared, "choices": [choice]}]


@shown("BerriAI/litellm#27823 limit-without-retry-after")
def limit_without_retry_after(reply: Reply) -> None:
    """Every sixth completion is refused with a 429 that tells the time to wait in its text only."""
    if reply.completes and reply.request.number % 6 == 0:
        message = IN_COOLDOWN.format(reply.request.right_model)
        for name in [name for name in reply.headers if name.startswith("x-ratelimit-")]:
            del reply.headers[name]
        reply.json(429, {"error": {"message": message, "type": "None", "param": "None", "code": "429"}})


@shown("cloudflare/ai#436 upstream-failure-as-400")
def blame_the_client(reply: Reply) -> None:
    """Every fifth completion fails upstream and is refused with a 400, in the gateway's own envelope."""
    if reply.completes and reply.request.number % 5 == 0:
        errors = [{"code": 2005, "message": "Failed to get response from provider"}]
        reply.json(400, {"success": False, "result": [], "messages": [], "error": errors})


@shown("anomalyco/opencode#50761 overflow-without-message")
def refuse_overflow_without_message(reply: Reply) -> None:
    """A prompt that exceeds the context window is refused with a 400 that holds nothing but the model."""
    error = reply.body.get("error") if reply.status == 400 and isinstance(reply.body, dict) else None
    if isinstance(error, dict) and error.get("code") == "context_length_exceeded":
        reply.json(400, {"model": reply.request.right_model})


@shown("langwatch/langwatch#5939 models-null")
def list_null(reply: Reply) -> None:
    """The list of models has null where its entries belong."""
    if reply.request.is_models and reply.status == 200:
        reply.body["data"] = None


@shown("diegosouzapw/OmniRoute#2257 models-with-any-key")
def list_models_to_anyone(request: Request) -> None:
    """The list of models is given to any key."""
    if request.is_models:
        request.authorise()


@shown("icebear0828/codex-proxy#660 unknown-model-replaced")
def serve_the_default_model(request: Request) -> None:
    """An unknown model is replaced by the default one, which the answer then names."""
    if isinstance(request.body.get("model"), str) and request.body["model"]:
        request.body["model"] = request.right_model


@shown("CommandCodeAI/command-code#785 long-call-cut")
def end_in_long_arguments(frames: Frames) -> None:
    """A stream ends within the arguments of a long call, without finish_reason and [DONE], the HTTP in order."""
    sent = 0
    for at, frame in enumerate(frames):
        sent += _argument_characters(frame)
        if sent > LONG_ARGUMENTS:
            del frames[at:]
            return


def _argument_characters(frame: bytes) -> int:
    """How many characters of arguments an event carries."""
    if b'"tool_calls":[' not in frame:
        return 0
    chunk = json.loads(frame.removeprefix(b"data: "))
    deltas = [choice.get("delta") for choice in objects_in(chunk, "choices")]
    calls = [call for delta in deltas for call in objects_in(delta, "tool_calls")]
    return sum(len(call["function"].get("arguments") or "") for call in calls)
