"""What each client calls its settings, in the order of its page or file, and how it spells their values. Plain data.

Sources beside those of the clients:
https://github.com/RooCodeInc/Roo-Code/blob/main/webview-ui/src/components/settings/providers/OpenAICompatible.tsx
https://github.com/cline/cline/blob/main/webview-ui/src/components/settings/providers/OpenAICompatible.tsx
https://github.com/Kilo-Org/kilocode/blob/main/packages/kilo-docs/pages/code-with-ai/agents/custom-models.md
"""

from __future__ import annotations

ANY_KEY = "any text"  # for a client that insists on a key where none is needed
LOOK_UP = "look it up"  # in place of a value without which the client cannot work
NOT_KNOWN = "not known"  # in place of one without which it can
_ROO_CODE = {
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
}
_CLINE = {
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
}
_KILO_CODE = {
    "file": "file",
    "base_url": "options.baseURL",
    "query": "options.queryParams",
    "api_key": "options.apiKey",
    "headers": "options.headers",
    "model": "models",
    "context_window": "limit.context",
    "max_output_tokens": "limit.output",
    "images": "modalities.input",
    "input_price": "cost.input",
    "output_price": "cost.output",
}
NAMES: dict[str, dict[str, str]] = {  # what each client calls its settings, in the order of its page
    "roo-code": _ROO_CODE,
    "kilo-code": _KILO_CODE,
    "kilo-code-legacy": _ROO_CODE,
    "cline": _CLINE,
    "openai-python": {
        "base_url": "base_url",
        "query": "default_query",
        "api_key": "api_key",
        "headers": "default_headers",
        "model": "model",
        "max_output_tokens": "max_completion_tokens",
        "streaming": "stream",
    },
    "ai-sdk": {
        "base_url": "baseURL",
        "query": "queryParams",
        "api_key": "apiKey",
        "headers": "headers",
        "model": "model",
        "max_output_tokens": "maxOutputTokens",
    },
}
SPELLED = {  # where a client does not say on and off
    "kilo-code": {"on": "text, image", "off": "text"},
    "openai-python": {"on": "True", "off": "False"},
}

KEYS = {  # how a client is told the key
    "kilo-code": "{{env:{}}}",
    "openai-python": 'os.environ["{}"]',
    "ai-sdk": "process.env.{}",
}
