"""Reports about what is in an answer."""

from __future__ import annotations

import json

from conformance.reference.encoding import LAST_CHUNK
from conformance.reference.stages import Actions, Close, Frames, Reply, Send
from tests.detection.reports.shown import shown


@shown("infiniflow/ragflow#15266 nan-in-the-last-chunk")
def write_nan(frames: Frames) -> None:
    """The last chunk of a stream holds the bare word NaN."""
    if len(frames) > 1:
        frames[-2] = frames[-2].rstrip().removesuffix(b"}") + b',"_second":NaN}\n\n'


@shown("jundot/omlx#1267 no-last-chunk")
def end_without_the_last_chunk(wire: Actions) -> None:
    """The chunk of length 0 that ends a chunked body is missing; the connection is closed."""
    if wire.streams:
        wire[:] = [action for action in wire if action != Send(LAST_CHUNK)] + [Close()]


@shown("earendil-works/pi#2981 bare-line-ends")
def write_line_ends_bare(reply: Reply) -> None:
    r"""Line ends inside the strings of arguments are written bare instead of as \n."""
    for entry in (*reply.calls, *reply.call_deltas):
        function = entry["function"]
        function["arguments"] = (function.get("arguments") or "").replace("\\n", "\n")


@shown("earendil-works/pi#6762 bare-tabs")
def write_tabs_bare(frames: Frames) -> None:
    r"""Tabs inside the strings of a chunk are written bare instead of as \t."""
    frames[:] = [frame.replace(b"\\t", b"\t") for frame in frames]


@shown("anomalyco/opencode#39061 cost-event")
def add_the_cost(reply: Reply) -> None:
    """A stream ends with {"choices": [], "cost": "0"}."""
    if reply.chunks:
        reply.chunks.append({"choices": [], "cost": "0"})


@shown("danny-avila/LibreChat#13987 index-counts-steps")
def count_steps(reply: Reply) -> None:
    """A call's id and name come under one index, its arguments under the next."""
    for entry in reply.call_deltas:
        entry["index"] = 2 * entry["index"] + (not entry.get("id"))


@shown("modelscope/modelscope#1513 empty-unless-streamed")
def leave_completions_empty(reply: Reply) -> None:
    """Without a stream the content is empty and calls are missing."""
    for message in reply.messages:
        message["content"] = ""
        message.pop("tool_calls", None)


@shown("BerriAI/litellm#38926 arguments-held-back")
def hold_arguments_back(reply: Reply) -> None:
    """With include_usage all fragments of arguments come together at the end of the stream."""
    if not reply.call_deltas or not (reply.request.body.get("stream_options") or {}).get("include_usage"):
        return
    joined: dict[int, str] = {}
    for entry in reply.call_deltas:
        joined[entry["index"]] = joined.get(entry["index"], "") + entry["function"]["arguments"]
        entry["function"]["arguments"] = ""
    kept = [chunk for chunk in reply.streamed if _says_something(chunk)]
    last = next(n for n, chunk in enumerate(kept) for c in chunk["choices"] if c["finish_reason"])
    for at, text in joined.items():
        delta = {"tool_calls": [{"index": at, "function": {"arguments": text}}]}
        late = {**kept[0], "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]}
        kept.insert(last, late)
        last += 1
    reply.chunks = kept


def _says_something(chunk: dict) -> bool:  # type: ignore[type-arg]
    return (
        not all(
            entry.keys() == {"index", "function"}
            for c in chunk["choices"]
            for entry in c["delta"].get("tool_calls", [{}])
        )
        or not chunk["choices"]
    )


@shown("router-for-me/CLIProxyAPI#796 counts-with-the-finish")
def count_where_it_finishes(reply: Reply) -> None:
    """The token counts stand in the chunk of the finish_reason."""
    counted = [chunk for chunk in reply.streamed if not chunk["choices"]]
    if counted:
        finish = next(c for c in reversed(reply.streamed) if c["choices"])
        finish["usage"] = counted[0]["usage"]
        reply.chunks = [chunk for chunk in reply.streamed if chunk["choices"]]


@shown("vllm-project/vllm#44104 empty-lists-of-calls")
def write_empty_lists(reply: Reply) -> None:
    """Every message and delta without a call has `tool_calls: []`."""
    for holder in (*reply.messages, *reply.deltas):
        holder.setdefault("tool_calls", [])


@shown("ChatLunaLab/chatluna#1031 empty-function-call")
def add_an_empty_function_call(reply: Reply) -> None:
    """The last chunk of a stream with calls has an empty `function_call`."""
    if reply.call_deltas:
        list(reply.deltas)[-1]["function_call"] = {"arguments": ""}


@shown("decolua/9router#3492 stream-where-none-is-asked")
def stream_without_being_asked(reply: Reply) -> None:
    """A request that leaves `stream` out gets its JSON as an event, with [DONE] behind it."""
    if reply.choices and "stream" not in reply.request.body:
        text = json.dumps(reply.body)
        reply.raw(200, f"data: {text}\n\ndata: [DONE]\n\n", "text/event-stream")


@shown("served/bare completions-without-identity")
def leave_the_identity_out(reply: Reply) -> None:
    """Completions have no id, object, created, model and no index."""
    if reply.choices:
        for name in ("id", "object", "created", "model"):
            reply.body.pop(name, None)
        for choice in reply.choices:
            choice.pop("index", None)


@shown("served/fat numbers-in-every-chunk")
def add_numbers(reply: Reply) -> None:
    """Every chunk repeats 600 numbers of the prompt's tokens."""
    for chunk in reply.streamed:
        chunk["prompt_token_ids"] = [123_456] * 600


@shown("served/stranger invented-tool-name")
def call_another_tool(reply: Reply) -> None:
    """Under `auto` the model calls get_weather, which was not offered."""
    names = {function.get("name") for function in reply.request.tools}
    if reply.request.body.get("tool_choice", "auto") != "auto" or "get_weather" in names:
        return
    for entry in (*reply.calls, *reply.call_deltas):
        named = bool(entry["function"].get("name"))
        if named:
            entry["function"]["name"] = "get_weather"
        entry["function"]["arguments"] = '{"city": "Paris"}' if named else ""


@shown("served/empty nothing-said")
def say_nothing(reply: Reply) -> None:
    """The model ends at once: no text, 0 completion tokens."""
    for message in reply.messages:
        if not message.get("tool_calls"):
            message["content"] = ""
    for delta in reply.text_deltas:
        delta["content"] = ""
    calls = reply.calls or reply.call_deltas
    for counted in [one["usage"] for one in reply.objects if one.get("usage") and not calls]:
        counted["total_tokens"] -= counted["completion_tokens"]
        counted["completion_tokens"] = 0
