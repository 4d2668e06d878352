"""Simultaneous requests: is each one answered, and with its own answer?"""

from __future__ import annotations

from itertools import pairwise

from conformance.clients import KILO_CODE
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_stream
from conformance.probes.conversations.load import MARKERS
from conformance.probes.sources import issue
from conformance.requirements import BREAKS, CONNECTION_ERRORS, DEGRADES, UNEXPECTED_RESULTS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

LONG_ENOUGH = 1.0  # seconds; faster answers do not show whether requests waited for each other


@probe(
    "load.all-answered",
    failure="Some of four simultaneous requests fail.",
    category=CONNECTION_ERRORS,
    severity={KILO_CODE: DEGRADES},
    source=["https://github.com/Kilo-Org/kilocode", issue("ggml-org/llama.cpp", 3821)],
    remedy="Queue the requests of one key, or answer them in parallel. If you must refuse some, use 429.",
)
def test_four_simultaneous_requests_are_all_answered(crowd: Talk) -> None:
    """Four simultaneous requests are all answered.

    Kilo Code requests a title while the first turn is running. A rate limit (429) is not a failure.
    """
    if all(exchange.response is None for exchange in crowd.exchanges):
        raise Blocked(crowd.last.summary)
    if all(e.status and 400 <= e.status < 500 for e in crowd.exchanges):
        raise Blocked(f"refused for another reason: {crowd.last.summary}")
    lost = [e for e in crowd.exchanges if not e.ok and e.status != 429]
    assert not lost, f"{len(lost)} of {len(crowd.exchanges)} requests failed: {lost[0].summary if lost else ''}"


@probe(
    "load.no-cross-talk",
    failure="An answer contains words of another answer that was sent at the same time.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[issue("ml-explore/mlx-lm", 965), issue("waybarrios/vllm-mlx", 654)],
    remedy="Keep the state of every request separate: caches, slots, stream buffers, compiled grammars.",
)
def test_no_answer_contains_words_of_another(crowd: Talk) -> None:
    """No answer contains words of another answer that is sent at the same time."""
    texts = [(marker_of(e), stream.text) for e in crowd.exchanges if (stream := as_stream(e)) and stream.text]
    if not texts:
        raise Blocked("no answer has text")
    for own, text in texts:
        foreign = [marker for marker in MARKERS if marker != own and marker in text]
        assert not foreign, f"the answer about {own} contains {foreign[0]}"
    if not any(own in text for own, text in texts):
        raise Blocked("the model repeated none of the words", Blame.MODEL)


@probe(
    "load.side-by-side",
    failure="Simultaneous requests are answered one after the other.",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[issue("mozilla-ai/llamafile", 183), issue("abetlen/llama-cpp-python", 1879)],
    remedy="Give the server more slots (llama.cpp: --parallel; Ollama: OLLAMA_NUM_PARALLEL), or expect small requests to wait.",
)
def test_simultaneous_requests_are_answered_in_parallel(crowd: Talk) -> None:
    """Simultaneous requests are answered in parallel, not one after the other.

    One after the other works too, but a title then waits until the turn is over.
    """
    spans = sorted((e.chunks[0].at, e.seconds) for e in crowd.exchanges if e.ok and e.chunks)
    if len(spans) < len(MARKERS) or max(end for _, end in spans) < LONG_ENOUGH:
        return
    in_line = all(begun >= ended for (_, ended), (begun, _) in pairwise(spans))
    assert not in_line, f"each answer began after the one before had ended, the last after {spans[-1][0]:.1f} s"


@probe(
    "load.after-leaving",
    failure="After a client hangs up, the next request is not answered.",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("ggml-org/llama.cpp", 27604), issue("oobabooga/textgen", 6966)],
    remedy="Stop an answer when its client hangs up, and free its slot for the next request.",
)
def test_a_request_is_answered_after_a_client_hung_up(after_leaving: Talk) -> None:
    """A request is answered after a client hung up in the middle of the answers before it.

    Agents hang up whenever their user presses Stop. A slot that stays taken makes the next turn wait forever.
    """
    asked = after_leaving.exchanges
    assert not asked or asked[-1].response is not None, f"no answer: {asked[-1].summary}"
    answer = after_leaving.answered
    if answer.status and 400 <= answer.status < 500:
        raise Blocked(f"refused for another reason: {answer.summary}")
    assert answer.ok, answer.summary


def marker_of(exchange: Exchange) -> str:
    """The word that the request asks to repeat."""
    return next((marker for marker in MARKERS if marker.encode() in exchange.request.body), "")
