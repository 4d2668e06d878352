"""Roo Code with its provider "OpenAI Compatible": what it sends, and what it makes of an answer."""

from __future__ import annotations

from conformance.clients import url
from conformance.clients.client import Client, Retries
from conformance.clients.roo_code.reading import listed, read
from conformance.clients.roo_code.request import headers, small, turn
from conformance.clients.roo_code.settings import SETTINGS
from conformance.clients.roo_code.symptoms import SYMPTOMS
from conformance.clients.roo_code.turns import TURNS

ROO_CODE = Client(
    id="roo-code",
    order=10,
    judged_by_default=True,
    name="Roo Code",
    version="3.52.1",
    as_of="2026-04-14",
    sdk="openai-node 5.12.2",
    sources=(
        "https://github.com/RooCodeInc/Roo-Code/tree/v3.52.1",
        "https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/api/providers/openai.ts",
        "https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src/core/assistant-message/NativeToolCallParser.ts",
    ),
    chat=url.node_chat,
    models=url.trimmed_models,
    headers=headers,
    turn=turn,
    small=small,
    read=read,
    listed=listed,
    retries=Retries(times=2, statuses=(408, 409, 429, 5), longest_wait=60),
    settings=SETTINGS,
    turns=TURNS,
    symptoms=SYMPTOMS,
    severities_of="roo-code",
)
