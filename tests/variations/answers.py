"""The same answer in other members, and refusals that say the same."""

from __future__ import annotations

import json
from typing import Any

from conformance.reference.stages import Reply
from tests.variations import variation


@variation("reply")
def role_in_every_chunk(reply: Reply) -> None:  # open-webui/open-webui#9927
    for delta in reply.deltas:
        delta["role"] = "assistant"


@variation("reply")
def role_never(reply: Reply) -> None:  # Cloudflare
    for delta in reply.deltas:
        delta.pop("role", None)


@variation("reply")
def members_that_are_null(reply: Reply) -> None:  # sgl-project/sglang#6310
    for delta in reply.deltas:
        for name in ("role", "content", "reasoning_content", "tool_calls", "function_call", "refusal"):
            delta.setdefault(name, None)


@variation("reply")
def reasoning_beside_empty_content(reply: Reply) -> None:  # vercel/ai#7772
    if reply.streamed and reply.completes:
        thought = json.loads(json.dumps(reply.streamed[0]))
        thought["choices"][0]["delta"] = {"content": "", "reasoning_content": "Let me think."}
        reply.streamed.insert(0, thought)
    for message in reply.messages:
        message["reasoning_content"] = "Let me think."


@variation("reply")
def reasoning_by_its_other_name(reply: Reply) -> None:  # charmbracelet/fantasy#196
    for message in reply.messages:
        message["reasoning"] = "Let me think."
    if reply.streamed and reply.completes:
        reply.streamed[0]["choices"][0]["delta"]["reasoning"] = "Let me think."


@variation("reply")
def finish_reason_on_the_last_content_chunk(reply: Reply) -> None:  # ollama/ollama#17485
    finishing = [c for c in reply.streamed if any(x["finish_reason"] for x in c["choices"])]
    if finishing and reply.chunks:
        at = reply.chunks.index(finishing[0])
        reply.chunks[at - 1]["choices"][0]["finish_reason"] = finishing[0]["choices"][0]["finish_reason"]
        del reply.chunks[at]


@variation("reply")
def stray_empty_deltas(reply: Reply) -> None:  # envoyproxy/ai-gateway#2549
    for chunk in reply.streamed[1:3]:
        stray = json.loads(json.dumps(chunk))
        for choice in stray["choices"]:
            choice["delta"], choice["finish_reason"] = {}, None
        reply.streamed.insert(1, stray)


@variation("reply")
def cumulative_usage(reply: Reply) -> None:  # agno-agi/agno#6059, Perplexity
    usages = [chunk["usage"] for chunk in reply.streamed if chunk.get("usage")]
    for n, chunk in enumerate(reply.streamed):
        if usages and chunk["choices"]:
            total = usages[0]["prompt_tokens"] + n
            chunk["usage"] = {**usages[0], "completion_tokens": n, "total_tokens": total}


@variation("reply")
def usage_with_the_finish_reason(reply: Reply) -> None:  # Groq, Mistral, Together, OpenRouter
    usages = [chunk for chunk in reply.streamed if chunk.get("usage")]
    for chunk in reply.streamed:
        if usages and any(choice["finish_reason"] for choice in chunk["choices"]):
            chunk["usage"] = usages[0]["usage"]
    if usages and reply.chunks:
        reply.chunks.remove(usages[0])


@variation("reply")
def azure_opens_without_choices(reply: Reply) -> None:  # simonw/llm#294
    if reply.streamed and reply.completes:
        opening = {
            "choices": [],
            "created": 0,
            "id": "",
            "model": "",
            "object": "",
            "prompt_filter_results": [],
        }
        reply.streamed.insert(0, opening)


@variation("reply")
def azure_filters_without_delta(reply: Reply) -> None:  # microsoft/autogen#6465
    if len(reply.streamed) > 2 and reply.completes:
        late: dict[str, Any] = {
            "index": 0,
            "finish_reason": None,
            "content_filter_results": {},
            "content_filter_offsets": {},
        }
        chunk = {**reply.streamed[0], "choices": [late]}
        reply.streamed.insert(2, chunk)


@variation("reply")
def optional_members_missing(reply: Reply) -> None:  # oobabooga/text-generation-webui, openai/openai-go#227
    for chunk in [*reply.streamed, *([reply.body] if reply.choices else [])]:
        chunk.pop("system_fingerprint", None)
        for choice in chunk["choices"]:
            choice.pop("logprobs", None)
            (choice.get("message") or choice.get("delta") or {}).pop("refusal", None)


@variation("reply")
def any_service_tier(reply: Reply) -> None:  # pydantic/pydantic-ai#4911
    for chunk in [*reply.streamed, *([reply.body] if reply.choices else [])]:
        chunk["service_tier"] = "on_demand"


