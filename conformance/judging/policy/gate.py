"""The gate: whether a build passes. It decides the exit code of a run; the verdicts stay as they are. Pure.

Accepted failures count as passed here, and only here: so an accepted failure hides no other, and what could not be judged
stays unjudged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from conformance.clients import CLIENTS, CURRENT
from conformance.errors import UsageError, unknown
from conformance.exit_codes import ExitCode
from conformance.judging.conclusions import Conclusions
from conformance.judging.observation import Observation
from conformance.judging.policy.accepted_failures import AcceptedFailure, expired
from conformance.judging.policy.baseline import Baseline
from conformance.judging.verdict import Verdict
from conformance.requirements import Outcome
from conformance.requirements.conversation import REPEATS, Depth

FAIL_ON = ("fails", "degraded", "any")
TOOLS = "tool-calling"
LEVELS = ("none", "partial", "complete")  # in ascending order
VERDICTS = ("fails", "degraded", "works")
_NAMED = 5  # requirements that one sentence names


@dataclass(frozen=True)
class Policy:
    """What fails a build. `require` is the least level that tool calling or a client must reach, by name.

    A failure in at most `allow_flaky` of every three answers to the same question, but not in all, is tolerated.
    With a `baseline` only what counted in it counts.
    """

    fail_on: str = "fails"
    require: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    accepted: tuple[AcceptedFailure, ...] = ()
    allow_flaky: int = 0
    baseline: Baseline | None = None

    def accepts(self, observation: Observation, model: str) -> bool:
        """True for a failure that does not fail the build: accepted, or flaky and tolerated."""
        if observation.outcome is not Outcome.FAILED:
            return False
        failed, judged = observation.times
        tolerated = failed < judged and failed * REPEATS <= self.allow_flaky * judged
        return tolerated or any(entry.covers(observation, model) for entry in self.accepted)


@dataclass(frozen=True)
class Gate:
    """The exit code of the run, and one line why."""

    code: ExitCode
    summary: str


def requirement(text: str) -> tuple[str, str]:
    """Splits `tool-calling=complete` or `roo-code=works` into name and level; raises UsageError."""
    name, _, wanted = text.partition("=")
    known = {TOOLS: LEVELS[1:], **{client.id: VERDICTS[1:] for client in CLIENTS}}
    if name not in known:
        raise UsageError(f"--require {text[:80]}: {unknown('name', name, known)}")
    if wanted not in known[name]:
        raise UsageError(f"--require {name}: use {' or '.join(f'{name}={level}' for level in known[name])}")
    return name, wanted


def decide(concluded: Conclusions, policy: Policy, *, model: str, today: date, depth: Depth = Depth.THOROUGH) -> Gate:
    """What the gate says about a run of that `depth` against `model`."""
    counted, newer = concluded.observations, []
    if policy.baseline:
        counted, newer = policy.baseline.counted(counted), policy.baseline.newer(counted)
    accepted = [o for o in counted if policy.accepts(o, model)]
    seen = [replace(o, outcome=Outcome.PASSED) if policy.accepts(o, model) else o for o in counted]
    judged = concluded.if_seen(seen) if accepted or policy.baseline else concluded
    problems = [
        *_failing(judged, policy),
        *_stale(concluded, counted, policy, model, depth),
        *_expired(policy, model, today),
    ]
    missed = _missed(judged, policy)
    code = _code(judged, policy, failed=bool(problems) or any(missed.values()), missed=bool(missed))
    return Gate(code, _summary(code, [*problems, *missed], accepted, newer))


def _failing(judged: Conclusions, policy: Policy) -> list[str]:
    """The chosen clients that fail the build, and the count of failed requirements where any of them does."""
    bad = (Verdict.FAILS,) if policy.fail_on == "fails" else (Verdict.FAILS, Verdict.DEGRADED)
    chosen = [id for id in CURRENT if id in {client.id for client in judged.chosen}]
    verdicts = {id: judged.clients[id].verdict for id in chosen}
    said = [f"{id} {'is ' if v is Verdict.DEGRADED else ''}{v}" for id, v in verdicts.items() if v in bad]
    failed = sum(result.failed for result in judged.results)
    count = ["1 requirement fails" if failed == 1 else f"{failed} requirements fail"]
    return [*said, *(count if failed and policy.fail_on == "any" else [])]


def _stale(
    concluded: Conclusions, counted: Sequence[Observation], policy: Policy, model: str, depth: Depth
) -> list[str]:
    """The accepted failures that are gone: the run looked wherever they were seen, and they passed."""
    clients = None if concluded.incomplete else {client.id for client in concluded.chosen}
    stale = [
        entry
        for entry in policy.accepted
        if entry.model in ("", model)
        and entry.is_gone({o.outcome for o in counted if entry.covers(o, model)}, depth, clients)
    ]
    return [f"{entry.what} is accepted, but passes now: remove it from the file" for entry in stale]


def _expired(policy: Policy, model: str, today: date) -> list[str]:
    mine = [entry for entry in policy.accepted if entry.model in ("", model)]
    return [f"{e.what} was accepted until {e.until} ({e.owner}), which has passed" for e in expired(mine, today)]


def _missed(judged: Conclusions, policy: Policy) -> dict[str, bool]:
    """The required levels that are not reached, as sentences; True when it is known, False when it was not judged."""
    reached = {id: str(client.verdict) for id, client in judged.clients.items()}
    reached[TOOLS] = str(judged.tool_calling.level)
    return {
        f"{name} is {reached[name]} instead of {wanted}": reached[name] != Verdict.UNKNOWN
        for name, wanted in policy.require.items()
        if not _at_least(reached[name], wanted)
    }


def _at_least(actual: str, wanted: str) -> bool:
    scale = LEVELS if wanted in LEVELS else VERDICTS
    return actual in scale and scale.index(actual) >= scale.index(wanted)


def exit_code(judged: Conclusions, *, strict: bool = False) -> ExitCode:
    """The exit code that follows from the verdicts of the chosen clients; `strict` fails a degraded client too."""
    verdicts = {judged.clients[client.id].verdict for client in judged.chosen}
    if any(Outcome.ERROR in result.outcomes for result in judged.results):
        return ExitCode.INTERNAL_ERROR
    if Verdict.FAILS in verdicts or (strict and Verdict.DEGRADED in verdicts):
        return ExitCode.FAILED
    return ExitCode.NOT_JUDGED if Verdict.UNKNOWN in verdicts else ExitCode.OK


def _code(judged: Conclusions, policy: Policy, *, failed: bool, missed: bool) -> ExitCode:
    """An internal error stays one; a failure outweighs what could not be judged."""
    code = exit_code(judged, strict=policy.fail_on != "fails")
    if code not in (ExitCode.OK, ExitCode.NOT_JUDGED):
        return code
    return ExitCode.FAILED if failed else ExitCode.NOT_JUDGED if missed else code


def _summary(code: ExitCode, problems: Sequence[str], accepted: Sequence[Observation], newer: Sequence[str]) -> str:
    words = {ExitCode.OK: "passes", ExitCode.NOT_JUDGED: "cannot decide"}
    why = f": {'; '.join(problems)}" if problems else ""
    ids = list(dict.fromkeys(observation.requirement.id for observation in accepted))
    return (
        f"The gate {words.get(code, 'fails')}{why}."
        f"{_named(' Accepted failures: {}.', ids)}{_named(' Ignored, not in the baseline: {}.', newer)}"
    )


def _named(sentence: str, ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return sentence.format(f"{', '.join(ids[:_NAMED])}{more}") if ids else ""
