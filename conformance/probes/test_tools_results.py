"""The results of tools: whatever their order, each is read and belongs to its call."""

from __future__ import annotations

from conformance.clients import AI_SDK, KILO_CODE, OPENAI_PYTHON
from conformance.probes.recall import knows
from conformance.probes.sources import OPENAI_CHAT, issue
from conformance.requirements.categories import TOOL_CALLING_ERRORS
from conformance.requirements.probe import probe
from conformance.requirements.requirement import DEGRADES
from conformance.requirements.talk import Talk


@probe(
    "tools.history-order",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE: DEGRADES, AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("JustVugg/colibri", 118), issue("vercel/ai", 16577)],
    remedy="Pair the results of tools with calls by `tool_call_id`, whatever their order, and read all of them.",
)
def test_results_may_come_in_any_order(swapped_results: Talk) -> None:
    """The results of two calls are taken in any order, after one that told of an error, and read.

    Calls that run side by side end in an order of their own, and some clients send their results in that.
    """
    assert swapped_results.answered.ok or swapped_results.exchanges[0].ok, swapped_results.answered.summary
    knows(swapped_results)
