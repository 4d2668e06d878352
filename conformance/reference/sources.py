"""Public addresses where a fault was seen, or that say why it is a fault."""

from __future__ import annotations

CHAT = "https://platform.openai.com/docs/api-reference/chat/create"
COMPLETION = "https://platform.openai.com/docs/api-reference/chat/object"
CHUNK = "https://platform.openai.com/docs/api-reference/chat-streaming/streaming"
MODELS = "https://platform.openai.com/docs/api-reference/models/list"
MODEL = "https://platform.openai.com/docs/api-reference/models/retrieve"
ERRORS = "https://platform.openai.com/docs/guides/error-codes"
FUNCTIONS = "https://platform.openai.com/docs/guides/function-calling"
SSE = "https://html.spec.whatwg.org/multipage/server-sent-events.html"
HTTP = "https://www.rfc-editor.org/rfc/rfc9110"
HTTP_FRAMING = "https://www.rfc-editor.org/rfc/rfc9112"


def issue(repository: str, number: int) -> str:
    """The address of an issue, or of the pull request with that number."""
    return f"https://github.com/{repository}/issues/{number}"


def commit(repository: str, number: str) -> str:
    """The address of a commit."""
    return f"https://github.com/{repository}/commit/{number}"
