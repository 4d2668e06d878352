"""Prints what an unseen defect does to a few plain requests: python -m tests.detection.unseen.try_out KEY."""

from __future__ import annotations

import json
import sys
from typing import Any

from conformance.reference import Provider
from conformance.reference.stages import Send
from tests.detection.unseen.shown import UNSEEN

KEY = "sk-test-0123456789abcdefghij"
READ = {
    "type": "function",
    "function": {
        "name": "read_file",
        "description": "Reads a file.",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    },
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "read_file", "arguments": '{"path": "a.py"}'}}
ASK = [{"role": "user", "content": "Say hello."}]
USE = [{"role": "user", "content": "Call read_file for a.py."}]
BOTH = [{"role": "user", "content": "Call read_file twice, for a.py and for b.py, in one answer."}]
AFTER = [
    *USE,
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_1", "content": "x"},
]
REQUESTS: dict[str, dict[str, Any]] = {
    "text": {"messages": ASK},
    "streamed text": {"messages": ASK, "stream": True, "stream_options": {"include_usage": True}},
    "a call": {"messages": USE, "tools": [READ], "tool_choice": "required"},
    "a streamed call": {"messages": USE, "tools": [READ], "tool_choice": "required", "stream": True},
    "two streamed calls": {"messages": BOTH, "tools": [READ], "stream": True},
    "a tool result": {"messages": AFTER, "tools": [READ], "stream": True},
}


def answers(provider: Provider) -> dict[str, str]:
    """What the provider does on the wire, by request."""
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    seen = {}
    for name, body in REQUESTS.items():
        raw = json.dumps({"model": provider.model, **body}).encode()
        actions = provider.handle("POST", "/v1/chat/completions", dict(headers), raw)
        seen[name] = "\n".join(a.data.decode("utf-8", "replace") if isinstance(a, Send) else repr(a) for a in actions)
    return seen


def main(keys: list[str]) -> None:
    """Prints what is otherwise."""
    spoiled = Provider("reference-1", KEY, clock=lambda: 1_700_000_000.0)
    UNSEEN.spoil(spoiled, *keys)
    sound = answers(Provider("reference-1", KEY, clock=lambda: 1_700_000_000.0))
    for name, text in answers(spoiled).items():
        print(f"=== {name}: {'the same' if text == sound[name] else 'sound, then spoiled'}")
        if text != sound[name]:
            print(sound[name][-3000:], "\n--- spoiled", "\n" + text[-3000:])


if __name__ == "__main__":
    main(sys.argv[1:])
