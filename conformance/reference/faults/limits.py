"""Faults at the limits: of the output, of the context window, of the size of a request."""

from __future__ import annotations

import json

from conformance.reference.fault import fault
from conformance.reference.faults.url import PAGE
from conformance.reference.sources import ERRORS, issue
from conformance.reference.stages import Reply, Request
from conformance.reference.turns import AGENTS_REFUSED, TITLE


def _refuses_length(reply: Reply) -> bool:
    error = reply.body.get("error") if isinstance(reply.body, dict) else None
    return isinstance(error, dict) and error.get("code") == "context_length_exceeded"


@fault(
    "max-tokens-32000-refused",
    caught_by={"limits.max-tokens", "client.kilo-code-request"} | TITLE,
    source=issue("opencode-ai/opencode", 313),
)
def refuse_large_caps(request: Request) -> None:
    """`max_tokens: 32000` is refused with a message that does not mention the limit."""
    if (request.body.get("max_tokens") or 0) > 8192:
        request.refuse(400, "Invalid request.")


@fault(
    "overflow-500",
    caught_by={"limits.overflow-refused", "errors.no-server-error"},
    source=issue("ardanlabs/kronk", 861),
)
def crash_on_overflow(reply: Reply) -> None:
    """A prompt beyond the context window gets a server error."""
    if _refuses_length(reply):
        reply.status = 500


@fault(
    "overflow-shortened",
    caught_by={"limits.overflow-refused", "limits.nothing-forgotten"},
    source=issue("ollama/ollama", 4967),
)
def shorten_the_prompt(request: Request) -> None:
    """A prompt beyond the context window is silently shortened."""
    for message in request.messages:
        if isinstance(message.get("content"), str):
            message["content"] = message["content"][:4000]


@fault("overflow-unrecognised", caught_by={"limits.overflow-recognised"}, source=issue("NVIDIA/TensorRT-LLM", 19457))
def refuse_overflow_in_own_words(reply: Reply) -> None:
    """A prompt beyond the context window is refused with a message that no client recognises."""
    if _refuses_length(reply):
        message = "Requested work cannot be scheduled."
        reply.json(400, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}})


@fault("overflow-rate-limited", caught_by={"errors.rate-limit", "limits.overflow-recognised"}, source=ERRORS)
def refuse_overflow_as_rate_limit(reply: Reply) -> None:
    """A prompt beyond the context window is refused with 429 and without Retry-After."""
    if _refuses_length(reply):
        message = "Request too large for this model on tokens per min (TPM)."
        reply.json(429, {"error": {"message": message, "type": "tokens", "param": None, "code": "rate_limit_exceeded"}})


@fault(
    "large-body-413-page",
    caught_by={"limits.large-body", "errors.envelope", "client.roo-code-picture"},
    source=issue("open-webui/open-webui", 3273),
)
def refuse_large_bodies(reply: Reply) -> None:
    """A proxy refuses bodies of more than one megabyte with its own web page."""
    if len(reply.request.raw) > 1_000_000:
        reply.page(413, PAGE)


@fault(
    "context-too-small",
    caught_by={"limits.room-for-a-turn", "tools.many", "client.ai-sdk-turn", "client.openai-python-turn"}
    | AGENTS_REFUSED,
    source=issue("ggml-org/llama.cpp", 3821),
)
def have_a_small_context(request: Request) -> None:
    """The context window holds 4,096 tokens, less than the first turn of an agent."""
    read = len(json.dumps([request.body.get("messages"), request.body.get("tools")])) // 4
    if read > 4_096 and request.tools:
        request.refuse(
            400, f"request ({read} tokens) exceeds the available context size (4096 tokens), try increasing it"
        )
