"""Names for groups of requirements that notice a fault together: the whole turns of clients that read answers alike."""

from __future__ import annotations

ROO_CODE = {
    f"client.roo-code-{form}" for form in ("turn", "r1", "cached", "picture")
}  # its turns that are streamed
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
}  # whoever sends many tools
