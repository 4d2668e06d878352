"""The same answer in other members: roles, nulls, reasoning, and empty chunks."""

from __future__ import annotations

from typing import Any

from conformance.reference.sources import CHUNK, COMPLETION, commit, issue
from conformance.reference.stages import Reply, objects_in
from conformance.reference.variation import variation

THOUGHTS = ("Let me ", "think.")


@variation("role-in-every-chunk", source=issue("open-webui/open-webui", 9927))
def repeat_the_role(reply: Reply) -> None:
    """Every delta of a stream has the role, as with Perplexity."""
    for delta in reply.deltas:
        delta["role"] = "assistant"


@variation("role-never", source=CHUNK)
def leave_out_the_role(reply: Reply) -> None:
    """No delta of a stream has a role, as with Cloudflare."""
    for delta in reply.deltas:
        delta.pop("role", None)


@variation("null-members", source=issue("sgl-project/sglang", 6310))
def fill_with_null(reply: Reply) -> None:
    """Every delta of a stream has all members; those without a value are null."""
    for delta in reply.deltas:
        for name in ("role", "content", "reasoning_content", "tool_calls", "function_call", "refusal"):
            delta.setdefault(name, None)


@variation("reasoning-content", source=issue("vercel/ai", 7772))
def think_aloud(reply: Reply) -> None:
    """The model's reasoning comes first, in `reasoning_content`, with an empty `content`."""
    _think(reply, "reasoning_content", {"content": ""})


@variation("reasoning-null-beside", source=issue("sgl-project/sglang", 6310))
def think_beside_nulls(reply: Reply) -> None:
    """The model's reasoning comes first, and role, content and tool_calls are null."""
    _think(reply, "reasoning_content", {"role": None, "content": None, "tool_calls": None})


@variation("reasoning", source=issue("charmbracelet/fantasy", 196))
def think_under_another_name(reply: Reply) -> None:
    """The model's reasoning comes first, in a member named `reasoning`."""
    _think(reply, "reasoning", {"content": ""})


def _think(reply: Reply, name: str, beside: dict[str, Any]) -> None:
    for message in reply.messages:
        message[name] = "".join(THOUGHTS)
    if reply.streamed and reply.completes:
        reply.streamed[1:1] = [_beside(reply, {**beside, name: thought}) for thought in THOUGHTS]


def _beside(reply: Reply, delta: dict[str, Any] | None) -> dict[str, Any]:
    """A copy of the first chunk, with this delta, or without choices."""
    choice = {"index": 0, **({} if delta is None else {"delta": delta}), "finish_reason": None}
    return {**reply.streamed[0], "choices": [choice]}


@variation("line-separators-raw", source=issue("Soju06/codex-lb", 1010))
def write_line_separators(reply: Reply) -> None:
    """Text contains unescaped U+2028, U+2029 and U+0085; none of them ends a line of a stream."""
    for part in (*reply.messages, *reply.text_deltas):
        if isinstance(part.get("content"), str):  # only where the model chooses the wording
            part["content"] = part["content"].replace("o! H", "o!\u2028\u2029\u0085H")


@variation("finish-reason-on-last-content", source=issue("ollama/ollama", 17485))
def finish_with_the_last_content(reply: Reply) -> None:
    """The last delta with content has the finish_reason, and no empty delta follows."""
    chunks = reply.streamed
    at = next((n for n, chunk in enumerate(chunks) if n and _finishes(chunk)), None)
    if at and chunks[at - 1].get("choices"):
        chunks[at - 1]["choices"][0]["finish_reason"] = chunks[at]["choices"][0]["finish_reason"]
        del chunks[at]


def _finishes(chunk: dict[str, Any]) -> bool:
    return any(choice.get("finish_reason") and not choice.get("delta") for choice in objects_in(chunk, "choices"))


@variation("stray-empty-deltas", source=issue("envoyproxy/ai-gateway", 2549))
def send_empty_deltas(reply: Reply) -> None:
    """Chunks with an empty delta keep a stream alive."""
    if reply.completes and len(reply.streamed) > 2:
        reply.streamed[1:1] = [_beside(reply, {})]
        reply.streamed[-1:-1] = [_beside(reply, {})]


@variation("azure-first-chunk", source=issue("simonw/llm", 294))
def open_without_choices(reply: Reply) -> None:
    """A stream begins with a chunk without choices, as Azure reports its content filter."""
    if reply.streamed and reply.completes:
        filtered = [{"prompt_index": 0, "content_filter_results": {}}]
        named: dict[str, Any] = {"choices": [], "created": 0, "id": "", "model": "", "object": ""}
        reply.streamed.insert(0, {**named, "prompt_filter_results": filtered})


@variation("azure-late-filter", source=issue("microsoft/autogen", 6465))
def filter_without_delta(reply: Reply) -> None:
    """A choice without `delta` comes late in a stream, as from Azure's asynchronous filter."""
    if reply.completes and len(reply.streamed) > 2:
        late = _beside(reply, None)
        late["choices"][0] |= {"content_filter_results": {}, "content_filter_offsets": {"check_offset": 0}}
        reply.streamed.insert(2, late)


@variation("optional-members-missing", source=commit("oobabooga/text-generation-webui", "f1cfeae3"))
def leave_out_what_is_optional(reply: Reply) -> None:
    """system_fingerprint, logprobs and refusal are missing when they have no value."""
    for answer in reply.objects:
        _drop_null(answer, "system_fingerprint")
        for choice in objects_in(answer, "choices"):
            _drop_null(choice, "logprobs")
            _drop_null(choice.get("message") or choice.get("delta") or {}, "refusal")


def _drop_null(members: dict[str, Any], name: str) -> None:
    if members.get(name) is None:
        members.pop(name, None)


@variation("service-tier-standard", source=issue("pydantic/pydantic-ai", 4911))
def name_the_standard_tier(reply: Reply) -> None:
    """`service_tier` is "standard"."""
    for answer in reply.objects:
        answer["service_tier"] = "standard"


@variation("service-tier-on-demand", source=issue("pydantic/pydantic-ai", 4911))
def name_the_groq_tier(reply: Reply) -> None:
    """`service_tier` is "on_demand", as with Groq."""
    for answer in reply.objects:
        answer["service_tier"] = "on_demand"


@variation("service-tier-null", source=issue("pydantic/pydantic-ai", 4911))
def name_no_tier(reply: Reply) -> None:
    """`service_tier` is null."""
    for answer in reply.objects:
        answer["service_tier"] = None


@variation("model-dated", source=COMPLETION)
def date_the_model(reply: Reply) -> None:
    """`model` of the answer is the dated version of the requested model."""
    for answer in reply.objects:
        answer["model"] = f"{answer.get('model', '')}-2026-01-31"


@variation("created-moves", source=issue("ollama/ollama", 17485))
def let_the_time_pass(reply: Reply) -> None:
    """`created` is the time of each chunk and increases during a stream."""
    for n, chunk in enumerate(reply.streamed):
        if isinstance(chunk.get("created"), int):
            chunk["created"] += n // 10
