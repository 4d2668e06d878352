"""Whether each client can read a recorded answer, as requirements: one for each client. Pure.

In a run each client sends its own requests; recorded traffic only has answers. So each client's reader gets every
answer and must show its text and calls to the user. The request and the model's choice of answer never count as failures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.clients import CURRENT
from conformance.clients.client import Client
from conformance.clients.reading import Ending, Reading
from conformance.evidence.calls import Call
from conformance.evidence.chat import Reply, Stream
from conformance.evidence.exchange import Ended, Lost, shown
from conformance.requirements import BREAKS, DEGRADES, HARMLESS, UNEXPECTED_RESULTS, Blame, NotApplicable, Requirement
from conformance.requirements.probe import Probe
from conformance.schema import misfits

FORM_ALONE = {"chat.shape", "stream.identity"}  # harmless where the client reads the recorded answer


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
    assert not _choked(reading, reply), reading.complaint or reading.failure or _lost(reading, reply)


def _misfit(call: Call, reply: Reply) -> bool:
    """True when the arguments are complete but do not fit the tool's schema: then the model is wrong."""
    declared = reply.tools.get(str(call.name), {}).get("parameters")
    return isinstance(call.parsed, dict) and isinstance(declared, dict) and bool(misfits(declared, call.parsed))


def _choked(reading: Reading, reply: Reply) -> bool:
    """True when the client fails on the answer, or does not get its text or calls."""
    lost_text = reading.ending is Ending.EMPTY and bool(reply.text.strip())
    lost_calls = bool(reply.calls and not reading.calls)
    return reading.ending in (Ending.FAILED, Ending.BROKEN) or lost_text or lost_calls


def _lost(reading: Reading, reply: Reply) -> str:
    """The part of an answer that the client silently loses."""
    calls = ", ".join(f"{call.name}({shown(call.arguments)})" for call in reply.calls)
    return f"the client loses {calls if not reading.calls and calls else shown(reply.text)}"


def softened(failed: Requirement, reply: Reply, profiles: Mapping[str, Client]) -> Requirement:
    """The requirement with the severities of this one failure: an answer that a client reads in full does not break it.

    A severity says what a failure can cause; a recorded answer shows what it did to each reader.
    """
    form = failed.id in FORM_ALONE
    worse, mild = ((BREAKS, DEGRADES), HARMLESS) if form else ((BREAKS,), DEGRADES)
    felt = [id for id, how in failed.severity.items() if how in worse and id in profiles]
    readings = {id: profiles[id].read(reply.exchange) for id in felt}
    fine = {id for id, r in readings.items() if (not _choked(r, reply) if form else _reads_all(r, reply))}
    return replace(failed, severity={**failed.severity, **dict.fromkeys(fine, mild)}) if fine else failed


def _reads_all(reading: Reading, reply: Reply) -> bool:
    """True when the client gets all text and all calls, without a complaint and without a call left in the text."""
    calls = [(call.name, call.value) for call in reading.calls] == [(c.name, c.parsed) for c in reply.calls]
    cut = reply.finish_reason == "length"  # clients rightly complain about it
    fine = not reading.failure and not reading.used_no_tool and (cut or not reading.complaint)
    something = bool(reply.text.strip() or reply.calls)
    return something and fine and calls and reading.text.strip() == reply.text.strip()
