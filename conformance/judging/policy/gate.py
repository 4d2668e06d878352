"""Whether a build may go on: the exit code of a run, decided apart from the verdicts, which stay as they are. Pure.

The gate looks at the observations once more, with the failures that it is told to bear taken as passed, and asks for the same
verdicts again. So a known deviation hides no other, and what could not be judged stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from conformance.clients import CLIENTS, CURRENT
from conformance.clients.client import Client
from conformance.errors import UsageError, unknown
from conformance.judging.judge import Observation
from conformance.judging.policy.accepted_failures import Known, expired
from conformance.judging.policy.baseline import Baseline
from conformance.judging.probe_results import tally
from conformance.judging.verdict import Judgement, conclude
from conformance.requirements.conversation import REPEATS, Depth
from conformance.requirements.outcome import Outcome

FAIL_ON = ("fails", "degraded", "any")
TOOLS = "tool-calling"
LEVELS = ("none", "partial", "complete")  # each at least what stands before it
VERDICTS = ("fails", "degraded", "works")
FAILED, UNKNOWN = 1, 6
_NAMED = 5  # requirements of one sentence


@dataclass(frozen=True)
class Policy:
    """What fails a build. `require` holds what tool calling or a client has to reach at least, by name.

    A failure seen in at most `allow_flaky` of every three answers to the same question, but not in all of them, is borne.
    With a `baseline` only what counted there counts.
    """

    fail_on: str = "fails"
    require: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    known: tuple[Known, ...] = ()
    allow_flaky: int = 0
    baseline: Baseline | None = None


@dataclass(frozen=True)
class Gate:
    """The exit code of the run, and one line why."""

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
    depth: Depth = Depth.THOROUGH,
    detours: Mapping[str, str] = MappingProxyType({}),
    incomplete: str = "",
) -> Gate:
    """What the gate says about a run of that `depth` against `model`."""
    newer = policy.baseline.passed_over(observations) if policy.baseline else []
    observations = policy.baseline.known(observations) if policy.baseline else observations
    bears = [(o, _borne(o, policy, model)) for o in observations]
    borne = [o for o, bear in bears if bear]
    seen = [replace(o, outcome=Outcome.PASSED) if bear else o for o, bear in bears]
    strict = policy.fail_on != "fails"
    judged = conclude(seen, clients, detours=detours, incomplete=incomplete, strict=strict)
    mine = [k for k in policy.known if k.model in ("", model)]
    about = None if incomplete else {client.id for client in clients}
    stale = [k for k in mine if _stale(k, _outcomes(k, observations, model), depth, about)]
    wrong = [
        *_verdicts(judged, clients, strict),
        *_any(seen, policy),
        *(f"{k.what} is known and passes now: take it out" for k in stale),
        *(f"{k.what} was to be borne until {k.until} ({k.owner})" for k in expired(mine, today)),
    ]
    short = {f"{name} is {is_} instead of {wanted}": is_ for name, wanted, is_ in _short(judged, policy)}
    code = _code(
        judged.exit_code, bool(wrong) or any(is_ != "unknown" for is_ in short.values()), bool(short)
    )
    return Gate(code, _summary(code, [*wrong, *short], borne, newer))


def _borne(observation: Observation, policy: Policy, model: str) -> bool:
    if observation.outcome is not Outcome.FAILED:
        return False
    failed, judged = observation.times
    flaky = failed < judged and failed * REPEATS <= policy.allow_flaky * judged
    return flaky or any(k.means(observation, model) for k in policy.known)


def _verdicts(judged: Judgement, clients: Sequence[Client], strict: bool) -> list[str]:
    bad = ("fails", "degraded") if strict else ("fails",)
    chosen = [id for id in CURRENT if id in {client.id for client in clients}]
    verdicts = {id: judged.clients[id].verdict for id in chosen}
    return [f"{id} {'is ' if v == 'degraded' else ''}{v}" for id, v in verdicts.items() if v in bad]


def _any(seen: Sequence[Observation], policy: Policy) -> list[str]:
    failed = {o.requirement.id for o in seen if o.outcome is Outcome.FAILED}
    told = "1 requirement fails" if len(failed) == 1 else f"{len(failed)} requirements fail"
    return [told] if failed and policy.fail_on == "any" else []


def _outcomes(known: Known, observations: Sequence[Observation], model: str) -> set[Outcome]:
    return {o.outcome for o in observations if known.means(o, model)}


def _stale(known: Known, outcomes: set[Outcome], depth: Depth, about: set[str] | None) -> bool:
    """True when the run looked wherever the deviation was seen, and it was nowhere; `about` None says that it was cut short.

    One that comes and goes is no less there on a day on which it does not come.
    """
    looked = depth >= known.depth and (known.case or (about is not None and known.clients <= about))
    nowhere = Outcome.PASSED in outcomes and outcomes <= {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    return bool(looked) and nowhere and not known.flaky


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


def _summary(code: int, wrong: Sequence[str], borne: Sequence[Observation], newer: Sequence[str]) -> str:
    words = {0: "passes", UNKNOWN: "cannot say"}
    why = f": {'; '.join(wrong)}" if wrong else ""
    bears = _named(" It bears {}.", [t.requirement.id for t in tally(borne)])
    passes_over = _named(" It passes over {}, of which the baseline does not know.", newer)
    return f"The gate {words.get(code, 'fails')}{why}.{bears}{passes_over}"


def _named(sentence: str, ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return sentence.format(f"{', '.join(ids[:_NAMED])}{more}") if ids else ""
