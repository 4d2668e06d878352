"""Bug reports to file with the provider: one Markdown document for each root cause, which needs no other file.

The title says what happens. Below it: expected and actual, a command that repeats the request, the bytes of the response, the
clients that are affected. Causes in the user's own settings are left out: no provider can fix them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.report.bodies import around, whole_body
from conformance.report.curl import curl
from conformance.report.formats.markdown import block, code, plain
from conformance.report.text import affected, cut, documented, headline, line, sentence

_BODY = 3_000  # characters of an answer
_COMMAND = 100_000  # characters of the command: more than a report keeps of a request, so it is never cut
_CASES = 12
_ADDRESS = re.compile(r"https://[A-Za-z0-9._~/?#=&%+:@!,;-]+")


def render(report: Mapping[str, Any]) -> str:
    """All documents, one after the other."""
    return "\n---\n\n".join(files(report).values()) or "No failure is for the provider or the model to fix.\n"


def files(report: Mapping[str, Any]) -> dict[str, str]:
    """The documents by file name, the most urgent first."""
    steps = [step for step in report["first"] if step["blame"] != "settings"]
    return {f"{n:02}-{_slug(step['probe'])}.md": _document(step, report) for n, step in enumerate(steps, 1)}


def _slug(id: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", id.lower())[:80].strip("-") or "cause"


def _document(step: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    seen = [o for o in report["observations"] if o["probe"] == step["probe"]]
    failed = [o for o in seen if o["outcome"] == "failed"]
    facts = report["probes"].get(step["probe"], {"why": "", "source": []})
    parts = [
        f"# {plain(headline(report, step['probe']).rstrip('.'))}",
        _about(report),
        f"## Expected\n\n{plain(step['requirement'])} {plain(facts['why'], 1_500)}\n\n{_sources(facts)}",
        f"## Actual\n\n{block(line(step['actual'], 1_000))}\n\n{_often(failed, seen)}",
        _evidence(failed, step, report),
        f"## Who is affected\n\n{plain(sentence(affected(step['clients'], report)))}{_same_cause(step)}",
        f"## Suggested fix\n\n{plain(step['remedy'])}",
        _documented(step, report),
    ]
    return "\n\n".join(part for part in parts if part).rstrip() + "\n"


def _about(report: Mapping[str, Any]) -> str:
    endpoint = report["endpoint"]
    return (
        f"Model {code(endpoint['model'])} at {code(endpoint['base_url'])}, tested on {plain(report['started'], 40)} "
        f"with provider-conformance {plain(report['tool']['version'], 20)}."
    )


def _often(failed: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]) -> str:
    """How many of the judged cases failed, which, and how often where a case was repeated."""
    judged = [o for o in seen if o["outcome"] in ("failed", "passed")]
    names = [code(o["case"], 60) for o in failed if o["case"]]
    more = f" and {len(names) - _CASES} more" if len(names) > _CASES else ""
    which = f": {', '.join(names[:_CASES])}{more}" if names else ""
    times = [o["times"] for o in failed if "times" in o]
    failures, repeats = (sum(t[name] for t in times) for name in ("failed", "judged"))
    often = f" Repeated {repeats} times, it failed {failures} times." if times else ""
    return f"It failed in {len(failed)} of {len(judged)} judged cases{which}.{often}"


def _evidence(failed: Sequence[Mapping[str, Any]], step: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """The shortest request that failed, and its response."""
    by_id = {exchange["id"]: exchange for exchange in report["exchanges"]}
    shown = [(by_id[o["exchanges"][0]], o) for o in failed if o["exchanges"] and o["exchanges"][0] in by_id]
    if not shown:
        return ""
    exchange, observation = min(shown, key=lambda pair: len(str(pair[0]["request"]["body"])))
    return (
        f"## How to reproduce\n\n{block(curl(exchange), 'sh', most=_COMMAND)}{_shortened(exchange)}\n\n"
        f"## Response\n\n{block(_response(exchange, observation['actual'] or step['actual']))}\n\n{_ended(exchange)}"
    )


def _shortened(exchange: Mapping[str, Any]) -> str:
    missing = exchange["request"]["cut"]
    return f"\n\n{missing:,} bytes are left out of the middle of the request's body." if missing else ""


def _response(exchange: Mapping[str, Any], evidence: str) -> str:
    """Status, headers, and the body around the place that the evidence quotes."""
    response = exchange["response"]
    if response is None:
        return "(no response)"
    head = [f"HTTP {response['status']} {response['reason']}"[:200]]
    head += [f"{name}: {value}"[:300] for name, value in response["headers"][:20]]
    body = cut(around(whole_body(exchange), evidence, _BODY), 4_000)
    return "\n".join(line(row) for row in head) + f"\n\n{body}"


def _ended(exchange: Mapping[str, Any]) -> str:
    detail = f" ({code(exchange['detail'], 200)})" if exchange["detail"] else ""
    return f"The response ended after {exchange['seconds']:.2f} s: {exchange['ended']}{detail}."


def _sources(facts: Mapping[str, Any]) -> str:
    """The sources of the requirement; only a plain https address becomes a link."""
    rows = [f"- <{s}>" if _ADDRESS.fullmatch(s) else f"- {plain(s)}" for s in facts["source"]]
    return "\n".join(rows)


def _same_cause(step: Mapping[str, Any]) -> str:
    others = ", ".join(code(id, 80) for id in step["with"])
    return f"\n\nThe same root cause also fails: {others}." if others else ""


def _documented(step: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    note = documented(report, step["probe"])
    return f"The provider documents: {plain(note['what'])} <{note['source']}>" if note else ""
