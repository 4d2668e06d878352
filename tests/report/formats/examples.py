"""Reports to render: of a provider with two defects, of one that works, of an unreachable one, of one that attacks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.clients import CLIENTS, CURRENT
from conformance.clients.reading import Moment
from conformance.evidence.exchange import Chunk, Ended, Exchange, Request, Response
from conformance.judging.client_settings import ClientSettings, Setting
from conformance.judging.conclusions import conclude
from conformance.judging.observation import Observation
from conformance.judging.timeline import Turn
from conformance.judging.tool_calling import Level, ToolCalling
from conformance.judging.verdict import CategoryState, ClientVerdict, Status, Verdict
from conformance.report.build import Cost, EndpointFacts, RunFacts, TalkFacts, build
from conformance.requirements import (
    CATEGORIES,
    CONNECTION_ERRORS,
    TOOL_CALLING_ERRORS,
    UNEXPECTED_RESULTS,
    Blame,
    Category,
    Outcome,
    Requirement,
    Severity,
)

HOSTILE = (
    "<script>alert(1)</script><svg onload=x>\"'><img src=x onerror=alert(3)>`` ` | @everyone "
    "\x1b[31mred\x1b]0;owned\x07 \x00\x0b\x85\ufffe\ud800 \u202egnp.exe\u2028next\r\n::error::pwned\n# head\n"
    '[link](javascript:alert(4)) ]]> &amp; =HYPERLINK("http://x") {{ 7*7 }} {% raw %} [bold]rich[/bold] [/]'
)
CHOSEN = ("roo-code", "kilo-code", "openai-python")
SOURCE = ("https://platform.openai.com/docs/api-reference/chat", "Roo Code 3.52.1, processRawChunk")


ARRIVAL = {
    "characters": 9_144,
    "waited": 0.21,
    "took": 1.5,
    "by_half_time": 0.48,
    "largest_burst": 0.0004,
    "bursts": 2_286,
    "intact": True,
}
CRASH = "Cannot read properties of undefined (reading 'index')"


def probe(
    id: str,
    requirement: str,
    *,
    why: str = "Clients join what arrives; without this they join it wrongly.",
    severity: Mapping[str, Severity] | None = None,
    category: Category = TOOL_CALLING_ERRORS,
    remedy: str = "Send it as the API reference says.",
    blame: Blame = Blame.PROVIDER,
    source: Sequence[str] = SOURCE,
    failure: str = "",
) -> Requirement:
    """A requirement like those of the catalogue."""
    severities = dict.fromkeys((c.id for c in CLIENTS), Severity.HARMLESS) | dict(severity or {})
    return Requirement(
        id=id,
        text=requirement,
        why=why,
        failure=failure,
        category=category,
        severity=severities,
        remedy=remedy,
        blame=blame,
        sources=tuple(source),
    )


def exchange(
    conversation: str = "tool_stream", n: int = 1, chunks: Sequence[bytes] = (b"{}",), **fields: Any
) -> Exchange:
    """An exchange whose chunks arrive a tenth of a second apart."""
    asked = [{"role": "user", "content": "What is the weather in Berlin and in Paris?"}]
    body = json.dumps({"model": "acme-large", "stream": True, "messages": asked})
    values: dict[str, Any] = {
        "request": Request(
            "POST",
            "https://api.acme.example/v1/chat/completions",
            (("authorization", "Bearer ***"), ("content-type", "application/json")),
            body.encode(),
        ),
        "response": Response(200, (("content-type", "text/event-stream"), ("server", "acme")), "OK", at=0.21),
        "chunks": tuple(Chunk(0.25 + n / 10, data) for n, data in enumerate(chunks)),
        "seconds": 0.25 + len(chunks) / 10,
        **fields,
    }
    return Exchange(f"{conversation}#{n}", conversation, **values)


def turn(client: str = "roo-code", exchange: str = "tool_stream#1", complaint: str = "", **fields: Any) -> Turn:
    """A call that runs after 1.7 seconds, or an error message then."""
    steps = [Moment(0.2, "read_file appears"), Moment(0.9, "its path is complete")]
    values: dict[str, Any] = {
        "profile": f"{client}@1.0.0",
        "conversation": exchange.partition("#")[0],
        "ending": "failed" if complaint else "calls",
        "moments": (*steps, Moment(1.7, complaint or "read_file runs")),
        **fields,
    }
    return Turn(client, exchange=exchange, complaint=complaint, **values)


def settings(text: str = "off") -> ClientSettings:
    """Two settings to use and one to avoid, each with this value."""
    use = (Setting("Base URL", "https://api.acme.example/v1", "leads to the API"), Setting("R1", text, text))
    avoid = (Setting("Prompt caching", text, "the turn in that form fails"),)
    return ClientSettings(use, avoid, f"Base URL: https://api.acme.example/v1\nR1: {text}")


def run(clients: Sequence[str] = CHOSEN, **fields: Any) -> RunFacts:
    """The facts of a run against an invented provider."""
    values: dict[str, Any] = {
        "version": "1.0.0",
        "started": "2026-11-25T10:00:00Z",
        "seconds": 41.3,
        "endpoint": EndpointFacts(
            "acme",
            "https://api.acme.example/v1",
            "acme-large",
            "https://api.acme.example/v1/chat/completions",
            {"max_output_tokens": 4096, "images": False, "streaming": True},
        ),
        "depth": "standard",
        "exit_code": 0,
        "turns": tuple(turn(client) for client in clients),
        "settings": {client: settings() for client in clients},
        "arguments": ARRIVAL,
        "conversations": (
            TalkFacts("tool_stream", "Asks for the weather in two cities at once, streamed.", 2, 1.9),
            TalkFacts("long_prompt", "Sends a prompt that nearly fills the context.", 0, 0.0, "no context_window set"),
        ),
        "cost": Cost(61, 18_400, 5_210, 0.0173, True),
        **fields,
    }
    return RunFacts(**values)


@dataclass(frozen=True)
class Said:
    """Conclusions of an example, instead of those that follow from its observations."""

    clients: Mapping[str, ClientVerdict]
    tool_calling: ToolCalling
    categories: Mapping[str, CategoryState]
    exit_code: int


def judgement(
    verdict: Verdict = Verdict.WORKS,
    because: Sequence[str] = (),
    summary: str = "every requirement that matters to it holds",
    level: Level = Level.COMPLETE,
    exit_code: int = 0,
    sees: str = "",
) -> Said:
    """The same verdict for every client; `sees` is what all their users see."""
    blame = Blame.PROVIDER if level is not Level.COMPLETE else None
    at_fault = CONNECTION_ERRORS if level is Level.UNKNOWN else TOOL_CALLING_ERRORS
    fine = Status.UNKNOWN if level is Level.UNKNOWN else Status.OK
    problem = CategoryState(Status.PROBLEM if because else Status.OK, tuple(because), at_fault.advice)
    return Said(
        {c.id: ClientVerdict(verdict, tuple(because), summary, sees) for c in CLIENTS},
        ToolCalling(level, tuple(because), blame, summary),
        {c.id: problem if c is at_fault else CategoryState(fine, (), c.advice) for c in CATEGORIES},
        exit_code,
    )


def report(
    facts: RunFacts,
    said: Said,
    observations: Sequence[Observation],
    exchanges: Sequence[Exchange],
    *,
    chosen: Sequence[str] = CHOSEN,
    incomplete: str = "",
) -> dict[str, Any]:
    """The report of a run for the `chosen` clients with the conclusions `said`."""
    clients = [CURRENT[id] for id in chosen]
    concluded = conclude(observations, clients, exchanges=exchanges, incomplete=incomplete)
    taken = {name: getattr(said, name) for name in ("clients", "tool_calling", "categories")}
    return build(replace(facts, exit_code=said.exit_code), replace(concluded, **taken))


INDEX = probe(
    "toolstream.delta-index",
    "Every streamed tool-call delta carries an integer `index`.",
    failure="Streamed tool-call deltas have no `index`.",
    why="Clients join argument fragments by `index`. Without it two parallel calls run together and their "
    "arguments stop being JSON.\n\nRoo Code drops such a delta, the SDK raises.",
    severity={"roo-code": Severity.BREAKS, "kilo-code": Severity.BREAKS, "openai-python": Severity.DEGRADES},
    remedy="Send an integer `index` on every entry of `delta.tool_calls`, counting calls from 0.",
)
USAGE = probe(
    "usage.stream-totals",
    "A stream that was asked for usage ends with a chunk that carries it.",
    severity={"roo-code": Severity.DEGRADES, "kilo-code": Severity.DEGRADES},
    category=UNEXPECTED_RESULTS,
    remedy="Honour `stream_options.include_usage`: one last chunk with empty `choices` and `usage`.",
)
ROLE = probe("stream.role-first", "The first delta names the role.", category=UNEXPECTED_RESULTS)
LONG = probe("limits.context-overflow", "A prompt beyond the context is refused with a 400.")
IMAGES = probe("images.data-url", "A PNG given as a data URL is seen.", category=UNEXPECTED_RESULTS)


def failing() -> dict[str, Any]:
    """A provider whose streams have no index and no usage."""
    delta = {"id": "call_1", "function": {"name": "get_weather", "arguments": '{"city": "Berlin"}'}}
    choices = [{"index": 0, "delta": {"tool_calls": [delta]}}]
    event = b"data: " + json.dumps({"choices": choices}).encode() + b"\n\n"
    words = [
        b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": f"word {n} "}}]}).encode() + b"\n\n"
        for n in range(55)
    ]
    pieces = (event[:60], event[60:], b"data: [DONE]\n\n")
    exchanges = [exchange("tool_stream", n, pieces, started=float(n)) for n in (1, 2)]
    exchanges.append(exchange("plain_stream", 1, words, started=1.2))
    seen = f"delta 0 has no integer index: {delta}"
    observations = [
        Observation(ROLE, "plain_stream", Outcome.PASSED, exchanges=("plain_stream#1",)),
        Observation(ROLE, "tool_stream", Outcome.PASSED, exchanges=("tool_stream#1",)),
        Observation(INDEX, "tool_stream", Outcome.FAILED, seen, exchanges=("tool_stream#1", "tool_stream#2")),
        Observation(INDEX, "parallel_tools", Outcome.FAILED, seen, exchanges=("tool_stream#2",)),
        Observation(USAGE, "plain_stream", Outcome.FAILED, "no chunk has usage", exchanges=("plain_stream#1",)),
        Observation(LONG, "long_prompt", Outcome.BLOCKED, reason="no context_window set", blocked_by=Blame.SETTINGS),
        Observation(IMAGES, "image", Outcome.NOT_APPLICABLE, reason="the endpoint does not claim images"),
    ]
    said = judgement(
        Verdict.FAILS,
        ("toolstream.delta-index", "usage.stream-totals"),
        "Streamed tool calls cannot be put together: delta 0 has no integer index.",
        Level.PARTIAL,
        1,
        CRASH,
    )
    turns = (turn(), turn(exchange="tool_stream#2"), turn("kilo-code", "tool_stream#2", CRASH))
    return report(run(turns=turns), said, observations, exchanges)


def working() -> dict[str, Any]:
    """A provider without a failure."""
    return report(run(), judgement(), [Observation(ROLE, "plain_stream", Outcome.PASSED)], [exchange()])


def unreachable() -> dict[str, Any]:
    """A host that refuses connections: one failure, everything else blocked, one exchange without a response."""
    reach = probe(
        "url.reachable",
        "The base URL answers.",
        severity=dict.fromkeys((c.id for c in CLIENTS), Severity.BREAKS),
        blame=Blame.SETTINGS,
        remedy="Check host and port of the base URL.",
    )
    seen = exchange("preflight", response=None, chunks=(), ended=Ended.REFUSED, detail="connection refused")
    observations = [
        Observation(reach, "preflight", Outcome.FAILED, "connection refused", exchanges=(seen.id,)),
        *(Observation(p, "", Outcome.BLOCKED, reason="url.reachable failed") for p in (ROLE, INDEX, USAGE)),
    ]
    said = judgement(Verdict.UNKNOWN, ("url.reachable",), "The endpoint cannot be reached.", Level.UNKNOWN, 6)
    endpoint = EndpointFacts(
        "acme", "https://api.acme.example/v1/", "acme-large", "", advice=("It ends in a slash. Type it without.",)
    )
    facts = run(endpoint=endpoint, turns=(), settings={}, arguments=None, depth="quick")
    return report(facts, said, observations, [seen], incomplete="the preflight failed")


def hostile(text: str = HOSTILE) -> dict[str, Any]:
    """A provider whose every text attacks the program that shows the report."""
    data = text.encode("utf-8", "surrogatepass")
    evil = exchange(
        "tool_stream",
        chunks=(data, b"\xff\xfe" + data, bytes(range(256))),
        request=Request("POST", f"https://api.acme.example/{text}", ((text, text),), data),
        response=Response(200, ((text, text), ("content-type", text)), text, text),
        detail=text,
        undecodable=text,
    )
    bad = probe(
        "toolstream.delta-index",
        text,
        failure=text,
        why=text,
        severity={"roo-code": Severity.BREAKS},
        remedy=text,
        source=(text, f"javascript:{text}", f"https://evil.example/{text}"),
    )
    observations = [
        Observation(bad, "tool_stream", outcome, text, text, exchanges=(evil.id, text)) for outcome in Outcome
    ]
    evil_setting = Setting(text, text, text)
    facts = run(
        endpoint=EndpointFacts(text, text, text, text, {text: text}, (text, text)),
        turns=(
            turn("roo-code", "tool_stream#1", text, moments=(Moment(0.1, text), Moment(0.2, text))),
            turn("kilo-code", text, text, conversation=text),
        ),
        settings=dict.fromkeys((c.id for c in CLIENTS), ClientSettings((evil_setting,), (evil_setting,), text)),
        conversations=(TalkFacts("tool_stream", text, 1, 1.0, text),),
    )
    said = judgement(Verdict.FAILS, ("toolstream.delta-index",), text, Level.PARTIAL, 1, text)
    return report(facts, said, observations, [evil], incomplete=text)


def every_example() -> dict[str, dict[str, Any]]:
    """All of them by name."""
    return {"failing": failing(), "working": working(), "unreachable": unreachable(), "hostile": hostile()}
