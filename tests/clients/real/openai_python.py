"""The real OpenAI Python SDK: its chunks, the loop that everybody writes over them, and its `stream()` helper."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import openai
from openai import OpenAI

SILENCE = 1.5  # seconds that it waits for a byte
Seen = dict[str, Any]


def ask(form: str, base_url: str, key: str, body: dict[str, Any] | None) -> Seen:
    """What the SDK makes of the answer to this body in one of FORMS; None asks for the list of models."""
    with OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=SILENCE) as client:
        seen: Seen = {"error": None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydantic's, on values that are not what the SDK's types say
            try:
                (listed if body is None else FORMS[form])(client, body or {}, seen)
            except Exception as error:
                seen["error"] = failure(error)
        return seen


def failure(error: Exception) -> Seen:
    """An exception as the reader tells it."""
    return {
        "name": type(error).__name__,
        "message": re.sub("0x[0-9a-f]+", "0x", str(error)),  # an address is another one every time
        "status": getattr(error, "status_code", None),
    }


def listed(client: OpenAI, _: dict[str, Any], seen: Seen) -> None:
    """The ids of the models."""
    seen["value"] = [model.id for model in client.models.list()]


def raw(client: OpenAI, body: dict[str, Any], seen: Seen) -> None:
    """The chunks, or the completion, as plain data."""
    answer: Any = client.chat.completions.create(**body)
    if not body.get("stream"):
        seen["value"] = plain(answer)
        return
    seen["chunks"] = []
    for chunk in answer:
        seen["chunks"].append(plain(chunk))


def plain(value: Any) -> Any:
    """What the SDK made of JSON, as JSON again."""
    return value.to_dict(mode="json", warnings=False) if isinstance(value, openai.BaseModel) else value


def loop(client: OpenAI, body: dict[str, Any], seen: Seen) -> None:
    """Text and calls as most programs gather them; calls are kept by index."""
    answer: Any = client.chat.completions.create(**body)
    if body.get("stream"):
        gather(answer, seen)
        return
    message = answer.choices[0].message
    seen |= {"text": message.content or "", "finish": answer.choices[0].finish_reason}
    seen["calls"] = [
        [call.id, call.function.name, call.function.arguments] for call in message.tool_calls or []
    ]


def gather(chunks: Iterable[Any], seen: Seen) -> None:
    """The loop that everybody writes."""
    seen |= {"text": "", "calls": [], "finish": None}
    calls: dict[Any, list[Any]] = {}
    for chunk in chunks:
        if not chunk.choices:
            continue
        delta = chunk.choices[0].delta
        if delta.content:
            seen["text"] += delta.content
        for part in delta.tool_calls or []:
            if part.index not in calls:
                calls[part.index] = [None, "", ""]
                seen["calls"].append(calls[part.index])
            extend(calls[part.index], part)
        seen["finish"] = chunk.choices[0].finish_reason or seen["finish"]


def extend(call: list[Any], part: Any) -> None:
    """One more fragment of a call."""
    if part.id:
        call[0] = part.id
    if part.function and part.function.name:
        call[1] += part.function.name
    if part.function and part.function.arguments:
        call[2] += part.function.arguments


def helper(client: OpenAI, body: dict[str, Any], seen: Seen) -> None:
    """What the helper has put together at the end."""
    asked = {key: value for key, value in body.items() if key != "stream"}
    with client.chat.completions.stream(**asked) as stream:
        stream.until_done()
        answer: Any = stream.get_final_completion()
    message = answer.choices[0].message
    seen |= {"text": message.content or "", "finish": answer.choices[0].finish_reason}
    seen["calls"] = [
        [call.id, call.function.name, call.function.arguments] for call in message.tool_calls or []
    ]


FORMS: dict[str, Callable[[OpenAI, dict[str, Any], Seen], None]] = {
    "raw": raw,
    "loop": loop,
    "stream()": helper,
}
