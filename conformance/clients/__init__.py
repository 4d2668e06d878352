"""The clients whose point of view counts; each is a frozen profile of one published version.

A client's id is what `--client` takes and what reports carry. Severities in probes are told per client,
because the same bytes may break one and pass unnoticed by another.
"""

from __future__ import annotations

from conformance.clients.ai_sdk import AI_SDK, AI_SDK_2
from conformance.clients.client import Client
from conformance.clients.cline import CLINE
from conformance.clients.kilo_code import KILO_CODE
from conformance.clients.kilo_code_legacy import KILO_CODE_LEGACY
from conformance.clients.openai_python import OPENAI_PYTHON
from conformance.clients.roo_code import ROO_CODE

__all__ = [
    "AGENTS",
    "AI_SDK",
    "AI_SDK_2",
    "CLIENTS",
    "CLINE",
    "CURRENT",
    "KILO_CODE",
    "KILO_CODE_LEGACY",
    "OPENAI_PYTHON",
    "PROFILES",
    "ROO_CODE",
    "Client",
]

CLIENTS = (ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE, OPENAI_PYTHON, AI_SDK)
AGENTS = (ROO_CODE, KILO_CODE)  # whose verdict counts unless a user says otherwise
PROFILES = (*CLIENTS, AI_SDK_2)  # older ones stay selectable as id@version
CURRENT = {client.id: client for client in CLIENTS}  # the profile of each client unless another is chosen
