"""A program written with the AI SDK and its provider for OpenAI-compatible endpoints, at two versions."""

from __future__ import annotations

from dataclasses import replace

from conformance.clients import url
from conformance.clients.ai_sdk.reading import read, read_2_0_48
from conformance.clients.ai_sdk.request import headers, headers_2_0_48, turn
from conformance.clients.ai_sdk.settings import SETTINGS
from conformance.clients.ai_sdk.symptoms import SYMPTOMS
from conformance.clients.ai_sdk.turns import TURNS
from conformance.clients.client import Client, Retries

SOURCE = "https://github.com/vercel/ai/tree/%40ai-sdk/openai-compatible%40{}/packages/openai-compatible"

AI_SDK = Client(
    id="ai-sdk",
    library=True,
    order=60,
    name="AI SDK (openai-compatible)",
    version="3.0.35",
    as_of="2026-08-23",
    sdk="@ai-sdk/openai-compatible 3.0.35",
    sources=(SOURCE.format("3.0.35"),),
    chat=url.ai_sdk_chat,
    models=None,
    headers=headers,
    turn=turn,
    small=None,
    read=read,
    listed=None,
    retries=Retries(times=2, statuses=(408, 409, 429, 5), longest_wait=60),
    settings=SETTINGS,
    turns=TURNS,
    symptoms=SYMPTOMS,
    severities_of="ai-sdk",
)
AI_SDK_2 = replace(
    AI_SDK,
    version="2.0.48",
    as_of="2026-05-23",
    sdk="@ai-sdk/openai-compatible 2.0.48",
    sources=(SOURCE.format("2.0.48"),),
    headers=headers_2_0_48,
    read=read_2_0_48,
)
