"""Tool calls: their ids, how a stream splits them, what accompanies them, and what the model is free to do."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from conformance.reference.sources import commit, issue
from conformance.reference.stages import Reply, Request, objects_in
from conformance.reference.variation import variation

Call = dict[str, Any]


def _rename(reply: Reply, id_of: Callable[[str, str, int], str]) -> None:
    """Give every call a new id, made from its id, its name and its number in the conversation."""
    number = sum(len(message["tool_calls"]) for message in reply.request.calling_messages)
    ids: dict[str, str] = {}
    for call in (*reply.calls, *reply.call_deltas):
        own = call.get("id")
        if isinstance(own, str) and own:
            name = call.get("function", {}).get("name", "")
            call["id"] = ids.setdefault(own, id_of(own, name, number + len(ids)))


def _digits(id: str) -> str:
    return sha256(id.encode()).hexdigest()


@variation("ids-of-nine-characters", source=issue("langchain-ai/langchain", 24668))
def shorten_the_ids(reply: Reply) -> None:
    """Call ids are nine letters and digits, as with Mistral."""
    _rename(reply, lambda id, name, n: _digits(id)[:9])


@variation("ids-of-kimi", source=issue("NousResearch/hermes-agent", 24534))
def name_calls_after_functions(reply: Reply) -> None:
    """Call ids are `functions.NAME:N`, numbered through the conversation, as with Kimi."""
    _rename(reply, lambda id, name, n: f"functions.{name}:{n}")


@variation("ids-of-deepseek", source=issue("deepseek-ai/DeepSeek-V3", 1588))
def number_the_ids(reply: Reply) -> None:
    """Call ids are `call_00_` and twenty more characters, as with DeepSeek."""
    _rename(reply, lambda id, name, n: f"call_{n:02}_{_digits(id)[:20]}")


@variation("ids-of-groq", source=issue("BerriAI/litellm", 11001))
def keep_the_ids_short(reply: Reply) -> None:
    """Call ids are `call_` and four letters, as with Groq."""
    letters = str.maketrans("0123456789", "ghijklmnop")
    _rename(reply, lambda id, name, n: f"call_{_digits(id)[:4].translate(letters)}")


@variation("later-deltas-null", source=issue("sgl-project/sglang", 4700))
def say_null_later(reply: Reply) -> None:
    """After the first delta of a call, its id and type are null, and its name is empty."""
    _later(reply, {"id": None, "type": None}, "")


@variation("later-deltas-empty", source=issue("lmstudio-ai/lmstudio-bug-tracker", 649))
def say_nothing_later(reply: Reply) -> None:
    """After the first delta of a call, its id and its name are empty."""
    _later(reply, {"id": ""}, "")


def _later(reply: Reply, beside: Call, name: str) -> None:
    for entry in reply.call_deltas:
        if "id" not in entry and "function" in entry:
            entry |= beside
            entry["function"]["name"] = name


@variation("id-in-every-delta", source=issue("InternLM/lmdeploy", 4585))
def repeat_the_id(reply: Reply) -> None:
    """Every delta of a call repeats its id, with the same index."""
    ids: dict[object, str] = {}
    for entry in reply.call_deltas:
        entry["id"] = ids.setdefault(entry.get("index"), entry.get("id", ""))


@variation("whole-call-in-one-delta", source="https://docs.x.ai/docs/guides/function-calling")
def send_whole_calls(reply: Reply) -> None:
    """A streamed call comes in one delta, as with xAI, Groq, Mistral and Ollama."""
    begun: dict[object, Call] = {}
    for delta in reply.deltas:
        if isinstance(calls := delta.get("tool_calls"), list):
            calls[:] = [e for e in calls if not (isinstance(e, dict) and _continues(e, begun))]
            if not calls:
                del delta["tool_calls"]


def _continues(entry: Call, begun: dict[object, Call]) -> bool:
    """Whether the entry was added to a call that began before."""
    first = begun.setdefault(entry.get("index"), entry)
    begun_with, more = ((one.get("function") or {}).get("arguments") for one in (first, entry))
    if first is entry or not isinstance(begun_with, str) or not isinstance(more, str):
        return False
    first["function"]["arguments"] = begun_with + more
    return True


@variation("text-beside-calls", source=issue("ollama/ollama", 11759))
def talk_while_calling(reply: Reply) -> None:
    """Text and a call come in one message, and in one delta of a stream."""
    _talk_in_messages(reply)
    for delta in reply.deltas:
        if any(entry.get("id") for entry in objects_in(delta, "tool_calls")):
            delta["content"] = "I will look."


@variation("text-before-calls", source=commit("charmbracelet/fantasy", "6b4e9b2"))
def talk_before_calling(reply: Reply) -> None:
    """A stream has text before it has calls."""
    _talk_in_messages(reply)
    calling = next((n for n, c in enumerate(reply.streamed) if _calls_in(c)), None)
    if calling is not None:
        like = reply.streamed[calling]
        delta = {"role": "assistant", "content": "I will look."}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}
        reply.streamed.insert(calling, {**like, "choices": [choice]})


def _calls_in(chunk: dict[str, Any]) -> bool:
    return any((choice.get("delta") or {}).get("tool_calls") for choice in objects_in(chunk, "choices"))


def _talk_in_messages(reply: Reply) -> None:
    for message in reply.messages:
        if message.get("tool_calls"):
            message["content"] = "I will look."


@variation("empty-content-beside-calls", source=issue("ollama/ollama", 11759))
def leave_content_empty(reply: Reply) -> None:
    """The content of a message with calls is an empty string instead of null."""
    for message in reply.messages:
        if message.get("tool_calls"):
            message["content"] = ""


@variation("stop-beside-calls", source=issue("anomalyco/opencode", 14972))
def call_it_a_stop(reply: Reply) -> None:
    """An answer with calls ends with the finish_reason `stop`."""
    for choice in (*reply.choices, *reply.streamed_choices):
        if choice.get("finish_reason") == "tool_calls":
            choice["finish_reason"] = "stop"


@variation("model-hesitates", source=issue("deepseek-ai/DeepSeek-V3", 1244))
def answer_in_text_at_first(request: Request) -> None:
    """The model may call a tool but answers in text; when asked again, it calls."""
    if request.tools and request.body.get("tool_choice") in (None, "auto") and not request.asked_before:
        request.body["tool_choice"] = "none"
