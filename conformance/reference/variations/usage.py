"""Where the token counts of a stream stand, and what is told beside them."""

from __future__ import annotations

from typing import Any

from conformance.reference.sources import issue
from conformance.reference.stages import Reply, Request, objects_in
from conformance.reference.variation import variation


def _told(reply: Reply) -> dict[str, Any] | None:
    """The chunk of a stream that tells the usage."""
    return next((chunk for chunk in reply.streamed if chunk.get("usage")), None)


@variation("usage-only-at-the-end", source=issue("mudler/LocalAI", 9815))
def leave_out_null_usage(reply: Reply) -> None:
    """Chunks without token counts have no `usage` at all, instead of null."""
    for chunk in reply.streamed:
        if chunk.get("usage", ...) is None:
            del chunk["usage"]


@variation("usage-null-unasked", source=issue("BerriAI/litellm", 8450))
def always_have_usage(reply: Reply) -> None:
    """Every chunk has `usage`: null, also when no usage was asked for."""
    for chunk in reply.streamed:
        chunk.setdefault("usage", None)


@variation("usage-unasked", source=issue("mudler/LocalAI", 9815))
def tell_usage_unasked(request: Request) -> None:
    """Streams end with their token counts, asked for or not."""
    if request.streams:
        request.body["stream_options"] = {"include_usage": True}


@variation("usage-cumulative", source=issue("langchain-ai/langchain", 38070))
def count_as_it_goes(reply: Reply) -> None:
    """Every chunk tells the counts so far, as Perplexity and vLLM's continuous_usage_stats do."""
    told = _told(reply)
    for n, chunk in enumerate(reply.streamed if told else []):
        if told and chunk.get("choices"):
            written = min(n, told["usage"].get("completion_tokens", n))
            total = told["usage"].get("prompt_tokens", 0) + written
            chunk["usage"] = {**told["usage"], "completion_tokens": written, "total_tokens": total}


@variation("usage-with-finish-reason", source="https://docs.mistral.ai/api/")
def tell_usage_when_finishing(reply: Reply) -> None:
    """The chunk with the finish_reason tells the counts, and none without choices follows."""
    told = _told(reply)
    finishing = [
        c for c in reply.streamed if any(one.get("finish_reason") for one in objects_in(c, "choices"))
    ]
    if told and finishing and not told.get("choices"):
        finishing[-1]["usage"] = told["usage"]
        reply.streamed.remove(told)


@variation("usage-without-details", source=issue("ml-explore/mlx-lm", 849))
def leave_out_the_details(reply: Reply) -> None:
    """The details of prompt and completion tokens are not told."""
    for usage in _usages(reply):
        for name in ("prompt_tokens_details", "completion_tokens_details"):
            usage.pop(name, None)


@variation("usage-details-null", source=issue("InternLM/lmdeploy", 4842))
def have_no_details(reply: Reply) -> None:
    """The details of prompt tokens are null, and those of completion tokens are not told."""
    for usage in _usages(reply):
        usage["prompt_tokens_details"] = None
        usage.pop("completion_tokens_details", None)


def _usages(reply: Reply) -> list[dict[str, Any]]:
    found = [answer.get("usage") for answer in reply.objects]
    return [usage for usage in found if isinstance(usage, dict)]
