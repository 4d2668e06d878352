"""Cline with native tool calls: what it sends, and what it makes of an answer."""

from __future__ import annotations

from conformance.clients import url
from conformance.clients.client import Client, Retries
from conformance.clients.cline.reading import listed, read
from conformance.clients.cline.request import headers, turn
from conformance.clients.cline.settings import SETTINGS
from conformance.clients.cline.symptoms import SYMPTOMS
from conformance.clients.cline.turns import TURNS

CLINE = Client(
    id="cline",
    order=40,
    name="Cline",
    version="3.89.2",
    as_of="2026-06-11",
    sdk="openai-node",
    sources=(
        "https://github.com/cline/cline/tree/v3.89.2",
        "https://github.com/cline/cline/blob/v3.89.2/apps/vscode/src/core/api/providers/openai.ts",
        "https://github.com/cline/cline/blob/v3.89.2/apps/vscode/src/core/api/transform/tool-call-processor.ts",
    ),
    chat=url.plain_node_chat,
    models=url.bare_models,
    headers=headers,
    turn=turn,
    small=None,
    read=read,
    listed=listed,
    retries=Retries(times=2, statuses=(429,), longest_wait=None, connection=False),
    settings=SETTINGS,
    turns=TURNS,
    symptoms=SYMPTOMS,
    severities_of="cline",
)
