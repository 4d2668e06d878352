"""The model's answer as OpenAI writes it: one JSON object, or a stream of chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from conformance.reference.calls import Call
from conformance.reference.model import Answer
from conformance.reference.text import tokenise

Json = dict[str, Any]
LOGPROB = -0.125


@dataclass(frozen=True)
class Completion:
    """An answer, with what its id, time and token counts are made from."""

    answer: Answer
    body: Mapping[str, Any]
    seed: str
    created: int
    prompt_tokens: int

    @property
    def count(self) -> int:
        """How many choices the request asks for."""
        return self.body.get("n") or 1

    @property
    def identity(self) -> Json:
        """The members that the answer and each of its chunks have in common."""
        digest = sha256(self.seed.encode()).hexdigest()
        return {"id": f"chatcmpl-{digest[:29]}", "created": self.created, "model": self.body["model"]}

    def call_id(self, choice: int, at: int) -> str:
        """The id of a call: unique within an answer and across answers."""
        return "call_" + sha256(f"{self.seed}/{choice}/{at}".encode()).hexdigest()[:24]

    @property
    def usage(self) -> Json:
        """The token counts of the answer."""
        written = self.answer.tokens * self.count
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": written,
            "total_tokens": self.prompt_tokens + written,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }


def completion_body(completion: Completion) -> Json:
    """The `chat.completion` object."""
    choices = [_choice(completion, index) for index in range(completion.count)]
    return {
        **completion.identity,
        "object": "chat.completion",
        "choices": choices,
        "usage": completion.usage,
        "system_fingerprint": None,
    }


def _choice(completion: Completion, index: int) -> Json:
    answer = completion.answer
    message: Json = {"role": "assistant", "content": answer.text, "refusal": None}
    if answer.calls:
        message["tool_calls"] = [
            {"id": completion.call_id(index, at), "type": "function", "function": _function(call)}
            for at, call in enumerate(answer.calls)
        ]
    logprobs = _logprobs(completion, tokenise(answer.text or ""))
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": answer.finish_reason}


def _function(call: Call) -> Json:
    return {"name": call.name, "arguments": call.arguments}


def _logprobs(completion: Completion, tokens: list[str]) -> Json | None:
    if not completion.body.get("logprobs"):
        return None
    alternatives = 1 if completion.body.get("top_logprobs") else 0
    return {"content": [_logprob(token, alternatives) for token in tokens], "refusal": None}


def _logprob(token: str, alternatives: int) -> Json:
    entry = {"token": token, "logprob": LOGPROB, "bytes": list(token.encode("utf-8", "surrogatepass"))}
    return {**entry, "top_logprobs": [dict(entry) for _ in range(alternatives)]}


def chunks(completion: Completion) -> list[Json]:
    """The `chat.completion.chunk` objects of a stream."""
    with_usage = bool((completion.body.get("stream_options") or {}).get("include_usage"))
    shared = {**completion.identity, "object": "chat.completion.chunk", "system_fingerprint": None}
    silent: Json = {"usage": None} if with_usage else {}
    made = [
        {**shared, "choices": [choice], **silent}
        for index in range(completion.count)
        for choice in _streamed_choice(completion, index)
    ]
    return [*made, {**shared, "choices": [], "usage": completion.usage}] if with_usage else made


def _streamed_choice(completion: Completion, index: int) -> Iterator[Json]:
    answer = completion.answer
    opening: Json = {"role": "assistant", "content": None if answer.text is None else "", "refusal": None}
    headers = [_call_header(completion, index, at) for at in range(len(answer.calls))]
    if len(headers) == 1:  # a single call starts in the chunk with the role, several calls in chunks after it
        opening["tool_calls"] = [headers[0]]
    yield _piece(completion, index, opening)
    for token in tokenise(answer.text or ""):
        yield _piece(completion, index, {"content": token}, [token])
    for at, call in enumerate(answer.calls):
        if len(headers) > 1:
            yield _piece(completion, index, {"tool_calls": [headers[at]]})
        for fragment in tokenise(call.arguments):
            yield _piece(completion, index, {"tool_calls": [{"index": at, "function": {"arguments": fragment}}]})
    yield _piece(completion, index, {}, finish_reason=answer.finish_reason)


def _call_header(completion: Completion, index: int, at: int) -> Json:
    function = {"name": completion.answer.calls[at].name, "arguments": ""}
    return {"index": at, "id": completion.call_id(index, at), "type": "function", "function": function}


def _piece(
    completion: Completion, index: int, delta: Json, tokens: list[str] | None = None, finish_reason: str | None = None
) -> Json:
    logprobs = _logprobs(completion, tokens) if tokens else None
    return {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason}
