"""The limit of the context window in the words of the servers that tell it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.clients.context_limit import told_limit
from tests.clients.shapes import JSON, REFUSAL, Shape, chunk, data, exchange

MESSAGES = {
    "OpenAI": (
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 150001 tokens. "
        "Please reduce the length of the messages.",
        128_000,
    ),
    "vLLM": (
        "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 4096 tokens "
        "and your request has 3000 input tokens (32000 > 4096 - 3000).",
        4096,
    ),
    "OpenRouter": ("This endpoint's maximum context length is 131,072 tokens. However, you requested about 2", 131_072),
    "SGLang": ("The input (9000 tokens) is longer than the model's context length (8192 tokens).", 8192),
    "SGLang's total": (
        "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested 9000.",
        8192,
    ),
    "llama.cpp": ("request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096),
    "LM Studio": (
        "Trying to keep the first 6269 tokens when context the overflows. However, the model is loaded with context "
        "length of only 4096 tokens, which is not enough.",
        4096,
    ),
    "a window": ("Your input exceeds the context window of 32768 tokens.", 32_768),
    "Mistral": ("Prompt contains 40000 tokens, too large for model with 32768 maximum context length", 32_768),
    "xAI": ("This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 131_072),
    "Anthropic": ("prompt is too long: 210000 tokens > 200000 maximum", 200_000),
    "Anthropic, both": ("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", 200_000),
    "GitHub Copilot": ("prompt token count of 140000 exceeds the limit of 128000", 128_000),
    "Gemini": ("The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).", 1_048_576),
    "Moonshot": ("Invalid request: Your request exceeded model token limit: 131072 (requested: 200000)", 131_072),
    "Cerebras": ("Please reduce the length of the messages. Current length is 9000 while limit is 8192", 8192),
    "DashScope": ("Range of input length should be [1, 30720]", 30_720),
    "TGI": ("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000", 4096),
    "no number": ("Please reduce the length of the messages or completion.", None),
    "tokens a minute": ("Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 35000.", None),
    "requests a minute": ("This key exceeds the limit of 60 requests per minute.", None),
    "the output": ("max_tokens is too large: 32000. This model supports at most 16384 completion tokens.", None),
    "what was sent": ("context_length_exceeded: the prompt has 9000 tokens", None),
    "a window of nothing": ("maximum context length is 0 tokens", None),
}


def refusal(body: Any, status: int = 400) -> Any:
    return exchange(Shape("made", (json.dumps(body).encode(),), status=status, headers=JSON))


@pytest.mark.parametrize(("message", "limit"), MESSAGES.values(), ids=MESSAGES)
def test_the_limit_is_taken_from_the_words_of_the_server(message: str, limit: int | None) -> None:
    assert told_limit(refusal({"error": {"message": message}})) == limit
    assert told_limit(refusal({"detail": message}, 413)) == limit


def test_a_field_of_llama_cpp_tells_it_although_its_words_do_not() -> None:
    error = {
        "code": 400,
        "message": "the request exceeds the available context size",
        "n_prompt_tokens": 9000,
        "n_ctx": 4096,
    }
    assert told_limit(refusal({"error": error})) == 4096


@pytest.mark.parametrize("end", ["\n\n", ""])
def test_an_error_in_a_stream_tells_it_too(end: str) -> None:
    error = {"error": {"message": "maximum context length is 4096 tokens"}}
    assert told_limit(exchange(Shape("made", (data(chunk({})), data(error, end))))) == 4096


def test_a_models_words_about_limits_are_ignored() -> None:
    said = chunk({"content": "My maximum context length is 4096 tokens."})
    assert told_limit(exchange(Shape("made", (data(said),)))) is None
    assert told_limit(refusal(said, 200)) is None


def test_an_ordinary_error_tells_none() -> None:
    assert told_limit(refusal(REFUSAL)) is None
    assert told_limit(exchange(Shape("made", (b"\xff\x00",), status=500))) is None
