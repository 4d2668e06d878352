"""Today's Kilo Code, built on the AI SDK 2.0.48: what it sends, and what it makes of an answer."""

from __future__ import annotations

from conformance.clients import url
from conformance.clients.client import Client, Retries
from conformance.clients.kilo_code.listing import listed
from conformance.clients.kilo_code.reading import read
from conformance.clients.kilo_code.request import headers, small, turn
from conformance.clients.kilo_code.settings import SETTINGS
from conformance.clients.kilo_code.symptoms import SYMPTOMS
from conformance.clients.kilo_code.turns import TURNS

KILO_CODE = Client(
    id="kilo-code",
    order=20,
    judged_by_default=True,
    name="Kilo Code",
    version="7.5.11",
    as_of="2026-06",
    sdk="@ai-sdk/openai-compatible 2.0.48",
    sources=(
        "https://github.com/Kilo-Org/kilocode",
        "https://github.com/Kilo-Org/kilocode/blob/main/packages/opencode/src/session/processor.ts",
        "https://github.com/vercel/ai/tree/%40ai-sdk/openai-compatible%402.0.48/packages/openai-compatible",
    ),
    chat=url.kilo_chat,
    models=url.kilo_models,
    headers=headers,
    turn=turn,
    small=small,
    read=read,
    listed=listed,
    retries=Retries(times=5, statuses=(408, 409, 429, 5), longest_wait=None),
    settings=SETTINGS,
    turns=TURNS,
    symptoms=SYMPTOMS,
    severities_of="kilo-code",
)
