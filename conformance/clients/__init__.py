"""The clients whose point of view counts; each is a frozen profile of one published version.

A client's id is what `--client` takes and what reports carry. Severities in probes are told per client,
because the same bytes may break one and pass unnoticed by another.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """One client: stable id, name as its users know it, and the version the knowledge was taken from."""

    id: str
    name: str
    version: str
    source: str


ROO_CODE = Client("roo-code", "Roo Code", "3.52.1", "https://github.com/RooCodeInc/Roo-Code/tree/v3.52.1")
KILO_CODE = Client("kilo-code", "Kilo Code", "7.5.11", "https://github.com/Kilo-Org/kilocode")
KILO_CODE_LEGACY = Client(
    "kilo-code-legacy", "Kilo Code (legacy)", "5.10.4", "https://github.com/Kilo-Org/kilocode-legacy"
)
CLINE = Client("cline", "Cline", "3.89.2", "https://github.com/cline/cline/tree/v3.89.2")
OPENAI_PYTHON = Client(
    "openai-python", "OpenAI Python SDK", "3.54.0", "https://github.com/openai/openai-python"
)
AI_SDK = Client(
    "ai-sdk",
    "AI SDK (openai-compatible)",
    "3.0.35",
    "https://github.com/vercel/ai/tree/main/packages/openai-compatible",
)

CLIENTS = (ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE, OPENAI_PYTHON, AI_SDK)
