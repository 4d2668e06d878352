"""Long prompts within the context window: nothing is forgotten, no long silence, large tool results are accepted."""

from __future__ import annotations

from itertools import pairwise

from conformance.evidence.exchange import Ended, Exchange, error_message, shorten
from conformance.evidence.kinds import as_reply
from conformance.probes.conversations.needle import ANSWER
from conformance.probes.refusals import OVERFLOW_WORDS
from conformance.probes.sources import KILO, OPENAI_ERRORS, ROO_PROVIDER, issue
from conformance.requirements import BREAKS, CONNECTION_ERRORS, DEGRADES, UNEXPECTED_RESULTS, Blame, Blocked, everyone
from conformance.requirements.probe import probe
from conformance.requirements.talk import Talk

CHARACTERS_OF_A_TOKEN = 12  # our texts have fewer, so a lower token count means a cut prompt
LONGEST_SILENCE = 60.0  # seconds; proxies close a connection that is silent for this long


@probe(
    "limits.nothing-forgotten",
    failure="Part of a long prompt is silently cut.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[OPENAI_ERRORS, issue("ollama/ollama", 4967), issue("RooCodeInc/Roo-Code", 4475)],
    remedy="Give the model the whole context window that you promise, or refuse what does not fit; never cut it "
    "silently.",
    over=["needle", "long_tool_result"],
)
def test_no_part_of_a_long_prompt_is_forgotten(talk: Talk) -> None:
    """A fact at one end of a long prompt is known at the other, or the prompt is refused as too long.

    An agent's prompt begins with its rules and its task. If they are cut off, the agent continues without them.
    """
    answer, reply = talk.answered, as_reply(talk.answered)
    if reply is None:
        if _too_long(answer):
            return
        raise Blocked(answer.summary)
    if not reply.text.strip():
        raise Blocked(f"the answer has no text: {answer.summary}")
    if ANSWER in reply.text:
        return
    read, sent = (reply.usage or {}).get("prompt_tokens"), len(answer.request.body)
    cut = type(read) is int and 0 < read < sent // CHARACTERS_OF_A_TOKEN
    assert not cut, f"only {read:,} tokens of a prompt of {sent:,} bytes were read: {shorten(reply.text)!r}"
    raise Blocked(f"the model does not answer {ANSWER}: {shorten(reply.text)!r}", Blame.MODEL)


def _too_long(answer: Exchange) -> bool:
    said = error_message(answer.json)
    refused = answer.status is not None and 400 <= answer.status < 500
    return refused and OVERFLOW_WORDS.search(said) is not None


@probe(
    "limits.long-result",
    failure="A tool result of 50 kilobytes is refused.",
    category=UNEXPECTED_RESULTS,
    severity=everyone(BREAKS),
    source=[ROO_PROVIDER, issue("xtekky/gpt4free", 3242)],
    remedy="Accept tool results of any length that fits into the context window.",
)
def test_a_long_tool_result_is_accepted(long_tool_result: Talk) -> None:
    """A tool result of 50 kilobytes of JSON is accepted, or refused as too long for the context window.

    A file of a thousand lines is that long.
    """
    answer = long_tool_result.answered
    assert answer.ok or _too_long(answer), answer.summary


@probe(
    "limits.long-prompt-alive",
    failure="No byte arrives for a minute while a long prompt is read.",
    category=CONNECTION_ERRORS,
    severity=everyone(DEGRADES),
    source=[ROO_PROVIDER, f"{KILO}/session/llm.ts", issue("RooCodeInc/Roo-Code", 3621), issue("cline/cline", 9328)],
    remedy="Send the response headers at once, and a comment line every few seconds while the prompt is read.",
)
def test_bytes_arrive_while_a_long_prompt_is_read(needle: Talk) -> None:
    """While a long prompt is read, the server sends a byte at least once a minute.

    Proxies and clients give up on a silent connection, and the whole prompt is read again.
    """
    exchange = needle.last
    assert exchange.ended is not Ended.TIMED_OUT or exchange.chunks, exchange.summary
    if exchange.response is None:
        raise Blocked(exchange.summary)
    times = [0.0, exchange.response.at, *(chunk.at for chunk in exchange.chunks)]
    longest = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    assert longest < LONGEST_SILENCE, f"no byte for {longest:.0f} s"
