"""The URLs that each client makes of the base URL a user typed. Pure; nothing is sent.

The rules are those of the clients' own code: string concatenation in the OpenAI Node SDK (Roo Code, the older Kilo Code,
Cline), one stripped slash in the AI SDK (today's Kilo Code), a merged path in the OpenAI Python SDK. None of
them repairs anything: a full endpoint URL, a query or a missing `/v1` results in a wrong address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

CHAT = "/chat/completions"
OPENAI = "https://api.openai.com/v1"
AZURE_VERSION, AZURE_INFERENCE_VERSION = "2024-08-01-preview", "2024-05-01-preview"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FETCHED = {"http": "80", "https": "443"}


@dataclass(frozen=True)
class Built:
    """The URL that a client calls, or in `error` what its user reads instead."""

    url: str = ""
    error: str = ""


Rule = Callable[[str, str], Built]  # of the base URL as typed and the model id


def parsed(text: str) -> Built:
    """A text as browsers and Node read a URL: blanks around it are removed, those inside are escaped.

    Source: https://url.spec.whatwg.org/ , as far as base URLs need it.
    """
    trimmed = re.sub(r"[\t\r\n]", "", text).strip(" \f")
    scheme = _SCHEME.match(trimmed)
    if scheme is None:
        return Built(error="Invalid URL")
    if scheme[1].lower() not in _FETCHED:
        return Built(error="Connection error.")  # `localhost:8000` is read as the scheme `localhost`
    rest = trimmed[scheme.end() :].lstrip("/\\")
    end = next((n for n, c in enumerate(rest) if c in "/\\?#"), len(rest))
    if not rest[:end]:
        return Built(error="Invalid URL")
    if "@" in rest[:end]:
        return Built(error="Connection error.")  # no client sends a name and password of a URL
    return Built(f"{scheme[1].lower()}://{_host(rest[:end], scheme[1].lower())}{_path(rest[end:])}")


def _host(authority: str, scheme: str) -> str:
    return authority.lower().removesuffix(f":{_FETCHED[scheme]}")


def _path(rest: str) -> str:
    """Path and query with blanks and other characters escaped; what follows `#` is never sent."""
    path, mark, query = rest.split("#")[0].partition("?")
    return (
        quote(_resolved(path) or "/", safe="/%!$&'()*+,;=:@~|^[]\\")
        + mark
        + quote(query, safe="/%!$&()*+,;=:@~?|^[]{}`\\")
    )


def _resolved(path: str) -> str:
    """The path without its `.` and `..` steps."""
    kept: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del kept[max(len(kept) - 1, 1) :]
        elif step != ".":
            kept.append(step)
    return "/".join(kept)


def host_of(text: str) -> str:
    """The host of a base URL as typed, in lower case; "" if there is none."""
    try:
        return (urlsplit(text.strip()).hostname or "").lower()
    except ValueError:
        return ""


def node_chat(base: str, model: str) -> Built:
    """The OpenAI Node SDK 5.12.2 as Roo Code 3.52.1 sets it up, Azure's two kinds of host included."""
    host = host_of(base)
    if host.endswith(".services.ai.azure.com"):
        return parsed(f"{_joined(base, '/models' + CHAT)}?api-version={AZURE_INFERENCE_VERSION}")
    if host == "azure.com" or host.endswith(".azure.com"):
        path = f"/deployments/{quote(model, safe='')}{CHAT}"
        return parsed(f"{_joined(base, path)}?api-version={AZURE_VERSION}")
    return plain_node_chat(base, model)


def plain_node_chat(base: str, model: str) -> Built:
    """The OpenAI Node SDK 5.12.2: base and path written one after the other."""
    del model
    return parsed(_joined(base or OPENAI, CHAT))


def _joined(base: str, path: str) -> str:
    return base + (path[1:] if base.endswith("/") else path)


def trimmed_models(base: str, model: str) -> Built:
    """Roo Code and the older Kilo Code: the base without blanks around it, and `/models` after it."""
    del model
    return parsed(f"{base.strip()}/models")


def ai_sdk_chat(base: str, model: str) -> Built:
    """The AI SDK: one slash at the end is dropped, then the path is appended."""
    del model
    return parsed(base.removesuffix("/") + CHAT)


def kilo_chat(base: str, model: str) -> Built:
    """Today's Kilo Code: its dialog trims the text and requires http:// or https://, the AI SDK does the rest."""
    return _dialog(base) or ai_sdk_chat(base.strip(), model)


def kilo_models(base: str, model: str) -> Built:
    """Today's Kilo Code drops all slashes at the end before it lists models."""
    del model
    return _dialog(base) or parsed(base.strip().rstrip("/") + "/models")


def _dialog(base: str) -> Built | None:
    return None if re.match(r"https?://", base.strip()) else Built(error="Base URL must start with http:// or https://")


def bare_models(base: str, model: str) -> Built:
    """Cline: all slashes at the end are dropped."""
    del model
    return parsed(base.rstrip("/") + "/models")


def python_chat(base: str, model: str) -> Built:
    """The OpenAI Python SDK: the path is appended to whatever the base ends in, a query included."""
    del model
    return _python(base, "chat/completions")


def python_models(base: str, model: str) -> Built:
    """The OpenAI Python SDK's `models.list()`."""
    del model
    return _python(base, "models")


def _python(base: str, path: str) -> Built:
    if any(c < " " or c == "\x7f" for c in base):
        return Built(error="Invalid non-printable ASCII character in URL")
    if not re.match(r"https?://[^/?#]", base, re.IGNORECASE):
        return Built(error="Connection error.")
    before, mark, query = base.split("#")[0].rstrip("?").partition("?")
    return parsed(before + ("" if before.endswith("/") else "/") + mark + query + path)
