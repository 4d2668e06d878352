"""Describes what came instead of a tool call: the answer, or a call printed as text with its form and the fix."""

from __future__ import annotations

from conformance.evidence.chat import Reply
from conformance.evidence.exchange import shorten
from conformance.evidence.markup import unasked_call
from conformance.probes.parsers import lacking


def said_instead(reply: Reply) -> str:
    """What a reply without calls says; for a call printed as text, its form and the settings that make it native."""
    said = reply.text or reply.reasoning
    call = unasked_call(reply.text, reply) or unasked_call(reply.reasoning, reply)
    if call is None:
        return f"the answer is {shorten(said)!r}"
    place = "as text" if call.text in reply.text else "in the reasoning"
    return f"it is printed {place} in the form of {call.family.name}, {shorten(call.text)!r}; {lacking(call.family)}"
