"""Requests for a model that does not exist."""

from __future__ import annotations

from conformance.probes.conversations.offered import user
from conformance.requirements.conversation import Ask, Depth, conversation

NO_SUCH_MODEL = "conformance-no-such-model-7c1f"
NO_SUCH_REPOSITORY = "conformance-nobody/no-such-model-7c1f"


@conversation("error", depth=Depth.QUICK)
async def unknown_model(ask: Ask) -> None:
    """Chat with a model id that does not exist."""
    await ask.chat(model=NO_SUCH_MODEL, messages=[user("Say hello.")], max_tokens=16)


@conversation("error")
async def unknown_model_stream(ask: Ask) -> None:
    """Streamed chat with a model id that does not exist."""
    await ask.chat(model=NO_SUCH_MODEL, messages=[user("Say hello.")], max_tokens=16, stream=True)


@conversation("error", depth=Depth.THOROUGH, once=True)
async def unknown_model_path(ask: Ask) -> None:
    """Chat with a model id that does not exist, in the form of a repository to load."""
    await ask.chat(model=NO_SUCH_REPOSITORY, messages=[user("Say hello.")], max_tokens=16)
