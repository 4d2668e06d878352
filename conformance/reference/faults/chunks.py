"""Faults of the objects in a stream: the members of a chunk and their values."""

from __future__ import annotations

from conformance.reference.fault import fault
from conformance.reference.sources import CHUNK, issue
from conformance.reference.stages import Reply
from conformance.reference.turns import AI_SDK, TITLE


def _finishing(reply: Reply) -> list[dict[str, object]]:
    return [choice for choice in reply.streamed_choices if choice["finish_reason"]]


@fault("message-in-stream", caught_by={"stream.delta", "stream.same-text"} | TITLE, source=CHUNK)
def send_messages(reply: Reply) -> None:
    """The choices of a stream carry `message` instead of `delta`."""
    if not reply.request.tools:
        for choice in reply.streamed_choices:
            choice["message"] = choice.pop("delta")


@fault(
    "delta-missing",
    caught_by={"stream.delta-present", "client.openai-python-helper"},
    source=issue("cline/cline", 9432),
)
def drop_empty_deltas(reply: Reply) -> None:
    """The last choice has no delta."""
    for choice in _finishing(reply):
        del choice["delta"]


@fault(
    "delta-null", caught_by={"stream.delta-present", "client.openai-python-helper"}, source=issue("cline/cline", 9432)
)
def null_empty_deltas(reply: Reply) -> None:
    """The last choice has a delta that is null."""
    for choice in _finishing(reply):
        choice["delta"] = None


@fault(
    "delta-content-parts",
    caught_by={"stream.content", "client.kilo-code-turn"} | TITLE,
    source=issue("vercel/ai", 17779),
)
def stream_parts(reply: Reply) -> None:
    """The content of a delta is a list of parts."""
    for delta in reply.text_deltas:
        delta["content"] = [{"type": "text", "text": delta["content"]}]


@fault("chunk-created-as-text", caught_by={"stream.types"} | AI_SDK | TITLE, source=CHUNK)
def write_the_time_as_text(reply: Reply) -> None:
    """`created` of a chunk is a string."""
    for chunk in reply.streamed:
        chunk["created"] = "2026-01-01T00:00:00Z"


@fault("chunk-model-object", caught_by={"stream.types"} | AI_SDK | TITLE, source=CHUNK)
def describe_the_model(reply: Reply) -> None:
    """`model` of a chunk is an object instead of a string."""
    for chunk in reply.streamed:
        chunk["model"] = {"id": chunk["model"]}


@fault("chunk-role-bot", caught_by={"stream.types"} | AI_SDK | TITLE, source=CHUNK)
def speak_as_a_bot(reply: Reply) -> None:
    """The role in a stream is `bot`."""
    for delta in reply.deltas:
        if "role" in delta:
            delta["role"] = "bot"


@fault(
    "choice-index-counts",
    caught_by={"stream.choice-index"},
    source=issue("huggingface/text-generation-inference", 1648),
)
def count_tokens_in_the_index(reply: Reply) -> None:
    """The `index` of a streamed choice counts tokens."""
    if reply.text_deltas:
        for n, choice in enumerate(reply.streamed_choices):
            choice["index"] = n


@fault(
    "choice-index-missing",
    caught_by={"stream.choice-index", "client.openai-python-helper"},
    source=issue("envoyproxy/ai-gateway", 993),
)
def drop_the_choice_index(reply: Reply) -> None:
    """The choices of a stream have no `index`."""
    for choice in reply.streamed_choices:
        del choice["index"]


@fault("id-changes", caught_by={"stream.identity"}, source=issue("ggml-org/llama.cpp", 5988))
def change_the_id(reply: Reply) -> None:
    """Every chunk of a stream has a different `id`."""
    for n, chunk in enumerate(reply.streamed):
        chunk["id"] += f"-{n}"


@fault(
    "chunk-object-plural",
    caught_by={"stream.object", "client.openai-python-helper"},
    source="https://github.com/ml-explore/mlx-examples/pull/1119",
)
def misspell_the_object(reply: Reply) -> None:
    """`object` of a chunk is `chat.completions.chunk`."""
    for chunk in reply.streamed:
        chunk["object"] = "chat.completions.chunk"


@fault(
    "first-chunk-without-object",
    caught_by={"stream.object", "client.openai-python-helper"},
    source=issue("mudler/LocalAI", 8341),
)
def drop_the_first_object(reply: Reply) -> None:
    """The first chunk has no `object`."""
    for chunk in reply.streamed[:1]:
        del chunk["object"]


@fault("error-null", caught_by={"stream.error-key"} | AI_SDK | TITLE, source=issue("Kilo-Org/kilocode", 12269))
def say_there_is_no_error(reply: Reply) -> None:
    """Chunks without an error have `error: null`."""
    for chunk in reply.streamed:
        chunk["error"] = None


@fault("stream-finish-end", caught_by={"stream.finish-reason"}, source=issue("earendil-works/pi", 2106))
def finish_with_another_word(reply: Reply) -> None:
    """The finish_reason of a stream is `end`."""
    for choice in _finishing(reply):
        if choice["finish_reason"] == "stop":
            choice["finish_reason"] = "end"


@fault("stream-finish-missing", caught_by={"stream.finish-reason"}, source=issue("waybarrios/vllm-mlx", 629))
def finish_without_reason(reply: Reply) -> None:
    """A stream that ends normally has no finish_reason, only [DONE]."""
    for choice in _finishing(reply):
        if choice["finish_reason"] == "stop":
            choice["finish_reason"] = None


@fault("stream-finish-twice", caught_by={"stream.finish-reason"}, source=issue("BerriAI/litellm", 31634))
def finish_too_early(reply: Reply) -> None:
    """The first chunk already has a finish_reason, which differs from the last one."""
    if reply.text_deltas:
        next(reply.streamed_choices)["finish_reason"] = "length"


@fault("stream-finish-tool-call", caught_by={"tools.finish-reason"}, source=issue("ml-explore/mlx-lm", 782))
def finish_in_the_singular(reply: Reply) -> None:
    """The finish_reason of a stream with calls is `tool_call`."""
    for choice in _finishing(reply):
        if choice["finish_reason"] == "tool_calls":
            choice["finish_reason"] = "tool_call"
