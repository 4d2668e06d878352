"""Where streams carry token counts, and which details accompany them."""

from __future__ import annotations

from typing import Any

from conformance.reference.sources import issue
from conformance.reference.stages import Reply, Request, objects_in
from conformance.reference.variation import variation


def _reported(reply: Reply) -> dict[str, Any] | None:
    """The chunk of a stream that has the usage."""
    return next((chunk for chunk in reply.streamed if chunk.get("usage")), None)


@variation("usage-only-at-the-end", source=issue("mudler/LocalAI", 9815))
def leave_out_null_usage(reply: Reply) -> None:
    """Chunks without token counts have no `usage` member, instead of null."""
    for chunk in reply.streamed:
        if chunk.get("usage", ...) is None:
            del chunk["usage"]


@variation("usage-null-unasked", source=issue("BerriAI/litellm", 8450))
def always_have_usage(reply: Reply) -> None:
    """Every chunk has `usage: null`, even when the request does not ask for usage."""
    for chunk in reply.streamed:
        chunk.setdefault("usage", None)


@variation("usage-unasked", source=issue("mudler/LocalAI", 9815))
def send_usage_unasked(request: Request) -> None:
    """Streams end with their token counts, requested or not."""
    if request.streams:
        request.body["stream_options"] = {"include_usage": True}


@variation("usage-cumulative", source=issue("langchain-ai/langchain", 38070))
def count_as_it_goes(reply: Reply) -> None:
    """Every chunk has the counts so far, as with Perplexity and vLLM's continuous_usage_stats."""
    reported = _reported(reply)
    for n, chunk in enumerate(reply.streamed if reported else []):
        if reported and chunk.get("choices"):
            written = min(n, reported["usage"].get("completion_tokens", n))
            total = reported["usage"].get("prompt_tokens", 0) + written
            chunk["usage"] = {**reported["usage"], "completion_tokens": written, "total_tokens": total}


@variation("usage-with-finish-reason", source="https://docs.mistral.ai/api/")
def send_usage_when_finishing(reply: Reply) -> None:
    """The chunk with the finish_reason has the counts, and no chunk without choices follows."""
    reported = _reported(reply)
    finishing = [c for c in reply.streamed if any(one.get("finish_reason") for one in objects_in(c, "choices"))]
    if reported and finishing and not reported.get("choices"):
        finishing[-1]["usage"] = reported["usage"]
        reply.streamed.remove(reported)


@variation("usage-without-details", source=issue("ml-explore/mlx-lm", 849))
def leave_out_the_details(reply: Reply) -> None:
    """The details of prompt and completion tokens are missing."""
    for usage in _usages(reply):
        for name in ("prompt_tokens_details", "completion_tokens_details"):
            usage.pop(name, None)


@variation("usage-details-null", source=issue("InternLM/lmdeploy", 4842))
def have_no_details(reply: Reply) -> None:
    """The details of prompt tokens are null, and those of completion tokens are missing."""
    for usage in _usages(reply):
        usage["prompt_tokens_details"] = None
        usage.pop("completion_tokens_details", None)


def _usages(reply: Reply) -> list[dict[str, Any]]:
    found = [answer.get("usage") for answer in reply.objects]
    return [usage for usage in found if isinstance(usage, dict)]
