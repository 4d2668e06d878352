"""Bug reports to file with the provider: one Markdown document for each cause, which needs nothing beside it.

Each says what was asked, as a command that asks it again, what came back, who says that it should be otherwise, and how often
it was seen. Causes that are the user's own settings are left out: nobody else can mend them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.report.formats.markdown import block, code, plain
from conformance.report.page.evidence import cut, whole_body
from conformance.report.page.offence import around
from conformance.report.page.request import curl
from conformance.report.text import OUTCOMES, documented, hurt, line, sentence

_BODY = 3_000  # characters of an answer
_COMMAND = 100_000  # characters of the command: more than a report keeps of a request, for none can be missed
_CASES = 12
_ADDRESS = re.compile(r"https://[A-Za-z0-9._~/?#=&%+:@!,;-]+")


def render(report: Mapping[str, Any]) -> str:
    """All documents, one after the other."""
    return (
        "\n---\n\n".join(files(report).values()) or "No failure is the provider's or the model's to mend.\n"
    )


def files(report: Mapping[str, Any]) -> dict[str, str]:
    """The documents by the names of their files, the most urgent first."""
    steps = [step for step in report["first"] if step["blame"] != "settings"]
    return {f"{n:02}-{_slug(step['probe'])}.md": _document(step, report) for n, step in enumerate(steps, 1)}


def _slug(id: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", id.lower())[:80].strip("-") or "cause"


def _document(step: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    seen = [o for o in report["observations"] if o["probe"] == step["probe"]]
    failed = [o for o in seen if o["outcome"] == "failed"]
    facts = report["probes"].get(step["probe"], {"why": "", "source": []})
    parts = [
        f"# {plain(step['requirement'].rstrip('.'))}",
        _about(report),
        f"## What happens\n\n{block(line(step['actual'], 1_000))}\n\n{_often(failed, seen)}",
        _evidence(failed, step, report),
        f"## What should happen\n\n{plain(step['requirement'])} {plain(facts['why'], 1_500)}\n\n{_sources(facts)}",
        f"## What it does to clients\n\n{plain(sentence(hurt(step, report)))}{_same_cause(step)}",
        f"## What would mend it\n\n{plain(step['remedy'])}",
        _documented(step, report),
    ]
    return "\n\n".join(part for part in parts if part).rstrip() + "\n"


def _about(report: Mapping[str, Any]) -> str:
    endpoint = report["endpoint"]
    return (
        f"Model {code(endpoint['model'])} at {code(endpoint['base_url'])}, seen on {plain(report['started'], 40)} "
        f"with provider-conformance {plain(report['tool']['version'], 20)}."
    )


def _often(failed: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]) -> str:
    """In how many of the cases that could be judged, and in which."""
    judged = [o for o in seen if o["outcome"] in OUTCOMES and o["outcome"] in ("failed", "passed")]
    names = [code(o["case"], 60) for o in failed if o["case"]]
    more = f" and {len(names) - _CASES} more" if len(names) > _CASES else ""
    where = f": {', '.join(names[:_CASES])}{more}" if names else ""
    asked = [o["times"] for o in failed if "times" in o]
    often = (
        f" It was seen {sum(t['failed'] for t in asked)} of {sum(t['judged'] for t in asked)} times where it was looked for repeatedly."
        if asked
        else ""
    )
    return f"Seen in {len(failed)} of {len(judged)} cases that were judged{where}.{often}"


def _evidence(failed: Sequence[Mapping[str, Any]], step: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """The shortest of the requests that were answered so, and the answer."""
    by_id = {exchange["id"]: exchange for exchange in report["exchanges"]}
    shown = [(by_id[o["exchanges"][0]], o) for o in failed if o["exchanges"] and o["exchanges"][0] in by_id]
    if not shown:
        return ""
    exchange, observation = min(shown, key=lambda pair: len(str(pair[0]["request"]["body"])))
    return (
        f"## How to see it\n\n{block(curl(exchange), 'sh', most=_COMMAND)}{_shortened(exchange)}\n\n"
        f"The answer:\n\n{block(_answer(exchange, observation['actual'] or step['actual']))}\n\n{_ended(exchange)}"
    )


def _shortened(exchange: Mapping[str, Any]) -> str:
    left = exchange["request"]["cut"]
    return f"\n\n{left:,} bytes of the request's body are left out of its middle." if left else ""


def _answer(exchange: Mapping[str, Any], told: str) -> str:
    """Status, headers and the body around the offence."""
    response = exchange["response"]
    if response is None:
        return "(no answer)"
    head = [f"HTTP {response['status']} {response['reason']}"[:200]]
    head += [f"{name}: {value}"[:300] for name, value in response["headers"][:20]]
    return (
        "\n".join(line(row) for row in head) + "\n\n" + cut(around(whole_body(exchange), told, _BODY), 4_000)
    )


def _ended(exchange: Mapping[str, Any]) -> str:
    detail = f" ({code(exchange['detail'], 200)})" if exchange["detail"] else ""
    return f"It ended {exchange['ended']}{detail} after {exchange['seconds']:.2f} s."


def _sources(facts: Mapping[str, Any]) -> str:
    """Who says so; only a plain https address becomes a link."""
    rows = [f"- <{s}>" if _ADDRESS.fullmatch(s) else f"- {plain(s)}" for s in facts["source"]]
    return "\n".join(rows)


def _same_cause(step: Mapping[str, Any]) -> str:
    others = ", ".join(code(id, 80) for id in step["with"])
    return f"\n\nOf the same cause: {others}." if others else ""


def _documented(step: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    note = documented(step, report)
    return f"The provider documents: {plain(note['what'])} <{note['source']}>" if note else ""
