"""Roo Code's settings page.

Source: https://github.com/RooCodeInc/Roo-Code/blob/main/webview-ui/src/components/settings/providers/OpenAICompatible.tsx
"""

from __future__ import annotations

from conformance.clients.settings import SettingsPage

SETTINGS = SettingsPage(
    names={
        "base_url": "Base URL",
        "api_key": "API Key",
        "model": "Model",
        "r1_format": "Enable R1 model parameters",
        "streaming": "Enable streaming",
        "send_cap": "Include max output tokens",
        "azure_api_version": "Set Azure API version",
        "headers": "Custom Headers",
        "max_output_tokens": "Max Output Tokens",
        "context_window": "Context Window Size",
        "images": "Image Support",
        "computer_use": "Computer Use",
        "prompt_caching": "Prompt Caching",
        "input_price": "Input Price",
        "output_price": "Output Price",
    },
    cap="max_completion_tokens",
    developer=r"o[134]",
)
