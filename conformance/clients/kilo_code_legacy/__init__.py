"""Kilo Code before its rebuild, a relative of Roo Code: what it sends, and what it makes of an answer."""

from __future__ import annotations

from conformance.clients import url
from conformance.clients.client import Client, Retries
from conformance.clients.kilo_code_legacy.reading import listed, read
from conformance.clients.kilo_code_legacy.request import headers, turn
from conformance.clients.kilo_code_legacy.settings import SETTINGS
from conformance.clients.kilo_code_legacy.symptoms import SYMPTOMS
from conformance.clients.kilo_code_legacy.turns import TURNS
from conformance.clients.roo_code.request import small

KILO_CODE_LEGACY = Client(
    id="kilo-code-legacy",
    order=30,
    name="Kilo Code (legacy)",
    version="5.10.4",
    as_of="2026-03-13",
    sdk="openai-node 5.12.2",
    sources=(
        "https://github.com/Kilo-Org/kilocode-legacy",
        "https://github.com/Kilo-Org/kilocode-legacy/blob/main/src/api/providers/openai.ts",
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
    severities_of="kilo-code-legacy",
)
