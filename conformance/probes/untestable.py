"""What clients need and nobody can test from outside, with the reason: the catalogue's honest end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NotTestable:
    """A requirement without a probe, and why it has none."""

    requirement: str
    reason: str


UNTESTABLE = (
    NotTestable(
        "Text that the model writes beside a call arrives as well.",
        "a model may write none, and a server that loses the text cannot be told from that",
    ),
    NotTestable(
        "A failure in the middle of a stream is told in the stream.",
        "no request makes a sound server fail half-way; errors.stream-shape judges those that do",
    ),
    NotTestable(
        "A lack of credit is refused with 402 or 403, and only a rate limit with 429.",
        "it takes an empty account or a flood of requests; auth.account-usable and errors.rate-limit judge what comes",
    ),
    NotTestable(
        "Every listed model id works in a chat request.",
        "it takes a paid request for each of them; only the configured one is asked",
    ),
    NotTestable(
        "temperature, top_p and the penalties have their effect.",
        "it takes very many answers to tell a changed sampler from chance; that they are taken is tested",
    ),
    NotTestable(
        "The very model that is named answers, in the precision that is promised.",
        "nothing in an answer proves it; models.named and models.not-substituted judge what answers say themselves",
    ),
    NotTestable(
        "What is billed is what `usage` counts.",
        "the bill is not part of any answer; a run tells its own price where prices are configured",
    ),
    NotTestable(
        "Computer use works.",
        "no current agent sends anything for that setting; images.after-result asks for what is left of it, screenshots",
    ),
    NotTestable(
        "The endpoint can be reached from where the editor runs.",
        "a run sees its own network, with its own proxies and certificates",
    ),
)
