"""The context window in tokens, if a server says it when it refuses a conversation that is too long. Pure.

There is no standard field: the number is in each server's message, or in a field of llama.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.evidence.exchange import Exchange, parse_json
from conformance.evidence.sse import read_events

_NUMBER = r"(\d[\d,_]{0,11})\b"
_WORDS = re.compile(
    "|".join(
        wording.replace("N", _NUMBER)
        for wording in (
            r'"n_ctx"\s*:\s*N',  # llama.cpp
            r"context (?:length|size|window)(?: limit)?\s*(?:is|of|:|=|\()?\s*(?:only )?N",  # most servers
            r"maximum (?:prompt|input) length (?:is|of) N",  # xAI
            r"N (?:tokens )?maximum context length",  # Mistral
            r"\d tokens? > N",  # Anthropic
            r"context limit: \d+ \+ \d+ > N",  # Anthropic, with what was asked for
            r"token count of \d+ exceeds the limit of N",  # GitHub Copilot
            r"maximum number of tokens allowed \(N",  # Gemini
            r"model token limit: N",  # Moonshot
            r"current length is \d+ while limit is N",  # Cerebras
            r"range of input length should be \[\d+, N",  # DashScope
            r"`?max_new_tokens`? must be <= N",  # Text Generation Inference
        )
    ),
    re.IGNORECASE | re.ASCII,
)
_MOST_READ = 20_000  # characters of an error: some servers put the whole prompt into it


def told_limit(exchange: Exchange) -> int | None:
    """The size of the context window in tokens, as an error says it; None if it does not."""
    found = (_WORDS.search(error[:_MOST_READ]) for error in _errors(exchange))
    numbers = (re.sub(r"\D", "", next(filter(None, match.groups()))) for match in found if match)
    return next((int(number) for number in numbers if int(number)), None)


def _errors(exchange: Exchange) -> Iterator[str]:
    """The texts of the errors: a refusal's body, or the events of a stream that hold an `error`."""
    if exchange.response and not exchange.ok:
        yield exchange.text
        return
    for text in (exchange.text, *(event.data for event in read_events(exchange.chunks).events)):
        value = parse_json(text)
        if isinstance(value, dict) and value.get("error"):
            yield text
