"""The clients whose point of view counts; each is a frozen profile of one published version.

A client's id is what `--client` takes and what reports carry. Severities in probes are told per client,
because the same bytes may break one and pass unnoticed by another.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.clients import url
from conformance.clients.url import Rule


@dataclass(frozen=True)
class Client:
    """One client: stable id, name as its users know it, and the version the knowledge was taken from.

    `chat` and `models` make URLs of a base URL as typed; `models` is None for a client that lists none.
    """

    id: str
    name: str
    version: str
    source: str
    chat: Rule
    models: Rule | None

    @property
    def profile(self) -> str:
        """Id and version, which name this profile for ever."""
        return f"{self.id}@{self.version}"


ROO_CODE = Client(
    "roo-code",
    "Roo Code",
    "3.52.1",
    "https://github.com/RooCodeInc/Roo-Code/tree/v3.52.1",
    url.node_chat,
    url.trimmed_models,
)
KILO_CODE = Client(
    "kilo-code", "Kilo Code", "7.5.11", "https://github.com/Kilo-Org/kilocode", url.kilo_chat, url.kilo_models
)
KILO_CODE_LEGACY = Client(
    "kilo-code-legacy",
    "Kilo Code (legacy)",
    "5.10.4",
    "https://github.com/Kilo-Org/kilocode-legacy",
    url.node_chat,
    url.trimmed_models,
)
CLINE = Client(
    "cline",
    "Cline",
    "3.89.2",
    "https://github.com/cline/cline/tree/v3.89.2",
    url.plain_node_chat,
    url.bare_models,
)
OPENAI_PYTHON = Client(
    "openai-python",
    "OpenAI Python SDK",
    "3.54.0",
    "https://github.com/openai/openai-python",
    url.python_chat,
    url.python_models,
)
AI_SDK = Client(
    "ai-sdk",
    "AI SDK (openai-compatible)",
    "3.0.35",
    "https://github.com/vercel/ai/tree/main/packages/openai-compatible",
    url.ai_sdk_chat,
    None,
)

CLIENTS = (ROO_CODE, KILO_CODE, KILO_CODE_LEGACY, CLINE, OPENAI_PYTHON, AI_SDK)
AGENTS = (ROO_CODE, KILO_CODE)  # whose verdict counts unless a user says otherwise
PROFILES = CLIENTS  # older versions stay selectable
