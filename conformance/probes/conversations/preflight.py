"""The first conversation of every run: does a plain chat request arrive, and if not, what would mend it."""

from __future__ import annotations

from conformance.probes.conversations.offered import user
from conformance.probes.preflight import candidate_bases, diagnose, listed_ids
from conformance.requirements.conversation import Ask, Depth, conversation


@conversation("completion", depth=Depth.QUICK)
async def preflight(ask: Ask) -> None:
    """One user message, not streamed; up to four more requests only when everything else is off."""
    await ask.chat(messages=[user("Say hello in one short sentence.")])
    found = diagnose(ask.exchanges)
    if found and found.probe == "models.known" and ask.endpoint.models_url:
        await ask.get(ask.endpoint.models_url)
    if found and found.probe == "url.serves-api":
        await _look_elsewhere(ask)


async def _look_elsewhere(ask: Ask) -> None:
    for base in candidate_bases(ask.endpoint.base_url):
        if listed_ids(await ask.get(f"{base}/models")):
            return
