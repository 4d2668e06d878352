"""Groups of requirements that notice a fault together: the whole turns of clients that read answers in the same way."""

from __future__ import annotations

ROO_CODE = {f"client.roo-code-{form}" for form in ("turn", "r1", "cached", "picture")}  # Roo Code's streamed turns
NODE = ROO_CODE | {"client.kilo-code-legacy-turn", "client.cline-turn"}  # built on the OpenAI Node SDK
AI_SDK = {"client.kilo-code-turn", "client.ai-sdk-turn"}
PYTHON = {"client.openai-python-turn", "client.openai-python-helper"}
EVERY_TURN = NODE | AI_SDK | PYTHON
TITLE = {"client.kilo-code-title"}  # the small request beside a turn, streamed without tools
PLAIN = {"client.roo-code-plain"}  # a turn without streaming
ROO_REFUSED = {f"client.roo-code-{form}" for form in ("request", "plain", "r1", "cached", "picture")}
AGENTS_REFUSED = ROO_REFUSED | {
    "client.kilo-code-request",
    "client.kilo-code-legacy-turn",
    "client.cline-turn",
}  # the turns that send many tools
