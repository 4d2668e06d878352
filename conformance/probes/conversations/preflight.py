"""The first conversation of every run: is a plain chat request answered, and if not, what has to change?"""

from __future__ import annotations

from conformance.probes.conversations.offered import user
from conformance.probes.preflight import candidate_bases, listed_ids, preflight_failure
from conformance.requirements.conversation import Ask, Depth, conversation


@conversation("completion", depth=Depth.QUICK)
async def preflight(ask: Ask) -> None:
    """One user message, not streamed; if that fails, up to three GETs of model lists."""
    await ask.chat(messages=[user("Say hello in one short sentence.")])
    found = preflight_failure(ask.exchanges)
    if found and found.probe == "models.known" and ask.endpoint.models_url:
        await ask.get(ask.endpoint.models_url)
    if found and found.probe == "url.serves-api":
        await _look_elsewhere(ask)


async def _look_elsewhere(ask: Ask) -> None:
    for base in candidate_bases(ask.endpoint.base_url):
        if listed_ids(await ask.get(f"{base}/models")):
            return