@variation("reply")
def usage_without_details(reply: Reply) -> None:  # ml-explore/mlx-lm#849
    for chunk in [*reply.streamed, *([reply.body] if reply.choices else [])]:
        for name in ("prompt_tokens_details", "completion_tokens_details"):
            (chunk.get("usage") or {}).pop(name, None)


@variation("reply")
def ids_of_another_make(reply: Reply) -> None:  # NousResearch/hermes-agent#24534
    for n, call in enumerate(reply.calls):
        call["id"] = f"functions.{call['function']['name']}:{n}"
    for entry in reply.call_deltas:
        if "id" in entry:
            entry["id"] = f"functions.{entry['function']['name']}:{entry['index']}"


@variation("reply")
def empty_names_and_null_ids_later(reply: Reply) -> None:  # sgl-project/sglang#4700
    for entry in reply.call_deltas:
        if "id" not in entry:
            entry["id"], entry["type"] = None, None
            entry["function"]["name"] = ""


@variation("reply")
def the_same_id_in_every_delta(reply: Reply) -> None:  # InternLM/lmdeploy#4585
    ids: dict[int, str] = {}
    for entry in reply.call_deltas:
        entry["id"] = ids.setdefault(entry["index"], entry.get("id", ""))


@variation("reply")
def a_whole_call_in_one_delta(reply: Reply) -> None:  # Ollama, Groq, Mistral, xAI
    first: dict[int, dict[str, Any]] = {}
    for chunk in list(reply.streamed):
        for choice in chunk["choices"]:
            for entry in choice["delta"].pop("tool_calls", None) or []:
                if entry["index"] in first:
                    first[entry["index"]]["function"]["arguments"] += entry["function"]["arguments"]
                else:
                    first[entry["index"]] = entry
                    choice["delta"]["tool_calls"] = [entry]


@variation("reply")
def text_together_with_calls(reply: Reply) -> None:  # ollama/ollama#11759
    for message in reply.messages:
        if message.get("tool_calls"):
            message["content"] = "I will look."
    for delta in reply.deltas:
        if delta.get("tool_calls") and delta["tool_calls"][0].get("id"):
            delta["content"] = "I will look."


@variation("reply")
def finish_reason_stop_beside_calls(reply: Reply) -> None:  # OpenAI, with a named tool_choice
    for choice in [*reply.choices, *reply.streamed_choices]:
        if choice["finish_reason"] == "tool_calls":
            choice["finish_reason"] = "stop"


@variation("reply")
def empty_content_beside_calls(reply: Reply) -> None:  # Ollama
    for message in reply.messages:
        message["content"] = message["content"] or ""


@variation("reply")
def a_dated_model(reply: Reply) -> None:  # OpenAI
    for chunk in [*reply.streamed, *([reply.body] if reply.choices else [])]:
        chunk["model"] = "reference-1-2026-01-31"


@variation("reply")
def created_as_a_float(reply: Reply) -> None:
    for chunk in [*reply.streamed, *([reply.body] if reply.choices else [])]:
        chunk["created"] = chunk["created"] + 0.5


@variation("reply")
def permission_refused_in_words(reply: Reply) -> None:  # gptme/gptme#3555: xAI answers a wrong key with 403
    if reply.refuses_key:
        reply.json(403, {"error": {"message": "Incorrect API key provided.", "code": "forbidden"}})


@variation("reply")
def a_bad_key_is_a_bad_argument(reply: Reply) -> None:  # apoorvdarshan/fud-ai#113: Google's way
    if reply.refuses_key:
        reply.json(
            400, {"error": {"message": "API key not valid.", "status": "INVALID_ARGUMENT", "code": 400}}
        )


@variation("request")
def a_public_model_list(request: Any) -> None:  # ferro-labs/ai-gateway#243
    if request.is_models:
        request.authorise()


@variation("reply")
def more_beside_the_error(reply: Reply) -> None:
    if reply.status >= 400:
        reply.body = {**reply.body, "status": reply.status, "request_id": "r"}


@variation("reply")
def errors_with_fewer_members(reply: Reply) -> None:  # Groq, llama.cpp
    if reply.status >= 400:
        reply.body = {"error": {k: reply.body["error"][k] for k in ("message", "type", "code")}}


@variation("request")
def null_members_and_unknown_fields_are_refused(request: Any) -> None:  # OpenAI
    if "conformance_unknown_field" in request.body:
        request.refuse(400, "Unrecognized request argument supplied: conformance_unknown_field")


@variation("request")
def a_cap_above_the_limit_is_refused(request: Any) -> None:  # opencode-ai/opencode#313
    if request.body.get("max_tokens") == 32_000:
        request.refuse(400, "max_tokens must be less than or equal to 16384", "max_tokens")


@variation("request")
def json_mode_is_refused(request: Any) -> None:  # LM Studio
    if request.body.get("response_format"):
        request.refuse(400, "'response_format.type' must be 'json_schema' or 'text'", "response_format")
