"""What Roo Code 3.52.1 makes of an answer, and what its user reads. Pure."""

from __future__ import annotations

from conformance.clients import axios, openai_node
from conformance.clients.javascript import Thrown
from conformance.clients.offered import offered
from conformance.clients.overflow import too_long
from conformance.clients.reading import Listing, Reading
from conformance.clients.roo_code.fork import ROO_CODE, Fork
from conformance.clients.roo_code.turn import Turn
from conformance.clients.timeline import in_order
from conformance.evidence.exchange import Exchange


def read(exchange: Exchange) -> Reading:
    """The answer to a chat request of Roo Code, of any kind."""
    return read_as(ROO_CODE, exchange)


def listed(exchange: Exchange) -> Listing:
    """The ids that it suggests; every failure is an empty list."""
    return axios.listed(exchange)


def read_as(fork: Fork, exchange: Exchange) -> Reading:
    """The same for either of the two."""
    turn = Turn(exchange, fork)
    try:
        turn.take()
        turn.end()
    except Thrown as error:
        return _failed(fork, exchange, turn, error)
    except RecursionError:  # values nested deeper than Python's stack
        return _failed(fork, exchange, turn, Thrown("Maximum call stack size exceeded"))
    complaint = _complaint(fork, turn)
    return Reading(
        text=turn.text,
        reasoning=turn.reasoning,
        calls=turn.calls,
        tokens=turn.tokens,
        complaint=complaint,
        retried=not turn.text and not turn.calls,  # once silently
        used_no_tool=bool(turn.text and not turn.calls and offered(exchange.request)),
        moments=in_order(turn.watched(), complaint, turn.now),
        ended_at=turn.now,
    )


def _complaint(fork: Fork, turn: Turn) -> str:
    if not turn.text and not turn.calls:
        return fork.no_answer
    problems = dict.fromkeys(call.problem for call in turn.calls if call.problem)
    return " ".join([f"{fork.agent} is having trouble...", *problems]) if problems else ""


def _failed(fork: Fork, exchange: Exchange, turn: Turn, error: Thrown) -> Reading:
    """A turn that threw: what had arrived is discarded, calls are not run."""
    at = turn.now if error.at is None else error.at
    shortened = not turn.begun and too_long(error, *fork.overflow)
    complaint = f"{fork.name} cuts the conversation down and asks again." if shortened else ""
    complaint = complaint or _words(fork, exchange, turn, error)
    turn.calls = ()
    return Reading(
        text=turn.text,
        reasoning=turn.reasoning,
        tokens=turn.tokens,
        failure=error.message,
        complaint=complaint,
        retried=not turn.ended and (shortened or turn.begun or openai_node.asks_again(exchange)),
        moments=in_order(turn.watched(), complaint, at),
        ended_at=at,
    )


def _words(fork: Fork, exchange: Exchange, turn: Turn, error: Thrown) -> str:
    """What the user reads: in the middle of an answer the error itself, else first the meaning of its status."""
    if turn.ended:
        return f"{fork.name} stops the task without a word ({error.message})."
    if turn.begun:
        return f"Provider ended the request: {error.message}"
    # What the SDK throws before the answer gets a prefix, what it throws during the answer does not.
    early = not exchange.ok or (error.at is not None and not exchange.request.streamed)
    details = f"OpenAI completion error: {error.message}" if early else error.message
    return f"{fork.words_for(error.status)} ({details})"
