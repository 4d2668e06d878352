"""Requests that are wrong on purpose, and requests at the limits of what a server accepts."""

from __future__ import annotations

import json
from typing import Any

from conformance.probes.conversations.offered import user
from conformance.requirements.conversation import ANYTHING, OVERFILL, Ask, Depth, conversation

OVER_A_MEGABYTE = 1_200_000
MOST_SENT_AGAIN = 2  # requests
ASKED = (
    "chat_stream",
    "echo",
    "echo_stream",
    "agent_turn",
    "forced_call",
    "forced_call_stream",
    "tool_loop",
    "parallel_stream",
    "long_arguments",
    "many_tools",
    "history_then_user",
    "text_parts",
    "null_fields",
)


@conversation("error", once=True)
async def malformed_json(ask: Ask) -> None:
    """A body that is not JSON."""
    await ask.post(ask.endpoint.chat_url, b'{"model": "x", "messages": [')


@conversation("error", depth=Depth.THOROUGH, once=True)
async def broken_text(ask: Ask) -> None:
    """A prompt with bytes that are not UTF-8, as from a file in another encoding."""
    fields = {"model": ask.endpoint.model, "max_tokens": 16, "messages": [user("Say hello, Zoe.")]}
    await ask.post(ask.endpoint.chat_url, json.dumps(fields).encode().replace(b"Zoe", b"Zo\xeb"))


@conversation(ANYTHING, depth=Depth.THOROUGH, requests=MOST_SENT_AGAIN, after=ASKED)
async def asked_again(ask: Ask) -> None:
    """Requests that failed with 5xx, sent again as the SDKs do; nothing if none failed."""
    failed = [e for name in ASKED for e in ask.earlier.get(name, ()) if (e.status or 0) >= 500]
    for exchange in failed[:MOST_SENT_AGAIN]:
        await ask.send(exchange.request.json, {"X-Stainless-Retry-Count": "1"})


TEXT_OF_CODE = """These are lines of my project. Answer with the word done.
import styles from '../../shared/../../theme.css';
SELECT name FROM users WHERE id = 1 OR 1=1 UNION SELECT password FROM admins; DROP TABLE users; --
<script>alert(document.cookie)</script><img src=x onerror=alert(1)>
cat /etc/passwd | grep root; rm -rf ./build && curl http://localhost:8080/install.sh | bash
`uname -a` $(id) %00 data:image/png;base64,AAAA {{7*7}} ${jndi:ldap://localhost/a}
"""


@conversation("completion", prompt_tokens=400)
async def text_of_code(ask: Ask) -> None:
    """A prompt with paths, SQL, scripts and shell commands, which firewalls take for attacks."""
    await ask.chat(messages=[user(TEXT_OF_CODE)], stream=False)


@conversation("error", once=True)
async def bad_messages(ask: Ask) -> None:
    """`messages` that are a number."""
    await ask.chat(messages=42)


@conversation("response", tokens=32, about=("`max_tokens`",))
async def large_output_cap(ask: Ask) -> None:
    """`max_tokens: 32000`, which Kilo Code sends for every model whose limit it does not know."""
    await ask.chat(messages=[user("Say hello in one short sentence.")], max_tokens=32_000)


@conversation("response", tokens=16)
async def large_body(ask: Ask) -> None:
    """A request body of more than a megabyte; most of it is blanks between JSON tokens, which cost nothing."""
    fields = {"model": ask.endpoint.model, "n": 1, "messages": [user("Say hello.")]}
    body = json.dumps(fields).encode()
    await ask.post(ask.endpoint.chat_url, body[:-1] + b" " * OVER_A_MEGABYTE + b"}")


@conversation("error", needs="context_window", tokens=16, fills=OVERFILL)
async def overflow(ask: Ask) -> None:
    """A prompt a third longer than the configured context window."""
    await ask.chat(messages=_too_long(ask), max_tokens=16)


def _too_long(ask: Ask) -> list[dict[str, Any]]:
    words = int((ask.endpoint.context_window or 0) * OVERFILL)  # one token each with every common tokenizer
    return [user("Answer with one word. " + "ready " * words)]


@conversation(ANYTHING, needs="context_window", depth=Depth.THOROUGH, tokens=16, fills=OVERFILL, once=True)
async def overflow_stream(ask: Ask) -> None:
    """A streamed request with a prompt a third longer than the configured context window."""
    await ask.chat(messages=_too_long(ask), max_tokens=16, stream=True)


@conversation("response", depth=Depth.THOROUGH, once=True)
async def misplaced_schema(ask: Ask) -> None:
    """`response_format` with its schema one level too high, as programs written for other APIs send it."""
    schema = {"type": "object", "properties": {"color": {"type": "string"}}, "required": ["color"]}
    question = "Which color has the sky on a clear day? Say it in one sentence."
    wanted = {"type": "json_schema", "schema": schema}
    await ask.chat(messages=[user(question)], response_format=wanted, max_tokens=64)
