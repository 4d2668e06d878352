"""Public references that several probes cite; each address is written once."""

OPENAI_CHAT = "https://platform.openai.com/docs/api-reference/chat/create"
OPENAI_COMPLETION = "https://platform.openai.com/docs/api-reference/chat/object"
OPENAI_CHUNK = "https://platform.openai.com/docs/api-reference/chat-streaming"
OPENAI_MODELS = "https://platform.openai.com/docs/api-reference/models/list"
OPENAI_MODEL = "https://platform.openai.com/docs/api-reference/models/retrieve"
OPENAI_DEBUGGING = "https://platform.openai.com/docs/api-reference/debugging-requests"
OPENAI_RATE_LIMITS = "https://platform.openai.com/docs/guides/rate-limits"
OPENAI_VISION = "https://platform.openai.com/docs/guides/images-vision"
OPENAI_ERRORS = "https://platform.openai.com/docs/guides/error-codes"
OPENAI_TOOLS = "https://platform.openai.com/docs/guides/function-calling"
ANTHROPIC_COMPATIBLE = "https://docs.anthropic.com/en/api/openai-sdk"
SSE = "https://html.spec.whatwg.org/multipage/server-sent-events.html"
HTTP = "https://www.rfc-editor.org/rfc/rfc9110"

_ROO = "https://github.com/RooCodeInc/Roo-Code/blob/v3.52.1/src"
ROO_PROVIDER = f"{_ROO}/api/providers/openai.ts"
ROO_TOOLS = f"{_ROO}/api/providers/base-provider.ts"
ROO_PARSER = f"{_ROO}/core/assistant-message/NativeToolCallParser.ts"
ROO_HISTORY = f"{_ROO}/api/transform/openai-format.ts"
ROO_TOOL_IDS = f"{_ROO}/utils/tool-id.ts"
ROO_OVERFLOW = f"{_ROO}/core/context-management/context-error-handling.ts"
KILO = "https://github.com/Kilo-Org/kilocode/tree/main/packages/opencode/src"
KILO_LEGACY = "https://github.com/Kilo-Org/kilocode-legacy/blob/main/src/api/providers/openai.ts"
CLINE_PROVIDER = "https://github.com/cline/cline/blob/v3.89.2/src/core/api/providers/openai.ts"
AI_SDK_CHAT = (
    "https://github.com/vercel/ai/blob/main/packages/openai-compatible/src/chat/"
    "openai-compatible-chat-language-model.ts"
)
NODE_STREAMING = "https://github.com/openai/openai-node/blob/v5.12.2/src/core/streaming.ts"
NODE_CLIENT = "https://github.com/openai/openai-node/blob/v5.12.2/src/client.ts"
PYTHON_STREAMING = "https://github.com/openai/openai-python/blob/main/src/openai/_streaming.py"
PYTHON_ACCUMULATOR = "https://github.com/openai/openai-python/blob/main/src/openai/lib/streaming/chat/_completions.py"


def issue(repository: str, number: int) -> str:
    """The address of an issue or pull request on GitHub."""
    return f"https://github.com/{repository}/issues/{number}"
