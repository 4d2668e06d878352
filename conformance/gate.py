"""Whether a build may go on: the exit code of a run, decided apart from the verdicts, which stay as they are. Pure.

The gate looks at the observations once more, with the failures that it is told to bear taken as passed, and asks for the same
verdicts again. So a known deviation hides no other, and what could not be judged stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from conformance.clients import CLIENTS
from conformance.clients.client import Client
from conformance.config import UsageError, unknown
from conformance.judge import Observation
from conformance.known import Known, expired
from conformance.probe import Outcome
from conformance.verdict import Judgement, conclude

FAIL_ON = ("fails", "degraded", "any")
TOOLS = "tool-calling"
LEVELS = ("none", "partial", "complete")  # each at least what stands before it
VERDICTS = ("fails", "degraded", "works")
FAILED, UNKNOWN = 1, 6


@dataclass(frozen=True)
class Policy:
    """What fails a build. `require` holds what tool calling or a client has to reach at least, by name.

    A failure seen in at most `allow_flaky` of several answers to the same question, but not in all of them, is borne.
    """

    fail_on: str = "fails"
    require: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    known: tuple[Known, ...] = ()
    allow_flaky: int = 0


@dataclass(frozen=True)
class Gate:
    """The exit code of the run, and one line why; "" when no policy was given."""

    code: int
    summary: str


def requirement(text: str) -> tuple[str, str]:
    """`tool-calling=complete` or `roo-code=works`, parted; raises UsageError."""
    name, _, wanted = text.partition("=")
    known = {TOOLS: LEVELS[1:], **{client.id: VERDICTS[1:] for client in CLIENTS}}
    if name not in known:
        raise UsageError(f"--require {text[:80]}: {unknown('name', name, known)}")
    if wanted not in known[name]:
        raise UsageError(f"--require {name}: use {' or '.join(f'{name}={level}' for level in known[name])}")
    return name, wanted


def decide(
    observations: Sequence[Observation],
    clients: Sequence[Client],
    policy: Policy,
    *,
    model: str,
    today: date,
    detours: Mapping[str, str] = MappingProxyType({}),
    incomplete: str = "",
) -> Gate:
    """What the gate says about a run against `model`."""
    borne = [o for o in observations if _borne(o, policy, model)]
    seen = [replace(o, outcome=Outcome.PASSED) if o in borne else o for o in observations]
    strict = policy.fail_on != "fails"
    judged = conclude(seen, clients, detours=detours, incomplete=incomplete, strict=strict)
    wrong = [
        *_verdicts(judged, clients, strict),
        *_any(seen, policy),
        *_known(observations, policy, model, today),
    ]
    short = {f"{name} is {is_} instead of {wanted}": is_ for name, wanted, is_ in _short(judged, policy)}
    code = _code(
        judged.exit_code, bool(wrong) or any(is_ != "unknown" for is_ in short.values()), bool(short)
    )
    return Gate(code, "" if policy == Policy() else _summary(code, [*wrong, *short], borne))


def _borne(observation: Observation, policy: Policy, model: str) -> bool:
    if observation.outcome is not Outcome.FAILED:
        return False
    failed, judged = observation.times
    flaky = failed < judged and failed <= policy.allow_flaky
    return flaky or any(k.means(observation, model) for k in policy.known)


def _verdicts(judged: Judgement, clients: Sequence[Client], strict: bool) -> list[str]:
    bad = ("fails", "degraded") if strict else ("fails",)
    verdicts = {client.id: judged.clients[client.id].verdict for client in clients}
    return [f"{id} {'is ' if v == 'degraded' else ''}{v}" for id, v in verdicts.items() if v in bad]


def _any(seen: Sequence[Observation], policy: Policy) -> list[str]:
    failed = dict.fromkeys(o.probe.id for o in seen if o.outcome is Outcome.FAILED)
    return [f"{len(failed)} requirements fail"] if failed and policy.fail_on == "any" else []


def _known(observations: Sequence[Observation], policy: Policy, model: str, today: date) -> list[str]:
    """Known deviations that are none any more, and those whose day has passed."""
    stale = [k for k in policy.known if _passes([o.outcome for o in observations if k.means(o, model)])]
    late = expired((k for k in policy.known if k.model in ("", model)), today)
    return [
        *(f"{k.what} is known and passes now: take it out" for k in stale),
        *(f"{k.what} was to be borne until {k.until} ({k.owner})" for k in late),
    ]


def _passes(outcomes: Sequence[Outcome]) -> bool:
    return Outcome.PASSED in outcomes and Outcome.FAILED not in outcomes


def _short(judged: Judgement, policy: Policy) -> list[tuple[str, str, str]]:
    """What is required and not reached: name, what is wanted, what it is."""
    reached = {id: str(client.verdict) for id, client in judged.clients.items()}
    reached[TOOLS] = str(judged.tool_calling.level)
    return [
        (name, wanted, reached[name])
        for name, wanted in policy.require.items()
        if not _at_least(reached[name], wanted)
    ]


def _at_least(is_: str, wanted: str) -> bool:
    scale = LEVELS if wanted in LEVELS else VERDICTS
    return is_ in scale and scale.index(is_) >= scale.index(wanted)


def _code(judged: int, failed: bool, short: bool) -> int:
    """An error of ours stays one; a failure outweighs what could not be judged."""
    if judged not in (0, UNKNOWN):
        return judged
    return FAILED if failed else UNKNOWN if short else judged


def _summary(code: int, wrong: Sequence[str], borne: Sequence[Observation]) -> str:
    ids = list(dict.fromkeys(o.probe.id for o in borne))
    bears = (
        f" It bears {', '.join(ids[:5])}{f' and {len(ids) - 5} more' if len(ids) > 5 else ''}." if ids else ""
    )
    words = {0: "passes", UNKNOWN: "cannot say"}
    why = f": {'; '.join(wrong)}" if wrong else ""
    return f"The gate {words.get(code, 'fails')}{why}.{bears}"
