"""Long prompts within the window: nothing of them forgotten, no long silence, and big results of tools taken."""

from __future__ import annotations

from itertools import pairwise

from conformance.evidence.exchange import Ended, Exchange, error_message, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.needle import ANSWER
from conformance.probes.refusals import OVERFLOW_WORDS
from conformance.probes.sources import KILO, OPENAI_ERRORS, ROO_PROVIDER, issue
from conformance.requirements.categories import CONNECTION_ERRORS, UNEXPECTED_RESULTS
from conformance.requirements.outcome import Blocked
from conformance.requirements.probe import probe
from conformance.requirements.requirement import BREAKS, DEGRADES, Blame, everyone
from conformance.requirements.talk import Talk

CHARACTERS_OF_A_TOKEN = 12  # no text of ours has so many to a token: fewer tokens were counted than were sent
LONGEST_SILENCE = 60.0  # seconds; proxies cut a connection that is silent for as long


@probe(
    "limits.nothing-forgotten",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS, issue("ollama/ollama", 4967), issue("RooCodeInc/Roo-Code", 4475)],
    remedy="Give the model the whole window that is promised, or refuse what does not fit; never cut it in silence.",
    over=["needle", "long_tool_result"],
)
def test_nothing_of_a_long_prompt_is_forgotten(talk: Talk) -> None:
    """What a long prompt says at one end is known at the other, or the prompt is refused as too long.

    The start of an agent's prompt are its rules and its task: cut off, it goes on without knowing what for.
    """
    answer, reply = talk.answered, as_reply(talk.answered)
    if reply is None:
        if _too_long(answer):
            return
        raise Blocked(answer.summary)
    if not reply.text.strip():
        raise Blocked(f"no words to look into: {answer.summary}")
    if ANSWER in reply.text:
        return
    read, sent = (reply.usage or {}).get("prompt_tokens"), len(answer.request.body)
    cut = type(read) is int and 0 < read < sent // CHARACTERS_OF_A_TOKEN
    assert not cut, f"{read:,} tokens were read of a prompt of {sent:,} bytes: {shorten(reply.text)!r}"
    raise Blocked(f"the model does not know {ANSWER}: {shorten(reply.text)!r}", Blame.MODEL)


def _too_long(answer: Exchange) -> bool:
    said = error_message(answer.json)
    refused = answer.status is not None and 400 <= answer.status < 500
    return refused and OVERFLOW_WORDS.search(said) is not None


@probe(
    "limits.long-result",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, issue("xtekky/gpt4free", 3242)],
    remedy="Take tool results of any length that fits into the context window.",
)
def test_a_long_tool_result_is_accepted(long_tool_result: Talk) -> None:
    """A tool result of fifty kilobytes of JSON is accepted, or refused as too long for the context window.

    A file of a thousand lines is as long.
    """
    answer = long_tool_result.answered
    assert answer.ok or _too_long(answer), answer.summary


@probe(
    "limits.long-prompt-alive",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES),
    source=[
        ROO_PROVIDER,
        f"{KILO}/session/llm.ts",
        issue("RooCodeInc/Roo-Code", 3621),
        issue("cline/cline", 9328),
    ],
    remedy="Send the head of the answer at once, and a comment line every few seconds while the prompt is read.",
)
def test_a_long_prompt_is_not_read_in_silence(needle: Talk) -> None:
    """While a long prompt is read, no minute goes by without a byte.

    Proxies and clients give up on a silent connection, and the prompt is read all over again.
    """
    exchange = needle.last
    assert exchange.ended is not Ended.TIMED_OUT or exchange.chunks, exchange.summary
    if exchange.response is None:
        raise Blocked(exchange.summary)
    times = [0.0, exchange.response.at, *(chunk.at for chunk in exchange.chunks)]
    longest = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    assert longest < LONGEST_SILENCE, f"nothing came for {longest:.0f} s"
