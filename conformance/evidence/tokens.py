"""Token counts estimated from characters, for servers that do not count."""

from __future__ import annotations

from conformance.evidence.chat import Reply

CHARACTERS_PER_TOKEN = 4  # of English text and code, roughly


def estimated(characters: int) -> int:
    """About how many tokens a text of so many characters is."""
    return characters // CHARACTERS_PER_TOKEN


def estimated_answer(reply: Reply) -> int:
    """About how many tokens an answer is: its text, reasoning and tool arguments."""
    arguments = sum(len(str(call.arguments)) for call in reply.calls)
    return estimated(len(reply.text) + len(reply.reasoning) + arguments)
