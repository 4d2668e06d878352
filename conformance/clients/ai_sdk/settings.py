"""The settings of a program on the AI SDK: options in its code."""

from __future__ import annotations

from conformance.clients.settings import SettingsPage, Values, headers, parameters, quoted
from conformance.endpoint.config import Endpoint


def _code(endpoint: Endpoint, values: Values) -> str:
    more = parameters(values, "queryParams") | headers(endpoint, "headers")
    options = [f"name: {quoted(endpoint.name)},", f"baseURL: {quoted(values['base_url'])},"]
    options += [f"apiKey: {values['api_key']},"] if "api_key" in values else []
    options += [f"{name}: {quoted(value)}," for name, value in more.items()]
    cap = f", maxOutputTokens: {values['max_output_tokens']}" if "max_output_tokens" in values else ""
    return "\n".join(
        [
            'import { createOpenAICompatible } from "@ai-sdk/openai-compatible";',
            *('import { streamText } from "ai";', ""),
            "const provider = createOpenAICompatible({",
            *(f"  {line}" for line in options),
            *("  includeUsage: true,", "});"),
            f"const answer = streamText({{ model: provider({quoted(endpoint.model)}), messages, tools{cap} }});",
        ]
    )


SETTINGS = SettingsPage(
    names={
        "base_url": "baseURL",
        "query": "queryParams",
        "api_key": "apiKey",
        "headers": "headers",
        "model": "model",
        "max_output_tokens": "maxOutputTokens",
    },
    paste=_code,
    key="process.env.{}",
    key_required=False,
)
