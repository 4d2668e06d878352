"""The URLs each client builds, compared with what the real SDKs called for the same base URLs.

`urls.json` was measured with openai-node 5.12.2, @ai-sdk/openai-compatible 2.0.48 (`measure_urls.mjs`) and openai-python
3.54.0 with a transport that answers by itself. null: nothing could be called. What follows `#` is never sent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.clients import url

MEASURED: list[dict[str, Any]] = json.loads(Path(__file__).with_name("urls.json").read_text("utf-8"))
EACH = pytest.mark.parametrize("row", MEASURED, ids=[repr(row["base"]) for row in MEASURED])


def sent(measured: str | None) -> str | None:
    """What goes over the wire: `localhost:8000/v1` is a scheme nobody speaks, and fragments stay at home."""
    return measured.split("#")[0] if measured and measured.startswith("http") else None


@EACH
@pytest.mark.parametrize("rule", [url.plain_node_chat, url.node_chat], ids=["cline", "roo-code"])
def test_the_node_sdk(row: dict[str, Any], rule: url.Rule) -> None:
    assert (rule(row["base"], "m").url or None) == sent(row["openai-node"])


@EACH
def test_the_ai_sdk(row: dict[str, Any]) -> None:
    assert (url.ai_sdk_chat(row["base"], "m").url or None) == sent(row["ai-sdk"])


@EACH
def test_kilo_code_trims_what_the_ai_sdk_does_not(row: dict[str, Any]) -> None:
    built, base = url.kilo_chat(row["base"], "m"), row["base"].strip()
    if not base.startswith(("http://", "https://")):
        assert built.error.startswith("Base URL must start with")
    else:
        assert built == url.ai_sdk_chat(base, "m")


@EACH
def test_the_python_sdk(row: dict[str, Any]) -> None:
    if "@" not in row["base"]:  # the one client that would send a name and password
        assert (url.python_chat(row["base"], "m").url or None) == sent(row["openai-python"])
        assert (url.python_models(row["base"], "m").url or None) == sent(row["openai-python models"])
