"""The settings of a program on the OpenAI Python SDK: arguments in its code."""

from __future__ import annotations

from conformance.clients.settings import ANY_KEY, SettingsPage, Values, headers, parameters, quoted
from conformance.endpoint.config import Endpoint


def _code(endpoint: Endpoint, values: Values) -> str:
    more = parameters(values, "default_query") | headers(endpoint, "default_headers")
    key = values["api_key"] if values["api_key"] != ANY_KEY else '"none"'
    client = [f"base_url={quoted(values['base_url'])},", f"api_key={key},"]
    client += [f"{name}={quoted(value)}," for name, value in more.items()]
    call = [f"model={quoted(endpoint.model)},", "messages=messages,", "tools=tools,"]
    call += [f"max_completion_tokens={values['max_output_tokens']},"] if "max_output_tokens" in values else []
    call += ["stream=True,"] if values.get("streaming") == "True" else []
    return "\n".join(
        [
            *("import os", "", "from openai import OpenAI", ""),
            *("client = OpenAI(", *(f"    {line}" for line in client), ")"),
            *("answer = client.chat.completions.create(", *(f"    {line}" for line in call), ")"),
        ]
    )


SETTINGS = SettingsPage(
    names={
        "base_url": "base_url",
        "query": "default_query",
        "api_key": "api_key",
        "headers": "default_headers",
        "model": "model",
        "max_output_tokens": "max_completion_tokens",
        "streaming": "stream",
    },
    spelled={"on": "True", "off": "False"},
    paste=_code,
    key='os.environ["{}"]',
    cap="max_completion_tokens",
)
