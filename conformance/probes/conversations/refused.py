"""Finds out, if a client's own request is refused, which part of it the server does not accept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from conformance.clients.fields import DIALECT, Part, Sent, likely, refused, suspects_of, without
from conformance.evidence.exchange import Exchange, Request, error_message
from conformance.probes.conversations.turns import OWN_TURNS, TURN_PROMPT, TURN_TOKENS, name_of
from conformance.requirements.conversation import ANYTHING, MOST_SPARE, Ask, Depth, conversation

TURNS = tuple(  # those that a shallow run holds, the first turn of each client before all others
    name_of(client, turn)
    for client, turn in sorted(OWN_TURNS, key=lambda own: own[1] is not own[0].turns[0])
    if not turn.thorough
)


class Trial:
    """Requests without some of their parts (all that there are, or those given), of which at most so many are sent.

    `known` are the parts found so far; those that the endpoint is known not to take come first.
    """

    def __init__(self, ask: Ask, most: int, parts: Sequence[Part] | None = None) -> None:
        self.ask, self.most, self.parts = ask, most, parts
        self.known: list[Part] = list(ask.dialect)

    @property
    def spent(self) -> bool:
        """True if nothing more may be sent."""
        return len(self.ask.exchanges) >= self.most

    async def accepted(self, sent: Sent, parts: Iterable[Part]) -> bool:
        """Whether the server accepts the request without these parts; False also if nothing more may be sent."""
        if self.spent:
            return False
        reduced = without(sent, [*parts])
        return not refused(await self.ask.send(reduced.body, reduced.headers))

    async def narrow(self, sent: Sent, message: str) -> None:
        """Finds the fewest parts without which a request is accepted; those known from earlier requests are tried first.

        At every step the request is refused without the guilty parts alone, and accepted without guilty and suspect parts.
        """
        guilty = [part for part in self.known if part.is_in(sent)]
        if guilty and await self.accepted(sent, guilty):
            return
        suspects = suspects_of(without(sent, guilty), message, self.parts)
        few = likely(suspects, message)
        if few and await self.accepted(sent, [*guilty, *suspects[:few]]):
            suspects, few = suspects[:few], 0
        elif not await self.accepted(sent, [*guilty, *suspects]):
            return
        while suspects and not self.spent:
            enough = await self._enough(sent, guilty, suspects, few)
            guilty.append(suspects[enough - 1])
            self.known.append(suspects[enough - 1])
            suspects, few = suspects[: enough - 1], 0
            if not suspects or await self.accepted(sent, guilty):
                return

    async def _enough(self, sent: Sent, guilty: Sequence[Part], suspects: Sequence[Part], few: int) -> int:
        """How many of the first suspects have to be left out; leaving out `few` is known not to be enough."""
        enough = len(suspects)
        while enough - few > 1 and not self.spent:
            middle = (few + enough) // 2
            if await self.accepted(sent, [*guilty, *suspects[:middle]]):
                enough = middle
            else:
                few = middle
        return enough


def sent_by(request: Request) -> Sent:
    """What a client sent, without the headers that every request has."""
    common = {"authorization", "content-type", "accept-encoding", "content-length", "host"}
    own = {name: value for name, value in request.headers if name.lower() not in common}
    body: dict[str, Any] = request.json if isinstance(request.json, dict) else {}
    return Sent(body, own)


EARLY = ("preflight", "agent_turn", "max_tokens", "forced_call_stream")
MOST_EARLY = 6  # requests to find what the endpoint does not take


@conversation(
    ANYTHING,
    depth=Depth.QUICK,
    requests=MOST_EARLY,
    tokens=MOST_EARLY * 128,
    prompt_tokens=MOST_EARLY * 900,
    after=EARLY,
    early=True,
    spare=True,
    once=True,
)
async def dialect(ask: Ask) -> None:
    """The first requests again without some of their fields, to find what the endpoint does not take; else nothing."""
    trial = Trial(ask, MOST_EARLY, DIALECT)
    for name in EARLY:
        found = next((e for e in ask.earlier.get(name, ()) if refused(e)), None)
        if found and not trial.spent:
            await trial.narrow(sent_by(found.request), message_of(found))
    ask.learn(trial.known)


@conversation(
    ANYTHING,
    requests=MOST_SPARE,
    tokens=MOST_SPARE * TURN_TOKENS,
    prompt_tokens=MOST_SPARE * TURN_PROMPT,
    after=("dialect", *TURNS),
    spare=True,
)
async def refused_parts(ask: Ask) -> None:
    """Refused turns of clients again, without some of their parts, to find the refused part; else nothing."""
    trial = Trial(ask, MOST_SPARE - len(ask.earlier.get("dialect", ())))
    for name in TURNS:
        found = next((e for e in ask.earlier.get(name, ()) if refused(e)), None)
        if found and not trial.spent:
            await trial.narrow(sent_by(found.request), message_of(found))


def message_of(exchange: Exchange) -> str:
    """The server's message about a refusal, and the parameter that it names."""
    error = exchange.json.get("error") if isinstance(exchange.json, dict) else None
    named = error.get("param") if isinstance(error, dict) else None
    said = error_message(exchange.json) or exchange.text
    return f"{said[:2_000]} {named if isinstance(named, str) and named != 'tools' else ''}"
