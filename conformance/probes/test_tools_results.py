"""Tool results: the model reads each of them as the result of its call, whatever their order."""

from __future__ import annotations

from conformance.clients import AI_SDK, KILO_CODE, OPENAI_PYTHON
from conformance.probes.recall import expect_fact_known
from conformance.probes.sources import OPENAI_CHAT, issue
from conformance.requirements import DEGRADES, TOOL_CALLING_ERRORS
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk


@probe(
    "tools.history-order",
    failure="Tool results in another order than their calls are refused or not read.",
    category=TOOL_CALLING_ERRORS,
    severity={KILO_CODE: DEGRADES, AI_SDK: DEGRADES, OPENAI_PYTHON: DEGRADES},
    source=[OPENAI_CHAT, issue("JustVugg/colibri", 118), issue("vercel/ai", 16577)],
    remedy="Match tool results to calls by `tool_call_id`, whatever their order, and pass all of them to the model.",
)
def test_results_in_any_order_are_read(swapped_results: Talk) -> None:
    """The results of two calls are accepted in any order, after one that reports an error, and read.

    Calls that run in parallel finish in any order, and some clients send their results in that order.
    """
    assert swapped_results.answered.ok or swapped_results.exchanges[0].ok, swapped_results.answered.summary
    expect_fact_known(swapped_results)
