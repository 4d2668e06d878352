"""What a provider may refuse, and parameters that it may accept and ignore."""

from __future__ import annotations

from typing import Any

from conformance.reference.sources import CHAT, issue
from conformance.reference.stages import Request
from conformance.reference.variation import variation

ANTHROPIC = "https://docs.anthropic.com/en/api/openai-sdk"
MOST_OUTPUT = 16_384
IGNORED = (
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "metadata",
    "presence_penalty",
    "reasoning_effort",
    "response_format",
    "seed",
    "service_tier",
    "store",
    "top_logprobs",
    "user",
)


@variation("large-cap-refused", source=issue("opencode-ai/opencode", 313))
def refuse_a_large_cap(request: Request) -> None:
    """A token limit above the model's maximum output is refused with 400."""
    for name in ("max_tokens", "max_completion_tokens"):
        cap = request.body.get(name)
        if isinstance(cap, int) and cap > MOST_OUTPUT:
            request.refuse(400, f"{name} must be less than or equal to {MOST_OUTPUT}, but is {cap}.", name)


@variation("images-refused", source=issue("QwenLM/Qwen3-VL", 2069))
def refuse_images(request: Request) -> None:
    """A text-only model refuses images with 400."""
    parts = [p for m in request.messages if isinstance(m.get("content"), list) for p in m["content"]]
    if any(isinstance(part, dict) and part.get("type") == "image_url" for part in parts):
        request.refuse(400, "This model does not support image input.", "messages", "unsupported_content")


@variation("arrays-without-items-refused", source=issue("Oaklight/llm-rosetta", 314))
def want_items(request: Request) -> None:
    """A tool whose schema has an array without `items` is refused with 400."""
    for function in request.tools:
        if _lacks_items(function.get("parameters")):
            message = f"Invalid schema for function '{function.get('name')}': array schema missing items."
            request.refuse(400, message, "tools", "invalid_function_parameters")


def _lacks_items(schema: Any) -> bool:
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    lacks = isinstance(schema, dict) and schema.get("type") == "array" and "items" not in schema
    return lacks or any(_lacks_items(one) for one in inner)


@variation("unknown-fields-refused", source=CHAT)
def refuse_unknown_fields(request: Request) -> None:
    """An unknown field is refused with 400 and its name, as by OpenAI."""
    if "conformance_unknown_field" in request.body:
        name = "conformance_unknown_field"
        request.refuse(400, f"Unrecognized request argument supplied: {name}", name)


@variation("json-mode-refused", source=issue("lmstudio-ai/lmstudio-bug-tracker", 189))
def refuse_json_mode(request: Request) -> None:
    """The response_format `json_object` is refused with 400, as by LM Studio."""
    if (request.body.get("response_format") or {}).get("type") == "json_object":
        request.refuse(400, "'response_format.type' must be 'json_schema' or 'text'", "response_format")


@variation("parameters-ignored", source=ANTHROPIC)
def ignore_parameters(request: Request) -> None:
    """Parameters that are documented as ignored are ignored, as with Anthropic."""
    for name in IGNORED:
        request.body.pop(name, None)
    for function in request.tools:
        function.pop("strict", None)


@variation("several-choices-refused", source=ANTHROPIC)
def want_one_choice(request: Request) -> None:
    """`n` must be 1."""
    if request.body.get("n") not in (None, 1):
        request.refuse(400, "n must be 1.", "n")


@variation("instructions-hoisted", source=ANTHROPIC)
def hoist_the_instructions(request: Request) -> None:
    """System and developer messages are joined into one, at the start."""
    instructions = [m for m in request.messages if m.get("role") in ("system", "developer")]
    if len(instructions) == 0 or len(request.messages) != len(request.body["messages"]):
        return
    parts = [part for message in instructions for part in _parts(message.get("content"))]
    others = [m for m in request.messages if m not in instructions]
    request.body["messages"] = [{"role": "system", "content": parts}, *others]


def _parts(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [{"type": "text", "text": content}]
