"""The real OpenAI Python SDK: its chunks, the loop that everybody writes over them, and its `stream()` helper."""

from __future__ import annotations

import re
import traceback
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import openai
from openai import OpenAI

ADDRESS = re.compile("0x[0-9a-f]+")
SILENCE = 1.5  # seconds that it waits for a byte
Seen = dict[str, Any]


def ask(form: str, base_url: str, key: str, body: dict[str, Any] | None) -> Seen:
    """What the SDK makes of the answer to this body in one of FORMS; None asks for the list of models."""
    # Reading certificates would take most of the time.
    http = openai.DefaultHttpxClient(verify=False, timeout=SILENCE)
    with OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=SILENCE, http_client=http) as client:
        seen: Seen = {"error": None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydantic's, on values that are not what the SDK's types say
            try:
                (listed if body is None else FORMS[form])(client, body or {}, seen)
            except Exception as error:
                seen["error"] = failure(error)
        return seen


def failure(error: Exception) -> Seen:
    """An exception: the last line of its traceback, and its message. An address in it is another one every time."""
    line = "".join(traceback.format_exception_only(error)).strip()
    return {"line": re.sub(ADDRESS, "0x0", line), "message": re.sub(ADDRESS, "0x0", str(error))}


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
    take(answer, seen)


def take(completion: Any, seen: Seen) -> None:
    """The message of a completion."""
    choice = completion.choices[0]
    seen |= {"text": choice.message.content or "", "finish": choice.finish_reason}
    calls = choice.message.tool_calls or []
    seen["calls"] = [[call.id, call.function.name, call.function.arguments] for call in calls]


def gather(chunks: Iterable[Any], seen: Seen) -> None:
    """The loop of OpenAI's documentation, with the guards that most programs have: the first id and name count."""
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
                calls[part.index] = [None, None, ""]
                seen["calls"].append(calls[part.index])
            extend(calls[part.index], part)
        seen["finish"] = chunk.choices[0].finish_reason or seen["finish"]


def extend(call: list[Any], part: Any) -> None:
    """One more fragment of a call."""
    call[0] = call[0] or part.id
    if part.function:
        call[1] = call[1] or part.function.name
        call[2] += part.function.arguments or ""


def helper(client: OpenAI, body: dict[str, Any], seen: Seen) -> None:
    """What the helper has put together at the end."""
    asked = {key: value for key, value in body.items() if key != "stream"}
    with client.chat.completions.stream(**asked) as stream:
        stream.until_done()
        take(stream.get_final_completion(), seen)


FORMS: dict[str, Callable[[OpenAI, dict[str, Any], Seen], None]] = {"raw": raw, "loop": loop, "stream()": helper}
