"""Cline's settings page.

Source: https://github.com/cline/cline/blob/main/webview-ui/src/components/settings/providers/OpenAICompatible.tsx
"""

from __future__ import annotations

from conformance.clients.settings import SettingsPage

SETTINGS = SettingsPage(
    names={
        "base_url": "Base URL",
        "api_key": "OpenAI Compatible API Key",
        "model": "Model ID",
        "native_tools": "native tool calls",
        "headers": "Custom Headers",
        "azure_api_version": "Set Azure API version",
        "images": "Supports Images",
        "r1_format": "Enable R1 messages format",
        "context_window": "Context Window Size",
        "max_output_tokens": "Max Output Tokens",
        "input_price": "Input Price / 1M tokens",
        "output_price": "Output Price / 1M tokens",
    },
    developer=r"^(?!.*chat).*(o[134]|gpt-5)",
)
