"""The headers that client libraries send, and how those of the program and its user replace them.

Without those that the transport decides (Host, Content-Length, Connection, Accept-Encoding) and the key.
"""

from __future__ import annotations

from collections.abc import Mapping

# Libraries name the machine that they run on. These values are of an ordinary desktop, the same on every machine.
NODE = {"X-Stainless-OS": "Linux", "X-Stainless-Arch": "x64", "X-Stainless-Runtime": "node"}
NODE_VERSION = "v22.20.0"
FETCH = {"accept-language": "*", "sec-fetch-mode": "cors"}  # what Node's own fetch adds


def merged(*layers: Mapping[str, str]) -> dict[str, str]:
    """All headers; of two with the same name in any case of letters, the later one is sent."""
    kept: dict[str, tuple[str, str]] = {}
    for layer in layers:
        kept.update({name.lower(): (name, value) for name, value in layer.items()})
    return dict(kept.values())


def openai_node(*layers: Mapping[str, str]) -> dict[str, str]:
    """Those of openai-node 5.12.2 for a chat request, streamed or not: it accepts JSON either way."""
    own = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "OpenAI/JS 5.12.2",
        "X-Stainless-Retry-Count": "0",
        "X-Stainless-Lang": "js",
        "X-Stainless-Package-Version": "5.12.2",
        **NODE,
        "X-Stainless-Runtime-Version": NODE_VERSION,
    }
    return merged(own, FETCH, *layers)
