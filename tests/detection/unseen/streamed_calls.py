"""Defects that trackers tell of in 2026: native tool calls, above all streamed ones."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from conformance.reference.encoding import event
from conformance.reference.stages import Frames, Reply, objects_in
from tests.detection.unseen.shown import shown

Json = dict[str, Any]
PIECE = 4  # characters
OVERLAP = 7  # characters
PATH = re.compile(r"(?<!<)[\w.-]*(?:(?:/|\\\\)[\w.-]+)+")
CLOSING = "}\n</tool_call>"


def _entries(reply: Reply) -> Iterator[tuple[int, Json]]:
    """Every entry of delta.tool_calls with the index of its choice."""
    for choice in reply.streamed_choices:
        for entry in objects_in(choice.get("delta"), "tool_calls"):
            yield choice["index"], entry


def _calls(reply: Reply) -> list[list[Json]]:
    """The entries of each streamed call, its header first."""
    found: dict[tuple[int, int], list[Json]] = defaultdict(list)
    for choice, entry in _entries(reply):
        found[choice, entry["index"]].append(entry)
    return list(found.values())


def _arguments(call: list[Json]) -> str:
    return "".join(entry["function"]["arguments"] for entry in call)


def _rewrite(reply: Reply, change: Callable[[str, str], str]) -> None:
    """Change the arguments of every streamed call, given its name, and split them into as many pieces as before."""
    for call in _calls(reply):
        pieces = [entry["function"] for entry in call if entry["function"]["arguments"]]
        text = change(call[0]["function"]["name"], _arguments(call))
        for n, piece in enumerate(pieces):
            piece["arguments"] = text[n * PIECE : (n + 1) * PIECE if n < len(pieces) - 1 else None]


@shown("router-for-me/CLIProxyAPI#5229 index-from-one")
def count_from_one(reply: Reply) -> None:
    """Streamed calls have the indices 1, 2, 3, as if a block of text stood before them."""
    for entry in reply.call_deltas:
        entry["index"] += 1


@shown("fw-ai/fireconnect#16 ids-of-the-turn")
def number_ids_within_the_turn(reply: Reply) -> None:
    """The id of a call is its name and its position in the turn, so later turns repeat it."""
    for entry in reply.call_deltas:
        if entry.get("id"):
            entry["id"] = f"{entry['function']['name']}:{entry['index']}"
    for message in reply.messages:
        for at, call in enumerate(objects_in(message, "tool_calls")):
            call["id"] = f"{call['function']['name']}:{at}"


@shown("jjang-ai/vmlx#244 name-in-second-delta")
def name_late(reply: Reply) -> None:
    """The first delta of a streamed call has an empty name; name and whole arguments follow in one delta."""
    done: list[int] = []
    for header, *pieces in _calls(reply):
        if pieces:
            whole = {"name": header["function"]["name"], "arguments": _arguments([header, *pieces])}
            pieces[0].update(id=header["id"], type="function", function=whole)
            done += [id(piece) for piece in pieces[1:]]
        header["function"] = {"name": "", "arguments": ""}
    if reply.chunks:
        reply.chunks = [chunk for chunk in reply.chunks if not _carries(chunk, done)]


def _carries(chunk: Json, done: list[int]) -> bool:
    deltas = (choice.get("delta") for choice in objects_in(chunk, "choices"))
    return any(id(entry) in done for delta in deltas for entry in objects_in(delta, "tool_calls"))


@shown("team-telnyx/ai#252 overlapping-paths")
def repeat_the_end_of_paths(reply: Reply) -> None:
    """Deltas overlap in streamed arguments: the last characters of a path come twice (worker.jsrker.js)."""

    def overlap(path: re.Match[str]) -> str:
        last = re.split(r"[/\\]", path[0])[-1]
        return path[0] + last[-OVERLAP:]

    _rewrite(reply, lambda _, text: PATH.sub(overlap, text))


@shown("youssofal/MTPLX#249 values-as-text")
def say_the_values(reply: Reply) -> None:
    """After a tool result, the values of streamed arguments are also sent as text."""
    if not (reply.request.tool_messages and reply.call_deltas and reply.chunks):
        return
    values = [value for call in _calls(reply) for value in _values(_arguments(call))]
    end = next((at for at, chunk in enumerate(reply.chunks) if _finish(chunk)), len(reply.chunks))
    choice = {"index": 0, "delta": {"content": "\n\n".join(values)}, "logprobs": None, "finish_reason": None}
    reply.chunks.insert(end, {**reply.chunks[0], "choices": [choice]})


def _finish(chunk: Json) -> str | None:
    return next((choice["finish_reason"] for choice in objects_in(chunk, "choices")), None)


def _values(arguments: str) -> list[str]:
    try:
        return [value if isinstance(value, str) else json.dumps(value) for value in json.loads(arguments).values()]
    except ValueError:  # cut by the cap
        return []


@shown("ggml-org/llama.cpp#22878 error-at-second-call")
def fail_at_the_second_call(frames: Frames) -> None:
    """A stream with several calls ends with a parse error after the first."""
    for at, frame in enumerate(frames):
        for name in _second_names(frame):
            message = f"Failed to parse input at pos 668: \n<tool_call>\n<function={name}>"
            frames[at:] = [event({"error": {"code": 500, "message": message, "type": "server_error"}})]
            return


def _second_names(frame: bytes) -> Iterator[str]:
    """The names of the calls after the first that begin in a frame."""
    data = frame.removeprefix(b"data: ").strip()
    chunk = json.loads(data) if data.startswith(b"{") else {}
    for choice in objects_in(chunk, "choices"):
        for entry in objects_in(choice.get("delta"), "tool_calls"):
            if entry["index"] and entry["function"].get("name"):
                yield entry["function"]["name"]


@shown("vllm-project/vllm-ascend#12261 nullable-unquoted")
def unquote_nullable_strings(reply: Reply) -> None:
    """Streamed strings lose their opening quote where the schema says anyOf string or null."""
    names = {function.get("name"): _nullable(function) for function in reply.request.tools}

    def unquote(name: str, text: str) -> str:
        for key in names.get(name, ()):
            text = text.replace(f'{json.dumps(key)}:"', f"{json.dumps(key)}:")
        return text

    _rewrite(reply, unquote)


def _nullable(function: Json) -> list[str]:
    """The parameters that are a string or null by anyOf."""
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    known = properties if isinstance(properties, dict) else {}
    kinds = {key: [one.get("type") for one in objects_in(schema, "anyOf")] for key, schema in known.items()}
    return [key for key, types in kinds.items() if "string" in types and "null" in types]


@shown("RayBytes/ChatMock#114 stop-after-calls")
def finish_twice(reply: Reply) -> None:
    """Streams with calls have a second last chunk: finish_reason is tool_calls, then stop."""
    made: list[Json] = []
    for chunk in reply.streamed:
        made.append(chunk)
        if _finish(chunk) == "tool_calls":
            choices = [{**choice, "delta": {}, "finish_reason": "stop"} for choice in chunk["choices"]]
            made.append({**chunk, "choices": choices})
    if reply.chunks:
        reply.chunks = made


@shown("vllm-project/vllm#53269 cap-as-tool-calls")
def hide_the_cap(reply: Reply) -> None:
    """Streams whose call was cut by the token limit say tool_calls instead of length."""
    if isinstance(reply.request.body.get("tool_choice"), dict):
        return
    calling = {choice for choice, _ in _entries(reply)}
    for choice in reply.streamed_choices:
        if choice["finish_reason"] == "length" and choice["index"] in calling:
            choice["finish_reason"] = "tool_calls"


@shown("cubist38/mlx-openai-server#284 calls-in-reasoning")
def think_the_calls(reply: Reply) -> None:
    """In every third answer the calls stay in reasoning_content as markup, and tool_calls is missing."""
    if reply.request.number % 3:
        return
    for message in reply.messages:
        calls = message.pop("tool_calls", None)
        if calls:
            message["reasoning_content"] = "\n".join(_markup(call) + CLOSING for call in calls)
    calling = {choice for choice, _ in _entries(reply)}
    for choice in reply.streamed_choices:
        if entries := choice["delta"].pop("tool_calls", None):
            choice["delta"]["reasoning_content"] = "".join(_markup(entry) for entry in entries)
        elif choice["finish_reason"] and choice["index"] in calling:
            choice["delta"]["reasoning_content"] = CLOSING
    for choice in (*reply.choices, *reply.streamed_choices):
        if choice["finish_reason"] == "tool_calls":
            choice["finish_reason"] = "stop"


def _markup(entry: Json) -> str:
    """A call, or a piece of it, as the model wrote it, without its end."""
    name, arguments = entry["function"].get("name"), entry["function"]["arguments"]
    before = f"{CLOSING}\n" if entry.get("index") else ""
    return f'{before}<tool_call>\n{{"name": {json.dumps(name)}, "arguments": {arguments}' if name else arguments
