"""Whether each client can read a recorded answer, as requirements: one for each client. Pure.

In a run each client sends its own requests; recorded traffic only has answers. So each client's reader gets every
answer and must show its text and calls to the user. The request and the model's choice of answer never count as failures.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.clients.reading import Reading
from conformance.evidence.calls import Call
from conformance.evidence.chat import Reply, Stream
from conformance.evidence.exchange import Ended, Lost, shown
from conformance.judging.charged import choked
from conformance.requirements import BREAKS, HARMLESS, UNEXPECTED_RESULTS, Blame, NotApplicable
from conformance.requirements.probe import Probe
from conformance.schema import misfits


def reads(profiles: Mapping[str, Client]) -> list[Probe]:
    """The requirement `client.ID-reads` of every client, by these profiles."""
    return [_reads(client) for client in profiles.values()]


def _reads(client: Client) -> Probe:
    def judge(success: Reply) -> None:
        _hold(client, success)

    return Probe(
        id=f"client.{client.id}-reads",
        text=f"{client.name} reads what is in an answer: its text, and calls that it can run.",
        why=f"Every recorded answer is read as {client.name} {client.version} reads it, whichever program asked for it.",
        failure=f"{client.name} cannot read the answer.",
        category=UNEXPECTED_RESULTS,
        severity=dict.fromkeys(CURRENT, HARMLESS) | {client.id: BREAKS},
        remedy="Look at the other failures of the same answer: they are the cause.",
        blame=Blame.PROVIDER,
        sources=client.sources,
        evidence=("success",),
        function=judge,
    )


def _hold(client: Client, reply: Reply) -> None:
    exchange = reply.exchange
    if exchange.ended is not Ended.COMPLETE:
        raise NotApplicable(exchange.detail or str(exchange.ended))
    if isinstance(reply, Stream) and reply.errors:
        raise NotApplicable("the provider reports an error in the stream")
    if reply.calls and Lost.REQUEST in exchange.lost:
        raise NotApplicable(f"the recording does not show {Lost.REQUEST}")
    if any(_misfit(call, reply) for call in reply.calls) or (reply.calls and reply.finish_reason == "length"):
        raise NotApplicable("the model's call is cut off or has wrong arguments, so no client can run it")
    reading = client.read(exchange)
    assert not choked(reading, reply), reading.complaint or reading.failure or _lost(reading, reply)


def _misfit(call: Call, reply: Reply) -> bool:
    """True when the arguments are complete but do not fit the tool's schema: then the model is wrong."""
    declared = reply.tools.get(str(call.name), {}).get("parameters")
    return isinstance(call.parsed, dict) and isinstance(declared, dict) and bool(misfits(declared, call.parsed))


def _lost(reading: Reading, reply: Reply) -> str:
    """The part of an answer that the client silently loses."""
    calls = ", ".join(f"{call.name}({shown(call.arguments)})" for call in reply.calls)
    return f"the client loses {calls if not reading.calls and calls else shown(reply.text)}"
