"""Several requests at once: is every one answered, and does each get its own answer."""

from __future__ import annotations

from itertools import pairwise

from conformance.clients import KILO_CODE
from conformance.evidence.exchange import Exchange
from conformance.evidence.kinds import as_stream
from conformance.probes.conversations.load import MARKERS
from conformance.probes.sources import issue
from conformance.requirements.categories import CONNECTION_ERRORS, UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.requirements.talk import Talk

LONG_ENOUGH = 1.0  # seconds: what takes less says nothing about who waited for whom


@probe(
    "load.all-answered",
    category=CONNECTION_ERRORS,
    severity={KILO_CODE: DEGRADES},
    source=["https://github.com/Kilo-Org/kilocode", issue("ggml-org/llama.cpp", 3821)],
    remedy="Let requests of one key wait for each other, or answer them side by side; refuse none of a handful, but with a 429.",
)
def test_four_requests_at_once_are_all_answered(crowd: Talk) -> None:
    """Four requests at once are all answered.

    Kilo Code asks for a title while the first turn is under way. A rate limit is told with 429, and is no failure.
    """
    if all(exchange.response is None for exchange in crowd.exchanges):
        raise Blocked(crowd.last.summary)
    if all(e.status and 400 <= e.status < 500 for e in crowd.exchanges):
        raise Blocked(f"refused for something else: {crowd.last.summary}")
    lost = [e for e in crowd.exchanges if not e.ok and e.status != 429]
    assert not lost, (
        f"{len(lost)} of {len(crowd.exchanges)} were not answered: {lost[0].summary if lost else ''}"
    )


@probe(
    "load.no-cross-talk",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[issue("ml-explore/mlx-lm", 965), issue("waybarrios/vllm-mlx", 654)],
    remedy="Keep the state of every request apart: caches, slots, buffers of the stream, compiled grammars.",
)
def test_no_answer_holds_words_of_another(crowd: Talk) -> None:
    """No answer holds words that belong to an answer that was under way at the same time."""
    texts = [(mine(e), stream.text) for e in crowd.exchanges if (stream := as_stream(e)) and stream.text]
    if not texts:
        raise Blocked("no answer came")
    for own, text in texts:
        foreign = [marker for marker in MARKERS if marker != own and marker in text]
        assert not foreign, f"the answer to {own} holds {foreign[0]}"
    if not any(own in text for own, text in texts):
        raise Blocked("the model repeated none of the words", Blame.MODEL)


@probe(
    "load.side-by-side",
    category=UNEXPECTED_RESULTS,
    severity={},
    source=[issue("mozilla-ai/llamafile", 183), issue("abetlen/llama-cpp-python", 1879)],
    remedy="Give the server more slots (llama.cpp: --parallel; Ollama: OLLAMA_NUM_PARALLEL), or expect small requests to wait.",
)
def test_answers_come_side_by_side(crowd: Talk) -> None:
    """Answers to requests at the same time come side by side, not one after the other.

    One after the other works, too: a title then waits until the turn is over.
    """
    spans = sorted((e.chunks[0].at, e.seconds) for e in crowd.exchanges if e.ok and e.chunks)
    if len(spans) < len(MARKERS) or max(end for _, end in spans) < LONG_ENOUGH:
        return
    in_line = all(begun >= ended for (_, ended), (begun, _) in pairwise(spans))
    assert not in_line, f"each began when the one before had ended, the last after {spans[-1][0]:.1f} s"


@probe(
    "load.after-leaving",
    category=CONNECTION_ERRORS,
    severity=everyone(BREAKS),
    source=[issue("ggml-org/llama.cpp", 27604), issue("oobabooga/textgen", 6966)],
    remedy="Give up an answer whose client has hung up, and free its slot for the next request.",
)
def test_a_request_is_answered_after_a_client_has_hung_up(after_leaving: Talk) -> None:
    """A request is answered although the client hung up in the middle of the answers before it.

    Agents do that whenever their user presses stop. A slot that stays taken makes the next turn wait for ever.
    """
    asked = after_leaving.exchanges
    assert not asked or asked[-1].response is not None, f"no answer: {asked[-1].summary}"
    answer = after_leaving.answered
    if answer.status and 400 <= answer.status < 500:
        raise Blocked(f"refused for something else: {answer.summary}")
    assert answer.ok, answer.summary


def mine(exchange: Exchange) -> str:
    """The word that was to be repeated."""
    return next((marker for marker in MARKERS if marker.encode() in exchange.request.body), "")
