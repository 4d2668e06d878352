"""What a client's folder says about its settings page: names, spelling, and the form in which settings are pasted. Data.

A setting has the same short name for every client (`base_url`, `context_window`, ...). Which value it gets is decided in
`conformance/judging/client_settings/values.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from conformance.endpoint.config import Endpoint

ANY_KEY = "any text"  # for a client that requires a key where the endpoint needs none
LOOK_UP = "look it up"  # in place of a value that the client needs
NOT_KNOWN = "not known"  # in place of a value that the client can do without
HEADER = "<its value>"  # in place of a header's value, which may be secret
Values = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SettingsPage:
    """The settings of one client, by their short names in the order of its page or file.

    `spelled` replaces on and off where the client has other words. `fixed` are settings with one value: the value and why.
    `paste` writes the settings as the client's file or code; None for a page with one field per setting. `key` names the
    key in the client's form ({} is the variable that holds it); `key_required` says that the client requires one.
    `cap` is the request field that limits the length of an answer. Two patterns are searched in model ids: `unasked_cap` finds
    those whose answers the client limits even if nothing is configured, `developer` those whose system prompt gets the role
    developer. `without_window` and `computer_use` say what happens without a context window, and what Computer Use does.
    """

    names: Mapping[str, str]
    spelled: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    paste: Callable[[Endpoint, Values], str] | None = None
    key: str = "the key in {}"
    key_required: bool = True
    cap: str = "max_tokens"
    unasked_cap: str = ""
    developer: str = ""
    without_window: str = "the page assumes 128000"
    computer_use: str = "no effect in this version"

    def pasted(self, endpoint: Endpoint, values: Values) -> str:
        """The settings ready to paste, without secrets; "" if there is no base URL: a placeholder would receive the key."""
        if "base_url" not in values:
            return ""
        if self.paste:
            return self.paste(endpoint, values)
        page = (f"{self.names[name]}: {value}" for name, value in values.items())
        return "\n".join(["API Provider: OpenAI Compatible", *page])


def parameters(values: Values, name: str) -> dict[str, dict[str, str]]:
    """The query parameters under the client's name for them; {} if there are none."""
    given = dict(parse_qsl(values.get("query", ""), keep_blank_values=True))
    return {name: given} if given else {}


def headers(endpoint: Endpoint, name: str) -> dict[str, dict[str, str]]:
    """The names of the headers under the client's name for them; {} if there are none."""
    return {name: dict.fromkeys(endpoint.headers, HEADER)} if endpoint.headers else {}


def quoted(value: Any) -> str:
    """A value as JSON, which Python and TypeScript read alike."""
    return json.dumps(value, ensure_ascii=False)
