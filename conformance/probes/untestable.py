"""What clients need but nobody can test from outside, with the reason; shown at the end of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NotTestable:
    """A requirement without a probe, and why it has none."""

    requirement: str
    reason: str


UNTESTABLE = (
    NotTestable(
        "Text that the model writes beside a tool call arrives too.",
        "the model may write none, and a server that loses the text looks the same",
    ),
    NotTestable(
        "A failure in the middle of a stream is reported in the stream.",
        "no request makes a working server fail halfway; errors.stream-shape judges streams that do fail",
    ),
    NotTestable(
        "Missing credit is refused with 402 or 403, and only a rate limit with 429.",
        "it needs an empty account or a flood of requests; auth.account-usable and errors.rate-limit judge refusals that occur",
    ),
    NotTestable(
        "Every listed model id works in a chat request.",
        "it needs a paid request for each model; only the configured one is tested",
    ),
    NotTestable(
        "temperature, top_p and the penalties have an effect.",
        "it needs very many answers to tell a changed sampler from chance; that they are accepted is tested",
    ),
    NotTestable(
        "The model that is named answers, with the promised precision.",
        "nothing in an answer proves it; models.named and models.not-substituted judge what answers say",
    ),
    NotTestable(
        "The bill matches what `usage` counts.",
        "the bill is not part of any answer; a run shows its own price if prices are configured",
    ),
    NotTestable(
        "Computer use works.",
        "no current agent sends anything for that setting; images.after-result tests what remains of it, screenshots",
    ),
    NotTestable(
        "The endpoint can be reached from where the editor runs.",
        "a run sees only its own network, with its own proxies and certificates",
    ),
)
