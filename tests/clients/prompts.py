"""Prompts that the tests of requests share: small ones by hand, those that were measured, and arbitrary ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from conformance.clients.ai_sdk import request as ai_sdk
from conformance.clients.cline import request as cline
from conformance.clients.kilo_code import request as kilo_code
from conformance.clients.kilo_code_legacy import request as kilo_code_legacy
from conformance.clients.openai_python import request as openai_python
from conformance.clients.reading import ReadCall
from conformance.clients.roo_code import request as roo_code
from conformance.clients.talk import Assistant, Prompt, Result, Said, Tool, User

REQUESTS: dict[str, ModuleType] = {
    "roo-code": roo_code,
    "kilo-code-legacy": kilo_code_legacy,
    "kilo-code": kilo_code,
    "cline": cline,
    "openai-python": openai_python,
    "ai-sdk": ai_sdk,
}
MEASURED: dict[str, Any] = json.loads(Path(__file__).with_name("requests.json").read_text("utf-8"))
PNG = "data:image/png;base64,iVBORw0KGgo="


def called(id: Any, name: str, value: dict[str, Any] | None = None, problem: str = "") -> ReadCall:
    """A call as a reader leaves it."""
    written = json.dumps(value) if value is not None else '{"path": '
    return ReadCall(id, name, written, value, problem=problem)


WRITTEN = ReadCall("functions.read_file:0", "read_file", '{ "path" : "a.py" }', {"path": "a.py"})
LISTED = ReadCall("call_2", "list_files", "{}", {})
LOOK = Prompt(  # one round of tools: an answer without words, two results, and what the program adds to them
    "Be brief.",
    (
        User(("Look.", "It is noon.")),
        Assistant("", (WRITTEN, LISTED), "I should look."),
        Result(WRITTEN.id, "x = 1\n"),
        Result(LISTED.id, ""),
        User(("It is one o'clock.",)),
    ),
)


def measured_prompt(row: dict[str, Any]) -> Prompt:
    """A prompt of requests.json."""
    tools = tuple(Tool(t["name"], t["description"], t["parameters"], t["server"]) for t in row["tools"])
    return Prompt(row["system"], tuple(map(_measured, row["history"])), tools)


def _measured(said: dict[str, Any]) -> Said:
    if "texts" in said:
        return User(tuple(said["texts"]), tuple(said["images"]))
    if "content" in said:
        return Result(said["id"], said["content"])
    calls = tuple(called(call["id"], call["name"], call["value"]) for call in said["calls"])
    return Assistant(said["text"], calls, said["reasoning"])


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema in it."""
    if isinstance(node, dict):
        yield node
        for member in node.get("properties", {}).values():
            yield from schemas(member)
        yield from schemas(node.get("items"))


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
USERS = st.builds(
    User, st.lists(WORDS, min_size=1, max_size=3).map(tuple), st.lists(st.just(PNG), max_size=1).map(tuple)
)


@st.composite
def rounds(draw: st.DrawFn) -> list[Said]:
    """A user, and an answer that may hold calls; then the results of all of them."""
    ids = draw(st.lists(WORDS, max_size=3, unique=True))
    values = st.dictionaries(st.text(max_size=4), JSON, max_size=2)
    calls = [called(id, draw(st.sampled_from(["read_file", "list_files"])), draw(values)) for id in ids]
    words = draw(st.text(max_size=8)) if calls else draw(WORDS)
    answer = Assistant(words, tuple(calls), draw(st.text(max_size=8)))
    results = [Result(id, draw(st.text(max_size=8))) for id in draw(st.permutations(ids))]
    return [*draw(st.lists(USERS, min_size=1, max_size=2)), answer, *results]


HISTORIES = st.lists(rounds(), max_size=3).map(
    lambda several: tuple(said for one in several for said in one)
) | st.just(LOOK.history)
