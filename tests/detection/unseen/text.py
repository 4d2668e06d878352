"""Defects that trackers tell of in 2026: ordinary text answers, streamed or not."""

from __future__ import annotations

from typing import Any

from conformance.reference.stages import Frames, Reply, Request
from tests.detection.unseen.shown import shown

END_OF_SENTENCE = "<｜end▁of▁sentence｜>"
HELD_BACK = 24  # characters
FENCE, AFTER_FENCE = "```json\n", "\n```\nThis JSON object holds what you asked for."


@shown("router-for-me/CLIProxyAPI#2582 text-null-unless-streamed")
def lose_the_text_of_plain_answers(reply: Reply) -> None:
    """An answer that is not streamed has content null, though it stopped normally and its tokens were counted."""
    for message in reply.messages:
        if not message.get("tool_calls"):
            message["content"] = None


@shown("Quorinex/Kiro-Go#138 repeats-dropped")
def drop_repeated_text(reply: Reply) -> None:
    """Streamed text that repeats the end of the piece before it is taken for a replay and dropped."""
    before: dict[Any, str] = {}
    for choice in reply.streamed_choices:
        delta = choice.get("delta") or {}
        piece = delta.get("content")
        if piece:
            delta["content"] = _without_replay(before.get(choice.get("index"), ""), piece)
            before[choice.get("index")] = piece
    _drop_emptied(reply)


def _without_replay(before: str, piece: str) -> str:
    if before.startswith(piece):
        return ""
    overlaps = (size for size in range(min(len(before), len(piece)), 0, -1) if before.endswith(piece[:size]))
    return piece[next(overlaps, 0) :]


def _drop_emptied(reply: Reply) -> None:
    if reply.chunks:
        reply.chunks = [chunk for chunk in reply.chunks if not _emptied(chunk)]


def _emptied(chunk: dict[str, Any]) -> bool:
    deltas = [choice.get("delta") for choice in chunk.get("choices") or ()]
    return bool(deltas) and all(delta == {"content": ""} for delta in deltas)


@shown("vllm-project/vllm-ascend#9767 special-token-in-text")
def leak_a_special_token(reply: Reply) -> None:
    """Streamed text ends with the special token of the model's template when tools are offered."""
    if reply.request.tools and reply.text_deltas:
        reply.text_deltas[-1]["content"] += END_OF_SENTENCE


@shown("api7/aisix#111 characters-replaced")
def decode_half_characters(frames: Frames) -> None:
    """Every second event arrives in two reads, cut inside its first non-ASCII character, and each is decoded alone."""
    frames[::2] = [_read_in_two(frame) for frame in frames[::2]]


def _read_in_two(frame: bytes) -> bytes:
    cut = next((at + 1 for at, byte in enumerate(frame) if byte >= 0x80), len(frame))
    return "".join(part.decode("utf-8", "replace") for part in (frame[:cut], frame[cut:])).encode()


@shown("ikawrakow/ik_llama.cpp#2321 max-completion-tokens-ignored")
def ignore_max_completion_tokens(request: Request) -> None:
    """The limit is read from max_tokens only; max_completion_tokens is silently dropped."""
    if request.is_chat:
        request.body.pop("max_completion_tokens", None)


@shown("BerriAI/litellm#25825 truncated-is-stop")
def say_stop_at_the_limit(reply: Reply) -> None:
    """An answer that was cut at its token limit has the finish_reason stop, streamed or not."""
    for choice in (*reply.choices, *reply.streamed_choices):
        if choice.get("finish_reason") == "length":
            choice["finish_reason"] = "stop"


@shown("vllm-project/vllm#40816 answer-as-reasoning")
def stream_the_answer_as_reasoning(reply: Reply) -> None:
    """Streams carry the final answer in delta.reasoning, and no text in delta.content."""
    for delta in reply.text_deltas:
        delta["reasoning"] = delta.pop("content")


@shown("ROCm/FastFlowLM#554 json-in-a-fence")
def ignore_the_response_format(reply: Reply) -> None:
    """response_format has no effect: the JSON comes in a Markdown fence with a sentence after it."""
    wanted = reply.request.body.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") not in ("json_object", "json_schema"):
        return
    for message in reply.messages:
        if message.get("content"):
            message["content"] = FENCE + message["content"] + AFTER_FENCE
    if reply.text_deltas:
        reply.text_deltas[0]["content"] = FENCE + reply.text_deltas[0]["content"]
        reply.text_deltas[-1]["content"] += AFTER_FENCE


@shown("osaurus-ai/vmlx-swift#148 tail-held-back")
def hold_back_the_tail(reply: Reply) -> None:
    """The last 24 characters of every text are never sent, and a text that is no longer than that is empty."""
    for message in reply.messages:
        if message.get("content"):
            message["content"] = message["content"][:-HELD_BACK]
    left: dict[Any, int] = {}
    for choice in reversed(list(reply.streamed_choices)):
        delta, index = choice.get("delta") or {}, choice.get("index")
        if delta.get("content"):
            lost = min(left.get(index, HELD_BACK), len(delta["content"]))
            left[index] = left.get(index, HELD_BACK) - lost
            delta["content"] = delta["content"][: len(delta["content"]) - lost]
    _drop_emptied(reply)


@shown("Portkey-AI/gateway#1754 cached-prompt-not-counted")
def leave_cached_tokens_out(reply: Reply) -> None:
    """In later turns prompt_tokens leaves out what came from the cache, while total_tokens counts it."""
    if not any(message.get("role") == "assistant" for message in reply.request.messages):
        return
    for holder in reply.objects:
        usage = holder.get("usage")
        if isinstance(usage, dict):
            cached = usage["prompt_tokens"] * 3 // 4
            usage["prompt_tokens"] -= cached
            usage["prompt_tokens_details"] = {**usage["prompt_tokens_details"], "cached_tokens": cached}
