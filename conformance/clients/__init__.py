"""The clients whose point of view counts; each is a frozen profile of one published version in a folder of its own.

A client's id is what `--client` takes and what reports carry. Severities are said per client, because the same bytes may
break one client and leave another unaffected. The names that probes use are imported here; which clients there are is found by
walking the folders.
"""

from __future__ import annotations

from conformance.clients.ai_sdk import AI_SDK, AI_SDK_2
from conformance.clients.client import Client
from conformance.clients.cline import CLINE
from conformance.clients.discovery import profiles
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

PROFILES = profiles()  # older ones can be selected as id@version
CURRENT = {id: next(client for client in PROFILES if client.id == id) for id in [c.id for c in PROFILES]}
CLIENTS = tuple(CURRENT.values())
AGENTS = tuple(client for client in CLIENTS if client.judged_by_default)
