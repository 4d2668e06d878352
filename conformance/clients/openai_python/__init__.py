"""A program written with the OpenAI Python SDK: what it sends, and what it makes of an answer."""

from __future__ import annotations

from conformance.clients import url
from conformance.clients.client import Client, Retries
from conformance.clients.openai_python.reading import listed, read_careful
from conformance.clients.openai_python.request import headers, turn
from conformance.clients.openai_python.settings import SETTINGS
from conformance.clients.openai_python.symptoms import SYMPTOMS
from conformance.clients.openai_python.turns import TURNS

OPENAI_PYTHON = Client(
    id="openai-python",
    library=True,
    order=50,
    name="OpenAI Python SDK",
    version="3.54.0",
    as_of="2026-11-25",
    sdk="openai-python 3.54.0",
    sources=(
        "https://github.com/openai/openai-python",
        "https://github.com/openai/openai-python/blob/main/src/openai/_streaming.py",
        "https://github.com/openai/openai-python/blob/main/src/openai/lib/streaming/chat/_completions.py",
    ),
    chat=url.python_chat,
    models=url.python_models,
    headers=headers,
    turn=turn,
    small=None,
    read=read_careful,
    listed=listed,
    retries=Retries(times=2, statuses=(408, 409, 429, 5), longest_wait=120),
    settings=SETTINGS,
    turns=TURNS,
    symptoms=SYMPTOMS,
    severities_of="openai-python",
)
