"""What the model answers to a request, before any encoding.

It is deterministic, so that a streamed answer can be compared with a plain one. It is competent, so that a probe that
fails against the correct provider is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.reference.calls import Call, Choice, choice_of, wanted_calls
from conformance.reference.picture import colour_of, pictures_of
from conformance.reference.schema import Hints, example
from conformance.reference.text import dump, text_of, tokenise, wish_of
from conformance.reference.wishes import ANSWER, json_answer, wished_text

Message = Mapping[str, Any]

_FACT_WANTED = re.compile(r"\bwhat(?: is|'s| was| did i say is)\s+(?:my|the|our)\s+([\w ]{1,60}?)\s*\?", re.IGNORECASE)
_COLOUR_WANTED = re.compile(r"\bwhat colou?r\b", re.IGNORECASE)
SEEN_OF_RESULT = 400


@dataclass(frozen=True)
class Answer:
    """One answer of the model: text, or calls, and why it ended."""

    text: str | None
    calls: tuple[Call, ...] = ()
    finish_reason: str = "stop"

    @property
    def tokens(self) -> int:
        """How many tokens the model wrote."""
        written = [self.text or "", *(part for call in self.calls for part in (call.name, call.arguments))]
        return sum(len(tokenise(part)) for part in written)


def answer(body: Mapping[str, Any], limit: int) -> Answer:
    """Answer a valid request within `limit` tokens."""
    messages: Sequence[Message] = body["messages"]
    choice = choice_of(body)
    results = _fresh_results(messages, choice)
    if results and not choice.forced:
        text = _remembered(_last_wish(messages), messages) or _about(results)
        return _capped(_stopped(Answer(text), body), limit)
    calls = wanted_calls(_last_wish(messages), choice)
    if calls:
        return _capped(Answer(None, calls, "tool_calls"), limit)
    return _capped(_stopped(Answer(_text(body, messages)), body), limit)


def _last_wish(messages: Sequence[Message]) -> str:
    users = (wish_of(message.get("content")) for message in reversed(messages) if message["role"] == "user")
    return next((wish for wish in users if wish.strip()), "")


def _fresh_results(messages: Sequence[Message], choice: Choice) -> list[str]:
    """The tool results that no answer has covered yet; none when the user asks for something new after them."""
    since = [at for at, message in enumerate(messages) if message["role"] == "assistant"]
    tail = messages[since[-1] + 1 :] if since else ()
    results = [text_of(message.get("content")) for message in tail if message["role"] in ("tool", "function")]
    last = messages[-1]
    wish = wish_of(last.get("content")) if last["role"] == "user" else ""
    return [] if _asks_anew(wish, choice) else results


def _asks_anew(wish: str, choice: Choice) -> bool:
    asked = wished_text(wish) is not None or _COLOUR_WANTED.search(wish)
    return bool(asked or wanted_calls(wish, replace(choice, forced=False)))


def _about(results: Sequence[str]) -> str:
    shown = [result.strip()[:SEEN_OF_RESULT] or "nothing" for result in results]
    return "The tool returned: " + "\n".join(shown)


def _text(body: Mapping[str, Any], messages: Sequence[Message]) -> str:
    wish = _last_wish(messages)
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"].get("schema") or {}
        return dump(example(schema, "answer", Hints.of(wish), schema))
    if wanted.get("type") == "json_object":
        return dump(json_answer(wish))
    return _plain_text(wish, messages)


def _plain_text(wish: str, messages: Sequence[Message]) -> str:
    rules = (wish_of(message.get("content")) for message in messages if message["role"] in ("system", "developer"))
    known = (
        _colour(wish, messages),
        wished_text(wish),
        _remembered(wish, messages),
        *(wished_text(rule) for rule in rules),
    )
    return next((text for text in known if text is not None), ANSWER)


def _colour(wish: str, messages: Sequence[Message]) -> str | None:
    """The colour of the last picture, when the prompt asks for it and there is a picture."""
    pictures = [url for message in messages for url in pictures_of(message.get("content"))]
    return colour_of(pictures[-1]) if pictures and _COLOUR_WANTED.search(wish) else None


def _remembered(wish: str, messages: Sequence[Message]) -> str | None:
    """What an earlier message said about the thing that the prompt asks for."""
    asked = _FACT_WANTED.search(wish)
    if asked is None:
        return None
    fact = re.compile(rf"\b{re.escape(asked[1])}\s+(?:is|was|:)\s+[\"'`]?([\w-]+)", re.IGNORECASE)
    found = (fact.search(text_of(message.get("content"))) for message in reversed(messages))
    return next((match[1] for match in found if match), None)


def _stopped(whole: Answer, body: Mapping[str, Any]) -> Answer:
    """The answer up to the first stop sequence."""
    stop = body.get("stop") or []
    sequences = [stop] if isinstance(stop, str) else stop
    text = whole.text or ""
    ends = [at for at in (text.find(sequence) for sequence in sequences if sequence) if at >= 0]
    return replace(whole, text=text[: min(ends)]) if ends else whole


def _capped(whole: Answer, limit: int) -> Answer:
    """The answer cut at its token limit, even in the middle of a call."""
    if whole.tokens <= limit:
        return whole
    text = "".join(tokenise(whole.text or "")[:limit])
    left = limit - len(tokenise(text))
    calls: list[Call] = []
    for call in whole.calls:
        left -= len(tokenise(call.name))
        if left < 0:
            break
        kept = tokenise(call.arguments)[:left]
        calls.append(Call(call.name, "".join(kept)))
        left -= len(kept)
    return Answer(text if whole.text is not None else None, tuple(calls), "length")
